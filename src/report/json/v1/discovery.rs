//! What `discover` found out.

use serde::Serialize;

use super::super::super::names::Names;
use super::super::super::terminal::rule;
use super::{Baseline, SCHEMA, routes, to_text};
use crate::model::discovery;
use crate::model::tenant::Standing;

#[derive(Serialize)]
struct Discovery<'a> {
    schema: &'static str,
    version: u8,
    target: &'a str,
    world: &'a str,
    addressing: &'a str,
    tenants: Vec<Tenant<'a>>,
    actors: Vec<Actor<'a>>,
    tables: Vec<Table<'a>>,
    routes: Vec<Baseline<'a>>,
    assumptions: &'a [String],
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Tenant<'a> {
    slug: &'a str,
    label: &'a str,
    key: &'a str,
    control: bool,
}

#[derive(Serialize)]
struct Actor<'a> {
    id: String,
    role: Option<&'a str>,
    /// `member`, `privileged`, `double`, `ended`, `homeless`, `anonymous`.
    standing: &'static str,
    tenants: Vec<String>,
}

#[derive(Serialize)]
struct Table<'a> {
    name: String,
    rows: usize,
    owner: String,
    because: Option<&'a str>,
}

/// What was found out about a target.
pub fn discovery(found: &discovery::Discovery) -> Result<String, serde_json::Error> {
    let names = Names {
        schema: &found.schema,
        tenants: &found.tenants,
    };
    to_text(&Discovery {
        schema: SCHEMA,
        version: 1,
        target: &found.target,
        world: &found.world,
        addressing: &found.addressing,
        tenants: found
            .tenants
            .iter()
            .map(|tenant| Tenant {
                slug: &tenant.slug,
                label: &tenant.label,
                key: &tenant.key,
                control: tenant.control,
            })
            .collect(),
        actors: found
            .actors
            .iter()
            .map(|actor| Actor {
                id: actor.id.to_string(),
                role: actor.role.as_deref(),
                standing: standing(actor.standing),
                tenants: actor
                    .memberships
                    .iter()
                    .map(|key| names.tenant(key))
                    .collect(),
            })
            .collect(),
        tables: tables(found),
        routes: routes(&found.routes),
        assumptions: &found.assumptions,
        warnings: &found.warnings,
    })
}

fn tables(found: &discovery::Discovery) -> Vec<Table<'_>> {
    found
        .schema
        .tables
        .iter()
        .map(|table| Table {
            name: table.to_string(),
            rows: found.rows.get(table.id.0).copied().unwrap_or(0),
            owner: rule(found.ownership.rule(table.id), table, &found.schema),
            because: found.ownership.reasons.get(table.id.0).map(String::as_str),
        })
        .collect()
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Member => "member",
        Standing::Privileged => "privileged",
        Standing::Double => "double",
        Standing::Ended => "ended",
        Standing::Homeless => "homeless",
        Standing::Anonymous => "anonymous",
    }
}
