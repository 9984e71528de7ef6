//! Faults of what is kept from one call to the next: the last answer, a lock.
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
        fault: Fault::BulkLocksAnyId,
        name: "bulk-locks-any-id",
        title: "a bulk write locks the ids that it is sent before it asks whose they are, and what is locked nobody else opens",
        leak: Some("RL-33"),
        class: Class::Block,
        routes: &[
            "POST /api/admin/expenses/bulk",
            "GET /api/admin/expenses/{id}",
        ],
        oracle: "own-data",
        attack: "bulk.mixed-ids",
    },
];
