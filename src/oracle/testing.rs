//! A small hand-made world for the oracles' tests: two tenants and a control tenant, users of one and of both, tasks,
//! comments, audit rows and global plans.

mod schema;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use bytes::Bytes;

use crate::model::call::{Call, SlotRef, Tampering};
use crate::model::canary::{Canaries, PREFIX, tokens};
use crate::model::exchange::{Exchange, History, Purpose, Response, Watch};
use crate::model::knowledge::{Background, Knowledge};
use crate::model::observed::Observed;
use crate::model::route::{Place, RouteId};
use crate::model::rows::{Change, Operation, Row, RowRef, Rows};
use crate::model::schema::{Schema, TableId};
use crate::model::tenant::{Actor, ActorId, Standing, Tenant};
use crate::model::verdict::Provenance;

use schema::{ownership, schema};

pub const ACME: &str = "org-acme";
pub const BOLT: &str = "org-bolt";
pub const COVE: &str = "org-cove";

/// Tasks of each tenant.
pub const TASKS: usize = 4;

/// Knowledge of the small world.
pub struct World {
    pub knowledge: Knowledge,
}

fn row(values: &[&str]) -> Row {
    let value = |v: &&str| (!v.is_empty()).then(|| (*v).into());
    values.iter().map(value).collect()
}

fn actor(id: &str, standing: Standing, orgs: &[&str]) -> Actor {
    let user = format!("user-{}", id.replace('.', "-"));
    Actor {
        id: id.into(),
        standing,
        tenant: orgs.first().map(|&o| o.into()),
        role: Some("admin".to_owned()),
        memberships: orgs.iter().map(|&o| o.into()).collect(),
        fields: [("id".to_owned(), user)].into(),
    }
}

/// Sixteen letters and digits that differ by their seed.
fn noise(seed: usize) -> String {
    let mut state = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let digit = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from_digit(u32::try_from(state % 36).unwrap(), 36).unwrap()
    };
    (0..16).map(digit).collect()
}

impl World {
    pub fn new() -> Self {
        let schema = schema();
        let mut rows = Rows::empty(&schema);
        let mut put =
            |table: usize, values: &[&str]| rows.insert(&schema, TableId(table), row(values));
        for (n, org) in [ACME, BOLT, COVE].into_iter().enumerate() {
            let slug = &org[4..];
            put(0, &[org, slug, &format!("{slug} limited")]);
            let user = format!("user-{slug}-admin");
            put(
                1,
                &[
                    &user,
                    &format!("{PREFIX}{}@{slug}.test", noise(900 + n)),
                    slug,
                ],
            );
            put(2, &[&format!("m-{slug}"), &user, org, "admin"]);
            if org == COVE {
                continue;
            }
            put(
                2,
                &[&format!("m-{slug}-both"), "user-both-admin", org, "staff"],
            );
            for t in 0..TASKS {
                let seed = n * 100 + t;
                let id = Self::task_id(org, t);
                let parent = if t == 0 {
                    String::new()
                } else {
                    Self::task_id(org, 0)
                };
                let title = format!("{PREFIX}{} tax", noise(seed + 40));
                let amount = format!("{}.{:02}", 1000 + seed * 37, 11 + t);
                let due = format!("2025-03-{:02}", 10 + t);
                let related = format!("{{{}}}", Self::task_id(org, (t + 1) % TASKS));
                put(
                    3,
                    &[
                        &id, org, &title, "open", &amount, &due, &user, &parent, &related,
                    ],
                );
                let body = format!("{PREFIX}{}", noise(seed + 500));
                put(4, &[&format!("c-{slug}-{t}"), &id, &body]);
            }
            put(5, &[&format!("a-{slug}"), org, "signed in"]);
        }
        let both = format!("{PREFIX}{}@both.test", noise(950));
        put(1, &["user-both-admin", &both, "both"]);
        put(6, &["plan-1", "Basalt", "49.90"]);
        let mut world = Self::with(schema, rows);
        world.index();
        world
    }

