//! Stands in for the engine until it lands.
#![allow(missing_docs, clippy::unused_async, clippy::needless_pass_by_value)]

use std::path::Path;

use tokio_util::sync::CancellationToken;

use crate::model::discovery::{Discovery, Replayed};
use crate::model::event::{Listener, Report};
use crate::model::tenant::ActorId;
use crate::settings::{Settings, SettingsError};

#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("the baseline failed: {0}")]
    Baseline(String),
}

impl RunError {
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Settings(_) => 1,
            Self::Baseline(_) => 4,
        }
    }
}

fn not_here<T>() -> Result<T, RunError> {
    Err(RunError::Baseline("the engine is not linked in".into()))
}

pub async fn run(_: Settings, _: &dyn Listener, _: CancellationToken) -> Result<Report, RunError> {
    not_here()
}

pub async fn replay(_: Settings, _: &Path, _: &dyn Listener) -> Result<Replayed, RunError> {
    not_here()
}

pub async fn discover(_: Settings, _: &dyn Listener) -> Result<Discovery, RunError> {
    not_here()
}

pub async fn token(_: Settings, _: &ActorId, _: &dyn Listener) -> Result<String, RunError> {
    not_here()
}
