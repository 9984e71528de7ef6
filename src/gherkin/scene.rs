//! A scene: what one scenario has done so far, on the trial that all of them share.

use std::convert::Infallible;
use std::fmt;
use std::rc::Rc;

use tokio::sync::Mutex;

use crate::engine::Trial;
use crate::engine::trial::Attacked;
use crate::model::exchange::Exchange;

/// The trial that every scenario uses, one after the other.
pub type Shared = Rc<Mutex<Trial>>;

/// What one scenario has done.
#[derive(Default)]
pub struct Scene {
    /// The trial; there from before the first step.
    pub trial: Option<Shared>,
    /// What was done last.
    pub done: Done,
}

/// What was done last.
#[derive(Default)]
pub enum Done {
    /// Nothing yet.
    #[default]
    Nothing,
    /// A call.
    Call(Box<Exchange>),
    /// An attack.
    Attack(Attacked),
}

impl Scene {
    /// The trial.
    pub fn trial(&self) -> Result<Shared, String> {
        self.trial
            .clone()
            .ok_or_else(|| "there is no trial".to_owned())
    }

    /// The call that was made last.
    pub fn call(&self) -> Result<&Exchange, String> {
        match &self.done {
            Done::Call(exchange) => Ok(exchange),
            Done::Nothing => Err("nobody has called anything yet".to_owned()),
            Done::Attack(_) => Err(
                "an attack makes many calls: say `every answer is …` or `the wall holds`"
                    .to_owned(),
            ),
        }
    }

    /// What came of the attack that was tried last.
    pub fn attack(&self) -> Result<&Attacked, String> {
        match &self.done {
            Done::Attack(all) => Ok(all),
            Done::Nothing | Done::Call(_) => Err("nothing has been attacked yet".to_owned()),
        }
    }
}

impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scene")
    }
}

impl cucumber::World for Scene {
    type Error = Infallible;

    async fn new() -> Result<Self, Infallible> {
        Ok(Self::default())
    }
}
