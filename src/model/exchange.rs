//! What came of a call: response or failure, timing, the rows that changed; and the history that an oracle judges.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::browsing::Action;
use super::call::{Call, SlotRef};
use super::link::Link;
use super::logged::Logged;
use super::rows::{Change, RowRef};
use super::tenant::{ActorId, TenantKey};

/// A response as received, its body decoded by `Content-Encoding`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The decoded body, up to the limit.
    pub body: Bytes,
    /// Trailers, where sent.
    pub trailers: Vec<(String, String)>,
    /// The body was longer than the limit, or broke off.
    pub truncated: bool,
}

impl Response {
    /// Whether the status says success.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of that lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The body as JSON, where it is that.
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The body as text, broken encodings replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing listens.
    #[error("connection refused")]
    Refused,
    /// The connection broke before a full response head.
    #[error("connection reset: {0}")]
    Reset(String),
    /// No full answer within the limit.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// What came is not HTTP.
    #[error("broken response: {0}")]
    Broken(String),
    /// Partywall would not send it: the address is not allowed, or the request cannot be written.
    #[error("not sent: {0}")]
    NotSent(String),
}

/// How exactly the row changes of an exchange are known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Watch {
    /// Not looked at (a read in a batch whose sum of changes was empty).
    #[default]
    None,
    /// Streamed and attributed to this call alone.
    Exact,
    /// By comparing the rows before and after: what was undone in between does not show.
    Compared,
}

/// A call and what came of it.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// The call.
    pub call: Call,
    /// The response, or why there is none.
    pub outcome: Result<Response, Failure>,
    /// From the first byte sent to the last received.
    pub elapsed: Duration,
    /// The rows that it changed, in commit order.
    pub changes: Vec<Change>,
    /// How exactly those are known.
    pub watch: Watch,
    /// What the target logged of it; `None` where nobody looked.
    pub logged: Option<Logged>,
}

impl Exchange {
    /// The response, where there is one.
    pub fn response(&self) -> Option<&Response> {
        self.outcome.as_ref().ok()
    }

    /// Whether it was answered with success.
    pub fn succeeded(&self) -> bool {
        self.response().is_some_and(Response::is_success)
    }
}

/// What an exchange is for within its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// The victim's own call on its own row: shows that the row can be reached at all.
    OwnerControl,
    /// The attacker's same call with its own part in place of the foreign one.
    OwnControl,
    /// A legitimate step that the attack needs first.
    Setup,
    /// The victim's reads before the attack.
    VictimBefore,
    /// The attack.
    Attack,
    /// The same call with the rows of others as they always are: three times in all, before the attack and after it.
    Still,
    /// The same call with an id that nobody has.
    Missing,
    /// The attacker's reads of what the attack may have planted.
    AttackerAfter,
    /// The victim's reads afterwards, paired by order with `VictimBefore`.
    VictimAfter,
}

/// The ordered exchanges of one case.
#[derive(Debug, Clone)]
pub struct History {
    /// The attack's id; `plain.…` for legitimate calls.
    pub attack: String,
    /// Which variant of it.
    pub variant: String,
    /// Who attacks.
    pub attacker: ActorId,
    /// The tenants whose rows the attacker may see in this case: its active tenant (or all that it belongs to).
    pub attacker_tenants: Vec<TenantKey>,
    /// The tenant that is attacked; `None` for legitimate calls, where every other tenant may be.
    pub victim: Option<TenantKey>,
    /// The slots whose value the attack exchanged.
    pub slots: Vec<SlotRef>,
    /// The foreign rows that the attack names.
    pub reached: Vec<RowRef>,
    /// The rows of other tenants that are away while the attack is made; where their calls come first, the rows that those
    /// made.
    pub away: Vec<RowRef>,
    /// The calls that were in flight together, the attack among them; none where it was made alone. Kept for violations only.
    pub company: Arc<[Call]>,
    /// What calls say that earlier exchanges brought, where they go together.
    pub links: Vec<Link>,
    /// What people did in a browser, where the exchanges are what it showed.
    pub browsed: Arc<[Action]>,
    /// The exchanges with their purpose, in order.
    pub exchanges: Vec<(Purpose, Exchange)>,
}

/// Whether an attack, by its id, is a legitimate call.
pub fn is_plain(attack: &str) -> bool {
    attack.starts_with("plain.")
}

impl History {
    /// A history of this attacker's, in which nothing has been done yet and nobody is attacked.
    pub fn new(attack: &str, variant: &str, attacker: &ActorId) -> Self {
        Self {
            attack: attack.to_owned(),
            variant: variant.to_owned(),
            attacker: attacker.clone(),
            attacker_tenants: Vec::new(),
            victim: None,
            slots: Vec::new(),
            reached: Vec::new(),
            away: Vec::new(),
            company: Arc::default(),
            links: Vec::new(),
            browsed: Arc::default(),
            exchanges: Vec::new(),
        }
    }

    /// Whether these are legitimate calls.
    pub fn is_plain(&self) -> bool {
        is_plain(&self.attack)
    }

    /// The exchanges of one purpose, in order.
    pub fn of(&self, purpose: Purpose) -> impl Iterator<Item = &Exchange> {
        self.exchanges
            .iter()
            .filter(move |(p, _)| *p == purpose)
            .map(|(_, e)| e)
    }

    /// The first exchange of one purpose.
    pub fn first(&self, purpose: Purpose) -> Option<&Exchange> {
        self.of(purpose).next()
    }

    /// Puts exchanges before all others.
    pub fn prepend(&mut self, first: Vec<(Purpose, Exchange)>) {
        for link in &mut self.links {
            link.to += first.len();
            link.from += first.len();
        }
        self.exchanges.splice(0..0, first);
    }

    /// Keeps the exchanges that `wanted` says, and the links between those.
    pub fn retain(&mut self, wanted: impl Fn(Purpose) -> bool) {
        let mut places = Vec::with_capacity(self.exchanges.len());
        let mut kept = 0;
        self.exchanges.retain(|(purpose, _)| {
            let stays = wanted(*purpose);
            places.push(stays.then_some(kept));
            kept += usize::from(stays);
            stays
        });
        let place = |at: usize| places.get(at).copied().flatten();
        let links = std::mem::take(&mut self.links).into_iter();
        self.links = links
            .filter_map(|link| {
                Some(Link {
                    to: place(link.to)?,
                    from: place(link.from)?,
                    ..link
                })
            })
            .collect();
    }
}
