//! Proof of the pair: the target works on the very database that is watched. Nothing that may destroy something is called
//! before it.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::baseline::hash;
use super::error::RunError;
use super::lab::Lab;
use super::parting;
use super::substitute::{replacement, shows_token};
use crate::model::call::Call;
use crate::model::route::{BodySchema, Route, RouteId};

/// How many reads are tried.
const READS: usize = 6;

/// How many values of one answer are changed.
const VALUES: usize = 3;

/// How many calls that create something may succeed without a row change: searches and previews do, too.
const SILENT: usize = 3;

/// What speaks for and against target and database belonging together, before a row change shows it.
#[derive(Debug, Clone, Default)]
pub struct Pair {
    /// Reads whose answers held values of the watched database.
    pub telling: Vec<Call>,
    /// Such reads whose answers did not follow when the database was given another value.
    deaf: usize,
    /// Writes that were answered with success, and that no row change came of.
    silent: Vec<RouteId>,
}

impl Pair {
    /// Tries to show it by reads, where no call has changed a row yet: a value is changed in the database, and the answer
    /// follows it.
    pub async fn prove(&mut self, lab: &mut Lab<'_>) -> Result<(), RunError> {
        self.telling.truncate(READS);
        for call in std::mem::take(&mut self.telling) {
            if lab.witnessed {
                return Ok(());
            }
            match follows(lab, &call).await? {
                Some(true) => lab.witnessed = true,
                Some(false) => self.deaf += 1,
                None => {}
            }
        }
        Ok(())
    }

    /// Notes a write that succeeded; too many without a row change, and the target writes elsewhere. Log-ins and log-outs
    /// may leave no row behind.
    pub fn wrote(&mut self, lab: &Lab<'_>, route: &Route) -> Result<(), RunError> {
        if lab.witnessed
            || parting::ends_session(route)
            || route.body.as_ref().is_some_and(asks_password)
        {
            return Ok(());
        }
        self.silent.push(route.id.clone());
        if self.silent.len() < SILENT {
            return Ok(());
        }
        self.refuse()
    }

    /// Whether a route may be called that changes or deletes what is there: not while others have written in vain.
    pub fn may_destroy(&self, lab: &Lab<'_>, route: &Route) -> Result<(), RunError> {
        if lab.witnessed || route.is_safe() || route.method == "POST" || self.silent.is_empty() {
            return Ok(());
        }
        self.refuse()
    }

    fn refuse(&self) -> Result<(), RunError> {
        let routes: Vec<&str> = self.silent.iter().map(|r| r.0.as_str()).collect();
        let reads = match self.deaf {
            0 => "",
            _ => ", and answers did not follow when values in it were changed",
        };
        Err(RunError::Pair(format!(
            "no row changed in the watched database although calls succeeded that should change some ({}){reads}; does the \
             target connect to the database that `{{database.app.url}}` names, or to a copy of it?",
            routes.join(", ")
        )))
    }

    /// The sentence for a target that was never seen to write, and whose answers do not follow the database.
    pub fn doubt(&self, lab: &Lab<'_>) -> Option<String> {
        (!lab.witnessed && self.deaf > 0).then(|| {
            "no call changed a row, and answers did not follow when values were changed in the database: the target may work \
             on another one, or keep what it read"
                .to_owned()
        })
    }
}

/// Whether the answer to a read follows a value that is changed in the database; `None` where there is none to change.
async fn follows(lab: &mut Lab<'_>, call: &Call) -> Result<Option<bool>, RunError> {
    let exchange = lab.perform_own(call).await?;
    let Some(response) = exchange.response() else {
        return Ok(None);
    };
    let hits = lab.knowledge.canaries.scan(&response.body);
    // Of a value that stands in several rows nobody knows which the answer shows.
    let values: Vec<_> = hits
        .into_iter()
        .filter(|hit| hit.provenance.len() == 1)
        .flat_map(|hit| hit.provenance.to_vec())
        .collect();
    let mut tried = 0;
    let mut rng = ChaCha8Rng::seed_from_u64(lab.settings.seed ^ hash(&call.route.0));
    for value in values {
        let Some((sql, token)) = replacement(lab, &value, &mut rng) else {
            continue;
        };
        if lab.world.execute(&sql).await.is_err() {
            continue;
        }
        let changes = lab.settle().await?;
        let again = lab.perform_own(call).await?;
        // Ours, whatever the target changes there by itself.
        lab.restore(&changes).await?;
        if again.response().is_some_and(|r| shows_token(r, &token)) {
            return Ok(Some(true));
        }
        tried += 1;
        if tried == VALUES {
            break;
        }
    }
    Ok((tried > 0).then_some(false))
}

/// Whether a body has a field for a password.
fn asks_password(body: &BodySchema) -> bool {
    let named = |fields: &serde_json::Value| {
        let fields = fields.as_object();
        fields.is_some_and(|f| {
            f.keys()
                .any(|k| k.to_ascii_lowercase().contains("password"))
        })
    };
    named(&body.schema["properties"]) || body.examples.iter().any(named)
}
