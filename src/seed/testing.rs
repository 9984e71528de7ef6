//! Schemas made by hand, for tests.

use crate::model::rows::{Row, Rows};
use crate::model::schema::{Column, ForeignKey, Kind, Schema, Table, TableId, Unique};

/// A schema under construction.
#[derive(Debug, Clone, Default)]
pub struct Made(pub Schema);

/// A column of that name and kind; `!` behind the name says NOT NULL.
pub fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.trim_end_matches('!').to_owned(),
        type_name: "text".into(),
        kind,
        not_null: name.ends_with('!'),
        default: None,
        numbered: false,
        identity_always: false,
        generated: false,
        max_length: None,
    }
}

impl Made {
    /// Adds a table; its first column is the primary key.
    #[must_use]
    pub fn table(mut self, name: &str, columns: &[(&str, Kind)]) -> Self {
        let (schema, name) = name.split_once('.').unwrap_or(("public", name));
        let id = TableId(self.0.tables.len());
        self.0.tables.push(Table {
            id,
            oid: u32::try_from(id.0).unwrap(),
            schema: schema.into(),
            name: name.into(),
            columns: columns.iter().map(|(n, k)| column(n, k.clone())).collect(),
            primary_key: vec![0],
            uniques: Vec::new(),
            foreign_keys: Vec::new(),
            checks: Vec::new(),
            unlogged: false,
        });
        self
    }

    /// Adds a foreign key from `table.column` to the key of another table.
    #[must_use]
    pub fn key(mut self, from: &str, to: &str) -> Self {
        let (table, column) = from.rsplit_once('.').unwrap();
        let parent = self.0.by_name(to).unwrap().id;
        let id = self.0.by_name(table).unwrap().id;
        let column = self.0.table(id).column(column).unwrap();
        self.0.tables[id.0].foreign_keys.push(ForeignKey {
            name: format!("{from}_fkey"),
            columns: vec![column],
            table: parent,
            references: vec![0],
            deferrable: false,
        });
        self
    }

    /// Adds a unique constraint.
    #[must_use]
    pub fn unique(mut self, table: &str, columns: &[&str]) -> Self {
        let id = self.0.by_name(table).unwrap().id;
        let columns = columns
            .iter()
            .map(|c| self.0.table(id).column(c).unwrap())
            .collect();
        self.0.tables[id.0].uniques.push(Unique {
            columns,
            predicate: None,
        });
        self
    }

    /// The schema, undeclared references found.
    pub fn done(mut self) -> Schema {
        super::introspect::infer(&mut self.0);
        self.0
    }
}

/// Puts a row in; `-` is NULL.
pub fn put(rows: &mut Rows, schema: &Schema, table: &str, values: &[&str]) {
    let row: Row = values
        .iter()
        .map(|v| (*v != "-").then(|| (*v).into()))
        .collect();
    rows.insert(schema, schema.by_name(table).unwrap().id, row);
}
