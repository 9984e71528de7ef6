//! Stands in for the settings until that room lands.
#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::verdict::Severity;

#[derive(Debug, Clone, Default)]
pub struct Overrides {
    pub seed: Option<u64>,
    pub only: Vec<String>,
    pub skip: Vec<String>,
    pub budget: Option<Duration>,
    pub backend: Option<String>,
    pub fail_on: Option<Severity>,
    pub postgres_url: Option<String>,
    pub max_inconclusive: Option<u8>,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub path: PathBuf,
    pub budget: Option<Duration>,
    pub fail_on: Severity,
    pub max_inconclusive: u8,
}

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{path} cannot be read: {error}")]
pub struct SettingsError {
    path: String,
    error: std::io::Error,
}

impl Settings {
    #[allow(clippy::needless_pass_by_value)]
    pub fn load(path: &Path, overrides: Overrides) -> Result<Self, SettingsError> {
        std::fs::read_to_string(path).map_err(|error| SettingsError {
            path: path.display().to_string(),
            error,
        })?;
        Ok(Self {
            path: path.to_owned(),
            budget: overrides.budget,
            fail_on: overrides.fail_on.unwrap_or(Severity::Low),
            max_inconclusive: 100,
        })
    }
}
