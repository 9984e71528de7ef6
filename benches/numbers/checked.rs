//! Checked requests: the whole sweep of the fast target with all attacks and all oracles, beside the very same requests by
//! the bare client. Attacks by writes are among them, which the target refuses, as a rule: they reach for foreign rows.

use std::sync::Arc;
use std::time::Instant;

use partywall::engine::baseline::{self, Baseline};
use partywall::engine::open::Opened;
use partywall::engine::sweep::sweep;
use partywall::model::call::Wire;
use partywall::settings::Settings;

use super::asked::Asked;
use super::opened::{Size, opened, runtime, settings};
use super::serve::KEPT;
use super::table::{Measure, Target};
use super::time::{middle, most};
use super::{Failed, bare};

/// Rounds of everything.
const ROUNDS: usize = 5;

/// Groups of four routes: enough for the second target's start to weigh no more than in a usual sweep.
const SHELVES: usize = 16;

/// Rates of one number of workers, a round each.
#[derive(Default)]
struct Rates {
    checked: Vec<f64>,
    bare: Vec<f64>,
    requests: usize,
}

/// Sweeps with one worker and with two.
pub fn measure() -> Result<Vec<Measure>, Failed> {
    let folder = tempfile::tempdir()?;
    let size = |workers| Size {
        shelves: SHELVES,
        workers,
        ..Size::default()
    };
    let one = settings(size(1), folder.path())?;
    let two = settings(size(2), folder.path())?;
    let file = folder.path().join("asked.json");
    let [alone, both] = runtime()?.block_on(async {
        let mut opened = opened(&one).await?;
        let baseline = Box::pin(baseline::establish(&mut opened.lab)).await?;
        opened.lab.learn_facts().await?;
        let mut rates = [Rates::default(), Rates::default()];
        let mut asked: Arc<[Asked]> = Arc::default();
        for _ in 0..ROUNDS {
            for (settings, rates) in [&one, &two].into_iter().zip(&mut rates) {
                swept(&mut opened, settings, &baseline, rates).await?;
                if asked.is_empty() {
                    keep(&opened).await?;
                    asked = serde_json::from_slice(&std::fs::read(&file)?)?;
                }
                let workers = settings.description.limits.workers.unwrap_or(1);
                rates.bare.push(sent(&mut opened, &asked, workers).await?);
            }
        }
        opened.lab.world.close().await?;
        Ok::<_, Failed>(rates)
    })?;
    let mut measures = told("one worker", 2500.0, &alone);
    measures.extend(told("two workers", 4000.0, &both));
    Ok(measures)
}

fn told(who: &str, least: f64, rates: &Rates) -> Vec<Measure> {
    let ratios = rates.checked.iter().zip(&rates.bare);
    let ratios: Vec<f64> = ratios.map(|(checked, bare)| checked / bare).collect();
    let requests = rates.requests;
    vec![
        Measure {
            what: format!("checked requests/s, all oracles, {who}"),
            target: Target::AtLeast(least),
            value: most(&rates.checked),
            unit: "/s",
            about: format!(
                "best of {ROUNDS} whole sweeps of {requests} requests; the middle one {:.0}/s",
                middle(&rates.checked)
            ),
        },
        Measure {
            what: format!("ratio to the bare client, {who}"),
            target: Target::AtLeast(0.5),
            value: middle(&ratios),
            unit: "",
            about: format!(
                "middle of {ROUNDS}, each with the same requests right after; bare at best {:.0}/s",
                most(&rates.bare)
            ),
        },
    ]
}

/// A whole sweep on fresh state.
async fn swept<'a>(
    opened: &mut Opened<'a>,
    settings: &'a Settings,
    baseline: &Baseline,
    rates: &mut Rates,
) -> Result<(), Failed> {
    let lab = &mut opened.lab;
    lab.settings = settings;
    lab.fresh().await?;
    let begun = Instant::now();
    let swept = Box::pin(sweep(lab, baseline, None)).await?;
    let seconds = begun.elapsed().as_secs_f64();
    if let Some(violation) = swept.violations.first() {
        let found = format!("{} on {}", violation.attack, violation.route);
        return Err(format!(
            "the target is not as it should be: {found} ({:?})",
            violation.evidence
        )
        .into());
    }
    rates.requests = lab.swept_calls();
    rates.checked.push(rates.requests as f64 / seconds);
    Ok(())
}

/// Lets the target write down what it was asked.
async fn keep(opened: &Opened<'_>) -> Result<(), Failed> {
    let base = opened.lab.world.base();
    let wire = Wire {
        base: base.to_owned(),
        method: "GET".into(),
        target: KEPT.into(),
        headers: vec![(
            "Host".into(),
            base.rsplit('/').next().unwrap_or(base).into(),
        )],
        body: Vec::new().into(),
    };
    opened.lab.world.send(&wire).await.outcome?;
    Ok(())
}

/// The same requests by the bare client, to as many targets on fresh state as there were workers: how many a second.
async fn sent(
    opened: &mut Opened<'_>,
    asked: &Arc<[Asked]>,
    workers: usize,
) -> Result<f64, Failed> {
    opened.lab.fresh().await?;
    let mut twins = Vec::new();
    for _ in 1..workers {
        twins.push(opened.lab.world.twin()?.up().await?);
    }
    let mut bases = vec![opened.lab.world.base().to_owned()];
    bases.extend(twins.iter().map(|twin| twin.base().to_owned()));
    // The target's output is read meanwhile: a full pipe would stop it.
    let asked = Arc::clone(asked);
    let number = asked.len();
    let sending = tokio::task::spawn_blocking(move || bare::send(&bases, &asked));
    let seconds = sending.await??;
    for twin in twins {
        twin.close().await?;
    }
    Ok(number as f64 / seconds)
}
