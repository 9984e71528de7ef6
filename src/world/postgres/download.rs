//! The backend `download`: binaries fetched once into the cache, then used as local ones are.

use std::path::PathBuf;
use std::time::Duration;

use postgresql_embedded::{PostgreSQL, Settings, VersionReq};

use super::cache;
use super::local;
use super::server::Server;
use crate::target::description::Database;
use crate::world::error::WorldError;
use crate::world::run::Run;

/// The version that is fetched where the description asks for none.
const VERSION: u32 = 17;

/// How long a download may take.
const BOUND: Duration = Duration::from_mins(10);

/// Fetches binaries unless they are there, and starts a cluster with them.
pub async fn start(wanted: &Database, run: &Run) -> Result<Server, WorldError> {
    let major = wanted.version.map_or(VERSION, |v| v.max(VERSION));
    let home = cache::binaries(major)?;
    let dir = tokio::time::timeout(BOUND, fetch(major, home))
        .await
        .map_err(|_| WorldError::Download(format!("it took longer than {BOUND:?}")))??;
    let origin = format!("downloaded binaries in {}", dir.display());
    local::start_with(dir, origin, wanted, run).await
}

/// The folder of the binaries. The library would run `initdb`, which refuses root, were there no data directory that looks
/// initialised: we want the binaries alone.
async fn fetch(major: u32, home: PathBuf) -> Result<PathBuf, WorldError> {
    let failed = |error: &dyn std::fmt::Display| WorldError::Download(error.to_string());
    let decoy = tempfile::tempdir().map_err(WorldError::file(
        "make a folder below",
        std::env::temp_dir(),
    ))?;
    std::fs::write(decoy.path().join("postgresql.conf"), "")
        .map_err(WorldError::file("write below", decoy.path()))?;
    let settings = Settings {
        version: VersionReq::parse(&format!("={major}")).map_err(|e| failed(&e))?,
        installation_dir: home,
        data_dir: decoy.path().to_owned(),
        temporary: false,
        timeout: Some(BOUND),
        ..Settings::default()
    };
    let mut fetched = PostgreSQL::new(settings);
    fetched.setup().await.map_err(|e| failed(&e))?;
    Ok(fetched.settings().binary_dir())
}
