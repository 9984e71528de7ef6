//! What came of a replay: the calls with their answers, and what the oracle says now.

use crate::model::discovery::Replayed;
use crate::model::exchange::{Exchange, Purpose};
use crate::model::verdict::Verdict;

use super::super::Names;
use super::super::steps::steps;
use super::super::style::{Cell, Layout, Tone};
use super::super::text;
use super::{LABEL, heading};

/// The whole page.
pub fn replayed(replayed: &Replayed, layout: Layout) -> String {
    let replay = &replayed.replay;
    let mut lines = vec![
        layout.labelled(
            Tone::Strong,
            "Replayed",
            LABEL,
            &format!("{} by {}", replay.finding, replay.attack),
        ),
        layout.labelled(
            Tone::Strong,
            "World",
            LABEL,
            &format!("{}; seed {}", replayed.world, replay.seed),
        ),
        layout.labelled(Tone::Strong, "Recorded", LABEL, &replay.summary),
        String::new(),
    ];
    let names = Names {
        schema: &replayed.schema,
        tenants: &replayed.tenants,
    };
    let done = steps(&replayed.history.browsed, &names);
    if done.is_empty() {
        lines.push(calls(replayed, layout));
    } else {
        lines.push(heading(layout, "Actions", "in a browser, in order"));
        lines.extend(
            done.iter()
                .enumerate()
                .map(|(at, step)| format!("  {:>2}. {step}", at + 1)),
        );
        lines.push(String::new());
    }
    lines.push(verdict(replayed, layout));
    lines.join("\n") + "\n"
}

fn calls(replayed: &Replayed, layout: Layout) -> String {
    let rows: Vec<Vec<Cell>> = replayed
        .history
        .exchanges
        .iter()
        .enumerate()
        .map(|(index, (purpose, exchange))| {
            let before = replayed
                .replay
                .steps
                .get(index)
                .map(|step| step.answered.as_str());
            call(*purpose, exchange, before)
        })
        .collect();
    heading(layout, "Calls", "in order, with what was answered") + &layout.table(&rows)
}

fn call(purpose: Purpose, exchange: &Exchange, before: Option<&str>) -> Vec<Cell> {
    let answered = match &exchange.outcome {
        Ok(response) => response.status.to_string(),
        Err(failure) => failure.to_string(),
    };
    let was = before
        .filter(|before| *before != answered)
        .map_or_else(String::new, |before| format!("(recorded: {before})"));
    vec![
        Cell::left(said(purpose)).toned(Tone::Faint),
        Cell::left(exchange.call.actor.to_string()),
        Cell::left(exchange.call.route.to_string()),
        Cell::left(format!("{answered} {was}").trim_end().to_owned()),
    ]
}

/// What a call is for, in words.
pub fn said(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::OwnerControl => "owner's control",
        Purpose::OwnControl => "attacker's own control",
        Purpose::Setup => "set-up",
        Purpose::VictimBefore => "victim before",
        Purpose::Still => "with all rows there",
        Purpose::Attack => "attack",
        Purpose::Missing => "missing id",
        Purpose::AttackerAfter => "attacker after",
        Purpose::VictimAfter => "victim after",
    }
}

fn verdict(replayed: &Replayed, layout: Layout) -> String {
    let (showed, of) = replayed.rate;
    let rate = if of > 1 {
        format!(", in {showed} of {of} goes")
    } else {
        String::new()
    };
    let oracle = &replayed.replay.oracle;
    match &replayed.verdict {
        Verdict::Violated(evidence) => {
            let severity = text::severity(evidence.severity);
            let said = format!("oracle {oracle} sees it again ({severity}){rate}");
            layout.labelled(Tone::Bad, "LEAK", LABEL, &said)
        }
        Verdict::Held => {
            let said = format!("oracle {oracle} does not see it any more{rate}");
            layout.labelled(Tone::Good, "HELD", LABEL, &said)
        }
        Verdict::Inconclusive(reason) => {
            let said = format!("nothing is shown either way: {reason}{rate}");
            layout.labelled(Tone::Warning, "UNSHOWN", LABEL, &said)
        }
    }
}
