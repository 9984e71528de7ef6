//! What one comparison makes of the limits of a column. False where it is not understood.

use regex::Regex;

use super::expression::Expression;
use super::limits::{ColumnLimits, Compare, TableLimits};

/// Two columns against each other.
pub(super) fn pair(operator: &str, a: usize, b: usize, limits: &mut TableLimits) -> bool {
    let pair = match operator {
        "<" => (a, Compare::Less, b),
        "<=" => (a, Compare::LessOrEqual, b),
        ">" => (b, Compare::Less, a),
        ">=" => (b, Compare::LessOrEqual, a),
        "=" => (a, Compare::Equal, b),
        "<>" => (a, Compare::Differ, b),
        _ => return false,
    };
    limits.pairs.push(pair);
    true
}

/// A text column against a LIKE pattern or a regular expression.
pub(super) fn pattern(operator: &str, right: &Expression, limits: &mut ColumnLimits) -> bool {
    let Expression::Text(text) = right else {
        return false;
    };
    let source = match operator {
        "~~" | "!~~" => like(text),
        "~*" | "!~*" => format!("(?i){text}"),
        _ => text.clone(),
    };
    match Regex::new(&source) {
        Ok(pattern) => {
            limits.patterns.push((pattern, !operator.starts_with('!')));
            true
        }
        Err(_) => false,
    }
}

/// A LIKE pattern as a regular expression.
fn like(pattern: &str) -> String {
    let inner: String = pattern
        .chars()
        .map(|c| match c {
            '%' => "(?s:.*)".to_owned(),
            '_' => "(?s:.)".to_owned(),
            other => regex::escape(&other.to_string()),
        })
        .collect();
    format!("^{inner}$")
}

/// How long a text may be.
pub(super) fn length_limit(limits: &mut ColumnLimits, operator: &str, length: f64) -> bool {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a length in characters"
    )]
    let length = length.max(0.0) as usize;
    let (min, max) = match operator {
        ">" => (Some(length + 1), None),
        ">=" => (Some(length), None),
        "<" => (None, Some(length.saturating_sub(1))),
        "<=" => (None, Some(length)),
        "=" => (Some(length), Some(length)),
        _ => return false,
    };
    limits.min_length = limits.min_length.max(min);
    limits.max_length = match (limits.max_length, max) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    true
}

/// A date against `CURRENT_DATE`; against a fixed day nothing is needed: generated days lie around today.
pub(super) fn moment(operator: &str, right: &Expression, limits: &mut ColumnLimits) -> bool {
    match right {
        Expression::Name(name) if name.to_ascii_lowercase().starts_with("current_") => {
            now(operator, limits)
        }
        Expression::Text(_) => matches!(operator, ">" | ">="),
        _ => false,
    }
}

/// Before or after the present.
pub(super) fn now(operator: &str, limits: &mut ColumnLimits) -> bool {
    limits.future = Some(operator.starts_with('>'));
    operator.starts_with(['<', '>'])
}

/// Only what both allow.
pub(super) fn narrow(words: &mut Option<Vec<String>>, to: Vec<String>) {
    *words = Some(match words.take() {
        Some(old) => old.into_iter().filter(|w| to.contains(w)).collect(),
        None => to,
    });
}
