//! The accounting-firm portal that Partywall is proven on: correct by default, with switchable faults and quirks.
//!
//! A request goes through `http` (request id, log line, spoofed headers), `tenancy` (host, token, cookie, session: the
//! one `TenantContext`), a handler in `routes` or one of the shared ones in `http::crud`, and `store`, where each
//! statement gets its tenant predicate from the context. A resource is one declaration in `resources`.
//!
//! People see `pages` instead: the same log-in, switch and statements, with a cookie in the token's place.
//!
//! To add a resource: its table in `schema/`, its `Resource` and `entity!` in `resources`, a file of `handlers::…!` lines
//! in `routes`. Nothing else: filters, search, order, pages, export, bulk writes, references, audit rows and the API
//! document come with it. To add a fault: a variant, its line in the table, the one `if` or `slips` entry where the
//! mistake is made, and how it is driven in `tests/faults`.

mod app;
mod error;
pub mod faults;
mod http;
mod logging;
mod pages;
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
