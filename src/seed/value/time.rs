//! Days and times: by the column's name, around today, so that what starts comes before what ends.

use chrono::{Duration, NaiveDate};

use super::Spot;
use crate::model::schema::Column;
use crate::seed::check::ColumnLimits;
use crate::seed::names;

/// Names of moments that come after others.
const LATER: &[&str] = &[
    "end", "ends", "until", "to", "finish", "finishes", "stop", "valid", "return", "checkout",
    "ended",
];
const DEADLINES: &[&str] = &[
    "due",
    "expires",
    "expiry",
    "expiration",
    "expire",
    "deadline",
    "renewal",
    "renews",
    "next",
    "trial",
];
const AHEAD: &[&str] = &[
    "start",
    "starts",
    "from",
    "begin",
    "begins",
    "scheduled",
    "planned",
    "appointment",
    "checkin",
    "when",
];

/// So many rows on, days lie in another month.
pub const FAR: usize = 500;

/// Days from today, by the column's name.
fn offset(column: &Column, limits: &ColumnLimits, spot: &Spot<'_>) -> i64 {
    let words = names::words(&column.name);
    let has = |of: &[&str]| words.iter().any(|w| of.contains(&w.as_str()));
    let number = i64::try_from(spot.number % 30).unwrap_or(0);
    let far = 30 * i64::try_from(spot.number / FAR).unwrap_or(0);
    let wanted = if has(DEADLINES) {
        60 + number + far
    } else if has(&["created", "inserted", "registered", "joined", "issued"]) {
        -spot.age - 2 * far
    } else if has(&["updated", "modified", "changed", "last"]) {
        -(spot.age / 2) - far
    } else if has(AHEAD) || has(LATER) {
        1 + number + far
    } else if has(&["birth", "birthday", "born", "dob"]) {
        -(365 * (20 + number))
    } else {
        -(spot.age / 3) - far
    };
    match limits.future {
        Some(true) => wanted.abs().max(1),
        Some(false) => -wanted.abs().max(1),
        None => wanted,
    }
}

/// A day.
pub fn date(column: &Column, limits: &ColumnLimits, spot: &Spot<'_>) -> NaiveDate {
    let later = i64::from(names::has_any(&column.name, LATER));
    spot.today + Duration::days(offset(column, limits, spot) + later)
}

/// A time of day.
pub fn time_of_day(column: &Column, spot: &Spot<'_>) -> String {
    let hour = 8 + spot.number % 8 + usize::from(names::has_any(&column.name, LATER));
    format!("{hour:02}:{:02}:00", 15 * (spot.tenant % 4))
}

/// A moment.
pub fn timestamp(column: &Column, limits: &ColumnLimits, spot: &Spot<'_>) -> String {
    let day = spot.today + Duration::days(offset(column, limits, spot));
    format!("{day} {}", time_of_day(column, spot))
}

/// Whether a date says that something is over: rows should be live ones.
pub fn is_over(column: &Column) -> bool {
    const OVER: &[&str] = &[
        "deleted",
        "archived",
        "cancelled",
        "canceled",
        "revoked",
        "disabled",
        "removed",
        "suspended",
        "locked",
        "banned",
        "blocked",
        "deactivated",
        "ended",
        "closed",
        "rejected",
        "declined",
        "consumed",
        "used",
        "discarded",
        "terminated",
    ];
    names::has_any(&column.name, OVER)
}
