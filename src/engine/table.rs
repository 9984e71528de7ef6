//! The baseline's table: how each route fared, and why it never worked where it did not.

use std::fmt;

use super::baseline::Working;
use super::bind::Source;
use super::lab::Lab;
use crate::model::event::RouteBaseline;
use crate::model::exchange::Exchange;
use crate::model::route::Route;
use crate::model::schema::ColumnRef;
use crate::model::tenant::{ActorId, Standing};

/// How many characters of a refusal are kept for the report.
const SAID: usize = 160;
/// Why a route was not even called.
pub fn untried(lab: &Lab<'_>) -> String {
    let members = || {
        let actors = lab.knowledge.actors.iter();
        actors.filter(|a| a.standing == Standing::Member)
    };
    let locked = members().find_map(|a| Some((&a.id, lab.locked_out.get(&a.id)?)));
    match locked {
        _ if members().next().is_none() => {
            "there is no user to call it; name the table of users, or of what stands for them, with `user.table`".to_owned()
        }
        Some((actor, why)) if members().all(|a| lab.locked_out.contains_key(&a.id)) => {
            format!("nobody could log in: {actor}: {why}")
        }
        _ => "no row that its parameters could name".to_owned(),
    }
}

/// The most telling refusal of a route that never worked: one for what was sent says more than one for who sent it.
pub struct Refusal {
    /// Its status; `None` where no answer came.
    pub status: Option<u16>,
    /// Who was refused.
    pub actor: ActorId,
    /// How the answer begins, or why none came.
    pub said: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { actor, said, .. } = self;
        match self.status {
            Some(status) => write!(f, "{actor} was answered {status}: {said}"),
            None => write!(f, "{actor} got no answer: {said}"),
        }
    }
}

impl Refusal {
    /// Keeps the more telling of two.
    pub fn keep(kept: &mut Option<Self>, exchange: &Exchange) {
        let (status, said) = match &exchange.outcome {
            Ok(response) => (Some(response.status), response.text()),
            Err(failure) => (None, failure.to_string()),
        };
        let telling = |status: Option<u16>| match status {
            None => 0,
            Some(401) => 1,
            Some(403) => 2,
            Some(404 | 405) => 3,
            Some(_) => 4,
        };
        if kept
            .as_ref()
            .is_none_or(|k| telling(status) > telling(k.status))
        {
            *kept = Some(Self {
                status,
                actor: exchange.call.actor.clone(),
                said: said.chars().take(SAID).collect(),
            });
        }
    }
}

/// A route that works, and how.
pub fn reached(lab: &Lab<'_>, route: &Route, working: &Working) -> RouteBaseline {
    let name = |at: &ColumnRef| lab.knowledge.schema.column_name(*at);
    let bindings = working.plan.slots.iter().map(|(at, source)| match source {
        Source::Column(column) => format!("{} = {}", at.name.trim_start_matches('/'), name(column)),
        Source::Fixed(value) => format!("{} = \"{value}\"", at.name.trim_start_matches('/')),
        Source::Own(field) => format!("{} = the caller's {field}", at.name.trim_start_matches('/')),
    });
    let tried = lab.knowledge.actors.iter().filter(|a| {
        matches!(
            a.standing,
            Standing::Member | Standing::Double | Standing::Privileged
        )
    });
    RouteBaseline {
        route: route.id.clone(),
        worked: (working.actors.len(), tried.count()),
        status: None,
        reason: None,
        left_out: false,
        bindings: bindings.collect(),
        canaries: !working.shows.is_empty(),
    }
}

/// A route that never worked.
pub fn unreached(route: &Route, status: Option<u16>, reason: String) -> RouteBaseline {
    RouteBaseline {
        route: route.id.clone(),
        worked: (0, 0),
        status,
        reason: Some(reason),
        left_out: false,
        bindings: Vec::new(),
        canaries: false,
    }
}
