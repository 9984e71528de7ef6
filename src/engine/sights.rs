//! What legitimate answers show that stands in no row: taken up as one tenant's as long as nobody else is shown it.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::lab::Lab;
use super::names::words;
use crate::model::call::{Call, SlotRef};
use crate::model::canary::tokens;
use crate::model::exchange::{Exchange, Response};
use crate::model::observed::{Seer, Sighting, Source};
use crate::model::route::RouteId;
use crate::model::rows::{Change, Row, RowRef, Rows};
use crate::model::schema::{ColumnRef, Schema};
use crate::model::tenant::{Actor, ActorId, Standing, TenantKey};
use crate::oracle::leaves::{Leaf, leaves};
use crate::seed;
use crate::target::session::Session;

/// Names of what is made from content, or tells one build, process or call from the next: no tenant's own.
const NOISE: &[&str] = &[
    "etag",
    "hash",
    "checksum",
    "digest",
    "md5",
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "crc",
    "fingerprint",
    "integrity",
    "version",
    "revision",
    "rev",
    "build",
    "commit",
    "release",
    "deployment",
    "instance",
    "server",
    "worker",
    "process",
    "pod",
    "boot",
    "nonce",
    "csrf",
    "xsrf",
    "trace",
    "span",
    "correlation",
    "captcha",
    "avatar",
    "gravatar",
    "logo",
    "icon",
    "thumbnail",
];

/// Names under which answers say how to read on, and what pages are made of.
const AROUND: &[&str] = &["cursor", "pagination", "next", "previous", "prev", "asset"];

/// Endings of files that pages are made of.
const FILES: &[&str] = &[
    ".js", ".mjs", ".css", ".map", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".webp",
    ".avif", ".woff", ".woff2", ".ttf",
];

/// Names of what lets its bearer in.
const LETS_IN: &[&str] = &[
    "token",
    "secret",
    "password",
    "session",
    "jwt",
    "bearer",
    "credential",
    "cookie",
    "otp",
    "sid",
    "auth",
    "authorization",
];

/// With so many values of the same place one is compared.
const LIKE: usize = 64;

/// What rows hold and have ever held: tokens by their hash.
#[derive(Default)]
pub struct Stored(Option<HashSet<u64>>);

impl Stored {
    fn hash(token: &str) -> u64 {
        FixedState::with_seed(0).hash_one(token.to_ascii_lowercase())
    }

    fn add(&mut self, row: &Row) {
        let Some(known) = &mut self.0 else { return };
        for token in row.iter().flatten().flat_map(|value| tokens(value)) {
            known.insert(Self::hash(token));
            if token.len() == 36 {
                // A UUID is also written without its dashes.
                known.insert(Self::hash(&token.replace('-', "")));
            }
        }
    }

    /// Takes in what changes brought and took away.
    pub fn absorb(&mut self, changes: &[Change]) {
        let images = changes.iter().flat_map(|c| [&c.old, &c.new]);
        images.flatten().for_each(|row| self.add(row));
    }

    fn holds(&mut self, token: &str, schema: &Schema, rows: &Rows) -> bool {
        if self.0.is_none() {
            self.0 = Some(HashSet::new());
            for table in &schema.tables {
                rows.of(table.id).for_each(|(_, row)| self.add(row));
            }
        }
        let known = self.0.as_ref();
        known.is_some_and(|known| known.contains(&Self::hash(token)))
    }
}

/// The columns that the parameters of routes are bound to.
pub type Bound = HashMap<RouteId, Vec<(SlotRef, ColumnRef)>>;

/// A value of an answer that looks drawn at random.
#[derive(Debug, PartialEq, Eq)]
struct Drawn {
    value: String,
    at: String,
    place: String,
    secret: bool,
}

