//! Companions: programs that must run beside the target, started before it and ended after it.

use std::time::Duration;

use nix::sys::signal::Signal;

use super::error::WorldError;
use super::process::Child;
use super::program::Surroundings;
use super::ready::Condition;
use super::run::Run;
use super::system;
use crate::target::description::Service;
use crate::target::placeholder::Values;

/// How long one may take to become ready.
const READY: Duration = Duration::from_mins(1);

/// How long one may take to end when asked to.
const GRACE: Duration = Duration::from_secs(2);

/// A running companion.
#[derive(Debug)]
pub struct Companion {
    /// Its name.
    pub name: String,
    child: Child,
}

/// Gives each its port, as a value that all of them and the target may use.
pub fn assign_ports(services: &[Service], values: &mut Values) -> Result<(), WorldError> {
    for service in services {
        let port = system::free_port().map_err(WorldError::file("find a free port below", "/"))?;
        values.insert(format!("service.{}.port", service.name), port.to_string());
        values.insert(format!("service.{}.host", service.name), "127.0.0.1");
    }
    Ok(())
}

/// Starts one and waits until it is ready. In its own lines `{port}` is its own port.
pub async fn start(
    service: &Service,
    dir: &std::path::Path,
    values: &Values,
    run: &Run,
) -> Result<Companion, WorldError> {
    let what = format!("service {}", service.name);
    let own = values
        .get(&format!("service.{}.port", service.name))
        .unwrap_or_default()
        .to_owned();
    let port = own.parse().unwrap_or_default();
    let values = values.clone().with("port", own);
    let surroundings = Surroundings {
        dir: dir.to_owned(),
        env: service.env.clone(),
        mark: format!("{}:{}", run.token(), service.name),
    };
    let key = format!("{what}: start");
    let mut command = surroundings.command(&key, &service.start, &values)?;
    let mut child = Child::start(&mut command)?;
    run.add_child(child.pid(), &what)?;
    Condition::of(service.ready.as_ref(), &format!("{what}: ready"))?
        .wait(&what, &mut child, port, READY, &values)
        .await?;
    Ok(Companion {
        name: service.name.clone(),
        child,
    })
}

impl Companion {
    /// Ends it.
    pub async fn end(mut self, run: &Run) -> Result<(), WorldError> {
        self.child.end(Signal::SIGTERM, GRACE).await;
        run.drop_child(self.child.pid())
    }
}
