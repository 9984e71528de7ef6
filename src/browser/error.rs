//! What can go wrong in a browser, each with what to do about it.

use fantoccini::error::{CmdError, ErrorStatus, NewSessionError};

use crate::world::WorldError;

/// Why a browser does not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// No driver could be started.
    #[error(transparent)]
    World(#[from] WorldError),
    /// The driver starts no browser.
    #[error(
        "the browser does not start: {0}; does `chromium --headless --dump-dom about:blank` work on this machine?"
    )]
    Start(#[source] Box<NewSessionError>),
    /// The driver or the browser did not do it.
    #[error("the browser could not {doing}: {source}")]
    Command {
        /// What it was asked for.
        doing: &'static str,
        /// What the driver says.
        source: Box<CmdError>,
    },
    /// A form is not what the description says.
    #[error("{page} has no {what}; it has {has}")]
    Form {
        /// The page's address.
        page: String,
        /// What was looked for: `field "E-mail"`, `button "Log in"`.
        what: String,
        /// What it has of the kind.
        has: String,
    },
    /// The description does not say how people use the target in one.
    #[error(
        "this takes a browser, of which the description says nothing: it needs a section [browser]"
    )]
    Undescribed,
    /// What was to be done could not be done to its end, or a form did not do what it is described for.
    #[error("{0}")]
    Stuck(String),
    /// The relay to the target could not be made.
    #[error("no port for the browser's way to the target: {0}")]
    Relay(#[source] std::io::Error),
}

impl BrowserError {
    /// Whether it is about a page (too slow, or its scripts fail), and not about the browser.
    pub fn is_of_the_page(&self) -> bool {
        let Self::Command { source, .. } = self else {
            return false;
        };
        let CmdError::Standard(told) = &**source else {
            return false;
        };
        matches!(
            told.error,
            ErrorStatus::Timeout | ErrorStatus::ScriptTimeout | ErrorStatus::JavascriptError
        )
    }

    /// Names what was being done.
    pub(super) fn doing(doing: &'static str) -> impl FnOnce(CmdError) -> Self {
        move |source| Self::Command {
            doing,
            source: Box::new(source),
        }
    }
}
