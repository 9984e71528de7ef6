//! A target that is a service of a Compose file: what Compose makes of the file is rewritten, so that the service uses our
//! database, and so that nothing of it collides with another run of the same file.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::rewrite::{Rewrite, rewritten};
use super::{Launch, Site};
use crate::target::placeholder::Values;
use crate::world::container::{Contained, Engine, prefix};
use crate::world::error::WorldError;
use crate::world::program::{environment, proxies};
use crate::world::run::Run;

/// How long Compose may take: it may build and pull.
const BOUND: Duration = Duration::from_mins(30);

/// How the service is started.
#[derive(Debug)]
pub struct Compose {
    /// The file, from wherever we are.
    pub file: PathBuf,
    /// The service that is the target.
    pub service: String,
    /// The port that it listens on; it is told one where absent.
    pub port: Option<u16>,
    /// Its environment over what the file says, with placeholders.
    pub env: BTreeMap<String, String>,
    /// Whether what it depends on runs already.
    pub is_up: bool,
}

impl Compose {
    /// Starts the service, and on first use what it depends on; `outside` is the port of this machine that leads there.
    pub async fn launch(
        &mut self,
        site: Option<&Site>,
        outside: u16,
        run: &Run,
    ) -> Result<Launch, WorldError> {
        let site = Site::needed(site, "target.compose")?;
        let engine = Engine::find().await?;
        let tool = Tool::find().await?;
        let project = prefix(run);
        let inside = self.port.unwrap_or(outside);
        let values = site.values.clone().with("port", inside.to_string());
        let mut env = proxies();
        env.extend(environment("target", &self.env, &values)?);
        let wanted = Rewrite {
            service: &self.service,
            env,
            network: &site.network,
            prefix: &project,
            inside,
            outside,
            images: &self.images(),
        };
        let file = self.file.display().to_string();
        let resolved = tool
            .run(
                &["--project-name", &project, "--file", &file, "config"],
                &values,
            )
            .await?;
        let text = rewritten(&resolved, &wanted)
            .map_err(|what| WorldError::Description(format!("target.compose: {file}: {what}")))?;
        let path = run.folder().join("compose.yaml");
        std::fs::write(&path, text).map_err(WorldError::file("write", &path))?;
        let path = path.display().to_string();
        let ours = ["--project-name", &project, "--file", &path];
        let mut up = [&ours[..], &["up", "--detach", "--force-recreate"]].concat();
        if self.is_up {
            up.push("--no-deps");
        }
        up.push(&self.service);
        tool.run(&up, &values).await?;
        self.is_up = true;
        let ps = [&ours[..], &["ps", "--quiet", &self.service]].concat();
        let id = tool.run(&ps, &values).await?;
        Ok(Launch::Contained(Box::new(Contained::of(
            &engine,
            id.trim(),
        ))))
    }

    /// What images that the file builds without naming them are called, but for the service: the same in every run.
    fn images(&self) -> String {
        let folder = self.file.parent().and_then(|parent| parent.file_name());
        let name = folder.map_or_else(String::new, |name| name.to_string_lossy().to_lowercase());
        let plain = name.replace(|c: char| !c.is_ascii_alphanumeric(), "");
        format!("partywall/compose-{plain}")
    }
}

/// `docker compose`, or `docker-compose` where it is a program of its own.
struct Tool(&'static [&'static str]);

impl Tool {
    async fn find() -> Result<Self, WorldError> {
        for words in [&["docker", "compose"][..], &["docker-compose"]] {
            let tool = Self(words);
            if tool.run(&["version"], &Values::new()).await.is_ok() {
                return Ok(tool);
            }
        }
        Err(WorldError::NoEngine(
            "neither `docker compose` nor `docker-compose` runs, and target.compose needs one of them"
                .to_owned(),
        ))
    }

    /// Runs it to its end, in our environment, which the file may refer to; returns what it printed.
    async fn run(&self, arguments: &[&str], values: &Values) -> Result<String, WorldError> {
        let words = [self.0, arguments].concat();
        let failed = |how: String, output: &[u8]| WorldError::Command {
            command: words.join(" "),
            how,
            output: values.redact(&String::from_utf8_lossy(output)),
        };
        let running = Command::new(words[0])
            .args(&words[1..])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let ended = tokio::time::timeout(BOUND, running)
            .await
            .map_err(|_| failed(format!("did not end within {BOUND:?}"), b""))?
            .map_err(|error| failed(error.to_string(), b""))?;
        if ended.status.success() {
            Ok(String::from_utf8_lossy(&ended.stdout).into_owned())
        } else {
            Err(failed(
                format!("ended with {}", ended.status),
                &ended.stderr,
            ))
        }
    }
}
