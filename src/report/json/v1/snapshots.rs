//! What came of aggregates, tenant by tenant.

use serde::Serialize;

use super::{SCHEMA, to_text};
use crate::model::snapshot::{Beside, Compared, Snapshots, Taken};

#[derive(Serialize)]
struct Page<'a> {
    schema: &'static str,
    version: u8,
    target: &'a str,
    snapshots: Vec<Shot<'a>>,
    /// Declared routes of which nothing could be said.
    unreached: Vec<Unreached<'a>>,
    /// Accepted files that nothing belongs to.
    left_over: &'a [String],
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Shot<'a> {
    route: String,
    tenant: &'a str,
    actor: &'a str,
    declared: bool,
    file: &'a str,
    #[serde(flatten)]
    taken: How<'a>,
}

#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
enum How<'a> {
    Verified {
        /// `same`, `new` or `changed`.
        compared: &'static str,
        by_sql: bool,
        text: &'a str,
    },
    Moved {
        at: &'a str,
        with: Option<&'a str>,
        without: Option<&'a str>,
    },
    Wrong {
        promise: &'a str,
        instead: &'a str,
    },
    Unverified {
        why: &'a str,
    },
}

#[derive(Serialize)]
struct Unreached<'a> {
    route: String,
    why: &'a str,
}

/// The snapshots beside what was accepted.
pub fn snapshots(
    taken: &Snapshots,
    beside: &[Beside<'_>],
    left: &[String],
) -> Result<String, serde_json::Error> {
    let unreached = taken.unreached.iter().map(|(route, why)| Unreached {
        route: route.to_string(),
        why,
    });
    to_text(&Page {
        schema: SCHEMA,
        version: 1,
        target: &taken.target,
        snapshots: beside.iter().map(shot).collect(),
        unreached: unreached.collect(),
        left_over: left,
        warnings: &taken.warnings,
    })
}

fn shot<'a>(beside: &'a Beside<'_>) -> Shot<'a> {
    Shot {
        route: beside.shot.route.to_string(),
        tenant: &beside.shot.tenant,
        actor: &beside.shot.actor,
        declared: beside.shot.declared,
        file: &beside.file,
        taken: how(beside),
    }
}

fn how<'a>(beside: &'a Beside<'_>) -> How<'a> {
    match &beside.shot.taken {
        Taken::Verified { text, by_sql } => How::Verified {
            compared: match beside.compared {
                Compared::Same => "same",
                Compared::Changed { .. } => "changed",
                Compared::New | Compared::Not { .. } => "new",
            },
            by_sql: *by_sql,
            text,
        },
        Taken::Moved { at, with, without } => How::Moved {
            at,
            with: with.as_deref(),
            without: without.as_deref(),
        },
        Taken::Wrong { promise, instead } => How::Wrong { promise, instead },
        Taken::Unverified(why) => How::Unverified { why },
    }
}
