//! A target that is an image: each start is a new container, on the network of the database's.

use std::collections::BTreeMap;

use super::{Launch, Site};
use crate::world::container::{Contained, Engine, Wanted, prefix};
use crate::world::error::WorldError;
use crate::world::program::{environment, proxies, split};
use crate::world::run::Run;

/// How the container is started.
#[derive(Debug)]
pub struct Image {
    /// The image.
    pub name: String,
    /// The command in it; its own where absent.
    pub start: Option<String>,
    /// The port that it listens on; it is told one where absent.
    pub port: Option<u16>,
    /// Its environment, with placeholders.
    pub env: BTreeMap<String, String>,
}

impl Image {
    /// Starts it; `outside` is the port of this machine that leads there.
    pub async fn launch(
        &self,
        site: Option<&Site>,
        outside: u16,
        run: &Run,
    ) -> Result<Launch, WorldError> {
        let site = Site::needed(site, "target.image")?;
        let inside = self.port.unwrap_or(outside);
        let values = site.values.clone().with("port", inside.to_string());
        let mut env = proxies();
        env.extend(environment("target", &self.env, &values)?);
        let command = match &self.start {
            Some(line) => split("target.start", line, &values)?,
            None => Vec::new(),
        };
        let prefix = prefix(run);
        let wanted = Wanted {
            image: self.name.clone(),
            name: format!("{prefix}-target"),
            network: site.network.clone(),
            prefix,
            env,
            command,
            inside,
            outside,
            shared_memory: None,
        };
        let contained = Contained::start(&Engine::find().await?, wanted).await?;
        Ok(Launch::Contained(Box::new(contained)))
    }
}
