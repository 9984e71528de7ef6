//! How long a scan for canaries takes, beside a plain split and look-up of the same texts in the same run: figures of one
//! machine say little, their ratio says more. 1,000,000 canaries, unless `CANARIES` says otherwise.
#![allow(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "it prints a table of averages"
)]

use std::hint::black_box;
use std::time::Instant;

use foldhash::fast::FixedState;
use hashbrown::HashSet;
use partywall::model::canary::{Canaries, make};
use partywall::model::ownership::Owners;
use partywall::model::rows::RowRef;
use partywall::model::schema::TableId;
use partywall::model::verdict::Provenance;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

/// How long a body is, in bytes.
const BODY: usize = 2048;
/// Bodies of each kind, so that what was looked up last does not lie at hand.
const BODIES: usize = 64;
/// Scans in one measurement.
const SCANS: usize = 50_000;
/// Measurements, of which the fastest counts.
const ROUNDS: usize = 7;
/// The goal for a body of ordinary JSON, in microseconds.
const GOAL: f64 = 1.0;

/// A kind of text: its name, how one is made, the goal in microseconds.
type Kind<'a> = (&'a str, &'a dyn Fn(&mut ChaCha8Rng) -> String, Option<f64>);

fn main() {
    let number = std::env::var("CANARIES").ok().and_then(|n| n.parse().ok());
    let number: usize = number.unwrap_or(1_000_000);
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let before = memory();
    let mut canaries = Canaries::default();
    for n in 0..number {
        let made = make(&mut rng);
        let value = if n % 2 == 0 { made } else { id(&mut rng) };
        canaries.insert(provenance(value));
    }
    let held = memory().saturating_sub(before);
    let ids: Vec<String> = canaries
        .iter()
        .map(|(value, _)| value.to_owned())
        .filter(|value| value.contains('-'))
        .collect();
    let plain: HashSet<&[u8], FixedState> = ids.iter().map(String::as_bytes).collect();
    println!("{number} canaries in {} MiB", held / 1024);
    println!("text of {BODY} bytes            scan     plain split and look-up   goal");
    let kinds: [Kind<'_>; 3] = [
        (
            "JSON, one canary in four ids",
            &|rng| body(rng, &ids, 4),
            Some(GOAL),
        ),
        ("JSON, every id a canary", &|rng| body(rng, &ids, 1), None),
        ("prose", &prose, None),
    ];
    for (name, make, goal) in kinds {
        let bodies: Vec<String> = (0..BODIES).map(|_| make(&mut rng)).collect();
        let scan = fastest(|n| canaries.scan(bodies[n % BODIES].as_bytes()).len());
        let split = fastest(|n| look_up(&bodies[n % BODIES], &plain));
        let goal = goal.map_or_else(String::new, |goal| format!("{goal:.1} µs"));
        println!("{name:28} {scan:5.2} µs  {split:5.2} µs                  {goal}");
    }
}

fn provenance(value: String) -> Provenance {
    let row = RowRef {
        table: TableId(0),
        key: vec![Some("1".into())],
    };
    Provenance {
        row,
        column: 0,
        value,
        owners: Owners::default(),
    }
}

fn id(rng: &mut ChaCha8Rng) -> String {
    Uuid::from_u128(rng.random()).to_string()
}

/// A list of records with four ids each, one in `nth` of them a canary.
fn body(rng: &mut ChaCha8Rng, ids: &[String], nth: usize) -> String {
    let mut text = String::from("{\"items\":[");
    while text.len() < BODY {
        let mut four = [0; 4].map(|_| id(rng));
        for at in (0..4).step_by(nth) {
            four[at].clone_from(&ids[rng.random_range(0..ids.len())]);
        }
        let [id, tenant, request, author] = four;
        let record = format!(
            "{{\"id\":\"{id}\",\"tenantId\":\"{tenant}\",\"serviceRequestId\":\"{request}\",\"authorId\":\"{author}\",\
             \"title\":\"Quarterly report on taxes and fees\",\"status\":\"pending\",\"amount\":1250,\
             \"createdAt\":\"2026-11-28T10:00:00.000Z\",\"isArchived\":false}},"
        );
        text += &record;
    }
    text.truncate(BODY);
    text
}

fn prose(_: &mut ChaCha8Rng) -> String {
    let sentence =
        "The client asked for a review of the figures before Friday, and for more of the same. ";
    sentence.repeat(BODY / sentence.len() + 1)[..BODY].to_owned()
}

/// What a search costs that knows no writing but the plain one, and no letters but those that it was given.
fn look_up(text: &str, known: &HashSet<&[u8], FixedState>) -> usize {
    let in_token = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    let bytes = text.as_bytes();
    let tokens = bytes
        .split(|b| !in_token(b))
        .filter(|token| token.len() >= 12);
    tokens.filter(|token| known.contains(token)).count()
}

/// Microseconds a call.
fn fastest(call: impl Fn(usize) -> usize) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let started = Instant::now();
        for n in 0..SCANS {
            black_box(call(n));
        }
        best = best.min(started.elapsed().as_secs_f64() * 1e6 / SCANS as f64);
    }
    best
}

/// The memory of this process, in KiB; 0 where the system does not tell.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}
