//! A private Postgres cluster in a temporary folder, ended with the test.
use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Command, Output},
    sync::atomic::{AtomicUsize, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;

use super::{App, seed};

/// The cluster.
pub struct Postgres {
    folder: TempDir,
    binaries: PathBuf,
    port: u16,
    copies: AtomicUsize,
}

impl Postgres {
    /// Starts a cluster with a seeded template.
    pub async fn start() -> Self {
        let place = if PathBuf::from("/dev/shm").is_dir() {
            "/dev/shm".into()
        } else {
            std::env::temp_dir()
        };
        let folder = tempfile::Builder::new()
            .prefix("reference-app-")
            .tempdir_in(place)
            .unwrap();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let this = Self {
            folder,
            binaries: binaries(),
            port,
            copies: AtomicUsize::new(0),
        };
        if root() {
            succeed(
                &Command::new("chown")
                    .arg("postgres")
                    .arg(this.folder.path())
                    .output()
                    .unwrap(),
            );
        }
        let data = this.folder.path().join("data");
        let data = data.to_str().unwrap();
        this.run(
            "initdb",
            &["--no-sync", "-A", "trust", "-U", "postgres", "-D", data],
        );
        let options = format!(
            "-p {port} -c fsync=off -c max_connections=200 -c listen_addresses=127.0.0.1 -c unix_socket_directories={}",
            this.folder.path().display()
        );
        let log = this.folder.path().join("log");
        this.run(
            "pg_ctl",
            &[
                "-D",
                data,
                "-o",
                &options,
                "-l",
                log.to_str().unwrap(),
                "-w",
                "start",
            ],
        );
        this.execute("postgres", "CREATE ROLE app_owner LOGIN")
            .await;
        this.execute("postgres", "CREATE ROLE app_user LOGIN").await;
        this.execute("postgres", "CREATE DATABASE seed OWNER app_owner")
            .await;
        // The application makes its tables, and goes.
        App::on_database(&this, "seed", &[], &[]).await.stop().await;
        seed::fill(&this.url("postgres", "seed")).await;
        this
    }

    /// The URL of a database for a role.
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// A fresh copy of the seeded database.
    pub async fn copy_of_seed(&self) -> String {
        let name = format!("copy{}", self.copies.fetch_add(1, Ordering::Relaxed));
        for attempt in 0.. {
            let mut connection = PgConnection::connect(&self.url("postgres", "postgres"))
                .await
                .unwrap();
            let made = sqlx::query(AssertSqlSafe(format!(
                "CREATE DATABASE {name} TEMPLATE seed OWNER app_owner"
            )))
            .execute(&mut connection)
            .await;
            match made {
                Ok(_) => break,
                // The application that made the tables may still hang up.
                Err(_) if attempt < 100 => {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
                Err(error) => panic!("{error}"),
            }
        }
        name
    }

    async fn execute(&self, database: &str, statement: &str) {
        let mut connection = PgConnection::connect(&self.url("postgres", database))
            .await
            .unwrap();
        sqlx::query(AssertSqlSafe(statement.to_owned()))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.binaries.join(program);
        let mut command = if root() {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        // The server must not keep our pipes open.
        let status = command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdout(std::process::Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{arguments:?}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        self.run(
            "pg_ctl",
            &[
                "-D",
                data.to_str().unwrap(),
                "-m",
                "immediate",
                "-w",
                "stop",
            ],
        );
    }
}

/// Postgres refuses to run as root: another user runs it then.
fn root() -> bool {
    String::from_utf8_lossy(&Command::new("id").arg("-u").output().unwrap().stdout).trim() == "0"
}

fn succeed(output: &Output) {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn binaries() -> PathBuf {
    let mut places: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .collect();
    places.sort();
    places.reverse();
    if let Some(path) = std::env::var_os("PATH") {
        places.extend(std::env::split_paths(&path));
    }
    let found = places
        .into_iter()
        .find(|place| place.join("initdb").is_file() && place.join("pg_ctl").is_file());
    found.expect("these tests need initdb and pg_ctl: install a Postgres server, 14 or later")
}
