//! Settings: flags before environment before defaults.
use std::net::SocketAddr;

use clap::Args;

use crate::{
    Error,
    faults::{Fault, FaultSet},
    quirks::{Quirk, QuirkSet},
    tenancy::keys::KeyPair,
};

/// Everything that the application is told at start.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// Address to listen on.
    #[arg(long, env = "REFERENCE_APP_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Database, as the application role, which owns nothing.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: String,
    /// Database, as the owner of the tables: used at start to make them and to grant, then dropped.
    #[arg(long, env = "OWNER_DATABASE_URL", hide_env_values = true)]
    pub owner_database_url: Option<String>,
    /// Secret that signs bearer tokens.
    #[arg(long, env = "JWT_SECRET", hide_env_values = true)]
    pub jwt_secret: String,
    /// Private key (Ed25519, PEM) that signs bearer tokens in the secret's place; goes with its public one.
    #[arg(long, env = "JWT_PRIVATE_KEY", hide_env_values = true)]
    pub jwt_private_key: Option<String>,
    /// Public key (Ed25519, PEM) that verifies them.
    #[arg(long, env = "JWT_PUBLIC_KEY", hide_env_values = true)]
    pub jwt_public_key: Option<String>,
    /// Secret that signs the tenant cookie.
    #[arg(long, env = "TENANT_COOKIE_SECRET", hide_env_values = true)]
    pub tenant_cookie_secret: String,
    /// Domain whose subdomains are the tenants' slugs.
    #[arg(long, env = "BASE_DOMAIN", default_value = "localhost")]
    pub base_domain: String,
    /// Header that names the firm by its slug in place of the subdomain, as behind a gateway.
    #[arg(long, env = "REFERENCE_APP_TENANT_HEADER")]
    pub tenant_header: Option<String>,
    /// Fault to switch on, by name; may be repeated.
    #[arg(long = "fault", env = "REFERENCE_APP_FAULTS", value_delimiter = ',')]
    pub faults: Vec<String>,
    /// Quirk to switch on, by name; may be repeated.
    #[arg(long = "quirk", env = "REFERENCE_APP_QUIRKS", value_delimiter = ',')]
    pub quirks: Vec<String>,
    /// Keep answers until somebody writes, as a cache in front of an application does.
    #[arg(long, env = "REFERENCE_APP_KEEP_ANSWERS")]
    pub keep_answers: bool,
    /// The moment that statistics take for now, in place of the clock: `2026-01-22T12:00:00Z`.
    #[arg(long, env = "REFERENCE_APP_NOW")]
    pub now: Option<String>,
}

impl Settings {
    /// The faults that are on.
    pub fn fault_set(&self) -> Result<FaultSet, Error> {
        let mut set = FaultSet::default();
        for name in named(&self.faults) {
            set.insert(Fault::from_name(name).ok_or_else(|| Error::UnknownFault(name.to_owned()))?);
        }
        Ok(set)
    }

    /// The quirks that are on; `all` stands for every one.
    pub fn quirk_set(&self) -> Result<QuirkSet, Error> {
        let mut set = QuirkSet::default();
        for name in named(&self.quirks) {
            if name == "all" {
                set = QuirkSet::all();
                continue;
            }
            set.insert(Quirk::from_name(name).ok_or_else(|| Error::UnknownQuirk(name.to_owned()))?);
        }
        Ok(set)
    }

    /// The pair of keys that signs tokens in the secret's place.
    pub(crate) fn key_pair(&self) -> Result<Option<KeyPair>, Error> {
        match (&self.jwt_private_key, &self.jwt_public_key) {
            (None, None) => Ok(None),
            (Some(private), Some(public)) => KeyPair::read(private, public)
                .map(Some)
                .ok_or(Error::KeyPair),
            _ => Err(Error::KeyPair),
        }
    }

    /// Refuses secrets that anybody could guess.
    pub(crate) fn check(&self) -> Result<(), Error> {
        for (name, secret) in [
            ("JWT_SECRET", &self.jwt_secret),
            ("TENANT_COOKIE_SECRET", &self.tenant_cookie_secret),
        ] {
            if secret.len() < 16 {
                return Err(Error::WeakSecret(name));
            }
        }
        Ok(())
    }
}

/// An empty environment variable names nothing.
fn named(names: &[String]) -> impl Iterator<Item = &str> {
    names
        .iter()
        .map(|name| name.trim())
        .filter(|name| !name.is_empty())
}
