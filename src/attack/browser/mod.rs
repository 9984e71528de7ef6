//! `browser`: what people do in a browser, several of them, in two tenants. Nobody sends anything odd: what crosses is kept,
//! shown or sent by the pages themselves.

mod cast;

pub mod back;
pub mod in_turn;
pub mod next_person;
pub mod offline;
pub mod second_device;
pub mod stale_tab;
pub mod subdomain;
pub mod switch;
pub mod switch_tampered;

pub use cast::{Cast, Person, Several};
