//! Lanes: routes are swept side by side, each lane with a target of its own on a clone of its own.

mod lane;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;
use tokio::time::Instant;

use self::lane::Lane;
pub use self::lane::{Done, Plan};
use super::baseline::Baseline;
use super::error::RunError;
use super::lab::Lab;
use super::sweep::share;
use super::swept::Share;
use crate::model::event::Event;
use crate::model::route::{Route, RouteId};
use crate::settings::Settings;

/// A lane with fewer routes is not worth the start of a target.
const ROUTES: usize = 8;

/// How far all lanes together are.
#[derive(Debug)]
pub struct Progress {
    done: AtomicUsize,
    total: usize,
}

impl Progress {
    /// Another route is done.
    pub fn step(&self) -> Event {
        let done = 1 + self.done.fetch_add(1, Ordering::Relaxed);
        let total = self.total;
        Event::Progress { done, total }
    }
}

/// Sweeps routes in as many lanes as the description allows, this lab's own among them; what they saw is in the order of the
/// routes.
pub async fn sweep(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    routes: Vec<Route>,
    deadline: Option<Instant>,
) -> Result<Share, RunError> {
    let total = routes.len();
    let places: HashMap<RouteId, usize> = routes.iter().map(|r| r.id.clone()).zip(0..).collect();
    let done = AtomicUsize::new(0);
    let progress = Arc::new(Progress { done, total });
    lab.tell(&Event::Progress { done: 0, total });
    let (relay, mut told) = mpsc::unbounded_channel();
    let listener = lab.listener;
    let passing_on = async {
        while let Some(event) = told.recv().await {
            listener.on(&event);
        }
    };
    let sweeping = async {
        let lanes = open(lab, baseline, total, deadline, &progress, relay).await?;
        side_by_side(lab, baseline, lanes, routes, deadline, &progress).await
    };
    let (swept, ()) = tokio::join!(sweeping, passing_on);
    let mut swept = swept?;
    swept.sort_by(|route| places.get(route).copied());
    Ok(swept)
}

/// Sweeps this lab's share while the other lanes sweep theirs, and joins what all of them saw.
async fn side_by_side(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    mut lanes: Vec<Lane>,
    routes: Vec<Route>,
    deadline: Option<Instant>,
    progress: &Progress,
) -> Result<Share, RunError> {
    let mut shares = deal(routes, lanes.len() + 1).into_iter();
    let own = shares.next().unwrap_or_default();
    for (lane, share) in lanes.iter_mut().zip(shares) {
        lane.begin(share);
    }
    let mut swept = Box::pin(share(lab, baseline, &own, deadline, progress)).await;
    for lane in lanes {
        if swept.is_err() {
            lane.stop();
        }
        let theirs = lane.end().await;
        swept = swept.and_then(|own| Ok(own.joined(lab.taking_in(theirs?))));
    }
    swept
}

/// The routes in turn, so that neighbours, which are alike, fall to different lanes.
fn deal(routes: Vec<Route>, lanes: usize) -> Vec<Vec<Route>> {
    let mut shares = vec![Vec::new(); lanes];
    for (nth, route) in routes.into_iter().enumerate() {
        shares[nth % lanes].push(route);
    }
    shares
}

/// How many lanes there shall be: what the description allows, one a processor, none nearly idle.
fn wanted(settings: &Settings, routes: usize) -> usize {
    let allowed = settings.description.limits.workers.unwrap_or(1);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    allowed.min(processors).min(routes / ROUTES).max(1)
}

/// Opens the other lanes, as many as open; why one does not is said.
async fn open(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    routes: usize,
    deadline: Option<Instant>,
    progress: &Arc<Progress>,
    relay: mpsc::UnboundedSender<Event>,
) -> Result<Vec<Lane>, RunError> {
    let mut opening = Vec::new();
    for _ in 1..wanted(lab.settings, routes) {
        let aside = match lab.aside() {
            Ok(aside) => aside,
            Err(why) => {
                weaker(lab, why);
                break;
            }
        };
        opening.push(Lane::open(Plan {
            aside,
            settings: lab.settings.clone(),
            baseline: baseline.clone(),
            stop: lab.stop.child_token(),
            deadline,
            progress: Arc::clone(progress),
            relay: relay.clone(),
        })?);
    }
    let mut lanes = Vec::new();
    for mut lane in opening {
        if lane.is_open().await {
            lanes.push(lane);
        } else if let Err(error) = lane.end().await
            && !lab.stop.is_cancelled()
        {
            weaker(lab, &error.masked(&lab.known_secrets()).to_string());
            // What it tried to do in a database of its own it may have done in this one.
            let done_here = lab.settle().await?;
            lab.undo(&done_here).await?;
        }
    }
    Ok(lanes)
}

fn weaker(lab: &mut Lab<'_>, why: &str) {
    let said =
        format!("fewer targets than limits.workers allows were attacked side by side: {why}");
    lab.tell(&Event::Warning(said.clone()));
    lab.world.add_notes(vec![said]);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn routes(number: usize) -> Vec<Route> {
        let route = |nth| Route::new("GET", &format!("/{nth}"));
        (0..number).map(route).collect()
    }

    #[test]
    fn every_route_falls_to_one_lane_and_neighbours_to_different_ones() {
        let shares = deal(routes(7), 3);
        let ids = |share: &Vec<Route>| share.iter().map(|r| r.id.clone()).collect::<Vec<RouteId>>();
        let all: BTreeSet<RouteId> = shares.iter().flat_map(ids).collect();
        assert_eq!(all.len(), 7);
        assert_eq!(shares.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2, 2]);
        assert_eq!(ids(&shares[1])[0], routes(2)[1].id);
    }
}
