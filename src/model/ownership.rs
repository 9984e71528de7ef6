//! Whose a row is: a set of tenants, by rules found per table.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rows::{Row, Rows};
use super::schema::{ForeignKey, Schema, TableId};
use super::tenant::TenantKey;

/// The tenants that own a row; empty where it is global.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Owners(pub BTreeSet<TenantKey>);

impl Owners {
    /// Whether nobody owns the row.
    pub fn is_global(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether that tenant is among the owners.
    pub fn includes(&self, tenant: &str) -> bool {
        self.0.contains(tenant)
    }

    /// Owned, and by none of `tenants`.
    pub fn foreign_to(&self, tenants: &[TenantKey]) -> bool {
        !self.is_global() && !tenants.iter().any(|t| self.0.contains(t))
    }
}

/// How the rows of one table find their owners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by")]
pub enum Rule {
    /// The tenant table itself: a row owns itself, by its key column.
    Tenant {
        /// The key column.
        key: usize,
    },
    /// Columns that hold tenant keys; several where rows are transferred. A row in which none of them names a tenant has the
    /// owners of the parents that every row must have.
    Columns {
        /// Indices of those columns.
        columns: Vec<usize>,
    },
    /// Foreign keys to tables that are owned; the owners of all parents together, the first that has any wins where
    /// they name different tenants is *not* assumed: the set is kept.
    Parents {
        /// Indices into the table's foreign keys.
        foreign_keys: Vec<usize>,
    },
    /// Identities: owned by every tenant that a membership row ties them to, and by their own tenant columns.
    Members {
        /// The membership table.
        membership: TableId,
        /// Its column that holds the identity's key.
        user: usize,
        /// Its column that holds the tenant's key.
        tenant: usize,
        /// The identity's key column in this table.
        key: usize,
        /// Tenant columns of the identity's own row (a home tenant).
        columns: Vec<usize>,
    },
    /// Every row belongs to the tenant whose schema holds the table.
    Schema {
        /// That tenant.
        tenant: TenantKey,
    },
    /// Nobody's.
    Global,
}

/// The rules of all tables, and where tenants, identities and memberships live.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Ownership {
    /// The tenant table.
    pub tenants: TableId,
    /// Its column whose value stands in tenant columns.
    pub key: usize,
    /// Its column whose value stands in addresses.
    pub slug: Option<usize>,
    /// The table of identities.
    pub users: Option<TableId>,
    /// The table that ties identities to tenants.
    pub membership: Option<Membership>,
    /// One rule a table, by [`TableId`].
    pub rules: Vec<Rule>,
    /// Why each rule was chosen, one sentence a table, for `discover`.
    pub reasons: Vec<String>,
}

/// Where memberships are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The table; the users' own table where a user belongs to exactly one tenant by a column of its own.
    pub table: TableId,
    /// Its column that holds the user's key.
    pub user: usize,
    /// Its column that holds the tenant's key.
    pub tenant: usize,
    /// Its column that holds the role.
    pub role: Option<usize>,
}

/// How many foreign keys a path to an owner may have before it counts as a cycle.
const DEPTH: usize = 8;

impl Ownership {
    /// The rule of a table; global for tables that were made after the rules.
    pub fn rule(&self, table: TableId) -> &Rule {
        self.rules.get(table.0).unwrap_or(&Rule::Global)
    }

    /// Who owns `row` of `table`, by the other rows as they stand.
    pub fn owners(&self, schema: &Schema, rows: &Rows, table: TableId, row: &Row) -> Owners {
        let mut owners = BTreeSet::new();
        self.collect(schema, rows, table, row, DEPTH, &mut owners);
        Owners(owners)
    }

    fn collect(
        &self,
        schema: &Schema,
        rows: &Rows,
        table: TableId,
        row: &Row,
        depth: usize,
        into: &mut BTreeSet<TenantKey>,
    ) {
        match self.rule(table) {
            Rule::Tenant { key } => into.extend(row[*key].clone()),
            Rule::Columns { columns } => {
                let mut named = self.named(schema, rows, columns, row).peekable();
                if named.peek().is_some() {
                    into.extend(named);
                    return;
                }
                for key in self.firm_parents(schema, table) {
                    if let Some(parent) = parent(schema, rows, key, row).filter(|_| depth > 0) {
                        self.collect(schema, rows, key.table, parent, depth - 1, into);
                    }
                }
            }
            Rule::Parents { foreign_keys } if depth > 0 => {
                for &index in foreign_keys {
                    let key = &schema.table(table).foreign_keys[index];
                    if let Some(parent) = parent(schema, rows, key, row) {
                        self.collect(schema, rows, key.table, parent, depth - 1, into);
                    }
                }
            }
            Rule::Members {
                membership,
                user,
                tenant,
                key,
                columns,
            } => {
                into.extend(self.named(schema, rows, columns, row));
                let ties = rows
                    .of(*membership)
                    .filter(|(_, tie)| tie[*user] == row[*key]);
                into.extend(ties.filter_map(|(_, tie)| tie[*tenant].clone()));
            }
            Rule::Schema { tenant } => {
                into.insert(tenant.clone());
            }
            Rule::Parents { .. } | Rule::Global => {}
        }
    }

    /// The tenants that these columns of a row name: neither NULL nor what stood there before there were tenants.
    fn named<'r>(
        &'r self,
        schema: &'r Schema,
        rows: &'r Rows,
        columns: &'r [usize],
        row: &'r Row,
    ) -> impl Iterator<Item = TenantKey> + 'r {
        let stands = move |key: &TenantKey| {
            let key = [Some(key.clone())];
            rows.find(schema, self.tenants, &[self.key], &key).is_some()
        };
        columns
            .iter()
            .filter_map(|&c| row.get(c)?.clone())
            .filter(move |key| !is_nobody(key) || stands(key))
    }

    /// The foreign keys that every row of a table has and that lead below a tenant: not to people, who belong to several, nor
    /// to what ties them to tenants. A reference that may be absent tells where a row came from, not whose it is.
    fn firm_parents<'s>(
        &'s self,
        schema: &'s Schema,
        table: TableId,
    ) -> impl Iterator<Item = &'s ForeignKey> {
        let table = schema.table(table);
        let people = [self.users, self.membership.as_ref().map(|m| m.table)];
        table.foreign_keys.iter().filter(move |key| {
            key.is_declared()
                && key.table != self.tenants
                && !people.contains(&Some(key.table))
                && key.columns.iter().all(|&c| table.columns[c].not_null)
        })
    }
}

/// Whether a tenant column's value is what stands there for nobody: nought, nothing, the zero UUID.
pub fn is_nobody(key: &str) -> bool {
    key.bytes().all(|b| matches!(b, b'0' | b'-'))
}

fn parent<'r>(schema: &Schema, rows: &'r Rows, key: &ForeignKey, row: &Row) -> Option<&'r Row> {
    let values: Vec<_> = key.columns.iter().map(|&c| row[c].clone()).collect();
    rows.find(schema, key.table, &key.references, &values)
}
