//! The demonstration: the embedded description of the reference application, and that application itself, started from
//! this same executable. Nothing else under `src/` knows of it.

use std::fs;
use std::path::{Path, PathBuf};

use reference_app::faults::{FAULTS, Fault, FaultEntry};
use reference_app::quirks::QUIRKS;
use toml::de::DeTable;

pub mod kill_table;
mod pages;

pub use pages::{faults, quirks};

use super::args::Reports;
use super::failure::Failure;
use super::replays;
use crate::model::exit::Exit;
use crate::target::names::nearest;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "reference-app";

/// The description, as it stands in the repository.
const DESCRIPTION: &str = include_str!("../../../scenarios/reference/partywall.toml");

/// The image of this version of the application.
const IMAGE: &str = concat!(
    "ghcr.io/partywall/reference-app:",
    env!("CARGO_PKG_VERSION")
);

/// What the description that `demo` writes says first.
const HEAD: &str = "\
# Written by `partywall demo`: the reference application, started from the partywall executable itself.
# `partywall run -c` with this file does the same again; `partywall demo` overwrites it.

";

/// Which defects and oddities to switch on.
#[derive(Debug, Default, clap::Args)]
pub struct Demo {
    /// Defects to plant, by name; `partywall list faults` shows them
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    fault: Vec<String>,
    /// Odd but correct behaviour to switch on, by name, or `all`; `partywall list quirks` shows it
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    quirk: Vec<String>,
    /// Where the application runs: as a program of this machine, or with its Postgres in containers
    #[arg(long, value_enum, default_value_t = Place::Embedded)]
    world: Place,
    /// The application's image, where it runs in a container
    #[arg(long, env = "PARTYWALL_REFERENCE_IMAGE", default_value = IMAGE, value_name = "IMAGE")]
    image: String,
    /// Use its pages in a browser, too; defects of the pages need it and switch it on
    #[arg(long)]
    browser: bool,
    #[command(flatten)]
    pub reports: Reports,
}

/// Where the application runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Place {
    /// A program of this machine
    #[default]
    Embedded,
    /// A container, beside that of its Postgres
    Containers,
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

    /// Whether the application's pages are used in a browser.
    fn uses_browser(&self) -> bool {
        let faults = self.fault.iter().filter_map(|name| Fault::from_name(name));
        let mut entries = faults.filter_map(Fault::entry);
        self.browser || entries.any(in_browser)
    }

    /// Like [`Self::describe`], whatever the names are.
    fn write(&self, base: &Path) -> Result<PathBuf, Failure> {
        let text = match self.world {
            Place::Embedded => {
                let executable = std::env::current_exe().map_err(Failure::io("own executable"))?;
                started_by(
                    DESCRIPTION,
                    &self.command(&program(&executable), "127.0.0.1"),
                    None,
                )?
            }
            Place::Containers => {
                started_by(DESCRIPTION, &self.command("", "0.0.0.0"), Some(&self.image))?
            }
        };
        let text = if self.uses_browser() {
            text
        } else {
            without_browser(&text)
        };
        replays::folder(base).map_err(Failure::io(base.join(replays::FOLDER)))?;
        let relative = Path::new(replays::FOLDER).join("demo");
        let folder = base.join(&relative);
        fs::create_dir_all(&folder).map_err(Failure::io(&folder))?;
        let file = folder.join("partywall.toml");
        fs::write(&file, HEAD.to_owned() + &text).map_err(Failure::io(&file))?;
        Ok(relative.join("partywall.toml"))
    }

    /// The command that starts the application, as the description's `target.start` spells commands.
    fn command(&self, program: &str, host: &str) -> String {
        let mut command = format!("{program}--listen {host}:{{port}}");
        for (flag, names) in [("--fault", &self.fault), ("--quirk", &self.quirk)] {
            for name in names {
                command = format!("{command} {flag} {name}");
            }
        }
        command
    }
}

/// The description without its section of a browser, and the comment above that.
fn without_browser(description: &str) -> String {
    let blocks = description.split("\n\n");
    let other = blocks.filter(|block| !block.lines().any(|line| line == "[browser]"));
    other.collect::<Vec<_>>().join("\n\n")
}

/// Whether a defect shows in a browser alone.
fn in_browser(entry: &FaultEntry) -> bool {
    entry.attack.starts_with("browser.")
}

/// This executable and the subcommand that serves, quoted.
fn program(executable: &Path) -> String {
    let path = executable.display().to_string();
    let quoted = format!("'{}'", path.replace('\'', r"'\''"))
        .replace('{', "{{")
        .replace('}', "}}");
    format!("{quoted} {SUBCOMMAND} ")
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

/// The description with another `target.start`, and in an image where one is named; all else (comments too) as it stands.
fn started_by(description: &str, command: &str, image: Option<&str>) -> Result<String, Failure> {
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
    let mut command = toml::Value::from(command).to_string();
    if let Some(image) = image {
        let image = toml::Value::from(image);
        command = format!("{command}\nimage = {image}");
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_start_command_is_replaced() {
        let before = "# why\n[target]\nstart = \"old {port}\" # comment\nready = \"/x\"\n";
        let after = started_by(before, "new 'a b' {port}", None).expect("replaced");
        assert_eq!(
            after,
            "# why\n[target]\nstart = \"new 'a b' {port}\" # comment\nready = \"/x\"\n"
        );
    }

    #[test]
    fn pages_are_described_where_they_are_used_and_nowhere_else() {
        let described = |fault: &str, browser: bool| {
            let demo = Demo {
                fault: vec![fault.to_owned()],
                browser,
                ..Demo::default()
            };
            let folder = tempfile::tempdir().expect("a folder");
            let path = demo.describe(folder.path()).expect("described");
            let text = fs::read_to_string(folder.path().join(path)).expect("written");
            let read: toml::Table = text.parse().expect("TOML");
            assert!(read.contains_key("expect") && read.contains_key("log"));
            read.contains_key("browser")
        };
        assert!(!described(FAULTS[0].name, false));
        assert!(described(FAULTS[0].name, true));
        assert!(described("drafts-key-lacks-firm", false));
    }

    #[test]
    fn in_a_container_it_is_the_image_that_is_started() {
        let demo = Demo {
            fault: vec![FAULTS[0].name.to_owned()],
            world: Place::Containers,
            image: "app:1".to_owned(),
            ..Demo::default()
        };
        let folder = tempfile::tempdir().expect("a folder");
        let path = demo.describe(folder.path()).expect("described");
        let text = fs::read_to_string(folder.path().join(path)).expect("written");
        let read: toml::Table = text.parse().expect("TOML");
        let start = format!("--listen 0.0.0.0:{{port}} --fault {}", FAULTS[0].name);
        assert_eq!(read["target"]["start"].as_str(), Some(start.as_str()));
        assert_eq!(read["target"]["image"].as_str(), Some("app:1"));
    }

    #[test]
    fn the_embedded_description_can_be_started_by_this_executable() {
        let demo = Demo {
            fault: vec![FAULTS[0].name.to_owned()],
            quirk: vec!["all".to_owned()],
            ..Demo::default()
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
                ..Demo::default()
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
            ..Demo::default()
        };
        let folder = tempfile::tempdir().expect("a folder");
        let failure = demo.describe(folder.path()).expect_err("refused");
        let help = failure.report.help().expect("help").to_string();
        assert!(help.contains("did you mean"), "{help}");
        assert_eq!(failure.exit, Exit::Usage);
    }
}
