//! The devices of a run: started when they are needed, cleared between cases.

use crate::browser::{BrowserError, Device};
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::world::Driver;

/// The driver, and the browsers that it has started.
pub struct Devices {
    driver: Driver,
    all: Vec<Device>,
}

impl Devices {
    /// Starts the driver.
    pub async fn start(lab: &Lab<'_>) -> Result<Self, RunError> {
        Ok(Self {
            driver: lab.world.start_driver().await?,
            all: Vec::new(),
        })
    }

    /// A device; one that is not there is started.
    pub async fn get(&mut self, number: usize, lab: &Lab<'_>) -> Result<&mut Device, BrowserError> {
        while self.all.len() <= number {
            let started = Device::start(&self.driver, self.all.len(), &way(lab)).await?;
            self.all.push(started);
        }
        Ok(&mut self.all[number])
    }

    /// All of them as new.
    pub async fn clear(&mut self, lab: &Lab<'_>) -> Result<(), BrowserError> {
        for device in &mut self.all {
            device.clear(&way(lab)).await?;
        }
        Ok(())
    }

    /// Ends the browsers and the driver.
    pub async fn end(self, lab: &Lab<'_>) -> Result<(), RunError> {
        let mut first = Ok(());
        for device in self.all {
            first = first.and(device.close().await);
        }
        lab.world.end_driver(self.driver).await?;
        Ok(first?)
    }
}

/// Where the target listens now, as `host:port`.
fn way(lab: &Lab<'_>) -> String {
    let base = url::Url::parse(lab.world.base()).ok();
    let host = base
        .as_ref()
        .and_then(|b| b.host_str())
        .unwrap_or("127.0.0.1");
    format!("{host}:{}", lab.world.port())
}
