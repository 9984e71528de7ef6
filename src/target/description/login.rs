//! How an actor logs in: `[[login]]`.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

opaque!(Login, Jwt, Step, ApiKey, SignedCookie);

/// How an actor gets a credential.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Login {
    /// Only for actors of these roles; all where empty.
    pub roles: Vec<String>,
    /// A token made from a secret, without any call.
    pub jwt: Option<Jwt>,
    /// Calls made in order; what they `take` is there for later ones and for the session.
    pub step: Vec<Step>,
    /// `POST` to this path by the OAuth password grant.
    pub oauth: Option<String>,
    /// HTTP Basic with the user's log-in and password.
    pub basic: bool,
    /// A key made by partywall and inserted into the database.
    pub api_key: Option<ApiKey>,
    /// A cookie made by a format and signed.
    pub cookie: Option<SignedCookie>,
    /// Headers that every call of the session carries; placeholders may use what steps took.
    pub headers: BTreeMap<String, String>,
    /// A header that unsafe calls carry, from a cookie or an answer.
    pub csrf: Option<Csrf>,
    /// The secret by which the target signs the tokens that it gives out here (HMAC), usually `{secret.NAME}`: genuine
    /// tokens with other claims can be made then. Default: the secret of `jwt`.
    pub signing: Option<String>,
    /// A cookie that the target gives out, told as it is made there: `cookie.expired` sends one that was made long ago.
    /// Default: what `cookie` says.
    pub given_cookie: Option<SignedCookie>,
    /// The public key in PEM that belongs to the target's private one, usually `{env.NAME}`: it is tried as an HMAC secret.
    pub public_key: Option<String>,
}

/// A minted JSON Web Token.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    /// The secret, usually `{secret.NAME}`.
    pub secret: String,
    /// `HS256` (default), `HS384`, `HS512`.
    #[serde(default)]
    pub algorithm: Option<String>,
    /// The claims; strings may hold placeholders, `now` and `now+3600` become numbers.
    pub claims: BTreeMap<String, serde_json::Value>,
    /// The header that carries it. Default `Authorization: Bearer {token}`.
    #[serde(default)]
    pub header: Option<String>,
}

/// One call of a log-in or of seeding.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// `METHOD /path`.
    pub call: String,
    /// A JSON body; strings may hold placeholders.
    pub json: Option<serde_json::Value>,
    /// Form fields.
    pub form: Option<BTreeMap<String, String>>,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// Name to where its value is: `$.data.token` (JSON path), `header:X-Token`, `cookie:session`,
    /// `html:input[name=csrf]`, `regex:…(…)…`, `sql:SELECT …`. The name `bearer` becomes the session's token.
    pub take: BTreeMap<String, String>,
    /// Statuses that count as success. Default: 200 to 399.
    pub status: Vec<u16>,
}

/// A key in the database.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiKey {
    /// The table that holds keys.
    pub table: String,
    /// Column to value; `{key}`, `{key.sha256}`, `{key.hmac-sha256:PEPPER}`, `{key.prefix:8}`, `{user.id}`, `{tenant.key}`, or
    /// `sql:EXPRESSION`.
    pub row: BTreeMap<String, String>,
    /// How the key itself looks. Default `pw_{random}`.
    #[serde(default)]
    pub format: Option<String>,
    /// The header that carries it, e.g. `X-Api-Key: {key}`. Default `Authorization: Bearer {key}`.
    #[serde(default)]
    pub header: Option<String>,
}

/// A signed cookie.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignedCookie {
    /// Its name.
    pub name: String,
    /// What the cookie says, with placeholders; `{now+3600}` is a time in seconds.
    pub payload: String,
    /// The cookie's value: `{payload}`, `{payload.base64url}`, `{mac.hex}`, `{mac.base64url}`.
    pub format: String,
    /// The secret.
    pub secret: String,
    /// What the signature is over, where it is not the bare payload: `{payload.base64url}`.
    #[serde(default)]
    pub signs: Option<String>,
    /// The hash of the HMAC: `sha256` (default), `sha384`, `sha512`.
    #[serde(default)]
    pub algorithm: Option<String>,
}

/// A CSRF token.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Csrf {
    /// Where it comes from: `cookie:NAME`, `header:NAME`, or a name that a step took.
    pub from: String,
    /// The header that carries it, or `field:NAME` for a form field.
    pub to: String,
}
