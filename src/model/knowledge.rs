//! What a run knows when it judges: schema, owners, rows, canaries, who may see what, and what happens by itself.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::call::Call;
use super::canary::{Canaries, tokens};
use super::figure::Figure;
use super::logged::LogPromise;
use super::observed::Observed;
use super::ownership::{Owners, Ownership};
use super::reference::Reference;
use super::route::RouteId;
use super::rows::{Change, Operation, Row, RowRef, Rows};
use super::schema::{ColumnRef, Schema, TableId};
use super::tenant::{Actor, ActorId, Tenant, TenantKey};

/// What a run knows when it judges.
#[derive(Debug, Clone)]
pub struct Knowledge {
    /// The tables.
    pub schema: Schema,
    /// Whose rows are whose.
    pub ownership: Ownership,
    /// The rows as they stand.
    pub rows: Rows,
    /// The strong canaries among them.
    pub canaries: Canaries,
    /// Those that stand in no row, and were first seen in answers.
    pub observed: Observed,
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// The cast.
    pub actors: Vec<Actor>,
    /// Rows that tenants may see beyond their own.
    pub visibility: Vec<Visibility>,
    /// What the target writes by itself.
    pub background: Background,
    /// What actors of a tenant have sent in any call since the last reset, in lower case: they knew it.
    pub sent: HashMap<TenantKey, HashSet<String>>,
    /// What the description promises.
    pub expectations: Vec<Expectation>,
    /// What it promises to log of each request.
    pub log: Option<LogPromise>,
    /// The figures that are being looked at, with what SQL says of them now.
    pub figures: Vec<Figure>,
    /// Routes declared public: what they answer, anybody may see.
    pub public_routes: HashSet<RouteId>,
    /// Routes that serve a caller without credentials: whatever token comes with the call is not looked at there.
    pub open_routes: HashSet<RouteId>,
    /// References that no foreign key declares, as [`learn_references`](super::reference::learn_references) found them in
    /// the seeded rows.
    pub references: Vec<Reference>,
    /// Columns that may point to rows of any tenant, as the description declares.
    pub open_references: HashSet<ColumnRef>,
}

/// A declared right to see rows of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visibility {
    /// The table.
    pub table: TableId,
    /// Only this column (`tenant.name`); all where absent.
    pub column: Option<usize>,
    /// Only rows of these keys, evaluated in SQL when the rows were read; all where absent.
    pub rows: Option<HashSet<RowRef>>,
    /// Whose rows; anybody's where absent.
    pub from: Option<TenantKey>,
    /// Who may see them; everybody where absent.
    pub to: Option<TenantKey>,
}

/// Row changes that happen without a legitimate write: (table, operation, columns).
#[derive(Debug, Clone, Default)]
pub struct Background {
    /// The profile.
    pub seen: HashSet<(TableId, Operation, Vec<usize>)>,
}

impl Background {
    /// Learns a change.
    pub fn learn(&mut self, change: &Change) {
        self.seen
            .insert((change.table, change.operation, profile_columns(change)));
    }

    /// Whether a change is of a kind that happens by itself: an update may touch fewer columns than were seen.
    pub fn covers(&self, change: &Change) -> bool {
        let columns = profile_columns(change);
        self.seen.iter().any(|(table, operation, seen)| {
            *table == change.table
                && *operation == change.operation
                && columns.iter().all(|c| seen.contains(c))
        })
    }
}

/// The columns that count for the profile: for an update those that changed, else none.
fn profile_columns(change: &Change) -> Vec<usize> {
    if change.operation == Operation::Update {
        change.columns()
    } else {
        Vec::new()
    }
}

/// A declared promise: calls of this attack are answered like this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// An attack id, or `family.*`.
    pub attack: String,
    /// Route ids or prefixes with `*`; all where empty.
    pub routes: Vec<String>,
    /// The statuses promised, of which any will do; none is promised where empty.
    pub status: Vec<u16>,
    /// Words that the body must hold, in any case.
    pub body: Option<String>,
}

impl Knowledge {
    /// The actor of that name.
    pub fn actor(&self, id: &ActorId) -> Option<&Actor> {
        self.actors.iter().find(|a| a.id == *id)
    }

    /// The tenant of that key.
    pub fn tenant(&self, key: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|t| &*t.key == key)
    }

    /// Who owns a row that stands now; global where it does not stand.
    pub fn owners_of(&self, at: &RowRef) -> Owners {
        self.rows
            .get(at)
            .map(|row| self.owners(at.table, row))
            .unwrap_or_default()
    }

    /// All who own rows of a table as it stands: what a truncation of it takes away.
    pub fn table_owners(&self, table: TableId) -> Owners {
        let rows = self.rows.of(table);
        Owners(
            rows.flat_map(|(_, row)| self.owners(table, row).0)
                .collect(),
        )
    }

    /// Who owns an image of a row.
    pub fn owners(&self, table: TableId, row: &Row) -> Owners {
        self.ownership.owners(&self.schema, &self.rows, table, row)
    }

    /// Whether a caller with these tenants may see that column of a row with these owners.
    pub fn may_see(
        &self,
        tenants: &[TenantKey],
        at: &RowRef,
        column: usize,
        owners: &Owners,
    ) -> bool {
        !owners.foreign_to(tenants)
            || self.visibility.iter().any(|v| {
                v.table == at.table
                    && v.column.is_none_or(|c| c == column)
                    && v.rows.as_ref().is_none_or(|rows| rows.contains(at))
                    && v.from.as_ref().is_none_or(|from| owners.includes(from))
                    && v.to.as_ref().is_none_or(|to| tenants.contains(to))
            })
    }

    /// Whether actors of these tenants have sent a value themselves.
    pub fn has_sent(&self, tenants: &[TenantKey], value: &str) -> bool {
        let value = value.to_ascii_lowercase();
        tenants
            .iter()
            .any(|t| self.sent.get(t).is_some_and(|sent| sent.contains(&value)))
    }

    /// Notes what a call says as known to these tenants: each value, and each token in it.
    pub fn learn_sent(&mut self, tenants: &[TenantKey], call: &Call) {
        for value in call.sent_values() {
            let value = value.to_ascii_lowercase();
            for tenant in tenants {
                let sent = self.sent.entry(tenant.clone()).or_default();
                sent.extend(tokens(&value).map(str::to_owned));
                sent.insert(value.clone());
            }
        }
    }

    /// Whether the route was declared public, and the call goes there indeed: not by another method or path.
    pub fn is_public(&self, call: &Call) -> bool {
        let (method, rest) = call.route.0.split_once(' ').unwrap_or_default();
        let template = rest.split_once('#').map_or(rest, |(template, _)| template);
        self.public_routes.contains(&call.route)
            && call.template == template
            && call.tampering.target.is_none()
            && (call.method == method || matches!(&*call.method, "HEAD" | "OPTIONS"))
    }
}
