//! A plan: how a route is called legitimately, for any tenant and any of its rows.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::bind::Source;
use super::body::is_text_of;
use super::names::words;
use crate::model::call::{Body, Call, SlotRef, Tampering};
use crate::model::knowledge::Knowledge;
use crate::model::route::Route;
use crate::model::rows::{Row, RowRef};
use crate::model::schema::{Column, ColumnRef, Table, TableId};
use crate::model::tenant::{Actor, TenantKey};
use crate::model::values::{Standing, canonical};

/// How a route is called legitimately.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Slots outside the tenant's own address, and what stands there.
    pub slots: Vec<(SlotRef, Source)>,
    /// Query parameters that the route asks for.
    pub query: Vec<(String, String)>,
    /// The body as first accepted; its slots are filled anew for each tenant.
    pub body: Option<Body>,
    /// How rows of several slots belong together.
    pub relation: Relation,
    /// Which of the fitting rows is taken first.
    pub first: usize,
}

/// How the rows of several slots belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Tied by a foreign key or a join table where there is one.
    Tied,
    /// Not tied yet: for calls that tie them.
    Untied,
}

/// A call and the rows that it names.
#[derive(Debug, Clone)]
pub struct Concrete {
    /// The call.
    pub call: Call,
    /// Slot, column, row.
    pub named: Vec<(SlotRef, ColumnRef, RowRef)>,
}

impl Plan {
    /// The slots that name rows, with the columns that they are bound to.
    pub fn bound(&self) -> Vec<(SlotRef, ColumnRef)> {
        let bound = |(at, source): &(SlotRef, Source)| Some((at.clone(), column(source)?));
        self.slots.iter().filter_map(bound).collect()
    }

    /// The call of `actor` on rows of `tenant`, the `nth` choice of rows; `None` where the tenant lacks rows for it.
    pub fn call(
        &self,
        knowledge: &Knowledge,
        route: &Route,
        actor: &Actor,
        tenant: Option<&TenantKey>,
        nth: usize,
    ) -> Option<Concrete> {
        let mut call = Call {
            route: route.id.clone(),
            method: route.method.clone(),
            template: route.template.clone(),
            actor: actor.id.clone(),
            tenant: tenant.cloned(),
            path: std::collections::BTreeMap::new(),
            query: self.query.clone(),
            headers: Vec::new(),
            body: self.body.clone(),
            tampering: Tampering::default(),
        };
        let columns: Vec<ColumnRef> = self.slots.iter().filter_map(|(_, s)| column(s)).collect();
        let choice = Choice {
            knowledge,
            actor,
            tenant,
            body: self.body.as_ref(),
            deletes: route.method == "DELETE",
            reads: route.method == "GET",
        };
        let rows = choice.rows(&columns, self.relation, self.first + nth)?;
        let mut rows = rows.into_iter();
        let mut named = Vec::new();
        for (at, source) in &self.slots {
            match source {
                Source::Fixed(value) => {
                    call = call.with_slot(at, &of_tenant(value, knowledge, tenant));
                }
                Source::Own(field) => call = call.with_slot(at, actor.fields.get(*field)?),
                Source::Column(column) => {
                    let row = rows.next()?;
                    let value = knowledge.rows.get(&row)?[column.column].clone()?;
                    call = call.with_slot(at, &value);
                    named.push((at.clone(), *column, row));
                }
            }
        }
        Some(Concrete { call, named })
    }
}

/// A fixed value with what it leaves open for the tenant's slug and key.
fn of_tenant<'v>(
    value: &'v str,
    knowledge: &Knowledge,
    tenant: Option<&TenantKey>,
) -> Cow<'v, str> {
    match tenant.and_then(|key| knowledge.tenant(key)) {
        Some(tenant) if value.contains("{tenant.") => value
            .replace("{tenant.slug}", &tenant.slug)
            .replace("{tenant.key}", &tenant.key)
            .into(),
        _ => value.into(),
    }
}

fn column(source: &Source) -> Option<ColumnRef> {
    match source {
        Source::Column(at) => Some(*at),
        Source::Fixed(_) | Source::Own(_) => None,
    }
}

