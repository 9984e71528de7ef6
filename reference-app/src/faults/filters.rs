//! Faults of filters in forms and values that nobody thought of.
use super::{Class, Fault, FaultEntry};

pub(super) const ENTRIES: &[FaultEntry] = &[
    FaultEntry {
        fault: Fault::AllMeansAllTenants,
        name: "all-means-all-tenants",
        title: "a page of -1 rows is all of them, by the export's query, which did not inherit the scope",
        leak: Some("RL-34"),
        class: Class::Read,
        routes: &["GET /api/admin/expenses"],
        oracle: "leak",
        attack: "filter.limit",
    },
    FaultEntry {
        fault: Fault::FullNameJumpsToRecord,
        name: "full-name-jumps-to-record",
        title: "who types a service's name in full wants that one, and it is looked up by its name alone",
        leak: Some("RL-12"),
        class: Class::Read,
        routes: &["GET /api/admin/services"],
        oracle: "leak",
        attack: "filter.search",
    },
    FaultEntry {
        fault: Fault::FilterReplacesScope,
        name: "filter-replaces-scope",
        title: "filter[tenantId] is merged with the scope, which has the same name, and the last one wins",
        leak: Some("RL-09"),
        class: Class::Read,
        routes: &["GET /api/admin/tasks"],
        oracle: "leak",
        attack: "filter.operator",
    },
    FaultEntry {
        fault: Fault::BulkFilterTakesOperators,
        name: "bulk-filter-takes-operators",
        title: "the tenant in a bulk update's filter is compared where it is a text; of an object, the operators are run",
        leak: Some("RL-35"),
        class: Class::Write,
        routes: &["PATCH /api/admin/expenses/bulk"],
        oracle: "write",
        attack: "filter.operator",
    },
];
