//! What a description says about what runs: the target, its companions, containers, the database.

use super::Check;
use crate::target::description::{Description, Ready};
use crate::target::names::nearest;
use crate::target::take::expression;

/// Where Postgres may come from.
const BACKENDS: [&str; 5] = ["auto", "local", "container", "url", "download"];

impl Check<'_> {
    pub(super) fn target(&mut self, description: &Description) {
        let target = &description.target;
        let started = target.start.is_some() || target.is_contained();
        match (started, &target.url) {
            (false, None) => self.say(
                "target",
                "it is not said how the target starts: set `target.start`, `target.image` for a container, or `target.url` for one that runs already",
            ),
            (true, Some(_)) => self.say(
                "target.url",
                "`target.url` excludes `target.start` and `target.image`: a target is started, or runs already",
            ),
            (false, Some(url)) => {
                let fits = url::Url::parse(url)
                    .is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
                if !fits {
                    self.say("target.url", format!("`{url}` is no url; write `http://host:port`"));
                }
            }
            (true, None) => {}
        }
        self.contained(description);
        self.ready(target.ready.as_ref(), "target.ready");
        for (index, service) in description.service.iter().enumerate() {
            self.ready(service.ready.as_ref(), &format!("service[{index}].ready"));
            if description.service[..index]
                .iter()
                .any(|s| s.name == service.name)
            {
                let message = format!("two services are called `{}`", service.name);
                self.say(&format!("service[{index}].name"), message);
            }
        }
    }

    /// What containers need, and what goes with them alone.
    fn contained(&mut self, description: &Description) {
        let target = &description.target;
        let database = &description.database;
        match (&target.compose, &target.service) {
            (Some(_), None) => self.say(
                "target.compose",
                "it is not said which service is the target: set `target.service`",
            ),
            (None, Some(_)) => self.say(
                "target.service",
                "a service is one of a Compose file: set `target.compose`",
            ),
            (Some(_), Some(_)) if target.image.is_some() || target.start.is_some() => self.say(
                "target.compose",
                "`target.compose` excludes `target.start` and `target.image`: the file says what is started",
            ),
            _ => {}
        }
        if target.port.is_some() && !target.is_contained() {
            self.say(
                "target.port",
                "the port within a container is set without one; elsewhere a program is told `{port}`",
            );
        }
        let backend = database.backend.as_deref().unwrap_or("auto");
        if target.is_contained() && !["auto", "container"].contains(&backend) {
            self.say(
                "database.backend",
                format!("a target in a container does not reach a database of the backend `{backend}`: say `container`, or nothing"),
            );
        }
    }

    fn ready(&mut self, ready: Option<&Ready>, key: &str) {
        match ready {
            Some(Ready::Log { log }) => {
                if let Err(problem) = expression(log) {
                    self.say(&format!("{key}.log"), problem);
                }
            }
            Some(Ready::Path(path)) if !path.starts_with('/') => {
                self.say(
                    key,
                    format!("`{path}` is no path; write `/health`, or `{{ log = \"regex\" }}`"),
                );
            }
            _ => {}
        }
    }

    pub(super) fn database(&mut self, description: &Description) {
        let database = &description.database;
        let backend = database.backend.as_deref().unwrap_or("auto");
        if !BACKENDS.contains(&backend) {
            let near = nearest(backend, BACKENDS).map(|n| format!("; did you mean `{n}`?"));
            let message = format!(
                "`{backend}` is no backend; there are {}{}",
                BACKENDS.join(", "),
                near.unwrap_or_default()
            );
            self.say("database.backend", message);
        }
        if backend == "url" && database.url.is_none() {
            self.say(
                "database.backend",
                "the backend `url` needs `database.url`, or --postgres-url",
            );
        }
        let owners = database.roles.iter().filter(|(_, role)| role.owner).count();
        if owners > 1 {
            self.say(
                "database.roles",
                format!("{owners} roles say `owner = true`, and one can own the database"),
            );
        }
    }
}
