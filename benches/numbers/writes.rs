//! Writes: what it adds to one that its row changes are waited for, given owners and judged; and what it costs to take a
//! write of three rows back. Several sizes take turns, so that a busy moment falls to all alike.

use std::time::Instant;

use partywall::engine::open::Opened;
use partywall::model::call::{Body, Call, Tampering};
use partywall::model::exchange::{Exchange, History, Purpose, Response};
use partywall::model::route::RouteId;
use partywall::model::tenant::{Actor, Standing};
use partywall::oracle::Oracle;
use partywall::oracle::write::Write;
use serde_json::json;

use super::Failed;
use super::opened::{Size, opened, runtime, settings};
use super::table::{Measure, Target};
use super::time::{middle, milliseconds};

/// Rounds, in each of which every size has its turn.
const ROUNDS: usize = 20;
/// Writes of each kind in a turn.
const WRITES: usize = 60;
/// Those of three rows.
const THREES: usize = 15;

/// Rows and tenants, the smallest first.
const SIZES: [(usize, usize, &str); 4] = [
    (1_000, 3, "1k rows of 3 tenants"),
    (1_000_000, 3, "1M rows of 3 tenants"),
    (1_000, 1_000, "1k rows of 1,000 tenants"),
    (1_000_000, 1_000, "1M rows of 1,000 tenants"),
];

/// Times of one size, in milliseconds.
#[derive(Default)]
struct Times {
    bare: Vec<f64>,
    checked: Vec<f64>,
    /// Of it, until the row changes are in and have owners.
    settled: Vec<f64>,
    /// The same where nothing had changed: a round trip, and the stream's.
    idle: Vec<f64>,
    back: Vec<f64>,
}

impl Times {
    fn added(&self) -> f64 {
        middle(&self.checked) - middle(&self.bare)
    }
}

/// Opens all sizes, and lets them take turns.
pub fn measure() -> Result<Vec<Measure>, Failed> {
    let folder = tempfile::tempdir()?;
    let all = SIZES.map(|(rows, tenants, _)| Size {
        tenants,
        rows,
        ..Size::default()
    });
    let all: Result<Vec<_>, Failed> = all
        .map(|size| settings(size, folder.path()))
        .into_iter()
        .collect();
    let all = all?;
    let times = runtime()?.block_on(async {
        let mut labs = Vec::new();
        for settings in &all {
            let mut opened = opened(settings).await?;
            let mut warm = Times::default();
            turn(&mut opened, &mut warm).await?;
            labs.push((opened, Times::default()));
        }
        for _ in 0..ROUNDS {
            for (opened, times) in &mut labs {
                turn(opened, times).await?;
            }
        }
        let mut times = Vec::new();
        for (opened, of) in labs {
            opened.lab.world.close().await?;
            times.push(of);
        }
        Ok::<_, Failed>(times)
    })?;
    Ok(told(&times))
}

fn told(times: &[Times]) -> Vec<Measure> {
    let added: Vec<f64> = times.iter().map(Times::added).collect();
    let least = added[0];
    let most = added.iter().copied().fold(f64::MIN, f64::max);
    let mut measures = Vec::new();
    for ((_, _, name), times) in SIZES.iter().zip(times) {
        measures.push(Measure {
            what: format!("added time of the write oracle, {name}"),
            target: Target::AtMost(0.2),
            value: times.added(),
            unit: "ms",
            about: format!(
                "p50 of {} writes {:.2} ms, of as many bare ones {:.2} ms; until the row changes are in and have owners \
                 {:.2} ms ({:.2} ms where none changed)",
                times.checked.len(),
                middle(&times.checked),
                middle(&times.bare),
                middle(&times.settled),
                middle(&times.idle)
            ),
        });
    }
    measures.push(Measure {
        what: "the most of these to that of the smallest".into(),
        target: Target::AtMost(1.2),
        value: most / least,
        unit: "×",
        about: "sizes took turns in one run".into(),
    });
    for at in [0, times.len() - 1] {
        measures.push(Measure {
            what: format!("reset after a three-row write, {}", SIZES[at].2),
            target: Target::AtMost(1.0),
            value: middle(&times[at].back),
            unit: "ms",
            about: format!("p50 of {}", times[at].back.len()),
        });
    }
    measures
}

/// Writes of both kinds in turn, then some of three rows; all are taken back.
async fn turn(opened: &mut Opened<'_>, times: &mut Times) -> Result<(), Failed> {
    let actor = member(opened)?;
    let id = own_note(opened, &actor).await?;
    for n in 0..WRITES {
        let call = |kind: &str| change(&actor, &id, &format!("{kind} {n}"));
        if n % 2 == 0 {
            bare(opened, &call("bare"), times).await?;
            times.checked.push(checked(opened, &call("checked")).await?);
        } else {
            times.checked.push(checked(opened, &call("checked")).await?);
            bare(opened, &call("bare"), times).await?;
        }
    }
    for _ in 0..THREES {
        let made = opened.lab.perform(&three(&actor)).await?;
        changed(&made, 3)?;
        let begun = Instant::now();
        opened.lab.undo(&made.changes).await?;
        times.back.push(milliseconds(begun.elapsed()));
    }
    Ok(())
}

