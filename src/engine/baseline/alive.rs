//! Calls that show whether the session of somebody who belongs to no tenant lives.

use super::{Baseline, ordered, own, worked};
use crate::engine::background::bare;
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::model::route::{Place, Route};
use crate::model::tenant::{Actor, ActorId, Standing};

/// How many reads are tried as somebody who belongs nowhere.
const ALIVE_TRIED: usize = 12;

/// Finds a read that works for those who belong nowhere: whoever they are themselves, which tenants there are.
pub(super) async fn learn(lab: &mut Lab<'_>, baseline: &mut Baseline) -> Result<(), RunError> {
    let nowhere = |a: &&Actor| matches!(a.standing, Standing::Homeless | Standing::Ended);
    let actors: Vec<Actor> = lab
        .knowledge
        .actors
        .iter()
        .filter(nowhere)
        .cloned()
        .collect();
    let reads: Vec<Route> = ordered(&lab.routes)
        .into_iter()
        .filter(|r| r.method == "GET" && !r.public && baseline.working.contains_key(&r.id))
        .filter(|r| r.parameters_in(Place::Path).next().is_none())
        .collect();
    for actor in actors {
        if lab.locked_out.contains_key(&actor.id) {
            continue;
        }
        for route in reads.iter().take(ALIVE_TRIED) {
            let call = bare(lab, route, &actor.id, actor.tenant.as_ref());
            let nobody = bare(lab, route, &ActorId::anonymous(), actor.tenant.as_ref());
            // What anybody is answered shows nothing of a session.
            if worked(&own(lab, &call).await?) && !worked(&own(lab, &nobody).await?) {
                baseline.alive.insert(actor.id.clone(), call);
                break;
            }
        }
    }
    Ok(())
}
