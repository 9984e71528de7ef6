//! Faults of what bodies may set, one row at a time and many.
use super::{Class, Fault, FaultEntry};

pub(super) const ENTRIES: &[FaultEntry] = &[
    FaultEntry {
        fault: Fault::AuthorFromBody,
        name: "author-from-body",
        title: "an older client's userId in the body is taken for the comment's author",
        leak: Some("RL-27"),
        class: Class::Write,
        routes: &["POST /api/admin/service-requests/{id}/comments"],
        oracle: "reference",
        attack: "assign.owner",
    },
    FaultEntry {
        fault: Fault::RoleWritesDefault,
        name: "role-writes-default",
        title: "whoever says role = superadmin in the body saves everybody's defaults, as the operators' form does",
        leak: Some("RL-87"),
        class: Class::Write,
        routes: &[
            "PUT /api/admin/settings/communication",
            "GET /api/admin/settings/communication",
        ],
        oracle: "write",
        attack: "assign.role",
    },
    FaultEntry {
        fault: Fault::BulkIdsLeftOut,
        name: "bulk-ids-left-out",
        title: "ids that are not there at all fall out of the WHERE; an empty list is refused",
        leak: Some("RL-08"),
        class: Class::Write,
        routes: &["POST /api/admin/services/bulk"],
        oracle: "write",
        attack: "bulk.left-out",
    },
    FaultEntry {
        fault: Fault::BulkAcceptsTenant,
        name: "bulk-accepts-tenant",
        title: "the guard is on the bulk update's WHERE, tenantId may stand in its SET",
        leak: Some("RL-25"),
        class: Class::Write,
        routes: &["POST /api/admin/tasks/bulk"],
        oracle: "write",
        attack: "bulk.reassign",
    },
    FaultEntry {
        fault: Fault::ImportUpserts,
        name: "import-upserts",
        title: "an import takes ids from its rows, and updates whatever row has one",
        leak: Some("RL-28"),
        class: Class::Write,
        routes: &["POST /api/admin/expenses/import"],
        oracle: "write",
        attack: "bulk.upsert",
    },
];
