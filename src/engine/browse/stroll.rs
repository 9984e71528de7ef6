//! Strolls: random sequences of what people do, over two tenants, devices and tabs; shrunk where something crosses.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use tokio::time::Instant;

use super::cast::cast;
use super::devices::Devices;
use super::findings::Seen;
use super::judged::{Ended, alike, judged, place};
use super::over;
use super::play::{Missing, play};
use crate::attack::{ATTACKS, Cast};
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::model::browsing::{Action, Script};
use crate::model::exchange::History;
use crate::model::verdict::Evidence;

/// How many strolls a run makes where the description does not say.
const STROLLS: usize = 6;

/// How many actions one has.
const ACTIONS: std::ops::RangeInclusive<usize> = 6..=14;

/// How the selection of attacks calls strolls: they are none of the registry, and wanted where all attacks of the family are.
const ID: &str = "browser.stroll";

/// What a stroll's variant is called.
const VARIANT: &str = "a sequence";

/// How many strolls this run makes: none where it is to play no sequences at all.
pub fn number(lab: &Lab<'_>) -> usize {
    let pages = lab.target.browser();
    let wanted = pages.and_then(|b| b.sequences).unwrap_or(STROLLS);
    let none = lab.settings.sequences() == Some(0) || !lab.settings.selects_attack(ID);
    if none { 0 } else { wanted }
}

/// Plays one; what crosses where nothing crossed before is made as short as it can be.
pub async fn stroll(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    number: usize,
    known: &[Seen],
    deadline: Option<Instant>,
) -> Result<Option<Seen>, RunError> {
    let Some(script) = cast(lab).map(|cast| drawn(&cast, lab.settings.seed, number)) else {
        return Ok(None);
    };
    let Some(first) = new(lab, devices, &script, known).await? else {
        return Ok(None);
    };
    let mut best = (script, first);
    let mut at = 0;
    while at < best.0.actions.len() && over(lab, deadline).is_none() {
        let mut shorter = best.0.clone();
        shorter.actions.remove(at);
        let again = new(lab, devices, &shorter, known).await?;
        match again.filter(|(e, h)| alike(e, &best.1.0) && place(h) == place(&best.1.1)) {
            Some(crossed) => best = (shorter, crossed),
            None => at += 1,
        }
    }
    let (script, (evidence, history)) = best;
    Ok(Some(Seen {
        rank: ATTACKS.len(),
        script,
        evidence,
        history,
    }))
}

/// What crosses in a script at a place where nothing did before.
async fn new(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    script: &Script,
    known: &[Seen],
) -> Result<Option<(Evidence, History)>, RunError> {
    let played = play(lab, devices, script, Missing::Skipped).await?;
    let attack = called(&script.actions);
    let Ended::Crossed(all) = judged(&lab.knowledge, attack, script, &played) else {
        return Ok(None);
    };
    let is_new = |(evidence, history): &&(Evidence, History)| {
        !known
            .iter()
            .any(|s| place(&s.history) == place(history) && s.evidence.oracle == evidence.oracle)
    };
    Ok(all.iter().find(is_new).cloned())
}

/// The attack that a sequence comes nearest to.
fn called(actions: &[Action]) -> &'static str {
    let has = |wanted: fn(&Action) -> bool| actions.iter().any(wanted);
    if has(|a| matches!(a, Action::Submit(_))) {
        "browser.stale-tab"
    } else if has(|a| *a == Action::Offline) {
        "browser.offline"
    } else if has(|a| *a == Action::LogOut) {
        "browser.next-person"
    } else if has(|a| matches!(a, Action::Device(1))) {
        "browser.second-device"
    } else {
        "browser.switch"
    }
}

/// The stroll of that number: the same for a seed in every run.
fn drawn(cast: &Cast<'_>, seed: u64, number: usize) -> Script {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(number as u64).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = vec(action(cast), ACTIONS).new_tree(&mut runner);
    let drawn = tree.map(|tree| tree.current()).unwrap_or_default();
    let at = cast.meeting_place();
    let begins = match &cast.several {
        Some(several) => Cast::log_in(several.at_home(), at),
        None => Cast::log_in(cast.first, at),
    };
    let mut actions = vec![begins, Action::Tour(None)];
    actions.extend(drawn);
    actions.push(Action::Tour(None));
    Script {
        variant: VARIANT.to_owned(),
        victim: cast.first.tenant.key.clone(),
        actions,
    }
}

fn action(cast: &Cast<'_>) -> impl Strategy<Value = Action> + use<> {
    let at = cast.meeting_place();
    let mut people = vec![Cast::log_in(cast.first, at), Cast::log_in(cast.second, at)];
    let mut switches = Vec::new();
    if let Some(several) = &cast.several {
        people.push(Cast::log_in(several.at_home(), at));
        switches.push(Action::Switch(several.here.key.clone()));
        switches.push(Action::Switch(several.there.key.clone()));
    }
    if switches.is_empty() {
        switches.push(Action::Reload);
    }
    let open = |page| Action::Open { page, tenant: None };
    let mut pages: Vec<Action> = (0..cast.pages.max(1)).map(open).collect();
    if cast.own_hosts {
        // The first page at each tenant's own address, too.
        let tenants = [cast.first.tenant, cast.second.tenant];
        pages.extend(tenants.map(|tenant| Action::Open {
            page: 0,
            tenant: Some(tenant.key.clone()),
        }));
    }
    let forms: Vec<Action> = (0..cast.writes)
        .flat_map(|form| [Action::Fill(form), Action::Submit(form)])
        .chain([Action::Draft])
        .collect();
    let moves = vec![Action::Back, Action::Forward, Action::Reload];
    let network = vec![Action::Offline, Action::Online];
    let places = vec![
        Action::Tab(0),
        Action::Tab(1),
        Action::Device(0),
        Action::Device(1),
    ];
    let of = proptest::sample::select::<Action>;
    prop_oneof![
        4 => of(pages),
        3 => of(switches),
        2 => of(people),
        2 => of(moves),
        2 => of(forms),
        1 => of(network),
        1 => of(places),
        1 => Just(Action::LogOut),
    ]
}
