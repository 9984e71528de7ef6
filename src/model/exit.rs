//! The process exit codes: what a pipeline may rely on.

/// How a run of partywall ended, as a process tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// The wall held: nothing crossed at or above the severity that gates, and enough was shown.
    Held = 0,
    /// The command line or the description cannot be used, or the world could not be started from it.
    Usage = 1,
    /// At least one confirmed finding gates.
    Leak = 2,
    /// Suspected findings, or too little was shown to say that the wall held.
    Inconclusive = 3,
    /// The target did not work for its rightful tenants, or is not on the database that partywall watches.
    BaselineFailed = 4,
    /// A bug of partywall's own.
    Bug = 70,
    /// Stopped by Ctrl-C or SIGTERM before it was done.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code, in order.
    pub const ALL: [Self; 7] = [
        Self::Held,
        Self::Usage,
        Self::Leak,
        Self::Inconclusive,
        Self::BaselineFailed,
        Self::Bug,
        Self::Interrupted,
    ];

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// Its name in machine output and in `partywall explain`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Usage => "usage",
            Self::Leak => "leak",
            Self::Inconclusive => "inconclusive",
            Self::BaselineFailed => "baseline-failed",
            Self::Bug => "bug",
            Self::Interrupted => "interrupted",
        }
    }

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Held => "the wall held, as far as it was tried",
            Self::Usage => "the command line or the description cannot be used as it is",
            Self::Leak => "data crossed between tenants, shown by cause",
            Self::Inconclusive => {
                "not shown to hold: findings are only suspected, or too little could be tried"
            }
            Self::BaselineFailed => {
                "the target did not work for its rightful tenants, so attacks would show nothing"
            }
            Self::Bug => "partywall itself failed; the result says nothing about the target",
            Self::Interrupted => "stopped before it was done",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_documentation() {
        let codes: Vec<u8> = Exit::ALL.into_iter().map(Exit::code).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 70, 130]);
    }
}
