//! Numbers: by the column's name within its limits. Tenants differ in amounts.

use rand::{Rng, RngExt};

use super::Spot;
use crate::model::schema::Column;
use crate::seed::check::ColumnLimits;
use crate::seed::names;

/// An integer of that many bits.
pub fn integer(
    column: &Column,
    bits: u8,
    limits: &ColumnLimits,
    spot: &Spot<'_>,
    rng: &mut impl Rng,
) -> String {
    let widest = match bits {
        16 => f64::from(i16::MAX),
        32 => f64::from(i32::MAX),
        // What a JSON number holds exactly.
        _ => 9_007_199_254_740_991.0,
    };
    let wanted = by_name(column, spot).unwrap_or_else(|| amount(spot, rng).round());
    let value = within(wanted, limits, -widest, widest, 1.0);
    let shown = format!("{value:.0}");
    if limits.not_words.contains(&shown) {
        return format!("{:.0}", within(value + 1.0, limits, -widest, widest, 1.0));
    }
    shown
}

/// A decimal number of that precision and scale.
pub fn numeric(
    column: &Column,
    precision: Option<(u32, u32)>,
    limits: &ColumnLimits,
    spot: &Spot<'_>,
    rng: &mut impl Rng,
) -> String {
    let (digits, scale) = precision.unwrap_or((12, 2));
    // More decimals than digits: `numeric(2,4)` ends at 0.0099.
    let whole = i64::from(digits) - i64::from(scale);
    let whole = i32::try_from(whole.clamp(-15, 15)).unwrap_or(15);
    let step = 10f64.powi(-i32::try_from(scale.min(15)).unwrap_or(15));
    let widest = 10f64.powi(whole) - step;
    let wanted = by_name(column, spot).unwrap_or_else(|| amount(spot, rng));
    let value = within(wanted, limits, -widest, widest, step);
    let decimals = usize::try_from(scale.min(15)).unwrap_or(2);
    format!("{value:.decimals$}")
}

/// An amount of the tenant's own size: hundreds, thousands, tens of thousands, so that sums tell tenants apart.
fn amount(spot: &Spot<'_>, rng: &mut impl Rng) -> f64 {
    let size = [100.0, 3_000.0, 20_000.0, 50.0][spot.tenant % 4];
    let cents = f64::from(rng.random_range(0..10_000_u32)) / 100.0;
    size + cents + f64::from(u32::try_from(spot.number % 1000).unwrap_or(0))
}

/// Into the limits, evenly where the wanted value lies outside.
fn within(wanted: f64, limits: &ColumnLimits, least: f64, most: f64, step: f64) -> f64 {
    let low = limits
        .min
        .map_or(least, |m| (m / step).ceil() * step)
        .max(least);
    let high = limits
        .max
        .map_or(most, |m| (m / step).floor() * step)
        .min(most);
    if (low..=high).contains(&wanted) || low > high {
        return if low > high { low } else { wanted };
    }
    let span = ((high - low) / step).floor() + 1.0;
    low + (wanted.abs() / step).floor().rem_euclid(span) * step
}

/// What a number's name says that it is.
fn by_name(column: &Column, spot: &Spot<'_>) -> Option<f64> {
    let number = f64::from(u32::try_from(spot.number % 100_000).unwrap_or(0));
    let words = names::words(&column.name);
    let last = words.last().map_or("", String::as_str);
    let has = |of: &[&str]| words.iter().any(|w| of.contains(&w.as_str()));
    Some(match last {
        // Numbers of their own tenant: the same ones in each.
        "number" | "no" | "nr" | "num" | "position" | "order" | "rank" | "sequence" | "seq"
        | "ordinal" | "index" | "sort" | "idx" => number,
        "year" => 2024.0 + number % 3.0,
        "month" => 1.0 + number % 12.0,
        "day" => 1.0 + number % 28.0,
        "weekday" | "dow" => number % 7.0,
        "hour" | "hours" => 1.0 + number % 8.0,
        "minute" | "minutes" | "duration" => 15.0 * (1.0 + number % 4.0),
        "percent" | "percentage" | "progress" => 10.0 * (number % 10.0),
        "rate" | "ratio" | "probability" | "confidence" => (number % 10.0) / 10.0,
        "rating" | "stars" | "score" | "level" | "priority" => 1.0 + number % 5.0,
        "version" | "revision" => 1.0,
        "latitude" | "lat" => 48.0 + number % 5.0,
        "longitude" | "lng" | "lon" => 9.0 + number % 5.0,
        "port" => 8000.0 + number,
        "quantity" | "qty" | "count" | "seats" | "capacity" | "attempts" | "retries" | "stock" => {
            1.0 + number % 10.0 + f64::from(u32::try_from(spot.tenant % 10).unwrap_or(0))
        }
        "age" => 20.0 + number % 50.0,
        _ if has(&["discount", "tax", "vat"]) => number % 20.0,
        _ => return None,
    })
}
