//! Lanes: routes are swept side by side, each lane with a target of its own on a clone of its own, in a thread of its own.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::baseline::Baseline;
use super::crowd::own_call;
use super::error::{RunError, ended};
use super::lab::{Aside, Flights, Lab};
use super::sweep::{Share, share};
use crate::model::event::{Event, Listener};
use crate::model::observed::Observed;
use crate::model::route::Route;
use crate::model::secret::Secrets;
use crate::model::tenant::ActorId;
use crate::settings::Settings;

/// A lane with fewer routes is not worth the start of a target.
const ROUTES: usize = 8;

/// How many writes are tried until one shows in the lane's own database.
const WRITES: usize = 5;

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
    let progress = Arc::new(Progress {
        done: AtomicUsize::new(0),
        total,
    });
    lab.tell(&Event::Progress { done: 0, total });
    let (relay, mut heard) = mpsc::unbounded_channel();
    let listener = lab.listener;
    let forward = async {
        while let Some(event) = heard.recv().await {
            listener.on(&event);
        }
    };
    let order: HashMap<_, _> = (routes.iter().map(|r| r.id.clone())).zip(0..).collect();
    let all = async {
        let lanes = open(lab, baseline, total, deadline, &progress, relay).await?;
        let mut hands = deal(routes, lanes.len() + 1).into_iter();
        let own = hands.next().unwrap_or_default();
        let lanes: Vec<Begun> = lanes.into_iter().zip(hands).map(begin).collect();
        let mut swept = Box::pin(share(lab, baseline, &own, deadline, &progress)).await;
        for lane in lanes {
            if swept.is_err() {
                lane.stop.cancel();
            }
            let theirs = lane.end().await;
            swept = swept.and_then(|own| Ok(own.joined(lab.taking_in(theirs?))));
        }
        swept
    };
    let (swept, ()) = tokio::join!(all, forward);
    let mut swept = swept?;
    swept.sort_by(|route| order.get(route).copied());
    Ok(swept)
}

/// The routes in turn, so that neighbours, which are alike, fall to different lanes.
fn deal(routes: Vec<Route>, lanes: usize) -> Vec<Vec<Route>> {
    let mut hands = vec![Vec::new(); lanes];
    for (nth, route) in routes.into_iter().enumerate() {
        hands[nth % lanes].push(route);
    }
    hands
}

/// How many lanes there shall be: what the description allows, one a processor, none nearly idle.
fn wanted(settings: &Settings, routes: usize) -> usize {
    let allowed = settings.description.limits.workers.unwrap_or(1);
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    allowed.min(processors).min(routes / ROUTES).max(1)
}

/// What came of a lane.
pub struct Done {
    /// What it saw.
    pub share: Share,
    /// What its lab learnt on the way.
    pub learnt: Learnt,
}

/// What a lane's lab learnt that outlives it.
pub struct Learnt {
    /// Calls made.
    pub calls: usize,
    /// Actors who could not log in, and why.
    pub locked_out: HashMap<ActorId, String>,
    /// Tables that the description names and that have not been seen yet.
    pub awaited: BTreeSet<String>,
    /// What answers showed that stands in no row.
    pub observed: Observed,
    /// Whose calls go one at a time.
    pub flights: Flights,
    /// What must not be printed.
    pub credentials: Secrets,
    /// What weakens the result.
    pub notes: Vec<String>,
}

/// A lane that waits for its routes.
struct Ready {
    routes: oneshot::Sender<Vec<Route>>,
    lane: Begun,
}

/// A lane at work. Dropping it stops it, and waits until nothing of it is left.
struct Begun {
    stop: CancellationToken,
    thread: Option<JoinHandle<Result<Done, RunError>>>,
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // What it came to is nobody's interest any more.
            let _ended = thread.join();
        }
    }
}

impl Begun {
    /// Waits for its end.
    async fn end(mut self) -> Result<Done, RunError> {
        let Some(thread) = self.thread.take() else {
            return Err(RunError::Stopped);
        };
        let joined = tokio::task::spawn_blocking(move || thread.join()).await;
        match joined {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => Err(RunError::Stopped),
        }
    }
}

fn begin((ready, routes): (Ready, Vec<Route>)) -> Begun {
    // A lane that has ended meanwhile tells why when it is waited for.
    let _gone = ready.routes.send(routes);
    ready.lane
}

