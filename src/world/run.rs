//! The run folder: which processes and folders this run has made, so that a later run can remove what a killed one left.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::error::WorldError;
use super::system;

/// A process, told from later ones of the same number by when it started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alive {
    /// Its number, which is also its process group's.
    pub pid: u32,
    /// When it started, as the system tells it.
    pub start: String,
    /// What it is: `postgres`, `target`, `service redis`.
    pub what: String,
}

/// What a run has made and must remove.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Ledger {
    children: Vec<Alive>,
    folders: Vec<PathBuf>,
}

/// The folder of one run.
#[derive(Debug)]
pub struct Run {
    folder: PathBuf,
    token: String,
    ledger: Mutex<Ledger>,
}

const LEDGER: &str = "run.json";

/// What the ledger calls a Postgres server.
pub const POSTGRES: &str = "postgres";

impl Run {
    /// A folder for this process, after what dead runs left has been removed. Returns what was removed, in sentences.
    pub fn begin() -> Result<(Self, Vec<String>), WorldError> {
        Self::begin_in(&root())
    }

    /// The same below another root.
    pub fn begin_in(root: &Path) -> Result<(Self, Vec<String>), WorldError> {
        fs::create_dir_all(root).map_err(WorldError::file("make the folder", root))?;
        let reaped = reap(root);
        let token = format!("{}-{}", system::me().0, system::me().1);
        // Two worlds may live in one process: the folder's name must differ, its owner is the same.
        let mut folder = root.join(&token);
        let mut nth = 1;
        while let Err(source) = fs::create_dir(&folder) {
            if source.kind() != std::io::ErrorKind::AlreadyExists {
                return Err(WorldError::File {
                    doing: "make the folder",
                    path: folder,
                    source,
                });
            }
            nth += 1;
            folder = root.join(format!("{token}-{nth}"));
        }
        let token = folder
            .file_name()
            .map(|n| n.to_string_lossy().replace('-', "_"))
            .unwrap_or(token);
        let run = Self {
            folder,
            token,
            ledger: Mutex::default(),
        };
        run.write()?;
        Ok((run, reaped))
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Process id and start time, `1234_567890`: what names of databases, roles and slots end with.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Notes a process before anything else is done with it.
    pub fn add_child(&self, pid: u32, what: &str) -> Result<(), WorldError> {
        let start = system::start_time(pid).unwrap_or_default();
        self.with(|l| {
            l.children.push(Alive {
                pid,
                start,
                what: what.to_owned(),
            });
        })
    }

    /// Forgets a process that has ended.
    pub fn drop_child(&self, pid: u32) -> Result<(), WorldError> {
        self.with(|l| l.children.retain(|c| c.pid != pid))
    }

    /// Notes a folder outside the run folder, before it is made.
    pub fn add_folder(&self, path: &Path) -> Result<(), WorldError> {
        self.with(|l| l.folders.push(path.to_owned()))
    }

    /// Ends what escaped, removes the folders and the run folder itself.
    pub fn end(&self) -> Result<(), WorldError> {
        system::end_marked(&format!("{}:", self.token));
        let folders = self.lock().folders.clone();
        for folder in folders.iter().chain([&self.folder]) {
            remove(folder).map_err(WorldError::file("remove", folder))?;
        }
        Ok(())
    }

    fn with(&self, change: impl FnOnce(&mut Ledger)) -> Result<(), WorldError> {
        change(&mut self.lock());
        self.write()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ledger> {
        self.ledger
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Written beside and renamed, so that a reader never sees half of it.
    fn write(&self) -> Result<(), WorldError> {
        let path = self.folder.join(LEDGER);
        let text = serde_json::to_vec_pretty(&*self.lock()).unwrap_or_default();
        let beside = path.with_extension("new");
        fs::write(&beside, text).map_err(WorldError::file("write", &beside))?;
        fs::rename(&beside, &path).map_err(WorldError::file("write", &path))
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // The net: what cannot be removed here is still in the ledger, and the next run tries again.
        let _left_for_the_next_run = self.end();
    }
}

/// Where run folders are kept: private to the user, gone after a restart of the machine.
pub fn root() -> PathBuf {
    let user = nix::unistd::getuid();
    match std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from) {
        Some(dir) if dir.is_dir() => dir.join("partywall"),
        _ => std::env::temp_dir().join(format!("partywall-{user}")),
    }
}

/// Ends the processes and removes the folders of runs whose process is dead.
pub fn reap(root: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(root) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|e| owner(&e.file_name().to_string_lossy()).is_some_and(|(p, s)| !alive(p, &s)))
        .flat_map(|e| reap_one(&e.path()))
        .collect()
}

/// Process id and start time out of a run folder's name.
fn owner(name: &str) -> Option<(u32, String)> {
    let mut parts = name.split('-');
    let pid = parts.next()?.parse().ok()?;
    Some((pid, parts.next()?.to_owned()))
}

fn alive(pid: u32, start: &str) -> bool {
    system::start_time(pid).is_some_and(|s| s == start)
}

fn reap_one(folder: &Path) -> Vec<String> {
    let ledger: Ledger = fs::read(folder.join(LEDGER))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .unwrap_or_default();
    let mut said = Vec::new();
    if let Some(name) = folder.file_name() {
        system::end_marked(&format!("{}:", name.to_string_lossy().replace('-', "_")));
    }
    for child in ledger.children.iter().rev() {
        if alive(child.pid, &child.start) {
            // SIGQUIT is how Postgres ends at once and tidily.
            let signal = if child.what == POSTGRES {
                Signal::SIGQUIT
            } else {
                Signal::SIGTERM
            };
            system::end_group_blocking(child.pid, signal, Duration::from_secs(3));
            said.push(format!(
                "ended {} (process {}) that a dead run had left",
                child.what, child.pid
            ));
        }
    }
    for path in ledger.folders.iter().map(PathBuf::as_path).chain([folder]) {
        match remove(path) {
            Ok(false) => {}
            Ok(true) => said.push(format!(
                "removed {} that a dead run had left",
                path.display()
            )),
            Err(error) => said.push(format!(
                "could not remove {} that a dead run had left: {error}",
                path.display()
            )),
        }
    }
    said
}

/// Removes a folder; `false` where there was none.
fn remove(path: &Path) -> std::io::Result<bool> {
    match fs::remove_dir_all(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        // A server that is just ending may still unlink its files under our hands: once more.
        Err(_) => match fs::remove_dir_all(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
            other => other.map(|()| true),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_runs_folders_are_removed_and_a_live_ones_stay() {
        let root = tempfile::tempdir().unwrap();
        let left = tempfile::tempdir().unwrap().keep();
        let dead = root.path().join("999999999-1");
        fs::create_dir(&dead).unwrap();
        let ledger = Ledger {
            children: vec![],
            folders: vec![left.clone()],
        };
        fs::write(dead.join(LEDGER), serde_json::to_vec(&ledger).unwrap()).unwrap();

        let (run, said) = Run::begin_in(root.path()).unwrap();
        assert!(!dead.exists() && !left.exists(), "{said:?}");
        assert_eq!(said.len(), 2);

        let (second, said) = Run::begin_in(root.path()).unwrap();
        assert!(said.is_empty() && run.folder().exists());
        assert_ne!(run.token(), second.token());
        run.end().unwrap();
        second.end().unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_reused_process_id_counts_as_dead() {
        let (pid, start) = system::me();
        assert!(alive(pid, &start));
        assert!(!alive(pid, "0"));
        assert_eq!(owner("12-34-2"), Some((12, "34".into())));
        assert_eq!(owner("lost+found"), None);
    }
}
