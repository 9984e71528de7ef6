//! Data directories whose run folder has gone: a system may clear run folders when a user logs out, and leave the rest.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;

use super::system;

/// In front of the names of data directories.
const PREFIX: &str = "partywall_";

/// Where data directories may stand: on memory, or among temporary files.
pub fn places() -> [PathBuf; 2] {
    [PathBuf::from("/dev/shm"), std::env::temp_dir()]
}

/// The name of a run's data directory.
pub fn name(token: &str) -> String {
    format!("{PREFIX}{token}")
}

/// How old one must be: the younger ones are the run folders' to tell of.
pub const AGE: Duration = Duration::from_mins(1);

/// Ends the servers and removes the data directories, of at least that age, of runs that are dead; says which.
pub fn reap(places: &[PathBuf], age: Duration) -> Vec<String> {
    let entries = places
        .iter()
        .filter_map(|place| fs::read_dir(place).ok())
        .flatten()
        .flatten();
    entries
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let token = name.strip_prefix(PREFIX)?;
            let (pid, start) = owner(token)?;
            let dead = system::start_time(pid).is_none_or(|now| now != start);
            (dead && old(&entry.path(), age)).then(|| one(&entry.path(), token))
        })
        .collect()
}

/// Whether it is a data directory of that age.
fn old(data: &Path, age: Duration) -> bool {
    fs::metadata(data.join("PG_VERSION"))
        .and_then(|meta| meta.modified())
        .is_ok_and(|made| made.elapsed().is_ok_and(|since| since >= age))
}

/// Process id and start time out of a token.
fn owner(token: &str) -> Option<(u32, &str)> {
    let mut parts = token.split('_');
    let pid = parts.next()?.parse().ok()?;
    Some((pid, parts.next()?))
}

fn one(data: &Path, token: &str) -> String {
    system::end_marked(&format!("{token}:"));
    if let Some(server) = server(data) {
        system::end_group_blocking(server, Signal::SIGQUIT, Duration::from_secs(3));
    }
    match fs::remove_dir_all(data) {
        Ok(()) => format!("removed {} that a dead run had left", data.display()),
        Err(error) => format!(
            "could not remove {} that a dead run had left: {error}",
            data.display()
        ),
    }
}

/// The server that runs on a data directory. Its number may have been given to another program since: the command line must
/// name the directory.
fn server(data: &Path) -> Option<u32> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid: u32 = text.lines().next()?.trim().parse().ok()?;
    let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let names_it = command
        .split(|&b| b == 0)
        .any(|word| word == data.as_os_str().as_encoded_bytes());
    names_it.then_some(pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_data_directories_of_the_dead_are_removed() {
        let place = tempfile::tempdir().unwrap();
        let make = |token: &str, file: &str| {
            let folder = place.path().join(name(token));
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(file), "15").unwrap();
            folder
        };
        let (pid, start) = system::me();
        let dead = make("999999999_1", "PG_VERSION");
        let stays = [
            make(&format!("{pid}_{start}"), "PG_VERSION"),
            make(&format!("{pid}_{start}_2"), "PG_VERSION"),
            make("999999999_2", "letters"),
            make("friends", "PG_VERSION"),
        ];
        let places = [place.path().to_owned()];
        assert!(reap(&places, AGE).is_empty() && dead.exists());
        assert_eq!(reap(&places, Duration::ZERO).len(), 1);
        assert!(!dead.exists() && stays.iter().all(|s| s.exists()));
    }
}