impl Lab<'_> {
    /// Looks at what a legitimate answer shows that stands in no row.
    pub fn sight(&mut self, exchange: &Exchange) {
        let Some(response) = exchange.response() else {
            return;
        };
        let Some((seer, tenant)) = self.seer(&exchange.call) else {
            return;
        };
        if !(200..400).contains(&response.status) {
            return;
        }
        let call = Arc::new(exchange.call.clone());
        if seer == Seer::Member {
            self.knowledge.observed.asked(&tenant, &call);
        }
        let said: Vec<String> = call.sent_values();
        let said: Vec<String> = said.iter().map(|v| v.to_ascii_lowercase()).collect();
        let source = Source::Call(Arc::clone(&call));
        for drawn in drawn(response, &call.route) {
            let value = drawn.value.to_ascii_lowercase();
            if !said.iter().any(|v| v.contains(&value)) {
                self.note_drawn(seer, &tenant, &source, drawn);
            }
        }
    }

    /// Takes up the credentials of a session: whoever is shown them may be whoever they are of.
    pub fn sight_log_in(&mut self, actor: &ActorId, session: &Session) {
        let known = self.actor(actor);
        let member = known.filter(|a| a.standing == Standing::Member && a.memberships.len() == 1);
        let Some(tenant) = member.map(|a| a.memberships[0].clone()) else {
            return;
        };
        self.knowledge.observed.logged_in(&tenant);
        let source = Source::LogIn(actor.clone());
        for secret in session.secrets() {
            for value in tokens(&secret).filter(|t| seed::is_drawn(t)) {
                let drawn = Drawn {
                    value: value.to_owned(),
                    at: "log-in".to_owned(),
                    place: "log-in".to_owned(),
                    secret: true,
                };
                self.note_drawn(Seer::Member, &tenant, &source, drawn);
            }
        }
    }

    fn note_drawn(&mut self, seer: Seer, tenant: &TenantKey, source: &Source, drawn: Drawn) {
        let knowledge = &mut self.knowledge;
        let value = &drawn.value;
        let stands = self.stored.holds(value, &knowledge.schema, &knowledge.rows)
            || knowledge.canaries.is_barred(value)
            || !knowledge.canaries.scan(value.as_bytes()).is_empty();
        if stands || knowledge.has_sent(std::slice::from_ref(tenant), value) {
            return;
        }
        let like = || knowledge.observed.values_at(&drawn.place).take(LIKE);
        if value.contains(['-', '_']) && !seed::is_drawn_among(value, like()) {
            return;
        }
        let secret = drawn.secret || self.is_credential(value);
        self.knowledge.observed.note(
            seer,
            Sighting {
                value: drawn.value,
                tenant: tenant.clone(),
                source: source.clone(),
                at: drawn.at,
                place: drawn.place,
                secret,
                lasting: false,
            },
        );
    }

    /// Who sees the answer to a call, and as whose it counts; `None` where it says nothing.
    fn seer(&self, call: &Call) -> Option<(Seer, TenantKey)> {
        let actor = self.actor(&call.actor)?;
        let tenant = call.tenant.clone().or_else(|| actor.tenant.clone());
        let knowledge = &self.knowledge;
        let open = knowledge.public_routes.contains(&call.route)
            || knowledge.open_routes.contains(&call.route);
        let seer = seer(
            actor,
            tenant.as_ref(),
            self.is_control(tenant.as_ref()),
            open,
        )?;
        let tenant = tenant.unwrap_or_else(|| "".into());
        if seer == Seer::Member && !self.names_own_rows(call, &tenant) {
            return Some((Seer::Several, tenant));
        }
        Some((seer, tenant))
    }

    fn is_control(&self, tenant: Option<&TenantKey>) -> bool {
        let tenant = tenant.and_then(|key| self.knowledge.tenant(key));
        tenant.is_some_and(|t| t.control)
    }

    /// Whether the rows that a call names are of that tenant alone: what is made from rows that others may see is theirs, too.
    fn names_own_rows(&self, call: &Call, tenant: &TenantKey) -> bool {
        let knowledge = &self.knowledge;
        let bound = self.bound.get(&call.route);
        let mut named = bound.into_iter().flatten().filter_map(|(slot, column)| {
            let value = call.slot(slot)?;
            let value = Some(value.as_str().into());
            let of = column.table;
            let row = knowledge
                .rows
                .find(&knowledge.schema, of, &[column.column], &[value])?;
            Some((of, row))
        });
        named.all(|(table, row)| {
            let owners = knowledge.owners(table, row);
            let shown = knowledge.visibility.iter().any(|v| {
                let table_wide = v.table == table && v.column.is_none();
                let at = RowRef::of(knowledge.schema.table(table), row);
                table_wide && v.rows.as_ref().is_none_or(|rows| rows.contains(&at))
            });
            owners.0.len() == 1 && owners.includes(tenant) && !shown
        })
    }
}

