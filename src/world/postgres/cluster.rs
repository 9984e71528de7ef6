//! An ephemeral cluster of ours: started on a free port, on memory where it fits, removed at the end.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::cache;
use crate::world::error::WorldError;
use crate::world::orphans;
use crate::world::process::{Child, LOOK};
use crate::world::run::{POSTGRES, Run};
use crate::world::system;

/// How long a server may take to accept connections.
const READY: Duration = Duration::from_secs(30);

/// How long it may take to end after it was told to, before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// The role that owns the cluster.
pub const SUPERUSER: &str = "partywall";

/// Memory that must stay free on `/dev/shm` beside a cluster, in bytes.
const ROOM: u64 = 1 << 30;

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    child: Child,
    data: PathBuf,
    /// Its port.
    pub port: u16,
    /// Its superuser's password.
    pub password: String,
}

/// Binaries and the system user that runs them.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// The folder that holds `initdb` and `postgres`.
    pub dir: PathBuf,
    /// Whom to drop to: set where we are root, since Postgres refuses to run as root.
    pub user: Option<(u32, u32)>,
}

impl Binaries {
    /// The binaries in a folder.
    pub fn new(dir: PathBuf) -> Result<Self, WorldError> {
        Ok(Self {
            dir,
            user: unprivileged()?,
        })
    }

    /// A command that runs one of them as that user.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.dir.join(program));
        command.env_clear().env("LC_ALL", "C").env("TZ", "UTC");
        // The working folder may be closed to that user.
        command.current_dir("/");
        if let Some((uid, gid)) = self.user {
            use std::os::unix::process::CommandExt;
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Gives a file or folder to that user.
    pub fn give(&self, path: &Path) -> std::io::Result<()> {
        match self.user {
            Some((uid, gid)) => std::os::unix::fs::lchown(path, Some(uid), Some(gid)),
            None => Ok(()),
        }
    }
}

/// The user to run Postgres as: none where we are no root.
fn unprivileged() -> Result<Option<(u32, u32)>, WorldError> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Ok(Some(user)) = nix::unistd::User::from_name(name) {
            return Ok(Some((user.uid.as_raw(), user.gid.as_raw())));
        }
    }
    Err(WorldError::Unfit(
        "postgres refuses to run as root, and there is no user `postgres` or `nobody` to run it as"
            .to_owned(),
    ))
}

impl Cluster {
    /// Copies the cached data directory of these binaries and this locale, and starts a server on it.
    pub async fn start(
        binaries: &Binaries,
        locale: Option<&str>,
        run: &Run,
    ) -> Result<Self, WorldError> {
        let seed = cache::initialised(binaries, locale).await?;
        let data = folder(run);
        run.add_folder(&data)?;
        cache::copy(&seed.data, &data, binaries)?;
        let mut last = String::new();
        // Another program may take the free port before Postgres does.
        for _ in 0..3 {
            let port =
                system::free_port().map_err(WorldError::file("find a free port below", "/"))?;
            match Self::start_on(binaries, run, &data, port).await? {
                Ok(child) => {
                    return Ok(Self {
                        child,
                        data,
                        port,
                        password: seed.password,
                    });
                }
                Err(log) => last = log,
            }
            if !last.contains("Address already in use") {
                break;
            }
        }
        Err(WorldError::PostgresStart {
            reason: format!("it ended, or accepted no connection within {READY:?}"),
            log: last,
        })
    }

    /// One try; the inner error is the end of its log.
    async fn start_on(
        binaries: &Binaries,
        run: &Run,
        data: &Path,
        port: u16,
    ) -> Result<Result<Child, String>, WorldError> {
        let mut command = binaries.command("postgres");
        command.arg("-D").arg(data);
        command.args(["-p", &port.to_string()]);
        for setting in REACH.iter().chain(&COMMON) {
            command.args(["-c", setting]);
        }
        let mut child = Child::start(&mut command)?;
        run.add_child(child.pid(), POSTGRES)?;
        let until = Instant::now() + READY;
        while Instant::now() < until && child.exited().is_none() {
            if accepts(data) {
                return Ok(Ok(child));
            }
            tokio::time::sleep(LOOK).await;
        }
        child.end(Signal::SIGQUIT, GRACE).await;
        run.drop_child(child.pid())?;
        Ok(Err(child.output.tail(4096)))
    }

    /// The end of its log.
    pub fn log_tail(&self) -> String {
        self.child.output.tail(4096)
    }

    /// Ends it at once: what it holds is thrown away.
    pub async fn end(mut self, run: &Run) -> Result<(), WorldError> {
        self.child.end(Signal::SIGQUIT, GRACE).await;
        run.drop_child(self.child.pid())?;
        std::fs::remove_dir_all(&self.data).map_err(WorldError::file("remove", &self.data))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.child.end_now(Signal::SIGQUIT, GRACE);
        // Best effort in the net: the run's ledger still names the folder, and the next run tries again.
        let _left_for_the_next_run = std::fs::remove_dir_all(&self.data);
    }
}

/// Durability is of no use to data that is thrown away; `synchronous_commit` stays on, since the row stream sends only what
/// is flushed, and a barrier must not overtake an answer.
pub const COMMON: [&str; 18] = [
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=on",
    "wal_level=logical",
    "max_wal_senders=8",
    "max_replication_slots=8",
    "wal_sender_timeout=0",
    "max_connections=200",
    "autovacuum=off",
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "logging_collector=off",
    "log_min_messages=warning",
    "min_wal_size=32MB",
    "max_wal_size=512MB",
    // In the data directory, so that nothing stays behind even after a kill.
    "dynamic_shared_memory_type=mmap",
    "password_encryption=scram-sha-256",
];

/// Where a server of this machine listens.
const REACH: [&str; 2] = ["listen_addresses=127.0.0.1", "unix_socket_directories="];

/// The server writes its state into the eighth line of its pid file.
fn accepts(data: &Path) -> bool {
    std::fs::read_to_string(data.join("postmaster.pid"))
        .is_ok_and(|text| text.lines().nth(7).is_some_and(|l| l.trim() == "ready"))
}

/// On memory where it fits, else among temporary files. Never below a folder that is closed to the server's user.
fn folder(run: &Run) -> PathBuf {
    let [memory, temporary] = orphans::places();
    #[allow(
        clippy::useless_conversion,
        reason = "the counts are 32 bits wide on some systems"
    )]
    let fits = nix::sys::statvfs::statvfs(&memory)
        .is_ok_and(|s| u64::from(s.blocks_available()) * u64::from(s.fragment_size()) > ROOM);
    let place = if fits { memory } else { temporary };
    place.join(orphans::name(run.token()))
}
