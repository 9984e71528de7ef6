//! Faults of the files that leave, each in one form of file alone, and of what imports refused.
use super::{Class, Fault, FaultEntry};

pub(super) const ENTRIES: &[FaultEntry] = &[
    FaultEntry {
        fault: Fault::ZipExportIgnoresTenant,
        name: "zip-export-ignores-tenant",
        title: "the ZIP export, which is for the archive, has a query of its own, and that one forgot the tenant",
        leak: Some("RL-34"),
        class: Class::Read,
        routes: &["GET /api/admin/compliance-records/export"],
        oracle: "leak",
        attack: "plain.variant",
    },
    FaultEntry {
        fault: Fault::XlsxExportIgnoresTenant,
        name: "xlsx-export-ignores-tenant",
        title: "every form of the export was scoped but the workbook, which came last",
        leak: Some("RL-88"),
        class: Class::Read,
        routes: &["GET /api/admin/invoices/export"],
        oracle: "leak",
        attack: "plain.variant",
    },
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
