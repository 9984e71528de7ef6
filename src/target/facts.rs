//! Facts about the target that attacks need, in the target's own words.

use cruet::case::snake::to_snake_case;
use serde_json::Value as Json;

use crate::model::call::text;
use crate::model::facts::{Facts, TenantCookie};
use crate::model::ownership::{Ownership, Rule};
use crate::model::pointer::{escaped, unescaped};
use crate::model::route::{Place, Route};
use crate::model::schema::{Schema, TableId};

use super::address::{Addressing, SYNONYMS};
use super::cookie;
use super::forge::{claims, is_jwt};
use super::names::{forms, singular, stem};
use super::render::Target;
use super::session::Session;

/// A tenant key of fewer letters also stands in claims by chance: `1`.
const TELLING: usize = 6;

/// What target, tables and routes tell, and a session where there is one. What a route is about is left to the caller.
pub fn facts(
    target: &Target,
    schema: &Schema,
    ownership: &Ownership,
    routes: &[Route],
    sample: Option<&Session>,
) -> Facts {
    let token = sample.and_then(Session::token);
    let claims = token
        .and_then(|(_, token)| claims(&token))
        .unwrap_or_default();
    let claims = Json::Object(claims);
    let noun = singular(&schema.table(ownership.tenants).name);
    let tenant_claim = tenant_claim(target, sample, &claims, &noun);
    let mut names = Names::default();
    tenant_names(&mut names, target, schema, ownership, tenant_claim.as_ref());
    let user_names = user_names(schema, ownership, routes, names.all.as_slice());
    let signing = sample.and_then(|s| s.signing.as_ref());
    Facts {
        tenant_names: names.all,
        user_names,
        tenant_in_host: matches!(target.addressing, Addressing::Host { .. }),
        host_template: target.host_template(),
        tenant_in_path: match &target.addressing {
            Addressing::Path { parameter, .. } => Some(parameter.clone()),
            _ => None,
        },
        tenant_in_header: match &target.addressing {
            Addressing::Header { name, .. } => Some(name.clone()),
            _ => None,
        },
        token_claims: claims
            .as_object()
            .into_iter()
            .flat_map(|c| c.keys().cloned())
            .collect(),
        tenant_claim,
        can_sign: signing.is_some_and(|s| s.secret.is_some()),
        tenant_cookies: tenant_cookies(target, sample),
        expired_cookie: sample.and_then(|s| Some(s.expired_cookie.as_ref()?.0.clone())),
        is_near: target.is_near(),
        can_suspend: target.description.tenant.suspend.is_some(),
        has_public_key: signing.is_some_and(|s| s.public_key.is_some()),
        ..Facts::default()
    }
}

/// Names without repetition, in the order in which they came.
#[derive(Default)]
struct Names {
    all: Vec<String>,
}

impl Names {
    fn add(&mut self, name: impl Into<String>) {
        let name = name.into();
        if !name.is_empty() && !self.all.contains(&name) {
            self.all.push(name);
        }
    }

    /// A name as it is written, then in its other forms.
    fn add_forms(&mut self, name: &str) {
        self.add(name);
        for form in forms(&to_snake_case(name)) {
            self.add(form);
        }
    }
}

/// What really names the tenant here, before what may: columns, address, claim, table, then synonyms.
fn tenant_names(
    names: &mut Names,
    target: &Target,
    schema: &Schema,
    ownership: &Ownership,
    claim: Option<&(String, bool)>,
) {
    let mut columns: Vec<(usize, &str)> = Vec::new();
    for table in &schema.tables {
        for column in tenant_columns(ownership, table.id) {
            let name = table.columns[column].name.as_str();
            match columns.iter_mut().find(|(_, known)| *known == name) {
                Some((count, _)) => *count += 1,
                None => columns.push((1, name)),
            }
        }
    }
    columns.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    for (_, name) in columns {
        names.add_forms(name);
    }
    match &target.addressing {
        Addressing::Path { parameter, .. } => names.add_forms(parameter),
        Addressing::Header { name, .. } => {
            let bare = name.to_ascii_lowercase();
            names.add_forms(bare.strip_prefix("x-").unwrap_or(&bare));
        }
        Addressing::Host { .. } | Addressing::Session => {}
    }
    if let Some((claim, _)) = claim {
        names.add_forms(claim.rsplit('/').next().unwrap_or(claim));
    }
    let table = schema.table(ownership.tenants);
    let noun = singular(&table.name);
    let key = to_snake_case(&table.columns[ownership.key].name);
    let slug = ownership
        .slug
        .map(|at| to_snake_case(&table.columns[at].name));
    names.add_forms(&format!("{noun}_{key}"));
    if let Some(slug) = slug {
        names.add_forms(&format!("{noun}_{slug}"));
        names.add_forms(&slug);
    }
    names.add_forms(&noun);
    for synonym in SYNONYMS {
        names.add_forms(&format!("{synonym}_id"));
        names.add_forms(&format!("{synonym}_slug"));
        names.add(synonym);
    }
}

