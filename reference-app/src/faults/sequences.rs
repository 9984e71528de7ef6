//! Faults that need a history: one or more legitimate steps come before the call that crosses.
use super::{Class, Fault, FaultEntry};

pub(super) const ENTRIES: &[FaultEntry] = &[
    FaultEntry {
        fault: Fault::ExportDownloadIgnoresTenant,
        name: "export-download-ignores-tenant",
        title: "the file of an export, once its owner has built it, is found by the export's number alone",
        leak: Some("RL-02"),
        class: Class::Read,
        routes: &[
            "GET /api/admin/exports/{exportId}/download",
            "POST /api/admin/exports",
            "POST /api/admin/exports/{exportId}/build",
        ],
        oracle: "leak",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::ExportFileByKind,
        name: "export-file-by-kind",
        title: "built files are kept by their kind alone: one downloads what another tenant built last",
        leak: Some("RL-71"),
        class: Class::Read,
        routes: &[
            "GET /api/admin/exports/{exportId}/download",
            "POST /api/admin/exports",
            "POST /api/admin/exports/{exportId}/build",
        ],
        oracle: "leak",
        attack: "plain.call",
    },
    FaultEntry {
        fault: Fault::ExportRebuildById,
        name: "export-rebuild-by-id",
        title: "what is built already is answered before anybody asks whose it is; the first build is refused",
        leak: Some("RL-49"),
        class: Class::Read,
        routes: &[
            "POST /api/admin/exports/{exportId}/build",
            "POST /api/admin/exports",
        ],
        oracle: "leak",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::ImportCommitIgnoresTenant,
        name: "import-commit-ignores-tenant",
        title: "whoever knows the import commits it, into the books of the one that staged it",
        leak: Some("RL-16"),
        class: Class::Write,
        routes: &[
            "POST /api/admin/imports/{importId}/commit",
            "POST /api/admin/imports",
            "PUT /api/admin/imports/{importId}/rows",
        ],
        oracle: "write",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::ImportPreviewIgnoresTenant,
        name: "import-preview-ignores-tenant",
        title: "the preview of staged rows is found by the import's id, with the owner's expenses beside it",
        leak: Some("RL-05"),
        class: Class::Read,
        routes: &[
            "GET /api/admin/imports/{importId}",
            "POST /api/admin/imports",
            "PUT /api/admin/imports/{importId}/rows",
        ],
        oracle: "leak",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::ImportUndoIgnoresTenant,
        name: "import-undo-ignores-tenant",
        title: "stage and commit ask whose import it is, undo, which came later, does not",
        leak: Some("RL-14"),
        class: Class::Write,
        routes: &[
            "POST /api/admin/imports/{importId}/undo",
            "POST /api/admin/imports",
            "PUT /api/admin/imports/{importId}/rows",
            "POST /api/admin/imports/{importId}/commit",
        ],
        oracle: "write",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::BatchApplyIgnoresTenant,
        name: "batch-apply-ignores-tenant",
        title: "who prepares and confirms a batch is asked whose it is, who applies it is not",
        leak: Some("RL-33"),
        class: Class::Write,
        routes: &[
            "POST /api/admin/batches/{batchId}/apply",
            "POST /api/admin/batches",
            "POST /api/admin/batches/{batchId}/confirm",
        ],
        oracle: "write",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::BatchApplyDropsTenant,
        name: "batch-apply-drops-tenant",
        title: "a batch matches in its tenant and is applied by its filter, which names none",
        leak: Some("RL-34"),
        class: Class::Write,
        routes: &[
            "POST /api/admin/batches/{batchId}/apply",
            "POST /api/admin/batches",
            "POST /api/admin/batches/{batchId}/confirm",
        ],
        oracle: "write",
        attack: "plain.call",
    },
    FaultEntry {
        fault: Fault::LinkIgnoresTenant,
        name: "link-ignores-tenant",
        title: "an open link is followed by whoever has its code",
        leak: Some("RL-44"),
        class: Class::Read,
        routes: &[
            "GET /api/admin/links/{code}",
            "POST /api/admin/service-requests/{id}/link",
            "POST /api/admin/links/{code}/open-up",
        ],
        oracle: "leak",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::LinkRetargetIgnoresTenant,
        name: "link-retarget-ignores-tenant",
        title: "a link is one's own, where it is made to lead is not asked, and what it keeps is believed later",
        leak: Some("RL-77"),
        class: Class::Read,
        routes: &[
            "GET /api/admin/links/{code}",
            "PUT /api/admin/links/{code}",
            "POST /api/admin/service-requests/{id}/link",
            "POST /api/admin/links/{code}/open-up",
        ],
        oracle: "leak",
        attack: "id.body",
    },
    FaultEntry {
        fault: Fault::LinkCommentIgnoresTenant,
        name: "link-comment-ignores-tenant",
        title: "following a link is for its firm, commenting behind one is for whoever has the code",
        leak: Some("RL-30"),
        class: Class::Write,
        routes: &[
            "POST /api/admin/links/{code}/comments",
            "POST /api/admin/service-requests/{id}/link",
            "POST /api/admin/links/{code}/open-up",
        ],
        oracle: "write",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::RestoreIgnoresTenant,
        name: "restore-ignores-tenant",
        title: "what was put into the bin is restored by its id there, whosever it was",
        leak: Some("RL-23"),
        class: Class::Write,
        routes: &[
            "POST /api/admin/bin/{binId}/restore",
            "POST /api/admin/tasks/{id}/bin",
        ],
        oracle: "write",
        attack: "id.path",
    },
    FaultEntry {
        fault: Fault::HeldRestoreIgnoresTenant,
        name: "held-restore-ignores-tenant",
        title: "only what is held in the bin is restored by a query of its own, which forgot the tenant",
        leak: Some("RL-88"),
        class: Class::Write,
        routes: &[
            "POST /api/admin/bin/{binId}/restore",
            "POST /api/admin/tasks/{id}/bin",
            "POST /api/admin/bin/{binId}/hold",
        ],
        oracle: "write",
        attack: "id.path",
    },
];

/// The shortest history that shows a fault, in calls, the crossing one included; `None` if one call on seeded rows may do.
pub fn shortest_history(fault: Fault) -> Option<usize> {
    Some(match fault {
        Fault::RestoreIgnoresTenant => 2,
        Fault::ExportDownloadIgnoresTenant
        | Fault::ExportRebuildById
        | Fault::ImportCommitIgnoresTenant
        | Fault::ImportPreviewIgnoresTenant
        | Fault::BatchApplyIgnoresTenant
        | Fault::BatchApplyDropsTenant
        | Fault::LinkIgnoresTenant
        | Fault::LinkCommentIgnoresTenant
        | Fault::HeldRestoreIgnoresTenant => 3,
        Fault::ImportUndoIgnoresTenant | Fault::LinkRetargetIgnoresTenant => 4,
        Fault::ExportFileByKind => 5,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FAULTS;

    #[test]
    fn each_fault_of_this_file_and_no_other_tells_its_shortest_history() {
        for entry in FAULTS {
            let here = ENTRIES.iter().any(|e| e.fault == entry.fault);
            let told = shortest_history(entry.fault);
            assert_eq!(here, told.is_some(), "{}", entry.name);
            assert!(told.is_none_or(|calls| calls >= 2), "{}", entry.name);
        }
    }
}