    fn with(schema: Schema, rows: Rows) -> Self {
        let tenant = |key: &str| Tenant {
            key: key.into(),
            slug: key[4..].to_owned(),
            name: key[4..].to_owned(),
            label: key[4..].to_owned(),
            control: key == COVE,
        };
        Self {
            knowledge: Knowledge {
                schema,
                ownership: ownership(),
                rows,
                canaries: Canaries::default(),
                observed: Observed::default(),
                tenants: [ACME, BOLT, COVE].map(tenant).to_vec(),
                actors: vec![
                    actor("acme.admin", Standing::Member, &[ACME]),
                    actor("bolt.admin", Standing::Member, &[BOLT]),
                    actor("both.admin", Standing::Double, &[ACME, BOLT]),
                    Actor::anonymous(None),
                ],
                visibility: Vec::new(),
                background: Background::default(),
                sent: HashMap::new(),
                expectations: Vec::new(),
                log: None,
                figures: Vec::new(),
                public_routes: HashSet::new(),
                open_routes: std::collections::HashSet::new(),
                references: Vec::new(),
                open_references: std::collections::HashSet::new(),
            },
        }
    }

    /// Indexes what a seed would take for strong: generated values and task ids.
    fn index(&mut self) {
        let k = &mut self.knowledge;
        for table in &k.schema.tables {
            for (at, row) in k.rows.of(table.id) {
                for (column, value) in row.iter().enumerate() {
                    for token in value.iter().flat_map(|v| tokens(v)) {
                        if token.starts_with(PREFIX) || token.starts_with("7f3a9c52-") {
                            k.canaries.insert(Provenance {
                                row: at.clone(),
                                column,
                                value: token.to_owned(),
                                owners: k.ownership.owners(&k.schema, &k.rows, table.id, row),
                            });
                        }
                    }
                }
            }
        }
    }

    pub fn task_id(org: &str, n: usize) -> String {
        let tenant = if org == ACME { "a" } else { "b" };
        format!("7f3a9c52-1b44-4e0d-9a6e-{tenant}{n:011}")
    }

    /// The id of the n-th task of a tenant.
    #[expect(clippy::unused_self, reason = "reads as a question to the world")]
    pub fn task(&self, org: &str, n: usize) -> String {
        Self::task_id(org, n)
    }

    pub fn table(&self, name: &str) -> TableId {
        self.knowledge.schema.by_name(name).unwrap().id
    }

    pub fn row(&self, table: &str, id: &str) -> RowRef {
        RowRef {
            table: self.table(table),
            key: vec![Some(id.into())],
        }
    }

    /// A value of a row, by column name.
    pub fn value(&self, table: &str, id: &str, column: &str) -> String {
        let at = self.row(table, id);
        let column = self
            .knowledge
            .schema
            .table(at.table)
            .column(column)
            .unwrap();
        let row = self.knowledge.rows.get(&at).unwrap();
        row[column].as_deref().unwrap_or_default().to_owned()
    }

    /// A task as JSON, as an application would answer it.
    pub fn task_json(&self, id: &str) -> String {
        let value = |column| self.value("task", id, column);
        format!(
            r#"{{"id":"{id}","title":"{}","status":"{}","amount":{},"due":"{}T00:00:00Z"}}"#,
            value("title"),
            value("status"),
            value("amount"),
            value("due"),
        )
    }

    fn apply(
        &mut self,
        table: TableId,
        operation: Operation,
        old: Option<Row>,
        new: Option<Row>,
    ) -> Change {
        let k = &mut self.knowledge;
        let owners =
            |k: &Knowledge, row: Option<&Row>| row.map(|r| k.owners(table, r)).unwrap_or_default();
        let mut change = Change {
            table,
            operation,
            xid: 7,
            owners_before: owners(k, old.as_ref()),
            owners_after: owners(k, new.as_ref()),
            old,
            new,
        };
        k.rows.apply(&k.schema, &change);
        // A membership row counts from now on, a deleted one no longer.
        change.owners_after = owners(k, change.new.as_ref());
        change
    }

