//! Programs of the description: the target, its companions and commands, each in a scrubbed environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::error::WorldError;
use super::process::Child;
use super::system::MARK;
use crate::target::placeholder::{Values, fill};

/// What a program inherits from us; all else is declared.
const INHERITED: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];

/// Nobody listens there: what goes through a proxy goes nowhere.
const DEAD_PROXY: &str = "http://127.0.0.1:9";

/// How much of a program's output an error shows, in bytes.
pub const SHOWN: usize = 4096;

/// The folder and environment that the target and its commands share.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The working folder.
    pub dir: PathBuf,
    /// Declared variables, with placeholders.
    pub env: BTreeMap<String, String>,
    /// `TOKEN:target`: by which a process that leaves its group is found again.
    pub mark: String,
}

impl Surroundings {
    /// A command in these surroundings: placeholders filled, words split as a shell splits them, run without one.
    pub fn command(&self, key: &str, line: &str, values: &Values) -> Result<Command, WorldError> {
        let mut command = words(key, line, values, &self.dir)?;
        command.env_clear();
        for name in INHERITED {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.envs(proxies());
        self.declare(key, command, values)
    }

    /// A command that installs: it inherits our environment, since it needs registries, proxies and caches.
    pub fn installer(&self, key: &str, line: &str, values: &Values) -> Result<Command, WorldError> {
        let command = words(key, line, values, &self.dir)?;
        self.declare(key, command, values)
    }

    fn declare(
        &self,
        key: &str,
        mut command: Command,
        values: &Values,
    ) -> Result<Command, WorldError> {
        command.envs(environment(key, &self.env, values)?);
        command.env(MARK, &self.mark);
        Ok(command)
    }
}

/// Declared variables with their placeholders filled.
pub fn environment(
    key: &str,
    declared: &BTreeMap<String, String>,
    values: &Values,
) -> Result<Vec<(String, String)>, WorldError> {
    let filled = declared.iter().map(|(name, template)| {
        let value = filled(&format!("{key}: env.{name}"), template, values)?;
        Ok((name.clone(), value))
    });
    filled.collect()
}

/// A text of the description with its placeholders filled.
pub fn filled(key: &str, template: &str, values: &Values) -> Result<String, WorldError> {
    fill(template, values).map_err(|source| WorldError::Placeholder {
        key: key.to_owned(),
        source,
    })
}

/// Variables by which what a program sends outside goes nowhere.
pub fn proxies() -> Vec<(String, String)> {
    let dead = ["http_proxy", "https_proxy", "all_proxy"].map(|name| (name, DEAD_PROXY));
    let near = [("no_proxy", "localhost,.localhost,127.0.0.1,::1")];
    dead.into_iter()
        .chain(near)
        .flat_map(|(name, value)| [(name.to_owned(), value), (name.to_uppercase(), value)])
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

/// The words of a line, as a shell splits them. They are split before placeholders are filled, so that no value adds a word.
pub fn split(key: &str, line: &str, values: &Values) -> Result<Vec<String>, WorldError> {
    let split = shlex::split(line).ok_or_else(|| WorldError::Words(line.to_owned()))?;
    split.iter().map(|word| filled(key, word, values)).collect()
}

/// A command out of a line.
fn words(key: &str, line: &str, values: &Values, dir: &Path) -> Result<Command, WorldError> {
    let filled = split(key, line, values)?;
    let (program, arguments) = filled
        .split_first()
        .ok_or_else(|| WorldError::Description(format!("{key} is empty")))?;
    // A path is meant from the working folder, which the system would look up from ours.
    let program = if program.contains('/') {
        dir.join(program)
    } else {
        PathBuf::from(program)
    };
    let mut command = Command::new(program);
    command.args(arguments).current_dir(dir);
    Ok(command)
}

/// Runs a command to its end, within bounds; what it printed last is returned, or shown when it fails.
pub async fn finish(
    mut command: Command,
    line: &str,
    bound: Duration,
    values: &Values,
) -> Result<String, WorldError> {
    let mut child = Child::start(&mut command)?;
    let failed = |how: String, output: String| WorldError::Command {
        command: line.to_owned(),
        how,
        output: values.redact(&output),
    };
    let status = match tokio::time::timeout(bound, child.wait()).await {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => return Err(failed(error.to_string(), child.output.tail(SHOWN))),
        Err(_) => {
            child.end(Signal::SIGTERM, Duration::from_secs(2)).await;
            let how = format!("did not end within {bound:?}");
            return Err(failed(how, child.output.tail(SHOWN)));
        }
    };
    child.output.closed().await;
    // What it left running in its group goes with it.
    child.end(Signal::SIGKILL, Duration::from_secs(1)).await;
    let output = child.output.tail(SHOWN * 16);
    if status.success() {
        Ok(output)
    } else {
        Err(failed(
            format!("ended with {status}"),
            child.output.tail(SHOWN),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::process::LOOK;
    use super::super::system;
    use super::*;

    fn surroundings(env: &[(&str, &str)]) -> Surroundings {
        Surroundings {
            dir: std::env::temp_dir(),
            env: env
                .iter()
                .map(|&(k, v)| (k.to_owned(), v.to_owned()))
                .collect(),
            mark: "1_2:test".to_owned(),
        }
    }

    async fn printed(command: Command) -> Result<String, WorldError> {
        finish(command, "it", Duration::from_secs(20), &Values::new()).await
    }

    #[tokio::test]
    async fn the_environment_holds_what_is_declared_and_little_else() {
        let values = Values::new().with("port", "81");
        let command = surroundings(&[("LISTEN", "on {port}"), ("HTTP_PROXY", "mine")])
            .command("target.start", "env", &values)
            .unwrap();
        let output = printed(command).await.unwrap();
        assert!(output.contains("LISTEN=on 81") && output.contains("HTTP_PROXY=mine"));
        assert!(output.contains("https_proxy=http://127.0.0.1:9"));
        assert!(!output.contains("CARGO"), "{output}");
    }

    #[tokio::test]
    async fn a_value_with_spaces_stays_one_word() {
        let values = Values::new().with("word", "a b; exit 3");
        let command = surroundings(&[])
            .command("x", "printf '<%s>' {word} \"c d\"", &values)
            .unwrap();
        assert_eq!(printed(command).await.unwrap(), "<a b; exit 3><c d>");
    }

    #[tokio::test]
    async fn a_failure_shows_its_output_without_secrets() {
        let values = Values::new().with("secret.key", "hidden-word");
        let command = surroundings(&[])
            .command("x", "sh -c 'echo broken {secret.key}; exit 3'", &values)
            .unwrap();
        let error = finish(command, "x", Duration::from_secs(20), &values)
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains("broken") && error.contains('3'), "{error}");
        assert!(!error.contains("hidden-word"), "{error}");
    }

    #[tokio::test]
    async fn what_leaves_its_group_is_found_by_its_mark() {
        let mut apart = surroundings(&[]);
        apart.mark = format!("{}:daemon", std::process::id());
        let line = "sh -c 'setsid sleep 300 & echo $!; wait'";
        let mut command = apart.command("x", line, &Values::new()).unwrap();
        let mut child = Child::start(&mut command).unwrap();
        while child.output.tail(20).is_empty() {
            child.output.grew().await;
        }
        let daemon: u32 = child.output.tail(20).parse().unwrap();
        // Until then it is a copy of the shell, still in its group.
        let name = format!("/proc/{daemon}/comm");
        while std::fs::read_to_string(&name).is_ok_and(|n| n.trim() != "sleep") {
            tokio::time::sleep(LOOK).await;
        }
        child.end(Signal::SIGTERM, Duration::from_secs(2)).await;
        system::end_marked(&format!("{}:other", std::process::id()));
        assert!(system::start_time(daemon).is_some());
        system::end_marked(&format!("{}:", std::process::id()));
        let gone = async {
            while system::start_time(daemon).is_some() {
                tokio::time::sleep(LOOK).await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_secs(5), gone).await;
        assert!(gone.is_ok());
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_ended() {
        let command = surroundings(&[])
            .command("x", "sleep 60", &Values::new())
            .unwrap();
        let error = finish(command, "x", Duration::from_millis(100), &Values::new()).await;
        assert!(error.unwrap_err().to_string().contains("did not end"));
    }

    #[test]
    fn an_open_quote_and_an_unknown_placeholder_are_errors() {
        let command = |line| surroundings(&[]).command("x", line, &Values::new());
        assert!(matches!(command("echo 'a"), Err(WorldError::Words(_))));
        assert!(matches!(
            command("echo {nothing}"),
            Err(WorldError::Placeholder { .. })
        ));
    }
}
