//! The target: a program or container of ours that is started and stopped, or one that runs already and is left as it is.

mod compose;
mod image;
mod process;
mod rewrite;

use std::time::Duration;

use compose::Compose;
use image::Image;
use process::Program;

use super::container::Contained;
use super::error::WorldError;
use super::output::Output;
use super::process::Child;
use super::program::{SHOWN, Surroundings};
use super::ready::{self, Condition, Started};
use super::run::Run;
use crate::target::description;
use crate::target::placeholder::Values;

/// How long it may take to become ready, in seconds, unless the description says otherwise.
const READY: u64 = 60;

/// What the ledger and messages call it.
const NAME: &str = "the target";

/// The application under test.
#[derive(Debug)]
pub enum Target {
    /// One that we start.
    Ours(Box<Own>),
    /// One that runs already.
    Running {
        /// Its URL.
        url: String,
    },
}

/// A target that we start.
#[derive(Debug)]
pub struct Own {
    form: Form,
    condition: Condition,
    bound: Duration,
    live: Option<Launch>,
    /// What the last one printed, kept after its end.
    last: String,
}

/// What is started.
#[derive(Debug)]
enum Form {
    Program(Program),
    Image(Image),
    Compose(Compose),
}

/// What was started.
#[derive(Debug)]
enum Launch {
    Child(Box<Child>),
    Contained(Box<Contained>),
}

/// What holds on the network of the database's container.
#[derive(Debug, Clone)]
pub struct Site {
    /// The network.
    pub network: String,
    /// What placeholders stand for there.
    pub values: Values,
}

impl Site {
    /// What a target in a container cannot do without.
    fn needed<'a>(site: Option<&'a Self>, key: &str) -> Result<&'a Self, WorldError> {
        site.ok_or_else(|| {
            WorldError::Description(format!(
                "{key} needs a database that its container reaches: leave database.backend out, or say `container`"
            ))
        })
    }
}

impl Target {
    /// The target of a description; nothing is started yet.
    pub fn of(
        target: &description::Target,
        surroundings: Surroundings,
    ) -> Result<Self, WorldError> {
        if let (Some(file), Some(service)) = (&target.compose, &target.service) {
            let form = Form::Compose(Compose {
                file: surroundings.dir.join(file),
                service: service.clone(),
                port: target.port,
                env: target.env.clone(),
                is_up: false,
            });
            return Self::ours(form, target);
        }
        let form = match (&target.url, &target.image, &target.start) {
            (Some(url), None, None) => return Ok(Self::Running { url: url.clone() }),
            (None, Some(image), start) => Form::Image(Image {
                name: image.clone(),
                start: start.clone(),
                port: target.port,
                env: target.env.clone(),
            }),
            (None, None, Some(start)) => Form::Program(Program {
                start: start.clone(),
                surroundings,
            }),
            (Some(_), _, _) => {
                return Err(WorldError::Description(
                    "target.url excludes target.start and target.image: start the target, or name one that runs".to_owned(),
                ));
            }
            (None, None, None) => {
                return Err(WorldError::Description(
                    "target.start is missing: the command that starts the target (or target.image, or target.url, where it runs already)".to_owned(),
                ));
            }
        };
        Self::ours(form, target)
    }

    fn ours(form: Form, target: &description::Target) -> Result<Self, WorldError> {
        Ok(Self::Ours(Box::new(Own {
            form,
            condition: Condition::of(target.ready.as_ref(), "target.ready")?,
            bound: Duration::from_secs(target.ready_timeout.unwrap_or(READY)),
            live: None,
            last: String::new(),
        })))
    }

    /// Starts it and waits until it is ready; one that runs already is left as it is. Returns the address where it listens.
    pub async fn start(
        &mut self,
        values: &Values,
        site: Option<&Site>,
        run: &Run,
    ) -> Result<String, WorldError> {
        match self {
            Self::Running { url } => Ok(url.trim_end_matches('/').to_owned()),
            Self::Ours(own) => own.start(values, site, run).await,
        }
    }

