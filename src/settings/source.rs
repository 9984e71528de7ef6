//! The text of a description with the place of every key, so that any later error can point there.

use std::collections::BTreeMap;
use std::ops::Range;

use miette::NamedSource;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::target::description::Description;

use super::problem::{Problem, SettingsError};
use super::shape;

/// Where a key stands, and its value.
#[derive(Debug, Clone)]
struct Place {
    key: Range<usize>,
    value: Range<usize>,
}

/// The text of a description.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    name: String,
    text: String,
    places: BTreeMap<String, Place>,
}

impl Source {
    /// Reads the text as TOML, and checks every key and type against the shape of a description.
    pub(super) fn read(name: &str, text: &str) -> Result<Self, SettingsError> {
        let mut source = Self {
            name: name.to_owned(),
            text: text.to_owned(),
            places: BTreeMap::new(),
        };
        let parsed = DeTable::parse(text);
        let table = match &parsed {
            Ok(table) => table.get_ref(),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                return Err(source.single(span, error.message().to_owned(), None));
            }
        };
        index(table, "", &mut source.places);
        SettingsError::of(shape::problems(table, &source))?;
        Ok(source)
    }

    /// The description. What the shape cannot say is said by its types.
    pub(super) fn description(&self) -> Result<Description, SettingsError> {
        toml::from_str(&self.text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            self.single(span, error.message().to_owned(), None)
        })
    }

    /// A problem with the value of a key; one that does not stand there points to the nearest table above.
    pub(super) fn problem(
        &self,
        key: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) -> Problem {
        let mut at = key;
        let span = loop {
            if let Some(place) = self.places.get(at) {
                break if at == key {
                    place.value.clone()
                } else {
                    place.key.clone()
                };
            }
            match at.rfind(['.', '[']) {
                Some(end) => at = &at[..end],
                None => break 0..0,
            }
        };
        self.problem_in(span, message.into(), help)
    }

    /// A problem with a stretch of the text.
    pub(super) fn problem_in(
        &self,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) -> Problem {
        let start = span.start.min(self.text.len());
        let before = self.text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Problem {
            message,
            help,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            file: NamedSource::new(&self.name, self.text.clone()).with_language("TOML"),
            span: (start..span.end.clamp(start, self.text.len())).into(),
        }
    }

    /// An error of one problem.
    pub(super) fn single(
        &self,
        span: Range<usize>,
        message: String,
        help: Option<String>,
    ) -> SettingsError {
        SettingsError::Invalid {
            first: Box::new(self.problem_in(span, message, help)),
            rest: Vec::new(),
        }
    }
}

/// The dotted name of a key below another.
pub(super) fn below(parent: &str, key: &str) -> String {
    if parent.is_empty() {
        key.to_owned()
    } else {
        format!("{parent}.{key}")
    }
}

fn index(table: &DeTable<'_>, at: &str, into: &mut BTreeMap<String, Place>) {
    for (key, value) in table {
        index_value(&below(at, key.get_ref()), &key.span(), value, into);
    }
}

fn index_value(
    at: &str,
    key: &Range<usize>,
    value: &Spanned<DeValue<'_>>,
    into: &mut BTreeMap<String, Place>,
) {
    let place = Place {
        key: key.clone(),
        value: value.span(),
    };
    into.insert(at.to_owned(), place);
    match value.get_ref() {
        DeValue::Table(table) => index(table, at, into),
        DeValue::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                index_value(&format!("{at}[{number}]"), &item.span(), item, into);
            }
        }
        _ => {}
    }
}
