//! The container engine: found as testcontainers finds it; networks and leftovers of ours are told by their names.

use std::collections::HashMap;
use std::time::Duration;

use testcontainers::bollard::Docker;
use testcontainers::bollard::errors::Error;
use testcontainers::bollard::models::NetworkCreateRequest;
use testcontainers::bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptions, ListVolumesOptions,
    RemoveContainerOptionsBuilder, RemoveVolumeOptions,
};
use testcontainers::core::client::docker_client_instance;

use crate::model::event::{Event, Listener};
use crate::world::error::WorldError;
use crate::world::owner::{self, Owner};
use crate::world::run::Run;

/// How long an engine may take to say that it is there.
const ANSWER: Duration = Duration::from_secs(10);

/// The label of all that is ours; its value is the run's prefix.
pub const LABEL: &str = "org.partywall.run";

/// An engine that answers.
#[derive(Clone)]
pub struct Engine {
    pub(super) docker: Docker,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}

/// What every name that a run gives to containers and networks begins with. Host names have no underscores.
pub fn prefix(run: &Run) -> String {
    owner::prefix(run).replace('_', "-")
}

/// What something of ours is.
enum Left {
    Container,
    Network,
    Volume,
}

impl Engine {
    /// The engine of this machine, as `DOCKER_HOST` or the usual sockets tell it.
    pub async fn find() -> Result<Self, WorldError> {
        let found = async {
            let docker = docker_client_instance()
                .await
                .map_err(|error| error.to_string())?;
            docker.ping().await.map_err(|error| error.to_string())?;
            Ok(Self { docker })
        };
        tokio::time::timeout(ANSWER, found)
            .await
            .unwrap_or_else(|_| Err(format!("it gave no answer within {ANSWER:?}")))
            .map_err(WorldError::NoEngine)
    }

    /// Says that an image is not there and will be pulled, which may take minutes.
    pub async fn announce(&self, image: &str, listener: &dyn Listener) -> Result<(), WorldError> {
        match self.docker.inspect_image(image).await {
            Ok(_) => Ok(()),
            Err(Error::DockerResponseServerError {
                status_code: 404, ..
            }) => {
                let said = format!("the image {image} is not here: it is pulled");
                listener.on(&Event::Note(said));
                Ok(())
            }
            Err(error) => Err(failed("look for the image", image)(error)),
        }
    }

    /// Makes a network of that name.
    pub async fn make_network(&self, name: &str, prefix: &str) -> Result<(), WorldError> {
        let wanted = NetworkCreateRequest {
            name: name.to_owned(),
            labels: Some(HashMap::from([(LABEL.to_owned(), prefix.to_owned())])),
            ..NetworkCreateRequest::default()
        };
        let made = self.docker.create_network(wanted).await;
        made.map(|_| ()).map_err(failed("make the network", name))
    }

    /// Removes every container, network and volume whose name begins with a run's prefix; returns how many there were.
    pub async fn remove(&self, prefix: &str) -> Result<usize, WorldError> {
        let all = self.all().await?;
        let ours = all
            .into_iter()
            .filter(|(_, name)| belongs(name, prefix))
            .collect::<Vec<_>>();
        for (what, name) in &ours {
            let removed = match what {
                Left::Container => self.remove_container(name).await,
                Left::Network => self.docker.remove_network(name).await,
                Left::Volume => {
                    let options = None::<RemoveVolumeOptions>;
                    self.docker.remove_volume(name, options).await
                }
            };
            gone(removed).map_err(failed("remove", name))?;
        }
        Ok(ours.len())
    }

    /// Removes what dead runs on this machine have left; says what, and what could not be.
    pub async fn reap(&self) -> Result<Vec<String>, WorldError> {
        let all = self.all().await?;
        let mut dead: Vec<String> = all
            .iter()
            .filter_map(|(_, name)| Owner::of(&name.replace('-', "_")))
            .filter(|owner| owner.is_dead() == Some(true))
            .map(|owner| owner.prefix.replace('_', "-"))
            .collect();
        dead.sort();
        dead.dedup();
        let mut said = Vec::new();
        for prefix in dead {
            match self.remove(&prefix).await {
                // Another run was quicker.
                Ok(0) => {}
                Ok(number) => said.push(format!(
                    "removed {number} containers, networks and volumes that the dead run {prefix} had left"
                )),
                Err(error) => said.push(format!(
                    "could not remove what the dead run {prefix} had left: {error}"
                )),
            }
        }
        Ok(said)
    }

    /// Everything there is, containers first: a network in use cannot be removed.
    async fn all(&self) -> Result<Vec<(Left, String)>, WorldError> {
        let listing = |error| failed("list what is there in", "the engine")(error);
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let containers = self.docker.list_containers(Some(options)).await;
        let containers = containers.map_err(listing)?;
        let networks = self.docker.list_networks(None::<ListNetworksOptions>).await;
        let networks = networks.map_err(listing)?;
        let volumes = self.docker.list_volumes(None::<ListVolumesOptions>).await;
        let volumes = volumes.map_err(listing)?.volumes.unwrap_or_default();
        let containers = containers
            .into_iter()
            .filter_map(|container| container.names?.into_iter().next())
            .map(|name| (Left::Container, name.trim_start_matches('/').to_owned()));
        let networks = networks
            .into_iter()
            .filter_map(|network| Some((Left::Network, network.name?)));
        let volumes = volumes
            .into_iter()
            .map(|volume| (Left::Volume, volume.name));
        Ok(containers.chain(networks).chain(volumes).collect())
    }

    /// Removes a container, with the volumes that have no name, whether it runs or not.
    pub(super) async fn remove_container(&self, name: &str) -> Result<(), Error> {
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        gone(self.docker.remove_container(name, Some(options)).await)
    }
}

/// Whether a name begins with a prefix, at a joint: Compose joins words with either sign.
fn belongs(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| rest.starts_with(['-', '_']))
}

/// What is not there, or is being removed by somebody else, is as good as removed.
fn gone(removed: Result<(), Error>) -> Result<(), Error> {
    match removed {
        Err(Error::DockerResponseServerError {
            status_code: 404 | 409,
            ..
        }) => Ok(()),
        other => other,
    }
}

/// For `map_err` on what the engine was asked for.
pub(super) fn failed(doing: &'static str, name: &str) -> impl FnOnce(Error) -> WorldError {
    let doing = format!("{doing} {name}");
    move |error| WorldError::Engine {
        doing,
        what: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_at_a_joint() {
        assert!(belongs(
            "partywall-0a1b2c3d-7-1-net",
            "partywall-0a1b2c3d-7-1"
        ));
        assert!(belongs(
            "partywall-0a1b2c3d-7-1_db_1",
            "partywall-0a1b2c3d-7-1"
        ));
        assert!(!belongs(
            "partywall-0a1b2c3d-7-12-net",
            "partywall-0a1b2c3d-7-1"
        ));
        assert!(!belongs("partywall-0a1b2c3d-7-1", "partywall-0a1b2c3d-7-1"));
    }
}
