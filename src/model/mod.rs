//! The nouns: pure data, no I/O, no async.

pub mod call;
pub mod canary;
pub mod discovery;
pub mod event;
pub mod exchange;
pub mod exit;
pub mod explored;
pub mod facts;
pub mod finding;
pub mod kill_table;
pub mod knowledge;
pub mod link;
pub mod logged;
pub mod observed;
pub mod ownership;
pub mod pattern;
pub mod reference;
pub mod replay;
pub mod route;
pub mod rows;
pub mod schema;
pub mod secret;
pub mod shown;
pub mod tenant;
pub mod values;
pub mod verdict;
