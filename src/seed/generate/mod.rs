//! Generated rows for any reasonable schema: parents first, own parents only, canaries in every text that takes one.

mod agree;
mod attempt;
mod derive;
mod draft;
mod fill;
mod insert;
mod late;
mod order;
mod own;
mod parents;
mod soft;
mod store;
mod types;
mod unique;
mod whose;

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::SeedError;
use super::check::{TableLimits, limits};
use super::names;
use super::ownership::find_table_column;
use super::value::{self, Learnt};
use crate::model::ownership::Ownership;
use crate::model::route::Route;
use crate::model::rows::{RowRef, Rows};
use crate::model::schema::{ColumnRef, Schema, TableId};
use crate::model::tenant::Tenant;
use crate::target::description::Seed;
use crate::target::placeholder::{Values, fill};

pub use attempt::Learned;
pub use draft::Cell;
pub use fill::begin;
pub use late::{late_of, settle};
pub use order::{Order, order};
pub use store::Store;

/// Generated rows a table and tenant, where the description says nothing.
const ROWS: usize = 12;

/// Whose row, and the how-manieth of its table, from 1.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The tenant's place in the cast; `None` for a row of nobody.
    pub tenant: Option<usize>,
    /// The row's number.
    pub number: usize,
}

/// What became of one table.
#[derive(Debug)]
pub struct Filled {
    /// The table.
    pub table: TableId,
    /// Its generated rows with an owner, or all of them where the table is global.
    pub rows: Vec<RowRef>,
    /// Its generated rows without a tenant, where it has a tenant column that may be NULL.
    pub shared: Vec<RowRef>,
    /// Why it could not be filled for some tenant.
    pub failure: Option<String>,
}

/// Makes rows.
pub struct Generator<'a> {
    /// The tables.
    pub schema: &'a Schema,
    /// Whose rows are whose.
    pub ownership: &'a Ownership,
    /// The rows that are there.
    pub store: Store,
    /// The tenants so far, in the order of the cast.
    pub tenants: Vec<Tenant>,
    /// What fills placeholders of declared values, beside the row's own.
    pub placeholders: Values,
    /// What the routes and the stored rows say about words.
    pub learnt: Learnt,
    limits: Vec<TableLimits>,
    words: HashMap<ColumnRef, Vec<String>>,
    values: HashMap<ColumnRef, String>,
    skipped: HashSet<TableId>,
    spared: HashSet<RowRef>,
    addresses: HashMap<usize, String>,
    rows: usize,
    rng: ChaCha8Rng,
    today: NaiveDate,
    /// Forms of values of types that are not known, as Postgres was found to take them.
    forms: HashMap<String, &'static str>,
}

impl<'a> Generator<'a> {
    /// A generator for a database as it stands. Names in the description that do not exist are errors.
    pub fn new(
        schema: &'a Schema,
        ownership: &'a Ownership,
        rows: Rows,
        routes: &[Route],
        described: &Seed,
        seed: u64,
    ) -> Result<Self, SeedError> {
        let mut words = HashMap::new();
        for (name, list) in &described.words {
            let key = format!("seed.words.{name}");
            let (table, column) = find_table_column(schema, name, &key)?;
            if list.is_empty() {
                return Err(SeedError::Unreadable {
                    key,
                    why: "the list is empty".into(),
                });
            }
            words.insert(ColumnRef { table, column }, list.clone());
        }
        let mut values = HashMap::new();
        for (name, value) in &described.values {
            let (table, column) = find_table_column(schema, name, &format!("seed.values.{name}"))?;
            values.insert(ColumnRef { table, column }, value.clone());
        }
        let mut skipped: HashSet<TableId> = schema
            .tables
            .iter()
            .filter(|t| is_bookkeeping(&t.name))
            .map(|t| t.id)
            .collect();
        for name in &described.skip {
            skipped.insert(super::ownership::find_table(schema, name, "seed.skip")?.id);
        }
        Ok(Self {
            learnt: Learnt::new(schema, &rows, routes),
            store: Store::new(schema, rows),
            limits: schema.tables.iter().map(limits).collect(),
            schema,
            ownership,
            tenants: Vec::new(),
            placeholders: Values::new(),
            words,
            values,
            skipped,
            spared: HashSet::new(),
            addresses: HashMap::new(),
            rows: described.rows.unwrap_or(ROWS),
            rng: ChaCha8Rng::seed_from_u64(seed),
            today: described.today().unwrap_or_else(value::today),
            forms: HashMap::new(),
        })
    }

