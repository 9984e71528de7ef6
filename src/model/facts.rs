//! Facts about the target that attacks need, and the slots of its calls: all found out or declared.

use serde_json::Value as Json;

use super::call::SlotRef;
use super::rows::RowRef;
use super::schema::ColumnRef;

/// A value in the route's calls that names a row, with what may stand there.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Where it stands.
    pub at: SlotRef,
    /// The column whose values stand there.
    pub column: ColumnRef,
    /// It is a tenant's own key or slug. In the path, where calls carry the tenant, it is the address (family `host`);
    /// anywhere else it is an id like others.
    pub is_tenant: bool,
    /// Values of the attacker's own rows that may stand there (the first is in `own_call`).
    pub own: Vec<(String, RowRef)>,
    /// Values of the victim's rows.
    pub foreign: Vec<(String, RowRef)>,
    /// Values of the right shape that no row has.
    pub missing: Vec<String>,
}

/// A field of a JSON body that names a row, declared though the own call leaves it out.
#[derive(Debug, Clone)]
pub struct Absent {
    /// Where it will stand, with what may stand there.
    pub slot: Slot,
    /// The pointer of what must be added to the body for that: the field itself, or the object or list around it.
    pub pointer: String,
    /// What is added there, the field in it.
    pub added: Json,
}

/// A parameter that takes what an answer gave to go on from there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The query parameter.
    pub parameter: String,
    /// What an answer to the attacker's own call gave.
    pub own: String,
    /// What an answer to the victim's gave.
    pub foreign: String,
    /// The parameter that makes pages small, with a value for it: only lists longer than a page have a cursor.
    pub small: Option<(String, String)>,
}

/// A cookie that says which tenant a session is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantCookie {
    /// Its name.
    pub name: String,
    /// A seal (a signature) stands behind what it says.
    pub sealed: bool,
    /// The seal is a digest of 32 bytes.
    pub by_sha256: bool,
}

/// Facts about the target that attacks need, all found out or declared.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Names under which this target may take a tenant from headers, query or body: tenant table and key, tenant columns,
    /// path parameters, answer fields, in camel, snake and kebab case, then the synonyms. Most likely first.
    pub tenant_names: Vec<String>,
    /// Names under which it may take a user.
    pub user_names: Vec<String>,
    /// Calls carry the tenant in the host.
    pub tenant_in_host: bool,
    /// How a tenant's host is built, without port, from `{slug}` or `{key}`: `{slug}.example.com`.
    pub host_template: Option<String>,
    /// Calls carry the tenant in this path parameter.
    pub tenant_in_path: Option<String>,
    /// Calls carry the tenant in this header.
    pub tenant_in_header: Option<String>,
    /// Actors have bearer tokens that are JWTs; the claims of one, values left out.
    pub token_claims: Vec<String>,
    /// The claim that names the tenant, where one holds a tenant key or slug: name, and whether it holds the slug.
    pub tenant_claim: Option<(String, bool)>,
    /// The description gives the signing secret, so that genuine tokens can be made.
    pub can_sign: bool,
    /// The token is signed with a private key and its public one is known.
    pub has_public_key: bool,
    /// The cookies of a session that say which tenant it is in, signed tokens left out.
    pub tenant_cookies: Vec<TenantCookie>,
    /// The cookie of which sessions have one that expired long ago.
    pub expired_cookie: Option<String>,
    /// The target runs on this machine: it can call partywall.
    pub is_near: bool,
    /// The description says how a tenant is suspended.
    pub can_suspend: bool,
    /// The tenant-scoped columns of the table that this route is about: what mass assignment may try.
    pub writable_names: Vec<String>,
    /// The columns of that table that hold words of a list (a status, a kind), with the words that rows hold. Filled by the
    /// engine, like `writable_names`.
    pub choices: Vec<(String, Vec<String>)>,
    /// How texts of the attacker's own rows in that table begin, the commonest of each column. Filled by the engine, like
    /// `writable_names`.
    pub beginnings: Vec<String>,
    /// Texts of one row of the victim's in that table that no row of the attacker's holds: column and value. Filled by the
    /// engine, like `writable_names`.
    pub foreign_texts: Vec<(String, String)>,
    /// The columns of that table whose values must be unique (beside its key), as slots of the body (`/email`) that the
    /// call need not have. Filled by the engine, like `writable_names`.
    pub uniques: Vec<Slot>,
    /// Fields of the body that name rows, declared though the own call leaves them out. Filled by the engine, like
    /// `writable_names`.
    pub absent: Vec<Absent>,
    /// The route's cursor, where it has one. Filled by the engine, like `writable_names`.
    pub cursor: Option<Cursor>,
}
