//! Logs an actor in: drives the recipe that `target` wrote through the world that can send.

use super::error::RunError;
use super::lab::Lab;
use crate::model::tenant::ActorId;
use crate::target::error::TargetError;
use crate::target::placeholder::PlaceholderError;
use crate::target::recipe::{Answer, Need, Recipe};
use crate::target::session::Session;

/// A session for the actor at that tenant, or why there is none.
pub async fn login(
    lab: &mut Lab<'_>,
    actor: &ActorId,
    tenant: Option<&str>,
) -> Result<Result<Session, String>, RunError> {
    let Some(who) = lab.knowledge.actor(actor).cloned() else {
        return Ok(Err("no such actor".into()));
    };
    let tenant = tenant.and_then(|key| lab.knowledge.tenant(key)).cloned();
    let Some(login) = lab.target.login_for(&who).cloned() else {
        return Ok(Err(format!(
            "no [[login]] fits the role {}",
            who.role.as_deref().unwrap_or("(none)")
        )));
    };
    let recipe = match Recipe::login(&lab.target, &login, &who, tenant.as_ref()) {
        Ok(recipe) => recipe,
        Err(error) => return refused(lab, &error).map(Err),
    };
    match drive(lab, recipe).await? {
        Ok(session) => Ok(Ok(session)),
        Err(Stumble::Recipe(error)) => refused(lab, &error).map(Err),
        Err(Stumble::World(why)) => Ok(Err(why)),
    }
}

/// What a log-in failed at.
enum Stumble {
    /// A step was refused, or its answer lacks what later ones need.
    Recipe(TargetError),
    /// No answer came, or the database refused.
    World(String),
}

/// Makes the steps of a log-in. What they write is nobody's attack: it belongs to the background.
async fn drive(
    lab: &mut Lab<'_>,
    mut recipe: Recipe,
) -> Result<Result<Session, Stumble>, RunError> {
    lab.world.pace_login().await;
    // What came late of calls before is no doing of the log-in.
    lab.settle().await?;
    let mut answer = None;
    let made = loop {
        let need = match recipe.next(answer.take()) {
            Ok(need) => need,
            Err(error) => break Err(Stumble::Recipe(error)),
        };
        let got = match need {
            Need::Send(wire) => {
                let sent = lab.world.send(&wire).await;
                sent.outcome
                    .map(Answer::Response)
                    .map_err(|e| e.to_string())
            }
            Need::Query(sql) => {
                let value = lab.world.query(&sql).await;
                value.map(Answer::Value).map_err(|e| e.to_string())
            }
            Need::Execute(sql) => {
                let done = lab.world.execute(&sql).await;
                // A key that partywall itself puts there is nothing that happens by itself.
                lab.settle().await?;
                done.map(|()| Answer::Value(None))
                    .map_err(|e| e.to_string())
            }
            Need::Done(session) => break Ok(session),
        };
        match got {
            Ok(got) => answer = Some(got),
            Err(why) => break Err(Stumble::World(why)),
        }
    };
    let changes = lab.settle().await?;
    lab.witnessed |= made.is_ok() && !changes.is_empty();
    for change in changes {
        lab.knowledge.background.learn(&change);
    }
    Ok(made)
}

/// Why an actor cannot log in; an error where the description is to blame, so that nobody could.
fn refused(lab: &Lab<'_>, error: &TargetError) -> Result<String, RunError> {
    let at = match error {
        TargetError::Astray { at, .. } => at,
        TargetError::Placeholder { at, source } if !is_lacking(lab, source) => at,
        _ => return Ok(error.to_string()),
    };
    Err(lab.settings.error_at(at, error.to_string(), None).into())
}

/// Whether only some actors lack what a placeholder stands for: their tenant, or a column that may be empty.
fn is_lacking(lab: &Lab<'_>, error: &PlaceholderError) -> bool {
    let PlaceholderError::Unknown { name, .. } = error else {
        return true;
    };
    let Some(column) = name.strip_prefix("user.") else {
        return name.starts_with("tenant.");
    };
    let users = lab.knowledge.ownership.users;
    let table = users.map(|u| lab.knowledge.schema.table(u));
    column == "role" || table.is_some_and(|t| t.column(column).is_some())
}

/// A failed log-in of everybody who has a password: what it writes (counters, audit rows) is background, too.
pub async fn fail(lab: &mut Lab<'_>) -> Result<(), RunError> {
    let actors: Vec<_> = lab
        .knowledge
        .actors
        .iter()
        .filter(|a| a.fields.contains_key("password"))
        .cloned()
        .collect();
    for mut actor in actors {
        actor
            .fields
            .insert("password".into(), "not-the-password".into());
        let Some(login) = lab.target.login_for(&actor).cloned() else {
            continue;
        };
        let tenant = actor.tenant.as_deref();
        let tenant = tenant.and_then(|key| lab.knowledge.tenant(key)).cloned();
        // Why the target refuses it is what was wanted; what the recipe lacks, the real log-in has told.
        if let Ok(recipe) = Recipe::login(&lab.target, &login, &actor, tenant.as_ref()) {
            let _refused = drive(lab, recipe).await?;
        }
    }
    Ok(())
}
