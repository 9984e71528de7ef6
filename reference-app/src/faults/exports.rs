//! Faults of what imports refused.
use super::{Class, Fault, FaultEntry};

pub(super) const ENTRIES: &[FaultEntry] = &[
    FaultEntry {
        fault: Fault::QuarantineIgnoresTenant,
        name: "quarantine-ignores-tenant",
        title: "what imports refused is for staff alone, so that nobody asks for whose staff",
        leak: Some("RL-87"),
        class: Class::Read,
        routes: &["GET /api/admin/uploads/quarantine"],
        oracle: "leak",
        attack: "plain.call",
    },
    FaultEntry {
        fault: Fault::DiscardIgnoresTenant,
        name: "discard-ignores-tenant",
        title: "the quarantine is listed a firm, a row of it is discarded by its id alone, by whoever has it",
        leak: Some("RL-89"),
        class: Class::Write,
        routes: &["DELETE /api/admin/uploads/quarantine/{id}"],
        oracle: "write",
        attack: "id.path",
    },
];
