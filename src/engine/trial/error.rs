//! Why what somebody has written down cannot be done, with the nearest that can.

use crate::engine::error::RunError;
use crate::model::route::RouteId;
use crate::target::names::nearest;

/// Why what is written cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// Nobody and nothing is called like that.
    #[error("there is no {kind} `{name}`{}", near.as_ref().map_or_else(String::new, |near| format!("; did you mean `{near}`?")))]
    Unknown {
        /// `actor`, `tenant`, `route`, `attack`.
        kind: &'static str,
        /// What was written.
        name: String,
        /// The nearest that there is.
        near: Option<String>,
    },
    /// A route that did not work for its rightful tenants shows nothing.
    #[error("{route} did not work for its rightful tenants, so a refusal shows nothing: {why}")]
    Unreached {
        /// The route.
        route: RouteId,
        /// Why, by the baseline.
        why: String,
    },
    /// There are no rows that the call could name.
    #[error("{tenant} has no rows that {route} could name")]
    NoRows {
        /// The tenant's slug.
        tenant: String,
        /// The route.
        route: RouteId,
    },
    /// The attack does not apply to any of the routes.
    #[error("`{attack}` cannot be tried on `{route}`: nothing there to attack in that way")]
    NotApplicable {
        /// The attack.
        attack: String,
        /// The routes.
        route: String,
    },
    /// The run itself failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Nobody and nothing of that kind is called like that.
pub fn unknown<'a>(
    kind: &'static str,
    name: &str,
    all: impl IntoIterator<Item = &'a str>,
) -> TrialError {
    TrialError::Unknown {
        kind,
        name: name.to_owned(),
        near: nearest(name, all).map(str::to_owned),
    }
}
