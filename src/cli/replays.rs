//! The folder that runs leave behind: replay files, and nothing that belongs into version control.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::model::event::Report;
use crate::model::replay::{REGRESSIONS, Replay};
use crate::report::{Names, headline};

/// The folder, beside where the command is run.
pub const FOLDER: &str = ".partywall";

/// Writes one replay file for each finding, those of histories beside the description; the answer is where each is, by the
/// finding's id.
pub fn write(report: &Report, description: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut written = BTreeMap::new();
    if report.findings.is_empty() {
        return Ok(written);
    }
    let replays = folder(Path::new(""))?.join("replays");
    let kept = description
        .parent()
        .unwrap_or(Path::new(""))
        .join(REGRESSIONS);
    let names = Names {
        schema: &report.schema,
        tenants: &report.tenants,
    };
    for finding in &report.findings {
        let replay = Replay::of(finding, report, description, headline(finding, &names));
        // What only a history shows is not found by every run: it is kept, and tried first.
        let is_history = !finding.history.links.is_empty();
        let folder = if is_history { &kept } else { &replays };
        fs::create_dir_all(folder)?;
        let path = folder.join(file_name(&finding.id));
        fs::write(&path, report.secrets.scrub(replay.to_text()?))?;
        written.insert(finding.id.clone(), path);
    }
    Ok(written)
}

/// The folder under `base`, made where it is missing, and kept out of version control.
pub fn folder(base: &Path) -> io::Result<PathBuf> {
    let folder = base.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let ignore = folder.join(".gitignore");
    if !ignore.exists() {
        fs::write(ignore, "*\n")?;
    }
    Ok(folder)
}

/// An id as a file's name: whatever a file system or a shell might take amiss becomes a dash.
fn file_name(id: &str) -> String {
    let safe: String = id
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("{}.json", safe.trim_matches(['-', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_leads_out_of_the_folder() {
        assert_eq!(file_name("../../etc/passwd"), "etc-passwd.json");
        assert_eq!(file_name("leak-GET /x/{id}"), "leak-GET--x--id.json");
    }
}
