//! The command `snapshot`: what aggregates answer each tenant, beside what was accepted. Files are insta's, so that
//! `cargo insta review` accepts them; what holds another tenant's share is never written, and an accepted file is compared
//! with what this run has shown to be the tenant's own.

use std::fs;
use std::path::{Path, PathBuf};

use super::args::{Format, Global, Kept};
use super::failure::Failure;
use super::output::Shell;
use super::{as_json, runs};
use crate::engine;
use crate::model::exit::Exit;
use crate::model::snapshot::{Beside, Compared, Shot, Snapshots, Taken};
use crate::report::{json, terminal};
use crate::settings::Settings;

/// The folder beside the description.
const FOLDER: &str = "snapshots";

/// Takes snapshots, and compares them with those that were accepted.
pub fn run(global: &Global, kept: &Kept, shell: &Shell) -> Result<Exit, Failure> {
    let mut settings = Settings::load(&global.description(), global.overrides())?;
    settings.stop_the_clock();
    let folder = settings.dir.join(FOLDER);
    let source = settings.path.file_name().unwrap_or_default();
    let source = source.to_string_lossy().into_owned();
    let listener = shell.listener();
    let taken = runs::until_stopped(Box::pin(engine::snapshot(settings, &*listener)))?;
    drop(listener);
    let mut beside = Vec::new();
    for shot in &taken.shots {
        let file = File::of(&folder, shot);
        let compared = file.compared(shot)?;
        if !kept.check {
            file.write(shot, &source, &compared, kept.accept)?;
        }
        let name = file.accepted.file_name().unwrap_or_default();
        beside.push(Beside {
            shot,
            file: name.to_string_lossy().into_owned(),
            compared,
        });
    }
    let left = left_over(&folder, &taken)?;
    let text = match shell.format {
        Format::Human => terminal::snapshots(&taken, &beside, &left, done(kept), shell.layout()),
        Format::Json => as_json(json::v1::snapshots(&taken, &beside, &left))?,
    };
    shell.put(&taken.secrets.scrub(text))?;
    Ok(exit(&taken, &beside, &left, kept.accept))
}

/// What is done with what is new or changed.
fn done(kept: &Kept) -> &'static str {
    match kept {
        Kept { check: true, .. } => "verified, and not what was accepted; nothing was written",
        Kept { accept: true, .. } => "verified, and accepted",
        _ => {
            "verified; `partywall snapshot --accept` accepts them, as does `cargo insta review` in a Cargo project"
        }
    }
}

