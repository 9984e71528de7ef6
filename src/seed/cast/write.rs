//! Writes what of the cast is not there yet as rows: tenants, users, memberships.

use std::collections::{BTreeMap, HashSet};

use sqlx::{PgConnection, PgPool};

use super::Cast;
use super::again::is_tenant;
use crate::model::rows::Row;
use crate::model::schema::{Column, Kind, Table, TableId};
use crate::model::tenant::Tenant;
use crate::seed::generate::{
    Cell, Generator, Learned, Order, Place, begin, late_of, order, settle,
};
use crate::seed::{SeedError, names, value};
use crate::target::description::Description;

/// Writes the missing rows of the cast in one transaction: without a cast there is nothing to test.
pub async fn write(
    pool: &PgPool,
    generator: &mut Generator<'_>,
    cast: &mut Cast,
    description: &Description,
) -> Result<(), SeedError> {
    generator.learn_types(pool).await?;
    let ownership = generator.ownership;
    let order = order(generator.schema);
    let mut tables = vec![ownership.tenants];
    tables.extend(ownership.users.filter(|u| *u != ownership.tenants));
    tables.extend(
        ownership
            .membership
            .as_ref()
            .map(|m| m.table)
            .filter(|m| !tables.contains(m)),
    );
    let before: Vec<usize> = tables
        .iter()
        .map(|t| generator.store.of(*t).len())
        .collect();
    let mut writer = Writer {
        generator,
        cast,
        description,
        order,
    };
    let mut transaction = begin(pool).await?;
    let late = writer.order.late.clone();
    writer
        .generator
        .defer(&mut transaction, &tables, &late)
        .await?;
    if ownership.users != Some(ownership.tenants) {
        writer.prepare(&mut transaction, ownership.tenants).await?;
        writer.tenants(&mut transaction).await?;
    }
    if let Some(users) = ownership.users {
        writer.prepare(&mut transaction, users).await?;
        writer.users(&mut transaction, users).await?;
        if let Some(membership) = ownership.membership.clone().filter(|m| m.table != users) {
            writer.prepare(&mut transaction, membership.table).await?;
            writer.memberships(&mut transaction, &membership).await?;
        }
    }
    let patched = writer
        .generator
        .patch(&mut transaction, &tables, &late, &before)
        .await?;
    let settled = match patched {
        Ok(()) => settle(&mut transaction).await?,
        refused => refused,
    };
    settled.map_err(|why| SeedError::Cast {
        what: "the cast".into(),
        table: generator.schema.table(ownership.tenants).to_string(),
        why,
    })?;
    generator.undefer(&mut transaction, &tables, &late).await?;
    transaction
        .commit()
        .await
        .map_err(SeedError::database("keep the cast"))
}

/// Writes the cast.
pub(super) struct Writer<'a, 'g> {
    pub(super) generator: &'a mut Generator<'g>,
    pub(super) cast: &'a mut Cast,
    pub(super) description: &'a Description,
    order: Order,
}

impl Writer<'_, '_> {
    /// Fills the tables that every row of `table` must point to.
    async fn prepare(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
    ) -> Result<(), SeedError> {
        let schema = self.generator.schema;
        let mut needed = HashSet::new();
        let mut queue = vec![table];
        while let Some(next) = queue.pop() {
            let here = schema.table(next);
            for (index, key) in here.foreign_keys.iter().enumerate() {
                let firm = key.columns.iter().all(|&c| here.columns[c].not_null);
                let now = !self.order.late.contains(&(next, index));
                if firm
                    && now
                    && key.table != next
                    && self.generator.is_open(key.table)
                    && needed.insert(key.table)
                {
                    queue.push(key.table);
                }
            }
        }
        let groups = self.order.groups.clone();
        for id in groups.iter().flatten().filter(|t| needed.contains(t)) {
            let late = late_of(&self.order.late, *id);
            self.generator.prepare_table(connection, *id, &late).await?;
        }
        Ok(())
    }

