//! The guard: whether the target bears to be undone. Rows that are taken back behind the back of a target that caches make
//! its answers lie, and what it writes after its answer lands on the next call's account.

use std::collections::BTreeSet;
use std::time::Duration;

use super::baseline::{Baseline, worked};
use super::error::RunError;
use super::lab::Lab;
use super::parting;
use super::witness;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, Response};
use crate::model::rows::{Change, Row, RowRef};
use crate::model::schema::TableId;
use crate::model::tenant::TenantKey;

/// Of how many routes a write is tried, each on other tables.
const WRITES: usize = 6;

/// How many reads are looked at for each.
const READS: usize = 3;

/// How long a lie may last: a cache of seconds costs less than a restart after each change, and what is confirmed is shown on
/// fresh state anyway.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long between two looks at an answer that lies.
const LOOK: Duration = Duration::from_millis(250);

const CACHES: &str = "answers still showed a change that had been taken back: this target caches, so that a new clone and a \
     restart follow each change, which is slow; switch its cache off for the test";

const LATE: &str = "rows changed after a write was answered: each write is given time for that, which is slow; what comes \
     later still would be taken for the next call's doing";

/// Makes own writes, takes them back and repeats the reads that show their tables. The lab does what suits the target from
/// then on; the sentences say why.
pub async fn check(lab: &mut Lab<'_>, baseline: &Baseline) -> Result<Vec<String>, RunError> {
    let mut said = Vec::new();
    let mut tried: BTreeSet<Vec<TableId>> = BTreeSet::new();
    for probe in probes(lab, baseline) {
        if tried.len() >= WRITES || lab.stop.is_cancelled() {
            break;
        }
        if tried.contains(&probe.tables) {
            continue;
        }
        let Some((caches, late)) = one(lab, &probe).await? else {
            continue;
        };
        tried.insert(probe.tables);
        if late && !lab.writes_late {
            lab.writes_late = true;
            said.push(LATE.to_owned());
        }
        if caches {
            lab.only_fresh = true;
            said.push(CACHES.to_owned());
            break;
        }
    }
    Ok(said)
}

/// A write of a tenant's own, and its reads of the tables that it changes.
struct Probe {
    write: Call,
    tables: Vec<TableId>,
    reads: Vec<Call>,
}

fn probes(lab: &Lab<'_>, baseline: &Baseline) -> Vec<Probe> {
    let probe = |(id, working): (_, &super::baseline::Working)| {
        let route = lab.route(id).filter(|r| !r.is_safe())?;
        if working.writes.is_empty() || parting::may_part(&lab.knowledge, route) {
            return None;
        }
        let tables: Vec<TableId> = working.writes.iter().copied().collect();
        let mut tenants = lab.knowledge.tenants.iter().filter(|t| !t.control);
        let (tenant, actor): (&TenantKey, _) =
            tenants.find_map(|t| Some((&t.key, baseline.strongest(lab, id, &t.key)?)))?;
        let write = working.call(&lab.knowledge, route, actor, Some(tenant))?;
        let rows: Vec<RowRef> = write.named.iter().map(|n| n.2.clone()).collect();
        let mut reads = witness::all_calls(lab, baseline, &tables, tenant, &rows);
        // Answers show other tables' rows in passing: what stands at the written row's own address, and above, is meant.
        let apart = |read: &Call| {
            let above = route.template.starts_with(&read.template);
            (read.template != route.template, !above)
        };
        reads.sort_by_key(apart);
        reads.truncate(READS);
        (!reads.is_empty()).then_some(Probe {
            write: write.call,
            tables,
            reads,
        })
    };
    baseline.working.iter().filter_map(probe).collect()
}