/// The write by the world's client alone.
async fn bare(opened: &mut Opened<'_>, call: &Call, times: &mut Times) -> Result<(), Failed> {
    let lab = &mut opened.lab;
    let tenant = lab
        .actor(&call.actor)
        .and_then(|actor| actor.tenant.clone());
    let session = lab.session(&call.actor, tenant).await?;
    let wire = lab.target.render(call, session.as_deref())?;
    let begun = Instant::now();
    let sent = lab.world.send(&wire).await;
    times.bare.push(milliseconds(begun.elapsed()));
    if sent.outcome?.status != 200 {
        return Err("a write was refused".into());
    }
    let begun = Instant::now();
    let changes = lab.settle().await?;
    times.settled.push(milliseconds(begun.elapsed()));
    lab.undo(&changes).await?;
    let begun = Instant::now();
    lab.settle().await?;
    times.idle.push(milliseconds(begun.elapsed()));
    Ok(())
}

/// The same through the lab, its changes judged.
async fn checked(opened: &mut Opened<'_>, call: &Call) -> Result<f64, Failed> {
    let lab = &mut opened.lab;
    let begun = Instant::now();
    let made = lab.perform(call).await?;
    let history = alone(made);
    let verdict = Write.judge(&history, &lab.knowledge);
    let time = milliseconds(begun.elapsed());
    if !matches!(&verdict, Ok(found) if found.is_empty()) {
        return Err(format!("a rightful write was judged: {verdict:?}").into());
    }
    let [(_, made)] = &history.exchanges[..] else {
        return Err("no exchange".into());
    };
    changed(made, 1)?;
    lab.undo(&made.changes).await?;
    Ok(time)
}

fn changed(made: &Exchange, rows: usize) -> Result<(), Failed> {
    let (status, seen) = (made.response().map(|r| r.status), made.changes.len());
    if status == Some(200) && seen == rows {
        return Ok(());
    }
    Err(format!("{}: {status:?}, {seen} rows changed", made.call.route).into())
}

/// A history of that exchange alone.
fn alone(made: Exchange) -> History {
    History {
        attack: "plain.call".into(),
        variant: String::new(),
        attacker: made.call.actor.clone(),
        attacker_tenants: made.call.tenant.iter().cloned().collect(),
        victim: None,
        slots: Vec::new(),
        reached: Vec::new(),
        away: Vec::new(),
        company: Vec::new().into(),
        links: Vec::new(),
        browsed: std::sync::Arc::default(),
        exchanges: vec![(Purpose::Attack, made)],
    }
}

fn member(opened: &Opened<'_>) -> Result<Actor, Failed> {
    let mut actors = opened.lab.knowledge.actors.iter();
    let member = actors.find(|a| a.standing == Standing::Member);
    Ok(member.ok_or("there is no member")?.clone())
}

/// The key of a note that the actor makes.
async fn own_note(opened: &mut Opened<'_>, actor: &Actor) -> Result<String, Failed> {
    let body = json!({ "title": "a title", "text": "a text" });
    let made = call(actor, "POST", "/shelf-0/notes", body);
    let made = opened.lab.perform(&made).await?;
    changed(&made, 1)?;
    let json = made.response().and_then(Response::json);
    let id = json.as_ref().and_then(|json| json["id"].as_str());
    Ok(id.ok_or("a note without an id")?.to_owned())
}

fn change(actor: &Actor, id: &str, title: &str) -> Call {
    Call {
        path: [("id".to_owned(), id.to_owned())].into(),
        ..call(
            actor,
            "PATCH",
            "/shelf-0/notes/{id}",
            json!({ "title": title }),
        )
    }
}

fn three(actor: &Actor) -> Call {
    call(
        actor,
        "POST",
        "/shelf-0/three",
        json!({ "title": "a title", "text": "a text" }),
    )
}

fn call(actor: &Actor, method: &str, template: &str, body: serde_json::Value) -> Call {
    Call {
        route: RouteId(format!("{method} {template}")),
        method: method.into(),
        template: template.into(),
        actor: actor.id.clone(),
        tenant: actor.tenant.clone(),
        path: std::collections::BTreeMap::new(),
        query: Vec::new(),
        headers: Vec::new(),
        body: Some(Body::Json(body)),
        tampering: Tampering::default(),
    }
}
