//! The cast as it stands in the database.

use super::write::name_column;
use super::{Cast, CastActor, CastTenant};
use crate::model::ownership::Ownership;
use crate::model::rows::{Row, RowRef, Rows};
use crate::model::schema::{Schema, Table};
use crate::model::tenant::{ActorId, Standing, TenantKey};
use crate::seed::{SeedError, login_column};
use crate::target::description::Description;

/// Tenants of rows that were there already are this many at most; the one with the fewest rows is the control tenant.
const MOST_TENANTS: usize = 4;

/// Takes over a user's row: its columns become the actor's fields, beside `id`, `email` and `password`.
pub fn take_fields(
    actor: &mut CastActor,
    table: &Table,
    row: &Row,
    description: &Description,
) -> Result<(), SeedError> {
    let password = actor.fields.get("password").cloned();
    for (column, value) in table.columns.iter().zip(row) {
        if let Some(value) = value {
            actor.fields.insert(column.name.clone(), value.to_string());
        }
    }
    if let Some(key) = table.single_key().and_then(|k| row[k].as_deref()) {
        actor.fields.insert("id".into(), key.to_owned());
    }
    if let Some(login) = login_column(table, description)?.and_then(|c| row[c].as_deref()) {
        actor.fields.insert("email".into(), login.to_owned());
    }
    // A column called `password` holds a hash: what it was made from is what log-ins need.
    if let Some(password) = password {
        actor.fields.insert("password".into(), password);
    }
    actor.row = Some(row.clone());
    Ok(())
}

/// What a tenant without a slug is called: the letters and digits of its name.
fn label(table: &Table, row: &Row) -> Option<String> {
    let name = row[name_column(table)?].as_deref()?.to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = words.filter(|w| !w.is_empty()).collect();
    (!words.is_empty()).then(|| words.join("-"))
}

/// Two tenants of one name are called by their keys.
fn tell_apart(found: &mut [(usize, CastTenant)]) {
    let all: Vec<String> = found.iter().map(|(_, t)| t.slug.clone()).collect();
    for (_, tenant) in found {
        let twice = all.iter().filter(|slug| **slug == tenant.slug).count() > 1;
        if let Some(key) = tenant.key.as_deref().filter(|_| twice) {
            key.clone_into(&mut tenant.slug);
        }
    }
}

/// The cast that rows make which were there already: the tenants, and of each a user of every role.
pub fn existing(
    schema: &Schema,
    ownership: &Ownership,
    rows: &Rows,
    description: &Description,
) -> Result<Cast, SeedError> {
    let mut cast = Cast::default();
    let mut tenants: Vec<(&RowRef, &Row)> = rows.of(ownership.tenants).collect();
    tenants.sort();
    let weight = |key: &TenantKey| -> usize {
        let owned = |t: &Table| {
            rows.of(t.id)
                .filter(|(_, r)| ownership.owners(schema, rows, t.id, r).includes(key))
                .count()
        };
        schema.tables.iter().map(owned).sum()
    };
    let mut found: Vec<(usize, CastTenant)> = tenants
        .into_iter()
        .filter_map(|(_, row)| {
            let key = row[ownership.key].clone()?;
            let slug = match ownership.slug {
                Some(slug) => row[slug].as_deref().unwrap_or(&key).to_owned(),
                None => label(schema.table(ownership.tenants), row).unwrap_or(key.to_string()),
            };
            Some((
                weight(&key),
                CastTenant {
                    name: slug.clone(),
                    slug,
                    key: Some(key),
                    control: false,
                },
            ))
        })
        .collect();
    tell_apart(&mut found);
    // Those with the most rows show the most.
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.truncate(MOST_TENANTS);
    if found.len() == MOST_TENANTS
        && let Some((_, last)) = found.last_mut()
    {
        last.control = true;
    }
    cast.tenants = found.into_iter().map(|(_, t)| t).collect();
    if let (Some(users), Some(membership)) = (ownership.users, &ownership.membership) {
        let table = schema.table(users);
        let mut people: Vec<(&RowRef, &Row)> = rows.of(users).collect();
        people.sort();
        for (_, row) in people {
            let Some(key) = table.single_key().and_then(|k| row[k].clone()) else {
                continue;
            };
            let mut ties: Vec<(&RowRef, &Row)> = rows
                .of(membership.table)
                .filter(|(_, tie)| tie[membership.user].as_ref() == Some(&key))
                .collect();
            ties.sort();
            let mut actor = from_ties(&cast, membership.tenant, membership.role, &ties);
            if description
                .user
                .privileged
                .iter()
                .any(|p| actor.role.as_ref() == Some(p))
            {
                actor.standing = Standing::Privileged;
            }
            take_fields(&mut actor, table, row, description)?;
            let name = name_of(&cast, &actor, &key);
            if cast.actors.iter().all(|a| *a.id.0 != *name) {
                actor.id = ActorId::from(name.as_str());
                cast.actors.push(actor);
            }
        }
    }
    Ok(cast)
}

