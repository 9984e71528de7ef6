//! Gherkin: promises in plain language, each phrase one call of the engine's.

mod exchanged;
mod failing;
mod hold;
mod page;
mod phrase;
mod phrases;
mod play;
mod scene;
mod suite;

pub use hold::assert_hold;
pub use page::{page, phrases};
pub use play::{Passed, run};
pub use suite::{Options, Suite, SuiteError, check};
