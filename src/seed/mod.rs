//! Introspects the schema, finds owners, writes tenants, users and rows, and builds the canary index.

mod canary;
mod check;
mod error;
mod generate;
mod introspect;
pub mod names;
mod ownership;
mod rows;
mod value;

pub use canary::{canaries, grow};
pub use error::SeedError;
pub use introspect::introspect;
pub use ownership::{login_column, ownership, password_column};
pub use rows::{read_rows, take_back};
pub use value::fresh_value;
