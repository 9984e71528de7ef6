//! How a call addresses a tenant: by host, path segment, header, or by the session alone. Declared, or detected.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::model::ownership::Ownership;
use crate::model::route::{Place, Route, template_names};
use crate::model::schema::Schema;

use super::description::Description;
use super::error::TargetError;
use super::names::{nearest, singular, stem, suggestion};

/// Words for a tenant that names are measured against, besides the tenant table's own.
pub const SYNONYMS: [&str; 9] = [
    "tenant",
    "organization",
    "organisation",
    "org",
    "workspace",
    "account",
    "team",
    "company",
    "project",
];

/// How a call addresses a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressing {
    /// By the `Host` header.
    Host {
        /// `http://{slug}.localhost:{port}`.
        template: String,
    },
    /// By a segment of the path.
    Path {
        /// The path parameter's name.
        parameter: String,
        /// It holds the slug; else the key.
        by_slug: bool,
    },
    /// By a header.
    Header {
        /// The header's name.
        name: String,
        /// It holds the slug; else the key.
        by_slug: bool,
    },
    /// By the credential alone.
    Session,
}

impl fmt::Display for Addressing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = |by_slug: &bool| if *by_slug { "slug" } else { "key" };
        match self {
            Self::Host { template } => write!(f, "by host: {template}"),
            Self::Path { parameter, by_slug } => {
                write!(
                    f,
                    "by the path parameter {{{parameter}}}, which holds the {}",
                    held(by_slug)
                )
            }
            Self::Header { name, by_slug } => {
                write!(f, "by the header {name}, which holds the {}", held(by_slug))
            }
            Self::Session => f.write_str("by the session alone"),
        }
    }
}

/// The addressing that the description declares, else the one that routes and tables show.
pub fn addressing(
    description: &Description,
    routes: &[Route],
    schema: &Schema,
    ownership: &Ownership,
) -> Result<Addressing, TargetError> {
    let has_slug = ownership.slug.is_some();
    match &description.tenant.address {
        Some(address) => declared(address, routes, has_slug),
        None => Ok(detected(routes, schema, ownership)),
    }
}

fn in_path(address: &str) -> bool {
    (address.starts_with('/') && address.contains('{')) || address.starts_with("path:")
}

/// Makes sure that `tenant.address` can be read; whether routes fit it shows only when they are known.
pub fn check_address(address: &str) -> Result<(), TargetError> {
    if in_path(address) {
        return Ok(());
    }
    declared(address, &[], false).map(|_| ())
}

/// Reads `tenant.address`.
fn declared(address: &str, routes: &[Route], has_slug: bool) -> Result<Addressing, TargetError> {
    let wrong = |problem: String| TargetError::Address {
        address: address.to_owned(),
        problem,
    };
    if address == "session" {
        return Ok(Addressing::Session);
    }
    if address.contains("://") {
        if !address.contains("{slug}") && !address.contains("{key}") {
            return Err(wrong("a host needs `{slug}` or `{key}` in it".to_owned()));
        }
        let template = address.to_owned();
        return Ok(Addressing::Host { template });
    }
    if let Some(header) = address.strip_prefix("header:") {
        let (name, value) = header.split_once('=').unwrap_or((header, ""));
        let by_slug = match value.trim() {
            "{slug}" => true,
            "{key}" | "{id}" => false,
            "" => has_slug,
            other => {
                return Err(wrong(format!(
                    "`{other}` is neither `{{slug}}` nor `{{key}}`"
                )));
            }
        };
        let name = name.trim().to_owned();
        return Ok(Addressing::Header { name, by_slug });
    }
    if let Some(name) = address.strip_prefix("path:") {
        return by_parameter(name.trim_matches(['{', '}']), routes, has_slug).map_err(wrong);
    }
    if address.starts_with('/') {
        return by_prefix(address, routes, has_slug).map_err(wrong);
    }
    Err(wrong(
        "write `http://{slug}.localhost:{port}`, `/orgs/{slug}/`, `path:NAME`, `header:NAME={slug}` or `session`"
            .to_owned(),
    ))
}

/// `path:{name}`, `path:name=slug`.
fn by_parameter(text: &str, routes: &[Route], has_slug: bool) -> Result<Addressing, String> {
    let (name, form) = match text.split_once('=') {
        Some((name, form)) => (
            name.trim_matches(['{', '}']),
            Some(form.trim_matches(['{', '}'])),
        ),
        None => (text, None),
    };
    let known: Vec<&str> = routes
        .iter()
        .flat_map(|r| template_names(&r.template))
        .collect();
    if !known.contains(&name) {
        let guess = suggestion(nearest(name, known.iter().copied()));
        return Err(format!("no route has the path parameter `{name}`{guess}"));
    }
    let by_slug = match form {
        Some("slug") => true,
        Some("key" | "id") => false,
        Some(other) => return Err(format!("`{other}` is neither `slug` nor `key`")),
        None => has_slug && !looks_like_key(name, routes),
    };
    let parameter = name.to_owned();
    Ok(Addressing::Path { parameter, by_slug })
}

