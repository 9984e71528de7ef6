//! What the application logs, kept for tests to read.
use std::{
    io,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

static KEPT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Keep;

impl io::Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what is logged from now on, as the application would print it.
pub fn keep() {
    let lines = fmt::layer().json().flatten_event(true).with_writer(|| Keep);
    // The second application of a process finds it in place.
    let _ = tracing_subscriber::registry()
        .with(EnvFilter::new("info,sqlx=warn"))
        .with(lines)
        .try_init();
}

/// The line that holds a text.
pub fn line_with(text: &str) -> Option<String> {
    let kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = String::from_utf8_lossy(&kept);
    kept.lines()
        .find(|line| line.contains(text))
        .map(str::to_owned)
}
