//! Bodies side by side: lists that come in another order, or hold other rows each time, are brought to what compares.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::model::exchange::Response;

/// What stands for a list that holds other rows each time.
const LENGTH: &str = "number of rows";

/// A body as it is compared.
#[derive(Debug, Clone)]
pub enum Body {
    /// A document.
    Json(Json),
    /// A text.
    Lines(Vec<String>),
    /// A text whose lines are others each time: how many there are.
    Count(usize),
}

impl Body {
    /// The body of an answer.
    pub fn of(response: &Response) -> Self {
        response.json().map_or_else(
            || Self::Lines(response.text().lines().map(str::to_owned).collect()),
            Self::Json,
        )
    }
}

/// Brings bodies to what compares; the first `still` of them should agree.
pub fn settle(bodies: &mut [Body], still: usize) {
    let mut documents: Vec<&mut Json> = Vec::new();
    let mut texts: Vec<&mut Body> = Vec::new();
    let kinds = bodies.iter().map(|b| matches!(b, Body::Json(_)));
    let kinds: Vec<bool> = kinds.collect();
    let alike = kinds.iter().take(still).all(|json| *json == kinds[0]);
    let json_still = alike && kinds.first() == Some(&true);
    for body in bodies.iter_mut() {
        match body {
            Body::Json(json) => documents.push(json),
            text => texts.push(text),
        }
    }
    if json_still {
        settle_json(&mut documents, still);
    } else if alike {
        settle_lines(&mut texts, still);
    }
}

/// Goes down the documents side by side.
fn settle_json(all: &mut [&mut Json], still: usize) {
    if all.iter().take(still).all(|json| json.is_array()) {
        settle_list(all, still);
        return;
    }
    let names = all.iter().filter_map(|json| json.as_object());
    let names: BTreeSet<String> = names.flat_map(|map| map.keys().cloned()).collect();
    for name in names {
        let has = |json: &&mut Json| json.get(&name).is_some();
        let everywhere = all.iter().take(still).all(has);
        if !everywhere {
            // What comes and goes is left out anyway.
            continue;
        }
        let mut inner: Vec<&mut Json> = all.iter_mut().filter_map(|j| j.get_mut(&name)).collect();
        settle_json(&mut inner, still);
    }
}

/// A list whose rows keep their places is compared row by row; one in another order by what its rows say; one that holds
/// other rows each time by its length.
fn settle_list(all: &mut [&mut Json], still: usize) {
    if keeps_places(&all[..still]) {
        let longest = all.iter().filter_map(|j| j.as_array().map(Vec::len)).max();
        for index in 0..longest.unwrap_or_default() {
            let mut inner: Vec<&mut Json> =
                all.iter_mut().filter_map(|j| j.get_mut(index)).collect();
            let here = still.min(inner.len());
            settle_json(&mut inner, here);
        }
        return;
    }
    for items in all.iter_mut().filter_map(|json| json.as_array_mut()) {
        items.sort_by_cached_key(Json::to_string);
    }
    if all[..still].windows(2).all(|two| two[0] == two[1]) {
        return;
    }
    for json in all.iter_mut() {
        if let Some(items) = json.as_array() {
            **json = serde_json::json!({ LENGTH: items.len() });
        }
    }
}

/// Whether the same rows stand in the same places: they are equal, or a field that tells them apart is.
fn keeps_places(still: &[&mut Json]) -> bool {
    let lists: Vec<&Vec<Json>> = still.iter().filter_map(|json| json.as_array()).collect();
    let Some(first) = lists.first() else {
        return true;
    };
    if lists.iter().all(|list| list == first) {
        return true;
    }
    let Some(Json::Object(row)) = first.first() else {
        return false;
    };
    let tells_apart = |name: &String| {
        let column = |list: &[Json]| -> Option<Vec<String>> {
            let values = list.iter().map(|row| row.get(name));
            values
                .map(|v| {
                    v.filter(|v| !v.is_object() && !v.is_array())
                        .map(Json::to_string)
                })
                .collect()
        };
        let Some(values) = column(first) else {
            return false;
        };
        let different: BTreeSet<&String> = values.iter().collect();
        different.len() == values.len()
            && lists
                .iter()
                .all(|list| column(list).as_ref() == Some(&values))
    };
    row.keys().any(tells_apart)
}

/// Lines likewise: most keep their places, or they come in another order, or they are others each time.
fn settle_lines(all: &mut [&mut Body], still: usize) {
    let lists = || all.iter().take(still).filter_map(|b| lines(b));
    let Some(first) = lists().next() else {
        return;
    };
    let kept = |list: &Vec<String>| list.iter().zip(first).filter(|(a, b)| a == b).count();
    if lists().all(|list| list.len() == first.len() && kept(list) * 2 >= first.len()) {
        return;
    }
    let mut sorted: Vec<Vec<String>> = all.iter().filter_map(|b| lines(b).cloned()).collect();
    for list in &mut sorted {
        list.sort_unstable();
    }
    let same = sorted[..still].windows(2).all(|two| two[0] == two[1]);
    for (body, list) in all.iter_mut().zip(sorted) {
        **body = if same {
            Body::Lines(list)
        } else {
            Body::Count(list.len())
        };
    }
}

fn lines(body: &Body) -> Option<&Vec<String>> {
    match body {
        Body::Lines(lines) => Some(lines),
        Body::Json(_) | Body::Count(_) => None,
    }
}
