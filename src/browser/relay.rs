//! A browser's way to the target: all names lead there, and it can be cut, for pages and service workers alike.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::error::BrowserError;

/// Where connections go, or that they go nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Way {
    to: String,
    open: bool,
}

/// A listener that passes on what comes.
#[derive(Debug)]
pub struct Relay {
    /// Where it listens.
    pub address: SocketAddr,
    way: Arc<watch::Sender<Way>>,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    /// One that leads to `host:port`.
    pub async fn to(target: &str) -> Result<Self, BrowserError> {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .map_err(BrowserError::Relay)?;
        let address = listener.local_addr().map_err(BrowserError::Relay)?;
        let way = Arc::new(watch::Sender::new(Way {
            to: target.to_owned(),
            open: true,
        }));
        let task = tokio::spawn(listen(listener, Arc::clone(&way)));
        Ok(Self { address, way, task })
    }

    /// Leads to another target from now on: connections that stand end.
    pub fn lead_to(&self, target: &str) {
        self.way.send_if_modified(|way| {
            let changed = way.to != target;
            target.clone_into(&mut way.to);
            changed
        });
    }

    /// Cuts the way, or opens it again: connections that stand end.
    pub fn set_open(&self, open: bool) {
        self.way.send_if_modified(|way| {
            let changed = way.open != open;
            way.open = open;
            changed
        });
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, way: Arc<watch::Sender<Way>>) {
    while let Ok((incoming, _)) = listener.accept().await {
        let mut now = way.subscribe();
        let Way { to, open } = now.borrow_and_update().clone();
        if open {
            tokio::spawn(async move {
                tokio::select! {
                    () = pass(incoming, &to) => {}
                    _ = now.changed() => {}
                }
            });
        }
    }
}

/// Passes everything on until either side ends: the browser tells a broken connection by itself.
async fn pass(mut incoming: TcpStream, to: &str) {
    if let Ok(mut outgoing) = TcpStream::connect(to).await {
        let _ended = tokio::io::copy_bidirectional(&mut incoming, &mut outgoing).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn what_is_cut_ends_and_what_is_open_passes() {
        let target = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to = target.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = target.accept().await {
                tokio::spawn(async move {
                    let mut byte = [0];
                    while stream.read_exact(&mut byte).await.is_ok() {
                        stream.write_all(&byte).await.unwrap();
                    }
                });
            }
        });
        let relay = Relay::to(&to).await.unwrap();
        let mut stream = TcpStream::connect(relay.address).await.unwrap();
        let mut byte = [0];
        stream.write_all(b"x").await.unwrap();
        stream.read_exact(&mut byte).await.unwrap();
        assert_eq!(&byte, b"x");
        relay.set_open(false);
        assert!(stream.read_exact(&mut byte).await.is_err());
        let mut refused = TcpStream::connect(relay.address).await.unwrap();
        assert_eq!(refused.read(&mut byte).await.unwrap_or(0), 0);
        relay.set_open(true);
        let mut again = TcpStream::connect(relay.address).await.unwrap();
        again.write_all(b"y").await.unwrap();
        again.read_exact(&mut byte).await.unwrap();
        assert_eq!(&byte, b"y");
    }
}
