//! `partywall kill-table`: the reference application with each fault alone, and with each quirk, and who found it out.

use std::fs;
use std::path::{Path, PathBuf};

use reference_app::faults::{FAULTS, FaultEntry, Setup, shortest_history};
use reference_app::quirks::{QUIRKS, QuirkEntry};

use super::{Demo, known};
use crate::attack::ATTACKS;
use crate::cli::args::{Format, Global};
use crate::cli::failure::Failure;
use crate::cli::output::{Shell, say};
use crate::cli::{as_json, runs};
use crate::model::event::Report;
use crate::model::exchange::Purpose;
use crate::model::exit::Exit;
use crate::model::finding::{Confidence, Finding};
use crate::model::kill_table::{Catch, Noticed, Planted, Row, needless};
use crate::oracle::ORACLES;
use crate::report::{json, terminal};
use crate::settings::{Budget, Overrides, Settings};
use crate::target::description::Description;

/// Stands for no fault and no quirk.
const NOTHING: &str = "nothing";

/// Stands for all quirks together.
const ALL_QUIRKS: &str = "all-quirks";

/// Routes on which a fault of what stands before all handlers is tried, and quirks, which slow an application down.
const SAMPLE: &[&str] = &[
    "GET /api/admin/services",
    "GET /api/admin/services/{id}",
    "PATCH /api/admin/services/{id}",
    "GET /api/admin/bookings",
    "POST /api/admin/tasks",
    "GET /api/admin/stats/counts",
    "GET /api/portal/services",
];

/// Routes on which nothing may be found where nothing is planted: reads, writes, nested and bulk ones of several resources.
const CLEAN: &[&str] = &[
    "* /api/admin/services*",
    "* /api/admin/tasks*",
    "* /api/portal/bookings*",
    "GET /api/admin/invoices*",
    "GET /api/admin/stats/*",
    "GET /api/tenants",
    "POST /api/auth/login",
];

/// How many sequences a fault that only a history shows is to be found by, on its own routes.
const HISTORIES: usize = 400;

/// How many sequences may find nothing where nothing is planted.
const CLEAN_SEQUENCES: usize = 100;

/// A key pair for the fault that needs one. It signs nothing outside tests.
const KEYS: [(&str, &str); 2] = [
    (
        "JWT_PRIVATE_KEY",
        include_str!("../../../reference-app/tests/support/keys/private.pem"),
    ),
    (
        "JWT_PUBLIC_KEY",
        include_str!("../../../reference-app/tests/support/keys/public.pem"),
    ),
];

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
        let mut row = plant.judge(&report);
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

/// What is planted for one row.
enum Plant {
    Fault(&'static FaultEntry),
    Quirk(&'static QuirkEntry),
    AllQuirks,
    Nothing,
}

impl Plant {
    /// Every row, in order.
    fn all() -> Vec<Self> {
        let faults = FAULTS.iter().map(Self::Fault);
        let quirks = QUIRKS.iter().map(Self::Quirk);
        let rest = [Self::AllQuirks, Self::Nothing];
        faults.chain(quirks).chain(rest).collect()
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Fault(entry) => entry.name,
            Self::Quirk(entry) => entry.name,
            Self::AllQuirks => ALL_QUIRKS,
            Self::Nothing => NOTHING,
        }
    }

    /// A fault that one call shows is the sweep's to find; one that only a history shows, explore's.
    fn budget(&self) -> Budget {
        Budget::Sequences(match self {
            Self::Fault(entry) if shortest_history(entry.fault).is_some() => HISTORIES,
            Self::Fault(_) => 0,
            Self::Quirk(_) | Self::AllQuirks | Self::Nothing => CLEAN_SEQUENCES,
        })
    }

    fn demo(&self) -> Demo {
        let name = |name: &str| vec![name.to_owned()];
        let (fault, quirk) = match self {
            Self::Fault(entry) => (name(entry.name), Vec::new()),
            Self::Quirk(entry) => (Vec::new(), name(entry.name)),
            Self::AllQuirks => (Vec::new(), name("all")),
            Self::Nothing => (Vec::new(), Vec::new()),
        };
        Demo { fault, quirk }
    }

    fn routes(&self) -> &'static [&'static str] {
        let routes = match self {
            Self::Fault(entry) => entry.routes,
            Self::Quirk(entry) => entry.routes,
            Self::AllQuirks => SAMPLE,
            Self::Nothing => CLEAN,
        };
        match routes {
            [] | ["*"] => SAMPLE,
            ["*", some @ ..] => some,
            its => its,
        }
    }

