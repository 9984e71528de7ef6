//! Rendering: a symbolic call and a session become the exact bytes that go over the wire.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::utf8_percent_encode;

use crate::model::call::{Call, HostTampering, Seal, Sent, Wire};
use crate::model::tenant::{Actor, Tenant};

use super::address::Addressing;
use super::cookie;
use super::description::{Description, Login};
use super::envelope::Envelope;
use super::error::TargetError;
use super::forge::forge;
use super::host::{Hosts, authority};
use super::placeholder::{COMPONENT, Values, fill};
use super::segment::encode_segment;
use super::session::Session;

/// The application under test, as far as calls need it.
#[derive(Clone)]
pub struct Target {
    /// Its description.
    pub description: Description,
    /// `http://127.0.0.1:PORT`, or the URL of a running target: where connections go.
    pub base: String,
    /// The port that it listens on.
    pub port: u16,
    /// How calls address a tenant.
    pub addressing: Addressing,
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// What fills placeholders everywhere: port, database URLs, secrets, services.
    pub values: Values,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("base", &self.base)
            .field("addressing", &self.addressing)
            .field("tenants", &self.tenants)
            .finish_non_exhaustive()
    }
}

impl Target {
    /// From its parts: where it listens, how calls address tenants, and what fills placeholders.
    pub fn new(
        description: Description,
        base: &str,
        port: u16,
        addressing: Addressing,
        tenants: Vec<Tenant>,
        values: Values,
    ) -> Self {
        Self {
            description,
            base: base.trim_end_matches('/').to_owned(),
            port,
            addressing,
            tenants,
            values,
        }
    }

    /// Whether it runs on this machine, so that it can call partywall.
    pub fn is_near(&self) -> bool {
        let host = url::Url::parse(&self.base).ok();
        match host.as_ref().and_then(url::Url::host) {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// The log-in of an actor: the first that fits its role. None for nobody, or where none is described.
    pub fn login_for(&self, actor: &Actor) -> Option<&Login> {
        let fits = |login: &&Login| {
            login.roles.is_empty()
                || actor
                    .role
                    .as_ref()
                    .is_some_and(|role| login.roles.contains(role))
        };
        let known = !actor.id.is_anonymous();
        self.description.login.iter().find(fits).filter(|_| known)
    }

    /// The tenant of that key.
    pub fn tenant(&self, key: &str) -> Result<&Tenant, TargetError> {
        let found = self.tenants.iter().find(|t| &*t.key == key);
        found.ok_or_else(|| TargetError::UnknownTenant(key.to_owned()))
    }

    /// The exact wire form of a call. Without a session, or with `without_credentials`, nothing tells who calls.
    pub fn render(&self, call: &Call, session: Option<&Session>) -> Result<Wire, TargetError> {
        let tenant = call
            .tenant
            .as_deref()
            .map(|key| self.tenant(key))
            .transpose()?;
        let session = session.filter(|_| !call.tampering.without_credentials);
        let session = Self::forged(call, session)?;
        let bare = call.tampering.without_cookies;
        let session = session.map(|s| {
            if bare {
                Cow::Owned(s.into_owned().without_cookies())
            } else {
                s
            }
        });
        let session = self.with_forged_cookie(call, session)?;
        let session = session.as_deref();
        let target = match &call.tampering.target {
            Some(raw) => raw.clone(),
            None => self.request_target(call, tenant)?,
        };
        let host = self.host_of(tenant)?;
        let cookie_host = match session.and_then(|s| s.tenant.as_deref()) {
            Some(home) if call.tampering.keep_home_credentials => {
                self.host_of(Some(self.tenant(home)?))?
            }
            _ => host.clone(),
        };
        let envelope = Envelope {
            method: &call.method,
            host: match &call.tampering.host {
                Some(bent) => self.bent_host(bent, tenant)?,
                None => host,
            },
            fixed: self.fixed_headers(tenant)?,
            credentials: session
                .map_or_else(Vec::new, |s| s.credential_headers(&cookie_host, &target)),
            csrf: session.and_then(Session::csrf_pair),
            body: call.body.as_ref(),
            own: &call.headers,
            target,
        };
        Ok(envelope.wire(&self.base))
    }

    /// The session with its token forged, where the call says so.
    fn forged<'a>(
        call: &Call,
        session: Option<&'a Session>,
    ) -> Result<Option<Cow<'a, Session>>, TargetError> {
        let (Some(tampering), Some(session)) = (&call.tampering.token, session) else {
            return Ok(session.map(Cow::Borrowed));
        };
        let no_token = || TargetError::NoToken {
            actor: call.actor.to_string(),
        };
        let (place, token) = session.token().ok_or_else(no_token)?;
        let token = forge(&token, tampering, session.signing.as_ref())?;
        Ok(Some(Cow::Owned(session.clone().with_token(&place, token))))
    }

