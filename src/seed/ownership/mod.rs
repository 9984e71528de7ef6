//! Finds out whose rows are whose: the tenant table, identities, memberships, and a rule a table.

mod declared;
mod membership;
mod rules;
mod tenant;
mod users;

use super::error::SeedError;
use super::names;
use crate::model::ownership::{Membership, Ownership};
use crate::model::rows::Rows;
use crate::model::schema::{Column, Kind, Schema, Table, TableId};
use crate::target::description::Description;

pub use users::{login_column, password_column};

/// Finds the owners' rules: what the description says wins, the rest is detected from names, types, keys and, where there
/// are rows already, values. Names that do not exist are errors with the nearest that does.
pub fn ownership(
    schema: &Schema,
    rows: &Rows,
    description: &Description,
) -> Result<Ownership, SeedError> {
    let mut ground = Ground::new(
        schema,
        rows,
        tenant::table(schema, description)?,
        description,
    )?;
    let mut membership = ties(&ground, description)?;
    if let Some(users) = ground
        .users
        .filter(|_| membership.is_none() && description.tenant.table.is_none())
    {
        // What nobody belongs to, but somebody owns, is no tenant: there every user is one.
        let candidate = schema.table(ground.tenants);
        if !ground.user_columns(candidate).is_empty()
            || candidate.foreign_keys.iter().any(|k| k.table == users)
        {
            ground = Ground::new(schema, rows, users, description)?;
            membership = ties(&ground, description)?;
        }
    }
    let Ground {
        tenants,
        key,
        users,
        ..
    } = ground;
    let slug = tenant::slug(schema.table(tenants), key, description)?;
    let (rules, reasons) = rules::all(&ground, slug, membership.as_ref(), description)?;
    Ok(Ownership {
        tenants,
        key,
        slug,
        users,
        membership,
        rules,
        reasons,
    })
}

/// Finds the rules anew for a schema that may have grown: tenants, users and memberships stay where they were found.
pub fn again(
    schema: &Schema,
    rows: &Rows,
    description: &Description,
    before: &Ownership,
) -> Result<Ownership, SeedError> {
    let ground = Ground {
        schema,
        rows,
        tenants: before.tenants,
        key: before.key,
        users: before.users,
    };
    let membership = before.membership.as_ref();
    let (rules, reasons) = rules::all(&ground, before.slug, membership, description)?;
    Ok(Ownership {
        rules,
        reasons,
        ..before.clone()
    })
}

fn ties(ground: &Ground<'_>, description: &Description) -> Result<Option<Membership>, SeedError> {
    Ok(declared::membership(ground.schema, description)?.or_else(|| membership::detect(ground)))
}

/// What detection goes by.
struct Ground<'a> {
    schema: &'a Schema,
    rows: &'a Rows,
    tenants: TableId,
    key: usize,
    users: Option<TableId>,
}

/// A column that refers to a table, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    column: usize,
    declared: bool,
}

impl<'a> Ground<'a> {
    fn new(
        schema: &'a Schema,
        rows: &'a Rows,
        tenants: TableId,
        description: &Description,
    ) -> Result<Self, SeedError> {
        let key = tenant::key(schema.table(tenants), description)?;
        let users = users::table(schema, tenants, description)?;
        Ok(Self {
            schema,
            rows,
            tenants,
            key,
            users,
        })
    }

    /// The columns of `table` that hold keys of the tenants.
    fn tenant_columns(&self, table: &Table) -> Vec<Reference> {
        let target = self.schema.table(self.tenants);
        self.columns_to(table, self.tenants, self.key, |column| {
            let name = &column.name;
            let key = &target.columns[self.key];
            let words = names::words(name);
            let by_key = words
                .strip_suffix(&names::words(&key.name)[..])
                .filter(|stem| !stem.is_empty());
            names::reference_words(name)
                .as_deref()
                .or(by_key)
                .is_some_and(|stem| tenant::is_named(stem, target))
                || tenant::is_named_outright(name, &column.kind, target)
        })
    }

