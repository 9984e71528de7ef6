//! Expenses of the firm.
use super::{Currency, Day, Moment, entity, words};
use crate::{
    faults::Fault,
    store::{Op, Reference, Resource},
};

pub(crate) static EXPENSES: Resource = Resource {
    table: "Expense",
    columns: &[
        "id",
        "tenantId",
        "userId",
        "serviceRequestId",
        "description",
        "vendor",
        "category",
        "amount",
        "currency",
        "status",
        "spentOn",
        "createdAt",
        "updatedAt",
    ],
    writable: &[
        "serviceRequestId",
        "description",
        "vendor",
        "category",
        "amount",
        "currency",
        "status",
        "spentOn",
    ],
    searchable: &["description", "vendor"],
    sortable: &["amount", "status", "spentOn", "vendor", "createdAt"],
    filters: &["status", "category", "vendor", "currency"],
    references: &[Reference {
        column: "serviceRequestId",
        table: "ServiceRequest",
        slip: None,
    }],
    slips: &[
        (Op::Distinct, Fault::CategoriesIgnoreTenant),
        (Op::Patch, Fault::EntityIdFromBody),
    ],
    ..Resource::BASE
};

words!(ExpenseStatus {
    Pending,
    Approved,
    Rejected
});

entity! { ExpenseRow, NewExpense, ExpensePatch, id: String,
    required { description: String, amount: f64 }
    optional {
        service_request_id: String, vendor: String, category: String, currency: Currency, status: ExpenseStatus, spent_on: Day,
    }
    answered { user_id: String, created_at: Moment, updated_at: Moment }
}

/// Rows to import.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "checks the shape; the store takes the fields as they came"
)]
pub(crate) struct ExpenseImport {
    #[schema(min_items = 1, max_items = 500)]
    rows: Vec<NewExpense>,
}
