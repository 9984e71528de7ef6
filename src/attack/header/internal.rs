//! `header.internal`: headers that only internal callers should send.

use super::with_all;
use crate::attack::craft::{with_header, without_credentials};
use crate::attack::names::{header_case, noun};
use crate::attack::{Attack, Attempt, Ground, Scope};

/// Headers that only internal callers should send.
pub(in crate::attack) struct Internal;

/// Headers that name a user by id.
const USERS: &[&str] = &[
    "X-User-Id",
    "X-User",
    "X-Auth-User-Id",
    "X-Authenticated-User",
    "X-Authenticated-Userid",
    "X-Remote-User",
    "Remote-User",
    "X-Forwarded-User",
    "X-Auth-Request-User",
];
/// Headers that name a user by e-mail.
const MAILS: &[&str] = &["X-User-Email", "X-Forwarded-Email", "X-Auth-Request-Email"];
/// What stands between `X-` and the noun in headers about a tenant that somebody has checked.
const VERIFIED: &[&str] = &["Verified", "Auth", "Authenticated", "Internal", "Forwarded"];
/// Headers about rights.
const ROLES: &[(&str, &str)] = &[
    ("X-User-Role", "superadmin"),
    ("X-Role", "superadmin"),
    ("X-Admin", "true"),
    ("X-Is-Admin", "true"),
];
/// Headers that claim to come from inside.
const INTERNAL: &[(&str, &str)] = &[
    ("X-Internal-Request", "true"),
    ("X-Internal", "1"),
    ("X-Service-Call", "true"),
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Real-IP", "127.0.0.1"),
];
/// Names of users that the target has and that are tried.
const NAMES: usize = 3;

const DOC: &str = r#"## What it does
Sends what gateways and proxies say about a caller that they have verified: user, e-mail, tenant, role, "this is internal".
Each kind in one call beside the own credentials; all of them, and the user header alone, to the victim's address without any
credentials.

## Why teams fall for it
All authorisation sat in what stands in front, and handlers assume that it has run (RL-47); requests by another kind of
credential carry no user id and skip the check (RL-38). Reaching the service directly, or through a proxy that forwards what
it does not know, is enough.

## A correct target
Knows its proxy by more than a header, and strips these from outside.

## Example
    GET /services
    Host: victim.example.com
    X-User-Id: <user of the victim>
    X-Verified-Tenant-Id: <victim>
    X-Internal-Request: true
"#;

impl Attack for Internal {
    fn id(&self) -> &'static str {
        "header.internal"
    }

    fn title(&self) -> &'static str {
        "headers that only internal callers should send"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let kinds = [
            ("user", users(ground)),
            ("tenant", tenants(ground)),
            ("role", fixed(ROLES)),
            ("internal", fixed(INTERNAL)),
        ];
        let base = ground.base();
        let mut all = Vec::new();
        if ground.has_credentials() {
            for (variant, headers) in kinds.iter().filter(|(_, headers)| !headers.is_empty()) {
                all.push(
                    base.clone()
                        .titled(variant)
                        .each(|call| with_all(call, headers)),
                );
            }
        }
        let everything: Vec<_> = kinds.into_iter().flat_map(|(_, headers)| headers).collect();
        let nobody = ground.as_victim().each(without_credentials);
        all.push(
            nobody
                .clone()
                .named("everything, no credentials")
                .each(|call| with_all(call, &everything)),
        );
        if let Some(user) = ground.victim_user() {
            all.push(
                nobody
                    .named("x-user-id, no credentials")
                    .each(|call| with_header(call, "X-User-Id", user)),
            );
        }
        all
    }
}

type Headers = Vec<(String, String)>;

fn users(ground: &Ground<'_>) -> Headers {
    let mut all = Headers::new();
    if let Some(id) = ground.victim_user() {
        all.extend(USERS.iter().map(|name| ((*name).to_owned(), id.to_owned())));
        for name in ground.facts.user_names.iter().take(NAMES) {
            let name = format!("X-{}", header_case(name));
            if all.iter().all(|(n, _)| *n != name) {
                all.push((name, id.to_owned()));
            }
        }
    }
    let mail = ground
        .victim_actor
        .and_then(|actor| actor.fields.get("email"));
    if let Some(mail) = mail {
        all.extend(MAILS.iter().map(|name| ((*name).to_owned(), mail.clone())));
    }
    all
}

fn tenants(ground: &Ground<'_>) -> Headers {
    let noun = ground
        .facts
        .tenant_names
        .first()
        .and_then(|name| noun(name));
    let Some(noun) = noun.map(|noun| header_case(&noun)) else {
        return Headers::new();
    };
    VERIFIED
        .iter()
        .flat_map(|verified| {
            [
                (
                    format!("X-{verified}-{noun}-Id"),
                    ground.victim.key.to_string(),
                ),
                (format!("X-{verified}-{noun}"), ground.victim.slug.clone()),
            ]
        })
        .collect()
}

fn fixed(headers: &[(&str, &str)]) -> Headers {
    headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}
