//! Partywall: can one tenant read, change, count, block or detect another tenant's data? With evidence.

pub mod attack;
pub mod browser;
pub mod cli;
pub mod engine;
pub mod gherkin;
pub mod model;
pub mod oracle;
pub mod report;
pub mod seed;
pub mod settings;
pub mod target;
pub mod world;
