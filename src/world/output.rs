//! What a program prints: the last lines of it, and word of each new one.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::sync::watch;

/// How much of a program's output is kept, in bytes.
const KEPT: usize = 256 * 1024;

/// What a program printed last.
#[derive(Debug, Clone)]
pub struct Output {
    lines: Arc<Mutex<Lines>>,
    /// Counts lines, so that who waits for one need not look all the time.
    count: watch::Receiver<u64>,
}

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<String>,
    bytes: usize,
}

/// Where what it prints is put.
#[derive(Debug, Clone)]
pub struct Feed {
    lines: Arc<Mutex<Lines>>,
    count: Arc<watch::Sender<u64>>,
}

impl Output {
    /// An output without a line, and where lines are put.
    pub fn new() -> (Self, Feed) {
        let (sender, count) = watch::channel(0);
        let lines = Arc::<Mutex<Lines>>::default();
        let feed = Feed {
            lines: Arc::clone(&lines),
            count: Arc::new(sender),
        };
        (Self { lines, count }, feed)
    }

    /// The last `bytes` of it, whole lines.
    pub fn tail(&self, bytes: usize) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let mut room = bytes;
        let from = lines
            .kept
            .iter()
            .rposition(|l| {
                let fits = l.len() < room;
                room = room.saturating_sub(l.len() + 1);
                !fits
            })
            .map_or(0, |at| at + 1);
        let kept: Vec<&str> = lines.kept.range(from..).map(String::as_str).collect();
        kept.join("\n")
    }

    /// The lines that hold a text.
    pub fn holding(&self, text: &str) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let holding = lines.kept.iter().filter(|line| line.contains(text));
        holding.cloned().collect()
    }

    /// Whether a line matches.
    pub fn has(&self, pattern: &regex::Regex) -> bool {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.kept.iter().any(|l| pattern.is_match(l))
    }

    /// Waits until the program has closed its output, or for a second: a grandchild may hold it open.
    pub async fn closed(&mut self) {
        let all = async { while self.count.changed().await.is_ok() {} };
        let _still_open = tokio::time::timeout(Duration::from_secs(1), all)
            .await
            .is_err();
    }

    /// Waits for a further line; returns at once when the program has closed its output.
    #[cfg(test)]
    pub async fn grew(&mut self) {
        // An error says that nobody writes any more: then there is nothing to wait for.
        let _closed = self.count.changed().await.is_err();
    }
}

impl Feed {
    /// Keeps the last lines of a stream until it closes.
    pub async fn keep(self, stream: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        loop {
            line.clear();
            // A line without an end is taken in pieces.
            let mut piece = (&mut reader).take(KEPT as u64 / 4);
            match piece.read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let mut text = String::from_utf8_lossy(&line)
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            text.truncate(text.floor_char_boundary(KEPT / 4));
            {
                let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.bytes += text.len() + 1;
                lines.kept.push_back(text);
                while lines.bytes > KEPT {
                    let Some(first) = lines.kept.pop_front() else {
                        break;
                    };
                    lines.bytes -= first.len() + 1;
                }
            }
            self.count.send_modify(|n| *n += 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_made_of_whole_lines() {
        let lines = Lines {
            kept: ["one", "two", "three"].map(str::to_owned).into(),
            bytes: 14,
        };
        let output = Output {
            lines: Arc::new(Mutex::new(lines)),
            count: watch::channel(0).1,
        };
        assert_eq!(output.tail(10), "two\nthree");
        assert_eq!(output.tail(100), "one\ntwo\nthree");
        assert_eq!(output.tail(2), "");
    }
}