    /// Stops it, where it is ours.
    pub async fn stop(&mut self, run: &Run) -> Result<(), WorldError> {
        match self {
            Self::Ours(own) => own.stop(run).await,
            Self::Running { .. } => Ok(()),
        }
    }

    /// Whether it still runs, as far as we can tell.
    pub fn alive(&mut self) -> bool {
        match self {
            Self::Ours(own) => own.live.as_mut().is_some_and(|l| l.ended().is_none()),
            Self::Running { .. } => true,
        }
    }

    /// The end of what it printed.
    pub fn log_tail(&self) -> String {
        match self {
            Self::Ours(own) => own.log_tail(),
            Self::Running { .. } => String::new(),
        }
    }

    /// What it prints, where it is ours and runs.
    pub fn output(&self) -> Option<&Output> {
        match self {
            Self::Ours(own) => own.live.as_ref().map(Launch::printed),
            Self::Running { .. } => None,
        }
    }

    /// Its process, where it is one of this machine that we started.
    pub fn pid(&self) -> Option<u32> {
        match self {
            Self::Ours(own) => match &own.live {
                Some(Launch::Child(child)) => Some(child.pid()),
                _ => None,
            },
            Self::Running { .. } => None,
        }
    }

    /// What it is, in a few words.
    pub fn about(&self) -> String {
        match self {
            Self::Ours(own) => match &own.form {
                Form::Program(program) => format!("target process `{}`", program.start),
                Form::Image(image) => format!("target container of `{}`", image.name),
                Form::Compose(compose) => format!(
                    "target service `{}` of {}",
                    compose.service,
                    compose.file.display()
                ),
            },
            Self::Running { url } => format!("target running already at {url}"),
        }
    }
}

impl Own {
    async fn start(
        &mut self,
        values: &Values,
        site: Option<&Site>,
        run: &Run,
    ) -> Result<String, WorldError> {
        self.stop(run).await?;
        let port: u16 = values
            .get("port")
            .and_then(|p| p.parse().ok())
            .unwrap_or_default();
        let mut live = match &mut self.form {
            Form::Program(program) => program.launch(values, run)?,
            Form::Image(image) => image.launch(site, port, run).await?,
            Form::Compose(compose) => compose.launch(site, port, run).await?,
        };
        let bound = self.bound;
        let mut ready = self
            .condition
            .wait(NAME, &mut live, port, bound, values)
            .await;
        if ready.is_ok() {
            // A line of output may come before the port is open.
            ready = Condition::Port
                .wait(NAME, &mut live, port, bound, values)
                .await;
        }
        self.live = Some(live);
        if let Err(error) = ready {
            self.stop(run).await?;
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

    async fn stop(&mut self, run: &Run) -> Result<(), WorldError> {
        let Some(live) = self.live.take() else {
            return Ok(());
        };
        self.last = live.printed().tail(SHOWN);
        match (live, &self.form) {
            (Launch::Child(child), Form::Program(program)) => program.end(*child, run).await,
            (Launch::Child(child), _) => run.drop_child(child.pid()),
            (Launch::Contained(contained), _) => contained.end().await,
        }
    }

    fn log_tail(&self) -> String {
        self.live
            .as_ref()
            .map_or_else(|| self.last.clone(), |live| live.printed().tail(SHOWN))
    }
}

impl Launch {
    fn printed(&self) -> &Output {
        match self {
            Self::Child(child) => &child.output,
            Self::Contained(contained) => &contained.output,
        }
    }
}

impl Started for Launch {
    fn ended(&mut self) -> Option<String> {
        match self {
            Self::Child(child) => child.ended(),
            Self::Contained(contained) => contained.ended(),
        }
    }

    fn output(&mut self) -> &mut Output {
        match self {
            Self::Child(child) => &mut child.output,
            Self::Contained(contained) => &mut contained.output,
        }
    }
}
