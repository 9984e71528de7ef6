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
];

/// The shortest history that shows a fault, in calls, the crossing one included; `None` if one call on seeded rows may do.
pub fn shortest_history(fault: Fault) -> Option<usize> {
    Some(match fault {
        Fault::ExportDownloadIgnoresTenant | Fault::ExportRebuildById => 3,
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
