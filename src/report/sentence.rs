//! What happened, said in a sentence; and the facts behind it.

mod moved;

use crate::model::finding::{Finding, Sink};
use crate::model::observed::Sighting;
use crate::model::ownership::Owners;
use crate::model::route::RouteId;
use crate::model::rows::{Operation, RowRef};
use crate::model::secret::MASK;
use crate::model::verdict::{Crossing, Provenance, Severity};

use super::names::Names;
use super::text;

/// The longest leaked value that is shown in full.
const VALUE: usize = 48;

/// More tables than these are counted.
const TABLES: usize = 3;

/// Where it shows, with how many further routes.
pub fn place(finding: &Finding) -> String {
    match &finding.sink {
        Sink::Route(route) => {
            let others = finding.routes.iter().filter(|r| *r != route).count();
            if others == 0 {
                route.to_string()
            } else {
                format!("{route} (and on {} more)", text::count(others, "route"))
            }
        }
        Sink::AllRoutes => {
            let first = finding.routes.first().map(ToString::to_string);
            format!(
                "many routes: seen on {}{}",
                text::count(finding.routes.len(), "route"),
                first.map_or_else(String::new, |route| format!(", first on {route}"))
            )
        }
    }
}

/// What another oracle saw of the same defect, with the first route, or with all.
pub fn beside(oracle: &str, routes: &[RouteId], all: bool) -> String {
    let saw = match oracle {
        "write" => "rows of other tenants were changed",
        "leak" => "values of other tenants' rows were read",
        "reference" => "rows were made to point to other tenants' rows",
        "existence" => "ids of other tenants could be told from missing ones",
        "own-data" => "others were kept from their own data",
        _ => "it showed",
    };
    let told = if all { routes.len() } else { 1 };
    let names: Vec<String> = routes.iter().take(told).map(ToString::to_string).collect();
    let rest = routes.len().saturating_sub(told);
    let more = if rest == 0 {
        String::new()
    } else {
        format!(" and {} more", text::count(rest, "route"))
    };
    format!("{saw} on {}{more} (oracle {oracle})", text::list(&names))
}

/// What happened, in one sentence without its full stop.
pub fn headline(finding: &Finding, names: &Names<'_>) -> String {
    let who = &attacker(finding, names);
    let victim = finding
        .evidence
        .victim
        .as_ref()
        .map_or_else(|| "another tenant".to_owned(), |key| names.tenant(key));
    match &finding.evidence.crossing {
        Crossing::Leaked { values, strong, .. } => leaked(who, values, *strong, names),
        Crossing::Observed { values, .. } => observed(who, &victim, values),
        Crossing::Wrote {
            operation,
            row,
            columns,
            before,
            after,
        } => {
            let what = names.row(row);
            match operation {
                Operation::Insert => {
                    format!("{who} planted {what} among {} rows", names.whose(after))
                }
                Operation::Delete => format!("{who} deleted {} {what}", names.whose(before)),
                Operation::Truncate => {
                    format!("{who} emptied the whole table {}", names.table(row))
                }
                Operation::Update if before == after || after.is_global() => {
                    format!(
                        "{who} changed {} of {} {what}",
                        text::list(columns),
                        names.whose(before)
                    )
                }
                Operation::Update => format!(
                    "{who} made {} {what} {}",
                    names.whose(before),
                    names.whose(after)
                ),
            }
        }
        Crossing::Referenced {
            from,
            column,
            to,
            owners,
            ..
        } => format!(
            "{who} made {column} of {} point to {} {}",
            names.row(from),
            names.whose(owners),
            names.row(to)
        ),
        Crossing::Detected { .. } if finding.evidence.severity >= Severity::High => {
            format!("{who} is served on ids of {victim} as on its own")
        }
        Crossing::Detected { .. } => {
            format!("{who} can tell which ids of {victim} exist")
        }
        Crossing::Moved {
            at,
            with,
            without,
            rows,
            owners,
        } => {
            let what = rows_of(rows, owners, names);
            match moved::rise(with.as_deref(), without.as_deref()) {
                Some(rise) => format!("{at} {rise} for {who} with {what}"),
                None => format!("{who} is told of {what} by {at}"),
            }
        }
        Crossing::Blocked { .. } => format!("{who} kept {victim} from its own data"),
        Crossing::Cacheable { .. } => {
            format!("shared caches may keep what {who} is shown of its own, and hand it to others")
        }
        Crossing::Broke { promise, .. } => {
            format!("a promise of the description was not kept for {who}: {promise}")
        }
    }
}

/// The attacker; that it was a member of the victim before, where that is so.
fn attacker(finding: &Finding, names: &Names<'_>) -> String {
    let history = &finding.history;
    let who = history.attacker.to_string();
    let left = finding.evidence.victim.as_ref().filter(|victim| {
        let home = format!("{}.", names.tenant(victim));
        who.starts_with(&home) && !history.attacker_tenants.contains(*victim)
    });
    match left {
        Some(_) => format!("{who}, a member no more,"),
        None => who,
    }
}

fn leaked(who: &str, values: &[Provenance], strong: bool, names: &Names<'_>) -> String {
    let Some(first) = values.first() else {
        return format!("{who} received foreign data");
    };
    let whose = names.whose(&first.owners);
    let row = names.row(&first.row);
    if !strong {
        let columns: Vec<String> = values
            .iter()
            .map(|value| names.column(&value.row, value.column))
            .collect();
        return format!(
            "{who} received {} values that coincide in {whose} {row}: {}",
            values.len(),
            text::list(&columns)
        );
    }
    let more = match values.len() {
        0 | 1 => String::new(),
        n => format!(", and {}", text::count(n - 1, "further value")),
    };
    format!(
        "{who} read {} of {whose} {row}{more}",
        names.column(&first.row, first.column)
    )
}