    /// The columns of `table` that hold keys of the users.
    fn user_columns(&self, table: &Table) -> Vec<Reference> {
        let Some(users) = self.users else {
            return Vec::new();
        };
        let target = self.schema.table(users);
        let Some(key) = target.single_key() else {
            return Vec::new();
        };
        self.columns_to(table, users, key, |column| {
            names::reference_words(&column.name).is_some_and(|stem| users::is_named(&stem, target))
        })
    }

    /// The columns of `table` that refer to `key` of another: by declared foreign key, else by name and type.
    fn columns_to(
        &self,
        table: &Table,
        parent: TableId,
        key: usize,
        named: impl Fn(&Column) -> bool,
    ) -> Vec<Reference> {
        let kind = &self.schema.table(parent).columns[key].kind;
        let mut found = Vec::new();
        for (index, column) in table.columns.iter().enumerate() {
            let keys = || {
                table
                    .foreign_keys
                    .iter()
                    .filter(|k| k.columns.contains(&index))
            };
            let declared = keys().any(|k| {
                k.is_declared()
                    && k.table == parent
                    && k.columns
                        .iter()
                        .zip(&k.references)
                        .any(|(&c, &r)| c == index && r == key)
            });
            // A column that the database ties to another table alone is not this one's, whatever its name.
            let elsewhere = keys().any(|k| k.is_declared() && k.columns.len() == 1);
            let by_name = !elsewhere && named(column) && comparable(&column.kind, kind);
            if declared || by_name {
                found.push(Reference {
                    column: index,
                    declared,
                });
            }
        }
        found
    }
}

/// Whether values of two kinds can be the same key.
fn comparable(a: &Kind, b: &Kind) -> bool {
    super::introspect::comparable(a, b)
}

/// The table of that name, or the error that names the nearest.
pub fn find_table<'a>(schema: &'a Schema, name: &str, key: &str) -> Result<&'a Table, SeedError> {
    schema.by_name(name).ok_or_else(|| SeedError::UnknownTable {
        key: key.to_owned(),
        name: name.to_owned(),
        nearest: names::nearest(name, schema.tables.iter().map(|t| t.name.as_str())),
    })
}

/// The column of that name, or the error that names the nearest.
pub fn find_column(table: &Table, name: &str, key: &str) -> Result<usize, SeedError> {
    table.column(name).ok_or_else(|| SeedError::UnknownColumn {
        key: key.to_owned(),
        table: table.to_string(),
        name: name.to_owned(),
        nearest: names::nearest(name, table.columns.iter().map(|c| c.name.as_str())),
    })
}

/// `table.column`, `schema.table.column`, or the error that says what is wrong with it.
pub fn find_table_column(
    schema: &Schema,
    text: &str,
    key: &str,
) -> Result<(TableId, usize), SeedError> {
    let Some((table, column)) = text.rsplit_once('.') else {
        return Err(SeedError::Unreadable {
            key: key.to_owned(),
            why: format!("`{text}` is not of the form table.column"),
        });
    };
    let table = find_table(schema, table, key)?;
    Ok((table.id, find_column(table, column, key)?))
}

/// The table of that name; `tenant` stands for the tenant table where none is called so.
pub fn find_table_or_tenants<'a>(
    schema: &'a Schema,
    ownership: &Ownership,
    name: &str,
    key: &str,
) -> Result<&'a Table, SeedError> {
    if name == "tenant" && schema.by_name(name).is_none() {
        return Ok(schema.table(ownership.tenants));
    }
    find_table(schema, name, key)
}

/// Whether a column says what somebody may do.
fn is_role(column: &Column) -> bool {
    names::is_any(
        &column.name,
        &[
            "role",
            "role_id",
            "role_name",
            "user_role",
            "member_role",
            "membership_role",
        ],
    )
}

#[cfg(test)]
mod tests;