fn from_ties(
    cast: &Cast,
    tenant: usize,
    role: Option<usize>,
    ties: &[(&RowRef, &Row)],
) -> CastActor {
    let place = |tie: &Row| cast.tenants.iter().position(|t| t.key == tie[tenant]);
    let memberships: Vec<usize> = ties.iter().filter_map(|(_, tie)| place(tie)).collect();
    CastActor {
        bystander: false,
        id: ActorId::anonymous(),
        standing: match memberships.len() {
            0 => Standing::Homeless,
            1 => Standing::Member,
            _ => Standing::Double,
        },
        home: memberships.first().copied(),
        role: role.and_then(|c| ties.first()?.1[c].as_deref().map(str::to_owned)),
        memberships,
        fields: std::collections::BTreeMap::new(),
        row: None,
    }
}

/// `acme.admin`, `double`, `homeless`: one of each is enough.
fn name_of(cast: &Cast, actor: &CastActor, key: &str) -> String {
    let role = actor.role.as_deref().unwrap_or("member").to_lowercase();
    match (actor.standing, actor.home) {
        (Standing::Double, _) => "double".into(),
        (Standing::Homeless, _) => "homeless".into(),
        (_, Some(home)) => format!("{}.{role}", cast.tenants[home].slug),
        _ => key.to_owned(),
    }
}

/// Brings the actors in line with the rows as they stand after everything: fields and memberships.
pub fn finish(
    cast: &mut Cast,
    schema: &Schema,
    ownership: &Ownership,
    rows: &Rows,
    description: &Description,
) -> Result<(), SeedError> {
    let Some(users) = ownership.users else {
        return Ok(());
    };
    let table = schema.table(users);
    for actor in &mut cast.actors {
        let Some(row) = actor
            .row
            .as_ref()
            .and_then(|row| rows.get(&RowRef::of(table, row)))
            .cloned()
        else {
            continue;
        };
        take_fields(actor, table, &row, description)?;
        let owners = ownership.owners(schema, rows, users, &row);
        let belongs =
            |(_, t): &(usize, &CastTenant)| t.key.as_deref().is_some_and(|k| owners.includes(k));
        actor.memberships = cast
            .tenants
            .iter()
            .enumerate()
            .filter(belongs)
            .map(|(i, _)| i)
            .collect();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::schema::Kind::{Integer, Text};
    use crate::seed::ownership::ownership;
    use crate::seed::testing::{Made, put};

    #[test]
    fn tenants_without_a_slug_are_called_by_their_names_where_those_differ() {
        let schema = Made::default()
            .table("orgs", &[("id!", Integer(32)), ("name", Text)])
            .table("notes", &[("id!", Integer(32)), ("org_id!", Integer(32))])
            .key("notes.org_id", "orgs")
            .done();
        let mut rows = Rows::empty(&schema);
        for (id, name) in [
            ("1", "Acme & Sons, Ltd."),
            ("2", "Globex"),
            ("3", "Globex"),
            ("4", "-"),
        ] {
            put(&mut rows, &schema, "orgs", &[id, name]);
        }
        let description = Description::default();
        let owners = ownership(&schema, &rows, &description).unwrap();
        let cast = existing(&schema, &owners, &rows, &description).unwrap();
        let called = |key: &str| {
            let mut tenants = cast.tenants(false).into_iter();
            let tenant = tenants.find(|t| &*t.key == key).unwrap();
            assert_eq!(tenant.slug, key, "addresses have the key still");
            tenant.label
        };
        let all = ["1", "2", "3", "4"].map(called);
        assert_eq!(all, ["acme-sons-ltd", "2", "3", "4"]);
    }
}
