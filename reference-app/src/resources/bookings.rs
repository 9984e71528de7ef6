//! Bookings of a service at a time.
use super::{Moment, entity, words};
use crate::{
    faults::Fault,
    store::{Op, Reference, Resource},
};

pub(crate) static BOOKINGS: Resource = Resource {
    table: "Booking",
    columns: &[
        "id",
        "tenantId",
        "serviceId",
        "serviceRequestId",
        "clientId",
        "staffId",
        "clientName",
        "clientEmail",
        "clientPhone",
        "scheduledAt",
        "durationMinutes",
        "status",
        "amount",
        "notes",
        "cancelReason",
        "createdAt",
        "updatedAt",
    ],
    writable: &[
        "serviceId",
        "serviceRequestId",
        "clientId",
        "staffId",
        "clientName",
        "clientEmail",
        "clientPhone",
        "scheduledAt",
        "durationMinutes",
        "status",
        "amount",
        "notes",
    ],
    searchable: &["clientName", "clientEmail", "notes"],
    sortable: &["scheduledAt", "clientName", "status", "amount", "createdAt"],
    filters: &["status", "serviceId", "clientId", "staffId"],
    references: &[
        Reference {
            column: "serviceId",
            table: "Service",
            slip: None,
        },
        Reference {
            column: "serviceRequestId",
            table: "ServiceRequest",
            slip: Some((Op::Patch, Fault::PatchTrustsRequest)),
        },
        Reference {
            column: "clientId",
            table: "User",
            slip: None,
        },
        Reference {
            column: "staffId",
            table: "User",
            slip: None,
        },
    ],
    slips: &[
        (Op::LaterPage, Fault::SecondPageIgnoresTenant),
        (Op::Export, Fault::ExportIgnoresTenant),
        (Op::Patch, Fault::ErrorKeepsWrite),
        (Op::Action, Fault::CancelIgnoresTenant),
        (Op::Calendar, Fault::CalendarByStaffAlone),
    ],
    ..Resource::BASE
};

/// The same table as clients see it: another team wrote these routes.
pub(crate) static PORTAL_BOOKINGS: Resource = Resource {
    read: crate::tenancy::Role::Client,
    write: crate::tenancy::Role::Client,
    slips: &[(Op::Action, Fault::RescheduleIgnoresTenant)],
    ..BOOKINGS_BASE
};

const BOOKINGS_BASE: Resource = Resource {
    table: "Booking",
    columns: &[
        "id",
        "tenantId",
        "serviceId",
        "clientId",
        "clientName",
        "clientEmail",
        "clientPhone",
        "scheduledAt",
        "durationMinutes",
        "status",
        "amount",
        "notes",
        "createdAt",
        "updatedAt",
    ],
    writable: &[
        "serviceId",
        "clientName",
        "clientEmail",
        "clientPhone",
        "scheduledAt",
        "notes",
    ],
    searchable: &["clientName", "notes"],
    sortable: &["scheduledAt", "status", "createdAt"],
    filters: &["status", "serviceId"],
    references: &[Reference {
        column: "serviceId",
        table: "Service",
        slip: None,
    }],
    ..Resource::BASE
};

words!(BookingStatus {
    Pending,
    Confirmed,
    Completed,
    Cancelled
});

entity! { BookingRow, NewBooking, BookingPatch, id: String,
    required { service_id: String, client_name: String, client_email: String, scheduled_at: Moment }
    optional {
        service_request_id: String, client_id: String, staff_id: String, client_phone: String, duration_minutes: i32,
        status: BookingStatus, amount: f64, notes: String,
    }
    answered { cancel_reason: String, created_at: Moment, updated_at: Moment }
}

entity! { PortalBookingRow, NewPortalBooking, PortalBookingPatch, id: String,
    required { service_id: String, client_name: String, client_email: String, scheduled_at: Moment }
    optional { client_phone: String, notes: String }
    answered { client_id: String, duration_minutes: i32, status: BookingStatus, amount: f64, created_at: Moment, updated_at: Moment }
}