fn observed(who: &str, victim: &str, values: &[Sighting]) -> String {
    let more = match values.len() {
        0 | 1 => String::new(),
        n => format!(", and {}", text::count(n - 1, "further value")),
    };
    let what = match values.first().and_then(|seen| seen.source.route()) {
        Some(route) => format!("what {route} shows {victim} alone"),
        None => format!("a credential of {victim}"),
    };
    format!("{who} read {what}{more}")
}

/// The facts behind the headline, by label.
pub fn facts(finding: &Finding, names: &Names<'_>) -> Vec<(&'static str, String)> {
    match &finding.evidence.crossing {
        Crossing::Leaked { values, strong, at } => values
            .iter()
            .enumerate()
            .map(|(nth, value)| {
                // The place is the first value's; a record is all its values'.
                let at = (nth == 0 || !strong).then_some(at.as_str());
                ("leaked", provenance(value, at, names))
            })
            .collect(),
        Crossing::Observed { values, at } => values
            .iter()
            .enumerate()
            .map(|(nth, seen)| ("leaked", sighting(seen, (nth == 0).then_some(at.as_str()))))
            .collect(),
        Crossing::Wrote {
            operation,
            row,
            columns,
            before,
            after,
        } => {
            let mut facts = vec![("row", format!("{} ({})", names.row(row), done(*operation)))];
            if !columns.is_empty() {
                facts.push(("columns", text::list(columns)));
            }
            facts.push((
                "owner",
                transfer(&names.owners(before), &names.owners(after)),
            ));
            facts
        }
        Crossing::Referenced {
            from,
            column,
            to,
            owners,
            declared,
        } => vec![
            ("from", format!("{}, column {column}", names.row(from))),
            (
                "to",
                format!(
                    "{}, owned by {}",
                    names.row(to),
                    text::list(&names.owners(owners))
                ),
            ),
            (
                "key",
                if *declared {
                    "a declared foreign key".to_owned()
                } else {
                    "no declared foreign key: learnt from the column's values, so look twice"
                        .to_owned()
                },
            ),
        ],
        Crossing::Detected {
            difference,
            guessable,
        } => vec![
            ("told by", difference.clone()),
            (
                "ids",
                if *guessable {
                    "can be guessed".to_owned()
                } else {
                    "cannot be guessed, so this by itself gives little away".to_owned()
                },
            ),
        ],
        Crossing::Moved {
            at,
            with,
            without,
            rows,
            owners,
        } => moved::facts(
            finding,
            at,
            (with, without),
            &rows_of(rows, owners, names),
            rows.len(),
        ),
        Crossing::Blocked { sentence } => vec![("blocked", sentence.clone())],
        Crossing::Cacheable { header, value, at } => vec![
            ("said", header.clone()),
            ("own data", provenance(value, Some(at), names)),
        ],
        Crossing::Broke { instead, .. } => vec![("instead", instead.clone())],
    }
}

/// `globex's Task id=7`; `48 rows of globex's and initech's Task`.
fn rows_of(rows: &[RowRef], owners: &Owners, names: &Names<'_>) -> String {
    let whose = names.whose(owners);
    let [row] = rows else {
        let mut tables: Vec<String> = rows.iter().map(|r| names.table(r)).collect();
        tables.sort();
        tables.dedup();
        let tables = if tables.len() > TABLES {
            text::count(tables.len(), "table")
        } else {
            text::list(&tables)
        };
        return format!("{} of {whose} {tables}", text::count(rows.len(), "row"));
    };
    format!("{whose} {}", names.row(row))
}

/// `"x7k2…" at /link stands in no row; acme.admin was shown it first, by GET /export at /link`.
fn sighting(seen: &Sighting, at: Option<&str>) -> String {
    let at = at.map_or_else(String::new, |at| format!(" at {at}"));
    let by = match seen.source.route() {
        Some(route) => format!("by {route} at {}", seen.at),
        None => "by its log-in".to_owned(),
    };
    format!(
        "\"{}\"{at} stands in no row; {} was shown it first, {by}",
        text::shorten(shown(seen), VALUE),
        seen.source.actor(),
    )
}

/// An observed value as it may be shown.
pub fn shown(seen: &Sighting) -> &str {
    if seen.secret { MASK } else { &seen.value }
}

fn provenance(value: &Provenance, at: Option<&str>, names: &Names<'_>) -> String {
    let key = names.key(&value.row);
    let row = if key.is_empty() {
        "a row without a key".to_owned()
    } else {
        let key: Vec<String> = key
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!("row {}", key.join(" "))
    };
    let at = at.map_or_else(String::new, |at| format!(" at {at}"));
    format!(
        "\"{}\"{at} is {} of {row}, owned by {}",
        text::shorten(&value.value, VALUE),
        names.column(&value.row, value.column),
        text::list(&names.owners(&value.owners)),
    )
}

fn done(operation: Operation) -> &'static str {
    match operation {
        Operation::Insert => "inserted",
        Operation::Update => "updated",
        Operation::Delete => "deleted",
        Operation::Truncate => "all rows removed",
    }
}

fn transfer(before: &[String], after: &[String]) -> String {
    let said = |owners: &[String]| {
        if owners.is_empty() {
            "nobody".to_owned()
        } else {
            text::list(owners)
        }
    };
    if before == after || after.is_empty() {
        said(before)
    } else if before.is_empty() {
        said(after)
    } else {
        format!("{} before, {} now", said(before), said(after))
    }
}
