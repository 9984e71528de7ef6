//! The command line: what may be said, not what is done about it.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Parser, Subcommand, ValueEnum};

use crate::model::verdict::Severity;
use crate::settings::{Budget, Overrides};

#[cfg(feature = "demo")]
use super::demo;

/// Where the description is unless `--config` says otherwise.
pub const CONFIG: &str = "partywall.toml";

const EXIT_CODES: &str = "\
Exit codes:
    0  the wall held           3  inconclusive, or suspected only
    1  usage or configuration  4  the baseline failed
    2  data crossed           70  a bug of partywall's own
                             130  stopped by Ctrl-C
  `partywall explain exit-codes` says more.";

/// Can one tenant of your application read, change, count, block or detect another tenant's data?
#[derive(Debug, Parser)]
#[command(name = "partywall", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Args {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command understands.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The target's description [default: partywall.toml]
    #[arg(short, long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How the result is written
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Where the result is written, instead of standard output
    #[arg(short, long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The seed of everything random
    #[arg(long, global = true, value_name = "N")]
    pub seed: Option<u64>,
    /// Only these routes and attacks: `GET /api/*`, `id.*`, `token`; may be repeated
    #[arg(long, global = true, value_name = "GLOB")]
    pub only: Vec<String>,
    /// Not these routes and attacks; may be repeated
    #[arg(long, global = true, value_name = "GLOB")]
    pub skip: Vec<String>,
    /// How long attacks may go on: `90s`, `5m`, `1h`; or how many sequences are explored: `2000`, `0`
    #[arg(long, global = true, value_name = "TIME|N", value_parser = budget)]
    pub budget: Option<Budget>,
    /// Where Postgres comes from: auto, local, container, download, or the URL of a server
    #[arg(long, global = true, value_name = "BACKEND|URL")]
    pub postgres: Option<Postgres>,
    /// The least severity that fails the run: critical, high, medium, low
    #[arg(long, global = true, value_name = "SEVERITY", value_parser = severity)]
    pub fail_on: Option<Severity>,
    /// Leave out what needs a browser, whatever the description says of one
    #[arg(long, global = true)]
    pub no_browser: bool,
    /// Show nothing while it goes on
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Shorten nothing
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// No colours, as with `NO_COLOR=1`
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// How a result is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a person
    Human,
    /// JSON, version 1
    Json,
}

/// Where Postgres comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Postgres {
    /// One of the backends.
    Backend(String),
    /// A server.
    Url(String),
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test the reference application that comes with partywall, with defects planted at will
    #[cfg(feature = "demo")]
    Demo(demo::Demo),
    /// Plant each defect alone in the reference application and show who finds it, and that nothing is found without
    #[cfg(feature = "demo")]
    KillTable(demo::kill_table::KillTable),
    /// Test the application that partywall.toml describes
    Run(Reports),
    /// Play features: promises in plain language (Gherkin) about the application that partywall.toml describes
    Features {
        /// A feature file, or a folder with such files
        #[arg(default_value = "features")]
        path: PathBuf,
        /// Only scenarios whose tags fit, e.g. '@phase1 and not @browser'
        #[arg(long, value_name = "TAGS")]
        tags: Option<String>,
        /// Write a file of `JUnit`, too
        #[arg(long, value_name = "FILE")]
        junit: Option<PathBuf>,
        /// Write a file of Cucumber's JSON, too
        #[arg(long, value_name = "FILE")]
        cucumber_json: Option<PathBuf>,
    },
    /// Ask aggregates (counts, sums, series) as every tenant, and compare the answers with those that were accepted
    Snapshot(Kept),
    /// Repeat one finding from its replay file
    Replay {
        /// The file, as a report names it
        file: PathBuf,
    },
    /// Show what partywall finds out about the target, without attacking it
    Discover,
    /// Print the credential of an actor, for the `curl` lines of reports
    Token {
        /// The actor's name, e.g. acme.admin
        actor: String,
        /// The header whose value is wanted; the bearer token, or the only credential, otherwise
        #[arg(long, value_name = "NAME")]
        header: Option<String>,
    },
    /// List what there is
    List {
        /// Of what
        #[arg(value_enum)]
        what: Listing,
    },
    /// Print the page of an attack, oracle, fault, quirk, reason or exit code
    Explain {
        /// Its id, e.g. id.path, leak, exit-codes
        id: String,
    },
    /// Print the JSON Schema of partywall.toml
    Schema,
    /// Print the reference of partywall.toml, in Markdown
    Reference,
    /// Runs the reference application; `demo` starts it like this
    #[cfg(feature = "demo")]
    #[command(name = demo::SUBCOMMAND, hide = true)]
    Serve(Box<demo::Serve>),
}

