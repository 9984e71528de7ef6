//! Odd but correct behaviour: a typed enum, its table, and the set that is on. Nothing crosses under any of them.
use std::fmt;

pub(crate) mod effects;

/// An oddity that can be switched on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quirk {
    /// Writes are answered, then committed 50 ms later.
    AnswersBeforeCommit,
    /// A refused foreigner leaves an audit row in the addressed tenant.
    AuditsRefusedAttacker,
    /// Log-ins note the time, failed ones are counted, at the user's row.
    LoginColumns,
    /// Every call notes the time in the global session table.
    SessionTouch,
    /// Every call raises one global counter.
    GlobalCounter,
    /// Every call raises its minute's row in a global rate-limit table.
    RateLimitTable,
    /// Every write leaves a message in a global outbox.
    Outbox,
    /// Any call deletes what has expired, whosever it is.
    CleansUpExpired,
    /// The inbox of a member of two tenants shows both.
    MergedInbox,
    /// Published posts of all tenants may be read by anyone.
    PublicPosts,
    /// Bookings that are not there answer 400.
    RefusesWith400,
    /// Tasks that are not there answer 401.
    RefusesWith401,
    /// Service requests that are not there answer 200 with an empty list.
    RefusesWithEmptyList,
    /// Answers are compressed although nobody asked.
    GzipUnasked,
    /// Lists without a sort come in another order each time.
    RandomOrder,
    /// A drop-down lists words from a fixed list, of which one may stand in one tenant's rows only.
    CommonWords,
    /// A refusal repeats the id that was asked for.
    EchoesId,
    /// A worker empties the outbox and touches tenants' rows, unasked.
    BackgroundWorker,
    /// The first search makes the table that remembers searches.
    TablesOnFirstUse,
    /// Answers carry a time and a random value.
    VolatileAnswers,
    /// Lists have short pages, and show other rows each time.
    RandomPages,
    /// Answers name the worker that gave them: one of two.
    NamesWorker,
    /// Answers may be kept, by the caller's own cache or apart for each credential.
    KeptByTheCaller,
    /// Each write is noted in the audit log, in a transaction that begins 60 ms after the answer.
    NotesWritesLate,
}

/// One line of the quirk table.
#[derive(Clone, Copy, Debug)]
pub struct QuirkEntry {
    /// The quirk.
    pub quirk: Quirk,
    /// Its name on the command line.
    pub name: &'static str,
    /// Where it shows, as patterns; everywhere where empty.
    pub routes: &'static [&'static str],
    /// What is odd, in a sentence.
    pub title: &'static str,
}

