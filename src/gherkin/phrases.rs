//! The phrases: few, each for one thing, of tenants, actors and routes of any described target.

use futures::FutureExt;

use super::exchanged::exchanged;
use super::failing;
use super::phrase::{Kind, Named, Phrase};
use super::scene::{Done, Scene};
use crate::model::exchange::Exchange;

/// All of them.
pub const PHRASES: &[Phrase] = &[
    Phrase {
        kind: Kind::Does,
        text: "{actor} calls {route}",
        about: "The actor makes the call that worked for it when partywall tried the route, on rows of its own tenant. A table \
                under the step exchanges parts of it: in each row a place (path, query, header, body, host, claim), a name \
                there, and a value, in which `{acme.key}` and `{acme.slug}` stand for a tenant's. A claim is set in the \
                actor's own token, whose signature stays as it was; cookies are left out then.",
        example: "When acme.admin calls \"GET /api/services\"\n  | header | x-tenant-id | {globex.key} |",
        act: |scene, named| call(scene, named, None).boxed_local(),
    },
    Phrase {
        kind: Kind::Does,
        text: "{actor} calls {route} on a row of {tenant}",
        about: "The same, but every id in path, query and body is one of a row of that tenant.",
        example: "When acme.admin calls \"GET /api/services/{id}\" on a row of globex",
        act: |scene, named| call(scene, named, Some(2)).boxed_local(),
    },
    Phrase {
        kind: Kind::Does,
        text: "{route} is attacked with {attack}",
        about: "Every attack of that id, family or pattern is tried on every route of that name or pattern, by the strongest \
                member of one tenant against another, and by those who belong to none, in all variants.",
        example: "When \"GET /api/stats/*\" is attacked with \"header.*\"",
        act: |scene, named| attack(scene, named).boxed_local(),
    },
    Phrase {
        kind: Kind::Does,
        text: "{actor} opens {page} of {tenant} in a browser",
        about: "The actor logs in at its own tenant's address, as the description's `[browser]` says, and opens a page that is named \
                there at that tenant's. What the page shows is the answer.",
        example: "When acme.admin opens \"/dashboard\" of globex in a browser",
        act: |scene, named| open(scene, named).boxed_local(),
    },
    Phrase {
        kind: Kind::Does,
        text: "the pages are attacked with {attack}",
        about: "Every attack of that id, family or pattern is tried in a browser, by the people at hand.",
        example: "When the pages are attacked with \"browser.switch\"",
        act: |scene, named| attack_pages(scene, named).boxed_local(),
    },
    Phrase {
        kind: Kind::Expects,
        text: "the answer is {statuses}",
        about: "The last call was answered with one of these statuses; `4xx` is any of them.",
        example: "Then the answer is 403 or 404",
        act: |scene, named| answer_is(scene, named).boxed_local(),
    },
    Phrase {
        kind: Kind::Expects,
        text: "the answer says {text}",
        about: "The text stands in the body of the last answer, in small or capital letters.",
        example: "Then the answer says \"tenant filter required\"",
        act: |scene, named| answer_says(scene, named).boxed_local(),
    },
    Phrase {
        kind: Kind::Expects,
        text: "the answer has the header {header}",
        about: "The last answer has that header, and it is not empty.",
        example: "Then the answer has the header \"x-request-id\"",
        act: |scene, named| answer_has(scene, named).boxed_local(),
    },
    Phrase {
        kind: Kind::Expects,
        text: "the answer shows rows of {tenant}",
        about: "A value that stands in rows of that tenant alone stands in the last answer: what shows that a call works at all.",
        example: "Then the answer shows rows of acme",
        act: |scene, named| answer_shows(scene, named).boxed_local(),
    },
    Phrase {
        kind: Kind::Expects,
        text: "nothing of {tenant} crosses",
        about: "By no oracle did the last call read a value of a row of that tenant, or change, make, move or point at one.",
        example: "Then nothing of globex crosses",
        act: |scene, named| nothing_crosses(scene, named).boxed_local(),
    },
    Phrase {
        kind: Kind::Expects,
        text: "the wall holds",
        about: "Nothing crossed and no promise was broken in any attempt of the last attack, and at least one attempt shows it: the owner's call worked, \
                and so did the attacker's on its own rows.",
        example: "Then the wall holds",
        act: |scene, _| wall_holds(scene).boxed_local(),
    },
    Phrase {
        kind: Kind::Expects,
        text: "every attempt is answered {statuses}",
        about: "Each attempt of the last attack was answered with one of these statuses.",
        example: "Then every attempt is answered 401 or 403",
        act: |scene, named| every_answer_is(scene, named).boxed_local(),
    },
];

async fn call(scene: &mut Scene, named: &Named, of: Option<usize>) -> Result<(), String> {
    let trial = scene.trial()?;
    let mut trial = trial.lock().await;
    let of = of.map(|nth| named.word(nth));
    let call = trial
        .call(named.word(0), named.word(1), of)
        .map_err(|error| error.to_string())?;
    let call = exchanged(&trial, call, &named.table)?;
    let made = trial.perform(&call).await.map_err(|e| e.to_string())?;
    scene.done = Done::Call(Box::new(made));
    Ok(())
}