    async fn tenants(&mut self, connection: &mut PgConnection) -> Result<(), SeedError> {
        let ownership = self.generator.ownership;
        let table = self.generator.schema.table(ownership.tenants);
        for index in 0..self.cast.tenants.len() {
            let tenant = self.cast.tenants[index].clone();
            let stands = self
                .generator
                .store
                .of(ownership.tenants)
                .iter()
                .find(|row| is_tenant(&tenant, ownership, row));
            let stands = stands.filter(|_| tenant.key.is_none()).cloned();
            if tenant.key.is_none() {
                let row = if let Some(row) = stands {
                    row
                } else {
                    let mut fixed = self.careful(ownership.tenants);
                    self.tenant_cells(index, &mut fixed);
                    let what = format!("the tenant {}", tenant.slug);
                    let number = index + 1;
                    self.row(connection, ownership.tenants, index, number, &fixed, &what)
                        .await?
                };
                self.cast.tenants[index].key.clone_from(&row[ownership.key]);
            }
            let key = self.cast.tenants[index]
                .key
                .clone()
                .ok_or_else(|| SeedError::Cast {
                    what: format!("the tenant {}", tenant.slug),
                    table: table.to_string(),
                    why: "its key column is NULL".into(),
                })?;
            self.generator.tenants.push(Tenant {
                key,
                name: tenant.name,
                label: tenant.slug.clone(),
                slug: tenant.slug,
                control: tenant.control,
            });
        }
        Ok(())
    }

    fn tenant_cells(&mut self, index: usize, fixed: &mut BTreeMap<usize, Cell>) {
        let ownership = self.generator.ownership;
        let table = self.generator.schema.table(ownership.tenants);
        let tenant = self.cast.tenants[index].clone();
        if let Some(slug) = ownership.slug {
            fixed.insert(slug, Cell::Text(tenant.slug.clone()));
        }
        let name = name_column(table);
        if let Some(name) = name.filter(|n| Some(*n) != ownership.slug && *n != ownership.key) {
            let most = limit(&table.columns[name]);
            let text = if tenant.name.chars().count() <= most {
                tenant.name
            } else {
                tenant.slug.chars().take(most).collect()
            };
            fixed.insert(name, Cell::Text(text));
        }
        // A key that is a word of its own is the slug; one that the database does not make is a UUID.
        let key = &table.columns[ownership.key];
        if matches!(key.kind, Kind::Text)
            && ownership.slug.is_none()
            && !names::is_any(&key.name, &["id", "uuid"])
        {
            fixed.insert(
                ownership.key,
                Cell::Text(tenant.slug.chars().take(limit(key)).collect()),
            );
        }
    }

    /// For rows of the cast the database's defaults are right, and what is no prose stays empty: no lock, no extra rights.
    pub(super) fn careful(&self, table: TableId) -> BTreeMap<usize, Cell> {
        let here = self.generator.schema.table(table);
        let tied: Vec<usize> = here
            .foreign_keys
            .iter()
            .flat_map(|k| k.columns.clone())
            .collect();
        let mut cells = BTreeMap::new();
        for (index, column) in here.columns.iter().enumerate() {
            if column.numbered
                || column.generated
                || tied.contains(&index)
                || here.primary_key.contains(&index)
            {
                continue;
            }
            if self.generator.is_declared(table, index) {
                continue;
            }
            let prose = matches!(column.kind, Kind::Text)
                && self.generator.checked_words(table, index).is_none()
                && !value::is_word_like(column);
            if column.default.is_some() && !(prose && value::literal_default(column).is_none()) {
                cells.insert(index, Cell::Default);
            } else if !column.not_null && !prose {
                let empty = self.generator.empty_document(table, index);
                cells.insert(index, empty.map_or(Cell::Null, Cell::Text));
            }
        }
        cells
    }

    pub(super) async fn row(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        tenant: usize,
        number: usize,
        fixed: &BTreeMap<usize, Cell>,
        what: &str,
    ) -> Result<Row, SeedError> {
        let mut fixed = fixed.clone();
        let mut place = Place {
            tenant: (tenant < self.generator.tenants.len()).then_some(tenant),
            number,
        };
        if self.generator.ownership.users == Some(table)
            && let Some(actor) = self.cast.actors.get(number - 1).cloned()
        {
            self.home_cells(table, &actor, &mut fixed);
            if actor.memberships.is_empty() {
                place.tenant = None;
            }
        }
        let late = late_of(&self.order.late, table);
        let mut learned = Learned::default();
        let outcome = self
            .generator
            .one_row(connection, table, &place, &fixed, &late, &mut learned)
            .await?;
        outcome.map_err(|why| SeedError::Cast {
            what: what.to_owned(),
            table: self.generator.schema.table(table).to_string(),
            why,
        })
    }
}

/// The longest text that a column takes.
pub(super) fn limit(column: &Column) -> usize {
    column
        .max_length
        .map_or(usize::MAX, |m| usize::try_from(m).unwrap_or(usize::MAX))
}

/// The column that holds what people call a tenant.
pub(super) fn name_column(table: &Table) -> Option<usize> {
    const NAMES: [&str; 5] = ["name", "display_name", "title", "company_name", "label"];
    let is_name = |c: &Column| matches!(c.kind, Kind::Text) && names::is_any(&c.name, &NAMES);
    table.columns.iter().position(is_name)
}
