//! Features as a test of the application's own: one call in its repository.

use std::path::Path;

use super::play::{Passed, run};
use super::suite::{Options, SuiteError, check};
use crate::engine::trial::TrialError;
use crate::engine::{RunError, on_signals};
use crate::model::event::Silence;
use crate::settings::{Overrides, Settings};

/// Plays the features of a file, or of all files below a folder, on the application that a description describes, as
/// `partywall features` does. Scenarios are written to standard output while they are played. Blocks; not to be called within
/// a runtime of tokio's.
///
/// # Panics
///
/// Where a promise is not kept, where a step, a name or a route does not exist, and where the application cannot be tested
/// from the description: the message says which, and what to do.
pub fn assert_hold(description: impl AsRef<Path>, features: impl AsRef<Path>) {
    match played(description.as_ref(), features.as_ref()) {
        Ok(Passed { failed: 0, .. }) => {}
        Ok(Passed { failed, .. }) => {
            panic!("promises that are not kept, by steps that failed: {failed} (see above)")
        }
        Err(error) => panic!("{error}"),
    }
}

fn played(description: &Path, features: &Path) -> Result<Passed, SuiteError> {
    let options = Options::default();
    let suite = check(features, &options)?;
    let settings = Settings::load(description, Overrides::default()).map_err(RunError::from);
    let settings = settings.map_err(TrialError::from)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(RunError::Thread)
        .map_err(TrialError::from)?;
    runtime.block_on(async {
        let stop = on_signals().map_err(TrialError::from)?;
        let out = std::io::stdout();
        Box::pin(run(&suite, settings, &options, &Silence, stop, out)).await
    })
}
