//! Plays a suite on one trial, scenario by scenario, each on fresh state.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use cucumber::step::Context;
use cucumber::writer::{self, Basic, Coloring, Stats as _, Verbosity};
use cucumber::{Cucumber, WriterExt as _};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use regex::Regex;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::phrase::find;
use super::scene::{Scene, Shared};
use super::suite::{Options, Suite, SuiteError};
use crate::engine::trial::TrialError;
use crate::engine::{RunError, Trial};
use crate::model::event::Listener;
use crate::settings::Settings;

/// What came of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Steps that passed.
    pub steps: usize,
    /// Steps that failed, and hooks.
    pub failed: usize,
}

/// Brings up the world, plays a suite, and ends the world; what goes on is written to `out`. Settings and listener are kept as
/// long as the process lives.
pub async fn run(
    suite: &Suite,
    settings: Settings,
    options: &Options,
    listener: &'static dyn Listener,
    stop: CancellationToken,
    out: impl Write + 'static,
) -> Result<Passed, SuiteError> {
    let opening = Trial::open(settings, &suite.routes, listener, stop.clone());
    let trial = tokio::select! {
        trial = Box::pin(opening) => trial?,
        () = stop.cancelled() => return Err(TrialError::from(RunError::Stopped).into()),
    };
    let shared = Rc::new(Mutex::new(trial));
    let played = tokio::select! {
        played = play(suite, &shared, options, out) => played,
        () = stop.cancelled() => Err(TrialError::from(RunError::Stopped).into()),
    };
    let closed = match Rc::into_inner(shared) {
        Some(trial) => trial.into_inner().close().await,
        // A scenario holds it still: what is dropped cleans up behind itself.
        None => Ok(()),
    };
    let passed = played?;
    closed.map_err(TrialError::from)?;
    Ok(passed)
}

async fn play(
    suite: &Suite,
    shared: &Shared,
    options: &Options,
    out: impl Write + 'static,
) -> Result<Passed, SuiteError> {
    let every = Regex::new("").unwrap_or_else(|error| unreachable!("an empty expression: {error}"));
    let writer = Basic::raw(out, Coloring::Auto, Verbosity::Default)
        .summarized()
        .tee::<Scene, _>(writer::JUnit::for_tee(
            written(options.junit.as_deref())?,
            0,
        ))
        .tee::<Scene, _>(writer::Json::for_tee(written(options.json.as_deref())?))
        .normalized();
    let lent = Rc::clone(shared);
    let wanted = suite.clone();
    let played = Cucumber::<Scene, _, _, _, _>::new()
        .with_writer(writer)
        .with_default_cli()
        .max_concurrent_scenarios(1)
        .given(every.clone(), step)
        .when(every.clone(), step)
        .then(every, step)
        .before(move |_, _, _, scene| begin(scene, Rc::clone(&lent)).boxed_local())
        .fail_on_skipped()
        .filter_run(suite.path().to_owned(), move |feature, _, scenario| {
            wanted.fits(feature, scenario)
        })
        .await;
    let passed = Passed {
        steps: played.passed_steps(),
        failed: played.failed_steps() + played.hook_errors() + played.parsing_errors(),
    };
    Ok(passed)
}

/// Every scenario begins on fresh state.
async fn begin(scene: &mut Scene, shared: Shared) {
    let begun = shared.lock().await.begin().await;
    if let Err(error) = begun {
        panic!("{error}");
    }
    scene.trial = Some(shared);
}

/// A step: by the phrase that it is written by. That it fails is told by a panic, as the runner wants it.
fn step(scene: &mut Scene, context: Context) -> LocalBoxFuture<'_, ()> {
    async move {
        let done = match find(&context.step) {
            Ok((phrase, named)) => (phrase.act)(scene, &named).await,
            Err(why) => Err(why),
        };
        if let Err(why) = done {
            panic!("{why}");
        }
    }
    .boxed_local()
}

/// The file of a report; nowhere where none is wanted.
fn written(path: Option<&Path>) -> Result<Box<dyn Write>, SuiteError> {
    let Some(path) = path else {
        return Ok(Box::new(std::io::sink()));
    };
    let file = File::create(path).map_err(|error| SuiteError::File {
        path: PathBuf::from(path),
        what: error.to_string(),
    })?;
    Ok(Box::new(file))
}
