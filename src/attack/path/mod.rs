//! Family `path`: the same route under other spellings of its path, and by other verbs: ways around what is bound to paths
//! by a pattern.
//!
//! What stands behind such a pattern is not known: a check of the session, of the address, or of the row. So each spelling is
//! tried with the victim's row at the own address, with the own credentials at the victim's address, and by nobody.

pub(super) mod case;
pub(super) mod dots;
pub(super) mod encoded;
pub(super) mod slash;
pub(super) mod suffix;
pub(super) mod verb;

use super::craft::{request_target, without_credentials};
use super::{Attempt, Ground};
use crate::model::call::Call;

/// Another way to write a request target (path and query); `None` where it would not change.
type Respell = fn(&str) -> Option<String>;

/// What may stand behind the pattern, each with its control: the victim's row, the victim's address, the session.
fn guarded(ground: &Ground<'_>) -> Vec<(Attempt, Call)> {
    let own = ground.own_call.clone();
    let mut all = Vec::new();
    if let Some(foreign) = ground.foreign().filter(|_| !ground.path_ids().is_empty()) {
        all.push((foreign.unasked(), own.clone()));
    }
    if ground.is_addressed() && ground.has_credentials() {
        all.push((ground.as_victim().named(", victim's address"), own.clone()));
    }
    if ground.has_credentials() {
        let nobody = ground.as_victim().each(without_credentials);
        all.push((nobody.named(", no credentials"), own));
    }
    all
}

/// The attempts of these spellings, likeliest first: that one in every way, the others with credentials alone, and where the
/// route changes data with the first of them.
fn respelt(ground: &Ground<'_>, spellings: &[(&str, Respell)]) -> Vec<Attempt> {
    let mut all = Vec::new();
    for (index, (variant, spell)) in spellings.iter().enumerate() {
        let mut guarded = guarded(ground);
        if index > 0 {
            guarded.retain(|(attempt, _)| !attempt.call.tampering.without_credentials);
            guarded.truncate(ground.afford(2));
        }
        for (attempt, own) in guarded {
            all.extend(written(ground, attempt.titled(variant), &own, spell));
        }
    }
    all
}

/// The attempt with its request target written otherwise, and its control alike; `None` where that changes nothing.
fn written(
    ground: &Ground<'_>,
    attempt: Attempt,
    own: &Call,
    spell: impl Fn(&str) -> Option<String>,
) -> Option<Attempt> {
    let respell = |call: &Call| {
        let target = spell(&request_target(ground, call)?)?;
        let mut call = call.clone();
        call.tampering.target = Some(target);
        Some(call)
    };
    let call = respell(&attempt.call)?;
    let attempt = attempt.controlled(respell(own)?);
    Some(Attempt { call, ..attempt })
}

/// The path with one of its parts changed: path, then what follows it (`?…`).
fn in_path(target: &str, change: impl Fn(&str) -> Option<String>) -> Option<String> {
    let end = target.find('?').unwrap_or(target.len());
    let (path, query) = target.split_at(end);
    let changed = change(path)?;
    (changed != path).then(|| changed + query)
}

/// The first segment of a path and what follows it, where there are two.
fn split_first(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix('/')?
        .split_once('/')
        .filter(|(first, rest)| !first.is_empty() && !rest.is_empty())
}
