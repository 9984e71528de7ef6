//! A program in a container: started by testcontainers, its port published on loopback alone, its output kept.

use std::collections::HashMap;
use std::time::Duration;

use futures::TryStreamExt;
use testcontainers::bollard::container::LogOutput;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::{ContainerWaitResponse, HostConfig, PortBinding};
use testcontainers::bollard::query_parameters::{LogsOptionsBuilder, WaitContainerOptions};
use testcontainers::core::IntoContainerPort;
use testcontainers::runners::AsyncRunner;
use testcontainers::{ContainerAsync, GenericImage, ImageExt};
use tokio::sync::watch;
use tokio_util::io::StreamReader;

use super::engine::{Engine, LABEL, failed};
use crate::world::error::WorldError;
use crate::world::output::Output;
use crate::world::ready::Started;

/// How long an image may take to be pulled, and its container to be made.
const PULL: Duration = Duration::from_mins(5);

/// How long the engine may take to start it.
const START: Duration = Duration::from_mins(1);

/// What is started.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The image: `postgres:17`, `registry.example.com/app@sha256:…`.
    pub image: String,
    /// The container's name, by which others on its network reach it.
    pub name: String,
    /// Its network.
    pub network: String,
    /// The prefix of the run that it belongs to.
    pub prefix: String,
    /// Its environment.
    pub env: Vec<(String, String)>,
    /// Arguments; the image's own where empty.
    pub command: Vec<String>,
    /// The port that it listens on.
    pub inside: u16,
    /// The port of 127.0.0.1 that leads there.
    pub outside: u16,
    /// Bytes of its `/dev/shm`; the engine's default where absent.
    pub shared_memory: Option<i64>,
}

/// A container that runs.
#[derive(Debug)]
pub struct Contained {
    engine: Engine,
    id: String,
    /// What it prints.
    pub output: Output,
    /// How it ended, once it has.
    end: watch::Receiver<Option<String>>,
    /// What testcontainers removes, also when it is dropped while a runtime is there; absent where Compose has made it.
    started: Option<ContainerAsync<GenericImage>>,
}

impl Contained {
    /// Starts a container; nothing is said about whether what is in it works.
    pub async fn start(engine: &Engine, wanted: Wanted) -> Result<Self, WorldError> {
        let (name, tag) = parts(&wanted.image);
        let (inside, outside) = (wanted.inside, wanted.outside);
        let shared = wanted.shared_memory;
        let mut request = GenericImage::new(name, tag)
            .with_exposed_port(inside.tcp())
            .with_container_name(&wanted.name)
            .with_network(&wanted.network)
            .with_label(LABEL, &wanted.prefix)
            .with_startup_timeout(START)
            .with_host_config_modifier(move |host| {
                publish(host, inside, outside);
                host.shm_size = shared.or(host.shm_size);
            });
        for (name, value) in wanted.env {
            request = request.with_env_var(name, value);
        }
        if !wanted.command.is_empty() {
            request = request.with_cmd(wanted.command);
        }
        let refused = |what: String| WorldError::Container {
            image: wanted.image.clone(),
            what,
        };
        let started = match tokio::time::timeout(PULL, request.start()).await {
            Ok(Ok(started)) => started,
            failed => {
                // It may have been made, and not have started.
                engine
                    .remove_container(&wanted.name)
                    .await
                    .map_err(super::engine::failed("remove", &wanted.name))?;
                return Err(match failed {
                    Err(_) => refused(format!("it was not pulled and started within {PULL:?}")),
                    Ok(error) => refused(error.map_or_else(|e| e.to_string(), |_| String::new())),
                });
            }
        };
        let mut contained = Self::of(engine, started.id());
        contained.started = Some(started);
        Ok(contained)
    }

    /// One that runs already.
    pub fn of(engine: &Engine, id: &str) -> Self {
        let (output, feed) = Output::new();
        let (docker, name) = (engine.docker.clone(), id.to_owned());
        tokio::spawn(async move {
            let options = LogsOptionsBuilder::default()
                .follow(true)
                .stdout(true)
                .stderr(true)
                .build();
            let lines = docker
                .logs(&name, Some(options))
                .map_ok(LogOutput::into_bytes)
                .map_err(std::io::Error::other);
            feed.keep(StreamReader::new(Box::pin(lines))).await;
        });
        let (ended, end) = watch::channel(None);
        let (docker, name) = (engine.docker.clone(), id.to_owned());
        tokio::spawn(async move {
            let options = None::<WaitContainerOptions>;
            let last = docker.wait_container(&name, options).try_next().await;
            // Nobody may wait for it any more.
            let _unheard = ended.send(Some(how(last)));
        });
        Self {
            engine: engine.clone(),
            id: id.to_owned(),
            output,
            end,
            started: None,
        }
    }

    /// Ends and removes it.
    pub async fn end(self) -> Result<(), WorldError> {
        match self.started {
            Some(started) => started.rm().await.map_err(|error| WorldError::Engine {
                doing: format!("remove the container {}", self.id),
                what: error.to_string(),
            }),
            None => self
                .engine
                .remove_container(&self.id)
                .await
                .map_err(failed("remove the container", &self.id)),
        }
    }
}

impl Started for Contained {
    fn ended(&mut self) -> Option<String> {
        self.end.borrow().clone()
    }

    fn output(&mut self) -> &mut Output {
        &mut self.output
    }
}

/// How a container ended.
fn how(last: Result<Option<ContainerWaitResponse>, Error>) -> String {
    match last {
        Ok(Some(ContainerWaitResponse { status_code, .. }))
        | Err(Error::DockerContainerWaitError {
            code: status_code, ..
        }) => format!("exit code {status_code}"),
        Ok(None) => "no exit code".to_owned(),
        Err(error) => format!("what the engine says: {error}"),
    }
}

/// On loopback, and nowhere else: testcontainers by itself publishes to the world.
fn publish(host: &mut HostConfig, inside: u16, outside: u16) {
    let binding = PortBinding {
        host_ip: Some("127.0.0.1".to_owned()),
        host_port: Some(outside.to_string()),
    };
    host.publish_all_ports = Some(false);
    host.port_bindings = Some(HashMap::from([(
        format!("{inside}/tcp"),
        Some(vec![binding]),
    )]));
}

/// Name and tag of an image; a colon before the last slash belongs to the registry's port.
fn parts(image: &str) -> (&str, &str) {
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (image, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_has_a_name_and_a_tag() {
        assert_eq!(parts("postgres:17"), ("postgres", "17"));
        assert_eq!(parts("acme/app"), ("acme/app", "latest"));
        assert_eq!(
            parts("localhost:5000/app"),
            ("localhost:5000/app", "latest")
        );
        assert_eq!(parts("localhost:5000/app:2"), ("localhost:5000/app", "2"));
        assert_eq!(parts("app@sha256:ab"), ("app@sha256", "ab"));
    }

    #[test]
    fn a_port_is_published_on_loopback_alone() {
        let mut host = HostConfig {
            publish_all_ports: Some(true),
            ..HostConfig::default()
        };
        publish(&mut host, 80, 8080);
        assert_eq!(host.publish_all_ports, Some(false));
        let bindings = host.port_bindings.expect("bindings");
        let of_80 = bindings["80/tcp"].as_ref().expect("one");
        assert_eq!(of_80[0].host_ip.as_deref(), Some("127.0.0.1"));
        assert_eq!(of_80[0].host_port.as_deref(), Some("8080"));
    }
}
