//! Rows that imports refused, for somebody of the firm's staff to look at.
use super::{Moment, entity};
use crate::{
    faults::Fault,
    store::{Op, Resource},
};

pub(crate) static QUARANTINE: Resource = Resource {
    table: "QuarantinedRow",
    columns: &[
        "id",
        "tenantId",
        "userId",
        "source",
        "line",
        "reason",
        "content",
        "createdAt",
    ],
    searchable: &["reason", "content"],
    sortable: &["line", "reason", "createdAt"],
    filters: &["source", "reason"],
    slips: &[
        (Op::List, Fault::QuarantineIgnoresTenant),
        (Op::LaterPage, Fault::QuarantineIgnoresTenant),
        (Op::Count, Fault::QuarantineIgnoresTenant),
        (Op::Delete, Fault::DiscardIgnoresTenant),
    ],
    ..Resource::BASE
};

entity! { QuarantinedRow, QuarantineFields, QuarantinePatch, id: String,
    required { source: String, line: i32, reason: String, content: String }
    optional { user_id: String }
    answered { created_at: Moment }
}
