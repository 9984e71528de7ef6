//! The demonstration: the embedded description of the reference application, and that application itself, started from
//! this same executable. Nothing else under `src/` knows of it.

use std::fs;
use std::path::{Path, PathBuf};

use reference_app::faults::{Class, FAULTS, Fault, FaultEntry};
use reference_app::quirks::QUIRKS;
use toml::de::DeTable;

pub mod kill_table;

use super::catalogue::Topic;
use super::failure::Failure;
use super::replays;
use crate::model::exit::Exit;
use crate::target::names::nearest;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "reference-app";

/// The description, as it stands in the repository.
const DESCRIPTION: &str = include_str!("../../../scenarios/reference/partywall.toml");

/// What the description that `demo` writes says first.
const HEAD: &str = "\
# Written by `partywall demo`: the reference application, started from the partywall executable itself.
# `partywall run -c` with this file does the same again; `partywall demo` overwrites it.

";

/// Which defects and oddities to switch on.
#[derive(Debug, clap::Args)]
pub struct Demo {
    /// Defects to plant, by name; `partywall list faults` shows them
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    fault: Vec<String>,
    /// Odd but correct behaviour to switch on, by name, or `all`; `partywall list quirks` shows it
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    quirk: Vec<String>,
}

impl Demo {
    /// Writes the description into the folder of runs under `base`; the answer is where, relative to `base`.
    pub fn describe(&self, base: &Path) -> Result<PathBuf, Failure> {
        known(&self.fault, "fault", &FAULTS.iter().map(|entry| entry.name))?;
        for name in &self.fault {
            let needs = Fault::from_name(name).and_then(|fault| fault.setup().needs());
            if let Some(needs) = needs {
                return Err(Failure::hint(
                    format!("`{name}` does not show in the application as `demo` sets it up"),
                    format!("it needs {needs}: the kill table (`cargo test`) tries it so"),
                ));
            }
        }
        let quirks = QUIRKS.iter().map(|entry| entry.name).chain(["all"]);
        known(&self.quirk, "quirk", &quirks)?;
        self.write(base)
    }

    /// Like [`Self::describe`], whatever the names are.
    fn write(&self, base: &Path) -> Result<PathBuf, Failure> {
        let executable = std::env::current_exe().map_err(Failure::io("own executable"))?;
        let text = started_by(DESCRIPTION, &self.command(&executable))?;
        replays::folder(base).map_err(Failure::io(base.join(replays::FOLDER)))?;
        let relative = Path::new(replays::FOLDER).join("demo");
        let folder = base.join(&relative);
        fs::create_dir_all(&folder).map_err(Failure::io(&folder))?;
        let file = folder.join("partywall.toml");
        fs::write(&file, HEAD.to_owned() + &text).map_err(Failure::io(&file))?;
        Ok(relative.join("partywall.toml"))
    }

    /// The command that starts the application, as the description's `target.start` spells commands.
    fn command(&self, executable: &Path) -> String {
        let path = executable.display().to_string();
        let quoted = format!("'{}'", path.replace('\'', r"'\''"))
            .replace('{', "{{")
            .replace('}', "}}");
        let mut command = format!("{quoted} {SUBCOMMAND} --listen 127.0.0.1:{{port}}");
        for (flag, names) in [("--fault", &self.fault), ("--quirk", &self.quirk)] {
            for name in names {
                command = format!("{command} {flag} {name}");
            }
        }
        command
    }
}

/// Every name is one of those that there are.
fn known<'a>(
    names: &[String],
    kind: &str,
    all: &(impl Iterator<Item = &'a str> + Clone),
) -> Result<(), Failure> {
    for name in names {
        if all.clone().any(|known| known == name) {
            continue;
        }
        let help = nearest(name, all.clone()).map_or_else(
            || format!("`partywall list {kind}s` shows them"),
            |nearest| format!("did you mean `{nearest}`? `partywall list {kind}s` shows them all"),
        );
        return Err(Failure::hint(format!("no {kind} is called `{name}`"), help));
    }
    Ok(())
}

/// The description with another `target.start`, all else (comments too) as it stands.
fn started_by(description: &str, command: &str) -> Result<String, Failure> {
    let broken = |what: &str| Failure::bug(format!("the embedded description {what}"));
    let document =
        DeTable::parse(description).map_err(|error| broken(&format!("is no TOML: {error}")))?;
    let target = document
        .get_ref()
        .get("target")
        .and_then(|target| target.get_ref().as_table());
    let start = target
        .and_then(|target| target.get("start"))
        .ok_or_else(|| broken("has no `target.start`"))?
        .span();
    let command = toml::Value::from(command).to_string();
    Ok(format!(
        "{}{command}{}",
        &description[..start.start],
        &description[start.end..]
    ))
}

