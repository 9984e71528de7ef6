//! One lane beside that of the run: a thread with a runtime, a lab and a target of its own.

use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Progress;
use crate::engine::baseline::Baseline;
use crate::engine::crowd::own_call;
use crate::engine::error::{RunError, ended};
use crate::engine::lab::{Aside, Lab, Learnt};
use crate::engine::run::unless_stopped;
use crate::engine::sweep::share;
use crate::engine::swept::Share;
use crate::model::event::{Event, Listener};
use crate::model::route::Route;
use crate::settings::Settings;

/// How many writes are tried until one shows in the lane's own database.
const WRITES: usize = 5;

/// What came of a lane.
pub struct Done {
    /// What it saw.
    pub share: Share,
    /// What its lab learnt on the way.
    pub learnt: Learnt,
}

/// What a lane works with.
pub struct Plan {
    /// What its lab is made from.
    pub aside: Aside,
    /// The settings of the run.
    pub settings: Settings,
    /// What the baseline learnt.
    pub baseline: Baseline,
    /// Set when it is to end.
    pub stop: CancellationToken,
    /// When no further case is tried.
    pub deadline: Option<Instant>,
    /// How far all lanes are.
    pub progress: Arc<Progress>,
    /// Where it tells what happens.
    pub relay: mpsc::UnboundedSender<Event>,
}

/// A lane: it opens at once, and works as soon as it has routes. Dropping it stops it, and waits until nothing of it is left.
pub struct Lane {
    stop: CancellationToken,
    is_open: oneshot::Receiver<()>,
    routes: Option<oneshot::Sender<Vec<Route>>>,
    thread: Option<JoinHandle<Result<Done, RunError>>>,
}

impl Lane {
    /// Begins to open one.
    pub fn open(plan: Plan) -> Result<Self, RunError> {
        let stop = plan.stop.clone();
        let (opened, is_open) = oneshot::channel();
        let (routes, wanted) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("lane".to_owned())
            .spawn(move || plan.run(opened, wanted))
            .map_err(RunError::Thread)?;
        Ok(Self {
            stop,
            is_open,
            routes: Some(routes),
            thread: Some(thread),
        })
    }

    /// Waits until it is open; `false` where it ended instead.
    pub async fn is_open(&mut self) -> bool {
        (&mut self.is_open).await.is_ok()
    }

    /// Lets it sweep these routes.
    pub fn begin(&mut self, share: Vec<Route>) {
        if let Some(routes) = self.routes.take() {
            // Where it has ended meanwhile, it tells why when that is waited for.
            let _ended = routes.send(share);
        }
    }

    /// Tells it to end soon.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits for its end.
    pub async fn end(mut self) -> Result<Done, RunError> {
        let Some(thread) = self.thread.take() else {
            return Err(RunError::Stopped);
        };
        match tokio::task::spawn_blocking(move || thread.join()).await {
            Ok(Ok(done)) => done,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => Err(RunError::Stopped),
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.stop.cancel();
        self.routes.take();
        if let Some(thread) = self.thread.take() {
            // Nobody wants to know any more what came of it.
            let _done = thread.join();
        }
    }
}

impl Plan {
    fn run(
        self,
        opened: oneshot::Sender<()>,
        routes: oneshot::Receiver<Vec<Route>>,
    ) -> Result<Done, RunError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(RunError::Thread)?;
        let (baseline, relay) = (self.baseline, Relay(self.relay));
        runtime.block_on(async {
            let opening = self.aside.open(&self.settings, &relay, self.stop.clone());
            let mut lab = unless_stopped(&self.stop, Box::pin(opening)).await?;
            let work = async {
                works_here(&mut lab, &baseline).await?;
                // Nobody waits for it any more where a channel is closed.
                let routes = match opened.send(()) {
                    Ok(()) => routes.await.unwrap_or_default(),
                    Err(()) => Vec::new(),
                };
                share(&mut lab, &baseline, &routes, self.deadline, &self.progress).await
            };
            let share = Box::pin(work).await;
            let learnt = lab.learnt();
            let share = ended(share, lab.world.close().await, &relay)?;
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
