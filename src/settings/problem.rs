//! What is wrong with settings: where, what, and what to write instead.

use std::fmt;
use std::path::PathBuf;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode, SourceSpan};

/// Something wrong in a description, with its place.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    pub(super) file: NamedSource<String>,
    pub(super) span: SourceSpan,
}

/// Why there are no settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read the target description {}: {error}; write one, or name another file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It says something wrong.
    #[error("{first}{}", more(rest.len()))]
    Invalid {
        /// The first problem, in the order of the file.
        first: Box<Problem>,
        /// The others.
        rest: Vec<Problem>,
    },
    /// A variable of the environment has a value that it cannot have.
    #[error("the environment variable {name} is `{value}`, and must be {expected}")]
    Environment {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
}

impl SettingsError {
    /// Fails where there is any problem.
    pub(super) fn of(mut problems: Vec<Problem>) -> Result<(), Self> {
        problems.sort_by_key(|p| p.span.offset());
        let mut problems = problems.into_iter();
        match problems.next() {
            None => Ok(()),
            Some(first) => Err(Self::Invalid {
                first: Box::new(first),
                rest: problems.collect(),
            }),
        }
    }

    /// Every problem of the file, in its order.
    pub fn problems(&self) -> Vec<&Problem> {
        match self {
            Self::Invalid { first, rest } => std::iter::once(&**first).chain(rest).collect(),
            Self::Read { .. } | Self::Environment { .. } => Vec::new(),
        }
    }
}

fn more(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => " (and 1 more problem)".to_owned(),
        n => format!(" (and {n} more problems)"),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file.name(),
            self.line,
            self.column,
            self.message
        )?;
        let apart = if self.message.ends_with('?') {
            " "
        } else {
            "; "
        };
        self.help
            .as_ref()
            .map_or(Ok(()), |help| write!(f, "{apart}{help}"))
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|h| Box::new(h) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.file)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new_primary_with_span(Some("here".to_owned()), self.span);
        Some(Box::new(std::iter::once(label)))
    }
}

impl Diagnostic for SettingsError {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        match self {
            Self::Invalid { first, .. } => first.help(),
            _ => None,
        }
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        match self {
            Self::Invalid { first, .. } => first.source_code(),
            _ => None,
        }
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        match self {
            Self::Invalid { first, .. } => first.labels(),
            _ => None,
        }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        match self {
            Self::Invalid { rest, .. } if !rest.is_empty() => {
                Some(Box::new(rest.iter().map(|p| p as &dyn Diagnostic)))
            }
            _ => None,
        }
    }
}