/// Whether answers lie for long after a write was taken back, and whether rows changed after it was answered. `None` where
/// nothing was written.
async fn one(lab: &mut Lab<'_>, probe: &Probe) -> Result<Option<(bool, bool)>, RunError> {
    let before = bodies(lab, &probe.reads).await?;
    let steady = bodies(lab, &probe.reads).await?;
    let mut made = lab.perform_own(&probe.write).await?;
    let later = lab.linger().await?;
    let foreign = |c: &Change| !lab.knowledge.background.covers(c);
    let late = later.iter().any(foreign);
    let shows = worked(&made) && made.changes.iter().any(foreign);
    made.changes.extend(later);
    let changed = bodies(lab, &probe.reads).await?;
    lab.undo(&made.changes).await?;
    if !shows {
        return Ok(None);
    }
    let words = Words::of(&made.changes);
    let begun = tokio::time::Instant::now();
    loop {
        let after = bodies(lab, &probe.reads).await?;
        let mut looks = before.iter().zip(&steady).zip(&changed).zip(&after);
        if !looks.any(|(((b, s), c), a)| words.still_show([b, s], c, a)) {
            return Ok(Some((false, late)));
        }
        if begun.elapsed() > PATIENCE {
            return Ok(Some((true, late)));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What reads answer, in text.
async fn bodies(lab: &mut Lab<'_>, reads: &[Call]) -> Result<Vec<String>, RunError> {
    debug_assert!(reads.iter().all(Call::is_safe));
    let exchanges = lab.perform_own_reads(reads).await?;
    let text = |e: &Exchange| e.response().map(Response::text).unwrap_or_default();
    let texts = exchanges.iter().map(text).collect();
    for exchange in &exchanges {
        lab.undo(&exchange.changes).await?;
    }
    Ok(texts)
}

/// Values that a write put into rows, and those that it took out of them.
#[derive(Debug, Default)]
struct Words {
    came: BTreeSet<String>,
    went: BTreeSet<String>,
}

/// Shorter values stand anywhere.
const TELLING: usize = 6;

impl Words {
    fn of(changes: &[Change]) -> Self {
        let all = |image: &dyn Fn(&Change) -> Option<Vec<String>>| -> BTreeSet<String> {
            changes.iter().filter_map(image).flatten().collect()
        };
        let words = |row: &Option<Row>| -> Option<Vec<String>> {
            let values = row.as_ref()?.iter().flatten();
            let telling = values.filter(|v| v.len() >= TELLING);
            Some(telling.map(ToString::to_string).collect())
        };
        let (new, old) = (all(&|c| words(&c.new)), all(&|c| words(&c.old)));
        Self {
            came: new.difference(&old).cloned().collect(),
            went: old.difference(&new).cloned().collect(),
        }
    }

    /// Whether an answer shows after the undoing what the write had made of it, two answers before it being given.
    fn still_show(&self, before: [&str; 2], changed: &str, after: &str) -> bool {
        let [first, second] = before;
        if first == second && changed == after && after != first {
            return true;
        }
        let stood = |w: &&String| first.contains(w.as_str()) && second.contains(w.as_str());
        let never = |w: &&String| !first.contains(w.as_str()) && !second.contains(w.as_str());
        let stayed = self.came.iter().filter(never);
        let missing = self.went.iter().filter(stood);
        stayed
            .into_iter()
            .any(|w| changed.contains(w.as_str()) && after.contains(w.as_str()))
            || missing
                .into_iter()
                .any(|w| !changed.contains(w.as_str()) && !after.contains(w.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(came: &[&str], went: &[&str]) -> Words {
        let all = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        Words {
            came: all(came),
            went: all(went),
        }
    }

    #[test]
    fn an_answer_that_keeps_an_undone_change_lies() {
        let w = words(&["new title"], &["old title"]);
        let (old, new) = ("t=1 old title", "t=2 new title");
        assert!(w.still_show([old, "t=3 old title"], new, "t=4 new title"));
        assert!(w.still_show([old, "t=3 old title"], new, "t=4 nothing"));
        assert!(!w.still_show([old, "t=3 old title"], new, "t=4 old title"));
    }

    #[test]
    fn a_count_that_stays_wrong_lies_and_one_that_differs_each_time_does_not() {
        let w = words(&[], &[]);
        assert!(w.still_show(["total: 5", "total: 5"], "total: 6", "total: 6"));
        assert!(!w.still_show(["total: 5", "total: 5"], "total: 6", "total: 5"));
        assert!(!w.still_show(["nonce: 1", "nonce: 2"], "nonce: 3", "nonce: 3"));
    }
}
