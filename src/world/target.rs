//! The target: a program of ours that is started and stopped, or one that runs already and is left as it is.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::error::WorldError;
use super::process::{Child, Output};
use super::program::{SHOWN, Surroundings};
use super::ready::{self, Condition};
use super::run::Run;
use super::system;
use crate::target::description;
use crate::target::placeholder::Values;

/// How long it may take to become ready, in seconds, unless the description says otherwise.
const READY: u64 = 60;

/// How long it may take to end when asked to.
const GRACE: Duration = Duration::from_secs(2);

/// What the ledger and messages call it.
const NAME: &str = "the target";

/// The application under test.
#[derive(Debug)]
pub enum Target {
    /// A program of ours.
    Process(Box<Process>),
    /// One that runs already.
    Running {
        /// Its URL.
        url: String,
    },
}

/// A target that we start.
#[derive(Debug)]
pub struct Process {
    start: String,
    surroundings: Surroundings,
    condition: Condition,
    bound: Duration,
    child: Option<Child>,
    /// What the last one printed, kept after its end.
    last: String,
}

impl Target {
    /// The target of a description; nothing is started yet.
    pub fn of(
        target: &description::Target,
        surroundings: Surroundings,
    ) -> Result<Self, WorldError> {
        match (&target.start, &target.url) {
            (Some(start), None) => Ok(Self::Process(Box::new(Process {
                start: start.clone(),
                surroundings,
                condition: Condition::of(target.ready.as_ref(), "target.ready")?,
                bound: Duration::from_secs(target.ready_timeout.unwrap_or(READY)),
                child: None,
                last: String::new(),
            }))),
            (None, Some(url)) => Ok(Self::Running { url: url.clone() }),
            (Some(_), Some(_)) => Err(WorldError::Description(
                "target.start and target.url exclude each other: start the target, or name one that runs".to_owned(),
            )),
            (None, None) => Err(WorldError::Description(
                "target.start is missing: the command that starts the target (or target.url, where it runs already)".to_owned(),
            )),
        }
    }

    /// Starts it and waits until it is ready; one that runs already is left as it is. Returns the address where it listens.
    pub async fn start(&mut self, values: &Values, run: &Run) -> Result<String, WorldError> {
        let process = match self {
            Self::Running { url } => return Ok(url.trim_end_matches('/').to_owned()),
            Self::Process(process) => process,
        };
        process.stop(run).await?;
        let port: u16 = values
            .get("port")
            .and_then(|p| p.parse().ok())
            .unwrap_or_default();
        let mut command = process
            .surroundings
            .command("target.start", &process.start, values)?;
        let mut child = Child::start(&mut command)?;
        run.add_child(child.pid(), NAME)?;
        let bound = process.bound;
        let mut ready = process
            .condition
            .wait(NAME, &mut child, port, bound, values)
            .await;
        if ready.is_ok() {
            // A line of output may come before the port is open.
            ready = Condition::Port
                .wait(NAME, &mut child, port, bound, values)
                .await;
        }
        process.child = Some(child);
        if let Err(error) = ready {
            process.stop(run).await?;
            return Err(error);
        }
        let address = ready::connect(port)
            .await
            .and_then(|s| s.peer_addr().map_err(|e| e.to_string()))
            .map_err(|how| WorldError::NotReady {
                what: NAME.to_owned(),
                how: format!("does not listen on port {port}: {how}"),
                output: values.redact(&self.log_tail()),
            })?;
        Ok(format!("http://{address}"))
    }

    /// Stops it, where it is ours.
    pub async fn stop(&mut self, run: &Run) -> Result<(), WorldError> {
        match self {
            Self::Process(process) => process.stop(run).await,
            Self::Running { .. } => Ok(()),
        }
    }

    /// Whether it still runs, as far as we can tell.
    pub fn alive(&mut self) -> bool {
        match self {
            Self::Process(process) => process.child.as_mut().is_some_and(|c| c.exited().is_none()),
            Self::Running { .. } => true,
        }
    }

    /// The end of what it printed.
    pub fn log_tail(&self) -> String {
        match self {
            Self::Process(process) => process
                .child
                .as_ref()
                .map_or_else(|| process.last.clone(), |c| c.output.tail(SHOWN)),
            Self::Running { .. } => String::new(),
        }
    }

    /// What it prints, where it is ours and runs.
    pub fn output(&self) -> Option<&Output> {
        match self {
            Self::Process(process) => process.child.as_ref().map(|child| &child.output),
            Self::Running { .. } => None,
        }
    }

    /// Its process, where it is ours and runs.
    pub fn pid(&self) -> Option<u32> {
        match self {
            Self::Process(process) => process.child.as_ref().map(Child::pid),
            Self::Running { .. } => None,
        }
    }

    /// What it is, in a few words.
    pub fn about(&self) -> String {
        match self {
            Self::Process(process) => format!("target process `{}`", process.start),
            Self::Running { url } => format!("target running already at {url}"),
        }
    }
}

impl Process {
    async fn stop(&mut self, run: &Run) -> Result<(), WorldError> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        child.end(Signal::SIGTERM, GRACE).await;
        system::end_marked(&self.surroundings.mark);
        self.last = child.output.tail(SHOWN);
        run.drop_child(child.pid())
    }
}
