//! Names for tenants, rows and columns, as a person who knows the application would say them.

use crate::model::ownership::Owners;
use crate::model::rows::RowRef;
use crate::model::schema::Schema;
use crate::model::tenant::Tenant;

use super::text;

/// The longest value that is shown in full.
const LONGEST: usize = 60;

/// Names things.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// The tables.
    pub schema: &'a Schema,
    /// The tenants.
    pub tenants: &'a [Tenant],
}

impl Names<'_> {
    /// What a tenant is called; its key where no tenant has that key.
    pub fn tenant(&self, key: &str) -> String {
        self.tenants
            .iter()
            .find(|tenant| &*tenant.key == key)
            .map_or_else(|| key.to_owned(), |tenant| tenant.label.clone())
    }

    /// The slugs of all owners, in order.
    pub fn owners(&self, owners: &Owners) -> Vec<String> {
        owners.0.iter().map(|key| self.tenant(key)).collect()
    }

    /// `globex's`, `globex's and initech's`, `nobody's`.
    pub fn whose(&self, owners: &Owners) -> String {
        if owners.is_global() {
            return "nobody's".to_owned();
        }
        let all: Vec<String> = self
            .owners(owners)
            .into_iter()
            .map(|slug| format!("{slug}'s"))
            .collect();
        text::list(&all)
    }

    /// `Service id=42`; `a row of Log` where the table has no key.
    pub fn row(&self, row: &RowRef) -> String {
        let table = self.table(row);
        let key = self.key(row);
        if key.is_empty() {
            return format!("a row of {table}");
        }
        let key: Vec<String> = key
            .into_iter()
            .map(|(name, value)| format!("{name}={}", text::shorten(&value, LONGEST)))
            .collect();
        format!("{table} {}", key.join(" "))
    }

    /// The table's name.
    pub fn table(&self, row: &RowRef) -> String {
        self.schema.tables.get(row.table.0).map_or_else(
            || format!("table {}", row.table.0),
            std::string::ToString::to_string,
        )
    }

    /// The primary key, column by column; empty where there is none.
    pub fn key(&self, row: &RowRef) -> Vec<(String, String)> {
        let Some(table) = self.schema.tables.get(row.table.0) else {
            return Vec::new();
        };
        table
            .primary_key
            .iter()
            .zip(&row.key)
            .map(|(&column, value)| {
                let name = table.columns.get(column).map_or("?", |c| c.name.as_str());
                (
                    name.to_owned(),
                    value.as_deref().unwrap_or("NULL").to_owned(),
                )
            })
            .collect()
    }

    /// `Service.title`.
    pub fn column(&self, row: &RowRef, column: usize) -> String {
        let name = self
            .schema
            .tables
            .get(row.table.0)
            .and_then(|table| table.columns.get(column))
            .map_or_else(|| format!("column {column}"), |c| c.name.clone());
        format!("{}.{name}", self.table(row))
    }
}
