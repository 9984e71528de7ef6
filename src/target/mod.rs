//! What the application under test is: its description, routes, authentication and addresses. No I/O beyond reading the
//! description's own files: what must be sent or asked is returned, for `world` and `engine` to do.

pub mod address;
mod body;
mod cookie;
mod cookie_date;
mod credential;
pub mod description;
mod envelope;
pub mod error;
pub mod facts;
pub mod forge;
pub mod host;
pub mod jar;
pub(crate) mod key;
mod markup;
mod mint;
pub mod names;
mod origin;
pub mod pages;
pub mod placeholder;
pub mod recipe;
pub mod reference;
pub mod render;
pub mod route;
mod segment;
pub mod session;
mod step;
pub(crate) mod take;

pub use address::{Addressing, addressing};
pub use error::TargetError;
pub use facts::facts;
pub use jar::Jar;
pub use placeholder::{PlaceholderError, Values, fill, fill_json};
pub use recipe::{Answer, Need, Recipe};
pub use render::Target;
pub use route::{RouteError, parse_document, routes};
pub use session::Session;

#[cfg(test)]
pub(crate) mod testing;
