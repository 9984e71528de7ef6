//! Chromium as people use it: devices with their storage, forms filled in by label, and what they show and keep.

mod device;
mod error;
mod form;
mod probe;
mod relay;

pub use device::Device;
pub use error::BrowserError;
pub use probe::Seen;
