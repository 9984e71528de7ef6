//! `partywall kill-table`: the reference application with each fault alone, and with each quirk, and who found it out.

mod judged;
mod plant;

use std::fs;
use std::path::{Path, PathBuf};

use self::plant::Plant;
use super::known;
use crate::attack::ATTACKS;
use crate::cli::args::{Format, Global};
use crate::cli::failure::Failure;
use crate::cli::output::{Shell, say};
use crate::cli::{as_json, runs};
use crate::model::exit::Exit;
use crate::model::kill_table::{Row, needless};
use crate::oracle::ORACLES;
use crate::report::{json, terminal};
use crate::settings::{Overrides, Settings};

/// What to plant, and what to compare with.
#[derive(Debug, clap::Args)]
pub struct KillTable {
    /// Faults and quirks to plant, each alone, by name; `nothing`, `all-quirks`; everything otherwise
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// On every route, not only on those where each shows
    #[arg(long)]
    full: bool,
    /// A table kept as JSON: what is found by another attack or oracle than there fails, too
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// A table kept as JSON: its rows of what is planted now are replaced, the others stay
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    update: Option<PathBuf>,
}

impl KillTable {
    /// Makes the table; ends with 3 where a row is not as it must be.
    pub fn run(&self, global: &Global, shell: &Shell) -> Result<Exit, Failure> {
        let kept = self.against.as_deref().map(read).transpose()?;
        let before = self.update.as_deref().map(read).transpose()?;
        let mut rows = Vec::new();
        for planted in self.planted()? {
            if !shell.quiet {
                say(&format!("planting {}", planted.name()));
            }
            rows.push(self.row(&planted, global, kept.as_deref())?);
        }
        let text = match shell.format {
            Format::Human => terminal::kill_table(&rows, shell.layout()),
            Format::Json => as_json(json::v1::kill_table(&rows))?,
        };
        shell.put(&text)?;
        if let (Some(file), Some(before)) = (&self.update, before) {
            let text = as_json(json::v1::kill_table(&updated(before, &rows)))?;
            fs::write(file, text).map_err(Failure::io(file))?;
        }
        if self.names.is_empty() && !shell.quiet {
            say(&needed(&rows));
        }
        Ok(if rows.iter().any(|row| row.problem.is_some()) {
            Exit::Inconclusive
        } else {
            Exit::Held
        })
    }

    fn planted(&self) -> Result<Vec<Plant>, Failure> {
        let all = Plant::all();
        known(&self.names, "fault", &all.iter().map(Plant::name))?;
        let wanted = |plant: &Plant| {
            let mut names = self.names.iter();
            self.names.is_empty() || names.any(|name| name == plant.name())
        };
        Ok(all.into_iter().filter(wanted).collect())
    }

    fn row(&self, plant: &Plant, global: &Global, kept: Option<&[Row]>) -> Result<Row, Failure> {
        let folder = tempfile::tempdir().map_err(Failure::io("temporary folder"))?;
        let file = folder.path().join(plant.demo().write(folder.path())?);
        let routes = if self.full { &[] } else { plant.routes() };
        let overrides = Overrides {
            only: routes.iter().map(ToString::to_string).collect(),
            budget: global.budget.or_else(|| Some(plant.budget())),
            ..global.overrides()
        };
        let mut settings = Settings::load(&file, overrides)?;
        plant.describe(&mut settings.description);
        let report = runs::quietly(settings)?;
        let mut row = judged::row(plant, &report);
        let before = kept.map(|rows| rows.iter().find(|kept| kept.name == row.name));
        let differs = match before {
            None => None,
            Some(Some(before)) => row.differs_from(before.found.as_ref()),
            Some(None) => Some("the table that was kept has no such row".to_owned()),
        };
        row.problem = row.problem.or(differs);
        Ok(row)
    }
}

/// Which attacks and oracles could go without a fault being missed.
fn needed(rows: &[Row]) -> String {
    let attacks = needless(rows, ATTACKS.iter().map(|a| a.id()), |by| &by.attacks);
    let oracles = needless(rows, ORACLES.iter().map(|o| o.id()), |by| &by.oracles);
    let told = |kind: &str, ids: &[&str]| match ids {
        [] => format!("every {kind} is needed: without it, some fault is missed"),
        ids => format!(
            "no fault is found by one of these {kind}s alone: {}",
            ids.join(", ")
        ),
    };
    format!("{}\n{}", told("attack", &attacks), told("oracle", &oracles))
}

/// The rows of a table with these in the place of those of the same names, in the usual order; what is planted no more goes.
fn updated(mut before: Vec<Row>, made: &[Row]) -> Vec<Row> {
    before.retain(|kept| made.iter().all(|row| row.name != kept.name));
    before.extend_from_slice(made);
    let order: Vec<&str> = Plant::all().iter().map(Plant::name).collect();
    let place = |row: &Row| order.iter().position(|name| *name == row.name);
    before.retain(|row| place(row).is_some());
    before.sort_by_key(place);
    before
}

fn read(file: &Path) -> Result<Vec<Row>, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::io(file))?;
    json::v1::read_kill_table(&text).map_err(|error| {
        let help = "it is written by `partywall kill-table --format json`".to_owned();
        Failure::hint(format!("{}: {error}", file.display()), help)
    })
}

#[cfg(test)]
mod tests {
    use reference_app::faults::FAULTS;

    use super::plant::NOTHING;
    use super::*;
    use crate::model::kill_table::{Noticed, Planted};

    fn row(name: &str, calls: usize) -> Row {
        Row {
            planted: Planted::Fault,
            name: name.to_owned(),
            class: String::new(),
            leak: None,
            expected: None,
            found: None,
            also: Vec::new(),
            by: Noticed::default(),
            first_seen: None,
            findings: 0,
            calls,
            problem: None,
        }
    }

    #[test]
    fn an_update_replaces_adds_and_drops_rows_and_keeps_the_order() {
        let (first, second) = (FAULTS[0].name, FAULTS[1].name);
        let before = vec![row(NOTHING, 1), row("no-such-fault", 1), row(second, 1)];
        let after = updated(before, &[row(second, 2), row(first, 2)]);
        let told: Vec<(&str, usize)> = after.iter().map(|r| (&*r.name, r.calls)).collect();
        assert_eq!(told, [(first, 2), (second, 2), (NOTHING, 1)]);
    }
}