/// The rows of a table that this tenant owns alone, those that fit the actor best first; else those that it owns with
/// others, else global ones. A call that `reads` sees most at the people of the cast; any other leaves them alone where
/// others are there.
pub fn rows_of<'k>(
    knowledge: &'k Knowledge,
    actor: &Actor,
    tenant: Option<&TenantKey>,
    table: TableId,
    reads: bool,
) -> Vec<(&'k RowRef, &'k Row)> {
    let me = actor.fields.get("id").map(String::as_str);
    let cast: BTreeSet<&str> = knowledge
        .actors
        .iter()
        .filter_map(|a| a.fields.get("id").map(String::as_str))
        .collect();
    let people = knowledge.ownership.users == Some(table)
        || knowledge
            .ownership
            .membership
            .as_ref()
            .is_some_and(|m| m.table == table);
    let mut ranked: Vec<((u8, u8), &RowRef, &Row)> = knowledge
        .rows
        .of(table)
        .filter_map(|(at, row)| {
            let owners = knowledge.owners(table, row);
            let owned = match tenant {
                Some(tenant) if owners.0.len() == 1 && owners.includes(tenant) => 0,
                Some(tenant) if owners.includes(tenant) => 1,
                _ if owners.is_global() => 2,
                _ => return None,
            };
            let holds = |id: &str| row.iter().flatten().any(|v| &**v == id);
            let fit = if people {
                u8::from(row.iter().flatten().any(|v| cast.contains(&**v)) != reads)
            } else {
                u8::from(!me.is_some_and(holds))
            };
            Some(((owned, fit), at, row))
        })
        .collect();
    let best = ranked.iter().map(|((owned, _), ..)| *owned).min();
    ranked.retain(|((owned, _), ..)| Some(*owned) == best);
    ranked.sort();
    ranked.into_iter().map(|(_, at, row)| (at, row)).collect()
}

/// What rows are chosen by.
struct Choice<'k> {
    knowledge: &'k Knowledge,
    actor: &'k Actor,
    tenant: Option<&'k TenantKey>,
    /// What the call sends: rows that already hold it all come last, since on them it changes nothing that shows.
    body: Option<&'k Body>,
    /// Whether the call deletes: rows that no other row points to come first then, since those can be deleted; else those
    /// that others point to, since they have something to show below them.
    deletes: bool,
    /// Whether the call reads.
    reads: bool,
}

impl<'k> Choice<'k> {
    fn pool(&self, table: TableId) -> Vec<(&'k RowRef, &'k Row)> {
        let knowledge = self.knowledge;
        let mut rows = rows_of(knowledge, self.actor, self.tenant, table, self.reads);
        rows.sort_by_cached_key(|(_, row)| {
            let idle = self
                .body
                .is_some_and(|b| holds(knowledge.schema.table(table), row, b));
            (idle, is_pointed_to(knowledge, table, row) == self.deletes)
        });
        rows
    }

    /// One row for each column, belonging together.
    fn rows(&self, columns: &[ColumnRef], relation: Relation, nth: usize) -> Option<Vec<RowRef>> {
        let Some(last) = columns.last() else {
            return Some(Vec::new());
        };
        let knowledge = self.knowledge;
        let pools: Vec<Vec<(&RowRef, &Row)>> = columns.iter().map(|c| self.pool(c.table)).collect();
        let filled = |pool: &[(&RowRef, &Row)], c: &ColumnRef| {
            pool.iter().any(|(_, r)| r[c.column].is_some())
        };
        if !columns.iter().zip(&pools).all(|(c, pool)| filled(pool, c)) {
            return None;
        }
        if columns.len() == 2 {
            let tied = pairs(knowledge, columns, &pools);
            let chosen: Vec<(usize, usize)> = if relation == Relation::Tied {
                tied
            } else {
                (0..pools[1].len())
                    .flat_map(|b| (0..pools[0].len()).map(move |a| (a, b)))
                    .filter(|p| !tied.contains(p) && pools[0][p.0].0 != pools[1][p.1].0)
                    .collect()
            };
            if !chosen.is_empty() {
                let (a, b) = chosen[nth % chosen.len()];
                return Some(vec![pools[0][a].0.clone(), pools[1][b].0.clone()]);
            }
        }
        if relation == Relation::Untied && Some(last.table) == knowledge.ownership.users {
            return Some(vec![self.newcomer(last, nth)?]);
        }
        let anchor = usable(pools.last()?, last, nth)?;
        let anchor_row = knowledge.rows.get(&anchor)?;
        let mut rows = Vec::with_capacity(columns.len());
        for (column, pool) in columns[..columns.len() - 1].iter().zip(&pools) {
            let parent = parent_in(knowledge, last.table, anchor_row, column.table);
            rows.push(match parent {
                Some(parent) if pool.iter().any(|(at, _)| **at == parent) => parent,
                _ => usable(pool, column, nth)?,
            });
        }
        rows.push(anchor);
        Some(rows)
    }
}

