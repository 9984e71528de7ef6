//! Events and findings in, text out. Renderers return strings; `cli` writes them, and only `progress` writes by itself.

pub mod curl;
pub mod gate;
pub mod json;
pub mod junit;
pub mod markdown;
mod names;
pub mod progress;
#[cfg(test)]
mod sample;
mod sentence;
mod steps;
mod style;
pub mod terminal;
#[cfg(test)]
mod tests;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use gate::{Gate, Outcome};
pub use names::Names;
pub use sentence::headline;
pub use style::Layout;

use crate::model::event::Report;

/// How the world classifies what an oracle finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// The CWE number.
    pub cwe: u16,
    /// The OWASP API Security Top 10 (2023) id.
    pub owasp: &'static str,
}

/// A report with what is needed to show it.
pub struct View<'a> {
    /// The report.
    pub report: &'a Report,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// What an oracle's findings are classified as; `report` knows no oracles.
    pub classify: &'a dyn Fn(&str) -> Option<Class>,
    /// The replay file of each finding, by its id.
    pub replays: &'a BTreeMap<String, PathBuf>,
    /// The description, as named on the command line.
    pub description: &'a Path,
}

impl View<'_> {
    /// What names rows and tenants in this report.
    fn names(&self) -> Names<'_> {
        Names {
            schema: &self.report.schema,
            tenants: &self.report.tenants,
        }
    }
}
