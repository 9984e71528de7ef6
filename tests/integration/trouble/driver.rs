//! One run of the program on the application, with trouble from a moment on, and all that is asked of its end.

use std::fmt::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::app;
use crate::binary::driver::{Place, Started, traces};

/// A run on the application.
pub struct Run {
    pub place: Place,
    more: String,
    changes: Vec<(String, String)>,
    /// Of the database's part of the description.
    pub database: String,
    pub arguments: Vec<&'static str>,
}

/// What came of it.
pub struct Ended {
    pub code: Option<i32>,
    pub said: String,
    /// The report; empty where there is none.
    pub report: String,
    pub took: Duration,
    /// The most memory that it held, in megabytes.
    pub peak: u64,
    /// How often trouble was made.
    pub troubles: usize,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            took,
            peak,
            troubles,
            said,
            report,
        } = self;
        let of = format!("{code:?} in {took:.1?}, {peak} MB, {troubles} troubles");
        write!(f, "{of}\n{said}\n{report}")
    }
}

/// A trouble with what must come of it.
#[derive(Debug)]
pub struct Case<'c> {
    pub trouble: &'c str,
    /// The beginning of the paths where it is made.
    pub paths: &'c str,
    /// What the program says when it begins.
    pub at: &'c str,
    pub code: i32,
    /// What it says of it, on its way or in its report.
    pub says: &'c str,
}

/// Runs a case.
pub fn check(case: &Case<'_>) -> Ended {
    let mut run = Run::new();
    if SLOW.contains(&case.trouble) {
        run.arguments.truncate(4);
        run.arguments
            .extend(["--only", "id.path", "--only", "GET /items/{id}"]);
    }
    let ended = run.with(case.trouble, case.paths, case.at);
    ended.is(case.code, case.says);
    assert!(
        ended.troubles > 0,
        "{case:?}: there was no trouble: {ended}"
    );
    assert!(ended.took < SOON, "{case:?}: {ended}");
    ended
}

/// Each call is waited for: one route is enough to see it.
const SLOW: [&str; 4] = ["hangs", "hangs-in-the-body", "dribbles", "throttles"];

/// Much more than any of these runs takes, much less than waiting for every single call would.
const SOON: Duration = Duration::from_mins(1);

impl Ended {
    /// Its exit code, and what it said, however its lines are broken.
    pub fn is(&self, code: i32, says: &str) {
        assert_eq!(self.code, Some(code), "{self}");
        let all = format!("{} {}", self.said, self.report).replace('│', " ");
        let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(all.contains(says), "it never said `{says}`: {self}");
    }
}

const ROUTES: &str = "[[routes.list]]\nroute = \"GET /items\"\n[[routes.list]]\nroute = \"GET /items/{id}\"\n\
                      [[routes.list]]\nroute = \"PATCH /items/{id}\"\njson = { name = \"a name\" }\n";

impl Run {
    pub fn new() -> Self {
        Self::at(Place::new())
    }

    /// In that place.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            changes: Vec::new(),
            more: format!("{ROUTES}[limits]\ntimeout = 1\n"),
            database: String::new(),
            arguments: vec![
                "run",
                "--verbose",
                "--output",
                "report.txt",
                "--only",
                "plain.call",
                "--only",
                "id.path",
            ],
        }
    }

    /// The application says itself which routes it has.
    pub fn described_by_the_target(&mut self) {
        let document = "[routes]\nopenapi = \"/openapi.json\"\n";
        self.more = self.more.replace(ROUTES, document);
    }

    /// Describes it otherwise.
    pub fn change(&mut self, from: &str, to: &str) {
        self.changes.push((from.to_owned(), to.to_owned()));
    }

    fn file(&self) -> PathBuf {
        self.place.path().join("trouble")
    }

    fn describe(&self) {
        let mut text = format!(
            "[target]\nstart = {:?}\nready = \"/health\"\nready_timeout = 3\n\
             env = {{ TINY_TARGET_PORT = \"{{port}}\", TINY_TARGET_DATABASE = \"{{database.app.url}}\", {} = {:?} }}\n\
             [tenant]\naddress = \"session\"\n\
             [[login]]\n[[login.step]]\ncall = \"POST /login\"\njson = {{ email = \"{{user.email}}\" }}\n\
             take = {{ bearer = \"$.token\" }}\n",
            app::start(),
            app::TROUBLE,
            self.file().display().to_string(),
        );
        write!(
            text,
            "[database]\nsetup = [{:?}]\n{}",
            app::SCHEMA,
            self.database
        )
        .unwrap();
        text += &self.more;
        for (from, to) in &self.changes {
            assert!(text.contains(from), "{from} stands nowhere");
            text = text.replace(from, to);
        }
        std::fs::write(self.place.path().join("partywall.toml"), text).unwrap();
    }

    /// Runs without trouble.
    pub fn alone(&self) -> Ended {
        self.run(None)
    }

    /// Runs with a trouble on these paths from when the program says `at`.
    pub fn with(&self, trouble: &str, paths: &str, at: &str) -> Ended {
        let make = |_| self.make(trouble, paths);
        if at.is_empty() {
            make(0);
            return self.alone();
        }
        self.run(Some((at, &make)))
    }

    /// Runs, and does something as soon as the program says that.
    pub fn once_said(&self, at: &str, what: &dyn Fn(u32)) -> Ended {
        self.run(Some((at, what)))
    }

    /// Runs, and does something as soon as calls go out in the stage of that name.
    pub fn while_calling(&self, stage: &str, what: &dyn Fn(u32)) -> Ended {
        let mut run = self.start();
        run.until(stage);
        self.make("passes", "/items");
        while self.troubles() == 0 && run.is_alive() {}
        Self::seize(&run, what);
        self.ended(run)
    }

    /// Makes trouble from now on.
    pub fn make(&self, trouble: &str, paths: &str) {
        std::fs::write(self.file(), format!("{trouble} {paths}")).unwrap();
    }

    /// Ends it.
    pub fn unmake(&self) {
        std::fs::remove_file(self.file()).unwrap();
    }

    /// Starts it.
    pub fn start(&self) -> Started {
        self.describe();
        self.place.start(&self.arguments)
    }

    /// How often there was trouble until now.
    pub fn troubles(&self) -> usize {
        let made = std::fs::read_to_string(self.file().with_extension("made"));
        made.unwrap_or_default().lines().count()
    }

    fn run(&self, then: Option<(&str, &dyn Fn(u32))>) -> Ended {
        let mut run = self.start();
        if let Some((at, what)) = then {
            run.until(at);
            Self::seize(&run, what);
        }
        self.ended(run)
    }

    /// Whatever is done to it is done at this moment, however long that takes.
    fn seize(run: &Started, what: &dyn Fn(u32)) {
        run.signal(Signal::SIGSTOP);
        what(run.pid());
        run.signal(Signal::SIGCONT);
    }

    /// Waits for its end, at which nothing may be left.
    fn ended(&self, run: Started) -> Ended {
        let pid = run.pid();
        let (code, said, took, peak) = run.end_measured();
        assert_eq!(traces(&self.place, pid), Vec::<String>::new(), "{said}");
        let report = std::fs::read_to_string(self.place.path().join("report.txt"));
        let (report, troubles) = (report.unwrap_or_default(), self.troubles());
        Ended {
            code,
            said,
            report,
            took,
            peak,
            troubles,
        }
    }
}
