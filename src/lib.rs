//! Partywall: can one tenant read, change, count, block or detect another tenant's data? With evidence.

pub mod attack;
pub mod cli;
// Stand-ins, to be removed when the rooms themselves land.
#[path = "stand_in/engine.rs"]
pub mod engine;
pub mod model;
pub mod oracle;
pub mod report;
#[path = "stand_in/settings.rs"]
pub mod settings;
pub mod target;
