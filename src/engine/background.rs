//! What the target does by itself: what happens when nothing is called, when nobody calls, when somebody logs in or is refused.

use std::collections::BTreeSet;

use super::error::RunError;
use super::lab::Lab;
use crate::model::call::{Call, Tampering};
use crate::model::route::{Place, Route};
use crate::model::rows::Operation;
use crate::model::tenant::{Actor, ActorId, Standing, TenantKey};

/// What happens by itself: nothing called, anonymous calls, everybody's log-in.
pub async fn learn_background(lab: &mut Lab<'_>) -> Result<(), RunError> {
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    learn(lab).await?;
    let actors: Vec<(ActorId, Option<TenantKey>)> = lab
        .knowledge
        .actors
        .iter()
        .map(|a| (a.id.clone(), a.tenant.clone()))
        .collect();
    for (actor, tenant) in actors {
        lab.session(&actor, tenant).await?;
    }
    super::login::fail(lab).await?;
    let tenants: Vec<TenantKey> = lab
        .knowledge
        .tenants
        .iter()
        .map(|t| t.key.clone())
        .collect();
    let reads: Vec<Route> = lab
        .routes
        .iter()
        .filter(|r| r.is_safe() && r.skipped.is_none())
        .take(12)
        .cloned()
        .collect();
    learn_refusals(lab, &reads, &tenants).await?;
    for route in &reads {
        for tenant in &tenants {
            let call = bare(lab, route, &ActorId::anonymous(), Some(tenant));
            lab.perform(&call)
                .await?
                .changes
                .iter()
                .for_each(|c| lab.knowledge.background.learn(c));
        }
    }
    learn(lab).await
}

/// What is noted down about reads that were refused: rows that such a read inserts, and nothing else of it.
async fn learn_refusals(
    lab: &mut Lab<'_>,
    reads: &[Route],
    tenants: &[TenantKey],
) -> Result<(), RunError> {
    let strangers =
        |a: &&Actor| a.standing != Standing::Anonymous && !lab.locked_out.contains_key(&a.id);
    let mut callers: Vec<Actor> = lab
        .knowledge
        .actors
        .iter()
        .filter(strangers)
        .cloned()
        .collect();
    // One of each standing is enough, whoever belongs nowhere among them.
    let mut seen = BTreeSet::new();
    callers.retain(|a| seen.insert(format!("{:?}", a.standing)));
    for caller in &callers {
        let others: Vec<&TenantKey> = tenants.iter().filter(|t| !caller.belongs_to(t)).collect();
        for route in reads.iter().take(3) {
            for tenant in &others {
                let call = bare(lab, route, &caller.id, Some(tenant));
                let exchange = lab.perform(&call).await?;
                if exchange
                    .response()
                    .is_some_and(|r| (400..500).contains(&r.status))
                {
                    let noted = exchange
                        .changes
                        .iter()
                        .filter(|c| c.operation == Operation::Insert);
                    noted.for_each(|c| lab.knowledge.background.learn(c));
                }
            }
        }
    }
    Ok(())
}

async fn learn(lab: &mut Lab<'_>) -> Result<(), RunError> {
    for change in lab.settle().await? {
        lab.knowledge.background.learn(&change);
    }
    Ok(())
}

/// A call of a tenant with nothing in it; other parameters hold a word that names nothing.
pub fn bare(lab: &Lab<'_>, route: &Route, actor: &ActorId, tenant: Option<&TenantKey>) -> Call {
    let address = lab.facts.tenant_in_path.as_deref();
    Call {
        route: route.id.clone(),
        method: route.method.clone(),
        template: route.template.clone(),
        actor: actor.clone(),
        tenant: tenant.cloned(),
        path: route
            .parameters_in(Place::Path)
            .filter(|p| Some(p.name.as_str()) != address)
            .map(|p| (p.name.clone(), "0".to_owned()))
            .collect(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        tampering: Tampering::default(),
    }
}
