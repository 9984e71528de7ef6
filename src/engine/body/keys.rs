//! Which fields of a body hold keys of rows, and of which table: by declarations, by foreign keys, by names.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{Purpose, some_branch};
use crate::engine::bind::{self, Source};
use crate::engine::names::{is_key, likeness, stem, words};
use crate::model::schema::{Column, ColumnRef, Kind, Table, TableId};

/// What a value looks like. Where it looks like a key, a name needs no `_id`: `project: 5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A number.
    Number,
    /// A UUID.
    Uuid,
    /// Anything else: it may be a name.
    Other,
}

impl Form {
    /// The form of a value; of the first one in a list.
    pub fn of_value(value: &Json) -> Self {
        match value {
            Json::Number(_) => Self::Number,
            Json::String(text) if Uuid::parse_str(text).is_ok() => Self::Uuid,
            Json::Array(all) => all.first().map_or(Self::Other, Self::of_value),
            _ => Self::Other,
        }
    }

    /// The form that a schema asks for; of the items where it asks for a list.
    pub fn of_schema(schema: &Json) -> Self {
        let schema = some_branch(schema);
        let asks = |word: &str| {
            let kind = &schema["type"];
            let among = kind
                .as_array()
                .is_some_and(|all| all.contains(&word.into()));
            *kind == word || among
        };
        if asks("integer") {
            Self::Number
        } else if schema["format"] == "uuid" {
            Self::Uuid
        } else if asks("array") {
            Self::of_schema(&schema["items"])
        } else {
            Self::Other
        }
    }

    /// Whether a column holds values of that form.
    pub fn fits(self, kind: &Kind) -> bool {
        match self {
            Self::Number => matches!(kind, Kind::Integer(_)),
            Self::Uuid => *kind == Kind::Uuid,
            Self::Other => false,
        }
    }
}

/// The column whose keys a field of that name holds: what is declared, else by a foreign key of the route's table, by a table of
/// that name, or by a foreign key that is called like it but for its `_id`.
pub fn key(purpose: &Purpose<'_>, field: &str, form: Form) -> Option<ColumnRef> {
    match bind::declared(purpose.knowledge, purpose.section, purpose.route, field) {
        Some(Source::Column(column)) => return Some(column),
        Some(Source::Fixed(_) | Source::Own(_)) => return None,
        None => {}
    }
    let wanted = words(field);
    let same = |column: &Column| words(&column.name) == wanted;
    let short = |column: &Column| stem(&column.name) == wanted && form.fits(&column.kind);
    by_foreign_key(purpose, same)
        .or_else(|| by_table(purpose, field))
        .or_else(|| {
            let own = purpose.knowledge.schema.table(purpose.table?);
            // A column that is called so holds what the field does.
            let taken = own.columns.iter().any(same);
            by_foreign_key(purpose, short).filter(|_| !taken)
        })
}

/// By the first foreign key of the route's table one of whose columns fits.
fn by_foreign_key(purpose: &Purpose<'_>, fits: impl Fn(&Column) -> bool) -> Option<ColumnRef> {
    let own = purpose.knowledge.schema.table(purpose.table?);
    own.foreign_keys.iter().find_map(|key| {
        let at = key.columns.iter().position(|&c| fits(&own.columns[c]))?;
        (!leads_to_tenant(purpose, key.table)).then_some(ColumnRef {
            table: key.table,
            column: key.references[at],
        })
    })
}

/// By a table that a name ending in `_id` speaks of.
fn by_table(purpose: &Purpose<'_>, field: &str) -> Option<ColumnRef> {
    let schema = &purpose.knowledge.schema;
    let own = purpose.table.map(|t| schema.table(t));
    if !is_key(field) {
        return None;
    }
    let about = stem(field);
    if about.is_empty() {
        // `ids`: the route's own rows; `id` alone is usually the row's own and is not sent.
        let table = own.filter(|_| field != "id")?;
        return Some(ColumnRef {
            table: table.id,
            column: table.single_key()?,
        });
    }
    let mut best: Option<(u32, &Table)> = None;
    for table in schema
        .tables
        .iter()
        .filter(|t| t.single_key().is_some() && !leads_to_tenant(purpose, t.id))
    {
        let score = likeness(&words(&table.name), &about);
        if score >= 2 && best.is_none_or(|(b, _)| score > b) {
            best = Some((score, table));
        }
    }
    let named = best.map(|(_, t)| t).or_else(|| people(purpose, &about));
    named.and_then(|t| {
        Some(ColumnRef {
            table: t.id,
            column: t.single_key()?,
        })
    })
}

/// The table of users, for fields that name a person by a part that people play.
fn people<'k>(purpose: &Purpose<'k>, about: &[String]) -> Option<&'k Table> {
    const PARTS: [&str; 17] = [
        "assignee",
        "owner",
        "author",
        "creator",
        "member",
        "lead",
        "reporter",
        "manager",
        "client",
        "approver",
        "reviewer",
        "recipient",
        "watcher",
        "follower",
        "participant",
        "attendee",
        "staff",
    ];
    let users = purpose.knowledge.ownership.users?;
    about.last().filter(|w| PARTS.contains(&w.as_str()))?;
    Some(purpose.knowledge.schema.table(users))
}

fn leads_to_tenant(purpose: &Purpose<'_>, table: TableId) -> bool {
    purpose.knowledge.ownership.tenants == table
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::route::Route;
    use crate::oracle::testing::{ACME, World};
    use crate::target::description::Routes;

    #[test]
    fn a_foreign_key_is_named_without_its_ending_where_the_value_looks_like_one() {
        let world = World::new();
        let comments = world.table("comment");
        let tasks = world.table("task");
        let of = |field: &str, form| {
            let purpose = Purpose {
                knowledge: &world.knowledge,
                section: &Routes::default(),
                route: &Route::new("POST", "/comments"),
                actor: &world.knowledge.actors[0],
                tenant: Some(&ACME.into()),
                table: Some(comments),
            };
            key(&purpose, field, form)
        };
        let task = Some(ColumnRef {
            table: tasks,
            column: 0,
        });
        assert_eq!(of("task", Form::Uuid), task);
        assert_eq!(of("taskId", Form::Other), task);
        // A name, a number, and a column that there is hold something else.
        assert_eq!(of("task", Form::Other), None);
        assert_eq!(of("task", Form::Number), None);
        assert_eq!(of("body", Form::Uuid), None);
    }

    #[test]
    fn a_key_is_told_by_its_form() {
        let uuid = "0eab1543-1289-4c2d-a5b9-a8efa86d44c9";
        assert_eq!(Form::of_value(&json!(5)), Form::Number);
        assert_eq!(Form::of_value(&json!([uuid])), Form::Uuid);
        assert_eq!(Form::of_value(&json!("ann")), Form::Other);
        let nullable = json!({"anyOf": [{"type": "integer"}, {"type": "null"}]});
        assert_eq!(Form::of_schema(&nullable), Form::Number);
        assert_eq!(
            Form::of_schema(&json!({"type": ["integer", "null"]})),
            Form::Number
        );
        let list = json!({"type": "array", "items": {"type": "string", "format": "uuid"}});
        assert_eq!(Form::of_schema(&list), Form::Uuid);
        assert_eq!(Form::of_schema(&json!({"type": "string"})), Form::Other);
    }
}
