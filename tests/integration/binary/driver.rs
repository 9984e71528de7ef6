//! The built program in a folder of its own, with a scrubbed environment, and what it leaves behind.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use assert_cmd::cargo::cargo_bin;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// A route that reads one row by its id: few calls show whether the wall holds there.
pub const ROUTE: &str = "GET /api/admin/services/{id}";

/// A fault on that route.
pub const FAULT: &str = "get-ignores-tenant";

/// How long the next line of a program is waited for.
const PATIENCE: Duration = Duration::from_mins(3);

/// Where the program runs.
pub struct Place {
    folder: TempDir,
    env: Vec<(String, String)>,
    through: Vec<String>,
}

/// What came of a run.
pub struct Outcome {
    pub out: String,
    pub err: String,
    pub code: Option<i32>,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("run")).unwrap();
        Self {
            folder,
            env: Vec::new(),
            through: Vec::new(),
        }
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A command that runs the program, as what it becomes in the end.
    pub fn through(mut self, command: &[&str]) -> Self {
        self.through = command.iter().map(|&word| word.to_owned()).collect();
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Nothing of the test's environment but where programs are and where the cached data directory is.
    fn command(&self, arguments: &[&str]) -> Command {
        let program = cargo_bin("partywall");
        let mut command = match &self.through[..] {
            [] => Command::new(program),
            [first, rest @ ..] => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        command.current_dir(self.path()).env_clear().args(arguments);
        for name in ["PATH", "HOME", "XDG_CACHE_HOME"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command.env("XDG_RUNTIME_DIR", self.path().join("run"));
        // What people do in a browser is for the tests that ask for one.
        command.env("PARTYWALL_NO_BROWSER", "true");
        // What is about sequences says so.
        command.env("PARTYWALL_BUDGET", "0");
        command.envs(self.env.iter().map(|(n, v)| (n, v)));
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        let output = self.command(arguments).output().unwrap();
        Outcome {
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }

    /// Starts it.
    pub fn start(&self, arguments: &[&str]) -> Started {
        let mut child = self
            .command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let err = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in err.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Started {
            child,
            lines,
            said: String::new(),
            begun: Instant::now(),
        }
    }

    /// Writes a description of the reference application, changed by `change`.
    pub fn describe(&self, change: impl Fn(String) -> String) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let text =
            std::fs::read_to_string(root.join("scenarios/reference/partywall.toml")).unwrap();
        let lines = text.lines().filter(|l| !l.starts_with("dir "));
        let start = format!(
            "start = \"{} reference-app --listen 127.0.0.1:{{port}}\"",
            cargo_bin("partywall").display()
        );
        let lines = lines.map(|l| if l.starts_with("start ") { &start } else { l });
        let text = lines.collect::<Vec<_>>().join("\n") + "\n";
        let changed = change(text.clone());
        assert_ne!(changed, text, "the change fits nothing");
        std::fs::write(self.path().join("partywall.toml"), changed).unwrap();
    }
}

/// The program while it runs.
pub struct Started {
    child: Child,
    lines: Receiver<String>,
    said: String,
    begun: Instant,
}

impl Started {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it says that.
    pub fn until(&mut self, word: &str) {
        while !self.said.contains(word) {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                panic!("it never said {word}: {}", self.said);
            };
            self.said.extend([&line, "\n"]);
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid().cast_signed()), signal).unwrap();
    }

    /// Like [`Self::end`], but with the time since its start, and with the most memory that it held, in megabytes.
    pub fn end_measured(mut self) -> (Option<i32>, String, Duration, u64) {
        let status = format!("/proc/{}/status", self.pid());
        let mut peak = 0;
        while self.is_alive() {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let held = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
            let held = held.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok());
            peak = peak.max(held.unwrap_or_default() / 1024);
            std::thread::sleep(Duration::from_millis(10));
        }
        let begun = self.begun;
        let (code, said, _) = self.end();
        (code, said, begun.elapsed(), peak)
    }

    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Its exit code, all that it said, and how long that took.
    pub fn end(mut self) -> (Option<i32>, String, Duration) {
        let begun = Instant::now();
        let status = self.child.wait().unwrap();
        while let Ok(line) = self.lines.recv() {
            self.said.extend([&line, "\n"]);
        }
        (status.code(), self.said, begun.elapsed())
    }
}

/// What a run of that process id has left: folders, and processes that carry its mark or stand in its folders.
pub fn traces(place: &Place, pid: u32) -> Vec<String> {
    let name = format!("partywall_{pid}_");
    let run = place.path().join("run/partywall");
    let folders = [PathBuf::from("/dev/shm"), std::env::temp_dir(), run];
    let entries = folders.iter().filter_map(|f| f.read_dir().ok());
    let names = entries.flatten().flatten().map(|e| e.path());
    let mine = |path: &PathBuf| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        file.starts_with(&name) || file.starts_with(&format!("{pid}-"))
    };
    let mut left: Vec<String> = names
        .filter(mine)
        .map(|path| path.display().to_string())
        .collect();
    let mark = format!("PARTYWALL_RUN={pid}_");
    for process in Path::new("/proc").read_dir().unwrap().flatten() {
        let read = |what: &str| std::fs::read(process.path().join(what)).unwrap_or_default();
        let (environment, line) = (read("environ"), read("cmdline"));
        let holds =
            |text: &[u8], word: &str| text.windows(word.len()).any(|w| w == word.as_bytes());
        if holds(&environment, &mark) || holds(&line, &name) {
            left.push(String::from_utf8_lossy(&line).replace('\0', " "));
        }
    }
    left
}
