//! The kill table: what became of each defect planted alone, and of each oddity.

use std::collections::BTreeSet;

/// What a row of the kill table is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Planted {
    /// A defect: it must be found.
    Fault,
    /// Odd but correct behaviour, or nothing at all: nothing may be found.
    Quirk,
}

/// Which oracle speaks, and which attack shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catch {
    /// The oracle's id.
    pub oracle: String,
    /// The attack's id.
    pub attack: String,
}

/// All that noticed something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noticed {
    /// Ids of attacks, in order.
    pub attacks: BTreeSet<String>,
    /// Ids of oracles, in order.
    pub oracles: BTreeSet<String>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What was planted.
    pub planted: Planted,
    /// Its name.
    pub name: String,
    /// What the defect lets an attacker do; empty for oddities.
    pub class: String,
    /// The entry of the collection of real leaks that it is grounded in.
    pub leak: Option<String>,
    /// Who is expected to catch it; nobody, for oddities.
    pub expected: Option<Catch>,
    /// Who caught it: the confirmed finding of the expected oracle, the one that the expected attack shows first.
    pub found: Option<Catch>,
    /// Further attacks that show that finding.
    pub also: Vec<String>,
    /// All attacks and oracles that found anything: without those, it would not have been noticed.
    pub by: Noticed,
    /// How many calls the sweep had made when it was first seen; set-up, baseline and confirmation left out.
    pub first_seen: Option<usize>,
    /// Findings in all, suspected ones included.
    pub findings: usize,
    /// Calls in all.
    pub calls: usize,
    /// Why the row is not as it must be.
    pub problem: Option<String>,
}

impl Row {
    /// What is another than it was when somebody else, or nobody, caught it; `None` where oracle and attack are the same.
    pub fn differs_from(&self, before: Option<&Catch>) -> Option<String> {
        let told = |found: Option<&Catch>| {
            found.map_or_else(
                || "not found".to_owned(),
                |catch| format!("found by {} ({})", catch.attack, catch.oracle),
            )
        };
        let (now, then) = (told(self.found.as_ref()), told(before));
        (now != then).then(|| format!("{now}, and was {then}"))
    }
}

/// Those of `all` without which every fault would be found just the same: what one row is noticed by alone is needed.
pub fn needless<'a>(
    rows: &[Row],
    all: impl Iterator<Item = &'a str>,
    of: impl Fn(&Noticed) -> &BTreeSet<String>,
) -> Vec<&'a str> {
    let faults = rows.iter().filter(|row| row.planted == Planted::Fault);
    let alone = faults.map(|row| of(&row.by)).filter(|by| by.len() == 1);
    let needed: BTreeSet<&str> = alone.flatten().map(String::as_str).collect();
    all.filter(|id| !needed.contains(id)).collect()
}

/// The middle of how many calls had been made when each fault was first seen.
pub fn median_first_seen(rows: &[Row]) -> Option<usize> {
    let mut seen: Vec<usize> = rows.iter().filter_map(|row| row.first_seen).collect();
    seen.sort_unstable();
    seen.get(seen.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(attack: Option<&str>, first_seen: Option<usize>) -> Row {
        Row {
            planted: Planted::Fault,
            name: "a-fault".into(),
            class: String::new(),
            leak: None,
            expected: None,
            found: attack.map(|attack| Catch {
                oracle: "leak".into(),
                attack: attack.into(),
            }),
            also: Vec::new(),
            by: Noticed {
                attacks: attack.into_iter().map(str::to_owned).collect(),
                oracles: BTreeSet::new(),
            },
            first_seen,
            findings: 1,
            calls: 10,
            problem: None,
        }
    }

    #[test]
    fn a_row_differs_by_who_found_it_alone() {
        let kept = row(Some("id.path"), Some(7)).found;
        assert_eq!(
            row(Some("id.path"), Some(9)).differs_from(kept.as_ref()),
            None
        );
        let other = row(Some("id.query"), Some(7)).differs_from(kept.as_ref());
        let said = "found by id.query (leak), and was found by id.path (leak)";
        assert_eq!(other.as_deref(), Some(said));
        let lost = row(None, None).differs_from(kept.as_ref());
        assert!(lost.is_some_and(|said| said.contains("not found")));
    }

    #[test]
    fn what_no_row_is_noticed_by_alone_is_needless() {
        let mut both = row(Some("id.query"), None);
        both.by.attacks.insert("id.path".into());
        let rows = [row(Some("id.path"), None), both];
        let all = ["id.path", "id.query", "id.body"].into_iter();
        assert_eq!(
            needless(&rows, all, |by| &by.attacks),
            ["id.query", "id.body"]
        );
    }

    #[test]
    fn the_median_is_of_those_that_were_seen() {
        let rows = [
            row(None, Some(30)),
            row(None, None),
            row(None, Some(10)),
            row(None, Some(20)),
        ];
        assert_eq!(median_first_seen(&rows), Some(20));
        assert_eq!(median_first_seen(&[]), None);
    }
}
