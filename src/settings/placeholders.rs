//! The placeholders of a description: `{env.NAME}` is filled at once, secrets are made, and a name that nothing will
//! fill is told before anything starts.

use std::path::Path;

use serde_json::Value as Json;

use crate::target::description::Description;
use crate::target::key::random;
use crate::target::names::nearest;
use crate::target::placeholder::{Piece, Values, pieces};

use super::problem::{Problem, SettingsError};
use super::source::{Source, below};

/// What a tenant is known by.
const TENANT: [&str; 4] = ["tenant.key", "tenant.slug", "tenant.name", "tenant.id"];

/// What fills the values of a generated row, beside `{user.…}`.
const ROW: [&str; 5] = ["token", "uuid", "number", "tenant.key", "tenant.slug"];

/// The parts of a database role's values.
const DATABASE: [&str; 10] = [
    "url", "asyncpg", "psycopg", "jdbc", "sqlx", "host", "port", "name", "user", "password",
];

/// A secret that is made up has twice the letters and digits that applications usually ask for.
const LENGTH: usize = 48;

/// Every text of a description with its key.
fn texts(json: &Json, at: &str, visit: &mut dyn FnMut(&str, &str)) {
    match json {
        Json::String(text) => visit(at, text),
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{at}[{index}]"), visit);
            }
        }
        Json::Object(map) => {
            for (key, value) in map {
                texts(value, &below(at, key), visit);
            }
        }
        _ => {}
    }
}

fn json(description: &Description) -> Json {
    serde_json::to_value(description).expect("a description is plain data")
}

/// Fills `{env.NAME}` and `{env.NAME:default}` everywhere; gives the variables that may hold secrets, too.
pub(super) fn fill_environment(
    description: &Description,
    source: &Source,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<(Description, Values), SettingsError> {
    let mut json = json(description);
    let mut problems = Vec::new();
    let mut given = Values::new();
    replace(&mut json, "", &mut |at, text| {
        let mut filled = String::new();
        let mut found = false;
        for piece in pieces(text) {
            let Piece::Name(name, argument) = piece else {
                continue;
            };
            let Some(variable) = name.strip_prefix("env.") else {
                continue;
            };
            found = true;
            if environment(variable).is_none() && argument.is_none() {
                let message = format!("the environment variable `{variable}` is not set");
                let help = format!("set it, or give a default: `{{env.{variable}:default}}`");
                problems.push(source.problem(at, message, Some(help)));
            }
        }
        if !found {
            return None;
        }
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{env.") {
            filled.push_str(before);
            let Some((inner, after)) = after.split_once('}') else {
                filled.push_str("{env.");
                rest = after;
                continue;
            };
            let (variable, default) = inner.split_once(':').unwrap_or((inner, ""));
            let value = environment(variable);
            if let Some(value) = value.as_deref().filter(|v| worth_hiding(variable, v)) {
                given.insert(format!("env.{variable}"), value);
            }
            let value = value.unwrap_or_else(|| default.to_owned());
            // A brace in the value is meant as one.
            filled.push_str(&value.replace('{', "{{"));
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    });
    SettingsError::of(problems)?;
    let filled = serde_json::from_value(json).map_err(|error| {
        let message = format!("what the environment fills in is refused: {error}");
        source.single(0..0, message, None)
    })?;
    Ok((filled, given))
}

/// Variables of these names say how a program is run: masked, they would only blank out reports.
const PLAIN: [&str; 12] = [
    "version", "python", "node", "path", "dir", "home", "bin", "host", "port", "lang", "level",
    "mode",
];

/// Whether a variable's value may be a secret: by its name, and by not being a version or a path that exists.
fn worth_hiding(variable: &str, value: &str) -> bool {
    let last = variable.rsplit('_').next().unwrap_or(variable);
    let plain = PLAIN.contains(&last.to_ascii_lowercase().as_str());
    let version = value.starts_with(|c: char| c.is_ascii_digit())
        && value.contains('.')
        && value.len() < 20
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".+-".contains(c));
    let path = Path::new(value);
    !(plain || version || path.is_absolute() && path.exists())
}

/// Every placeholder of a description, with the key where it stands.
pub(super) fn all(description: &Description) -> Vec<(String, String)> {
    let mut all = Vec::new();
    texts(&json(description), "", &mut |at, text| {
        let names = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Name(name, _) => Some(name.to_owned()),
            Piece::Text(_) => None,
        });
        all.extend(names.map(|name| (at.to_owned(), name)));
    });
    all
}

fn replace(json: &mut Json, at: &str, change: &mut dyn FnMut(&str, &str) -> Option<String>) {
    match json {
        Json::String(text) => {
            if let Some(new) = change(at, text) {
                *text = new;
            }
        }
        Json::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                replace(item, &format!("{at}[{index}]"), change);
            }
        }
        Json::Object(map) => {
            for (key, value) in map.iter_mut() {
                replace(value, &below(at, key), change);
            }
        }
        _ => {}
    }
}

