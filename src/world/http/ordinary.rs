//! The ordinary client: kept connections, no redirects, no proxy, nothing decoded or added behind our back.

use std::error::Error as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use http_body_util::BodyExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, redirect};
use url::Url;

use super::{Bounds, Received, body_time};
use crate::model::call::Wire;
use crate::model::exchange::Failure;
use crate::world::guard;

/// Frameworks close idle connections after two to five seconds: let go before they do.
const IDLE: Duration = Duration::from_millis(1500);

/// The client.
#[derive(Debug)]
pub struct Ordinary {
    client: reqwest::Client,
    /// Keeps no connection: for targets that close them without a word.
    single: reqwest::Client,
    /// A kept connection broke: none is kept any more.
    broke: AtomicBool,
}

impl Ordinary {
    /// A client whose names resolve to loopback, or to what the description allows.
    pub fn new(allow_hosts: &[String]) -> Result<Self, String> {
        // It fails where one is chosen already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
        let build = |kept| {
            reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .http1_only()
                .http1_title_case_headers()
                .pool_idle_timeout(IDLE)
                .pool_max_idle_per_host(kept)
                .dns_resolver(Arc::new(Guarded(allow_hosts.to_vec())))
                .build()
                .map_err(|e| format!("the http client could not be made: {e}"))
        };
        Ok(Self {
            client: build(usize::MAX)?,
            single: build(0)?,
            broke: AtomicBool::new(false),
        })
    }

    /// Sends a request that the client leaves as it is. Where a kept connection broke, a read is sent once more on a new one:
    /// a write is not, since it may have been done.
    pub async fn send(&self, base: &Url, wire: &Wire, bounds: Bounds) -> Result<Received, Failure> {
        if self.broke.load(Ordering::Relaxed) {
            return Self::once(&self.single, base, wire, bounds).await;
        }
        let outcome = Self::once(&self.client, base, wire, bounds).await;
        if matches!(outcome, Err(Failure::Reset(_))) {
            self.broke.store(true, Ordering::Relaxed);
            if ["GET", "HEAD", "OPTIONS"].contains(&wire.method.as_str()) {
                return Self::once(&self.single, base, wire, bounds).await;
            }
        }
        outcome
    }

    async fn once(
        client: &reqwest::Client,
        base: &Url,
        wire: &Wire,
        bounds: Bounds,
    ) -> Result<Received, Failure> {
        let begun = Instant::now();
        let call = client.execute(request(base, wire)?);
        let response = tokio::time::timeout(bounds.time, call)
            .await
            .map_err(|_| Failure::Timeout(bounds.time))?
            .map_err(|e| failure(&e))?;
        let status = response.status().as_u16();
        let headers = texts(response.headers());
        let left = body_time(&headers, bounds.time.saturating_sub(begun.elapsed()));
        let mut received = Received {
            status,
            headers,
            body: Vec::new(),
            trailers: Vec::new(),
            truncated: false,
        };
        let body = reqwest::Body::from(response);
        if tokio::time::timeout(left, read(body, bounds.body, &mut received))
            .await
            .is_err()
        {
            received.truncated = true;
        }
        Ok(received)
    }
}

/// Reads until the end, the limit, or a break.
async fn read(mut body: reqwest::Body, limit: usize, into: &mut Received) {
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            into.truncated = true;
            return;
        };
        match frame.into_data() {
            Ok(data) => {
                let room = limit - into.body.len();
                into.body.extend_from_slice(&data[..data.len().min(room)]);
                if data.len() > room {
                    into.truncated = true;
                    return;
                }
            }
            Err(frame) => {
                if let Some(trailers) = frame.trailers_ref() {
                    into.trailers = texts(trailers);
                }
            }
        }
    }
}

fn request(base: &Url, wire: &Wire) -> Result<reqwest::Request, Failure> {
    let not_sent = |what: String| Failure::NotSent(what);
    let method = Method::from_bytes(wire.method.as_bytes())
        .map_err(|e| not_sent(format!("method `{}`: {e}", wire.method)))?;
    let url = format!("{}://{}{}", base.scheme(), base.authority(), wire.target);
    let url = Url::parse(&url).map_err(|e| not_sent(format!("{}: {e}", wire.target)))?;
    let mut request = reqwest::Request::new(method, url);
    for (name, value) in &wire.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|e| not_sent(format!("header `{name}`: {e}")))?;
        let value = HeaderValue::from_str(value)
            .map_err(|e| not_sent(format!("the value of `{name}`: {e}")))?;
        request.headers_mut().append(name, value);
    }
    if !wire.body.is_empty() {
        *request.body_mut() = Some(wire.body.clone().into());
    } else if super::raw::has_body(&wire.method) && !request.headers().contains_key(CONTENT_LENGTH)
    {
        request.headers_mut().insert(CONTENT_LENGTH, 0.into());
    }
    Ok(request)
}

/// Names in lower case; bytes beyond ASCII as they would be in Latin-1, so that none is lost.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), super::raw::text(value.as_bytes())))
        .collect()
}

fn failure(error: &reqwest::Error) -> Failure {
    let mut cause = error.source();
    let mut last = error.to_string();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::ConnectionRefused
        {
            return Failure::Refused;
        }
        if let Some(hyper) = inner.downcast_ref::<hyper::Error>()
            && hyper.is_parse()
        {
            return Failure::Broken(hyper.to_string());
        }
        last = inner.to_string();
        cause = inner.source();
    }
    Failure::Reset(last)
}

/// Names resolve to loopback unless the description allows their host: also when a name resolves anew.
struct Guarded(Vec<String>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let listed = guard::listed(&host, &self.0);
        Box::pin(async move {
            if guard::is_local_name(&host) && !listed {
                let both = [
                    SocketAddr::from(([127, 0, 0, 1], 0)),
                    SocketAddr::from(([0_u16, 0, 0, 0, 0, 0, 0, 1], 0)),
                ];
                return Ok(Box::new(both.into_iter()) as Addrs);
            }
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0))
                .await?
                .filter(|a| listed || a.ip().is_loopback())
                .collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
