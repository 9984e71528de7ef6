//! What came of a replay.

use serde::Serialize;

use super::super::super::names::Names;
use super::crossing::Crossing;
use super::{SCHEMA, to_text};
use crate::model::discovery;
use crate::model::exchange::{Exchange, Purpose};
use crate::model::verdict::Verdict;

#[derive(Serialize)]
struct Replayed<'a> {
    schema: &'static str,
    version: u8,
    finding: &'a str,
    attack: &'a str,
    oracle: &'a str,
    /// What happened when it was recorded.
    recorded: &'a str,
    seed: u64,
    world: &'a str,
    /// `held`, `violated`, `inconclusive`.
    verdict: &'static str,
    /// Why, where it is inconclusive.
    reason: Option<String>,
    crossing: Option<Crossing>,
    showed: usize,
    goes: usize,
    calls: Vec<Call<'a>>,
}

#[derive(Serialize)]
struct Call<'a> {
    purpose: &'static str,
    actor: &'a str,
    route: &'a str,
    answered: String,
    recorded: Option<&'a str>,
}

/// What came of a replay.
pub fn replayed(replayed: &discovery::Replayed) -> Result<String, serde_json::Error> {
    let replay = &replayed.replay;
    let names = Names {
        schema: &replayed.schema,
        tenants: &replayed.tenants,
    };
    let (verdict, reason, crossing) = match &replayed.verdict {
        Verdict::Held => ("held", None, None),
        Verdict::Violated(evidence) => (
            "violated",
            None,
            Some(Crossing::of(&evidence.crossing, &names)),
        ),
        Verdict::Inconclusive(reason) => ("inconclusive", Some(reason.to_string()), None),
    };
    to_text(&Replayed {
        schema: SCHEMA,
        version: 1,
        finding: &replay.finding,
        attack: &replay.attack,
        oracle: &replay.oracle,
        recorded: &replay.summary,
        seed: replay.seed,
        world: &replayed.world,
        verdict,
        reason,
        crossing,
        showed: replayed.rate.0,
        goes: replayed.rate.1,
        calls: replayed
            .history
            .exchanges
            .iter()
            .enumerate()
            .map(|(index, (purpose, exchange))| Call {
                purpose: said(*purpose),
                actor: &exchange.call.actor.0,
                route: &exchange.call.route.0,
                answered: answered(exchange),
                recorded: replay.steps.get(index).map(|step| step.answered.as_str()),
            })
            .collect(),
    })
}

fn answered(exchange: &Exchange) -> String {
    match &exchange.outcome {
        Ok(response) => response.status.to_string(),
        Err(failure) => failure.to_string(),
    }
}

fn said(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::OwnerControl => "owner-control",
        Purpose::OwnControl => "own-control",
        Purpose::Setup => "setup",
        Purpose::VictimBefore => "victim-before",
        Purpose::Still => "still",
        Purpose::Attack => "attack",
        Purpose::Missing => "missing",
        Purpose::AttackerAfter => "attacker-after",
        Purpose::VictimAfter => "victim-after",
    }
}
