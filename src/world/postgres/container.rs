//! The backend `container`: a server in a container of its own, on a network that the target's container can join.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection};

use super::cluster::{COMMON, SUPERUSER};
use super::server::{Inside, Ours, Server};
use crate::model::event::Listener;
use crate::target::description::Database;
use crate::world::container::{Contained, Engine, Wanted, prefix};
use crate::world::error::WorldError;
use crate::world::process::LOOK;
use crate::world::ready::Started;
use crate::world::run::Run;
use crate::world::{secret, system};

/// The version of the official image that is taken where nobody says which.
const VERSION: u32 = 17;

/// How long a server may take to accept a session, once its container runs.
const READY: Duration = Duration::from_mins(1);

/// The port that a server listens on in its container.
const PORT: u16 = 5432;

/// Data stands in memory: `/dev/shm` is that in every container; this many bytes of it, taken as they are used.
const MEMORY: i64 = 4 << 30;

/// Starts a server; what dead runs have left in the engine is removed before, and said.
pub async fn start(
    wanted: &Database,
    run: &Run,
    listener: &dyn Listener,
) -> Result<Server, WorldError> {
    let engine = Engine::find().await?;
    let image = image(wanted);
    engine.announce(&image, listener).await?;
    let prefix = prefix(run);
    let network = format!("{prefix}-net");
    engine.make_network(&network, &prefix).await?;
    match start_on(&engine, wanted, image, &prefix, &network).await {
        Ok(server) => Ok(server),
        Err(error) => {
            engine.remove(&prefix).await?;
            Err(error)
        }
    }
}

async fn start_on(
    engine: &Engine,
    wanted: &Database,
    image: String,
    prefix: &str,
    network: &str,
) -> Result<Server, WorldError> {
    let password = secret::word(24);
    let name = format!("{prefix}-postgres");
    let port = system::free_port().map_err(WorldError::file("find a free port below", "/"))?;
    let settings = COMMON.iter().flat_map(|setting| ["-c", setting]);
    let mut contained = Contained::start(
        engine,
        Wanted {
            image: image.clone(),
            name: name.clone(),
            network: network.to_owned(),
            prefix: prefix.to_owned(),
            env: [
                ("POSTGRES_USER", SUPERUSER),
                ("POSTGRES_PASSWORD", &password),
                ("POSTGRES_INITDB_ARGS", &initdb(wanted)),
                ("PGDATA", "/dev/shm/partywall"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
            command: std::iter::once("postgres")
                .chain(settings)
                .map(str::to_owned)
                .collect(),
            inside: PORT,
            outside: port,
            shared_memory: Some(MEMORY),
        },
    )
    .await?;
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(SUPERUSER)
        .password(&password)
        .ssl_mode(PgSslMode::Disable)
        .database("postgres");
    accepts(&mut contained, &options, &image).await?;
    let login = (SUPERUSER.to_owned(), password);
    let origin = format!("in a container of {image}");
    let mut server = Server::meet(options, login, SUPERUSER.to_owned(), origin).await?;
    server.ours = Some(Ours::Container {
        contained: Box::new(contained),
        engine: engine.clone(),
        prefix: prefix.to_owned(),
    });
    server.inside = Some(Inside {
        network: network.to_owned(),
        host: name,
        port: PORT,
    });
    Ok(server)
}

/// The image that is said, else the official one of the version that is needed.
fn image(wanted: &Database) -> String {
    let version = wanted.version.map_or(VERSION, |least| least.max(VERSION));
    let official = || format!("postgres:{version}");
    wanted.image.clone().unwrap_or_else(official)
}

/// What `initdb` is told, where the image runs it as the official one does.
fn initdb(wanted: &Database) -> String {
    let locale = wanted.locale.as_deref().unwrap_or("C.UTF-8");
    format!("--no-sync --encoding=UTF8 --locale={locale}")
}

/// Waits until a session can be opened: the official image first runs a server that nobody outside reaches.
async fn accepts(
    contained: &mut Contained,
    options: &PgConnectOptions,
    image: &str,
) -> Result<(), WorldError> {
    let begun = Instant::now();
    loop {
        let tried = tokio::time::timeout(READY, options.connect()).await;
        let last = match tried {
            Ok(Ok(session)) => {
                // That it could be opened is all that was asked.
                let _said_or_not = session.close().await;
                return Ok(());
            }
            Ok(Err(error)) => error.to_string(),
            Err(_) => "it did not answer".to_owned(),
        };
        let ended = contained.ended();
        if ended.is_some() || begun.elapsed() > READY {
            let how = ended.map_or(last, |ended| format!("it ended with {ended}"));
            return Err(WorldError::PostgresStart {
                reason: format!("the container of {image} accepted no session: {how}"),
                log: contained.output.tail(4096),
            });
        }
        tokio::time::sleep(LOOK * 10).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_official_image_is_the_default_and_never_older_than_asked() {
        let of = |version, image: Option<&str>| {
            self::image(&Database {
                version,
                image: image.map(str::to_owned),
                ..Database::default()
            })
        };
        assert_eq!(of(None, None), "postgres:17");
        assert_eq!(of(Some(18), None), "postgres:18");
        assert_eq!(of(Some(15), Some("mine:15")), "mine:15");
    }
}