    /// The session with a cookie forged, where the call says so.
    fn with_forged_cookie<'a>(
        &self,
        call: &Call,
        session: Option<Cow<'a, Session>>,
    ) -> Result<Option<Cow<'a, Session>>, TargetError> {
        // Another's comes in the session already, as it is.
        let cookie = call.tampering.cookie.as_ref().filter(|c| c.of.is_none());
        let (Some(tampering), Some(session)) = (cookie, &session) else {
            return Ok(session);
        };
        let name = &tampering.name;
        let no_cookie = || TargetError::NoCookie {
            actor: call.actor.to_string(),
            name: name.clone(),
        };
        let home = session.tenant.as_deref().ok_or_else(no_cookie)?;
        let other = tampering.tenant.as_deref().map(|key| self.tenant(key));
        let value = session.jar.value(name).ok_or_else(no_cookie)?;
        let forged = match (&tampering.seal, &session.expired_cookie) {
            (Seal::Expired, Some((_, value))) => Some(value.clone()),
            _ => cookie::forge(value, tampering, self.tenant(home)?, other.transpose()?),
        };
        let forged = forged.ok_or_else(no_cookie)?;
        let mut session = (**session).clone();
        session.jar = match tampering.sent {
            Sent::First | Sent::Last => {
                let first = tampering.sent == Sent::First;
                session.jar.with_twin(name, &forged, first)
            }
            _ => session.jar.with_value(name, &forged),
        };
        if tampering.sent == Sent::Bare {
            session = Session {
                jar: session.jar.alone(name),
                tenant: session.tenant,
                ..Session::default()
            };
        }
        Ok(Some(Cow::Owned(session)))
    }

    /// Path and query, percent-encoded.
    fn request_target(&self, call: &Call, tenant: Option<&Tenant>) -> Result<String, TargetError> {
        let mut target = String::new();
        let mut rest = call.template.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            target.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                target.push('{');
                rest = after;
                continue;
            };
            let value = call.path.get(name).map(String::as_str);
            let value = value
                .or_else(|| self.path_tenant(name, tenant))
                .ok_or_else(|| TargetError::MissingPath {
                    template: call.template.clone(),
                    name: name.to_owned(),
                })?;
            target.push_str(&encode_segment(value));
            rest = after;
        }
        target.push_str(rest);
        for (index, (name, value)) in call.query.iter().enumerate() {
            target.push(if index == 0 && !target.contains('?') {
                '?'
            } else {
                '&'
            });
            target.push_str(&utf8_percent_encode(name, COMPONENT).to_string());
            target.push('=');
            target.push_str(&utf8_percent_encode(value, COMPONENT).to_string());
        }
        Ok(target)
    }

    /// The tenant's own segment.
    fn path_tenant<'a>(&self, name: &str, tenant: Option<&'a Tenant>) -> Option<&'a str> {
        match &self.addressing {
            Addressing::Path { parameter, by_slug } if parameter == name => {
                tenant.map(|t| named(t, *by_slug))
            }
            _ => None,
        }
    }

    /// How a tenant's host is built, without port: `{slug}.example.com`; none where hosts tell nothing.
    pub(crate) fn host_template(&self) -> Option<String> {
        match &self.addressing {
            Addressing::Host { template } => {
                let host = authority(template);
                // The port may be a placeholder, which holds no colon here.
                Some(
                    host.rsplit_once(':')
                        .map_or(host, |(host, _)| host)
                        .to_owned(),
                )
            }
            _ => None,
        }
    }

    /// The `Host` header of calls to a tenant, or to none.
    pub(crate) fn host_of(&self, tenant: Option<&Tenant>) -> Result<String, TargetError> {
        let Addressing::Host { template } = &self.addressing else {
            return Ok(authority(&self.base).to_owned());
        };
        let hosts = Hosts::new(template, &self.values)?;
        Ok(match tenant {
            Some(tenant) => hosts.of(&tenant.slug, &tenant.key),
            None => hosts.apex(),
        })
    }

    fn bent_host(&self, bent: &HostTampering, own: Option<&Tenant>) -> Result<String, TargetError> {
        let hosts = match &self.addressing {
            Addressing::Host { template } => Hosts::new(template, &self.values)?,
            _ => Hosts::guessed(&self.base),
        };
        Ok(match bent {
            HostTampering::Exact(host) => host.clone(),
            HostTampering::Apex => hosts.apex(),
            HostTampering::Unknown => hosts.unknown(),
            HostTampering::Tenant { tenant, shape } => {
                let tenant = self.tenant(tenant)?;
                let own = own.map_or("own", |t| t.slug.as_str());
                hosts.shaped(&tenant.slug, &tenant.key, own, *shape)
            }
        })
    }

    /// Headers that the description adds: its own, and the tenant's.
    pub(crate) fn fixed_headers(
        &self,
        tenant: Option<&Tenant>,
    ) -> Result<Vec<(String, String)>, TargetError> {
        let mut values = self.values.clone();
        if let Some(tenant) = tenant {
            values.extend(&tenant_values(tenant));
        }
        let mut headers = Vec::new();
        for (name, template) in &self.description.target.headers {
            // A header that names the tenant has no value in calls that address none.
            if tenant.is_none() && template.contains("{tenant.") {
                continue;
            }
            let at = format!("target.headers.{name}");
            let value = fill(template, &values).map_err(TargetError::placeholder(at))?;
            headers.push((name.clone(), value));
        }
        if let (Addressing::Header { name, by_slug }, Some(tenant)) = (&self.addressing, tenant) {
            headers.push((name.clone(), named(tenant, *by_slug).to_owned()));
        }
        Ok(headers)
    }
}

/// `tenant.key`, `tenant.id`, `tenant.slug`, `tenant.name`.
pub(crate) fn tenant_values(tenant: &Tenant) -> Values {
    Values::new()
        .with("tenant.key", &*tenant.key)
        .with("tenant.id", &*tenant.key)
        .with("tenant.slug", &tenant.slug)
        .with("tenant.name", &tenant.name)
}

fn named(tenant: &Tenant, by_slug: bool) -> &str {
    if by_slug { &tenant.slug } else { &tenant.key }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