/// The hidden subcommand's arguments: those of the application itself.
#[derive(Debug, clap::Args)]
pub struct Serve {
    #[command(flatten)]
    settings: reference_app::Settings,
}

impl Serve {
    /// Serves until it is told to stop.
    pub fn run(self) -> Result<Exit, Failure> {
        let runtime =
            tokio::runtime::Runtime::new().map_err(Failure::io("asynchronous runtime"))?;
        runtime
            .block_on(reference_app::serve(self.settings))
            .map_err(|error| Failure {
                exit: Exit::Usage,
                report: miette::Report::from_err(error),
            })?;
        Ok(Exit::Held)
    }
}

/// Every fault with its page.
pub fn faults() -> Vec<Topic> {
    let topic = |entry: &FaultEntry| Topic {
        kind: "fault",
        id: entry.name.to_owned(),
        title: entry.title.to_owned(),
        body: page(entry),
    };
    FAULTS.iter().map(topic).collect()
}

fn page(entry: &FaultEntry) -> String {
    let class = match entry.class {
        Class::Read => "reads another tenant's data",
        Class::Write => "changes, makes, moves or points at another tenant's rows",
        Class::Existence => "learns that a row exists",
        Class::Aggregate => "learns a number that depends on other tenants' rows",
        Class::Block => "keeps another tenant from its own",
        Class::Contract => "gets an answer that a promise rules out, though nothing crosses",
    };
    let shown = match entry.routes {
        ["*", ..] => &["*"],
        routes => routes,
    };
    let routes: Vec<&str> = shown
        .iter()
        .map(|&route| {
            if route == "*" {
                "every route of a tenant"
            } else {
                route
            }
        })
        .collect();
    let how = match entry.fault.setup().needs() {
        None => format!("Try it: partywall demo --fault {}", entry.name),
        Some(needs) => format!("It needs {needs}: the kill table (`cargo test`) tries it so."),
    };
    format!(
        "  an attacker  {class}\n  routes       {}\n  attack       {} is expected to show it first\n  \
         oracle       {} is expected to speak\n  grounded in  {}\n\n{how}",
        routes.join("\n               "),
        entry.attack,
        entry.oracle,
        entry.leak.unwrap_or("imagination: no public case is known"),
    )
}

/// Every quirk with its page.
pub fn quirks() -> Vec<Topic> {
    QUIRKS
        .iter()
        .map(|entry| Topic {
            kind: "quirk",
            id: entry.name.to_owned(),
            title: entry.title.to_owned(),
            body: format!(
                "Odd but correct: partywall must find nothing because of it.\n\nTry it: partywall demo --quirk {}",
                entry.name
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_start_command_is_replaced() {
        let before = "# why\n[target]\nstart = \"old {port}\" # comment\nready = \"/x\"\n";
        let after = started_by(before, "new 'a b' {port}").expect("replaced");
        assert_eq!(
            after,
            "# why\n[target]\nstart = \"new 'a b' {port}\" # comment\nready = \"/x\"\n"
        );
    }

    #[test]
    fn the_embedded_description_can_be_started_by_this_executable() {
        let demo = Demo {
            fault: vec![FAULTS[0].name.to_owned()],
            quirk: vec!["all".to_owned()],
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = demo.describe(folder.path()).expect("described");
        let text = fs::read_to_string(folder.path().join(path)).expect("written");
        let read: toml::Table = text.parse().expect("TOML");
        let start = read["target"]["start"].as_str().expect("a command");
        assert!(
            start.ends_with(&format!("--fault {} --quirk all", FAULTS[0].name)),
            "{start}"
        );
        assert!(folder.path().join(".partywall/.gitignore").exists());
    }

    #[test]
    fn a_fault_that_cannot_show_in_the_demo_is_refused() {
        let needing = FAULTS.iter().filter(|f| f.fault.setup().needs().is_some());
        for fault in needing {
            let demo = Demo {
                fault: vec![fault.name.to_owned()],
                quirk: Vec::new(),
            };
            let folder = tempfile::tempdir().expect("a folder");
            let failure = demo.describe(folder.path()).expect_err("refused");
            assert_eq!(failure.exit, Exit::Usage, "{}", fault.name);
        }
    }

    #[test]
    fn an_unknown_fault_is_refused_with_the_nearest() {
        let name = FAULTS[0].name;
        let demo = Demo {
            fault: vec![name[..name.len() - 1].to_owned()],
            quirk: Vec::new(),
        };
        let folder = tempfile::tempdir().expect("a folder");
        let failure = demo.describe(folder.path()).expect_err("refused");
        let help = failure.report.help().expect("help").to_string();
        assert!(help.contains("did you mean"), "{help}");
        assert_eq!(failure.exit, Exit::Usage);
    }
}