impl Choice<'_> {
    /// Somebody who belongs to no tenant yet.
    fn newcomer(&self, column: &ColumnRef, nth: usize) -> Option<RowRef> {
        let rows = self.knowledge.rows.of(column.table);
        let mut free: Vec<(&RowRef, &Row)> = rows
            .filter(|(_, row)| self.knowledge.owners(column.table, row).is_global())
            .collect();
        free.sort();
        usable(&free, column, nth)
    }
}

/// Whether another row points to this one: it has something to show below it.
pub fn is_pointed_to(knowledge: &Knowledge, table: TableId, row: &Row) -> bool {
    let children = knowledge.schema.tables.iter().flat_map(|child| {
        let keys = child.foreign_keys.iter().filter(|k| k.table == table);
        keys.map(move |k| (child.id, k))
    });
    let mut ends = children.flat_map(|(child, key)| {
        let ends = key.columns.iter().zip(&key.references);
        ends.map(move |(&from, &to)| (child, from, to))
    });
    ends.any(|(child, from, to)| {
        let value = row[to].as_deref().and_then(canonical);
        match value.map(|v| knowledge.rows.standing(&v)) {
            Some(Standing::At(places)) => places
                .iter()
                .any(|p| p.row.table == child && p.column == from),
            Some(Standing::Common) => true,
            None => false,
        }
    })
}

/// Whether a row holds already every field of a body that its table has a column for, keys aside; not where there is none.
fn holds(table: &Table, row: &Row, body: &Body) -> bool {
    let Body::Json(Json::Object(fields)) = body else {
        return false;
    };
    let mut named = fields
        .iter()
        .filter_map(|(name, value)| {
            let same = |c: &Column| words(&c.name) == words(name);
            let at = table.columns.iter().position(same)?;
            (!table.is_key(at)).then_some((at, value))
        })
        .peekable();
    named.peek().is_some()
        && named.all(|(at, value)| row[at].as_deref().is_some_and(|s| is_text_of(value, s)))
}

fn usable(pool: &[(&RowRef, &Row)], column: &ColumnRef, nth: usize) -> Option<RowRef> {
    let fit: Vec<_> = pool
        .iter()
        .filter(|(_, row)| row[column.column].is_some())
        .collect();
    fit.get(nth % fit.len().max(1)).map(|(at, _)| (*at).clone())
}

/// The row of `parent` that `row` points to.
fn parent_in(knowledge: &Knowledge, table: TableId, row: &Row, parent: TableId) -> Option<RowRef> {
    let schema = &knowledge.schema;
    let keys = &schema.table(table).foreign_keys;
    keys.iter().filter(|k| k.table == parent).find_map(|k| {
        let values: Vec<_> = k.columns.iter().map(|&c| row[c].clone()).collect();
        let found = knowledge
            .rows
            .find(schema, parent, &k.references, &values)?;
        Some(RowRef::of(schema.table(parent), found))
    })
}

/// Index pairs of rows that are tied: the second points to the first, or a join row ties both.
fn pairs(
    knowledge: &Knowledge,
    columns: &[ColumnRef],
    pools: &[Vec<(&RowRef, &Row)>],
) -> Vec<(usize, usize)> {
    let (first, second) = (columns[0].table, columns[1].table);
    let at =
        |pool: &[(&RowRef, &Row)], wanted: &RowRef| pool.iter().position(|(r, _)| **r == *wanted);
    let mut tied = Vec::new();
    for (b, (_, row)) in pools[1].iter().enumerate() {
        let parent = parent_in(knowledge, second, row, first);
        tied.extend(parent.and_then(|p| at(&pools[0], &p)).map(|a| (a, b)));
    }
    if !tied.is_empty() || first == second {
        return tied;
    }
    for join in &knowledge.schema.tables {
        let points = |to| join.foreign_keys.iter().any(|k| k.table == to);
        if join.id == first
            || join.id == second
            || !points(first)
            || !points(second)
            || join.columns.len() > 6
        {
            continue;
        }
        for (_, row) in knowledge.rows.of(join.id) {
            let a = parent_in(knowledge, join.id, row, first).and_then(|p| at(&pools[0], &p));
            let b = parent_in(knowledge, join.id, row, second).and_then(|p| at(&pools[1], &p));
            tied.extend(a.zip(b));
        }
    }
    tied.sort_unstable();
    tied
}
