//! Fields that name rows and that an accepted body leaves out, though its schema declares them: at its top, and in filters
//! and other objects that are optional.

use rand::Rng;
use serde_json::Value as Json;

use super::maker::Maker;
use super::{Fill, Form, Purpose, key, some_branch};
use crate::engine::bind::Source;
use crate::model::call::{Body, SlotRef};
use crate::model::route::{BodySchema, Place};
use crate::model::schema::ColumnRef;

/// How deep in a schema such fields are looked for.
const DEPTH: usize = 4;

/// So many are made for a route.
const MOST: usize = 6;

/// A field that a body can be given.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Where it then stands.
    pub at: SlotRef,
    /// What it holds.
    pub column: ColumnRef,
    /// The pointer of what must be added for that.
    pub pointer: String,
    /// What is added, an own key in the field.
    pub added: Json,
}

/// What of a schema is not in the body.
#[derive(Clone)]
struct Gap<'s> {
    name: &'s str,
    schema: &'s Json,
    pointer: String,
}

/// The fields of that kind of a JSON body, those that stand highest first. Each comes alone, with what its object asks for:
/// two filters at once would find nothing.
pub fn absent(
    purpose: &Purpose<'_>,
    schema: &BodySchema,
    body: &Body,
    rng: &mut impl Rng,
) -> Vec<Field> {
    let Body::Json(json) = body else {
        return Vec::new();
    };
    let mut all = Vec::new();
    walk(&schema.schema, Some(json), "", None, 0, &mut all);
    all.sort_by_key(|(at, ..)| at.matches('/').count());
    let fields = all
        .into_iter()
        .filter_map(|(at, form, gap)| field(purpose, &at, form, &gap, rng));
    fields.take(MOST).collect()
}

/// The field at a pointer, where it names a row. A tenant at the top is what families of attacks of their own try.
fn field(
    purpose: &Purpose<'_>,
    at: &str,
    form: Form,
    gap: &Gap<'_>,
    rng: &mut impl Rng,
) -> Option<Field> {
    let mut maker = Maker {
        asks_password: false,
        purpose,
        fill: Fill::Toward(at),
        rng,
        slots: Vec::new(),
        changes: false,
    };
    let steps = at.split('/').skip(1).filter(|s| *s != "0");
    let (name, nested) = (steps.clone().last()?, steps.count() > 1);
    let names_tenant = nested && maker.tenant_column(name, form).is_some();
    if !names_tenant && key(purpose, name, form).is_none() {
        return None;
    }
    let added = maker.value(gap.name, gap.schema, &gap.pointer, 0)?;
    let mut slots = maker.slots.into_iter();
    let (at, source) = slots.find(|(slot, _)| slot.place == Place::Body && slot.name == at)?;
    let Source::Column(column) = source else {
        return None;
    };
    Some(Field {
        at,
        column,
        pointer: gap.pointer.clone(),
        added,
    })
}

/// Every scalar property, and every list of scalars, that is not in the body, by its pointer.
fn walk<'s>(
    schema: &'s Json,
    json: Option<&Json>,
    pointer: &str,
    gap: Option<&Gap<'s>>,
    depth: usize,
    into: &mut Vec<(String, Form, Gap<'s>)>,
) {
    let properties = some_branch(schema)["properties"].as_object();
    for (name, property) in properties.into_iter().flatten() {
        let property = some_branch(property);
        if property["readOnly"] == true || name.contains(['/', '~']) || depth > DEPTH {
            continue;
        }
        let here = format!("{pointer}/{name}");
        let value = json.and_then(|j| j.get(name));
        let standing = value.filter(|v| !v.is_null() && *v != &Json::Array(Vec::new()));
        let gap = match (standing, gap) {
            (Some(_), _) => None,
            (None, Some(gap)) => Some(gap.clone()),
            (None, None) => Some(Gap {
                name,
                schema: property,
                pointer: here.clone(),
            }),
        };
        let items = property.get("items").map(some_branch);
        let (inner, here, standing) = match items {
            Some(items) => (items, format!("{here}/0"), standing.and_then(|v| v.get(0))),
            None => (property, here, standing),
        };
        if inner.get("properties").is_some() {
            walk(inner, standing, &here, gap.as_ref(), depth + 1, into);
        } else if let Some(gap) = gap {
            into.push((here, Form::of_schema(property), gap));
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use serde_json::json;

    use super::*;
    use crate::model::route::{Encoding, Route};
    use crate::oracle::testing::{ACME, World};
    use crate::target::description::Routes;

    fn found(schema: Json, body: Json) -> Vec<(String, String, Json)> {
        let world = World::new();
        let purpose = Purpose {
            knowledge: &world.knowledge,
            section: &Routes::default(),
            route: &Route::new("POST", "/reports/run"),
            actor: &world.knowledge.actors[0],
            tenant: Some(&ACME.into()),
            table: None,
        };
        let schema = BodySchema {
            encoding: Encoding::Json,
            schema,
            examples: Vec::new(),
            required: true,
        };
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let fields = absent(&purpose, &schema, &Body::Json(body), &mut rng).into_iter();
        fields.map(|f| (f.at.name, f.pointer, f.added)).collect()
    }

    #[test]
    fn a_filter_that_the_body_lacks_is_made_with_one_key_and_what_it_asks_for() {
        let schema = json!({"properties": {
            "title": {"type": "string"},
            "filter": {"anyOf": [{"type": "null"}, {"type": "object", "required": ["kind"], "properties": {
                "kind": {"enum": ["brief", "long"]},
                "task_id": {"type": "string"},
                "note": {"type": "string"},
                "plans": {"type": "array", "items": {"properties": {"user_id": {"type": "string"}}}},
                "org_id": {"type": "string"}
            }}]},
            "task_ids": {"type": "array", "items": {"type": "string"}}
        }});
        let own = World::task_id(ACME, 0);
        let all = found(schema.clone(), json!({"title": "x"}));
        let of = |at: &str| {
            all.iter()
                .find(|(a, ..)| a == at)
                .map(|(_, p, j)| (p.as_str(), j.clone()))
        };
        assert_eq!(of("/task_ids/0"), Some(("/task_ids", json!([own]))));
        assert_eq!(
            of("/filter/task_id"),
            Some(("/filter", json!({"kind": "brief", "task_id": own})))
        );
        assert_eq!(
            of("/filter/org_id"),
            Some(("/filter", json!({"kind": "brief", "org_id": ACME})))
        );
        let (pointer, added) = of("/filter/plans/0/user_id").unwrap();
        assert_eq!(pointer, "/filter");
        assert!(added["plans"][0]["user_id"].is_string(), "{added}");
        assert_eq!(all.len(), 4);
        // What the body has is no gap; what an object in it lacks is added there.
        let all = found(
            schema,
            json!({"filter": {"kind": "long"}, "task_ids": [own]}),
        );
        assert!(all.iter().all(|(at, ..)| at != "/task_ids/0"));
        assert!(all.contains(&(
            "/filter/task_id".into(),
            "/filter/task_id".into(),
            json!(own)
        )));
    }

    #[test]
    fn texts_and_the_tenant_at_the_top_are_none() {
        let schema = json!({"properties": {
            "title": {"type": "string"}, "org_id": {"type": "string"},
            "task_id": {"type": "string", "readOnly": true}
        }});
        assert!(found(schema, json!({})).is_empty());
    }
}