    /// The generator for the schema as it is now, with the cast that stands: tables may have been made meanwhile.
    pub fn moved<'b>(
        self,
        schema: &'b Schema,
        ownership: &'b Ownership,
        rows: Rows,
        routes: &[Route],
        described: &Seed,
    ) -> Result<Generator<'b>, SeedError> {
        let fresh = Generator::new(schema, ownership, rows, routes, described, 0)?;
        Ok(Generator {
            tenants: self.tenants,
            placeholders: self.placeholders,
            spared: self.spared,
            addresses: self.addresses,
            // No value is made twice.
            rng: self.rng,
            ..fresh
        })
    }

    /// The words that a column may hold, as far as anything tells.
    pub fn words_of(&self, table: TableId, column: usize) -> Option<Vec<String>> {
        let at = ColumnRef { table, column };
        let here = self.schema.table(table);
        if let crate::model::schema::Kind::Enum(words) = &here.columns[column].kind {
            return Some(words.clone());
        }
        self.words
            .get(&at)
            .cloned()
            .or_else(|| self.limits[table.0].columns[column].words.clone())
            .or_else(|| self.learnt.stored(table, column).map(<[String]>::to_vec))
            .or_else(|| self.learnt.told(&here.name, &here.columns[column].name))
            .or_else(|| value::literal_default(&here.columns[column]).map(|w| vec![w]))
    }

    /// The words that a column's checks allow.
    pub fn checked_words(&self, table: TableId, column: usize) -> Option<Vec<String>> {
        self.limits[table.0].columns[column].words.clone()
    }

    /// The empty document of a column that holds one: `{}` or `[]`.
    pub fn empty_document(&self, table: TableId, column: usize) -> Option<String> {
        let here = self.schema.table(table);
        let at = &here.columns[column];
        let limits = &self.limits[table.0].columns[column];
        let shape = self.learnt.shape(&here.name, &at.name);
        value::empty_document(at, limits, shape).map(str::to_owned)
    }

    /// Whether the description says what a column holds.
    pub fn is_declared(&self, table: TableId, column: usize) -> bool {
        let at = ColumnRef { table, column };
        self.values.contains_key(&at) || self.words.contains_key(&at)
    }

    /// Takes over the rows as they stand now.
    pub fn reload(&mut self, rows: Rows) {
        self.store = Store::new(self.schema, rows);
    }

    /// No generated row shall refer to this user of a tenant by its key; by its e-mail address some do.
    pub fn spare(&mut self, tenant: usize, user: RowRef, address: Option<String>) {
        self.spared.insert(user);
        self.addresses.extend(address.map(|a| (tenant, a)));
    }

    /// A fresh canary.
    pub fn token(&mut self) -> String {
        value::token(&mut self.rng)
    }

    /// A declared value with its placeholders filled.
    fn filled(&mut self, template: &str, place: &Place) -> Result<Cell, String> {
        let mut values = self.placeholders.clone();
        values.insert("token", self.token());
        values.insert("uuid", value::uuid(&mut self.rng));
        values.insert("number", place.number.to_string());
        if let Some(tenant) = place.tenant.map(|t| &self.tenants[t]) {
            values.insert("tenant.key", &*tenant.key);
            values.insert("tenant.slug", tenant.slug.as_str());
        }
        let text = fill(template, &values).map_err(|e| e.to_string())?;
        Ok(match text.strip_prefix("sql:") {
            Some(sql) => Cell::Sql(sql.to_owned()),
            None if text == "null" => Cell::Null,
            None => Cell::Text(text),
        })
    }
}

/// Tables in which a migration tool keeps its own state.
fn is_bookkeeping(name: &str) -> bool {
    let words = names::words(name);
    let has = |w: &str| words.iter().any(|x| x == w || names::singular(x) == w);
    has("migration")
        || has("migrate")
        || [
            "alembicversion",
            "flywayschemahistory",
            "databasechangelog",
            "databasechangeloglock",
            "schemainfo",
            "gooseversion",
            "goosedbversion",
        ]
        .contains(&words.concat().as_str())
}
