//! What crossed, with rows, columns and tenants by name.

use serde::Serialize;

use super::super::super::names::Names;
use super::super::super::sentence;
use super::RowName;
use crate::model::observed::Sighting;
use crate::model::rows::{Operation, RowRef};
use crate::model::verdict;

/// What crossed; `kind` tells which.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Crossing {
    Leaked {
        at: String,
        strong: bool,
        values: Vec<Leak>,
    },
    Observed {
        at: String,
        values: Vec<Seen>,
    },
    Wrote {
        operation: &'static str,
        row: RowName,
        columns: Vec<String>,
        owners_before: Vec<String>,
        owners_after: Vec<String>,
    },
    Referenced {
        from: RowName,
        column: String,
        to: RowName,
        owners: Vec<String>,
        declared: bool,
    },
    Detected {
        difference: String,
        guessable: bool,
    },
    Moved {
        at: String,
        with: Option<String>,
        without: Option<String>,
        rows: Vec<RowName>,
        owners: Vec<String>,
    },
    Blocked {
        sentence: String,
    },
    Cacheable {
        header: String,
        value: Leak,
        at: String,
    },
    Broke {
        promise: String,
        instead: String,
    },
}

/// A leaked value and where it comes from.
#[derive(Serialize)]
pub struct Leak {
    value: String,
    column: String,
    row: RowName,
    owners: Vec<String>,
}

/// A value that stands in no row and where it was first seen; `route` is `null` for the log-in.
#[derive(Serialize)]
pub struct Seen {
    value: String,
    tenant: String,
    actor: String,
    route: Option<String>,
    at: String,
}

impl Crossing {
    pub fn of(crossing: &verdict::Crossing, names: &Names<'_>) -> Self {
        match crossing {
            verdict::Crossing::Leaked { values, strong, at } => Self::Leaked {
                at: at.clone(),
                strong: *strong,
                values: values.iter().map(|v| value(v, names)).collect(),
            },
            verdict::Crossing::Observed { values, at } => Self::Observed {
                at: at.clone(),
                values: values.iter().map(|v| seen(v, names)).collect(),
            },
            verdict::Crossing::Wrote {
                operation,
                row: at,
                columns,
                before,
                after,
            } => Self::Wrote {
                operation: done(*operation),
                row: row(at, names),
                columns: columns.clone(),
                owners_before: names.owners(before),
                owners_after: names.owners(after),
            },
            verdict::Crossing::Referenced {
                from,
                column,
                to,
                owners,
                declared,
            } => Self::Referenced {
                from: row(from, names),
                column: column.clone(),
                to: row(to, names),
                owners: names.owners(owners),
                declared: *declared,
            },
            verdict::Crossing::Detected {
                difference,
                guessable,
            } => Self::Detected {
                difference: difference.clone(),
                guessable: *guessable,
            },
            verdict::Crossing::Moved {
                at,
                with,
                without,
                rows,
                owners,
            } => Self::Moved {
                at: at.clone(),
                with: with.clone(),
                without: without.clone(),
                rows: rows.iter().map(|at| row(at, names)).collect(),
                owners: names.owners(owners),
            },
            verdict::Crossing::Blocked { sentence } => Self::Blocked {
                sentence: sentence.clone(),
            },
            verdict::Crossing::Cacheable {
                header,
                value: own,
                at,
            } => Self::Cacheable {
                header: header.clone(),
                value: value(own, names),
                at: at.clone(),
            },
            verdict::Crossing::Broke { promise, instead } => Self::Broke {
                promise: promise.clone(),
                instead: instead.clone(),
            },
        }
    }
}

fn value(from: &verdict::Provenance, names: &Names<'_>) -> Leak {
    Leak {
        value: from.value.clone(),
        column: names.column(&from.row, from.column),
        row: row(&from.row, names),
        owners: names.owners(&from.owners),
    }
}

fn seen(from: &Sighting, names: &Names<'_>) -> Seen {
    Seen {
        value: sentence::shown(from).to_owned(),
        tenant: names.tenant(&from.tenant),
        actor: from.source.actor().to_string(),
        route: from.source.route().map(ToString::to_string),
        at: from.at.clone(),
    }
}

fn row(at: &RowRef, names: &Names<'_>) -> RowName {
    RowName {
        table: names.table(at),
        key: names.key(at).into_iter().collect(),
    }
}

fn done(operation: Operation) -> &'static str {
    match operation {
        Operation::Insert => "insert",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Truncate => "truncate",
    }
}