/// `/orgs/{slug}/…`: the parameter that stands there in most routes.
fn by_prefix(address: &str, routes: &[Route], has_slug: bool) -> Result<Addressing, String> {
    let (before, rest) = address
        .split_once('{')
        .ok_or("a path needs `{slug}`, `{key}` or the parameter's name in braces")?;
    let name = rest.split('}').next().unwrap_or_default();
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for route in routes {
        if let Some(rest) = route.template.strip_prefix(before)
            && let Some((parameter, _)) = rest.strip_prefix('{').and_then(|r| r.split_once('}'))
        {
            *found.entry(parameter).or_default() += 1;
        }
    }
    let most = found.iter().max_by_key(|(_, n)| **n).map(|(p, _)| *p);
    let parameter = if found.contains_key(name) {
        Some(name)
    } else {
        most
    };
    let Some(parameter) = parameter else {
        let firsts = routes.iter().filter_map(|r| r.template.split_once('{'));
        let guess = suggestion(nearest(before, firsts.map(|(before, _)| before)));
        return Err(format!("no route's path begins with `{before}{{`{guess}"));
    };
    let by_slug = match name {
        "slug" => true,
        "key" | "id" if parameter != name => false,
        _ => has_slug && !looks_like_key(parameter, routes),
    };
    let parameter = parameter.to_owned();
    Ok(Addressing::Path { parameter, by_slug })
}

/// Whether a path parameter holds a key by its name or its declared type.
fn looks_like_key(name: &str, routes: &[Route]) -> bool {
    let snake = cruet::case::snake::to_snake_case(name);
    let by_name = ["id", "key", "uuid", "pk"]
        .iter()
        .any(|end| snake == *end || snake.ends_with(&format!("_{end}")));
    by_name
        || routes
            .iter()
            .flat_map(|r| r.parameters_in(Place::Path))
            .filter(|p| p.name == name)
            .any(|p| p.schema["type"] == "integer" || p.schema["format"] == "uuid")
}

/// Finds the path parameter, else the header, that many routes have and that is named like the tenant.
fn detected(routes: &[Route], schema: &Schema, ownership: &Ownership) -> Addressing {
    let has_slug = ownership.slug.is_some();
    let tenant = TenantWords::of(schema, ownership);
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    let slug = ownership
        .slug
        .map(|c| &schema.table(ownership.tenants).columns[c].name);
    // Most routes begin with it, and several things stand below it.
    let leads = |parameter: &str| {
        let firsts = routes.iter().filter_map(|r| first_parameter(&r.template));
        let below: Vec<&str> = firsts
            .filter(|(_, p, _)| *p == parameter)
            .map(|f| f.2)
            .collect();
        let heads = below
            .iter()
            .filter_map(|after| after.split('/').find(|s| !s.is_empty()));
        below.len() * 2 > routes.len() && heads.collect::<BTreeSet<_>>().len() > 1
    };
    for route in routes.iter().filter(|r| r.skipped.is_none()) {
        if let Some((before, parameter, after)) = first_parameter(&route.template)
            && (tenant.names(parameter, before)
                // `/o/{slug}/…` in most routes, where the tenants' slugs stand in a column of that very name.
                || (slug.is_some_and(|s| s.eq_ignore_ascii_case(parameter)) && leads(parameter)))
        {
            // A path that ends there is the tenant itself; one that goes on shows that the segment scopes.
            *found.entry(parameter).or_default() += if after.is_empty() { 1 } else { 2 };
        }
    }
    if let Some((parameter, weight)) = found.iter().max_by_key(|(_, weight)| **weight)
        && *weight >= 3
    {
        let parameter = (*parameter).to_owned();
        let by_slug = has_slug && !looks_like_key(&parameter, routes);
        return Addressing::Path { parameter, by_slug };
    }
    detected_header(routes, &tenant, has_slug).unwrap_or(Addressing::Session)
}

/// A tenant header that at least half of the routes declare.
fn detected_header(routes: &[Route], tenant: &TenantWords, has_slug: bool) -> Option<Addressing> {
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for parameter in routes.iter().flat_map(|r| r.parameters_in(Place::Header)) {
        let bare = parameter.name.to_ascii_lowercase();
        if tenant.names(bare.strip_prefix("x-").unwrap_or(&bare), "") {
            *found.entry(&parameter.name).or_default() += 1;
        }
    }
    let (name, count) = found.into_iter().max_by_key(|(_, count)| *count)?;
    let by_slug = has_slug && !looks_like_key(name, &[]);
    let name = name.to_owned();
    (count * 2 >= routes.len()).then_some(Addressing::Header { name, by_slug })
}

/// The text before the first parameter, its name, and what follows.
fn first_parameter(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after.trim_matches('/')))
}

/// The words that name a tenant here.
struct TenantWords {
    words: Vec<String>,
}

impl TenantWords {
    fn of(schema: &Schema, ownership: &Ownership) -> Self {
        let table = singular(&schema.table(ownership.tenants).name);
        // `project` is no word for a tenant where projects are a table of their own.
        let others: Vec<String> = schema
            .tables
            .iter()
            .filter(|t| t.id != ownership.tenants)
            .map(|t| singular(&t.name))
            .collect();
        let mut words: Vec<String> = SYNONYMS.iter().map(|s| (*s).to_owned()).collect();
        words.retain(|word| !others.contains(word));
        words.push(table);
        Self { words }
    }

    /// Whether a parameter names the tenant: by itself, or by the segment before it (`/orgs/{slug}`).
    fn names(&self, parameter: &str, before: &str) -> bool {
        let known = |word: &str| self.words.iter().any(|w| w == word);
        let bare = ["id", "slug", "key", "uuid", "handle", "name", "pk"];
        let segment = before.trim_end_matches('/').rsplit('/').next();
        known(&stem(parameter))
            || (bare.contains(&parameter.to_ascii_lowercase().as_str())
                && segment.is_some_and(|s| known(&singular(s))))
    }
}