/// `secret.NAME` for every secret that the description names.
pub(super) fn secrets(
    description: &Description,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Values {
    let mut secrets = Values::new();
    let mut add = |name: &str| {
        let Some(bare) = name
            .strip_prefix("secret.")
            .filter(|_| secrets.get(name).is_none())
        else {
            return;
        };
        let upper = bare
            .to_ascii_uppercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        let given = environment(&format!("PARTYWALL_SECRET_{upper}")).filter(|v| !v.is_empty());
        let made = || (random() + &random()).chars().take(LENGTH).collect();
        secrets.insert(name, given.unwrap_or_else(made));
    };
    texts(&json(description), "", &mut |_, text| {
        for piece in pieces(text) {
            if let Piece::Name(name, argument) = piece {
                add(name);
                // The name of a pepper: `{key.hmac-sha256:secret.pepper}`.
                argument.into_iter().for_each(&mut add);
            }
        }
    });
    secrets
}

/// Every placeholder that nothing will fill.
pub(super) fn problems(description: &Description, source: &Source) -> Vec<Problem> {
    let world = world_names(description);
    let json = json(description);
    let mut problems = Vec::new();
    texts(&json, "", &mut |at, text| {
        let Some(context) = Context::of(at, text, description) else {
            return;
        };
        for piece in pieces(text) {
            if let Piece::Name(name, argument) = piece
                && !context.knows(name, argument, &world)
            {
                let message = format!("nothing fills the placeholder `{{{name}}}` here");
                let known = world.iter().chain(&context.names).map(String::as_str);
                let help = match nearest(name, known) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "a brace that is meant as one is doubled: `{{`".to_owned(),
                };
                problems.push(source.problem(at, message, Some(help)));
            }
        }
    });
    problems
}

/// What the world fills: the same everywhere.
fn world_names(description: &Description) -> Vec<String> {
    let mut names = vec!["port".to_owned()];
    let roles = description.database.roles.keys().map(String::as_str);
    for role in roles.chain(["app"]) {
        names.extend(
            DATABASE
                .iter()
                .map(|part| format!("database.{role}.{part}")),
        );
    }
    for service in &description.service {
        names.push(format!("service.{}.port", service.name));
    }
    names
}

/// What fills a text beyond the world's values, by its place.
struct Context {
    /// Names that are known here.
    names: Vec<String>,
    /// Beginnings of names that are known here; their ends show in the run.
    prefixes: Vec<&'static str>,
}

impl Context {
    /// The context of a key; `None` for texts that are no templates.
    fn of(at: &str, text: &str, description: &Description) -> Option<Self> {
        let mut context = Self {
            names: Vec::new(),
            prefixes: vec!["secret."],
        };
        let own = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let section = at.split(['.', '[']).next().unwrap_or_default();
        match section {
            "target" | "service" => {
                let templates = [".start", ".setup", ".env.", ".url", ".dir"];
                let is_header = at.starts_with("target.headers.");
                if is_header {
                    context.names.extend(own(&TENANT));
                } else if !templates.iter().any(|t| at.contains(t)) {
                    return None;
                }
            }
            "database" if at.starts_with("database.setup") => {}
            "browser" if at == "browser.shared" => {}
            "browser" => {
                context.names = own(&TENANT);
                context.names.extend(own(&["text"]));
                context.prefixes.push("user.");
            }
            "analytics" if at.starts_with("analytics.env.") => {}
            "analytics" if at.ends_with("].sql") || at.ends_with("].conserve") => {
                context.names.extend(own(&TENANT[..2]));
            }
            "tenant" if at == "tenant.address" && text.contains("://") => {
                context.names = own(&["slug", "key"]);
            }
            "login" => {
                if !context.extend_for_actor(at, text) {
                    return None;
                }
                let index = at
                    .strip_prefix("login[")?
                    .split(']')
                    .next()?
                    .parse::<usize>()
                    .ok()?;
                let login = description.login.get(index)?;
                context
                    .names
                    .extend(login.step.iter().flat_map(|s| s.take.keys().cloned()));
                context.names.extend(own(&["bearer"]));
                if login.api_key.is_some() {
                    context.names.extend(own(&["key"]));
                    context.prefixes.push("key.");
                }
                if at.contains("].jwt.header") {
                    context.names.extend(own(&["token"]));
                }
                if at.contains("].cookie.") || at.contains("].given_cookie.") {
                    context.names.extend(own(&["payload"]));
                    context.prefixes.extend(["payload.", "mac."]);
                }
            }
            "seed" => {
                let steps = [
                    "seed.register",
                    "seed.create_tenant",
                    "seed.add_member",
                    "seed.calls",
                ];
                if steps.iter().any(|s| at.starts_with(s)) {
                    if !context.extend_for_actor(at, text) {
                        return None;
                    }
                    let seed = &description.seed;
                    let all = [
                        &seed.register,
                        &seed.create_tenant,
                        &seed.add_member,
                        &seed.calls,
                    ];
                    let taken = all
                        .into_iter()
                        .flatten()
                        .flat_map(|s| s.take.keys().cloned());
                    context.names.extend(taken);
                    // Users and tenants of earlier steps.
                    context.prefixes.extend(["member.", "owner.", "first."]);
                } else if at.starts_with("seed.values.") {
                    context.names = own(&ROW);
                    context.prefixes.push("user.");
                } else if !(at.starts_with("seed.command") || at.starts_with("seed.sql")) {
                    return None;
                }
            }
            _ => return None,
        }
        Some(context)
    }

    /// Adds what an actor's calls know; false where the text is no template.
    fn extend_for_actor(&mut self, at: &str, text: &str) -> bool {
        self.prefixes.push("user.");
        let names = ["random", "uuid"].into_iter().chain(TENANT);
        self.names.extend(names.map(str::to_owned));
        let in_take = at.contains(".take.");
        let is_template = !in_take || text.starts_with('$') || text.starts_with("sql:");
        is_template && !at.contains("].csrf.") && !at.contains("].roles")
    }

    fn knows(&self, name: &str, argument: Option<&str>, world: &[String]) -> bool {
        let function = matches!(argument, None | Some("json" | "url"));
        let prefixed = self
            .prefixes
            .iter()
            .any(|p| name.strip_prefix(p).is_some_and(|n| !n.is_empty()));
        let named = world.iter().chain(&self.names).any(|known| known == name);
        let time = name.starts_with("now") && self.names.iter().any(|known| known == "random");
        (function && named) || prefixed || time
    }
}