/// What an answer to this actor says of whose it is.
fn seer(actor: &Actor, tenant: Option<&TenantKey>, control: bool, open: bool) -> Option<Seer> {
    let at_home = tenant.is_some_and(|t| actor.belongs_to(t));
    match actor.standing {
        _ if open || control => Some(Seer::Anybody),
        Standing::Privileged => None,
        Standing::Member if at_home && actor.memberships.len() == 1 => Some(Seer::Member),
        Standing::Member | Standing::Double => Some(Seer::Several),
        Standing::Ended | Standing::Homeless | Standing::Anonymous => Some(Seer::Anybody),
    }
}

/// The values of an answer that look drawn at random, and may be a tenant's own by what they are called.
fn drawn(response: &Response, route: &RouteId) -> Vec<Drawn> {
    let leaves = leaves(response).into_iter();
    let own = leaves.filter(|leaf| !is_noise(&leaf.names) && !is_file(&leaf.text));
    own.flat_map(|leaf| parts(&leaf, route)).collect()
}

fn parts(leaf: &Leaf, route: &RouteId) -> Vec<Drawn> {
    let secret = leaf.names.last().is_some_and(|name| lets_in(name));
    // A cookie is the same one whatever route sets it.
    let within = if leaf.at.starts_with("cookie ") {
        String::new()
    } else {
        format!("{route} ")
    };
    // Of an address of several parts each has a place of its own: a bucket that all share bars no object in it.
    let shape = shape(&leaf.text);
    let values = tokens(&leaf.text).filter(|token| seed::is_drawn(token));
    let part = |(nth, value): (usize, &str)| Drawn {
        value: value.to_owned(),
        at: leaf.at.clone(),
        place: format!("{within}{} {shape} {nth}", leaf.place),
        secret,
    };
    values.enumerate().map(part).collect()
}

/// The path of an address with what is drawn left out; nothing for what is none.
fn shape(text: &str) -> String {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    if !path.contains('/') {
        return String::new();
    }
    let segment = |s: &str| -> String {
        let varies = s.bytes().any(|b| b.is_ascii_digit()) || s.len() > 40;
        if varies { "*" } else { s }.to_owned()
    };
    let segments: Vec<String> = path.split('/').map(segment).collect();
    segments.join("/")
}

fn is_noise(names: &[String]) -> bool {
    let around = names.iter().any(|name| {
        let words = words(name);
        words.iter().any(|w| AROUND.contains(&w.as_str()))
    });
    let last = names.last().map(|name| words(name)).unwrap_or_default();
    let of_call = ["request", "trace", "req"]
        .iter()
        .any(|what| last == [*what, "id"] || last == ["x", *what, "id"]);
    around || of_call || last.iter().any(|w| NOISE.contains(&w.as_str()))
}

/// Whether a value is the address of a file that pages are made of.
fn is_file(text: &str) -> bool {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    let path = path.to_ascii_lowercase();
    FILES.iter().any(|ending| path.ends_with(ending))
}

fn lets_in(name: &str) -> bool {
    let words = words(name);
    words.iter().any(|w| LETS_IN.contains(&w.as_str()))
}

#[cfg(test)]
mod tests;
