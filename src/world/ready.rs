//! Readiness: a condition that is waited for, never a time.

use std::time::{Duration, Instant};

use regex::Regex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::error::WorldError;
use super::output::Output;
use super::program::SHOWN;
use crate::target::description::Ready;
use crate::target::placeholder::Values;

/// How often a port is tried.
const TRY: Duration = Duration::from_millis(20);

/// How long one try may take: an application that starts may accept and answer late.
const ANSWER: Duration = Duration::from_secs(5);

/// Something that was started and is waited for.
pub trait Started {
    /// How it ended, if it has.
    fn ended(&mut self) -> Option<String>;

    /// What it prints.
    fn output(&mut self) -> &mut Output;
}

/// A condition, ready to be looked at.
#[derive(Debug)]
pub enum Condition {
    /// The port accepts connections.
    Port,
    /// The path answers below 500.
    Path(String),
    /// A line of output matches.
    Line(Regex),
}

impl Condition {
    /// The condition of a description.
    pub fn of(ready: Option<&Ready>, key: &str) -> Result<Self, WorldError> {
        match ready {
            None => Ok(Self::Port),
            Some(Ready::Path(path)) => Ok(Self::Path(path.clone())),
            Some(Ready::Log { log }) => {
                Regex::new(log)
                    .map(Self::Line)
                    .map_err(|source| WorldError::Pattern {
                        key: key.to_owned(),
                        source,
                    })
            }
        }
    }

    /// What it waits for, for a message.
    fn about(&self, port: u16) -> String {
        match self {
            Self::Port => format!("a connection on port {port}, which `{{port}}` stands for"),
            Self::Path(path) => format!("an answer below 500 from {path} on port {port}"),
            Self::Line(pattern) => format!("a line that matches `{pattern}`"),
        }
    }

    /// Waits until it holds for a program; one that ends meanwhile is an error, with what it printed.
    pub async fn wait(
        &self,
        what: &str,
        started: &mut impl Started,
        port: u16,
        bound: Duration,
        values: &Values,
    ) -> Result<(), WorldError> {
        let begun = Instant::now();
        loop {
            if let Some(how) = started.ended() {
                started.output().closed().await;
                return Err(not_ready(
                    what,
                    format!("ended with {how} before it was ready"),
                    started.output(),
                    values,
                ));
            }
            let Err(last) = self.holds(started.output(), port).await else {
                return Ok(());
            };
            if begun.elapsed() > bound {
                let how = format!(
                    "was not ready within {bound:?}: waited for {}, but {last}",
                    self.about(port)
                );
                return Err(not_ready(what, how, started.output(), values));
            }
            tokio::time::sleep(TRY).await;
        }
    }

    async fn holds(&self, output: &Output, port: u16) -> Result<(), String> {
        match self {
            Self::Line(pattern) if output.has(pattern) => Ok(()),
            Self::Line(_) => Err("no line did".to_owned()),
            Self::Port => connect(port).await.map(|_| ()),
            Self::Path(path) => {
                let status = tokio::time::timeout(ANSWER, status(port, path))
                    .await
                    .map_err(|_| format!("it gave no answer within {ANSWER:?}"))??;
                if status < 500 {
                    Ok(())
                } else {
                    Err(format!("it answered {status}"))
                }
            }
        }
    }
}

fn not_ready(what: &str, how: String, output: &Output, values: &Values) -> WorldError {
    WorldError::NotReady {
        what: what.to_owned(),
        how,
        output: values.redact(&output.tail(SHOWN)),
    }
}

/// On whichever loopback address it listens.
pub async fn connect(port: u16) -> Result<TcpStream, String> {
    let mut refused = String::new();
    for host in ["127.0.0.1", "::1"] {
        match TcpStream::connect((host, port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => refused = error.to_string(),
        }
    }
    Err(format!("the connection failed: {refused}"))
}

/// The status that a path answers with: a bare request, since the client proper comes later.
async fn status(port: u16, path: &str) -> Result<u16, String> {
    let mut stream = connect(port).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    );
    let broken = |error: std::io::Error| format!("the connection broke: {error}");
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    let mut head = Vec::new();
    while head.len() < 12 {
        let mut piece = [0; 512];
        match stream.read(&mut piece).await.map_err(broken)? {
            0 => break,
            n => head.extend_from_slice(&piece[..n]),
        }
    }
    let text = String::from_utf8_lossy(&head);
    text.strip_prefix("HTTP/1.")
        .and_then(|rest| rest.get(2..5))
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| "what came is no HTTP answer".to_owned())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::super::process::Child;
    use super::*;

    fn child(script: &str) -> Child {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        Child::start(&mut command).unwrap()
    }

    async fn wait(condition: &Condition, child: &mut Child, port: u16, bound: u64) -> String {
        let bound = Duration::from_millis(bound);
        match condition
            .wait("the target", child, port, bound, &Values::new())
            .await
        {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        }
    }

    #[tokio::test]
    async fn a_line_of_output_is_waited_for() {
        let ready = Ready::Log {
            log: "listening on \\d+".to_owned(),
        };
        let condition = Condition::of(Some(&ready), "x").unwrap();
        let mut late = child("sleep 0.1; echo listening on 80 >&2; sleep 60");
        assert_eq!(wait(&condition, &mut late, 1, 10_000).await, "");
        let mut other = child("echo listening soon; sleep 60");
        let error = wait(&condition, &mut other, 1, 200).await;
        assert!(error.contains("listening soon"), "{error}");
    }

    #[tokio::test]
    async fn a_program_that_ends_is_an_error_with_its_output() {
        let mut ended = child("echo no database; exit 3");
        let error = wait(&Condition::Port, &mut ended, 1, 10_000).await;
        assert!(
            error.contains("no database") && error.contains('3'),
            "{error}"
        );
    }

    #[tokio::test]
    async fn an_answer_of_500_is_not_ready() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            for status in ["503 No", "500 No", "404 Fine"] {
                let (mut stream, _) = listener.accept().await.unwrap();
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let condition = Condition::Path("/health".to_owned());
        assert_eq!(
            wait(&condition, &mut child("sleep 60"), port, 10_000).await,
            ""
        );
    }
}
