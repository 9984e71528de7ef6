//! The commands that need a world: run, replay, discover, token.

use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::io::Write;
use std::path::Path;

use tokio::runtime::Runtime;

use super::args::{Format, Global, Reports};
use super::catalogue::classify;
use super::failure::Failure;
use super::output::{Shell, say};
use super::{as_json, replays};
use crate::engine::{self, RunError};
use crate::model::exit::Exit;
use crate::model::replay::Replay;
use crate::model::tenant::ActorId;
use crate::model::verdict::Verdict;
use crate::report::{Gate, View, json, junit, markdown, terminal};
use crate::settings::Settings;

/// Tests the application that `description` describes.
pub fn run(
    global: &Global,
    description: &Path,
    reports: &Reports,
    shell: &Shell,
) -> Result<Exit, Failure> {
    let settings = Settings::load(description, global.overrides())?;
    let mut gate = Gate {
        fail_on: settings.fail_on,
        max_inconclusive: settings.max_inconclusive,
        max_unreached: settings.max_unreached,
        budgeted: settings.time_limit().is_some(),
        interrupted: false,
    };
    let listener = shell.listener();
    let (result, interrupted) = runtime()?.block_on(async {
        let token = engine::on_signals()?;
        let result = Box::pin(engine::run(settings, &*listener, token.clone())).await;
        Ok::<_, Failure>((result, token.is_cancelled()))
    })?;
    drop(listener);
    gate.interrupted = interrupted;
    let mut report = result?;
    let replays = replays::write(&report, description).unwrap_or_else(|error| {
        let said = format!(
            "no replay files, for {} cannot be written: {error}",
            replays::FOLDER
        );
        report.warnings.push(said);
        BTreeMap::new()
    });
    let outcome = gate.judge(&report);
    let view = View {
        report: &report,
        outcome: &outcome,
        classify: &classify,
        replays: &replays,
        description,
    };
    beside(&view, reports)?;
    show(&view, shell)
}

/// Tests an application without saying how it goes.
#[cfg(feature = "demo")]
pub fn quietly(settings: Settings) -> Result<crate::model::event::Report, Failure> {
    let (report, interrupted) = runtime()?.block_on(async {
        let token = engine::on_signals()?;
        let report = Box::pin(engine::run(
            settings,
            &crate::model::event::Silence,
            token.clone(),
        ))
        .await?;
        Ok::<_, Failure>((report, token.is_cancelled()))
    })?;
    if interrupted {
        return Err(Failure::interrupted());
    }
    Ok(report)
}

/// What is written beside the result.
fn beside(view: &View<'_>, reports: &Reports) -> Result<(), Failure> {
    let secrets = &view.report.secrets;
    if let Some(path) = &reports.junit {
        let text = junit::report(view)
            .map_err(|error| Failure::bug(format!("the result is no XML: {error}")))?;
        fs::write(path, secrets.scrub(text)).map_err(Failure::io(path))?;
    }
    if let Some(path) = &reports.summary {
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .append(true)
            .create(true)
            .open(path)
            .map_err(Failure::io(path))?;
        let text = secrets.scrub(markdown::summary(view));
        file.write_all(text.as_bytes()).map_err(Failure::io(path))?;
    }
    Ok(())
}

fn show(view: &View<'_>, shell: &Shell) -> Result<Exit, Failure> {
    let secrets = &view.report.secrets;
    let text = match shell.format {
        Format::Human => terminal::report(view, shell.layout()),
        Format::Json => as_json(json::v1::report(view))?,
    };
    shell.put(&secrets.scrub(text))?;
    if shell.to_file() && !shell.quiet {
        say(&secrets.scrub(terminal::summary(view, shell.aside())));
    }
    Ok(view.outcome.exit)
}

/// Repeats one finding.
pub fn replay(global: &Global, file: &Path, shell: &Shell) -> Result<Exit, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::io(file))?;
    let recorded = Replay::parse(&text).map_err(|error| {
        let help =
            "replay files are written by `partywall run` under .partywall/replays/".to_owned();
        Failure::hint(format!("{}: {error}", file.display()), help)
    })?;
    // The file knows which description it was found with; the command line may say otherwise.
    let description = global.config.clone().unwrap_or(recorded.description);
    let settings = Settings::load(&description, global.overrides())?;
    let listener = shell.listener();
    let replayed = until_stopped(Box::pin(engine::replay(settings, file, &*listener)))?;
    drop(listener);
    let text = match shell.format {
        Format::Human => terminal::replayed(&replayed, shell.layout()),
        Format::Json => as_json(json::v1::replayed(&replayed))?,
    };
    shell.put(&replayed.secrets.scrub(text))?;
    Ok(match replayed.verdict {
        Verdict::Violated(_) => Exit::Leak,
        Verdict::Held => Exit::Held,
        Verdict::Inconclusive(_) => Exit::Inconclusive,
    })
}

/// Shows what can be found out without attacking.
pub fn discover(global: &Global, shell: &Shell) -> Result<Exit, Failure> {
    let settings = Settings::load(&global.description(), global.overrides())?;
    let listener = shell.listener();
    let found = until_stopped(Box::pin(engine::discover(settings, &*listener)))?;
    drop(listener);
    let text = match shell.format {
        Format::Human => terminal::discovery(&found, shell.layout()),
        Format::Json => as_json(json::v1::discovery(&found))?,
    };
    shell.put(&found.secrets.scrub(text))
}

/// Prints an actor's credential: the one output that is a secret, because it was asked for.
pub fn token(
    global: &Global,
    actor: &str,
    header: Option<&str>,
    shell: &Shell,
) -> Result<Exit, Failure> {
    let settings = Settings::load(&global.description(), global.overrides())?;
    let listener = shell.listener();
    let id = ActorId::from(actor);
    let value = until_stopped(Box::pin(engine::token(settings, &id, header, &*listener)))?;
    drop(listener);
    shell.put(&format!("{value}\n"))
}

/// A runtime of one thread: what takes long is the target's work.
pub fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::io("asynchronous runtime"))
}

/// Runs to its end, or until Ctrl-C: what is dropped then cleans up behind itself.
pub fn until_stopped<T>(work: impl Future<Output = Result<T, RunError>>) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let token = engine::on_signals()?;
        tokio::select! {
            result = work => result.map_err(Failure::from),
            () = token.cancelled() => Err(Failure::interrupted()),
        }
    })
}
