//! One generated value: by the column's kind, name, words and limits.

mod json;
mod learnt;
mod number;
mod pattern;
mod rare;
mod text;
mod time;
mod word;

use chrono::NaiveDate;
use rand::{Rng, RngExt};

use super::check::ColumnLimits;
use crate::model::schema::{Column, Kind};

pub use crate::model::canary::make as token;
pub use json::empty_document;
pub use learnt::Learnt;
pub use pattern::matching;
pub use text::uuid;
pub use time::{FAR, is_over};
pub use word::{is_word_like, literal_default, plain};

/// The longest text in a list.
const LIST_ITEM: usize = 30;

/// What a value is made for.
#[derive(Debug, Clone, Copy)]
pub struct Spot<'a> {
    /// The table's name; empty where it is not known.
    pub table: &'a str,
    /// The tenant's place in the cast: tenants differ in amounts. The number of tenants for rows of none.
    pub tenant: usize,
    /// The row's number within its table and tenant, from 1.
    pub number: usize,
    /// How many days ago the row came to be.
    pub age: i64,
    /// Today.
    pub today: NaiveDate,
}

/// One generated value for a column without any context, in Postgres' text form; `None` where NULL is all that can be said.
pub fn fresh_value(
    column: &Column,
    words: Option<&[String]>,
    rng: &mut impl Rng,
) -> Option<String> {
    if let Some(words) = words.filter(|w| !w.is_empty()) {
        return Some(words[rng.random_range(0..words.len())].clone());
    }
    if is_word_like(column) {
        return literal_default(column).or_else(|| column.not_null.then(|| word::plain(column)));
    }
    let spot = Spot {
        table: "",
        tenant: 0,
        number: rng.random_range(1..1000),
        age: rng.random_range(1..60),
        today: today(),
    };
    value(column, &ColumnLimits::default(), None, &spot, rng)
}

/// Today, by the machine's clock, in UTC.
pub fn today() -> NaiveDate {
    chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now())
        .naive_utc()
        .date()
}

/// A value that meets the limits as far as they can be met; `None` where the kind is unknown.
pub fn value(
    column: &Column,
    limits: &ColumnLimits,
    schema: Option<&serde_json::Value>,
    spot: &Spot<'_>,
    rng: &mut impl Rng,
) -> Option<String> {
    if let (Some(words), false) = (&limits.words, matches!(column.kind, Kind::Array(_))) {
        let left: Vec<&String> = words
            .iter()
            .filter(|w| !limits.not_words.contains(w))
            .collect();
        return left
            .get(spot.number % left.len().max(1))
            .map(|w| (*w).clone());
    }
    of_kind(&column.kind, column, limits, schema, spot, rng)
}

fn of_kind(
    kind: &Kind,
    column: &Column,
    limits: &ColumnLimits,
    schema: Option<&serde_json::Value>,
    spot: &Spot<'_>,
    rng: &mut impl Rng,
) -> Option<String> {
    Some(match kind {
        Kind::Text => text::text(column, limits, spot, rng),
        Kind::Uuid => uuid(rng),
        Kind::Integer(bits) => number::integer(column, *bits, limits, spot, rng),
        Kind::Numeric(precision) => number::numeric(column, *precision, limits, spot, rng),
        Kind::Float => number::numeric(column, Some((8, 2)), limits, spot, rng),
        Kind::Boolean => boolean(column, spot),
        Kind::Date => time::date(column, limits, spot).to_string(),
        Kind::Time => time::time_of_day(column, spot),
        Kind::Timestamp => time::timestamp(column, limits, spot),
        Kind::Interval => format!("{} minutes", 30 * (1 + spot.number % 4)),
        Kind::Json => json::json(column, limits, schema, spot, rng),
        Kind::Bytes => rare::bytes(limits, rng),
        Kind::Enum(words) => {
            let left: Vec<&String> = words
                .iter()
                .filter(|w| !limits.not_words.contains(w))
                .collect();
            (*left.get(spot.number % left.len().max(1))?).clone()
        }
        Kind::Array(of) => array(of, column, limits, spot, rng)?,
        Kind::Network if column.type_name == "cidr" => format!("198.51.{}.0/24", spot.number % 256),
        Kind::Network => format!("198.51.100.{}", 1 + spot.number % 250),
        Kind::Other(name) => rare::other(name, &column.type_name, spot, rng)?,
        Kind::Composite(fields) => rare::composite(fields, spot, rng)?,
    })
}

/// A flag by its name: rows should be live, visible ones.
fn boolean(column: &Column, spot: &Spot<'_>) -> String {
    const OFF: &[&str] = &[
        "deleted",
        "archived",
        "disabled",
        "revoked",
        "suspended",
        "blocked",
        "locked",
        "banned",
        "hidden",
        "removed",
        "expired",
        "cancelled",
        "canceled",
        "superuser",
        "system",
        "inactive",
        "deactivated",
        "superadmin",
        "root",
        "internal",
        "test",
        "default",
        "primary",
        "draft",
        "required",
    ];
    const ON: &[&str] = &[
        "active",
        "enabled",
        "verified",
        "confirmed",
        "available",
        "valid",
    ];
    let words = super::names::words(&column.name);
    let has = |of: &[&str]| words.iter().any(|w| of.contains(&w.as_str()));
    if has(OFF) {
        return "f".into();
    }
    let mixed = is_mixed(column);
    let mostly = mixed && !spot.number.is_multiple_of(4);
    if has(ON) || mostly || !mixed && spot.number % 2 == 1 {
        "t".into()
    } else {
        "f".into()
    }
}

/// Whether a flag is on in some rows and off in others, whatever its default: what is shown to more than the owner.
pub fn is_mixed(column: &Column) -> bool {
    super::names::has_any(
        &column.name,
        &["published", "visible", "public", "approved", "shared"],
    )
}

fn array(
    of: &Kind,
    column: &Column,
    limits: &ColumnLimits,
    spot: &Spot<'_>,
    rng: &mut impl Rng,
) -> Option<String> {
    if matches!(of, Kind::Array(_)) {
        return Some("{}".into());
    }
    let fits = |word: &str| {
        let most = column.max_length.map_or(LIST_ITEM, |m| m as usize);
        word.len() <= most && limits.allows(word)
    };
    let mut items = Vec::new();
    for step in 0..2 {
        let item = if let Some(words) = limits.words.as_ref().filter(|w| !w.is_empty()) {
            words[(spot.number + step) % words.len()].clone()
        } else if matches!(of, Kind::Text) && step == 1 && fits(word::one(spot.number)) {
            word::one(spot.number).to_owned()
        } else {
            let inner = Spot {
                number: spot.number + step,
                ..*spot
            };
            // What stands in a list is short.
            let limits = ColumnLimits {
                max_length: Some(
                    limits
                        .max_length
                        .map_or(LIST_ITEM, |most| most.min(LIST_ITEM)),
                ),
                ..limits.clone()
            };
            of_kind(of, column, &limits, None, &inner, rng)?
        };
        items.push(format!(
            "\"{}\"",
            item.replace('\\', "\\\\").replace('"', "\\\"")
        ));
    }
    items.dedup();
    Some(format!("{{{}}}", items.join(",")))
}

#[cfg(test)]
mod tests;
