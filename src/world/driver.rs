//! The driver of a browser: Chromium's own, a program of this machine or in a container.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::container::{Contained, Engine, Wanted, prefix};
use super::error::WorldError;
use super::process::Child;
use super::ready::{Condition, Started};
use super::system::{self, MARK};
use super::{Values, World};

/// Names under which distributions install the driver.
const DRIVERS: [&str; 2] = ["chromedriver", "chromium.chromedriver"];

/// Names under which they install the browser.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// How long the driver may take to accept connections.
const READY: Duration = Duration::from_secs(30);

/// How long it may take to end when asked to.
const GRACE: Duration = Duration::from_secs(3);

/// Bytes of `/dev/shm` in its container: Chromium draws there.
const MEMORY: i64 = 512 << 20;

/// What the ledger calls it.
const NAME: &str = "webdriver";

/// Where the browser comes from, by the environment: `PARTYWALL_CHROMEDRIVER` and `PARTYWALL_CHROMIUM` name programs,
/// `PARTYWALL_CHROMIUM_IMAGE` an image that has both and whose entry point is the driver.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Programs { driver: PathBuf, browser: PathBuf },
    Image(String),
}

/// A driver that runs.
#[derive(Debug)]
pub struct Driver {
    /// Where it listens.
    pub url: String,
    /// The browser that it is to start; its own choice where absent.
    pub browser: Option<PathBuf>,
    /// The folder for the browsers' profiles, where they are on this machine.
    pub profiles: Option<PathBuf>,
    running: Running,
}

#[derive(Debug)]
enum Running {
    Child(Box<Child>),
    Contained(Box<Contained>),
}

impl World {
    /// Starts a driver.
    pub async fn start_driver(&self) -> Result<Driver, WorldError> {
        let port = system::free_port().map_err(WorldError::file("find a free port below", "/"))?;
        let url = format!("http://127.0.0.1:{port}");
        match source(&|name| std::env::var(name).ok())? {
            Source::Programs { driver, browser } => {
                // Each driver its own: what the browsers of another have kept is nobody's any more.
                let profiles = self.run.folder().join(format!("browsers-{port}"));
                std::fs::create_dir_all(&profiles)
                    .map_err(WorldError::file("make the folder", &profiles))?;
                let mut command = Command::new(driver);
                command.arg(format!("--port={port}"));
                command.env(MARK, format!("{}:{NAME}", self.run.token()));
                let mut child = Child::start(&mut command)?;
                self.run.add_child(child.pid(), NAME)?;
                ready(&mut child, port).await?;
                Ok(Driver {
                    url,
                    browser: Some(browser),
                    profiles: Some(profiles),
                    running: Running::Child(Box::new(child)),
                })
            }
            Source::Image(image) => {
                let engine = Engine::find().await?;
                let prefix = prefix(&self.run);
                // On the machine's own network: the browser reaches what listens on its loopback.
                let wanted = Wanted {
                    image,
                    name: format!("{prefix}-{NAME}"),
                    network: "host".to_owned(),
                    prefix,
                    env: Vec::new(),
                    command: vec![format!("--port={port}")],
                    inside: port,
                    outside: port,
                    shared_memory: Some(MEMORY),
                };
                let mut contained = Contained::start(&engine, wanted).await?;
                ready(&mut contained, port).await?;
                Ok(Driver {
                    url,
                    browser: None,
                    profiles: None,
                    running: Running::Contained(Box::new(contained)),
                })
            }
        }
    }

    /// Ends a driver, and the browsers that it started.
    pub async fn end_driver(&self, driver: Driver) -> Result<(), WorldError> {
        match driver.running {
            Running::Child(mut child) => {
                child.end(Signal::SIGTERM, GRACE).await;
                system::end_marked(&format!("{}:{NAME}", self.run.token()));
                self.run.drop_child(child.pid())
            }
            Running::Contained(contained) => contained.end().await,
        }
    }
}

/// An error where no browser is there, before anything is started.
pub fn look_for_browser() -> Result<(), WorldError> {
    source(&|name| std::env::var(name).ok()).map(|_| ())
}

async fn ready(started: &mut impl Started, port: u16) -> Result<(), WorldError> {
    Condition::Port
        .wait(NAME, started, port, READY, &Values::new())
        .await
}

/// Where the browser comes from.
fn source(environment: &dyn Fn(&str) -> Option<String>) -> Result<Source, WorldError> {
    if let Some(image) = environment("PARTYWALL_CHROMIUM_IMAGE") {
        return Ok(Source::Image(image));
    }
    let path = environment("PATH").unwrap_or_default();
    let named = |variable: &str, names: &[&str]| match environment(variable) {
        Some(named) => {
            let named = PathBuf::from(named);
            named
                .is_file()
                .then_some(named)
                .ok_or_else(|| format!("{variable} names no file"))
        }
        None => found(&path, names).ok_or_else(|| format!("no {} on the PATH", names[0])),
    };
    let missing = |what: String| WorldError::NoBrowser(what);
    Ok(Source::Programs {
        driver: named("PARTYWALL_CHROMEDRIVER", &DRIVERS).map_err(missing)?,
        browser: named("PARTYWALL_CHROMIUM", &BROWSERS).map_err(missing)?,
    })
}

/// The first program of these names on a PATH.
fn found(path: &str, names: &[&str]) -> Option<PathBuf> {
    let folders = || path.split(':').filter(|f| !f.is_empty()).map(Path::new);
    let mut all = names
        .iter()
        .flat_map(|name| folders().map(move |f| f.join(name)));
    all.find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_browser_is_an_error_that_says_what_to_install() {
        let error = source(&|_| None).unwrap_err().to_string();
        assert!(
            error.contains("chromedriver") && error.contains("--no-browser"),
            "{error}"
        );
    }

    #[test]
    fn an_image_is_taken_before_programs_and_named_programs_before_found_ones() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["chromedriver", "chromium", "mine"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let path = folder.path().display().to_string();
        let mine = folder.path().join("mine").display().to_string();
        let of = |image: Option<&str>, named: bool| {
            source(&|name| match name {
                "PATH" => Some(path.clone()),
                "PARTYWALL_CHROMIUM_IMAGE" => image.map(str::to_owned),
                "PARTYWALL_CHROMIUM" => named.then(|| mine.clone()),
                _ => None,
            })
            .unwrap()
        };
        assert_eq!(of(Some("x"), false), Source::Image("x".to_owned()));
        let programs = |browser: &str| Source::Programs {
            driver: folder.path().join("chromedriver"),
            browser: folder.path().join(browser),
        };
        assert_eq!(of(None, false), programs("chromium"));
        assert_eq!(of(None, true), programs("mine"));
    }
}
