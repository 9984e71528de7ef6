//! Whole runs against a tiny target that misbehaves on purpose: what they say, and what they leave alone.

#![expect(clippy::unwrap_used, reason = "helpers of tests, which may panic")]
#![expect(
    clippy::print_stderr,
    reason = "what a run warns of helps whoever reads a failed test"
)]

mod company;
mod crowd;
mod lanes;
mod logins;
mod runs;
mod stored;
mod target;
