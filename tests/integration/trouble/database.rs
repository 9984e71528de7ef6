//! A database that is lost, restarted, full, or tampered with while a run goes on.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use partywall::world::World;
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};
use tokio::runtime::Runtime;

use super::driver::{Ended, Run};
use crate::world::servers::{foreign, traces};

/// A server of somebody else, on which a run works by its URL.
struct Server {
    runtime: Runtime,
    host: World,
    url: String,
    before: Vec<String>,
}

impl Server {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let (host, url) = runtime.block_on(foreign("SUPERUSER"));
        let before = runtime.block_on(traces(host.pool()));
        Self {
            runtime,
            host,
            url,
            before,
        }
    }

    fn session(&self) -> Result<PgConnection, sqlx::Error> {
        self.runtime.block_on(PgConnection::connect(&self.url))
    }

    /// The numbers that a query gives.
    fn numbers(&self, sql: &str) -> Vec<i32> {
        let mut session = self.session().unwrap();
        let asked = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(&mut session);
        self.runtime.block_on(asked).unwrap()
    }

    /// Does something while a run on this server is making calls; then nothing of the run may be left on it.
    fn during(&self, stage: &str, what: &dyn Fn()) -> Ended {
        let mut run = Run::new();
        run.database = format!("url = {:?}\n", self.url);
        let ended = run.while_calling(stage, &|_| what());
        let left = self.runtime.block_on(async {
            let pool = PgPool::connect(&self.url).await.unwrap();
            traces(&pool).await
        });
        assert_eq!(left, self.before, "{ended}");
        ended
    }

    fn close(self) {
        self.runtime.block_on(self.host.close()).unwrap();
    }
}

#[test]
fn a_server_that_restarts_during_a_run_ends_it_and_nothing_stays_there() {
    let server = Server::new();
    for (at, code) in [("Baseline", 4), ("Sweep", 3)] {
        // The end of one session by force makes the server end all others, and begin anew.
        let crash = || {
            let sql = "SELECT pid FROM pg_stat_activity WHERE datname LIKE 'partywall%'";
            let pid = server.numbers(sql)[0];
            kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        };
        server.during(at, &crash).is(code, "broke off");
    }
    server.close();
}

#[test]
fn a_slot_that_is_lost_is_missed() {
    let server = Server::new();
    // The slot is a temporary one: it goes with its session.
    let lose = || {
        let ended = "SELECT pg_terminate_backend(active_pid)::int FROM pg_replication_slots";
        assert_eq!(server.numbers(ended), [1]);
        while !server
            .numbers("SELECT 1 FROM pg_replication_slots")
            .is_empty()
        {}
    };
    for (stage, code) in [("Baseline", 4), ("Sweep", 3)] {
        let ended = server.during(stage, &lose);
        ended.is(code, "the stream of row changes broke");
    }
    server.close();
}

#[test]
fn a_server_without_a_free_connection_shows_nothing() {
    let server = Server::new();
    for (stage, code, says) in [
        ("Baseline", 4, "too many clients already"),
        ("Sweep", 3, "not one of 16 cases showed anything"),
    ] {
        let taken = std::cell::RefCell::new(Vec::new());
        let take_all = || {
            while let Ok(session) = server.session() {
                taken.borrow_mut().push(session);
            }
        };
        let ended = server.during(stage, &take_all);
        ended.is(code, says);
        assert!(taken.borrow().len() > 50);
    }
    server.close();
}

/// The server that a run has started is its own, and so is its end.
#[test]
fn a_server_of_ones_own_that_is_killed_ends_the_run() {
    for (stage, code) in [("Baseline", 4), ("Sweep", 3)] {
        let ended = Run::new().while_calling(stage, &|pid| {
            kill(server_of(pid), Signal::SIGKILL).unwrap();
        });
        ended.is(code, "broke off");
    }
}

/// The server that a run has started: the first of its processes.
fn server_of(run: u32) -> Pid {
    let mine = format!("partywall_{run}_");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let is_server = |path: &std::path::Path| {
        let line = std::fs::read(path.join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        line.contains(&mine) && line.contains("postgres -D")
    };
    let found = processes.filter(|p| is_server(&p.path()));
    let number = |p: std::fs::DirEntry| p.file_name().to_string_lossy().parse().ok();
    Pid::from_raw(found.filter_map(number).min().unwrap())
}
