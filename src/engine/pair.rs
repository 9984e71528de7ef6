//! Proof of the pair: the target works on the very database that is watched. Nothing that may destroy something is called
//! before it.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::baseline::hash;
use super::error::RunError;
use super::lab::Lab;
use super::substitute::{replacement, shows_token};
use crate::model::call::Call;

/// How many reads are tried.
const READS: usize = 6;

/// How many writes may succeed without a row change where nothing else speaks against the pair: log-outs and previews do.
const SILENT: usize = 3;

/// What speaks for and against target and database belonging together, before a row change shows it.
#[derive(Debug, Default)]
pub struct Pair {
    /// Reads whose answers held values of the watched database.
    pub telling: Vec<Call>,
    /// Such reads whose answers did not follow when the database was given another value.
    deaf: usize,
    /// Writes that were answered with success, and that no row change came of.
    silent: usize,
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

    /// Notes a write that succeeded; too many without a row change, and the target writes elsewhere.
    pub fn wrote(&mut self, lab: &Lab<'_>, call: &Call) -> Result<(), RunError> {
        if lab.witnessed {
            return Ok(());
        }
        self.silent += 1;
        if self.silent < SILENT && self.deaf == 0 {
            return Ok(());
        }
        let reads = match self.deaf {
            0 => "",
            _ => ", and answers did not follow when values in it were changed",
        };
        Err(RunError::Pair(format!(
            "{} was answered with success, but no row changed in the watched database{reads}; does the target connect to the \
             database that `{{database.app.url}}` names, or to a copy of it?",
            call.route
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
    let values: Vec<_> = hits
        .into_iter()
        .flat_map(|hit| hit.provenance.to_vec())
        .collect();
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
        lab.undo(&changes).await?;
        return Ok(Some(
            again.response().is_some_and(|r| shows_token(r, &token)),
        ));
    }
    Ok(None)
}
