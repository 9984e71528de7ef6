//! One run of the program on the application, with trouble from a moment on, and all that is asked of its end.

use std::fmt::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use super::app;
use crate::binary::driver::{Place, traces};

/// A run on the application.
pub struct Run {
    pub place: Place,
    more: String,
    database: String,
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
    let ended = Run::new().with(case.trouble, case.paths, case.at);
    println!(
        "{case:?}: {:?}, {} MB, {} troubles",
        ended.took, ended.peak, ended.troubles
    );
    ended.is(case.code, case.says);
    assert!(
        ended.troubles > 0,
        "{case:?}: there was no trouble: {ended}"
    );
    assert!(ended.took < SOON, "{case:?}: {ended}");
    ended
}

/// Much more than any of these runs takes, much less than waiting for every single call would.
const SOON: Duration = Duration::from_secs(60);

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
        Self {
            place: Place::new(),
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
            self.file(),
        );
        write!(
            text,
            "[database]\nsetup = [{:?}]\n{}",
            app::SCHEMA,
            self.database
        )
        .unwrap();
        text += &self.more;
        std::fs::write(self.place.path().join("partywall.toml"), text).unwrap();
    }

    /// Runs without trouble.
    pub fn alone(&self) -> Ended {
        self.run(&[])
    }

    /// Runs with a trouble on these paths from when the program says `at`.
    pub fn with(&self, trouble: &str, paths: &str, at: &str) -> Ended {
        let file = self.file();
        let make = || std::fs::write(&file, format!("{trouble} {paths}")).unwrap();
        if at.is_empty() {
            make();
            return self.run(&[]);
        }
        self.run(&[(at, &make)])
    }

    /// Runs, and does these things when the program says that.
    pub fn run(&self, then: &[(&str, &dyn Fn())]) -> Ended {
        self.describe();
        let mut run = self.place.start(&self.arguments);
        let pid = run.pid();
        for (at, what) in then {
            run.until(at);
            what();
        }
        let (code, said, took, peak) = run.end_measured();
        assert_eq!(traces(&self.place, pid), Vec::<String>::new(), "{said}");
        let made = std::fs::read_to_string(self.file().with_extension("made"));
        let report = std::fs::read_to_string(self.place.path().join("report.txt"));
        let report = report.unwrap_or_default();
        Ended {
            report,
            code,
            said,
            took,
            peak,
            troubles: made.unwrap_or_default().lines().count(),
        }
    }
}
