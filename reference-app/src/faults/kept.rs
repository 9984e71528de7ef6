//! Faults of what is kept from one call to the next: the last answer, closed books.
use super::{Class, Fault, FaultEntry};

pub(super) const ENTRIES: &[FaultEntry] = &[
    FaultEntry {
        fault: Fault::LastBookingAgain,
        name: "last-booking-again",
        title: "who asks for the booking that was asked for last gets the last answer, before anybody asks whose it is",
        leak: Some("RL-50"),
        class: Class::Read,
        routes: &["GET /api/portal/bookings/{id}"],
        oracle: "leak",
        attack: "id.after-owner",
    },
    FaultEntry {
        fault: Fault::LastTeamAgain,
        name: "last-team-again",
        title: "who asks for the team gets the answer that was made last, and has one made for the next: by role, without the tenant",
        leak: Some("RL-48"),
        class: Class::Read,
        routes: &["GET /api/admin/team"],
        oracle: "leak",
        attack: "plain.after-owner",
    },
    FaultEntry {
        fault: Fault::BulkClosesAnyBooks,
        name: "bulk-closes-any-books",
        title: "a bulk write closes the books of whatever firm's rows it is sent, and opens its own again; it changes none but these",
        leak: Some("RL-33"),
        class: Class::Block,
        routes: &["POST /api/admin/expenses/bulk"],
        oracle: "own-data",
        attack: "bulk.mixed-ids",
    },
];
