//! Values made up for a field of a body: as its schema bounds them.

use rand::Rng;
use regex::Regex;
use serde_json::{Value as Json, json};

use super::names::words;

/// How many texts are made for a pattern before it is given up.
const TRIES: usize = 30;

/// A value that the schema allows, as far as it says what it allows.
pub fn made_up(name: &str, kind: Option<&str>, schema: &Json, rng: &mut impl Rng) -> Json {
    match kind {
        Some("integer") => whole(number(schema, 1.0)),
        Some("number") => {
            let number = number(schema, 0.01);
            if number.fract() == 0.0 {
                whole(number)
            } else {
                json!(number)
            }
        }
        Some("boolean") => json!(true),
        Some("object") => json!({}),
        Some("array") => json!([]),
        _ => {
            let text = text(name, schema, rng);
            Json::String(fitted(text, schema, rng))
        }
    }
}

fn whole(number: f64) -> Json {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a bound of a schema, or two"
    )]
    let number = number.round() as i64;
    json!(number)
}

/// Two, or what lies nearest within the bounds.
fn number(schema: &Json, step: f64) -> f64 {
    let bound = |inclusive: &str, exclusive: &str, step: f64| {
        let said = schema[inclusive].as_f64();
        // Before version 3.1 the exclusive word only qualified the other.
        let open = schema[exclusive] == true;
        let apart = schema[exclusive].as_f64().map(|n| n + step);
        apart.or(said.map(|n| if open { n + step } else { n }))
    };
    let low = bound("minimum", "exclusiveMinimum", step).unwrap_or(f64::MIN);
    let high = bound("maximum", "exclusiveMaximum", -step).unwrap_or(f64::MAX);
    let wanted = 2.0_f64.min(high).max(low);
    match schema["multipleOf"].as_f64().filter(|m| *m > 0.0) {
        Some(of) if (wanted / of).ceil() * of <= high => (wanted / of).ceil() * of,
        Some(of) => (wanted / of).floor() * of,
        None => wanted,
    }
}

/// A text of the form that the schema or else the name asks for.
fn text(name: &str, schema: &Json, rng: &mut impl Rng) -> String {
    let token = crate::seed::token(rng);
    let last = words(name).pop().unwrap_or_default();
    match (schema["format"].as_str().unwrap_or_default(), last.as_str()) {
        ("date", _) | ("", "date" | "day") => "2030-06-15".into(),
        ("date-time", _) | ("", "at" | "time" | "start" | "end" | "from" | "until") => {
            "2030-06-15T10:00:00Z".into()
        }
        ("time", _) => "10:00:00Z".into(),
        ("duration", _) => "P1D".into(),
        ("uuid", _) => crate::seed::uuid(rng),
        ("email" | "idn-email", _) | ("", "email" | "mail") => format!("{token}@example.com"),
        ("uri" | "url" | "iri", _) | ("", "url" | "uri" | "link" | "website") => {
            format!("https://{token}.example.com/")
        }
        ("hostname", _) => format!("{token}.example.com"),
        ("ipv4", _) => "198.51.100.7".into(),
        ("ipv6", _) => "2001:db8::7".into(),
        (_, "color" | "colour") => "#336699".into(),
        (_, "phone" | "tel") => "+15550100".into(),
        (_, "currency") => "EUR".into(),
        _ => token,
    }
}

/// A text within the lengths of a schema and of its pattern: the text itself where it is.
pub fn fitted(text: String, schema: &Json, rng: &mut impl Rng) -> String {
    let length = |word: &str| schema[word].as_u64().and_then(|n| usize::try_from(n).ok());
    let (least, most) = (length("minLength").unwrap_or(0), length("maxLength"));
    let within = |text: &str| {
        let count = text.chars().count();
        count >= least && most.is_none_or(|most| count <= most)
    };
    let source = schema["pattern"].as_str();
    let pattern = source.and_then(|source| Regex::new(source).ok());
    let fits = |text: &str| within(text) && pattern.as_ref().is_none_or(|p| p.is_match(text));
    if fits(&text) {
        return text;
    }
    let mut sized = text.clone();
    while sized.chars().count() < least {
        sized.push_str(&crate::seed::token(rng));
    }
    let sized: String = sized
        .chars()
        .take(
            most.unwrap_or(usize::MAX)
                .min(least.max(text.chars().count())),
        )
        .collect();
    if fits(&sized) {
        return sized;
    }
    let made = source.filter(|_| pattern.is_some()).and_then(|source| {
        (0..TRIES)
            .filter_map(|_| crate::seed::matching(source, rng))
            .find(|made| fits(made))
    });
    made.unwrap_or(sized)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    fn made(kind: &str, schema: &Json) -> Json {
        made_up(
            "field",
            Some(kind),
            schema,
            &mut ChaCha8Rng::seed_from_u64(1),
        )
    }

    #[test]
    fn numbers_keep_to_their_bounds() {
        for (schema, wanted) in [
            (json!({}), json!(2)),
            (json!({ "minimum": 0 }), json!(2)),
            (json!({ "minimum": 10 }), json!(10)),
            (json!({ "exclusiveMinimum": 10 }), json!(11)),
            (
                json!({ "minimum": 10, "exclusiveMinimum": true }),
                json!(11),
            ),
            (json!({ "maximum": 1 }), json!(1)),
            (json!({ "maximum": -5 }), json!(-5)),
            (json!({ "minimum": 3, "multipleOf": 5 }), json!(5)),
        ] {
            assert_eq!(made("integer", &schema), wanted, "{schema}");
        }
        assert_eq!(made("number", &json!({ "maximum": 0.5 })), json!(0.5));
        assert_eq!(made("number", &json!({})), json!(2));
    }

    #[test]
    fn texts_keep_to_lengths_and_patterns() {
        for schema in [
            json!({ "pattern": "^[A-Z]{3}-[0-9]{4}$" }),
            json!({ "pattern": "^\\d+$", "minLength": 3 }),
            json!({ "minLength": 40 }),
            json!({ "minLength": 2, "maxLength": 5 }),
            json!({ "pattern": "^[a-z0-9-]+$", "maxLength": 8 }),
        ] {
            let text = made("string", &schema);
            let text = text.as_str().unwrap();
            let length = text.len() as u64;
            assert!(
                length >= schema["minLength"].as_u64().unwrap_or(0),
                "{schema}: {text}"
            );
            assert!(
                length <= schema["maxLength"].as_u64().unwrap_or(99),
                "{schema}: {text}"
            );
            if let Some(pattern) = schema["pattern"].as_str() {
                assert!(
                    Regex::new(pattern).unwrap().is_match(text),
                    "{schema}: {text}"
                );
            }
        }
    }

    #[test]
    fn a_made_up_uuid_is_one_of_the_random_kind() {
        let text = made("string", &json!({ "format": "uuid" }));
        let id = uuid::Uuid::parse_str(text.as_str().unwrap()).unwrap();
        assert_eq!(id.get_version_num(), 4);
        assert!(id.as_u128() >> 64 != 0);
    }
}