    /// Describes the application as it is set up for the row.
    fn describe(&self, description: &mut Description) {
        // One target alone, so that the count of calls until something is seen is the same each time.
        description.limits.workers = Some(1);
        let refuses = match self {
            Self::Quirk(entry) => entry.name.starts_with("refuses-"),
            Self::AllQuirks => true,
            Self::Fault(_) | Self::Nothing => false,
        };
        if refuses {
            // Whoever refuses otherwise makes another promise.
            description
                .expect
                .retain(|attack, _| !attack.starts_with("id."));
        }
        let Self::Fault(entry) = self else {
            return;
        };
        let env = &mut description.target.env;
        match entry.fault.setup() {
            Setup::Usual => {}
            Setup::TenantHeader => {
                env.insert("REFERENCE_APP_TENANT_HEADER".into(), "x-firm".into());
                description.tenant.address = Some("header:X-Firm={slug}".into());
            }
            Setup::KeyPair => {
                env.extend(KEYS.map(|(name, key)| (name.into(), key.into())));
                for login in &mut description.login {
                    login.signing = None;
                    login.public_key = Some(KEYS[1].1.into());
                }
            }
        }
    }

    fn judge(&self, report: &Report) -> Row {
        let row = Row {
            planted: Planted::Quirk,
            name: self.name().to_owned(),
            class: String::new(),
            leak: None,
            expected: None,
            found: None,
            also: Vec::new(),
            by: noticed(report),
            first_seen: None,
            findings: report.findings.len(),
            calls: report.calls,
            problem: None,
        };
        match self {
            Self::Fault(entry) => caught(row, entry, report),
            _ => Row {
                problem: clean(report),
                ..row
            },
        }
    }
}

/// The fault is confirmed by the expected oracle and by the expected attack, be it among others.
fn caught(row: Row, entry: &FaultEntry, report: &Report) -> Row {
    let told_of =
        |f: &&Finding| f.confidence == Confidence::Confirmed && f.evidence.oracle == entry.oracle;
    let shown = |f: &&Finding| {
        let mut attacks = std::iter::once(&f.attack).chain(&f.also);
        attacks.any(|attack| attack == entry.attack)
    };
    let mut confirmed = report.findings.iter().filter(told_of);
    let found = confirmed.clone().find(shown);
    let nearest = found.or_else(|| confirmed.next());
    let too_long = found.and_then(|found| longer_than_needed(entry, found));
    let unfound = found.is_none().then(|| {
        let seen = report
            .findings
            .iter()
            .map(|f| format!("{} by {}", f.id, f.attack));
        let seen: Vec<String> = seen.collect();
        format!(
            "{} was expected to be shown by {}; found: {seen:?}; {}",
            entry.oracle,
            entry.attack,
            silent(report)
        )
    });
    Row {
        planted: Planted::Fault,
        class: format!("{:?}", entry.class).to_lowercase(),
        leak: entry.leak.map(str::to_owned),
        expected: Some(Catch {
            oracle: entry.oracle.to_owned(),
            attack: entry.attack.to_owned(),
        }),
        found: nearest.map(|f| Catch {
            oracle: f.evidence.oracle.to_owned(),
            attack: f.attack.clone(),
        }),
        also: nearest.map_or_else(Vec::new, |f| f.also.clone()),
        first_seen: nearest.map(|f| f.first_seen),
        problem: unfound.or(too_long),
        ..row
    }
}

/// A history is shrunk to the shortest that shows the fault.
fn longer_than_needed(entry: &FaultEntry, found: &Finding) -> Option<String> {
    let shortest = shortest_history(entry.fault)?;
    let made = found.history.exchanges.iter();
    let calls = made.filter(|(purpose, _)| matches!(purpose, Purpose::Setup | Purpose::Attack));
    let calls = calls.count();
    (calls > shortest).then(|| format!("shown by {calls} calls, though {shortest} would do"))
}

/// All attacks and oracles that found anything.
fn noticed(report: &Report) -> Noticed {
    let findings = || report.findings.iter();
    let attacks = findings().flat_map(|f| std::iter::once(&f.attack).chain(&f.also));
    let beside = findings().flat_map(|f| f.beside.iter().map(|(oracle, _)| *oracle));
    let oracles = findings().map(|f| f.evidence.oracle).chain(beside);
    Noticed {
        attacks: attacks.cloned().collect(),
        oracles: oracles.map(str::to_owned).collect(),
    }
}

/// Nothing is found, suspected findings included, on routes that work.
fn clean(report: &Report) -> Option<String> {
    if !report.findings.is_empty() {
        let found = report.findings.iter().map(|f| {
            format!(
                "{:?} {} by {} ({}): {:?}",
                f.confidence, f.id, f.attack, f.history.variant, f.evidence.crossing
            )
        });
        return Some(format!("found: {:?}", found.collect::<Vec<_>>()));
    }
    let worked = report
        .baseline
        .iter()
        .filter(|r| r.reason.is_none())
        .count();
    (worked * 10 < report.baseline.len() * 9).then(|| silent(report))
}

/// Which routes never worked, and why.
fn silent(report: &Report) -> String {
    let reasons = report
        .baseline
        .iter()
        .filter_map(|r| Some(format!("{}: {}", r.route, r.reason.as_ref()?)));
    format!(
        "routes that never worked: {:?}",
        reasons.collect::<Vec<_>>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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