/// What leaks is worse than what is not shown.
fn exit(taken: &Snapshots, beside: &[Beside<'_>], left: &[String], accepts: bool) -> Exit {
    if taken.shots.iter().any(|shot| shot.taken.is_foreign()) {
        return Exit::Leak;
    }
    let verified = |shot: &&Shot| matches!(shot.taken, Taken::Verified { .. });
    let nothing = !taken.shots.iter().any(|shot| verified(&shot));
    let unshown =
        taken.shots.iter().any(|s| s.declared && !verified(&s)) || !taken.unreached.is_empty();
    // What was accepted once, and is not shown to be a tenant's own now.
    let lost = |b: &Beside<'_>| matches!(b.compared, Compared::Not { accepted: true });
    let unshown = unshown || beside.iter().any(lost);
    let open = |b: &Beside<'_>| matches!(b.compared, Compared::New | Compared::Changed { .. });
    if nothing || unshown || !left.is_empty() || (!accepts && beside.iter().any(open)) {
        Exit::Inconclusive
    } else {
        Exit::Held
    }
}

/// Where the snapshot of a route and tenant lies.
struct File {
    accepted: PathBuf,
    pending: PathBuf,
}

impl File {
    fn of(folder: &Path, shot: &Shot) -> Self {
        let name = name(&shot.route.0, &shot.tenant);
        Self {
            accepted: folder.join(format!("{name}.snap")),
            pending: folder.join(format!("{name}.snap.new")),
        }
    }

    fn compared(&self, shot: &Shot) -> Result<Compared, Failure> {
        let Taken::Verified { text, .. } = &shot.taken else {
            return Ok(Compared::Not {
                accepted: self.accepted.exists(),
            });
        };
        if !self.accepted.exists() {
            return Ok(Compared::New);
        }
        let file = fs::read_to_string(&self.accepted).map_err(Failure::io(&self.accepted))?;
        let accepted = contents(&file);
        Ok(if accepted == text.trim_end() {
            Compared::Same
        } else {
            Compared::Changed {
                accepted: accepted.to_owned(),
            }
        })
    }

    /// Writes what is new and verified, and takes away what an earlier run left to be accepted and is so no more.
    fn write(
        &self,
        shot: &Shot,
        source: &str,
        compared: &Compared,
        accept: bool,
    ) -> Result<(), Failure> {
        let fresh = matches!(compared, Compared::New | Compared::Changed { .. });
        if let (Taken::Verified { text, .. }, true) = (&shot.taken, fresh) {
            let path = if accept {
                &self.accepted
            } else {
                &self.pending
            };
            let folder = path.parent().unwrap_or(Path::new(""));
            fs::create_dir_all(folder).map_err(Failure::io(folder))?;
            fs::write(path, written(shot, source, text)).map_err(Failure::io(path))?;
        }
        if self.pending.exists() && (accept || !fresh) {
            fs::remove_file(&self.pending).map_err(Failure::io(&self.pending))?;
        }
        Ok(())
    }
}

/// A file as insta writes it: what it is of, then the text.
fn written(shot: &Shot, source: &str, text: &str) -> String {
    let expression = serde_json::Value::from(format!("{} as {}", shot.route, shot.actor));
    let source = serde_json::Value::from(source);
    format!("---\nsource: {source}\nexpression: {expression}\n---\n{text}\n")
}

/// What stands behind the head.
fn contents(file: &str) -> &str {
    let body = file
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"));
    body.map_or(file, |(_, text)| text).trim_end()
}

/// `get-api-stats-counts@acme`: the route in small letters and digits, and the tenant as insta spells a suffix.
fn name(route: &str, tenant: &str) -> String {
    let mut name = String::new();
    for c in route.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    format!("{}@{tenant}", name.trim_end_matches('-'))
}

/// Accepted files of whose route and tenant nothing was asked, where everything was.
fn left_over(folder: &Path, taken: &Snapshots) -> Result<Vec<String>, Failure> {
    if taken.partial || !folder.exists() {
        return Ok(Vec::new());
    }
    let known: Vec<String> = taken
        .shots
        .iter()
        .map(|shot| format!("{}.snap", name(&shot.route.0, &shot.tenant)))
        .collect();
    let mut left = Vec::new();
    for entry in fs::read_dir(folder).map_err(Failure::io(folder))? {
        let entry = entry.map_err(Failure::io(folder))?;
        let is_snapshot = entry.path().extension().is_some_and(|e| e == "snap");
        let file = entry.file_name().to_string_lossy().into_owned();
        if is_snapshot && file.contains('@') && !known.contains(&file) {
            left.push(file);
        }
    }
    left.sort();
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::route::RouteId;

    fn shot(taken: Taken) -> Shot {
        Shot {
            route: RouteId("GET /api/stats/{year}".to_owned()),
            tenant: "acme".to_owned(),
            actor: "acme.admin".to_owned(),
            declared: true,
            taken,
        }
    }

    fn verified(text: &str) -> Taken {
        Taken::Verified {
            text: text.to_owned(),
            by_sql: false,
        }
    }

    #[test]
    fn files_are_insta_s_and_read_back() {
        let shot = shot(verified("{\n  \"n\": 1\n}"));
        let file = written(&shot, "partywall.toml", "{\n  \"n\": 1\n}");
        assert!(file.starts_with("---\nsource: \"partywall.toml\"\nexpression: \"GET /api/stats/{year} as acme.admin\"\n---\n{"));
        assert_eq!(contents(&file), "{\n  \"n\": 1\n}");
        assert_eq!(name(&shot.route.0, "acme"), "get-api-stats-year@acme");
    }

    #[test]
    fn what_holds_anothers_share_is_never_written_and_nothing_of_it_is_left_to_accept() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |shot: &Shot, accept: bool| {
            let file = File::of(folder.path(), shot);
            let compared = file.compared(shot).expect("compared");
            file.write(shot, "p", &compared, accept).expect("written");
            (file, compared)
        };
        let (file, compared) = write(&shot(verified("1")), false);
        assert_eq!(compared, Compared::New);
        assert!(file.pending.exists() && !file.accepted.exists());
        let foreign = shot(Taken::Moved {
            at: "/n".to_owned(),
            with: None,
            without: None,
        });
        let (file, compared) = write(&foreign, true);
        assert_eq!(compared, Compared::Not { accepted: false });
        assert!(!file.pending.exists() && !file.accepted.exists());
        let (file, _) = write(&shot(verified("1")), true);
        assert!(file.accepted.exists());
        let (_, lost) = write(&foreign, true);
        assert_eq!(lost, Compared::Not { accepted: true });
        assert_eq!(write(&shot(verified("1")), false).1, Compared::Same);
        let (file, compared) = write(&shot(verified("2")), false);
        assert_eq!(
            compared,
            Compared::Changed {
                accepted: "1".to_owned()
            }
        );
        assert!(file.pending.exists());
    }
}
