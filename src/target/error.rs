//! What can go wrong between a description and a call's wire form.

use super::names::suggestion;
use super::placeholder::PlaceholderError;

/// Why a call, a log-in or a seeding step could not be made. No message holds a credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// A template of the description could not be filled.
    #[error("{at}: {source}")]
    Placeholder {
        /// Where it stands: `login[0].step[1].json`.
        at: String,
        /// Why.
        source: PlaceholderError,
    },
    /// A call of an actor, or a header, names a tenant that does not exist.
    #[error("no tenant has the key `{0}`")]
    UnknownTenant(String),
    /// A call lacks the value of a path parameter.
    #[error("`{template}` needs a value for `{{{name}}}`, and the call gives none")]
    MissingPath {
        /// The path template.
        template: String,
        /// The parameter.
        name: String,
    },
    /// `tenant.address` cannot be read, or does not fit the routes.
    #[error("tenant.address = \"{address}\": {problem}")]
    Address {
        /// The declared text.
        address: String,
        /// What is wrong, and what to write.
        problem: String,
    },
    /// A page's address is none.
    #[error("`{address}` is no address of a page: {problem}")]
    Page {
        /// The address.
        address: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A token was to be forged from a session that has none.
    #[error("`{actor}` holds no json web token to forge one from")]
    NoToken {
        /// The actor.
        actor: String,
    },
    /// A cookie was to be forged from a session that has none of that name which says its tenant.
    #[error("`{actor}` holds no cookie `{name}` that says its tenant, to forge one from")]
    NoCookie {
        /// The actor.
        actor: String,
        /// The cookie's name.
        name: String,
    },
    /// A token cannot be forged this way.
    #[error("cannot forge the token: {0}")]
    Forge(String),
    /// A token cannot be made as the description says.
    #[error("{at}: {problem}")]
    Mint {
        /// Where it is described: `login[0].jwt`.
        at: String,
        /// What is wrong.
        problem: String,
    },
    /// A step is described wrongly.
    #[error("{at}: {problem}")]
    Step {
        /// The step: `login[0].step[1]`.
        at: String,
        /// What is wrong, and what to write.
        problem: String,
    },
    /// A step's call leads to another program than the target and its companions.
    #[error(
        "{at}: `{origin}` is neither the target nor a service of this description; write `/path` or `http://host:{{port}}/path` for the target, `http://127.0.0.1:{{service.NAME.port}}/path` for a service"
    )]
    Astray {
        /// The call: `login[0].step[1].call`.
        at: String,
        /// Where it would go.
        origin: String,
    },
    /// A step's call was answered with a status that is no success.
    #[error("{at}: `{call}` was answered {status}: {excerpt}")]
    Refused {
        /// The step.
        at: String,
        /// `METHOD /path`, before placeholders were filled.
        call: String,
        /// The status.
        status: u16,
        /// The beginning of the answer, credentials blanked out.
        excerpt: String,
    },
    /// An answer does not hold what a step takes from it.
    #[error(transparent)]
    NotTaken(Box<NotTaken>),
    /// The recipe was given something else than it asked for. A bug of the caller.
    #[error("the recipe waits for {wanted}, and was given {given}")]
    OutOfOrder {
        /// What it waits for.
        wanted: &'static str,
        /// What it got.
        given: &'static str,
    },
}

impl TargetError {
    /// Wraps a placeholder error with the place of its template.
    pub(crate) fn placeholder(at: impl Into<String>) -> impl FnOnce(PlaceholderError) -> Self {
        let at = at.into();
        move |source| Self::Placeholder { at, source }
    }
}

/// What a step should take and its answer does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: the answer to `{call}` holds no `{wanted}` for `{name}`{}; it holds {holds}", suggestion(nearest.as_deref()))]
pub struct NotTaken {
    /// The step.
    pub at: String,
    /// `METHOD /path`, before placeholders were filled.
    pub call: String,
    /// The name to be taken.
    pub name: String,
    /// Where it was said to be.
    pub wanted: String,
    /// What is there instead: names alone.
    pub holds: String,
    /// The name there that is most like the one wanted.
    pub nearest: Option<String>,
}
