//! Structured logs: one JSON object a line on stdout.
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Installs the subscriber, unless the process already has one.
pub(crate) fn init() {
    let filter = EnvFilter::try_from_env("REFERENCE_APP_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_current_span(false)
        .with_span_list(false);
    // A second call (tests that serve twice in one process) keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(filter)
        .with(lines)
        .try_init();
}
