//! Invoices and their payments.
use super::{Currency, Day, Moment, entity, words};
use crate::{
    faults::Fault,
    store::{Op, Reference, Resource},
    tenancy::Role,
};

pub(crate) static INVOICES: Resource = Resource {
    table: "Invoice",
    columns: &[
        "id",
        "tenantId",
        "number",
        "bookingId",
        "clientId",
        "clientEmail",
        "amount",
        "currency",
        "status",
        "issuedOn",
        "dueOn",
        "lines",
        "memo",
        "remindedAt",
        "createdAt",
        "updatedAt",
    ],
    writable: &[
        "number",
        "bookingId",
        "clientId",
        "clientEmail",
        "amount",
        "currency",
        "status",
        "issuedOn",
        "dueOn",
        "lines",
        "memo",
    ],
    searchable: &["number", "clientEmail", "memo"],
    sortable: &[
        "number",
        "amount",
        "status",
        "issuedOn",
        "dueOn",
        "createdAt",
    ],
    filters: &["status", "currency", "clientId", "bookingId"],
    references: &[
        Reference {
            column: "bookingId",
            table: "Booking",
            slip: None,
        },
        Reference {
            column: "clientId",
            table: "User",
            slip: None,
        },
    ],
    slips: &[(Op::XlsxExport, Fault::XlsxExportIgnoresTenant)],
    ..Resource::BASE
};

pub(crate) static PAYMENTS: Resource = Resource {
    table: "Payment",
    columns: &[
        "id",
        "tenantId",
        "invoiceId",
        "amount",
        "method",
        "status",
        "reference",
        "paidAt",
        "createdAt",
    ],
    writable: &[
        "invoiceId",
        "amount",
        "method",
        "status",
        "reference",
        "paidAt",
    ],
    searchable: &["reference"],
    sortable: &["amount", "status", "paidAt", "createdAt"],
    filters: &["status", "method", "invoiceId"],
    references: &[Reference {
        column: "invoiceId",
        table: "Invoice",
        slip: None,
    }],
    write: Role::Staff,
    ..Resource::BASE
};

words!(InvoiceStatus {
    Draft,
    Sent,
    Paid,
    Void
});
words!(PaymentMethod {
    Card,
    Transfer,
    Cash
});
words!(PaymentStatus {
    Pending,
    Settled,
    Refunded
});

/// One line of an invoice.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "checks the shape; the store takes the fields as they came"
)]
pub(crate) struct InvoiceLine {
    text: String,
    amount: f64,
}

entity! { InvoiceRow, NewInvoice, InvoicePatch, id: String,
    required { amount: f64 }
    optional {
        number: String, booking_id: String, client_id: String, client_email: String, currency: Currency, status: InvoiceStatus,
        issued_on: Day, due_on: Day, lines: Vec<InvoiceLine>, memo: String,
    }
    answered { reminded_at: Moment, created_at: Moment, updated_at: Moment }
}

entity! { PaymentRow, NewPayment, PaymentPatch, id: String,
    required { invoice_id: String, amount: f64 }
    optional { method: PaymentMethod, status: PaymentStatus, reference: String, paid_at: Moment }
    answered { created_at: Moment }
}
