//! What an attack does to the wire form of a call beyond its values.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::CookieTampering;
use crate::model::tenant::TenantKey;

/// Changes to the wire form that no legitimate caller makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tampering {
    /// Another `Host` header (and only that: the connection goes where the target listens).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<HostTampering>,
    /// The request target exactly as it stands on the request line (path and query), past all tidying.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The bearer token is replaced by one made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenTampering>,
    /// A cookie that says the tenant is replaced by one made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<CookieTampering>,
    /// Credentials are left out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_credentials: bool,
    /// Cookies are left out, save one that holds the token: who forges a token is not bound to other credentials.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub without_cookies: bool,
    /// The credentials are those of an earlier session, which what comes first in the case should have ended: `before POST
    /// /logout`. For the report; a case holds its sessions as they were at its start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The tenant that the credentials are for is suspended while the call is made, in the way that the description gives.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
    /// The tenant's own credential of this actor is sent although the call addresses another tenant.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub keep_home_credentials: bool,
}

impl Tampering {
    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How the `Host` header is bent. `{…}` forms are resolved against the target's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostTampering {
    /// Exactly this value.
    Exact(String),
    /// The host of that tenant, as the description builds it, changed by `shape`.
    Tenant {
        /// The tenant whose host it is.
        tenant: TenantKey,
        /// How it is written.
        shape: HostShape,
    },
    /// The domain without any tenant label.
    Apex,
    /// A tenant label that nobody has.
    Unknown,
}

/// How a tenant's host is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HostShape {
    /// As it is.
    Plain,
    /// `acme.example.:80`: a trailing dot.
    TrailingDot,
    /// In capitals.
    UpperCase,
    /// Another port.
    OtherPort,
    /// `own.acme.example`: the attacker's label before the victim's.
    Nested,
    /// `acme.own.example`: the victim's label before the attacker's.
    NestedReverse,
}

/// How a bearer token is forged from the actor's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TokenTampering {
    /// Claims set (`Some`) or removed (`None`), in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "claims")]
    pub claims: Vec<(String, Option<Json>)>,
    /// A claim written a second time, last, with this value (parsers differ in which they take).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twice: Option<(String, Json)>,
    /// How the result is signed.
    pub signature: Signature,
}

/// Claims as they are stored: a claim set to null is another thing than one removed.
mod claims {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use serde_json::Value as Json;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Change {
        Set(String, Json),
        Remove(String),
    }

    pub(super) fn serialize<S: Serializer>(
        claims: &[(String, Option<Json>)],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.collect_seq(claims.iter().map(|(name, value)| match value {
            Some(value) => Change::Set(name.clone(), value.clone()),
            None => Change::Remove(name.clone()),
        }))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Vec<(String, Option<Json>)>, D::Error> {
        let changes = Vec::<Change>::deserialize(from)?;
        let pair = |change| match change {
            Change::Set(name, value) => (name, Some(value)),
            Change::Remove(name) => (name, None),
        };
        Ok(changes.into_iter().map(pair).collect())
    }
}

/// How a forged token is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signature {
    /// The old signature stays behind the changed payload.
    Stale,
    /// `alg` in the header is set to this spelling of `none`, and the signature is empty.
    None(String),
    /// The header stays, the signature is empty.
    Empty,
    /// HMAC with this secret, usually empty or a word that nobody should use.
    Secret(String),
    /// HMAC with the target's public key as secret.
    PublicKey,
    /// The header's `kid` says this, and the signature is the HMAC with what a server finds that believes it.
    Named {
        /// What the header says.
        kid: String,
        /// What is found.
        secret: String,
    },
    /// With a key of partywall's own, whose public half stands in the header.
    Embedded(OwnKey),
    /// With a key of partywall's own, and the header says where partywall serves the public half.
    Fetched(OwnKey),
    /// With the target's real secret: only where the description gives it, for promises about claims.
    Genuine,
}

/// A key that a forger brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnKey {
    /// Of the kind that the target's own tokens are signed with.
    SameKind,
    /// An Ed25519 pair.
    Ed25519,
}
