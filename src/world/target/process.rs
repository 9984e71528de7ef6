//! A target that is a program of this machine.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::{Launch, NAME};
use crate::target::placeholder::Values;
use crate::world::error::WorldError;
use crate::world::process::Child;
use crate::world::program::Surroundings;
use crate::world::run::Run;
use crate::world::system;

/// How long it may take to end when asked to.
const GRACE: Duration = Duration::from_secs(2);

/// How the program is started.
#[derive(Debug)]
pub struct Program {
    /// Its command line.
    pub start: String,
    /// Its folder and environment.
    pub surroundings: Surroundings,
}

impl Program {
    /// Starts it.
    pub fn launch(&self, values: &Values, run: &Run) -> Result<Launch, WorldError> {
        let mut command = self
            .surroundings
            .command("target.start", &self.start, values)?;
        let child = Child::start(&mut command)?;
        run.add_child(child.pid(), NAME)?;
        Ok(Launch::Child(Box::new(child)))
    }

    /// Ends it, with whatever left its group.
    pub async fn end(&self, mut child: Child, run: &Run) -> Result<(), WorldError> {
        child.end(Signal::SIGTERM, GRACE).await;
        system::end_marked(&self.surroundings.mark);
        run.drop_child(child.pid())
    }
}
