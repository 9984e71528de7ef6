//! The membership table: two references, few other columns, often a role.

use super::{Ground, Reference, is_role};
use crate::model::ownership::Membership;
use crate::model::schema::{Kind, Table};
use crate::seed::names;

/// Below this a table with both references is taken for something else (a session, an invoice with an author).
const ENOUGH: i32 = 50;

/// Where memberships are kept: a table of their own, else the users' own tenant column.
pub fn detect(ground: &Ground<'_>) -> Option<Membership> {
    let users = ground.users?;
    let table = ground.schema.table(users);
    if users == ground.tenants {
        return Some(Membership {
            table: users,
            user: ground.key,
            tenant: ground.key,
            role: None,
        });
    }
    let best = ground
        .schema
        .tables
        .iter()
        .filter(|t| t.id != users && t.id != ground.tenants)
        .filter_map(|t| candidate(ground, t))
        .filter(|(score, _)| *score >= ENOUGH)
        .max_by_key(|(score, m)| (*score, std::cmp::Reverse(m.table)));
    if let Some((_, membership)) = best {
        return Some(membership);
    }
    let home = ground.tenant_columns(table);
    Some(Membership {
        table: users,
        user: table.single_key()?,
        tenant: pick(&home)?,
        role: role(table),
    })
}

fn candidate(ground: &Ground<'_>, table: &Table) -> Option<(i32, Membership)> {
    let tenant = pick(&ground.tenant_columns(table))?;
    let users = ground.user_columns(table);
    // Of several references to users, the one that is unique with the tenant, or named plainly: not `invited_by_user_id`.
    let tied = |user: usize| {
        let both = |columns: &[usize]| {
            columns.len() == 2 && columns.contains(&tenant) && columns.contains(&user)
        };
        both(&table.primary_key) || table.uniques.iter().any(|u| both(&u.columns))
    };
    let user = users
        .iter()
        .map(|r| r.column)
        .min_by_key(|&c| (!tied(c), names::words(&table.columns[c].name).len(), c))?;
    let role = role(table);
    let mut score = 0;
    score += if sounds_like(ground, table) { 50 } else { 0 };
    score += if tied(user) { 50 } else { 0 };
    score += if role.is_some() { 20 } else { 0 };
    let beside = (0..table.columns.len())
        .filter(|c| {
            ![tenant, user].contains(c) && Some(*c) != role && !table.primary_key.contains(c)
        })
        .filter(|&c| counts(table, c))
        .count();
    score -= 10 * i32::try_from(beside).unwrap_or(i32::MAX / 10);
    Some((
        score,
        Membership {
            table: table.id,
            user,
            tenant,
            role,
        },
    ))
}

/// Whether a further column makes it less of a membership: states, flags and dates do not.
fn counts(table: &Table, column: usize) -> bool {
    let column = &table.columns[column];
    let state = matches!(
        column.kind,
        Kind::Boolean | Kind::Date | Kind::Timestamp | Kind::Enum(_)
    );
    !state
        && !names::has_any(
            &column.name,
            &[
                "status",
                "state",
                "role",
                "roles",
                "permissions",
                "invited",
                "invitedby",
            ],
        )
}

/// `memberships`, `workspace_member`, `org_users`, `user_organisations` …; not `member_invitations`.
fn sounds_like(ground: &Ground<'_>, table: &Table) -> bool {
    let words = names::table_words(&table.name);
    let last = words.last().map_or("", String::as_str);
    if ["member", "membership"].contains(&last) {
        return true;
    }
    let tenant = names::table_words(&ground.schema.table(ground.tenants).name);
    let user = ground
        .users
        .map(|u| names::table_words(&ground.schema.table(u).name))
        .unwrap_or_default();
    let says = |parts: &[String]| {
        !parts.is_empty()
            && words
                .windows(parts.len())
                .any(|w| w.iter().zip(parts).all(|(a, b)| names::singular(a) == *b))
    };
    let of_tenant = says(&tenant)
        || words.iter().any(|w| {
            super::tenant::is_named(std::slice::from_ref(w), ground.schema.table(ground.tenants))
        });
    let of_user = says(&user) || words.iter().any(|w| names::singular(w) == "user");
    let length = words.len();
    of_tenant && of_user && length <= tenant.len() + user.len() + 1
        || of_tenant && last == "role" && length <= tenant.len() + 2
}

/// The first of the references, a declared one before others.
pub fn pick(references: &[Reference]) -> Option<usize> {
    references
        .iter()
        .find(|r| r.declared)
        .or_else(|| references.first())
        .map(|r| r.column)
}

/// The column that holds a role.
pub fn role(table: &Table) -> Option<usize> {
    table.columns.iter().position(is_role)
}
