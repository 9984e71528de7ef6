//! How a cookie that says which tenant its session is in is forged.

use serde::{Deserialize, Serialize};

use crate::model::tenant::{ActorId, TenantKey};

/// A cookie made from the actor's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CookieTampering {
    /// The cookie's name.
    pub name: String,
    /// The tenant that it says in the place of the session's own; that one where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<TenantKey>,
    /// Whose cookie it is, as it is; the caller's own, forged as follows, where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<ActorId>,
    /// What becomes of the seal (the signature) behind what the cookie says.
    pub seal: Seal,
    /// How it is sent.
    pub sent: Sent,
}

/// What becomes of a cookie's seal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seal {
    /// It stays as it was.
    Stale,
    /// The first half of it stays.
    Half,
    /// It stays, with one more character.
    Extended,
    /// It is empty; what sets it off stays.
    Empty,
    /// It is left out, with what sets it off.
    Absent,
    /// It is genuine, as are the times before it, made long ago: only where the description says how the cookie is made.
    Expired,
    /// HMAC with SHA-256 of all that stands before it, with this secret, usually empty or a word that nobody should use.
    Secret(String),
}

/// How a forged cookie is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sent {
    /// In the place of the genuine one.
    Alone,
    /// Before the genuine one.
    First,
    /// After the genuine one.
    Last,
    /// In its place, in quotes.
    Quoted,
    /// In its place, with what sets off its parts percent-encoded.
    Encoded,
    /// Without any other credential.
    Bare,
}

impl CookieTampering {
    /// In a few words: which cookie, the tenant that it says, its seal, how it is sent.
    pub fn told(&self) -> String {
        if let Some(actor) = &self.of {
            return format!("its cookie `{}` is that of {actor}", self.name);
        }
        let says = self.tenant.as_ref().map_or_else(
            || "is sent again".to_owned(),
            |tenant| format!("says the tenant {tenant}"),
        );
        let seal = match &self.seal {
            Seal::Stale => "under the old seal".to_owned(),
            Seal::Half => "with half its seal".to_owned(),
            Seal::Extended => "with a longer seal".to_owned(),
            Seal::Empty => "with an empty seal".to_owned(),
            Seal::Absent => "without a seal".to_owned(),
            Seal::Expired => "as it was made long ago".to_owned(),
            Seal::Secret(secret) => format!("sealed with the secret {secret:?}"),
        };
        let sent = match self.sent {
            Sent::Alone => "",
            Sent::First => ", before the genuine one",
            Sent::Last => ", after the genuine one",
            Sent::Quoted => ", in quotes",
            Sent::Encoded => ", percent-encoded",
            Sent::Bare => ", without any other credential",
        };
        format!("its cookie `{}` {says}, {seal}{sent}", self.name)
    }
}
