//! A database that was seeded before: whom the cast finds there already, by log-in name, slug and name.

use super::calls::Caller;
use super::found::take_fields;
use super::{Cast, CastActor, CastTenant};
use crate::model::ownership::Ownership;
use crate::model::rows::{Row, Rows, Value};
use crate::model::schema::Table;
use crate::model::tenant::Standing;
use crate::seed::{SeedError, login_column};
use crate::target::description::Description;

/// Letters and digits behind a slug that somebody else has.
const SUFFIX: usize = 6;

/// Whether a row is that of an actor, by its log-in name. Those are made up: nobody else has them by chance.
pub fn is_user(
    actor: &CastActor,
    table: &Table,
    row: &Row,
    description: &Description,
) -> Result<bool, SeedError> {
    let Some(login) = login_column(table, description)? else {
        return Ok(false);
    };
    let declared = description.user.login.as_deref();
    let mut names = ["email", "username"].into_iter().chain(declared);
    Ok(row[login].as_deref().is_some_and(|stands| {
        names.any(|name| {
            let planned = actor.fields.get(name);
            planned.is_some_and(|p| p.eq_ignore_ascii_case(stands))
        })
    }))
}

/// Whether a row is that of a tenant: by its slug, or by its name, which is made up.
pub fn is_tenant(tenant: &CastTenant, ownership: &Ownership, row: &Row) -> bool {
    let slug = ownership.slug.and_then(|s| row[s].as_deref());
    slug == Some(tenant.slug.as_str()) || row.iter().flatten().any(|v| **v == *tenant.name)
}

/// Takes over an actor who was registered before, and the tenant that it is the first user of.
pub fn met(
    caller: &mut Caller<'_>,
    cast: &mut Cast,
    index: usize,
    rows: &Rows,
) -> Result<bool, SeedError> {
    let ownership = caller.ownership;
    let Some(users) = ownership.users else {
        return Ok(false);
    };
    let table = caller.schema.table(users);
    let description = &caller.target.description;
    let mut found = None;
    for (_, row) in rows.of(users) {
        if is_user(&cast.actors[index], table, row, description)? {
            found = Some(row.clone());
        }
    }
    let Some(row) = found else {
        return Ok(false);
    };
    take_fields(&mut cast.actors[index], table, &row, description)?;
    let actor = &cast.actors[index];
    let home = actor.home.filter(|_| actor.standing == Standing::Member);
    if let Some(tenant) = home.map(|home| &mut cast.tenants[home])
        && tenant.key.is_none()
    {
        let user = table.single_key().and_then(|k| row[k].clone());
        adopt(tenant, ownership, rows, &user);
    }
    caller.target.tenants = cast.tenants(ownership.slug.is_some());
    Ok(true)
}

/// The tenant that stands under the planned slug, else the one that the user belongs to.
fn adopt(tenant: &mut CastTenant, ownership: &Ownership, rows: &Rows, user: &Value) {
    let of_user = ownership.membership.as_ref().and_then(|m| {
        let mut ties = rows.of(m.table).map(|(_, tie)| tie);
        ties.find(|tie| tie[m.user] == *user)?[m.tenant].clone()
    });
    let tenants = || rows.of(ownership.tenants).map(|(_, row)| row);
    let stands = tenants()
        .find(|row| is_tenant(tenant, ownership, row))
        .or_else(|| tenants().find(|row| of_user.is_some() && row[ownership.key] == of_user));
    let Some(row) = stands else {
        return;
    };
    tenant.key.clone_from(&row[ownership.key]);
    if let Some(slug) = ownership.slug.and_then(|s| row[s].as_deref()) {
        slug.clone_into(&mut tenant.slug);
    }
}

/// Gives a tenant that is to be made another slug where one of that slug stands already.
pub fn unlike_others(
    tenant: &mut CastTenant,
    first: &CastActor,
    ownership: &Ownership,
    rows: &Rows,
) {
    let Some(slug) = ownership.slug.filter(|_| tenant.key.is_none()) else {
        return;
    };
    let mut others = rows.of(ownership.tenants);
    let token = first.fields.get("username").map_or("", String::as_str);
    if others.any(|(_, row)| row[slug].as_deref() == Some(tenant.slug.as_str())) {
        let end = &token[token.len().saturating_sub(SUFFIX)..];
        tenant.slug = format!("{}-{end}", tenant.slug);
    }
}