/// Columns of a table that hold tenant keys.
fn tenant_columns(ownership: &Ownership, table: TableId) -> Vec<usize> {
    let mut columns = match ownership.rule(table) {
        Rule::Columns { columns } | Rule::Members { columns, .. } => columns.clone(),
        _ => Vec::new(),
    };
    if let Some(membership) = ownership.membership.as_ref().filter(|m| m.table == table)
        && !columns.contains(&membership.tenant)
    {
        columns.push(membership.tenant);
    }
    columns
}

/// Names under which a user may be named: columns that point to the users, their table, and common words. Names of
/// tenants are none.
fn user_names(
    schema: &Schema,
    ownership: &Ownership,
    routes: &[Route],
    tenant_names: &[String],
) -> Vec<String> {
    let mut names = Names::default();
    if let Some(users) = ownership.users {
        let noun = singular(&schema.table(users).name);
        names.add_forms(&format!("{noun}_id"));
        names.add_forms(&noun);
        for table in &schema.tables {
            for key in table.foreign_keys.iter().filter(|k| k.table == users) {
                for column in &key.columns {
                    names.add_forms(&table.columns[*column].name);
                }
            }
        }
        let parameters = routes.iter().flat_map(|r| r.parameters_in(Place::Path));
        for parameter in parameters.filter(|p| stem(&p.name) == noun) {
            names.add_forms(&parameter.name);
        }
    }
    for word in [
        "user_id",
        "user",
        "owner_id",
        "created_by",
        "member_id",
        "account_id",
    ] {
        names.add_forms(word);
    }
    names.all.retain(|name| !tenant_names.contains(name));
    names.all
}

/// The claim that names the session's tenant: its name, or a JSON pointer where it is nested; and whether it is the slug.
fn tenant_claim(
    target: &Target,
    sample: Option<&Session>,
    claims: &Json,
    noun: &str,
) -> Option<(String, bool)> {
    let own = sample.and_then(|s| s.tenant.as_deref());
    let tenants = target
        .tenants
        .iter()
        .filter(|t| own.is_none_or(|own| *t.key == *own));
    let tenants: Vec<(&str, &str)> = tenants.map(|t| (&*t.key, t.slug.as_str())).collect();
    let mut found = Vec::new();
    leaves(claims, "", &mut |pointer, value| {
        let value = text(value);
        let by_key = tenants.iter().any(|(key, _)| *key == value);
        let by_slug = tenants.iter().any(|(_, slug)| *slug == value);
        if by_key || by_slug {
            found.push((pointer.to_owned(), !by_key, value.len() >= TELLING));
        }
    });
    let names_tenant = |pointer: &str| {
        let path = pointer.replace("~1", "/");
        let last = path.rsplit('/').find(|part| part.parse::<usize>().is_err());
        let last = stem(last.unwrap_or_default());
        last == noun || SYNONYMS.contains(&last.as_str())
    };
    let best = found
        .iter()
        .find(|(pointer, by_slug, _)| names_tenant(pointer) && !by_slug)
        .or_else(|| found.iter().find(|(pointer, ..)| names_tenant(pointer)))
        .or_else(|| found.iter().find(|(_, _, telling)| *telling))?;
    let (pointer, by_slug, _) = best;
    let bare = pointer.strip_prefix('/').unwrap_or(pointer);
    let name = if bare.contains('/') {
        pointer.clone()
    } else {
        unescaped(bare)
    };
    Some((name, *by_slug))
}

/// The cookies of the session that say its tenant.
fn tenant_cookies(target: &Target, sample: Option<&Session>) -> Vec<TenantCookie> {
    let Some((session, own)) = sample.and_then(|s| Some((s, s.tenant.as_deref()?))) else {
        return Vec::new();
    };
    let Ok(own) = target.tenant(own) else {
        return Vec::new();
    };
    let cookies = session.jar.cookies().iter().filter(|c| !is_jwt(&c.value));
    cookies
        .filter_map(|c| cookie::facts(&c.name, &c.value, own))
        .collect()
}

fn leaves(json: &Json, at: &str, visit: &mut dyn FnMut(&str, &Json)) {
    match json {
        Json::Object(map) => {
            for (key, value) in map {
                let key = escaped(key);
                leaves(value, &format!("{at}/{key}"), visit);
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("{at}/{index}"), visit);
            }
        }
        Json::Null => {}
        scalar => visit(at, scalar),
    }
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
