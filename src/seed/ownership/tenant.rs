//! The tenant table: by its name and by how many tables point to it.

use super::{SeedError, comparable, find_column, find_table};
use crate::model::schema::{Kind, Schema, Table, TableId};
use crate::seed::names;
use crate::target::description::Description;

/// What tenants are called, and how much the name alone says.
pub const NOUNS: &[(&str, u32)] = &[
    ("tenant", 100),
    ("organisation", 95),
    ("organization", 95),
    ("org", 95),
    ("workspace", 92),
    ("company", 75),
    ("account", 65),
    ("team", 65),
    ("club", 65),
    ("school", 65),
    ("agency", 65),
    ("firm", 65),
    ("practice", 60),
    ("clinic", 60),
    ("studio", 60),
    ("business", 60),
    ("institution", 60),
    ("customer", 55),
    ("merchant", 55),
    ("shop", 55),
    ("store", 55),
    ("household", 55),
    ("community", 55),
    ("namespace", 50),
    ("realm", 50),
    ("site", 50),
    ("project", 45),
    ("space", 45),
    ("group", 40),
    ("client", 35),
    ("partner", 35),
    ("department", 30),
];

/// Groups of names for the same thing.
const SAME: &[&[&str]] = &[
    &["organisation", "organization", "org"],
    &["workspace", "ws"],
    &["company", "co"],
];

/// The tenant table: declared, else the best by name and by the share of tables that point to it.
pub fn table(schema: &Schema, description: &Description) -> Result<TableId, SeedError> {
    if let Some(name) = &description.tenant.table {
        return find_table(schema, name, "tenant.table").map(|t| t.id);
    }
    schema
        .tables
        .iter()
        .filter_map(|t| Some((score(schema, t)?, t)))
        // Of equals the first by name: the order of tables is stable.
        .max_by(|(a, x), (b, y)| a.cmp(b).then_with(|| y.name.cmp(&x.name)))
        .map(|(_, t)| t.id)
        .or_else(|| super::users::alone(schema))
        .ok_or_else(|| SeedError::NoTenantTable {
            seen: schema
                .tables
                .iter()
                .take(30)
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// How much a table looks like that of the tenants; `None` where it cannot be it.
fn score(schema: &Schema, table: &Table) -> Option<u32> {
    let key = table.single_key()?;
    let noun = noun_score(table)?;
    let kind = &table.columns[key].kind;
    let others = schema.tables.iter().filter(|t| t.id != table.id);
    let pointing = others
        .clone()
        .filter(|t| {
            t.foreign_keys.iter().any(|k| k.table == table.id)
                || t.columns.iter().any(|c| {
                    comparable(&c.kind, kind)
                        && names::reference_words(&c.name)
                            .is_some_and(|stem| is_named(&stem, table))
                })
        })
        .count();
    let share = u32::try_from(100 * pointing / others.count().max(1)).unwrap_or(0);
    (pointing > 0).then_some(noun + share)
}

fn noun_score(table: &Table) -> Option<u32> {
    let words = names::table_words(&table.name);
    let last = words.last()?;
    let (_, score) = NOUNS.iter().find(|(noun, _)| noun == last)?;
    // `customer_accounts` says less than `accounts`.
    Some(if words.len() == 1 { *score } else { score / 2 })
}

/// Whether a reference of that stem (`from org`, `tenant`) is named after the tenant table.
pub fn is_named(stem: &[String], table: &Table) -> bool {
    let words = names::table_words(&table.name);
    let mut stem = stem.to_vec();
    if let Some(last) = stem.last_mut() {
        *last = names::singular(last);
    }
    if stem.ends_with(&words) {
        return true;
    }
    let Some(last) = stem.last() else {
        return false;
    };
    let name = words.last().map_or("", String::as_str);
    last == "tenant"
        || SAME
            .iter()
            .any(|group| group.contains(&last.as_str()) && group.contains(&name))
}

/// Whether a column is called like the tenant itself, without any `_id`; only for kinds that hold no prose.
pub fn is_named_outright(column: &str, kind: &Kind, table: &Table) -> bool {
    let words = names::words(column);
    !matches!(kind, Kind::Text) && !words.is_empty() && is_named(&words, table)
}

/// The column that tenant columns hold: declared, else what foreign keys refer to, which is the primary key nearly always.
pub fn key(table: &Table, description: &Description) -> Result<usize, SeedError> {
    if let Some(name) = &description.tenant.key {
        return find_column(table, name, "tenant.key");
    }
    table.single_key().or_else(|| table.column("id")).ok_or_else(|| SeedError::Unreadable {
        key: "tenant.key".into(),
        why: format!("`{table}` has no primary key of one column; name the column that tenant columns hold"),
    })
}

/// What slugs are called, the surest first.
const CALLED: &[&str] = &[
    "slug",
    "subdomain",
    "handle",
    "domain",
    "short_name",
    "url_name",
    "key",
    "code",
    "identifier",
];

/// The column that addresses hold: declared, else one called like that, unique ones first.
pub fn slug(
    table: &Table,
    key: usize,
    description: &Description,
) -> Result<Option<usize>, SeedError> {
    if let Some(name) = &description.tenant.slug {
        return find_column(table, name, "tenant.slug").map(Some);
    }
    let text = |c: usize| matches!(table.columns[c].kind, Kind::Text) && c != key;
    let unique = |c: usize| table.uniques.iter().any(|u| u.columns == [c]);
    let called = |name: &&str| {
        (0..table.columns.len()).find(|&c| {
            let words = names::words(&table.columns[c].name);
            let matches = names::is_any(&table.columns[c].name, &[name])
                || words.ends_with(&names::words(name))
                    && words.len() == 2
                    && is_named(&words[..1], table);
            text(c) && matches
        })
    };
    let found: Vec<usize> = CALLED.iter().filter_map(called).collect();
    // A code or key that is not unique names nothing.
    let weak = |c: &usize| {
        names::is_any(
            &table.columns[*c].name,
            &["key", "code", "identifier", "domain"],
        )
    };
    Ok(found
        .iter()
        .copied()
        .find(|&c| unique(c))
        .or_else(|| found.into_iter().find(|c| !weak(c))))
}
