//! Why a run ends without a report, and the exit code that says so.

use crate::browser::BrowserError;
use crate::model::event::{Event, Listener};
use crate::model::exit::Exit;
use crate::model::secret::Secrets;
use crate::seed::SeedError;
use crate::settings::SettingsError;
use crate::target::TargetError;
use crate::world::WorldError;

/// Why a run ends without a report.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The settings or the description cannot be used.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The description does not fit the target.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Postgres or the target could not be started, or broke.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The browser does not do what it was asked for, or a page is not what the description says.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// Tenants and rows could not be made.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// Nothing worked for its rightful tenant: whatever came of attacks would mean nothing.
    #[error("the baseline failed: {0}")]
    Baseline(String),
    /// The target works on another database than partywall watches, or another program answers.
    #[error("no proof that the target and the database belong together: {0}")]
    Pair(String),
    /// A replay file cannot be read or does not fit the target.
    #[error("replay: {0}")]
    Replay(String),
    /// A word of `--only` or `--skip` fits nothing.
    #[error(
        "`{word}` of --only or --skip fits no {kind}; `*` stands for anything, `partywall {shows}` shows what there is"
    )]
    FitsNothing {
        /// The word.
        word: String,
        /// `attack` or `route`.
        kind: &'static str,
        /// What shows them.
        shows: &'static str,
    },
    /// No actor of that name.
    #[error("no actor is called `{name}`; there are {known}")]
    UnknownActor {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The system has no thread left.
    #[error("no thread could be started: {0}")]
    Thread(#[source] std::io::Error),
    /// The system would not tell of Ctrl-C.
    #[error("Ctrl-C and SIGTERM cannot be listened for: {0}")]
    Signals(#[source] std::io::Error),
    /// Another of these, with secrets in its words masked.
    #[error("{said}")]
    Masked {
        /// Its words.
        said: String,
        /// Its exit code.
        exit: Exit,
    },
    /// Postgres or the target broke after the description had shown to be usable.
    #[error("the run broke off, and what it saw until then shows nothing: {how}")]
    Broke {
        /// What broke.
        how: WorldError,
        /// The exit code of the stage.
        exit: Exit,
    },
    /// The user stopped it.
    #[error("stopped before the sweep began")]
    Stopped,
}

/// What came of a run, after its world was closed: the first error counts, and that of the clean-up is said beside it.
pub fn ended<T>(
    outcome: Result<T, RunError>,
    closed: Result<(), WorldError>,
    listener: &dyn Listener,
) -> Result<T, RunError> {
    match (outcome, closed) {
        (Err(first), Err(later)) => {
            let said = format!("the clean-up failed, too: {later}");
            listener.on(&Event::Warning(said));
            Err(first)
        }
        (outcome, closed) => {
            let value = outcome?;
            closed?;
            Ok(value)
        }
    }
}

impl RunError {
    /// The process exit code: that of usage for the description, too.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Settings(_)
            | Self::Target(_)
            | Self::Seed(_)
            | Self::World(_)
            | Self::Browser(_)
            | Self::Thread(_)
            | Self::Signals(_)
            | Self::Replay(_)
            | Self::FitsNothing { .. }
            | Self::UnknownActor { .. } => Exit::Usage,
            Self::Baseline(_) | Self::Pair(_) => Exit::BaselineFailed,
            Self::Stopped => Exit::Interrupted,
            Self::Masked { exit, .. } | Self::Broke { exit, .. } => *exit,
        }
    }

    /// The same, where the world broke in a stage whose failure has this exit code: the description is not to blame then.
    #[must_use]
    pub fn broke_off(self, exit: Exit) -> Self {
        match self {
            Self::World(how) => Self::Broke { how, exit },
            other => other,
        }
    }

    /// The same without secrets in its words. Those about the description show the file as it was written, and stay.
    #[must_use]
    pub fn masked(self, secrets: &Secrets) -> Self {
        if matches!(self, Self::Settings(_)) {
            return self;
        }
        let said = self.to_string();
        let masked = secrets.scrub(said.clone());
        if masked == said {
            return self;
        }
        Self::Masked {
            said: masked,
            exit: self.exit(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Listener for Heard {
        fn on(&self, event: &Event) {
            if let Event::Warning(text) = event {
                self.0.lock().unwrap().push(text.clone());
            }
        }
    }

    #[test]
    fn the_clean_ups_error_does_not_hide_the_first() {
        let heard = Heard::default();
        let first = || Err::<(), _>(RunError::Baseline("nothing worked".to_owned()));
        let later = || Err(WorldError::NotFrozen);
        let error = ended(first(), later(), &heard).unwrap_err();
        assert_eq!(error.exit(), Exit::BaselineFailed);
        let said = heard.0.lock().unwrap().concat();
        assert!(
            said.contains("clean-up") && said.contains("not frozen"),
            "{said}"
        );
        assert!(ended(Ok(()), later(), &heard).is_err());
        assert!(ended(first(), Ok(()), &heard).is_err());
        assert!(ended(Ok(()), Ok(()), &heard).is_ok());
    }

    #[test]
    fn an_error_keeps_its_exit_code_and_loses_its_secrets() {
        let mut secrets = Secrets::default();
        secrets.insert("hunter2hunter2");
        let error = RunError::Baseline("answered hunter2hunter2".into()).masked(&secrets);
        assert_eq!(error.to_string(), "the baseline failed: answered <secret>");
        assert_eq!(error.exit(), Exit::BaselineFailed);
        let error = RunError::Pair("another program".into()).masked(&secrets);
        assert!(matches!(error, RunError::Pair(_)));
    }
}
