//! Child processes: each in a process group of its own, its output kept, ended with everything that it started.

use std::collections::VecDeque;
use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::sync::watch;

use super::error::WorldError;
use super::system::signal_group;

/// How much of a program's output is kept, in bytes.
const KEPT: usize = 256 * 1024;

/// How often a condition is looked at.
pub const LOOK: Duration = Duration::from_millis(5);

/// What a program printed last.
#[derive(Debug, Clone)]
pub struct Output {
    lines: Arc<Mutex<Lines>>,
    /// Counts lines, so that who waits for one need not look all the time.
    count: watch::Receiver<u64>,
}

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<String>,
    bytes: usize,
}

impl Output {
    /// The last `bytes` of it, whole lines.
    pub fn tail(&self, bytes: usize) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = bytes;
        let from = lines
            .kept
            .iter()
            .rposition(|l| {
                let fits = l.len() < room;
                room = room.saturating_sub(l.len() + 1);
                !fits
            })
            .map_or(0, |at| at + 1);
        let kept: Vec<&str> = lines.kept.range(from..).map(String::as_str).collect();
        kept.join("\n")
    }

    /// The lines that hold a text.
    pub fn holding(&self, text: &str) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let holding = lines.kept.iter().filter(|line| line.contains(text));
        holding.cloned().collect()
    }

    /// Whether a line matches.
    pub fn has(&self, pattern: &regex::Regex) -> bool {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.kept.iter().any(|l| pattern.is_match(l))
    }

    /// Waits until the program has closed its output, or for a second: a grandchild may hold it open.
    pub async fn closed(&mut self) {
        let all = async { while self.count.changed().await.is_ok() {} };
        let _still_open = tokio::time::timeout(Duration::from_secs(1), all)
            .await
            .is_err();
    }

    /// Waits for a further line; returns at once when the program has closed its output.
    #[cfg(test)]
    pub async fn grew(&mut self) {
        // An error says that nobody writes any more: then there is nothing to wait for.
        let _closed = self.count.changed().await.is_err();
    }
}

/// A running program.
#[derive(Debug)]
pub struct Child {
    process: tokio::process::Child,
    pid: u32,
    /// What it printed.
    pub output: Output,
    ended: bool,
}

impl Child {
    /// Starts a program in a process group of its own.
    pub fn start(command: &mut std::process::Command) -> Result<Self, WorldError> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child = tokio::process::Command::from(std::mem::replace(
            command,
            std::process::Command::new(&name),
        ))
        .spawn()
        .map_err(|source| WorldError::Spawn {
            command: name.clone(),
            source,
        })?;
        let pid = child.id().unwrap_or_default();
        let (sender, count) = watch::channel(0);
        let sender = Arc::new(sender);
        let lines = Arc::<Mutex<Lines>>::default();
        if let Some(out) = child.stdout.take() {
            tokio::spawn(keep(out, Arc::clone(&lines), Arc::clone(&sender)));
        }
        if let Some(err) = child.stderr.take() {
            tokio::spawn(keep(err, Arc::clone(&lines), sender));
        }
        Ok(Self {
            process: child,
            pid,
            output: Output { lines, count },
            ended: false,
        })
    }

    /// Its process id, which is its group's.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// How it ended, if it has.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        self.process.wait().await
    }

    /// Ends it and its group: asks with `signal`, insists after `grace`.
    pub async fn end(&mut self, signal: Signal, grace: Duration) {
        if self.ended {
            return;
        }
        signal_group(self.pid, signal);
        if tokio::time::timeout(grace, self.process.wait())
            .await
            .is_err()
        {
            signal_group(self.pid, Signal::SIGKILL);
            // A killed process ends unless the kernel itself hangs; nothing more can be done about that.
            let _given_up = tokio::time::timeout(grace, self.process.wait()).await;
        }
        // Whatever it started and did not take along.
        signal_group(self.pid, Signal::SIGKILL);
        self.ended = true;
    }

    /// The net for when nobody could wait.
    pub fn end_now(&mut self, signal: Signal, grace: Duration) {
        if self.ended {
            return;
        }
        signal_group(self.pid, signal);
        let until = Instant::now() + grace;
        while self.exited().is_none() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
        signal_group(self.pid, Signal::SIGKILL);
        let until = Instant::now() + grace;
        while self.exited().is_none() && Instant::now() < until {
            std::thread::sleep(LOOK);
        }
        self.ended = true;
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end_now(Signal::SIGKILL, Duration::from_secs(1));
    }
}

/// Keeps the last lines of a stream until it closes.
async fn keep(
    stream: impl AsyncRead + Unpin,
    lines: Arc<Mutex<Lines>>,
    count: Arc<watch::Sender<u64>>,
) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        // A line without an end is taken in pieces.
        let mut piece = (&mut reader).take(KEPT as u64 / 4);
        match piece.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let mut text = String::from_utf8_lossy(&line)
            .trim_end_matches(['\r', '\n'])
            .to_owned();
        text.truncate(text.floor_char_boundary(KEPT / 4));
        {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.bytes += text.len() + 1;
            lines.kept.push_back(text);
            while lines.bytes > KEPT {
                let Some(first) = lines.kept.pop_front() else {
                    break;
                };
                lines.bytes -= first.len() + 1;
            }
        }
        count.send_modify(|n| *n += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::system::running;
    use super::*;

    #[tokio::test]
    async fn a_group_ends_with_what_it_started() {
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", "sleep 300 & echo $!; exec sleep 300"]);
        let mut child = Child::start(&mut command).unwrap();
        let pattern = regex::Regex::new(r"^\d+$").unwrap();
        while !child.output.has(&pattern) {
            child.output.grew().await;
        }
        let grandchild: u32 = child.output.tail(100).trim().parse().unwrap();
        assert!(running(grandchild) && running(child.pid()));
        child.end(Signal::SIGTERM, Duration::from_secs(5)).await;
        let until = Instant::now() + Duration::from_secs(5);
        while running(grandchild) && Instant::now() < until {
            tokio::time::sleep(LOOK).await;
        }
        assert!(!running(grandchild) && !running(child.pid()));
    }

    #[tokio::test]
    async fn a_child_that_ignores_requests_is_killed() {
        let mut command = std::process::Command::new("/bin/sh");
        command.args(["-c", "trap '' TERM; echo up; while :; do sleep 1; done"]);
        let mut child = Child::start(&mut command).unwrap();
        while child.output.tail(10).is_empty() {
            child.output.grew().await;
        }
        child.end(Signal::SIGTERM, Duration::from_millis(200)).await;
        assert!(!running(child.pid()));
    }

    #[test]
    fn the_tail_is_made_of_whole_lines() {
        let lines = Lines {
            kept: ["one", "two", "three"].map(str::to_owned).into(),
            bytes: 14,
        };
        let output = Output {
            lines: Arc::new(Mutex::new(lines)),
            count: watch::channel(0).1,
        };
        assert_eq!(output.tail(10), "two\nthree");
        assert_eq!(output.tail(100), "one\ntwo\nthree");
        assert_eq!(output.tail(2), "");
    }
}
