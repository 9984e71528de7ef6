//! Values as they compare across the wall between database and answer, and the index that finds the rows they stand in.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::rows::{Row, RowRef};

/// A value that stands in more places than this tells no row from another.
pub const COMMON: usize = 512;

/// Longer values are not indexed: they stand in answers whole, if at all, and hold tokens of their own.
const LONGEST: usize = 256;

/// The form in which a database value and its rendering in an answer are equal: numbers without trailing zeros, times in
/// ISO form without a zero fraction or zone. `None` for what coincides by nature: null, booleans, nothing, 0 and 1.
pub fn canonical(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if matches!(text, "" | "t" | "f") || is_word(text, &["null", "none", "true", "false"]) {
        return None;
    }
    if let Some(number) = number(text) {
        return (!matches!(&*number, "0" | "1" | "-1" | "-0")).then_some(number);
    }
    Some(time(text).unwrap_or(Cow::Borrowed(text)))
}

fn is_word(text: &str, words: &[&str]) -> bool {
    words.iter().any(|w| text.eq_ignore_ascii_case(w))
}

/// A decimal number without trailing zeros in its fraction. Leading zeros make a code, not a number.
fn number(text: &str) -> Option<Cow<'_, str>> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let coded = whole.len() > 1 && whole.starts_with('0');
    if whole.is_empty() || coded || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    if digits.contains('.') {
        let kept = text.trim_end_matches('0').trim_end_matches('.');
        return Some(Cow::Borrowed(kept));
    }
    Some(Cow::Borrowed(text))
}

/// `2025-03-01 10:00:00+00` as `2025-03-01T10:00:00`; midnight as the date alone. Other zones stay as they are written.
fn time(text: &str) -> Option<Cow<'_, str>> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mark = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|b| marks.contains(b));
    let dated = [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(digit) && mark(4, b"-") && mark(7, b"-");
    if !dated || !mark(10, b" T") || !mark(13, b":") || !text.is_ascii() {
        return None;
    }
    let (date, clock) = (&text[..10], &text[11..]);
    let clock = ["Z", "+00:00", "+0000", "+00"]
        .iter()
        .find_map(|zone| clock.strip_suffix(zone))
        .unwrap_or(clock);
    let clock = if clock.contains('.') {
        clock.trim_end_matches('0').trim_end_matches('.')
    } else {
        clock
    };
    let clock = if clock.len() == 5 {
        Cow::Owned(format!("{clock}:00"))
    } else {
        Cow::Borrowed(clock)
    };
    Some(if clock == "00:00:00" {
        Cow::Borrowed(date)
    } else {
        Cow::Owned(format!("{date}T{clock}"))
    })
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The row.
    pub row: Arc<RowRef>,
    /// Index of the column in its table.
    pub column: usize,
}

/// The rows by their values in [`canonical`] form.
#[derive(Debug, Clone, Default)]
pub struct ValueIndex {
    places: HashMap<Arc<str>, Posting>,
}

#[derive(Debug, Clone)]
enum Posting {
    Places(Vec<Place>),
    /// More places than [`COMMON`]; once common, always common.
    Common,
}

/// What the index knows of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing<'a> {
    /// It stands in these places, or nowhere.
    At(&'a [Place]),
    /// It stands in too many places to tell rows apart.
    Common,
}

impl ValueIndex {
    /// Adds the values of a row.
    pub fn add(&mut self, at: &RowRef, row: &Row) {
        let at = Arc::new(at.clone());
        for (column, value) in indexed(row) {
            let place = Place {
                row: Arc::clone(&at),
                column,
            };
            let posting = self
                .places
                .entry(value)
                .or_insert_with(|| Posting::Places(Vec::new()));
            match posting {
                Posting::Places(places) if places.len() < COMMON => places.push(place),
                _ => *posting = Posting::Common,
            }
        }
    }

    /// Removes the values of a row.
    pub fn remove(&mut self, at: &RowRef, row: &Row) {
        for (column, value) in indexed(row) {
            if let Some(Posting::Places(places)) = self.places.get_mut(&value) {
                places.retain(|p| p.column != column || *p.row != *at);
                if places.is_empty() {
                    self.places.remove(&value);
                }
            }
        }
    }

    /// Where a value in canonical form stands.
    pub fn get(&self, canonical: &str) -> Standing<'_> {
        match self.places.get(canonical) {
            Some(Posting::Places(places)) => Standing::At(places),
            Some(Posting::Common) => Standing::Common,
            None => Standing::At(&[]),
        }
    }
}

/// The columns of a row that are indexed, with their canonical value.
fn indexed(row: &Row) -> impl Iterator<Item = (usize, Arc<str>)> {
    row.iter().enumerate().filter_map(|(column, value)| {
        let value = value.as_ref().filter(|v| v.len() <= LONGEST)?;
        let canonical = canonical(value)?;
        let shared = if *canonical == **value {
            Arc::clone(value)
        } else {
            canonical.into()
        };
        Some((column, shared))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_one_form() {
        let same = [
            ("150.00", "150"),
            ("150.0", "150"),
            ("-2.50", "-2.5"),
            ("2025-03-01 10:00:00+00", "2025-03-01T10:00:00"),
            ("2025-03-01T10:00:00.000Z", "2025-03-01T10:00:00"),
            ("2025-03-01T10:00", "2025-03-01T10:00:00"),
            ("2025-03-01 10:00:00.120", "2025-03-01T10:00:00.12"),
            ("2025-03-01T00:00:00Z", "2025-03-01"),
            ("2025-03-01", "2025-03-01"),
            ("0042", "0042"),
            ("100", "100"),
            (" Tax return ", "Tax return"),
        ];
        for (written, form) in same {
            assert_eq!(canonical(written).as_deref(), Some(form), "{written}");
        }
    }

    #[test]
    fn what_coincides_by_nature_has_none() {
        for trivial in [
            "", " ", "null", "None", "True", "f", "0", "1", "0.00", "1.0", "-1",
        ] {
            assert_eq!(canonical(trivial), None, "{trivial}");
        }
    }
}
