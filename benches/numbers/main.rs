//! The numbers that partywall promises, each beside its target: `cargo bench --bench numbers`. What is given is measured in
//! this one run, on a machine that may be busy: several rounds, of which the middle counts, or the best where that is said.
//!
//! `-- --update FILE` also writes the table to a file; `-- --only WORD` measures what is called like that.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "it prints a table of times"
)]

mod asked;
mod bare;
mod canaries;
mod checked;
mod demo;
mod first_seen;
mod machine;
mod opened;
mod serve;
mod table;
mod time;
mod writes;

use std::path::PathBuf;

use table::Measure;

/// What ended it early.
pub type Failed = Box<dyn std::error::Error + Send + Sync>;

/// A name, and what measures it.
type Part = (&'static str, fn() -> Result<Vec<Measure>, Failed>);

/// Everything that is measured, in the order of the table. What others let go of would hide how much memory canaries take:
/// those come first.
const PARTS: &[Part] = &[
    ("canaries", canaries::measure),
    ("checked requests", checked::measure),
    ("writes", writes::measure),
    ("start", demo::start),
    ("sweep", demo::sweep),
    ("first seen", first_seen::measure),
];

/// What the command line says.
#[derive(Default)]
struct Wanted {
    file: Option<PathBuf>,
    only: Option<String>,
}

fn main() -> Result<(), Failed> {
    let mut wanted = Wanted::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            serve::SERVE => return serve::run(),
            "--update" => wanted.file = words.next().map(PathBuf::from),
            "--only" => wanted.only = words.next(),
            // Cargo says so to every bench.
            "--bench" => {}
            other => return Err(format!("what is `{other}`?").into()),
        }
    }
    let machine = machine::described();
    let mut measures = Vec::new();
    for (name, measure) in PARTS {
        if wanted
            .only
            .as_ref()
            .is_some_and(|only| !name.contains(only))
        {
            continue;
        }
        eprintln!("measuring {name}");
        measures.extend(measure().map_err(|error| format!("{name}: {error}"))?);
    }
    let text = table::text(&machine, &measures);
    println!("{text}");
    if let Some(file) = wanted.file {
        std::fs::write(&file, text).map_err(|e| format!("{}: {e}", file.display()))?;
    }
    Ok(())
}
