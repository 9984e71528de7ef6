//! Changes to request bodies: fields added, replaced and taken out, whatever the body is written in.

use serde_json::Value as Json;

use crate::model::call::{Body, Call, Part, text};
use crate::model::pointer::unescaped;

/// The call with a top-level field of the body set (added where it is not there): in the object, in every object of a
/// list, among the form fields or parts. `None` where the body holds no fields.
pub(super) fn with_field(call: &Call, name: &str, value: &Json) -> Option<Call> {
    let mut call = call.clone();
    let set = match call.body.as_mut()? {
        Body::Json(json) => set_in(json, name, value),
        Body::Form(fields) => {
            fields.retain(|(n, _)| n != name);
            fields.push((name.to_owned(), text(value)));
            true
        }
        Body::Multipart(parts) => {
            parts.retain(|p| p.name != name);
            parts.push(Part {
                name: name.to_owned(),
                file_name: None,
                content_type: None,
                text: text(value),
            });
            true
        }
        Body::Text { .. } => false,
    };
    set.then_some(call)
}

fn set_in(json: &mut Json, name: &str, value: &Json) -> bool {
    match json {
        Json::Object(map) => {
            map.insert(name.to_owned(), value.clone());
            true
        }
        Json::Array(items) => {
            let mut any = false;
            for item in items.iter_mut().filter(|i| i.is_object()) {
                any |= set_in(item, name, value);
            }
            any
        }
        _ => false,
    }
}

/// The call with all of these fields set.
pub(super) fn with_fields<'a>(
    call: &Call,
    fields: impl IntoIterator<Item = (&'a str, Json)>,
) -> Option<Call> {
    fields
        .into_iter()
        .try_fold(call.clone(), |call, (name, value)| {
            with_field(&call, name, &value)
        })
}

/// The call with the value at `pointer` of a JSON body set; its last step may be new, what is before must be there.
pub(super) fn with_pointer(call: &Call, pointer: &str, value: Json) -> Option<Call> {
    let mut call = call.clone();
    let Body::Json(json) = call.body.as_mut()? else {
        return None;
    };
    if pointer.is_empty() {
        *json = value;
        return Some(call);
    }
    let (parent, step) = pointer.rsplit_once('/')?;
    match json.pointer_mut(parent)? {
        Json::Object(map) => {
            map.insert(unescaped(step), value);
        }
        Json::Array(items) => *items.get_mut(step.parse::<usize>().ok()?)? = value,
        _ => return None,
    }
    Some(call)
}

/// The call without the field at `pointer` of a JSON body; `None` where it is not there.
pub(super) fn without_pointer(call: &Call, pointer: &str) -> Option<Call> {
    let mut call = call.clone();
    let Body::Json(json) = call.body.as_mut()? else {
        return None;
    };
    let (parent, step) = pointer.rsplit_once('/')?;
    json.pointer_mut(parent)?
        .as_object_mut()?
        .shift_remove(&unescaped(step))?;
    Some(call)
}

/// The value at `pointer` of a JSON body.
pub(super) fn at<'a>(call: &'a Call, pointer: &str) -> Option<&'a Json> {
    match call.body.as_ref()? {
        Body::Json(json) => json.pointer(pointer),
        _ => None,
    }
}

/// Whether fields can be added to the body.
pub(super) fn has_fields(call: &Call) -> bool {
    match &call.body {
        Some(Body::Json(Json::Object(_)) | Body::Form(_) | Body::Multipart(_)) => true,
        Some(Body::Json(Json::Array(items))) => items.iter().any(Json::is_object),
        _ => false,
    }
}

/// The name of the form field, or of the last step of the JSON pointer, that a slot of the body is in.
pub(super) fn field_name(slot: &str) -> String {
    unescaped(slot.rsplit('/').next().unwrap_or(slot))
}

/// The text of an id as JSON of the type that `like` has; by its own looks where there is nothing to compare with.
pub(super) fn like(like: Option<&Json>, value: &str) -> Json {
    match like {
        Some(Json::String(_)) => value.into(),
        _ => super::names::json(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::attack::testing;

    fn call(body: Json) -> Call {
        Call {
            body: Some(Body::Json(body)),
            ..testing::item("GET").own_call
        }
    }

    #[test]
    fn fields_are_set_in_objects_and_in_lists_of_objects() {
        let one = with_field(&call(json!({"a": 1})), "b", &json!(2));
        assert_eq!(one, Some(call(json!({"a": 1, "b": 2}))));
        let many = with_field(&call(json!([{"a": 1}, 3])), "b", &json!(2));
        assert_eq!(many, Some(call(json!([{"a": 1, "b": 2}, 3]))));
        assert_eq!(with_field(&call(json!([3])), "b", &json!(2)), None);
    }

    #[test]
    fn form_fields_are_replaced_rather_than_doubled() {
        let form = Call {
            body: Some(Body::Form(vec![("a".into(), "1".into())])),
            ..call(json!(0))
        };
        let changed = with_field(&form, "a", &json!(2)).unwrap();
        assert_eq!(
            changed.body,
            Some(Body::Form(vec![("a".into(), "2".into())]))
        );
    }

    #[test]
    fn pointers_set_and_take_out() {
        let before = call(json!({"where": {"a/b": 1}}));
        let set = with_pointer(&before, "/where/a~1b", json!(2)).unwrap();
        assert_eq!(set, call(json!({"where": {"a/b": 2}})));
        assert_eq!(
            without_pointer(&set, "/where/a~1b"),
            Some(call(json!({"where": {}})))
        );
        assert_eq!(without_pointer(&set, "/other"), None);
        assert_eq!(with_pointer(&before, "/no/where", json!(2)), None);
    }
}
