//! The accounting-firm portal that Partywall is proven on: correct by default, with switchable faults and quirks.
//!
//! A request goes through `http` (request id, log line, spoofed headers), `tenancy` (host, token, cookie, session: the
//! one `TenantContext`), a handler in `routes` or one of the shared ones in `http::crud`, and `store`, where each
//! statement gets its tenant predicate from the context. A resource is one declaration in `resources`.

mod app;
mod error;
pub mod faults;
mod http;
mod logging;
pub mod quirks;
mod resources;
mod routes;
mod schema;
mod serve;
mod settings;
mod store;
mod tenancy;

pub use error::Error;
pub use serve::{openapi_json, serve};
pub use settings::Settings;
pub use tenancy::password::hash as hash_password;
