//! What checks allow a column to hold, as far as they are of the common kinds; the database has the last word.

use regex::Regex;

use super::expression::{Expression, parse};
use super::reader::Reader;
use crate::model::schema::Table;

/// What one column may hold.
#[derive(Debug, Clone, Default)]
pub struct ColumnLimits {
    /// Only these (elements of an array column).
    pub words: Option<Vec<String>>,
    /// None of these.
    pub not_words: Vec<String>,
    /// At least.
    pub min: Option<f64>,
    /// At most.
    pub max: Option<f64>,
    /// Characters at least.
    pub min_length: Option<usize>,
    /// Characters at most.
    pub max_length: Option<usize>,
    /// Patterns that it must match, or (false) must not.
    pub patterns: Vec<(Regex, bool)>,
    /// Must be NULL (true), or must not (false).
    pub null: Option<bool>,
    /// What `jsonb_typeof` must say.
    pub json: Option<String>,
    /// In lower case (false) or upper case (true) alone.
    pub case: Option<bool>,
    /// Before (false) or after (true) now.
    pub future: Option<bool>,
}

/// How two columns compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// The first is below the second.
    Less,
    /// The first is not above the second.
    LessOrEqual,
    /// They are the same.
    Equal,
    /// They differ.
    Differ,
}

/// A column that a check compares with an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Derived {
    /// The column.
    pub column: usize,
    /// It is the expression's value (0), above it (1) or below it (-1).
    pub beside: i8,
    /// The expression.
    pub from: Expression,
}

/// What one table's checks allow.
#[derive(Debug, Clone, Default)]
pub struct TableLimits {
    /// By column.
    pub columns: Vec<ColumnLimits>,
    /// Pairs of columns.
    pub pairs: Vec<(usize, Compare, usize)>,
    /// Columns that expressions decide, such as `closes >= opens + 7`.
    pub derived: Vec<Derived>,
    /// Exactly one of these columns is not NULL.
    pub one_of: Vec<Vec<usize>>,
}

/// Reads the checks of a table.
pub fn limits(table: &Table) -> TableLimits {
    let mut limits = TableLimits {
        columns: vec![ColumnLimits::default(); table.columns.len()],
        ..Default::default()
    };
    for check in &table.checks {
        if let Some(expression) = parse(check) {
            Reader { table }.apply(&expression, &mut limits);
        }
    }
    limits
}

impl ColumnLimits {
    /// Whether a text meets what is said about length, case, pattern and words.
    pub fn allows(&self, text: &str) -> bool {
        let length = text.chars().count();
        self.min_length.is_none_or(|min| length >= min)
            && self.max_length.is_none_or(|max| length <= max)
            && self
                .words
                .as_ref()
                .is_none_or(|words| words.iter().any(|w| w == text))
            && !self.not_words.iter().any(|w| w == text)
            && self
                .patterns
                .iter()
                .all(|(pattern, wanted)| pattern.is_match(text) == *wanted)
            && self.case.is_none_or(|upper| {
                if upper {
                    text.to_uppercase() == text
                } else {
                    text.to_lowercase() == text
                }
            })
    }

    pub(super) fn at_least(&mut self, value: f64) {
        self.min = Some(self.min.map_or(value, |m| m.max(value)));
    }

    pub(super) fn at_most(&mut self, value: f64) {
        self.max = Some(self.max.map_or(value, |m| m.min(value)));
    }
}

#[cfg(test)]
mod tests;
