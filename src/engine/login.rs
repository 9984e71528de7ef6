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
    let fits = |roles: &[String]| {
        roles.is_empty() || who.role.as_ref().is_some_and(|role| roles.contains(role))
    };
    let Some(login) = lab
        .target
        .description
        .login
        .iter()
        .find(|l| fits(&l.roles))
        .cloned()
    else {
        return Ok(Err(format!(
            "no [[login]] fits the role {}",
            who.role.as_deref().unwrap_or("(none)")
        )));
    };
    let mut recipe = match Recipe::login(&lab.target, &login, &who, tenant.as_ref()) {
        Ok(recipe) => recipe,
        Err(error) => return refused(lab, &error).map(Err),
    };
    lab.world.pace_login().await;
    // What came late of calls before is no doing of the log-in.
    lab.settle().await?;
    let mut answer = None;
    loop {
        let need = match recipe.next(answer.take()) {
            Ok(need) => need,
            Err(error) => return refused(lab, &error).map(Err),
        };
        match need {
            Need::Send(wire) => match lab.world.send(&wire).await.outcome {
                Ok(response) => answer = Some(Answer::Response(response)),
                Err(failure) => return Ok(Err(failure.to_string())),
            },
            Need::Query(sql) => match lab.world.query(&sql).await {
                Ok(value) => answer = Some(Answer::Value(value)),
                Err(error) => return Ok(Err(error.to_string())),
            },
            Need::Execute(sql) => match lab.world.execute(&sql).await {
                Ok(()) => {
                    // A key that partywall itself puts there is nothing that happens by itself.
                    lab.settle().await?;
                    answer = Some(Answer::Value(None));
                }
                Err(error) => return Ok(Err(error.to_string())),
            },
            Need::Done(session) => {
                // What the log-in wrote is nobody's attack: it belongs to the background.
                let changes = lab.settle().await?;
                lab.witnessed |= !changes.is_empty();
                for change in changes {
                    lab.knowledge.background.learn(&change);
                }
                return Ok(Ok(session));
            }
        }
    }
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
        let Some(login) = lab.target.description.login.first().cloned() else {
            return Ok(());
        };
        let tenant = actor
            .tenant
            .as_deref()
            .and_then(|key| lab.knowledge.tenant(key))
            .cloned();
        let Ok(mut recipe) = Recipe::login(&lab.target, &login, &actor, tenant.as_ref()) else {
            continue;
        };
        lab.world.pace_login().await;
        // One call is enough: the wrong password is refused there.
        if let Ok(Need::Send(wire)) = recipe.next(None) {
            lab.world.send(&wire).await.outcome.ok();
        }
        for change in lab.settle().await? {
            lab.knowledge.background.learn(&change);
        }
    }
    Ok(())
}
