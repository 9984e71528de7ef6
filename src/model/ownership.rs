//! Whose a row is: a set of tenants, by rules found per table.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::rows::{Row, Rows};
use super::schema::{Schema, TableId};
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
    /// Columns that hold tenant keys; several where rows are transferred.
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
                into.extend(columns.iter().filter_map(|&c| row[c].clone()));
            }
            Rule::Parents { foreign_keys } if depth > 0 => {
                for &index in foreign_keys {
                    let key = &schema.table(table).foreign_keys[index];
                    let values: Vec<_> = key.columns.iter().map(|&c| row[c].clone()).collect();
                    if let Some(parent) = rows.find(schema, key.table, &key.references, &values) {
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
                into.extend(columns.iter().filter_map(|&c| row[c].clone()));
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
}