    pub fn insert(&mut self, table: &str, values: &[&str]) -> Change {
        self.apply(
            self.table(table),
            Operation::Insert,
            None,
            Some(row(values)),
        )
    }

    pub fn update(&mut self, table: &str, id: &str, column: &str, value: &str) -> Change {
        let at = self.row(table, id);
        let old = self.knowledge.rows.get(&at).unwrap().clone();
        let mut new = old.clone();
        let column = self
            .knowledge
            .schema
            .table(at.table)
            .column(column)
            .unwrap();
        new[column] = (!value.is_empty()).then(|| value.into());
        self.apply(at.table, Operation::Update, Some(old), Some(new))
    }

    pub fn delete(&mut self, table: &str, id: &str) -> Change {
        let at = self.row(table, id);
        let old = self.knowledge.rows.get(&at).unwrap().clone();
        self.apply(at.table, Operation::Delete, Some(old), None)
    }

    /// The controls that a case needs to hold: the owner's and the attacker's call on a task of their own.
    pub fn controlled(&self, attack: &str) -> History {
        let owner = call("bolt.admin", "GET /tasks/{id}", BOLT, &self.task(BOLT, 0));
        let own = call("acme.admin", "GET /tasks/{id}", ACME, &self.task(ACME, 0));
        history(attack)
            .with(
                Purpose::OwnerControl,
                exchange(owner, 200, &self.task_json(&self.task(BOLT, 0))),
            )
            .with(
                Purpose::OwnControl,
                exchange(own, 200, &self.task_json(&self.task(ACME, 0))),
            )
    }
}

/// A call of a route with one path parameter.
pub fn call(actor: &str, route: &str, tenant: &str, id: &str) -> Call {
    let (method, template) = route.split_once(' ').unwrap();
    Call {
        route: RouteId(route.to_owned()),
        method: method.to_owned(),
        template: template.to_owned(),
        actor: actor.into(),
        tenant: Some(tenant.into()),
        path: [("id".to_owned(), id.to_owned())].into(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        tampering: Tampering::default(),
    }
}

/// A JSON answer.
pub fn answer(status: u16, body: &str) -> Response {
    Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: Bytes::copy_from_slice(body.as_bytes()),
        trailers: Vec::new(),
        truncated: false,
    }
}

pub fn exchange(call: Call, status: u16, body: &str) -> Exchange {
    Exchange {
        call,
        outcome: Ok(answer(status, body)),
        elapsed: Duration::from_millis(1),
        changes: Vec::new(),
        logged: None,
        watch: Watch::Exact,
    }
}

/// An attack of acme's admin on bolt.
pub fn history(attack: &str) -> History {
    History {
        attacker_tenants: vec![ACME.into()],
        victim: Some(BOLT.into()),
        slots: vec![SlotRef {
            place: Place::Path,
            name: "id".to_owned(),
        }],
        ..History::new(attack, "test", &"acme.admin".into())
    }
}

/// An attack call of acme's admin with this id in its path.
pub fn attack(id: &str, status: u16, body: &str) -> Exchange {
    exchange(
        call("acme.admin", "GET /tasks/{id}", ACME, id),
        status,
        body,
    )
}

impl History {
    /// The history with one more exchange.
    #[must_use]
    pub fn with(mut self, purpose: Purpose, exchange: Exchange) -> Self {
        self.exchanges.push((purpose, exchange));
        self
    }

    /// The history of an attack that names this row.
    #[must_use]
    pub fn reaching(mut self, row: RowRef) -> Self {
        self.reached.push(row);
        self
    }

    /// The history with another attacker.
    #[must_use]
    pub fn by(mut self, actor: &str, tenants: &[&str]) -> Self {
        self.attacker = ActorId::from(actor);
        self.attacker_tenants = tenants.iter().map(|&t| t.into()).collect();
        self
    }
}

impl Exchange {
    /// The exchange with row changes.
    #[must_use]
    pub fn changing(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes.extend(changes);
        self
    }
}
