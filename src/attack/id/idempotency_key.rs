//! `id.idempotency-key`: an idempotency key that the victim has used.

use sha2::{Digest, Sha256};

use crate::attack::craft::with_header;
use crate::attack::{Attack, Attempt, Ground, Scope};

/// An idempotency key that the victim has used.
pub(in crate::attack) struct IdempotencyKey;

/// The headers that carry such keys.
const HEADERS: &[&str] = &["Idempotency-Key", "X-Idempotency-Key"];

const DOC: &str = "\
## What it does
The victim makes its own write with an `Idempotency-Key`; the attacker then makes its own, legitimate write with the same
key. The control uses a key of the attacker's own.

## Why teams fall for it
The replay store takes the client's key as it is: the second tenant gets the first one's stored answer, or is refused
because the bodies differ (RL-51). Keys are thought to be random, but clients derive them from order numbers and dates.

## A correct target
Keeps keys apart by tenant: the attacker's write is done, and answered with its own result.

## Example
    POST /payments
    Idempotency-Key: order-1042      used by the victim a moment ago
    Authorization: Bearer <own token>
";

impl Attack for IdempotencyKey {
    fn id(&self) -> &'static str {
        "id.idempotency-key"
    }

    fn title(&self) -> &'static str {
        "an idempotency key that the victim has used"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !matches!(ground.route.method.as_str(), "POST" | "PATCH" | "PUT") {
            return Vec::new();
        }
        let shared = key(ground, "shared");
        let own = key(ground, "own");
        HEADERS
            .iter()
            .take(if ground.route.method == "POST" { 2 } else { 1 })
            .map(|name| {
                let call = with_header(ground.own_call.clone(), name, &shared);
                Attempt::plain(name.to_ascii_lowercase(), call)
                    .after(&with_header(ground.victim_call.clone(), name, &shared))
                    .controlled(with_header(ground.own_call.clone(), name, &own))
            })
            .collect()
    }
}

/// A key in the form of a UUID: the same for the same case, another for any other.
fn key(ground: &Ground<'_>, purpose: &str) -> String {
    let (route, attacker, victim) = (&ground.route.id, &ground.attacker.id, &ground.victim.key);
    let digest = Sha256::digest(format!("{route} {attacker} {victim} {purpose}"));
    let hex = hex::encode(&digest[..16]);
    format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    )
}