async fn attack(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let trial = scene.trial()?;
    let mut trial = trial.lock().await;
    let made = trial.attack(named.word(1), named.word(0)).await;
    scene.done = Done::Attack(made.map_err(|error| error.to_string())?);
    Ok(())
}

async fn open(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let trial = scene.trial()?;
    let mut trial = trial.lock().await;
    let made = trial.open_page(named.word(0), named.word(1), named.word(2));
    let shown = made.await.map_err(|error| error.to_string())?;
    scene.done = Done::Call(Box::new(shown));
    Ok(())
}

async fn attack_pages(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let trial = scene.trial()?;
    let mut trial = trial.lock().await;
    let made = trial.attack_pages(named.word(0)).await;
    scene.done = Done::Attack(made.map_err(|error| error.to_string())?);
    Ok(())
}

/// Fails with what was seen, unless it is as it should be.
async fn expect(
    scene: &Scene,
    is_so: impl FnOnce(&Exchange) -> bool,
    otherwise: impl FnOnce(&Exchange) -> String,
) -> Result<(), String> {
    let exchange = scene.call()?;
    if is_so(exchange) {
        return Ok(());
    }
    let trial = scene.trial()?;
    let trial = trial.lock().await;
    Err(failing::of_call(&trial, &otherwise(exchange), exchange))
}

async fn answer_is(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let wanted = named.word(0);
    let is_so = |e: &Exchange| is_one_of(e, wanted);
    expect(scene, is_so, |_| format!("the answer is not {wanted}")).await
}

async fn answer_says(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let wanted = named.word(0).to_lowercase();
    let is_so = |e: &Exchange| {
        let response = e.response();
        response.is_some_and(|r| r.text().to_lowercase().contains(&wanted))
    };
    expect(scene, is_so, |_| {
        format!("the answer does not say {wanted:?}")
    })
    .await
}

async fn answer_has(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let wanted = named.word(0).to_lowercase();
    let is_so = |e: &Exchange| {
        let value = e.response().and_then(|r| r.header(&wanted));
        value.is_some_and(|value| !value.trim().is_empty())
    };
    expect(scene, is_so, |_| {
        format!("the answer has no header `{wanted}`")
    })
    .await
}

async fn answer_shows(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let trial = scene.trial()?;
    let shows = {
        let trial = trial.lock().await;
        let tenant = trial.tenant(named.word(0)).map_err(|e| e.to_string())?;
        let canaries = &trial.knowledge().canaries;
        let response = scene.call()?.response();
        let hits = response.map_or_else(Vec::new, |r| canaries.scan(&r.body));
        let mut owners = hits.iter().flat_map(|hit| hit.provenance);
        owners.any(|p| p.owners.includes(&tenant.key))
    };
    let otherwise = |_: &Exchange| format!("the answer shows no row of {}", named.word(0));
    expect(scene, |_| shows, otherwise).await
}

async fn nothing_crosses(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let trial = scene.trial()?;
    let crossed = {
        let trial = trial.lock().await;
        let tenant = trial.tenant(named.word(0)).map_err(|e| e.to_string())?;
        trial.crossed(scene.call()?, &tenant.key)
    };
    expect(scene, |_| crossed.is_empty(), |_| crossed.join("; ")).await
}

async fn wall_holds(scene: &mut Scene) -> Result<(), String> {
    let trial = scene.trial()?;
    let trial = trial.lock().await;
    let attacked = scene.attack()?;
    let all = &attacked.attempts;
    if let Some(attempted) = all.iter().find(|a| !a.crossed.is_empty()) {
        let what = attempted.crossed.join("; ");
        return Err(failing::of_attempt(&trial, &what, attempted));
    }
    let shown = attacked.held > 0 || all.iter().any(|a| a.reason.is_none());
    match all.first() {
        Some(first) if !shown => {
            let why = first.reason.map_or_else(String::new, |r| r.to_string());
            let what = format!("not one of {} attempts shows anything: {why}", all.len());
            Err(failing::of_attempt(&trial, &what, first))
        }
        _ => Ok(()),
    }
}

async fn every_answer_is(scene: &mut Scene, named: &Named) -> Result<(), String> {
    let trial = scene.trial()?;
    let trial = trial.lock().await;
    let wanted = named.word(0);
    let other = |a: &&crate::engine::trial::Attempted| !is_one_of(&a.exchange, wanted);
    let attacked = scene.attack()?;
    match attacked.attempts.iter().find(other) {
        None if attacked.attempts.is_empty() => {
            Err("there is no attempt whose answer could be looked at".to_owned())
        }
        None => Ok(()),
        Some(attempted) => {
            let what = format!("an attempt is not answered {wanted}");
            Err(failing::of_attempt(&trial, &what, attempted))
        }
    }
}

/// Whether an exchange was answered with one of the statuses of a list such as `401, 403 or 4xx`.
fn is_one_of(exchange: &Exchange, list: &str) -> bool {
    let Some(response) = exchange.response() else {
        return false;
    };
    let status = response.status.to_string();
    let mut wanted = list.split([',', ' ']).filter(|w| w.len() == 3);
    wanted.any(|wanted| {
        let mut digits = wanted.chars().zip(status.chars());
        digits.all(|(wanted, is)| wanted == 'x' || wanted == is)
    })
}
