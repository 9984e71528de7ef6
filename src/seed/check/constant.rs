//! The constants that expressions hold.

use super::expression::Expression;

/// The constants of an array expression or literal.
pub(super) fn list(expression: &Expression) -> Option<Vec<String>> {
    match expression {
        Expression::Array(items) => items.iter().map(word).collect(),
        Expression::Text(text) => {
            let inner = text.strip_prefix('{')?.strip_suffix('}')?;
            Some(
                inner
                    .split(',')
                    .map(|w| w.trim_matches('"').to_owned())
                    .collect(),
            )
        }
        _ => None,
    }
}

/// A constant as the text that a column would hold.
pub(super) fn word(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Text(text) => Some(text.clone()),
        Expression::Number(number) => Some(number.to_string()),
        Expression::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// A constant as a number, also one written as a text.
pub(super) fn number(expression: &Expression) -> Option<f64> {
    match expression {
        Expression::Number(number) => Some(*number),
        Expression::Text(text) => text.parse().ok(),
        _ => None,
    }
}
