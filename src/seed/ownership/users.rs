//! The table of identities: by its name and by the columns that only a log-in needs.

use super::{SeedError, find_column, find_table};
use crate::model::schema::{Kind, Schema, Table, TableId};
use crate::seed::names;
use crate::target::description::Description;

/// What identities are called, and how much the name alone says.
const NOUNS: &[(&str, u32)] = &[
    ("user", 100),
    ("login", 60),
    ("person", 60),
    ("account", 50),
    ("identity", 45),
    ("principal", 45),
    ("member", 40),
    ("employee", 40),
    ("staff", 40),
    ("operator", 30),
    ("admin", 20),
    ("profile", 20),
];

/// Below this nothing is taken for the users.
const ENOUGH: u32 = 60;

/// The table of identities: declared, else the best by name and columns.
pub fn table(
    schema: &Schema,
    tenants: TableId,
    description: &Description,
) -> Result<Option<TableId>, SeedError> {
    if let Some(name) = &description.user.table {
        return find_table(schema, name, "user.table").map(|t| Some(t.id));
    }
    if alone(schema) == Some(tenants) && score(schema.table(tenants)) >= ENOUGH {
        return Ok(Some(tenants));
    }
    Ok(best(schema, Some(tenants)))
}

/// The table of users where nothing looks like tenants: every user is a tenant of its own.
pub fn alone(schema: &Schema) -> Option<TableId> {
    let users = best(schema, None)?;
    let table = schema.table(users);
    let pointed = schema
        .tables
        .iter()
        .any(|t| t.id != users && t.foreign_keys.iter().any(|k| k.table == users));
    let alone = !table
        .foreign_keys
        .iter()
        .any(|k| k.is_declared() && k.table != users);
    (pointed && alone && table.single_key().is_some()).then_some(users)
}

fn best(schema: &Schema, except: Option<TableId>) -> Option<TableId> {
    schema
        .tables
        .iter()
        .filter(|t| Some(t.id) != except && t.single_key().is_some())
        .map(|t| (score(t), t))
        .filter(|(score, _)| *score >= ENOUGH)
        .max_by(|(a, x), (b, y)| a.cmp(b).then_with(|| y.name.cmp(&x.name)))
        .map(|(_, t)| t.id)
}

fn score(table: &Table) -> u32 {
    let words = names::table_words(&table.name);
    let noun = words
        .last()
        .and_then(|last| NOUNS.iter().find(|(noun, _)| noun == last))
        .map_or(0, |(_, s)| *s);
    let name = if words.len() == 1 { noun } else { noun * 3 / 5 };
    let password = if detect_password(table).is_some() {
        60
    } else {
        0
    };
    let called = |of: &[&str]| {
        table
            .columns
            .iter()
            .any(|c| matches!(c.kind, Kind::Text) && names::is_any(&c.name, of))
    };
    let login = if called(&["email", "email_address", "mail"]) {
        40
    } else if called(&["username", "user_name", "login"]) {
        20
    } else {
        0
    };
    // What ties users to something else (`user_roles`) has neither; a contact has no password and is not called a user.
    if name == 0 && (password == 0 || login == 0) {
        0
    } else {
        name + password + login
    }
}

/// Whether a reference of that stem (`user`, `member`) is named after the users.
pub fn is_named(stem: &[String], table: &Table) -> bool {
    let words = names::table_words(&table.name);
    let mut stem = stem.to_vec();
    if let Some(last) = stem.last_mut() {
        *last = names::singular(last);
    }
    stem.ends_with(&words) || stem.last().is_some_and(|w| w == "user")
}

/// What log-in names are called, the surest first.
const CALLED: &[&str] = &[
    "email",
    "email_address",
    "user_email",
    "mail",
    "username",
    "user_name",
    "login",
    "login_name",
    "handle",
    "phone",
];

/// The column that holds the log-in name.
pub fn login_column(table: &Table, description: &Description) -> Result<Option<usize>, SeedError> {
    if let Some(name) = &description.user.login {
        return find_column(table, name, "user.login").map(Some);
    }
    let find = |name: &&str| {
        table
            .columns
            .iter()
            .position(|c| matches!(c.kind, Kind::Text) && names::is_any(&c.name, &[name]))
    };
    Ok(CALLED.iter().find_map(find))
}

/// The column that holds the password's hash.
pub fn password_column(
    table: &Table,
    description: &Description,
) -> Result<Option<usize>, SeedError> {
    if let Some(name) = &description.user.password {
        return find_column(table, name, "user.password").map(Some);
    }
    Ok(detect_password(table))
}

fn detect_password(table: &Table) -> Option<usize> {
    const SAYS: &[&str] = &[
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "pass",
        "passwordhash",
        "hashedpassword",
    ];
    const OTHER: &[&str] = &[
        "at",
        "on",
        "reset",
        "token",
        "expires",
        "expiry",
        "expired",
        "salt",
        "changed",
        "updated",
        "hint",
        "policy",
        "algorithm",
        "attempts",
        "count",
        "until",
        "last",
        "previous",
        "old",
        "iterations",
        "version",
    ];
    table.columns.iter().position(|c| {
        matches!(c.kind, Kind::Text | Kind::Bytes)
            && names::has_any(&c.name, SAYS)
            && !names::has_any(&c.name, OTHER)
    })
}
