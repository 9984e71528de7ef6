//! The command `features`: promises in plain language about the application that the description describes.

use std::path::Path;

use super::args::Global;
use super::failure::Failure;
use super::output::Shell;
use super::runs;
use crate::engine::on_signals;
use crate::engine::trial::TrialError;
use crate::gherkin::{self, Options, SuiteError};
use crate::model::exit::Exit;
use crate::settings::Settings;

/// Plays them; a step that fails is a promise that is not kept.
pub fn play(
    global: &Global,
    path: &Path,
    options: &Options,
    shell: &Shell,
) -> Result<Exit, Failure> {
    let suite = gherkin::check(path, options)?;
    let settings = Settings::load(&global.description(), global.overrides())?;
    // The runner keeps what it is given for as long as the process lives.
    let listener = Box::leak(shell.listener());
    let played = runs::runtime()?.block_on(async {
        let token = on_signals()?;
        let played = gherkin::run(
            &suite,
            settings,
            options,
            listener,
            token,
            std::io::stdout(),
        );
        Ok::<_, Failure>(Box::pin(played).await?)
    })?;
    Ok(if played.failed == 0 {
        Exit::Held
    } else {
        Exit::Leak
    })
}

impl From<SuiteError> for Failure {
    fn from(error: SuiteError) -> Self {
        match error {
            SuiteError::Trial(TrialError::Run(error)) => error.into(),
            SuiteError::Trial(unknown) => {
                Self::hint(unknown, "`partywall discover` shows what there is")
            }
            other => Self::hint(other, "`partywall list phrases` shows what a step may say"),
        }
    }
}
