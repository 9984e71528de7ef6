//! Who brings what a slot asks for: by the column that it is bound to, or by what values of answers are called.

use std::collections::BTreeSet;

use super::board::{Move, Opening, Provider};
use crate::engine::baseline::Baseline;
use crate::engine::bind::{last_static_segment, prefix_of};
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::engine::names::{likeness, stem, words};
use crate::model::call::SlotRef;
use crate::model::link::Origin;
use crate::model::route::{Place, Route, RouteId};
use crate::model::schema::ColumnRef;
use crate::oracle::leaves::{Leaf, scalars};

/// So many single values of an answer are looked at.
const LEAVES: usize = 60;

/// So many providers of an opening are kept.
const PROVIDERS: usize = 4;

/// A value longer than that names nothing.
const LONGEST: usize = 100;

/// The least that speaks for an answer's value to fit an opening by names.
const FITS: u32 = 4;

/// What a legitimate call of each move was answered, single value by single value.
pub async fn answers(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    moves: &[Move],
) -> Result<Vec<Vec<Leaf>>, RunError> {
    let mut all = Vec::with_capacity(moves.len());
    for made in moves {
        let call = made.calls.values().flatten().next();
        let works = baseline.working.contains_key(&made.route);
        let Some(call) = call.filter(|_| works) else {
            all.push(Vec::new());
            continue;
        };
        let exchange = lab.perform_own(call).await?;
        lab.undo(&exchange.changes).await?;
        let response = exchange.response().filter(|r| r.is_success());
        let mut places = BTreeSet::new();
        let single = response.map(scalars).unwrap_or_default().into_iter();
        let telling = single.filter(|leaf| {
            (1..=LONGEST).contains(&leaf.text.len())
                && (leaf.at.starts_with('/') || leaf.at == "header location")
                && places.insert(leaf.place.clone())
        });
        all.push(telling.take(LEAVES).collect());
    }
    Ok(all)
}

/// Moves that insert rows whose column fits, and those that name such a row themselves.
pub fn by_column(
    lab: &Lab<'_>,
    baseline: &Baseline,
    moves: &[Move],
    bound: &[Vec<(SlotRef, ColumnRef)>],
    column: ColumnRef,
) -> Vec<Provider> {
    let table = lab.knowledge.schema.table(column.table);
    let mut makes = Vec::new();
    let mut names = Vec::new();
    for (of, made) in moves.iter().enumerate() {
        let working = baseline.working.get(&made.route);
        let inserts = made.route.0.starts_with("POST ")
            && working.is_some_and(|w| w.writes.contains(&column.table));
        if inserts {
            makes.push(Provider {
                of,
                origin: Origin::Row {
                    table: table.to_string(),
                    column: table.columns[column.column].name.clone(),
                },
            });
        }
        let same = bound[of].iter().filter(|(_, c)| *c == column);
        if !made.safe {
            names.extend(same.map(|(slot, _)| Provider {
                of,
                origin: Origin::Sent(slot.clone()),
            }));
        }
    }
    makes.extend(names);
    makes
}

/// Moves whose answers hold a value that fits by what it is called, and by where it comes from.
pub fn by_name(
    route: &Route,
    opening: &Opening,
    moves: &[Move],
    answers: &[Vec<Leaf>],
) -> Vec<Provider> {
    let mut found: Vec<(u32, Provider)> = Vec::new();
    for (of, leaves) in answers.iter().enumerate() {
        let provider = &moves[of];
        if provider.safe && !opening.needed {
            // What a list shows of rows stands in the database already.
            continue;
        }
        let best = leaves
            .iter()
            .map(|leaf| (fitting(route, &opening.slot, &provider.route, leaf), leaf))
            .max_by_key(|(score, _)| *score)
            .filter(|(score, _)| *score >= FITS);
        found.extend(best.map(|(score, leaf)| {
            let origin = Origin::Answer(leaf.at.clone());
            (score + u32::from(!provider.safe), Provider { of, origin })
        }));
    }
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.truncate(PROVIDERS);
    found.into_iter().map(|(_, provider)| provider).collect()
}

/// How much speaks for a value of an answer being what a slot asks for.
fn fitting(route: &Route, slot: &SlotRef, provider: &RouteId, leaf: &Leaf) -> u32 {
    let path = provider.0.split_once(' ').map_or("", |(_, path)| path);
    let (wanted, called) = (words(&slot.name), leaf.names.last().map(|n| words(n)));
    let called = called.unwrap_or_default();
    if called.is_empty() {
        return 0;
    }
    let from = words(last_static_segment(path));
    let above = match slot.place {
        Place::Path => prefix_of(&route.template, &slot.name),
        _ => String::new(),
    };
    let list = !above.is_empty() && path.trim_end_matches('/') == above.trim_end_matches('/');
    let about = stem(&slot.name);
    let kin = likeness(&from, &about).max(likeness(&from, &words(last_static_segment(&above))));
    let name = if called == wanted {
        3
    } else if called == ["id"] || called == ["key"] || called == ["uuid"] {
        2
    } else if !about.is_empty() && likeness(&called, &about) >= 2 {
        1
    } else {
        return 0;
    };
    name + if list { 4 } else { kin.min(2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(name: &str) -> Leaf {
        Leaf {
            at: format!("/{name}"),
            place: format!("/{name}"),
            names: vec![name.to_owned()],
            text: "7".to_owned(),
        }
    }

    fn fits(template: &str, slot: &str, provider: &str, name: &str) -> bool {
        let route = Route::new("GET", template);
        let slot = SlotRef {
            place: Place::Path,
            name: slot.to_owned(),
        };
        fitting(&route, &slot, &RouteId(provider.to_owned()), &leaf(name)) >= FITS
    }

    #[test]
    fn what_a_route_makes_fits_what_stands_below_it() {
        assert!(fits("/jobs/{jobId}/file", "jobId", "POST /jobs", "id"));
        assert!(fits(
            "/links/{code}",
            "code",
            "POST /items/{id}/link",
            "code"
        ));
        assert!(fits(
            "/bin/{binId}/restore",
            "binId",
            "POST /tasks/{id}/bin",
            "id"
        ));
    }

    #[test]
    fn what_is_called_otherwise_or_comes_from_elsewhere_does_not() {
        assert!(!fits("/jobs/{jobId}/file", "jobId", "POST /jobs", "status"));
        assert!(!fits("/jobs/{jobId}/file", "jobId", "POST /tasks", "id"));
        assert!(!fits("/links/{code}", "code", "POST /coupons", "code"));
    }
}