/// What a run writes beside its result.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Reports {
    /// Write a file of `JUnit`, too
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Append a summary in Markdown to a file, too: what a pipeline shows beside its log
    #[arg(long, value_name = "FILE")]
    pub summary: Option<PathBuf>,
}

/// What is done with snapshots that are new or changed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Kept {
    /// Write nothing: new and changed snapshots fail, as in a pipeline
    #[arg(long)]
    pub check: bool,
    /// Accept what is new or changed and verified, as `cargo insta accept` does
    #[arg(long, conflicts_with = "check")]
    pub accept: bool,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    /// Ways to reach for another tenant
    Attacks,
    /// Judges
    Oracles,
    /// Defects that the reference application can have
    Faults,
    /// Odd but correct behaviour that it can have
    Quirks,
    /// What a step of a feature may say, in Markdown
    Phrases,
    /// What real teams shipped, and attacks and faults are grounded in
    Leaks,
}

impl Global {
    /// The description, as named by the user.
    pub fn description(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| PathBuf::from(CONFIG))
    }

    /// What the command line says over what the description says.
    pub fn overrides(&self) -> Overrides {
        let (backend, postgres_url) = match &self.postgres {
            None => (None, None),
            Some(Postgres::Backend(name)) => (Some(name.clone()), None),
            Some(Postgres::Url(url)) => (Some("url".to_owned()), Some(url.clone())),
        };
        Overrides {
            seed: self.seed,
            only: self.only.clone(),
            skip: self.skip.clone(),
            budget: self.budget,
            backend,
            postgres_url,
            fail_on: self.fail_on,
            no_browser: self.no_browser,
            ..Overrides::default()
        }
    }
}

impl FromStr for Postgres {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" | "local" | "container" | "download" => Ok(Self::Backend(text.to_owned())),
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Self::Url(url.to_owned()))
            }
            _ => Err(
                "say auto, local, container, download, or a URL that begins with postgres://"
                    .to_owned(),
            ),
        }
    }
}

fn severity(text: &str) -> Result<Severity, String> {
    match text {
        "critical" => Ok(Severity::Critical),
        "high" => Ok(Severity::High),
        "medium" => Ok(Severity::Medium),
        "low" => Ok(Severity::Low),
        "info" => Ok(Severity::Info),
        _ => Err("say critical, high, medium, low or info".to_owned()),
    }
}

fn budget(text: &str) -> Result<Budget, String> {
    let said = "say a time such as 90s, 5m or 1h, or a number of sequences";
    Budget::parse(text).ok_or_else(|| said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }

    #[test]
    fn a_server_is_told_from_a_backend() {
        assert_eq!("local".parse(), Ok(Postgres::Backend("local".into())));
        let url = "postgresql://u@h/d";
        assert_eq!(url.parse(), Ok(Postgres::Url(url.into())));
        assert!("mysql://h".parse::<Postgres>().is_err());
    }

    #[test]
    fn global_flags_may_stand_behind_the_command() {
        let args = Args::try_parse_from([
            "partywall",
            "run",
            "--seed",
            "7",
            "--only",
            "a",
            "--only",
            "b",
        ])
        .expect("parses");
        assert_eq!(args.global.overrides().seed, Some(7));
        assert_eq!(args.global.overrides().only, ["a", "b"]);
    }
}
