//! One step of a log-in or of seeding: from its description to its wire form, and what its answer must hold.

use std::collections::BTreeMap;

use percent_encoding::utf8_percent_encode;

use crate::model::call::{Body, Wire};
use crate::model::exchange::Response;
use crate::model::tenant::Tenant;

use super::description::Step;
use super::envelope::Envelope;
use super::error::{NotTaken, TargetError};
use super::host::authority;
use super::names::nearest;
use super::origin;
use super::placeholder::{COMPONENT, Piece, Values, fill, fill_escaped, fill_json, pieces};
use super::render::Target;
use super::session::Session;
use super::take::Source;

/// How much of a refusal is shown.
const EXCERPT: usize = 300;

/// The sources of a step: name, as written, as read.
pub(crate) type Sources = Vec<(String, String, Source)>;

/// Reads what a step takes; a JSON path may hold placeholders (`$.items[?slug={tenant.slug}].id`).
pub(crate) fn sources(step: &Step, at: &str, values: &Values) -> Result<Sources, TargetError> {
    let read = |(name, text): (&String, &String)| {
        let at = format!("{at}.take.{name}");
        let filled = if text.starts_with('$') {
            fill(text, values).map_err(TargetError::placeholder(&at))?
        } else {
            text.clone()
        };
        match Source::parse(&filled) {
            Ok(source) => Ok((name.clone(), text.clone(), source)),
            Err(problem) => Err(TargetError::Step { at, problem }),
        }
    };
    step.take.iter().map(read).collect()
}

/// The wire form of a step's call.
pub(crate) fn wire(
    target: &Target,
    step: &Step,
    at: &str,
    tenant: Option<&Tenant>,
    session: &Session,
    values: &Values,
) -> Result<Wire, TargetError> {
    let (base, method, host, path) = address(target, step, at, tenant, values)?;
    let body = body(step, at, values)?;
    let mut own = Vec::new();
    for (name, template) in &step.headers {
        let wrap = TargetError::placeholder(format!("{at}.headers.{name}"));
        own.push((name.clone(), fill(template, values).map_err(wrap)?));
    }
    let envelope = Envelope {
        method: &method,
        credentials: session.credential_headers(&host, &path),
        target: path,
        host,
        fixed: target.fixed_headers(tenant)?,
        csrf: session.csrf_pair(),
        body: body.as_ref(),
        own: &own,
    };
    Ok(envelope.wire(&base))
}

/// Where the call connects to, method, host and path of `METHOD /path`, `METHOD http://host/path` or `METHOD {link}`.
fn address(
    target: &Target,
    step: &Step,
    at: &str,
    tenant: Option<&Tenant>,
    values: &Values,
) -> Result<(String, String, String, String), TargetError> {
    let at = format!("{at}.call");
    let (method, template) = step
        .call
        .trim()
        .split_once(char::is_whitespace)
        .ok_or_else(|| TargetError::Step {
            at: at.clone(),
            problem: format!("`{}` is no call; write `METHOD /path`", step.call),
        })?;
    let template = template.trim();
    // A link that was taken from an answer is used as it stands; values within a path are encoded.
    let link = matches!(pieces(template)[..], [Piece::Name(..)]);
    let encode = |value: &str| utf8_percent_encode(value, COMPONENT).to_string();
    let filled = if link {
        fill(template, values)
    } else {
        fill_escaped(template, values, &encode)
    };
    let filled = filled.map_err(TargetError::placeholder(&at))?;
    let (base, host, path) = match filled.split_once("://") {
        Some((scheme, rest)) => {
            let host = authority(&filled);
            let path = &rest[host.len()..];
            let origin = format!("{scheme}://{host}");
            let base = match origin::of(target, &origin, values) {
                Some(base) => base,
                // The target may write any public name of its own into a link.
                None if link => target.base.clone(),
                None => return Err(TargetError::Astray { at, origin }),
            };
            (
                base,
                host.to_owned(),
                if path.is_empty() { "/" } else { path }.to_owned(),
            )
        }
        None => (target.base.clone(), target.host_of(tenant)?, filled),
    };
    if !path.starts_with('/') {
        return Err(TargetError::Step {
            at,
            problem: format!("the path of `{}` does not start with a slash", step.call),
        });
    }
    let path = path.split('#').next().unwrap_or_default().to_owned();
    Ok((base, method.to_uppercase(), host, path))
}

fn body(step: &Step, at: &str, values: &Values) -> Result<Option<Body>, TargetError> {
    if let Some(json) = &step.json {
        let wrap = TargetError::placeholder(format!("{at}.json"));
        return Ok(Some(Body::Json(fill_json(json, values).map_err(wrap)?)));
    }
    let Some(form) = &step.form else {
        return Ok(None);
    };
    let mut fields = Vec::new();
    for (name, template) in form {
        let wrap = TargetError::placeholder(format!("{at}.form.{name}"));
        fields.push((name.clone(), fill(template, values).map_err(wrap)?));
    }
    Ok(Some(Body::Form(fields)))
}

/// Makes sure that a step's call succeeded.
pub(crate) fn check(
    step: &Step,
    at: &str,
    response: &Response,
    values: &Values,
) -> Result<(), TargetError> {
    let succeeded = if step.status.is_empty() {
        (200..400).contains(&response.status)
    } else {
        step.status.contains(&response.status)
    };
    if succeeded {
        return Ok(());
    }
    let body = values.redact(&response.text());
    let words = body.split_whitespace().map(|word| {
        // A long run of letters and digits may be a credential that no value names.
        let letters = word.chars().filter(char::is_ascii_alphanumeric).count();
        let word: &str = if letters > 40 { "…" } else { word };
        word
    });
    let excerpt: String = words.collect::<Vec<_>>().join(" ");
    let excerpt: String = excerpt.chars().take(EXCERPT).collect();
    Err(TargetError::Refused {
        at: at.to_owned(),
        call: step.call.clone(),
        status: response.status,
        excerpt: if excerpt.is_empty() {
            "no body".to_owned()
        } else {
            excerpt
        },
    })
}

/// Takes everything from an answer but what SQL must tell; those are returned, to be asked.
pub(crate) fn take(
    step: &Step,
    sources: &Sources,
    at: &str,
    response: &Response,
    session: &Session,
    into: &mut BTreeMap<String, String>,
) -> Result<Vec<(String, String)>, TargetError> {
    let mut queries = Vec::new();
    for (name, text, source) in sources {
        if let Source::Sql(sql) = source {
            queries.push((name.clone(), sql.clone()));
        } else if let Some(value) = source.find(response, &session.jar) {
            into.insert(name.clone(), value);
        } else {
            let outline = source.outline(response, &session.jar);
            let near = nearest(text, outline.iter().map(String::as_str));
            return Err(TargetError::NotTaken(Box::new(NotTaken {
                at: format!("{at}.take.{name}"),
                call: step.call.clone(),
                name: name.clone(),
                wanted: text.clone(),
                nearest: near.map(str::to_owned),
                holds: if outline.is_empty() {
                    "none of that kind".to_owned()
                } else {
                    outline.join(", ")
                },
            })));
        }
    }
    Ok(queries)
}
