//! Pages: of what is in a registry, and of what is fixed: exit codes, reasons, severities.

mod words;

use super::args::Format;
use super::as_json;
use super::catalogue::{Topic, topics};
use super::failure::Failure;
use super::output::Shell;
use crate::model::exit::Exit;
use crate::model::verdict::Reason;
use crate::report::{json, terminal};
use crate::target::names::nearest;
use words::{id_of, pages};

/// Every reason, in the order in which they are explained.
const REASONS: [Reason; 9] = [
    Reason::Alone,
    Reason::OwnerControlFailed,
    Reason::NothingShown,
    Reason::OwnControlFailed,
    Reason::NoAnswer,
    Reason::Throttled,
    Reason::ServerError,
    Reason::RowGone,
    Reason::NotApplicable,
];

/// Prints the pages of that id, or of that word of the output: one id may name an oracle and a fault.
pub fn explain(id: &str, shell: &Shell) -> Result<Exit, Failure> {
    let all = topics();
    let id = id_of(id);
    let found: Vec<&Topic> = all
        .iter()
        .filter(|topic| topic.id.eq_ignore_ascii_case(&id))
        .collect();
    if found.is_empty() {
        return family(&id, &all, shell);
    }
    let mut pages = Vec::new();
    for topic in found {
        pages.push(match shell.format {
            Format::Human => terminal::page(
                &topic.id,
                topic.kind,
                &topic.title,
                &topic.body,
                shell.layout(),
            ),
            Format::Json => as_json(json::v1::page(
                topic.kind,
                &topic.id,
                &topic.title,
                &topic.body,
            ))?,
        });
    }
    shell.put(&pages.join("\n"))
}

/// A family's name lists its attacks; anything else is not known.
fn family(id: &str, all: &[Topic], shell: &Shell) -> Result<Exit, Failure> {
    let members: Vec<(&str, &str)> = all
        .iter()
        .filter(|topic| {
            topic
                .id
                .split_once('.')
                .is_some_and(|(family, _)| family == id)
        })
        .map(|topic| (topic.id.as_str(), topic.title.as_str()))
        .collect();
    if members.is_empty() {
        return Err(unknown(id, all));
    }
    let text = match shell.format {
        Format::Human => terminal::catalogue(&members, shell.layout()),
        Format::Json => as_json(json::v1::catalogue("attacks", &members))?,
    };
    shell.put(&text)
}

fn unknown(id: &str, all: &[Topic]) -> Failure {
    let nearest = nearest(id, all.iter().map(|topic| topic.id.as_str()));
    let help = nearest.map_or_else(
        || {
            "`partywall list attacks`, `list oracles`, `list faults`, `list quirks` and `list leaks` show the ids"
                .to_owned()
        },
        |nearest| format!("did you mean `{nearest}`?"),
    );
    Failure::hint(format!("nothing is called `{id}`"), help)
}

/// The pages that stand in no registry.
pub fn fixed() -> Vec<Topic> {
    let mut all = vec![
        Topic {
            kind: "page",
            id: "exit-codes".to_owned(),
            title: "What a pipeline may rely on.".to_owned(),
            body: exit_codes(),
        },
        Topic {
            kind: "page",
            id: "reasons".to_owned(),
            title: "Why a case shows nothing, and what to do about it.".to_owned(),
            body: reasons(),
        },
        Topic {
            kind: "page",
            id: "severities".to_owned(),
            title: "How much a finding matters; `fail_on` or `--fail-on` says from which on a run fails.".to_owned(),
            body: SEVERITIES.to_owned(),
        },
    ];
    all.extend(REASONS.into_iter().map(|reason| Topic {
        kind: "reason",
        id: reason_id(reason).to_owned(),
        title: format!("Inconclusive: {reason}."),
        body: advice(reason).to_owned(),
    }));
    all.extend(pages());
    all
}

fn exit_codes() -> String {
    let line = |exit: Exit| {
        format!(
            "  {:>3}  {:<15}  {}",
            exit.code(),
            exit.id(),
            exit.meaning()
        )
    };
    let lines: Vec<String> = Exit::ALL.into_iter().map(line).collect();
    format!("{}\n\n{EXIT_NOTES}", lines.join("\n"))
}

const EXIT_NOTES: &str = "\
A finding gates where it is confirmed and at or above `fail_on` (default `low`); `info` never gates. Suspected findings of \
that severity end with 3, and so does a run in which not one case showed anything, in which more cases are inconclusive \
than `max_inconclusive` allows, in which more routes never worked for their rightful tenants than `max_unreached` \
allows, or which was cut short without a budget.";

const SEVERITIES: &str = "\
  critical  rows of another tenant are changed, or anybody may read them
  high      rows of another tenant are read, or planted
  medium    a number, an existence, a promise broken
  low       little or nothing crosses by itself
  info      worth knowing; never gates";

