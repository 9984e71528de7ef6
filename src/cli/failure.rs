//! Why a command ends without a result: what a person reads, and the exit code.

use std::fmt::Display;
use std::path::Path;

use miette::{Diagnostic, Report};

use crate::engine::RunError;
use crate::model::exit::Exit;
use crate::settings::SettingsError;

/// Why a command ends without a result.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What a person reads.
    pub report: Report,
}

impl Failure {
    /// Something that the user can put right.
    pub fn usage(said: impl Diagnostic + Send + Sync + 'static) -> Self {
        Self {
            exit: Exit::Usage,
            report: Report::new(said),
        }
    }

    /// A sentence about what the user can put right, with what to do about it.
    pub fn hint(said: impl Display, help: impl Display) -> Self {
        Self {
            exit: Exit::Usage,
            report: miette::miette!(help = help.to_string(), "{said}"),
        }
    }

    /// A file that cannot be read or written.
    pub fn io(path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        move |error| Self {
            exit: Exit::Usage,
            report: miette::miette!("{}: {error}", path.as_ref().display()),
        }
    }

    /// A bug of partywall's own.
    pub fn bug(said: impl Display) -> Self {
        Self {
            exit: Exit::Bug,
            report: miette::miette!(
                help = "this is a bug of partywall's own: please report it",
                "{said}"
            ),
        }
    }

    /// Ctrl-C before there was any result.
    pub fn interrupted() -> Self {
        Self {
            exit: Exit::Interrupted,
            report: miette::miette!("stopped before there was a result"),
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::usage(error)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let exit = error.exit();
        let report = match error {
            RunError::Settings(error) => Report::new(error),
            other => Report::from_err(other),
        };
        Self { exit, report }
    }
}
