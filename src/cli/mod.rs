//! The command line: parses, dispatches, picks the exit code.

mod args;
mod catalogue;
#[cfg(feature = "demo")]
mod demo;
mod explain;
mod failure;
mod features;
mod output;
mod replays;
mod runs;
mod snapshots;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use self::args::{Args, Command};
use self::failure::Failure;
use self::output::Shell;
use crate::gherkin;
use crate::model::exit::Exit;
use crate::report::json;
use crate::target;

/// Parses the command line, does what it says, and ends with the exit code that says how that went.
pub fn main() -> ExitCode {
    let exit = match Args::try_parse() {
        Ok(args) => guarded(args),
        Err(error) => misused(&error),
    };
    ExitCode::from(exit.code())
}

/// A wrong command line ends with 1, for 2 means that data crossed; help and version are no errors.
fn misused(error: &clap::Error) -> Exit {
    let asked = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    // Where the terminal is gone, nobody is there to be told.
    let _unread = error.print();
    if asked { Exit::Held } else { Exit::Usage }
}

/// A panic is a bug of partywall's own, and ends with a code of its own.
fn guarded(args: Args) -> Exit {
    let shell = Shell::new(&args.global);
    match std::panic::catch_unwind(AssertUnwindSafe(|| dispatch(args, &shell))) {
        Ok(Ok(exit)) => exit,
        Ok(Err(failure)) => {
            shell.complain(&failure.report);
            failure.exit
        }
        Err(_) => {
            output::say("this is a bug of partywall's own: please report it with the lines above");
            Exit::Bug
        }
    }
}

fn dispatch(args: Args, shell: &Shell) -> Result<Exit, Failure> {
    let Args { global, command } = args;
    match command {
        #[cfg(feature = "demo")]
        Command::Demo(demo) => {
            let description = demo.describe(&std::env::current_dir().map_err(Failure::io("."))?)?;
            runs::run(&global, &description, &demo.reports, shell)
        }
        #[cfg(feature = "demo")]
        Command::KillTable(table) => table.run(&global, shell),
        Command::Run(reports) => runs::run(&global, &global.description(), &reports, shell),
        Command::Features {
            path,
            tags,
            junit,
            cucumber_json,
        } => {
            let options = gherkin::Options {
                tags,
                junit,
                json: cucumber_json,
            };
            features::play(&global, &path, &options, shell)
        }
        Command::Snapshot(kept) => snapshots::run(&global, &kept, shell),
        Command::Replay { file } => runs::replay(&global, &file, shell),
        Command::Discover => runs::discover(&global, shell),
        Command::Token { actor, header } => runs::token(&global, &actor, header.as_deref(), shell),
        Command::List { what } => catalogue::list(what, shell),
        Command::Explain { id } => explain::explain(&id, shell),
        Command::Schema => shell.put(&target::reference::schema()),
        Command::Reference => shell.put(&target::reference::markdown()),
        #[cfg(feature = "demo")]
        Command::Serve(serve) => serve.run(),
    }
}

/// JSON that cannot be written is a bug: all of it is made of our own structs.
fn as_json(text: Result<String, serde_json::Error>) -> Result<String, Failure> {
    text.map_err(|error| {
        Failure::bug(format!(
            "the result cannot be written as {}: {error}",
            json::v1::SCHEMA
        ))
    })
}
