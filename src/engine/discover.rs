//! What partywall finds out about a target without attacking it; and the credential of one actor.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::analytics;
use super::baseline;
use super::declared;
use super::error::{RunError, ended};
use super::lab::Lab;
use super::masked::Masked;
use super::open::open;
use super::run::{Clock, secrets, stage};
use crate::model::discovery::Discovery;
use crate::model::event::{Listener, RouteBaseline};
use crate::model::schema::TableId;
use crate::model::tenant::ActorId;
use crate::settings::Settings;
use crate::target::session::Session;

/// Brings the target up, seeds it and calls every route legitimately; attacks nothing.
pub async fn discover(settings: Settings, listener: &dyn Listener) -> Result<Discovery, RunError> {
    let listener = &Masked::new(listener, &settings);
    let mut opened = open(
        &settings,
        listener,
        CancellationToken::new(),
        &mut Clock::default(),
    )
    .await?;
    stage(
        listener,
        "baseline",
        "calling every route as its rightful tenants",
    );
    let established = established(&mut opened.lab).await;
    let found = established
        .map(|(table, aggregates)| {
            let mut found = discovery(&opened.lab, table, opened.warnings);
            found.assumptions.extend(aggregates);
            found
        })
        .map_err(|error| error.masked(&secrets(&opened.lab)));
    ended(found, opened.lab.world.close().await, listener)
}

/// How routes fared, and which of them are taken for aggregates.
async fn established(lab: &mut Lab<'_>) -> Result<(Vec<RouteBaseline>, Option<String>), RunError> {
    let baseline = baseline::establish(lab).await?;
    let found = analytics::aggregates(lab, &baseline).await?;
    let recognised = found.iter().filter(|a| !a.declared);
    let recognised: Vec<String> = recognised.map(|a| a.route.id.to_string()).collect();
    let said = (!recognised.is_empty()).then(|| {
        format!(
            "`partywall snapshot` takes these routes for aggregates, beside those of `analytics.routes`: {}",
            recognised.join(", ")
        )
    });
    Ok((baseline.table, said))
}

fn discovery(lab: &Lab<'_>, routes: Vec<RouteBaseline>, mut warnings: Vec<String>) -> Discovery {
    warnings.extend(declared::never_came(&lab.awaited));
    warnings.extend(
        lab.locked_out
            .iter()
            .map(|(actor, why)| format!("{actor} could not log in: {why}")),
    );
    let knowledge = &lab.knowledge;
    let declared = if lab.settings.description.tenant.address.is_some() {
        "declared"
    } else {
        "detected"
    };
    Discovery {
        target: lab.settings.target_name(),
        world: lab.world.about(),
        addressing: format!("{} ({declared})", lab.target.addressing),
        rows: (0..knowledge.schema.tables.len())
            .map(|t| knowledge.rows.count(TableId(t)))
            .collect(),
        schema: knowledge.schema.clone(),
        ownership: knowledge.ownership.clone(),
        tenants: knowledge.tenants.clone(),
        actors: knowledge.actors.clone(),
        assumptions: assumptions(lab, &routes),
        routes,
        warnings,
        secrets: secrets(lab),
    }
}

/// What a run rests on without a proof.
fn assumptions(lab: &Lab<'_>, routes: &[RouteBaseline]) -> Vec<String> {
    let mut said = Vec::new();
    let global: Vec<String> = lab
        .knowledge
        .schema
        .tables
        .iter()
        .filter(|t| *lab.knowledge.ownership.rule(t.id) == crate::model::ownership::Rule::Global)
        .map(ToString::to_string)
        .collect();
    if !global.is_empty() {
        said.push(format!(
            "rows of these tables belong to nobody, and anybody may see them: {}",
            global.join(", ")
        ));
    }
    for cookie in &lab.facts.tenant_cookies {
        said.push(format!(
            "the cookie `{}` says which tenant a session is in: attacks of the family `cookie` forge it",
            cookie.name
        ));
    }
    let unreached = routes.iter().filter(|r| r.reason.is_some()).count();
    if unreached > 0 {
        said.push(format!(
            "{unreached} of {} routes never worked and will not be attacked",
            routes.len()
        ));
    }
    let public: Vec<String> = lab
        .routes
        .iter()
        .filter(|r| r.public)
        .map(|r| r.id.to_string())
        .collect();
    if !public.is_empty() {
        said.push(format!(
            "anybody may see the answers of {}",
            public.join(", ")
        ));
    }
    said
}

/// The credential that an actor's calls carry, for `curl` lines of reports: the value of `header` without the scheme of
/// `Authorization`; the bearer token, or the only credential, where no header is named.
pub async fn token(
    settings: Settings,
    actor: &ActorId,
    header: Option<&str>,
    listener: &dyn Listener,
) -> Result<String, RunError> {
    let listener = &Masked::new(listener, &settings);
    let mut opened = open(
        &settings,
        listener,
        CancellationToken::new(),
        &mut Clock::default(),
    )
    .await?;
    let credential = credential(&mut opened.lab, actor, header)
        .await
        .map_err(|error| error.masked(&secrets(&opened.lab)));
    ended(credential, opened.lab.world.close().await, listener)
}

async fn credential(
    lab: &mut Lab<'_>,
    actor: &ActorId,
    header: Option<&str>,
) -> Result<String, RunError> {
    let unknown = |lab: &Lab<'_>| RunError::UnknownActor {
        name: actor.to_string(),
        known: lab
            .knowledge
            .actors
            .iter()
            .map(|a| a.id.to_string())
            .collect::<Vec<_>>()
            .join(", "),
    };
    let Some(who) = lab.actor(actor) else {
        return Err(unknown(lab));
    };
    let tenant = who.tenant.clone();
    let session: Option<Arc<Session>> = lab.session(actor, tenant).await?;
    let value =
        session.and_then(|s| header.map_or_else(|| s.credential(), |name| s.credential_in(name)));
    value.ok_or_else(|| {
        let wanted = header.map_or_else(
            || "credential".to_owned(),
            |name| format!("credential in the header {name}"),
        );
        RunError::Baseline(format!(
            "{actor} has no {wanted}: {}",
            lab.locked_out
                .get(actor)
                .map_or("its log-in gives none", String::as_str)
        ))
    })
}
