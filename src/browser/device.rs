//! A device: one Chromium with its storage, its tabs and its way to the target.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fantoccini::error::CmdError;
use fantoccini::wd::{WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value as Json, json};
use url::{ParseError, Url};

use super::error::BrowserError;
use super::relay::Relay;
use crate::world::Driver;

/// Answers when a page is there with all that it fetches.
const SETTLED: &str = include_str!("settled.js");

/// So long nothing may be fetched, in milliseconds.
const MOMENT: u64 = 40;

/// After so long a page counts as settled, whatever it fetches.
pub(super) const BOUND: u64 = 3000;

/// So often it is looked at whether something is fetched still.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a page may take to load, and a script to answer, in milliseconds.
const PATIENCE: u64 = 30_000;

/// Kinds of requests that a page is there without: they may stay open for as long as it is.
const LASTING: [&str; 4] = ["EventSource", "WebSocket", "Ping", "Media"];

/// Flags with which Chromium works without a display, a network and a user of its own.
const FLAGS: [&str; 10] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-gpu-rasterization",
    "--window-size=1280,1024",
];

/// Where Chromium goes on errands of its own (the time, updates): nowhere here, and least of all to the target.
const OWN_ERRANDS: [&str; 3] = ["google.com", "googleapis.com", "gvt1.com"];

/// A browser with its own storage.
pub struct Device {
    client: Client,
    relay: Relay,
    tabs: Vec<WindowHandle>,
    /// Origins visited since it was last cleared.
    visited: Mutex<BTreeSet<String>>,
    /// What its network told, and nobody has asked for yet.
    told: Mutex<Vec<Json>>,
}

