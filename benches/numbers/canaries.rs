//! The scan for canaries beside a plain split and look-up of the same texts, and what 1,000,000 canaries weigh.

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

use super::Failed;
use super::machine::memory;
use super::table::{Measure, Target};

/// How many canaries there are.
const NUMBER: usize = 1_000_000;
/// How long a body is, in bytes.
const BODY: usize = 2048;
/// Bodies of each kind, so that what was looked up last does not lie at hand.
const BODIES: usize = 64;
/// Scans in one round.
const SCANS: usize = 20_000;
/// Rounds, of which the fastest counts.
const ROUNDS: usize = 15;

/// A kind of text: its name, how one is made, what is promised in microseconds.
type Kind<'a> = (&'a str, &'a dyn Fn(&mut ChaCha8Rng) -> String, Target);

/// Builds the index, and scans bodies of several kinds.
#[expect(clippy::unnecessary_wraps, reason = "other measurements fail")]
pub fn measure() -> Result<Vec<Measure>, Failed> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let before = memory();
    let mut canaries = Canaries::default();
    for n in 0..NUMBER {
        let made = make(&mut rng);
        let value = if n % 2 == 0 { made } else { id(&mut rng) };
        canaries.insert(provenance(value));
    }
    let held = memory().saturating_sub(before);
    let ids = canaries.iter().map(|(value, _)| value.to_owned());
    let ids: Vec<String> = ids.filter(|value| value.contains('-')).collect();
    let plain: HashSet<&[u8], FixedState> = ids.iter().map(String::as_bytes).collect();
    let one_in_four = |rng: &mut ChaCha8Rng| body(rng, &ids, 4);
    let every = |rng: &mut ChaCha8Rng| body(rng, &ids, 1);
    let kinds: [Kind<'_>; 3] = [
        (
            "JSON, one id in four a canary",
            &one_in_four,
            Target::AtMost(1.0),
        ),
        ("JSON, every id a canary", &every, Target::None),
        ("prose", &prose, Target::None),
    ];
    let mut measures = Vec::new();
    for (name, make, target) in kinds {
        let bodies: Vec<String> = (0..BODIES).map(|_| make(&mut rng)).collect();
        let scan = |n: usize| canaries.scan(bodies[n % BODIES].as_bytes()).len();
        let split = |n: usize| look_up(&bodies[n % BODIES], &plain);
        let (scan, split) = fastest(scan, split);
        measures.push(Measure {
            what: format!("scan of a 2 KB body at 1M canaries ({name})"),
            target,
            value: scan,
            unit: "µs",
            about: format!(
                "best of {ROUNDS}; a plain split and look-up of the same: {split:.2} µs"
            ),
        });
    }
    measures.push(Measure {
        what: "memory with 1M canaries".into(),
        target: Target::None,
        value: held as f64 / 1024.0,
        unit: "MiB",
        about: "values, provenance and index, as resident memory grew".into(),
    });
    Ok(measures)
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

/// Microseconds a call of both, which take turns.
fn fastest(one: impl Fn(usize) -> usize, other: impl Fn(usize) -> usize) -> (f64, f64) {
    let mut best = (f64::MAX, f64::MAX);
    for _ in 0..ROUNDS {
        best.0 = best.0.min(timed(&one));
        best.1 = best.1.min(timed(&other));
    }
    best
}

fn timed(call: &impl Fn(usize) -> usize) -> f64 {
    let started = Instant::now();
    for n in 0..SCANS {
        black_box(call(n));
    }
    started.elapsed().as_secs_f64() * 1e6 / SCANS as f64
}
