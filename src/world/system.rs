//! What the system says of processes and does to them: signals to groups, when one started, what escaped its group.

use std::path::Path;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::process::LOOK;

/// Signals every process of a group; one that is gone needs none.
pub fn signal_group(pid: u32, signal: Signal) -> bool {
    let Ok(pid) = i32::try_from(pid) else {
        return false;
    };
    // A group of 0 or 1 would be our own or everybody.
    pid > 1 && !matches!(killpg(Pid::from_raw(pid), signal), Err(Errno::ESRCH))
}

/// Ends a group that is not our child: asks, waits, insists.
pub fn end_group_blocking(pid: u32, signal: Signal, grace: Duration) {
    signal_group(pid, signal);
    let until = Instant::now() + grace;
    while running(pid) && Instant::now() < until {
        std::thread::sleep(LOOK);
    }
    signal_group(pid, Signal::SIGKILL);
    let until = Instant::now() + grace;
    while running(pid) && Instant::now() < until {
        std::thread::sleep(LOOK);
    }
}

/// Whether a process runs; one that has ended and waits to be collected does not.
pub fn running(pid: u32) -> bool {
    if Path::new("/proc/self/stat").exists() {
        return stat(pid).is_some_and(|fields| !matches!(fields[0].as_str(), "Z" | "X"));
    }
    start_time(pid).is_some()
}

/// The variable by which what escaped its group is found again.
pub const MARK: &str = "PARTYWALL_RUN";

/// Ends what carries a mark that begins so: programs that left their group, as daemons do. Linux tells environments; where
/// none is told, nothing is found.
pub fn end_marked(mark: &str) {
    let wanted = format!("{MARK}={mark}");
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<i32>() else {
            continue;
        };
        let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
        let marked = environment
            .split(|&b| b == 0)
            .any(|variable| variable.starts_with(wanted.as_bytes()));
        if marked && pid > 1 && pid.unsigned_abs() != std::process::id() {
            // It may have ended meanwhile: then there is nothing to do.
            let _gone = nix::sys::signal::kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
    }
}

/// When a process started: two processes of the same number differ in it.
pub fn start_time(pid: u32) -> Option<String> {
    if Path::new("/proc/self/stat").exists() {
        let fields = stat(pid)?;
        // State is field 3, the start time field 22.
        return (!matches!(fields[0].as_str(), "Z" | "X")).then(|| fields[19].clone());
    }
    let output = std::process::Command::new("ps")
        .args(["-o", "lstart=", "-p", &pid.to_string()])
        .output()
        .ok()?;
    let digits: String = String::from_utf8_lossy(&output.stdout)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    (!digits.is_empty()).then(|| digits.to_lowercase())
}

/// The fields of `/proc/PID/stat` after the program's name, which may hold spaces and brackets.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    let fields: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
    (fields.len() > 19).then_some(fields)
}

/// This process: its number and when it started.
pub fn me() -> (u32, String) {
    let pid = std::process::id();
    (pid, start_time(pid).unwrap_or_else(|| "0".into()))
}

/// A port that nobody listens on now. Another program may take it before ours does: who starts something there tries again.
pub fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port())
}