fn reasons() -> String {
    let line = |reason| format!("  {:<22}  {reason}", reason_id(reason));
    let lines: Vec<String> = REASONS.into_iter().map(line).collect();
    format!("{}\n\n{REASON_NOTES}", lines.join("\n"))
}

const REASON_NOTES: &str = "\
Partywall says that a case held only where the owner's call and the attacker's own call worked in the same session and \
state, and the victim's row still stood afterwards. A refusal for any other cause shows nothing, and is counted here \
rather than as held. `partywall explain` knows each of these ids.";

/// Its id, as machine output spells it.
const fn reason_id(reason: Reason) -> &'static str {
    match reason {
        Reason::Alone => "alone",
        Reason::OwnerControlFailed => "owner-control-failed",
        Reason::NothingShown => "nothing-shown",
        Reason::OwnControlFailed => "own-control-failed",
        Reason::NoAnswer => "no-answer",
        Reason::Throttled => "throttled",
        Reason::ServerError => "server-error",
        Reason::RowGone => "row-gone",
        Reason::NotApplicable => "not-applicable",
    }
}

/// What it means, and what to do about it.
const fn advice(reason: Reason) -> &'static str {
    match reason {
        Reason::Alone => {
            "Members of one tenant alone got a success on this route, so there was no neighbour to reach for, or none who \
             could reach. The other tenants may lack a row that fits the route: `partywall discover` shows how many rows each \
             table has and what parameters are bound to; `seed.rows`, `seed.calls` and `routes.bind` change that."
        }
        Reason::OwnerControlFailed => {
            "The victim's own call on its own row did not work at that moment, though it did in the baseline. Usual \
             causes: the row was used up by an earlier case, or the route works once only for a row."
        }
        Reason::NothingShown => {
            "The victim's own call succeeded, but its answer held no value that could be traced to a row of the victim's, and \
             no such row changed: numbers alone, an empty list, an acknowledgement. What an attacker is answered cannot be \
             told from it. Counts and sums are judged by `noninterference` instead."
        }
        Reason::OwnControlFailed => {
            "The attacker made the same call with its own row in place of the victim's, and that was refused: so the \
             refusal of the foreign row may be for role, session or validation. Usual causes: the attacker's role may not \
             do this at all, or its own rows are in another state."
        }
        Reason::NoAnswer => {
            "The target refused the connection, broke it off, or did not answer in time (`limits.timeout`). Where \
             partywall started the target, it started it again and went on."
        }
        Reason::Throttled => {
            "The target answered 429, or refused many calls in a row. Say in `limits` how many requests and log-ins a \
             minute it stands, or switch its throttling off for the test."
        }
        Reason::ServerError => {
            "The target answered 500 or above: it neither served the attacker nor refused it, and no oracle saw anything cross. \
             Its log says what broke; where it refuses by 500, that is the reason to mend."
        }
        Reason::RowGone => {
            "The victim's row was gone or changed afterwards for a reason that is not the attack: a job, an expiry, or \
             another call of the same batch."
        }
        Reason::NotApplicable => {
            "The oracle judges something else: a read changes no rows, and a write that answers nothing shows no values."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_ids_are_those_of_machine_output() {
        for reason in REASONS {
            let serialized = serde_json::to_string(&reason).expect("JSON");
            assert_eq!(serialized.trim_matches('"'), reason_id(reason));
        }
    }

    #[test]
    fn words_and_sentences_of_the_output_have_pages() {
        let all = topics();
        let has_page = |said: &str| all.iter().any(|topic| topic.id == id_of(said));
        for said in [
            "Baseline",
            "baseline",
            "address",
            "Addressing",
            "Inconclusive",
            "inconclusive reasons",
            "Not shown",
            "confirmed",
            "suspected",
            "Held",
            "id.path",
            "leak",
        ] {
            assert!(has_page(said), "{said}");
        }
        for reason in REASONS {
            assert!(has_page(&reason.to_string()), "{reason}");
        }
        assert!(!has_page("nonsense"));
    }

    #[test]
    fn the_nearest_id_is_found_and_nonsense_has_none() {
        let known = ["id.path", "token.alg-none", "leak"];
        assert_eq!(nearest("id.pth", known.into_iter()), Some("id.path"));
        assert_eq!(nearest("qqqqqq", known.into_iter()), None);
    }

    #[test]
    fn no_page_is_empty_and_no_id_of_one_kind_comes_twice() {
        let all = topics();
        let mut seen = std::collections::HashSet::new();
        for topic in &all {
            assert!(
                !topic.title.is_empty() && !topic.body.is_empty(),
                "{}",
                topic.id
            );
            assert!(
                seen.insert((topic.kind, topic.id.clone())),
                "{} {}",
                topic.kind,
                topic.id
            );
        }
    }
}
