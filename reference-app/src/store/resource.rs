//! What the data-access layer knows about a table.
use crate::{faults::Fault, tenancy::Role};

/// What is done to a table: the unit in which a team forgets the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Create,
    List,
    LaterPage,
    Count,
    Export,
    ZipExport,
    XlsxExport,
    Get,
    Patch,
    Delete,
    Action,
    BulkIds,
    BulkWhere,
    NestedList,
    NestedGet,
    NestedCreate,
    NestedDelete,
    Distinct,
    Calendar,
    Aggregate,
}

/// A column that holds the id (or ids) of other rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reference {
    pub(crate) column: &'static str,
    pub(crate) table: &'static str,
    /// The fault under which nobody looks the id up, and on which statement.
    pub(crate) slip: Option<(Op, Fault)>,
}

/// A table, and what may be asked of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resource {
    pub(crate) table: &'static str,
    /// The id is an integer that the database hands out.
    pub(crate) numeric_id: bool,
    /// Columns in answers.
    pub(crate) columns: &'static [&'static str],
    /// Columns that a body may set.
    pub(crate) writable: &'static [&'static str],
    pub(crate) searchable: &'static [&'static str],
    pub(crate) sortable: &'static [&'static str],
    pub(crate) filters: &'static [&'static str],
    pub(crate) references: &'static [Reference],
    /// The column that a missing slug is made from.
    pub(crate) slug_from: Option<&'static str>,
    pub(crate) read: Role,
    pub(crate) write: Role,
    /// Where this resource's team made its mistakes: the statement that forgets the tenant under a fault.
    pub(crate) slips: &'static [(Op, Fault)],
}

impl Resource {
    /// What most resources share.
    pub(crate) const BASE: Self = Self {
        table: "",
        numeric_id: false,
        columns: &[],
        writable: &[],
        searchable: &[],
        sortable: &["createdAt"],
        filters: &[],
        references: &[],
        slug_from: None,
        read: Role::Staff,
        write: Role::Staff,
        slips: &[],
    };

    /// Whether the table has a column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    /// The SQL expression of a row as JSON.
    pub(crate) fn row(&self) -> String {
        let pairs: Vec<_> = self
            .columns
            .iter()
            .map(|column| format!("'{column}', \"{column}\""))
            .collect();
        format!("json_build_object({})", pairs.join(", "))
    }
}
