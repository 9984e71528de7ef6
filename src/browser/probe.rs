//! What a page shows and what its origin keeps, as the browser itself tells it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::device::{BOUND, Device};
use super::error::BrowserError;

/// The script that gathers it.
const PROBE: &str = include_str!("probe.js");

/// So long what is kept must stay the same.
const REST: Duration = Duration::from_millis(400);

/// So often it is looked at.
const RESTS: usize = 10;

/// Kinds of requests whose answers are data.
const DATA: [&str; 4] = ["Document", "XHR", "Fetch", "EventSource"];

/// What is seen at a device.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The page's address; `None` where the browser shows a page of its own: no network, a refused certificate.
    pub address: Option<url::Url>,
    /// Title, text, document, values of fields, frames, and the answers behind it by their address.
    pub page: Json,
    /// `localStorage`, `sessionStorage`, `indexedDB`, `caches` and `cookies`, by their keys.
    pub kept: Json,
    /// The status that its document was answered with; 200 where the browser does not say.
    pub status: u16,
    /// Where its links lead.
    pub links: Vec<url::Url>,
}

impl Device {
    /// Looks at the page in front, at what its origin keeps, and at what was answered since the last look.
    pub async fn look(&self) -> Result<Seen, BrowserError> {
        let mut told = self
            .client()
            .execute_async(PROBE, Vec::new())
            .await
            .map_err(BrowserError::doing("read the page"))?;
        let address = told["address"].as_str().and_then(|a| a.parse().ok());
        let address = address.filter(|a: &url::Url| matches!(a.scheme(), "http" | "https"));
        let mut page = told["page"].take();
        let mut kept = told["kept"].take();
        if let Some(address) = &address {
            self.visit(address);
            kept["cookies"] = self.cookies(address).await?;
            page["answers"] = self.answers().await?;
        }
        let status = told["status"].as_u64().filter(|status| *status > 0);
        let status = status.and_then(|status| status.try_into().ok());
        let links = told["links"].as_array().into_iter().flatten();
        let links = links
            .filter_map(|link| link.as_str()?.parse().ok())
            .collect();
        Ok(Seen {
            address,
            page,
            kept,
            status: status.unwrap_or(200),
            links,
        })
    }

    /// Waits, within bounds, until what the origin keeps changes no more: pages write and clear it in their own time.
    pub async fn at_rest(&self) -> Result<(), BrowserError> {
        let mut before = None;
        for _ in 0..RESTS {
            let told = self
                .client()
                .execute_async(PROBE, Vec::new())
                .await
                .map_err(BrowserError::doing("read what is kept"))?;
            let kept = told["kept"].clone();
            if before.as_ref() == Some(&kept) {
                return Ok(());
            }
            before = Some(kept);
            tokio::time::sleep(REST).await;
        }
        Ok(())
    }

    /// Whether the origin keeps a text; pages write it in their own time, which is waited for within bounds.
    pub async fn keeps(&self, text: &str) -> Result<bool, BrowserError> {
        let begun = std::time::Instant::now();
        loop {
            let told = self
                .client()
                .execute_async(PROBE, Vec::new())
                .await
                .map_err(BrowserError::doing("read what is kept"))?;
            // As it stands within strings that are themselves JSON, too.
            let escaped = json!(text).to_string();
            let escaped = escaped.trim_matches('"');
            let kept = told["kept"].to_string();
            if kept.contains(escaped) {
                return Ok(true);
            }
            if begun.elapsed() > Duration::from_millis(BOUND) {
                return Ok(false);
            }
            tokio::time::sleep(REST).await;
        }
    }

    /// Every cookie that would be sent there, those that scripts cannot read included.
    async fn cookies(&self, address: &url::Url) -> Result<Json, BrowserError> {
        let told = self
            .devtools("Network.getCookies", json!({ "urls": [address.as_str()] }))
            .await?;
        let cookies = told["cookies"].as_array().into_iter().flatten();
        let named =
            cookies.filter_map(|c| Some((c["name"].as_str()?.to_owned(), c["value"].clone())));
        Ok(Json::Object(named.collect()))
    }

    /// What was answered since the last look, by address: bodies that the browser still has.
    async fn answers(&self) -> Result<Json, BrowserError> {
        let mut answers: BTreeMap<String, Vec<Json>> = BTreeMap::new();
        for event in self.events().await? {
            let told = &event["message"]["params"];
            let kind = told["type"].as_str().unwrap_or_default();
            if event["message"]["method"] != "Network.responseReceived" || !DATA.contains(&kind) {
                continue;
            }
            let (Some(id), Some(url)) =
                (told["requestId"].as_str(), told["response"]["url"].as_str())
            else {
                continue;
            };
            // What has been left behind, the browser has forgotten.
            let body = self
                .devtools("Network.getResponseBody", json!({ "requestId": id }))
                .await;
            if let Ok(body) = body {
                let text = body["body"].as_str().unwrap_or_default();
                let body = serde_json::from_str(text).unwrap_or_else(|_| text.into());
                let all = answers.entry(url.to_owned()).or_default();
                all.push(body);
            }
        }
        let answers = answers.into_iter().map(|(url, all)| (url, all.into()));
        Ok(Json::Object(answers.collect()))
    }
}
