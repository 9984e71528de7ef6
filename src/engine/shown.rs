//! The requests of a history as they may be shown.

use super::lab::Lab;
use crate::model::exchange::{History, Purpose};
use crate::model::shown::Shown;

/// The requests that repeat a violation by hand: what the attack needs first, and the call that shows it, last.
pub fn requests(lab: &Lab<'_>, history: &History, shown_by: (Purpose, usize)) -> Vec<Shown> {
    let shows = history
        .exchanges
        .iter()
        .enumerate()
        .filter(|(_, (p, _))| *p == shown_by.0)
        .nth(shown_by.1)
        .map(|(i, _)| i);
    let needed = history
        .exchanges
        .iter()
        .enumerate()
        .filter(|(i, (purpose, _))| {
            matches!(purpose, Purpose::Setup | Purpose::Attack) || Some(*i) == shows
        });
    needed
        .filter_map(|(_, (_, exchange))| {
            let call = &exchange.call;
            let session = lab.known_session(call);
            let sent = lab.target.render(call, session.as_deref()).ok()?;
            let bare = lab.target.render(call, None).ok()?;
            Some(Shown::of(&call.actor, &sent, &bare, &call.tampering))
        })
        .collect()
}
