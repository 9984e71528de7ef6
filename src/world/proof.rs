//! Who owns the target's port: our child, or another program that answers in its place.

use std::collections::HashSet;
use std::fs;

use super::World;

/// Who listens on the target's port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortOwner {
    /// Our child, or a process that it started.
    Ours,
    /// Somebody else: process id and name.
    Other(String),
    /// The system does not say, or the target is not ours.
    Unknown,
}

impl World {
    /// Who listens on the target's port.
    pub fn port_owner(&self) -> PortOwner {
        match self.target.pid() {
            Some(group) => owner(self.port(), group),
            None => PortOwner::Unknown,
        }
    }
}

/// By the kernel's tables; they exist on Linux alone.
fn owner(port: u16, group: u32) -> PortOwner {
    let sockets: HashSet<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|table| listening(&table, port))
        .collect();
    if sockets.is_empty() {
        return PortOwner::Unknown;
    }
    let mut other = PortOwner::Unknown;
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let holds = fs::read_dir(entry.path().join("fd"))
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|fd| fs::read_link(fd.path()).ok())
            .any(|link| sockets.contains(&*link.to_string_lossy()));
        if holds {
            if descends(pid, group) {
                return PortOwner::Ours;
            }
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            other = PortOwner::Other(format!("process {pid} ({})", name.trim()));
        }
    }
    other
}

/// The sockets, as `/proc/PID/fd` names them, that listen on a port.
fn listening(table: &str, port: u16) -> Vec<String> {
    table
        .lines()
        .filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let (_, hex) = fields.get(1)?.rsplit_once(':')?;
            let listens = *fields.get(3)? == "0A" && u16::from_str_radix(hex, 16) == Ok(port);
            listens.then(|| format!("socket:[{}]", fields[9]))
        })
        .collect()
}

/// Whether a process is in a group, or has an ancestor of that number.
fn descends(pid: u32, group: u32) -> bool {
    let mut at = pid;
    for _ in 0..64 {
        let Ok(stat) = fs::read_to_string(format!("/proc/{at}/stat")) else {
            return false;
        };
        let Some((_, rest)) = stat.rsplit_once(") ") else {
            return false;
        };
        let mut fields = rest.split_whitespace().skip(1).map(str::parse::<u32>);
        let (Some(Ok(parent)), Some(Ok(its_group))) = (fields.next(), fields.next()) else {
            return false;
        };
        if at == group || its_group == group {
            return true;
        }
        if parent <= 1 {
            return false;
        }
        at = parent;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_listener_is_ours_and_nobody_elses() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(owner(port, std::process::id()), PortOwner::Ours);
        assert!(matches!(owner(port, 0x7fff_fff0), PortOwner::Other(_)));
    }

    #[test]
    fn only_listening_sockets_count() {
        let table = "  sl  local_address rem_address   st tx rx tr tm retrnsmt uid timeout inode\n   \
             0: 0100007F:1F90 00000000:0000 0A 0:0 0:0 0 0 0 4242 1\n   \
             1: 0100007F:1F90 0100007F:1F91 01 0:0 0:0 0 0 0 4343 1\n";
        assert_eq!(listening(table, 8080), ["socket:[4242]"]);
        assert!(listening(table, 8081).is_empty());
    }
}
