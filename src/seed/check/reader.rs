//! Takes the parts of a check that are of the common kinds in as limits.

use super::constant::{list, number, word};
use super::expression::Expression;
use super::limits::{ColumnLimits, TableLimits};
use super::narrow::{length_limit, moment, narrow, now, pair, pattern};
use super::{counted, derived};
use crate::model::schema::{Kind, Table};

/// Reads conditions over a table.
pub(super) struct Reader<'a> {
    /// The table.
    pub table: &'a Table,
}

impl Reader<'_> {
    /// Takes a condition in; false where (a part of) it is not understood.
    pub fn apply(&self, condition: &Expression, limits: &mut TableLimits) -> bool {
        match condition {
            // Every part counts, also where another is not understood.
            Expression::And(parts) => {
                let read: Vec<bool> = parts.iter().map(|p| self.apply(p, limits)).collect();
                read.into_iter().all(|read| read)
            }
            Expression::Or(parts) => self.either(parts, limits),
            Expression::Not(inner) => self.not(inner, limits),
            Expression::IsNull(inner, is) => self.column(inner).is_some_and(|c| {
                limits.columns[c].null = Some(*is);
                true
            }),
            Expression::Name(_) => self.is(condition, &Expression::Bool(true), limits),
            Expression::Any(operator, left, right) => self.any(operator, left, right, limits),
            Expression::All(operator, left, right) if operator == "<>" || operator == "!=" => {
                let (Some(column), Some(words)) = (self.column(left), list(right)) else {
                    return false;
                };
                limits.columns[column].not_words.extend(words);
                true
            }
            Expression::Binary(operator, left, right) => self.binary(operator, left, right, limits),
            _ => false,
        }
    }

    /// One of several conditions: their words together, else the first that is understood whole and wants a value.
    fn either(&self, parts: &[Expression], limits: &mut TableLimits) -> bool {
        let mut words: Vec<(usize, Vec<String>)> = Vec::new();
        for part in parts {
            let mut scratch = TableLimits {
                columns: vec![ColumnLimits::default(); limits.columns.len()],
                ..Default::default()
            };
            if !self.apply(part, &mut scratch) {
                break;
            }
            let said: Vec<usize> = (0..scratch.columns.len())
                .filter(|&c| scratch.columns[c].words.is_some())
                .collect();
            if let [only] = said[..] {
                words.push((only, scratch.columns[only].words.take().unwrap_or_default()));
            }
        }
        let column = words.first().map(|(column, _)| *column);
        if let Some(column) = column
            .filter(|c| words.len() == parts.len() && words.iter().all(|(other, _)| other == c))
        {
            narrow(
                &mut limits.columns[column].words,
                words.into_iter().flat_map(|(_, w)| w).collect(),
            );
            return true;
        }
        let wants_null = |p: &&Expression| matches!(p, Expression::IsNull(_, true));
        let ordered = parts
            .iter()
            .filter(|p| !wants_null(p))
            .chain(parts.iter().filter(wants_null));
        for part in ordered {
            let mut tried = limits.clone();
            if self.apply(part, &mut tried) {
                *limits = tried;
                return true;
            }
        }
        false
    }

    fn not(&self, inner: &Expression, limits: &mut TableLimits) -> bool {
        let opposite = |operator: &str| match operator {
            "=" => Some("<>"),
            "<>" => Some("="),
            "<" => Some(">="),
            ">" => Some("<="),
            "<=" => Some(">"),
            ">=" => Some("<"),
            "~" => Some("!~"),
            "~~" => Some("!~~"),
            _ => None,
        };
        match inner {
            Expression::Name(_) => self.is(inner, &Expression::Bool(false), limits),
            Expression::IsNull(column, is) => {
                self.apply(&Expression::IsNull(column.clone(), !is), limits)
            }
            Expression::Binary(operator, left, right) => opposite(operator).is_some_and(|o| {
                self.apply(
                    &Expression::Binary(o.to_owned(), left.clone(), right.clone()),
                    limits,
                )
            }),
            Expression::Or(parts) => {
                let read: Vec<bool> = parts.iter().map(|p| self.not(p, limits)).collect();
                read.into_iter().all(|read| read)
            }
            _ => false,
        }
    }

    fn any(
        &self,
        operator: &str,
        left: &Expression,
        right: &Expression,
        limits: &mut TableLimits,
    ) -> bool {
        let Some(column) = self.column(left) else {
            return false;
        };
        match (operator, list(right)) {
            ("=", Some(words)) => {
                narrow(&mut limits.columns[column].words, words);
                true
            }
            _ => false,
        }
    }

    fn binary(
        &self,
        operator: &str,
        left: &Expression,
        right: &Expression,
        limits: &mut TableLimits,
    ) -> bool {
        if let (Some(a), Some(b)) = (self.column(left), self.column(right)) {
            return pair(operator, a, b, limits);
        }
        if self.column(left).is_none() && self.column(right).is_some() {
            let turned = match operator {
                "<" => ">",
                ">" => "<",
                "<=" => ">=",
                ">=" => "<=",
                same => same,
            };
            return self.binary(turned, right, left, limits);
        }
        let read = match (left, right) {
            (Expression::Call(name, arguments), _) => {
                self.call(name, arguments, operator, right, limits)
            }
            (_, Expression::Call(name, arguments)) if self.column(left).is_some() => {
                self.against_call(left, operator, name, arguments, limits)
            }
            (Expression::IsNull(a, x), Expression::IsNull(b, y)) => {
                self.both(operator, (a, *x), (b, *y), limits)
            }
            (Expression::Binary(..), _) => counted::read(self.table, left, operator, number(right))
                .map(|columns| limits.one_of.push(columns))
                .is_some(),
            _ => self.against_value(left, operator, right, limits),
        };
        read || derived::read(self.table, left, operator, right)
            .map(|derived| limits.derived.push(derived))
            .is_some()
    }

    /// `(a IS NULL) <> (b IS NULL)`: one of them; with `=`: both.
    fn both(
        &self,
        operator: &str,
        (a, x): (&Expression, bool),
        (b, y): (&Expression, bool),
        limits: &mut TableLimits,
    ) -> bool {
        let (Some(a), Some(b)) = (self.column(a), self.column(b)) else {
            return false;
        };
        if (operator == "<>") == (x == y) {
            limits.one_of.push(vec![a, b]);
        } else {
            limits.columns[a].null = Some(false);
            limits.columns[b].null = Some(false);
        }
        matches!(operator, "=" | "<>")
    }

    fn is(&self, column: &Expression, value: &Expression, limits: &mut TableLimits) -> bool {
        let (Some(column), Some(word)) = (self.column(column), word(value)) else {
            return false;
        };
        narrow(&mut limits.columns[column].words, vec![word]);
        true
    }

    /// A column against a constant.
    fn against_value(
        &self,
        left: &Expression,
        operator: &str,
        right: &Expression,
        limits: &mut TableLimits,
    ) -> bool {
        let Some(column) = self.column(left) else {
            return false;
        };
        let numeric = matches!(
            self.table.columns[column].kind,
            Kind::Integer(_) | Kind::Numeric(_) | Kind::Float
        );
        let step = if matches!(self.table.columns[column].kind, Kind::Integer(_)) {
            1.0
        } else {
            0.01
        };
        let here = &mut limits.columns[column];
        match (operator, number(right).filter(|_| numeric)) {
            ("=", Some(value)) => (here.min, here.max) = (Some(value), Some(value)),
            (">", Some(value)) => here.at_least(value + step),
            (">=", Some(value)) => here.at_least(value),
            ("<", Some(value)) => here.at_most(value - step),
            ("<=", Some(value)) => here.at_most(value),
            ("=", None) => return self.is(left, right, limits),
            ("<>", _) => match word(right) {
                Some(word) => here.not_words.push(word),
                None => return false,
            },
            ("~" | "!~" | "~*" | "!~*" | "~~" | "!~~", None) => {
                return pattern(operator, right, here);
            }
            ("<@", None) => match list(right) {
                Some(words) => narrow(&mut here.words, words),
                None => return false,
            },
            (_, None) => return moment(operator, right, here),
            _ => return false,
        }
        true
    }

    /// `length(name) > 2`, `lower(email) = email`, `num_nonnulls(a, b) = 1`.
    fn call(
        &self,
        name: &str,
        arguments: &[Expression],
        operator: &str,
        right: &Expression,
        limits: &mut TableLimits,
    ) -> bool {
        if name == "num_nonnulls" && number(right) == Some(1.0) && operator == "=" {
            let columns: Option<Vec<usize>> = arguments.iter().map(|a| self.column(a)).collect();
            return columns.is_some_and(|c| {
                limits.one_of.push(c);
                true
            });
        }
        let inner = match arguments {
            [Expression::Call(trim, inside)]
                if ["btrim", "trim", "ltrim", "rtrim"].contains(&trim.as_str()) =>
            {
                inside.first()
            }
            _ => arguments.first(),
        };
        let Some(column) = inner.and_then(|a| self.column(a)) else {
            return false;
        };
        let here = &mut limits.columns[column];
        match (name, operator, number(right), word(right)) {
            (
                "length" | "char_length" | "character_length" | "octet_length",
                _,
                Some(length),
                _,
            ) => length_limit(here, operator, length),
            ("jsonb_typeof" | "json_typeof", "=", _, Some(kind)) => {
                here.json = Some(kind);
                true
            }
            ("btrim" | "trim", "<>", _, Some(_)) => {
                here.min_length = Some(here.min_length.unwrap_or(1).max(1));
                true
            }
            ("lower" | "upper", "=", ..) if self.column(right) == Some(column) => {
                here.case = Some(name == "upper");
                true
            }
            _ => false,
        }
    }

    /// `email = lower(email)`, `born < now()`.
    fn against_call(
        &self,
        left: &Expression,
        operator: &str,
        name: &str,
        arguments: &[Expression],
        limits: &mut TableLimits,
    ) -> bool {
        let Some(column) = self.column(left) else {
            return false;
        };
        match (name, operator) {
            ("now" | "clock_timestamp" | "statement_timestamp", _) => {
                now(operator, &mut limits.columns[column])
            }
            ("lower" | "upper", "=") => self.call(name, arguments, operator, left, limits),
            _ => false,
        }
    }

    fn column(&self, expression: &Expression) -> Option<usize> {
        match expression {
            Expression::Name(name) => self.table.column(name),
            _ => None,
        }
    }
}
