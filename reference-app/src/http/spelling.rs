//! Names of headers as they are spelt, for the fault that compares them so: below us all names are in lower case.
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// As the guard spells it.
const USUAL: &[u8; 11] = b"X-Tenant-Id";
/// Under what name the same header comes in where it was spelt otherwise: the guard, which knows one spelling, does not see it.
pub(crate) const OTHERWISE: &str = "x-spelt-odd";

/// Listens for connections on which odd spellings stay apart from the usual one.
pub(crate) struct Spelt(pub(crate) TcpListener);

/// Such a connection.
pub(crate) struct Marked(TcpStream);

impl Listener for Spelt {
    type Io = Marked;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Marked, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Marked(stream), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Renames the header wherever a line begins with it in another spelling.
fn mark(bytes: &mut [u8]) {
    let length = USUAL.len();
    for start in 2..bytes.len().saturating_sub(length) {
        let (before, line) = bytes.split_at_mut(start);
        let name = &mut line[..=length];
        let odd = name[..length].eq_ignore_ascii_case(USUAL) && name[..length] != *USUAL;
        if before.ends_with(b"\r\n") && name[length] == b':' && odd {
            name[..length].copy_from_slice(OTHERWISE.as_bytes());
        }
    }
}

impl AsyncRead for Marked {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let known = buffer.filled().len();
        ready!(Pin::new(&mut self.0).poll_read(context, buffer))?;
        mark(&mut buffer.filled_mut()[known..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Marked {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_odd_spellings_of_a_whole_name_are_marked() {
        let marked = |text: &str| {
            let mut bytes = text.as_bytes().to_vec();
            mark(&mut bytes);
            String::from_utf8(bytes).unwrap()
        };
        let odd = "GET / HTTP/1.1\r\nX-TENANT-ID: t\r\n\r\n";
        assert!(marked(odd).contains("x-spelt-odd: t"));
        for usual in [
            "GET / HTTP/1.1\r\nX-Tenant-Id: t\r\n\r\n",
            "GET / HTTP/1.1\r\nx-tenant-id-2: t\r\n\r\n",
            "GET /x-tenant-id: HTTP/1.1\r\n\r\n",
        ] {
            assert_eq!(marked(usual), usual);
        }
    }
}
