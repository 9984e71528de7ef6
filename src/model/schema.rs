//! The database schema as partywall sees it: tables, columns, keys. Read once by `seed`, never written.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A table's place in [`Schema::tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableId(pub usize);

/// Every ordinary table of the target's database outside the system schemas.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Schema {
    /// The tables; a [`TableId`] is an index here.
    pub tables: Vec<Table>,
}

/// One table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Table {
    /// Its own index.
    pub id: TableId,
    /// Its object id in this database (`pg_class.oid`); differs between clones of a template only after DDL.
    pub oid: u32,
    /// The schema that holds it, e.g. `public`.
    pub schema: String,
    /// Its name, as stored (unquoted).
    pub name: String,
    /// Its columns in attribute order, dropped ones left out.
    pub columns: Vec<Column>,
    /// Indices into `columns` of the primary key; empty where there is none.
    pub primary_key: Vec<usize>,
    /// Column sets of unique constraints and of unique indexes over plain columns, the primary key left out.
    pub uniques: Vec<Unique>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Check constraints as `pg_get_constraintdef` prints them.
    pub checks: Vec<String>,
    /// Rows of unlogged tables do not show in the change stream.
    pub unlogged: bool,
}

/// A unique constraint or index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    /// Indices into the table's columns.
    pub columns: Vec<usize>,
    /// The predicate of a partial index, as Postgres prints it.
    pub predicate: Option<String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, as stored.
    pub name: String,
    /// Its type as `format_type` prints it, e.g. `character varying(36)`.
    pub type_name: String,
    /// What values it holds, domains resolved to their base.
    pub kind: Kind,
    /// Whether NULL is refused (also by its domain).
    pub not_null: bool,
    /// Its default expression, as Postgres prints it.
    pub default: Option<String>,
    /// Whether the database numbers it (identity or serial).
    pub numbered: bool,
    /// `GENERATED ALWAYS AS IDENTITY`: an explicit value needs OVERRIDING SYSTEM VALUE.
    pub identity_always: bool,
    /// `GENERATED ALWAYS AS (…) STORED`: never written.
    pub generated: bool,
    /// The longest value in characters, where the type bounds it.
    pub max_length: Option<u32>,
}

/// What kind of values a column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// `text`, `varchar`, `char`, `citext`, `name`.
    Text,
    /// `uuid`.
    Uuid,
    /// `smallint`, `integer`, `bigint`, by width in bits.
    Integer(u8),
    /// `numeric` with precision and scale where declared.
    Numeric(Option<(u32, u32)>),
    /// `real`, `double precision`.
    Float,
    /// `boolean`.
    Boolean,
    /// `date`.
    Date,
    /// `time`, with or without zone.
    Time,
    /// `timestamp`, with or without zone.
    Timestamp,
    /// `interval`.
    Interval,
    /// `json`, `jsonb`.
    Json,
    /// `bytea`.
    Bytes,
    /// An enum type and its words.
    Enum(Vec<String>),
    /// An array of another kind.
    Array(Box<Kind>),
    /// `inet`, `cidr`.
    Network,
    /// A composite type and its fields.
    Composite(Vec<Column>),
    /// Anything else, by type name.
    Other(String),
}

/// A foreign key: the columns here and the columns there, in matching order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The constraint's name; empty where none is declared and only the column's name and type say that it points there.
    pub name: String,
    /// Indices into the child's columns.
    pub columns: Vec<usize>,
    /// The parent.
    pub table: TableId,
    /// Indices into the parent's columns.
    pub references: Vec<usize>,
    /// Whether the check may wait until commit.
    pub deferrable: bool,
}

impl ForeignKey {
    /// Whether the database enforces it.
    pub fn is_declared(&self) -> bool {
        !self.name.is_empty()
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ColumnRef {
    /// The table.
    pub table: TableId,
    /// Index into its columns.
    pub column: usize,
}

impl Schema {
    /// The table of that id.
    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.0]
    }

    /// The table of that name: `table` or `schema.table`; `public` wins where several schemas hold the name.
    pub fn by_name(&self, name: &str) -> Option<&Table> {
        let full = |t: &&Table| format!("{}.{}", t.schema, t.name) == name;
        self.tables
            .iter()
            .find(full)
            .or_else(|| {
                self.tables
                    .iter()
                    .find(|t| t.name == name && t.schema == "public")
            })
            .or_else(|| self.tables.iter().find(|t| t.name == name))
    }

    /// The table of that object id.
    pub fn by_oid(&self, oid: u32) -> Option<&Table> {
        self.tables.iter().find(|t| t.oid == oid)
    }

    /// `table.column` as partywall prints it, the schema named only where it is not `public`.
    pub fn column_name(&self, at: ColumnRef) -> String {
        let table = self.table(at.table);
        format!("{table}.{}", table.columns[at.column].name)
    }
}

impl Table {
    /// The index of the column of that name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// The quoted, schema-qualified name, fit for SQL.
    pub fn sql(&self) -> String {
        format!("{}.{}", quote(&self.schema), quote(&self.name))
    }

    /// Whether a column is part of a foreign key.
    pub fn is_foreign_key(&self, column: usize) -> bool {
        self.foreign_keys
            .iter()
            .any(|key| key.columns.contains(&column))
    }

    /// Whether a column is part of the primary key, or of a foreign one.
    pub fn is_key(&self, column: usize) -> bool {
        self.primary_key.contains(&column) || self.is_foreign_key(column)
    }

    /// The only column of a one-column primary key.
    pub fn single_key(&self) -> Option<usize> {
        match self.primary_key[..] {
            [only] => Some(only),
            _ => None,
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.schema != "public" {
            write!(f, "{}.", self.schema)?;
        }
        f.write_str(&self.name)
    }
}

/// An identifier in double quotes, fit for SQL.
pub fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
