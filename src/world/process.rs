//! Child processes: each in a process group of its own, its output kept, ended with everything that it started.

use std::os::unix::process::CommandExt;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::error::WorldError;
use super::output::Output;
use super::ready::Started;
use super::system::signal_group;

/// How often a condition is looked at.
pub const LOOK: Duration = Duration::from_millis(5);

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
        let (output, feed) = Output::new();
        if let Some(out) = child.stdout.take() {
            tokio::spawn(feed.clone().keep(out));
        }
        if let Some(err) = child.stderr.take() {
            tokio::spawn(feed.keep(err));
        }
        Ok(Self {
            process: child,
            pid,
            output,
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

impl Started for Child {
    fn ended(&mut self) -> Option<String> {
        self.exited().map(|status| status.to_string())
    }

    fn output(&mut self) -> &mut Output {
        &mut self.output
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.end_now(Signal::SIGKILL, Duration::from_secs(1));
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
}
