//! Introspects the schema, finds owners, writes tenants, users and rows, and builds the canary index.

mod canary;
mod cast;
mod check;
mod error;
mod generate;
mod generated;
mod grown;
mod introspect;
pub mod names;
mod ownership;
mod rows;
mod run;
#[cfg(test)]
mod testing;
mod told;
mod value;
mod visibility;

pub use canary::{bar_document, canaries, grow, is_drawn, is_drawn_among, shrink};
pub use error::SeedError;
pub use generated::complete;
pub use grown::regrow;
pub use introspect::introspect;
pub use ownership::{login_column, ownership, password_column};
pub use rows::{is_row, read_rows, take_back, with_children};
pub use run::{Seeded, run, run_rows};
pub use value::{fresh_value, matching, token, uuid};
pub use visibility::visibility;