impl Device {
    /// Starts a browser whose every connection leads to `target`, a `host:port`.
    pub async fn start(driver: &Driver, number: usize, target: &str) -> Result<Self, BrowserError> {
        let relay = Relay::to(target).await?;
        let profile = driver.profiles.as_ref().map(|p| p.join(number.to_string()));
        let capabilities = capabilities(&relay, driver.browser.as_deref(), profile.as_deref());
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url)
            .await
            .map_err(|error| BrowserError::Start(Box::new(error)))?;
        let tab = client
            .window()
            .await
            .map_err(BrowserError::doing("name its tab"))?;
        Ok(Self {
            client,
            relay,
            tabs: vec![tab],
            visited: Mutex::default(),
            told: Mutex::default(),
        })
    }

    /// Ends it.
    pub async fn close(self) -> Result<(), BrowserError> {
        self.client
            .close()
            .await
            .map_err(BrowserError::doing("end"))
    }

    /// As new: no tabs, no storage, no cookies; its way leads to `target`.
    pub async fn clear(&mut self, target: &str) -> Result<(), BrowserError> {
        self.relay.set_open(true);
        self.relay.lead_to(target);
        let visited = std::mem::take(&mut *held(&self.visited));
        for origin in visited {
            let wanted = json!({ "origin": origin, "storageTypes": "all" });
            self.devtools("Storage.clearDataForOrigin", wanted).await?;
        }
        self.devtools("Network.clearBrowserCookies", json!({}))
            .await?;
        self.devtools("Network.clearBrowserCache", json!({}))
            .await?;
        // A new tab has no history to go back in.
        self.tabs.clear();
        let old = self
            .client
            .windows()
            .await
            .map_err(BrowserError::doing("name its tabs"))?;
        self.open_tab().await?;
        for tab in old {
            self.show(tab).await?;
            self.client
                .close_window()
                .await
                .map_err(BrowserError::doing("close a tab"))?;
        }
        self.tab(0).await?;
        // Whatever it told of before is another case's.
        self.events().await.map(|_| ())
    }

    /// Goes on in a tab; one that is not there is opened.
    pub async fn tab(&mut self, number: usize) -> Result<(), BrowserError> {
        while self.tabs.len() <= number {
            self.open_tab().await?;
        }
        self.show(self.tabs[number].clone()).await
    }

    async fn open_tab(&mut self) -> Result<(), BrowserError> {
        let opened = self
            .client
            .new_window(true)
            .await
            .map_err(BrowserError::doing("open a tab"))?;
        self.tabs.push(opened.handle);
        Ok(())
    }

    async fn show(&self, tab: WindowHandle) -> Result<(), BrowserError> {
        self.client
            .switch_to_window(tab)
            .await
            .map_err(BrowserError::doing("go to a tab"))
    }

    /// Opens an address; whether it was reached shows in what is seen.
    pub async fn open(&mut self, address: &Url) -> Result<(), BrowserError> {
        self.visit(address);
        reached(self.client.goto(address.as_str()).await, "open a page")?;
        self.settled().await
    }

    /// Notes that what this address keeps is to be cleared.
    pub(super) fn visit(&self, address: &Url) {
        let origin = address.origin().ascii_serialization();
        held(&self.visited).insert(origin);
    }

    /// Goes back.
    pub async fn back(&self) -> Result<(), BrowserError> {
        reached(self.client.back().await, "go back")?;
        self.settled().await
    }

    /// Goes forward.
    pub async fn forward(&self) -> Result<(), BrowserError> {
        reached(self.client.forward().await, "go forward")?;
        self.settled().await
    }

    /// Loads the page again.
    pub async fn reload(&self) -> Result<(), BrowserError> {
        reached(self.client.refresh().await, "load the page again")?;
        self.settled().await
    }

    /// Has a network, or has none.
    pub fn set_online(&self, online: bool) {
        self.relay.set_open(online);
    }

    /// The address of the page in front.
    pub async fn address(&self) -> Result<String, BrowserError> {
        let url = self.client.current_url().await;
        url.map(String::from)
            .map_err(BrowserError::doing("tell its address"))
    }

    /// Waits, within bounds, until the page in front is there with all that it fetches.
    pub(super) async fn settled(&self) -> Result<(), BrowserError> {
        let begun = std::time::Instant::now();
        loop {
            self.quiet().await?;
            let fetching = self.is_fetching().await?;
            if !fetching || begun.elapsed() > Duration::from_millis(BOUND) {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Waits until the page has loaded and nothing has come for a moment.
    async fn quiet(&self) -> Result<(), BrowserError> {
        let wanted = vec![json!(MOMENT), json!(BOUND)];
        match self.client.execute_async(SETTLED, wanted.clone()).await {
            Ok(_) => Ok(()),
            // The page went while it was looked at: it is the next that counts.
            Err(CmdError::Standard(_)) => self
                .client
                .execute_async(SETTLED, wanted)
                .await
                .map(|_| ())
                .map_err(BrowserError::doing("wait for a page")),
            Err(error) => Err(BrowserError::doing("wait for a page")(error)),
        }
    }

    /// Whether something that was asked for has neither come nor failed.
    async fn is_fetching(&self) -> Result<bool, BrowserError> {
        let new = self.asked_of_network().await?;
        let mut told = held(&self.told);
        told.extend(new);
        let mut open = BTreeSet::new();
        for event in told.iter() {
            let params = &event["message"]["params"];
            let Some(id) = params["requestId"].as_str() else {
                continue;
            };
            match event["message"]["method"].as_str().unwrap_or_default() {
                "Network.requestWillBeSent" => {
                    let kind = params["type"].as_str().unwrap_or_default();
                    if !LASTING.contains(&kind) {
                        open.insert(id);
                    }
                }
                "Network.loadingFinished" | "Network.loadingFailed" => {
                    open.remove(id);
                }
                _ => {}
            }
        }
        Ok(!open.is_empty())
    }

    /// The driver's client.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Asks Chromium something that `WebDriver` has no word for.
    pub(super) async fn devtools(
        &self,
        method: &'static str,
        params: Json,
    ) -> Result<Json, BrowserError> {
        let asked = Asked {
            path: "goog/cdp/execute",
            body: json!({ "cmd": method, "params": params }),
        };
        self.client
            .issue_cmd(asked)
            .await
            .map_err(BrowserError::doing(method))
    }

    /// What its network told since last asked.
    pub(super) async fn events(&self) -> Result<Vec<Json>, BrowserError> {
        let new = self.asked_of_network().await?;
        let mut told = std::mem::take(&mut *held(&self.told));
        told.extend(new);
        Ok(told)
    }

    async fn asked_of_network(&self) -> Result<Vec<Json>, BrowserError> {
        let asked = Asked {
            path: "se/log",
            body: json!({ "type": "performance" }),
        };
        let told = self
            .client
            .issue_cmd(asked)
            .await
            .map_err(BrowserError::doing("tell what was fetched"))?;
        let entries = told.as_array().into_iter().flatten();
        let texts = entries.filter_map(|entry| entry["message"].as_str());
        Ok(texts
            .filter_map(|text| serde_json::from_str(text).ok())
            .collect())
    }
}

/// What a lock holds; nothing panics while it does.
fn held<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A page that was not reached is one of the browser's own: no failure of ours.
fn reached(came: Result<(), CmdError>, doing: &'static str) -> Result<(), BrowserError> {
    match came {
        Err(CmdError::Standard(error)) if error.message.contains("net::ERR_") => Ok(()),
        other => other.map_err(BrowserError::doing(doing)),
    }
}

fn capabilities(
    relay: &Relay,
    browser: Option<&Path>,
    profile: Option<&Path>,
) -> serde_json::Map<String, Json> {
    let mut flags: Vec<String> = FLAGS.map(str::to_owned).to_vec();
    let own = OWN_ERRANDS.map(|name| format!("MAP *.{name} ~NOTFOUND, "));
    let rules = format!("{}MAP * {}", own.concat(), relay.address);
    flags.push(format!("--host-resolver-rules={rules}"));
    if nix::unistd::geteuid().is_root() || browser.is_none() {
        // Its sandbox wants a user, and rights that containers have not.
        flags.push("--no-sandbox".to_owned());
    }
    if let Some(profile) = profile {
        flags.push(format!("--user-data-dir={}", profile.display()));
    }
    // What a page offers for download is nobody's on this machine.
    let prefs = json!({ "download_restrictions": 3 });
    let quiet = json!({ "enableNetwork": true, "enablePage": false });
    let mut options = json!({ "args": flags, "perfLoggingPrefs": quiet, "prefs": prefs });
    if let Some(browser) = browser {
        options["binary"] = json!(browser);
    }
    let wanted = json!({
        "browserName": "chrome",
        "acceptInsecureCerts": true,
        "unhandledPromptBehavior": "accept",
        "timeouts": { "pageLoad": PATIENCE, "script": PATIENCE },
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "performance": "ALL" },
    });
    wanted.as_object().cloned().unwrap_or_default()
}

/// A command that only Chromium's driver knows.
#[derive(Debug)]
struct Asked {
    path: &'static str,
    body: Json,
}

impl WebDriverCompatibleCommand for Asked {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!(
            "session/{}/{}",
            session.unwrap_or_default(),
            self.path
        ))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
