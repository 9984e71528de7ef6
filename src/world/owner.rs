//! Names that tell whose a database, role, slot, container or network is, so that a later run can remove what a dead one left.

use sha2::{Digest, Sha256};

use super::run::Run;
use super::system;

/// `partywall_HOST_PID_START`: every name that a run makes on a shared server begins with it.
pub fn prefix(run: &Run) -> String {
    format!("partywall_{}_{}", machine(), run.token())
}

/// Eight hex digits that differ between machines, and between containers of one machine.
fn machine() -> String {
    let mut hash = Sha256::new();
    if let Ok(name) = nix::unistd::gethostname() {
        hash.update(name.as_encoded_bytes());
    }
    for file in ["/etc/machine-id", "/proc/sys/kernel/random/boot_id"] {
        hash.update(std::fs::read(file).unwrap_or_default());
    }
    if let Ok(namespace) = std::fs::read_link("/proc/self/ns/pid") {
        hash.update(namespace.as_os_str().as_encoded_bytes());
    }
    hex::encode(hash.finalize())[..8].to_owned()
}

/// Whose something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// What every name of that run begins with.
    pub prefix: String,
    machine: String,
    pid: u32,
    start: String,
}

impl Owner {
    /// The owner that a name tells; `None` for names that are not ours.
    pub fn of(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.split('_').collect();
        let ["partywall", machine, pid, start, _, ..] = parts[..] else {
            return None;
        };
        let hex = machine.len() == 8 && machine.bytes().all(|b| b.is_ascii_hexdigit());
        // A second world in one process has a further number before the last part.
        let nth = parts.get(4).filter(|p| p.parse::<u32>().is_ok());
        let mut prefix = parts[..4].join("_");
        if let Some(nth) = nth {
            prefix = format!("{prefix}_{nth}");
        }
        hex.then_some(Self {
            prefix,
            machine: machine.to_owned(),
            pid: pid.parse().ok()?,
            start: start.to_owned(),
        })
    }

    /// Whether its process has ended; `None` where that was another machine's.
    pub fn is_dead(&self) -> Option<bool> {
        let here = self.machine == machine();
        here.then(|| system::start_time(self.pid).as_deref() != Some(self.start.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_owner() {
        let of = |name: &str| Owner::of(name).map(|o| (o.prefix, o.pid, o.start));
        assert_eq!(
            of("partywall_0a1b2c3d_77_123456_app"),
            Some(("partywall_0a1b2c3d_77_123456".into(), 77, "123456".into()))
        );
        assert_eq!(
            of("partywall_0a1b2c3d_77_123456_2_template"),
            Some(("partywall_0a1b2c3d_77_123456_2".into(), 77, "123456".into()))
        );
        for foreign in [
            "postgres",
            "partywall",
            "partywall_app",
            "partywall_prod_1_2_app",
            "my_partywall_0a1b2c3d_77_1_app",
            "partywall_0a1b2c3d_x_1_app",
        ] {
            assert_eq!(of(foreign), None, "{foreign}");
        }
    }
}
