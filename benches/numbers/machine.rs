//! The machine that it runs on, in a few lines: figures of one say little of another.

use std::fs;
use std::process::Command;

/// Processor, memory, system, Postgres, compiler, and how busy it is.
pub fn described() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let model = after("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".into());
    let memory = after("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split(' ').next()?.parse::<u64>().ok())
        .map_or_else(|| "?".into(), |kib| (kib >> 20).to_string());
    let lines = [
        format!("processor: {model}, {processors} usable"),
        format!("memory: {memory} GiB"),
        format!(
            "system: {} {}",
            system(),
            read("/proc/sys/kernel/osrelease")
        ),
        format!("Postgres: {}", postgres()),
        format!(
            "compiler: {}; profile: {}",
            printed("rustc", "--version"),
            profile()
        ),
        format!(
            "load before it began (1, 5 and 15 minutes): {}",
            read("/proc/loadavg")
                .split(' ')
                .take(3)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    ];
    lines.map(|line| format!("- {line}")).join("\n")
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// The value of the first line of a file that begins with a name, behind the colon.
fn after(path: &str, name: &str) -> Option<String> {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn system() -> String {
    let text = read("/etc/os-release");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="));
    line.unwrap_or(std::env::consts::OS)
        .trim_matches('"')
        .to_owned()
}

/// The version that the worlds of this run use: the newest under the usual folder, else the one on `PATH`.
fn postgres() -> String {
    match super::opened::postgres() {
        Ok(about) => about,
        Err(error) => format!("unknown ({error})"),
    }
}

fn printed(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    let text = output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned());
    text.unwrap_or_else(|_| "unknown".into())
}

/// The profile, by the folder that this program stands in: `target/release/deps`.
fn profile() -> String {
    let name = std::env::current_exe().ok().and_then(|exe| {
        let folder = exe.parent()?.parent()?;
        Some(folder.file_name()?.to_string_lossy().into_owned())
    });
    match name.as_deref() {
        Some("release") => "bench (as release)".to_owned(),
        Some("debug") => "dev".to_owned(),
        other => other.unwrap_or("unknown").to_owned(),
    }
}

/// The memory of this process, in KiB; 0 where the system does not tell.
pub fn memory() -> usize {
    let text = after("/proc/self/status", "VmRSS").unwrap_or_default();
    let kib = text.split(' ').next().and_then(|kib| kib.parse().ok());
    kib.unwrap_or(0)
}
