//! Where Postgres comes from: a server that the user names, an ephemeral one of ours, or the first that works.

mod cache;
mod cluster;
mod container;
pub mod database;
#[cfg(feature = "download")]
mod download;
mod local;
mod locale;
pub mod reap;
pub mod roles;
mod server;
mod url;

pub use cluster::Cluster;
pub use server::{FORM, Inside, Server};
pub use url::connect;

use super::error::WorldError;
use super::run::Run;
use crate::model::event::Listener;
use crate::target::description::{Database, Description};

/// The server of the backend that the description names; `auto` takes the first that works.
pub async fn serve(
    description: &Description,
    run: &Run,
    listener: &dyn Listener,
) -> Result<Server, WorldError> {
    let database = &description.database;
    let allow = &description.target.allow_hosts;
    let server = match database.backend.as_deref().unwrap_or("auto") {
        "auto" => first_that_works(description, run, listener).await?,
        "url" => url::connect(named(database.url.as_deref())?, allow, run).await?,
        "local" => local::start(database, run).await?,
        "container" => container::start(database, run, listener).await?,
        "download" => downloaded(database, run).await?,
        other => return Err(WorldError::UnknownBackend(other.to_owned())),
    };
    server.fits(database).await?;
    Ok(server)
}

fn named(url: Option<&str>) -> Result<&str, WorldError> {
    url.ok_or_else(|| {
        WorldError::Description(
            "database.backend is `url`, but database.url names no server".to_owned(),
        )
    })
}

/// A named server wins; then binaries on this machine; then a container; then, where built in, a download. A target in a
/// container reaches a server in a container alone.
async fn first_that_works(
    description: &Description,
    run: &Run,
    listener: &dyn Listener,
) -> Result<Server, WorldError> {
    let database = &description.database;
    let mut tried = Vec::new();
    if let Some(url) = &database.url {
        // A server that the user names is meant: its failure is no reason to take another one silently.
        let server = url::connect(url, &description.target.allow_hosts, run).await?;
        return Ok(server.because("database.url names it"));
    }
    if description.target.is_contained() {
        let server = container::start(database, run, listener).await?;
        return Ok(server.because("where the target's container reaches it"));
    }
    match local::start(database, run).await {
        Ok(server) => match server.fits(database).await {
            Ok(()) => return Ok(server.because("found on this machine")),
            Err(error) => tried.push(format!("local: {error}")),
        },
        Err(error) => tried.push(format!("local: {error}")),
    }
    match container::start(database, run, listener).await {
        Ok(server) => {
            let why = tried.join("; ");
            return Ok(server.because(&format!("since {why}")));
        }
        Err(error) => tried.push(format!("container: {error}")),
    }
    match downloaded(database, run).await {
        Ok(server) => {
            let why = tried.join("; ");
            return Ok(server.because(&format!("downloaded, since {why}")));
        }
        Err(error) => tried.push(format!("download: {error}")),
    }
    Err(WorldError::NoPostgres {
        tried: tried.join("; "),
    })
}

#[cfg(feature = "download")]
async fn downloaded(database: &Database, run: &Run) -> Result<Server, WorldError> {
    download::start(database, run).await
}

#[cfg(not(feature = "download"))]
#[expect(clippy::unused_async, reason = "the shape of the one with the feature")]
async fn downloaded(_database: &Database, _run: &Run) -> Result<Server, WorldError> {
    Err(WorldError::Download(
        "partywall was built without the feature `download`".to_owned(),
    ))
}