/// Every quirk.
pub static QUIRKS: &[QuirkEntry] = &[
    QuirkEntry {
        quirk: Quirk::AnswersBeforeCommit,
        name: "answers-before-commit",
        routes: &[],
        title: "writes are answered, then committed 50 ms later",
    },
    QuirkEntry {
        quirk: Quirk::AuditsRefusedAttacker,
        name: "audits-refused-attacker",
        routes: &[],
        title: "a refused foreigner leaves an audit row in the addressed tenant",
    },
    QuirkEntry {
        quirk: Quirk::LoginColumns,
        name: "login-columns",
        routes: &[],
        title: "log-ins note the time, failed ones are counted, at the user's row",
    },
    QuirkEntry {
        quirk: Quirk::SessionTouch,
        name: "session-touch",
        routes: &[],
        title: "every call notes the time in the global session table",
    },
    QuirkEntry {
        quirk: Quirk::GlobalCounter,
        name: "global-counter",
        routes: &[],
        title: "every call raises one global counter",
    },
    QuirkEntry {
        quirk: Quirk::RateLimitTable,
        name: "rate-limit-table",
        routes: &[],
        title: "every call raises its minute's row in a global rate-limit table",
    },
    QuirkEntry {
        quirk: Quirk::Outbox,
        name: "outbox",
        routes: &[],
        title: "every write leaves a message in a global outbox",
    },
    QuirkEntry {
        quirk: Quirk::CleansUpExpired,
        name: "cleans-up-expired",
        routes: &[],
        title: "any call deletes what has expired, whosever it is",
    },
    QuirkEntry {
        quirk: Quirk::MergedInbox,
        name: "merged-inbox",
        routes: &["GET /api/portal/inbox", "GET /api/portal/bookings*"],
        title: "the inbox of a member of two tenants shows both",
    },
    QuirkEntry {
        quirk: Quirk::PublicPosts,
        name: "public-posts",
        routes: &["* /api/admin/posts*", "GET /api/public/posts"],
        title: "published posts of all tenants may be read by anyone",
    },
    QuirkEntry {
        quirk: Quirk::RefusesWith400,
        name: "refuses-with-400",
        routes: &["* /api/admin/bookings/{id}*"],
        title: "bookings that are not there answer 400",
    },
    QuirkEntry {
        quirk: Quirk::RefusesWith401,
        name: "refuses-with-401",
        routes: &["* /api/admin/tasks/{id}*"],
        title: "tasks that are not there answer 401",
    },
    QuirkEntry {
        quirk: Quirk::RefusesWithEmptyList,
        name: "refuses-with-empty-list",
        routes: &["* /api/admin/service-requests/{id}*"],
        title: "service requests that are not there answer 200 with an empty list",
    },
    QuirkEntry {
        quirk: Quirk::GzipUnasked,
        name: "gzip-unasked",
        routes: &[],
        title: "answers are compressed although nobody asked",
    },
    QuirkEntry {
        quirk: Quirk::RandomOrder,
        name: "random-order",
        routes: &[],
        title: "lists without a sort come in another order each time",
    },
    QuirkEntry {
        quirk: Quirk::CommonWords,
        name: "common-words",
        routes: &["* /api/admin/expenses*"],
        title: "a drop-down lists words from a fixed list, of which one may stand in one tenant's rows only",
    },
    QuirkEntry {
        quirk: Quirk::EchoesId,
        name: "echoes-id",
        routes: &[],
        title: "a refusal repeats the id that was asked for",
    },
    QuirkEntry {
        quirk: Quirk::BackgroundWorker,
        name: "background-worker",
        routes: &[],
        title: "a worker empties the outbox and touches tenants' rows, unasked",
    },
    QuirkEntry {
        quirk: Quirk::TablesOnFirstUse,
        name: "tables-on-first-use",
        routes: &[],
        title: "the first search makes the table that remembers searches",
    },
    QuirkEntry {
        quirk: Quirk::VolatileAnswers,
        name: "volatile-answers",
        routes: &[],
        title: "answers carry a time and a random value",
    },
    QuirkEntry {
        quirk: Quirk::RandomPages,
        name: "random-pages",
        routes: &[
            "GET /api/admin/bookings",
            "GET /api/admin/services",
            "GET /api/admin/tasks",
            "GET /api/admin/stats/*",
        ],
        title: "lists have short pages, and show other rows each time",
    },
    QuirkEntry {
        quirk: Quirk::NamesWorker,
        name: "names-worker",
        routes: &[],
        title: "answers name the worker that gave them, one of two",
    },
    QuirkEntry {
        quirk: Quirk::NotesWritesLate,
        name: "notes-writes-late",
        routes: &[],
        title: "each write is noted in the audit log, in a transaction that begins 60 ms after the answer",
    },
    QuirkEntry {
        quirk: Quirk::KeptByTheCaller,
        name: "kept-by-the-caller",
        routes: &[],
        title: "answers may be kept, by the caller's own cache or apart for each credential",
    },
];

impl Quirk {
    /// The quirk of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        QUIRKS
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.quirk)
    }
}

/// The quirks that are on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuirkSet(u32);

impl QuirkSet {
    /// Every quirk at once.
    pub fn all() -> Self {
        let mut set = Self::default();
        for entry in QUIRKS {
            set.insert(entry.quirk);
        }
        set
    }

    /// Switches a quirk on.
    pub fn insert(&mut self, quirk: Quirk) {
        self.0 |= 1 << quirk as u32;
    }

    /// Whether a quirk is on.
    pub fn on(self, quirk: Quirk) -> bool {
        self.0 & (1 << quirk as u32) != 0
    }

    /// Whether any quirk is on.
    pub fn any(self) -> bool {
        self.0 != 0
    }
}

impl fmt::Display for QuirkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = QUIRKS
            .iter()
            .filter(|entry| self.on(entry.quirk))
            .map(|entry| entry.name)
            .collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_known() {
        for entry in QUIRKS {
            assert_eq!(
                Quirk::from_name(entry.name),
                Some(entry.quirk),
                "{}",
                entry.name
            );
        }
        assert_eq!(QuirkSet::all().0.count_ones() as usize, QUIRKS.len());
    }
}