/// Opens the other lanes, as many as come up; why one does not is said.
async fn open(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    routes: usize,
    deadline: Option<Instant>,
    progress: &Arc<Progress>,
    relay: mpsc::UnboundedSender<Event>,
) -> Result<Vec<Ready>, RunError> {
    let mut opening = Vec::new();
    for nth in 1..wanted(lab.settings, routes) {
        let aside = match lab.aside() {
            Ok(aside) => aside,
            Err(why) => {
                weaker(lab, why);
                break;
            }
        };
        let stop = lab.stop.child_token();
        let (up, is_up) = oneshot::channel();
        let (hand, routes) = oneshot::channel();
        let lane = Lane {
            aside,
            settings: lab.settings.clone(),
            baseline: baseline.clone(),
            stop: stop.clone(),
            deadline,
            progress: Arc::clone(progress),
            relay: Relay(relay.clone()),
        };
        let thread = std::thread::Builder::new()
            .name(format!("lane {}", nth + 1))
            .spawn(move || lane.run(up, routes))
            .map_err(RunError::Thread)?;
        let thread = Some(thread);
        let lane = Begun { stop, thread };
        opening.push((is_up, Ready { routes: hand, lane }));
    }
    let mut ready = Vec::new();
    for (is_up, lane) in opening {
        if is_up.await.is_ok() {
            ready.push(lane);
        } else if let Err(error) = lane.lane.end().await {
            weaker(lab, &error.masked(&lab.known_secrets()).to_string());
            // What it tried to do in a database of its own it may have done in this one.
            let done_here = lab.settle().await?;
            lab.undo(&done_here).await?;
        }
    }
    Ok(ready)
}

fn weaker(lab: &mut Lab<'_>, why: &str) {
    let said =
        format!("fewer targets than limits.workers allows were attacked side by side: {why}");
    lab.tell(&Event::Warning(said.clone()));
    lab.world.add_notes(vec![said]);
}

/// What a lane's thread works with.
struct Lane {
    aside: Aside,
    settings: Settings,
    baseline: Baseline,
    stop: CancellationToken,
    deadline: Option<Instant>,
    progress: Arc<Progress>,
    relay: Relay,
}

impl Lane {
    fn run(
        self,
        up: oneshot::Sender<()>,
        routes: oneshot::Receiver<Vec<Route>>,
    ) -> Result<Done, RunError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(RunError::Thread)?;
        runtime.block_on(async {
            let opening = self.aside.open(&self.settings, &self.relay, self.stop);
            let mut lab = Box::pin(opening).await?;
            let done = async {
                works_here(&mut lab, &self.baseline).await?;
                // Nobody waits for it any more where a channel is closed.
                let routes = match up.send(()) {
                    Ok(()) => routes.await.unwrap_or_default(),
                    Err(()) => Vec::new(),
                };
                share(
                    &mut lab,
                    &self.baseline,
                    &routes,
                    self.deadline,
                    &self.progress,
                )
                .await
            };
            let done = Box::pin(done).await;
            let learnt = lab.learnt();
            let share = ended(done, lab.world.close().await, &self.relay)?;
            Ok(Done { share, learnt })
        })
    }
}

/// A target that found its database by other means than what it was given works on that of the first lane: a log-in, or a
/// write, must show in this lane's own.
async fn works_here(lab: &mut Lab<'_>, baseline: &Baseline) -> Result<(), RunError> {
    lab.learn_facts().await?;
    let writes = baseline.working.iter().filter_map(|(id, working)| {
        let route = lab.route(id).filter(|r| !r.is_safe())?;
        let actor = working.actors.iter().find_map(|a| lab.actor(a))?;
        own_call(lab, baseline, route, actor).filter(|_| !working.writes.is_empty())
    });
    for call in writes.take(WRITES).collect::<Vec<_>>() {
        if lab.witnessed {
            break;
        }
        let made = lab.perform_own(&call).await?;
        lab.undo(&made.changes).await?;
    }
    if lab.witnessed {
        return Ok(());
    }
    Err(RunError::Pair(
        "nothing that a second target did showed in the database that it was given".to_owned(),
    ))
}

/// Hands events on to the thread of the run.
struct Relay(mpsc::UnboundedSender<Event>);

impl Listener for Relay {
    fn on(&self, event: &Event) {
        // Where nobody listens any more, nothing is lost.
        let _unheard = self.0.send(event.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::route::RouteId;

    fn routes(number: usize) -> Vec<Route> {
        let route = |nth| Route::new("GET", &format!("/{nth}"));
        (0..number).map(route).collect()
    }

    #[test]
    fn every_route_falls_to_one_lane_and_neighbours_to_different_ones() {
        let hands = deal(routes(7), 3);
        let ids = |hand: &Vec<Route>| hand.iter().map(|r| r.id.clone()).collect::<Vec<RouteId>>();
        let all: BTreeSet<RouteId> = hands.iter().flat_map(ids).collect();
        assert_eq!(all.len(), 7);
        assert_eq!(hands.iter().map(Vec::len).collect::<Vec<_>>(), [3, 2, 2]);
        assert_eq!(ids(&hands[1])[0], routes(2)[1].id);
    }
}
