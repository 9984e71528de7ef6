//! The backend `local`: binaries on PATH, by `pg_config`, or under the usual folders of distributions.

use std::path::{Path, PathBuf};

use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::cluster::{Binaries, Cluster, SUPERUSER};
use super::server::{Ours, Server};
use crate::target::description::Database;
use crate::world::error::WorldError;
use crate::world::run::Run;

/// Starts a cluster with the newest binaries of this machine.
pub async fn start(wanted: &Database, run: &Run) -> Result<Server, WorldError> {
    let dir = binaries().ok_or_else(|| {
        WorldError::Unfit(
            "no initdb and postgres on PATH, by pg_config, or under the usual folders".to_owned(),
        )
    })?;
    let origin = format!("local binaries in {}", dir.display());
    start_with(dir, origin, wanted, run).await
}

/// Starts a cluster with the binaries in a folder.
pub async fn start_with(
    dir: PathBuf,
    origin: String,
    wanted: &Database,
    run: &Run,
) -> Result<Server, WorldError> {
    let cluster = Cluster::start(&Binaries::new(dir)?, wanted.locale.as_deref(), run).await?;
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(cluster.port)
        .username(SUPERUSER)
        .password(&cluster.password)
        .ssl_mode(PgSslMode::Disable)
        .database("postgres");
    let login = (SUPERUSER.to_owned(), cluster.password.clone());
    let mut server = Server::meet(options, login, SUPERUSER.to_owned(), origin).await?;
    server.ours = Some(Ours::Cluster(cluster));
    Ok(server)
}

/// The folder with the newest `postgres` beside an `initdb`. PATH wins: it is what the user chose.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|dir| complete(dir));
    on_path.or_else(by_pg_config).or_else(usual)
}

fn complete(dir: &Path) -> bool {
    ["initdb", "postgres"]
        .iter()
        .all(|program| dir.join(program).is_file())
}

fn by_pg_config() -> Option<PathBuf> {
    let output = std::process::Command::new("pg_config")
        .arg("--bindir")
        .output()
        .ok()?;
    let dir = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    complete(&dir).then_some(dir)
}

/// Debian, Red Hat, Arch and Alpine, Homebrew, Postgres.app: one folder a version, the highest wins.
fn usual() -> Option<PathBuf> {
    let parents = [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/usr/libexec", "postgresql"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
        ("/Applications/Postgres.app/Contents/Versions", ""),
    ];
    let mut found: Vec<(u32, PathBuf)> = parents
        .iter()
        .flat_map(|(parent, prefix)| {
            std::fs::read_dir(parent)
                .into_iter()
                .flatten()
                .flatten()
                .filter_map(move |entry| {
                    let name = entry.file_name().to_string_lossy().into_owned();
                    let version = name.strip_prefix(prefix)?.split('.').next()?.parse().ok()?;
                    Some((version, entry.path()))
                })
        })
        .flat_map(|(version, dir)| [(version, dir.join("bin")), (version, dir)])
        .filter(|(_, dir)| complete(dir))
        .collect();
    found.sort();
    found.pop().map(|(_, dir)| dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_needs_both_programs() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("initdb"), "").unwrap();
        assert!(!complete(dir.path()));
        std::fs::write(dir.path().join("postgres"), "").unwrap();
        assert!(complete(dir.path()));
    }
}
