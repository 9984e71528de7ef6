//! Writes what of the cast is not there yet as rows: tenants, users, memberships.

use std::collections::{BTreeMap, HashSet};

use sqlx::{PgConnection, PgPool};

use super::plan::role_column;
use super::{Cast, CastActor};
use crate::model::rows::{Row, RowRef};
use crate::model::schema::{Column, Kind, TableId, quote};
use crate::model::tenant::{Standing, Tenant};
use crate::seed::generate::{
    Cell, Generator, Learned, Order, Place, begin, late_of, order, settle,
};
use crate::seed::rows::{execute, is_row, literal};
use crate::seed::{SeedError, login_column, names, password_column, value};
use crate::target::description::Description;

/// Writes the missing rows of the cast in one transaction: without a cast there is nothing to test.
pub async fn write(
    pool: &PgPool,
    generator: &mut Generator<'_>,
    cast: &mut Cast,
    description: &Description,
) -> Result<(), SeedError> {
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

struct Writer<'a, 'g> {
    generator: &'a mut Generator<'g>,
    cast: &'a mut Cast,
    description: &'a Description,
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
                .find(|row| {
                    ownership
                        .slug
                        .is_some_and(|s| row[s].as_deref() == Some(tenant.slug.as_str()))
                });
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
        let name = table.columns.iter().position(|c| {
            matches!(c.kind, Kind::Text)
                && names::is_any(
                    &c.name,
                    &["name", "display_name", "title", "company_name", "label"],
                )
        });
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

    async fn users(
        &mut self,
        connection: &mut PgConnection,
        users: TableId,
    ) -> Result<(), SeedError> {
        let schema = self.generator.schema;
        let ownership = self.generator.ownership;
        let table = schema.table(users);
        let hash = self.copied_hash(users)?;
        for index in 0..self.cast.actors.len() {
            let actor = self.cast.actors[index].clone();
            let row = if let Some(row) = actor.row.clone() {
                self.corrected(connection, users, row, &actor).await?
            } else {
                self.share_password(index, hash.is_some());
                let actor = self.cast.actors[index].clone();
                let mut fixed = self.careful(users);
                self.user_cells(users, &actor, hash.as_deref(), &mut fixed)?;
                self.placeholders(&actor);
                let place = actor.home.unwrap_or(self.cast.tenants.len());
                let what = format!("the user {}", actor.id);
                self.row(connection, users, place, index + 1, &fixed, &what)
                    .await?
            };
            super::found::take_fields(&mut self.cast.actors[index], table, &row, self.description)?;
            if users == ownership.tenants {
                self.user_is_tenant(index, &row);
            }
        }
        Ok(())
    }

    /// Where every user is a tenant of its own.
    fn user_is_tenant(&mut self, index: usize, row: &Row) {
        let ownership = self.generator.ownership;
        let Some(home) = self.cast.actors[index].home else {
            return;
        };
        let tenant = &mut self.cast.tenants[home];
        tenant.key.clone_from(&row[ownership.key]);
        if let Some(slug) = ownership.slug.and_then(|s| row[s].as_deref()) {
            slug.clone_into(&mut tenant.slug);
        }
        if let Some(key) = tenant.key.clone() {
            self.generator.tenants.push(Tenant {
                key,
                slug: tenant.slug.clone(),
                control: tenant.control,
            });
        }
    }

    /// The hash of a user who was registered by calls.
    fn copied_hash(&self, users: TableId) -> Result<Option<String>, SeedError> {
        let table = self.generator.schema.table(users);
        let Some(column) =
            password_column(table, self.description)?.filter(|_| self.description.seed.copy_hash)
        else {
            return Ok(None);
        };
        Ok(self
            .cast
            .actors
            .iter()
            .find_map(|a| a.row.as_ref()?[column].as_deref().map(str::to_owned)))
    }

    /// Whoever has the same hash has the same password.
    fn share_password(&mut self, index: usize, copied: bool) {
        let password = self
            .cast
            .actors
            .iter()
            .find(|a| a.row.is_some())
            .and_then(|a| a.fields.get("password").cloned());
        if let Some(password) = password.filter(|_| copied) {
            self.cast.actors[index]
                .fields
                .insert("password".into(), password);
        }
    }

    fn placeholders(&mut self, actor: &CastActor) {
        for (name, value) in &actor.fields {
            self.generator
                .placeholders
                .insert(format!("user.{name}"), value.clone());
        }
    }

    fn user_cells(
        &mut self,
        users: TableId,
        actor: &CastActor,
        hash: Option<&str>,
        fixed: &mut BTreeMap<usize, Cell>,
    ) -> Result<(), SeedError> {
        let table = self.generator.schema.table(users);
        for (index, column) in table.columns.iter().enumerate() {
            let made_up = actor.fields.iter().find(|(name, _)| {
                names::words(name) == names::words(&column.name)
                    && !["password", "role"].contains(&name.as_str())
            });
            if let Some((_, value)) = made_up.filter(|_| matches!(column.kind, Kind::Text)) {
                let most = limit(column);
                // What does not fit is made by the generator, which knows how.
                if value.chars().count() <= most {
                    fixed.insert(index, Cell::Text(value.clone()));
                } else {
                    fixed.remove(&index);
                }
            }
        }
        if let Some(login) = login_column(table, self.description)?
            && let Some(email) = actor.fields.get("email")
            && names::has_any(&table.columns[login].name, &["email", "mail"])
            && email.chars().count() <= limit(&table.columns[login])
        {
            fixed.insert(login, Cell::Text(email.clone()));
        }
        if let Some(column) = password_column(table, self.description)? {
            match hash {
                Some(hash) => fixed.insert(column, Cell::Text(hash.to_owned())),
                // What `seed.values` says, else NULL, else something that no password hashes to.
                None if table.columns[column].not_null
                    || self.generator.is_declared(users, column) =>
                {
                    fixed.remove(&column)
                }
                None => fixed.insert(column, Cell::Null),
            };
        }
        if let Some(role) = &actor.role {
            self.role_cells(users, role, fixed);
        }
        Ok(())
    }

    /// Puts a role into each column of a table that may hold it.
    fn role_cells(&self, table: TableId, role: &str, fixed: &mut BTreeMap<usize, Cell>) {
        let here = self.generator.schema.table(table);
        let own = role_column(self.generator)
            .filter(|(t, _)| *t == table)
            .map(|(_, c)| c);
        for (index, column) in here.columns.iter().enumerate() {
            let called = names::last_word(&column.name) == "role" || own == Some(index);
            if !called {
                continue;
            }
            if let Some(key) = here.foreign_keys.iter().find(|k| k.columns == [index]) {
                let holds = |row: &&Row| row.iter().flatten().any(|v| &**v == role);
                let rows = self.generator.store.of(key.table);
                if let Some(id) = rows
                    .iter()
                    .find(holds)
                    .and_then(|row| row[key.references[0]].clone())
                {
                    fixed.insert(index, Cell::Text(id.to_string()));
                }
                continue;
            }
            let words = match (&column.kind, self.generator.checked_words(table, index)) {
                (Kind::Enum(words), _) => Some(words.clone()),
                (_, words) => words,
            };
            // A plain text column takes any role; a list only its own words.
            let fits = match words {
                Some(words) => words.iter().any(|w| w == role),
                None => {
                    matches!(column.kind, Kind::Text) && own == Some(index)
                        || names::is_any(&column.name, &["role"])
                }
            };
            if fits && matches!(column.kind, Kind::Text | Kind::Enum(_)) {
                fixed.insert(index, Cell::Text(role.to_owned()));
            }
        }
    }

    async fn memberships(
        &mut self,
        connection: &mut PgConnection,
        membership: &crate::model::ownership::Membership,
    ) -> Result<(), SeedError> {
        let Some(users) = self.generator.ownership.users else {
            return Ok(());
        };
        let Some(key) = self.generator.schema.table(users).single_key() else {
            return Ok(());
        };
        for index in 0..self.cast.actors.len() {
            let actor = self.cast.actors[index].clone();
            let Some(user) = actor.row.as_ref().and_then(|row| row[key].clone()) else {
                continue;
            };
            for &tenant in &actor.memberships {
                let Some(owner) = self.cast.tenants[tenant].key.clone() else {
                    continue;
                };
                let ties = self.generator.store.of(membership.table);
                let tie = ties.iter().find(|t| {
                    t[membership.user].as_ref() == Some(&user)
                        && t[membership.tenant].as_ref() == Some(&owner)
                });
                if let Some(tie) = tie.cloned() {
                    self.corrected(connection, membership.table, tie, &actor)
                        .await?;
                    continue;
                }
                let mut fixed = self.careful(membership.table);
                fixed.insert(membership.user, Cell::Text(user.to_string()));
                fixed.insert(membership.tenant, Cell::Text(owner.to_string()));
                if let Some(role) = &actor.role {
                    self.role_cells(membership.table, role, &mut fixed);
                }
                let what = format!(
                    "the membership of {} in {}",
                    actor.id, self.cast.tenants[tenant].slug
                );
                self.row(
                    connection,
                    membership.table,
                    tenant,
                    index + 1,
                    &fixed,
                    &what,
                )
                .await?;
            }
        }
        Ok(())
    }

    /// A row that calls made, with the role that the actor plays and, for whoever belongs nowhere, no home.
    async fn corrected(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        row: Row,
        actor: &CastActor,
    ) -> Result<Row, SeedError> {
        let schema = self.generator.schema;
        let mut wanted = BTreeMap::new();
        if let Some(role) = &actor.role {
            self.role_cells(table, role, &mut wanted);
        }
        if self.generator.ownership.users == Some(table) {
            self.home_cells(table, actor, &mut wanted);
        }
        let here = schema.table(table);
        let mut changed = row.clone();
        let mut sets = Vec::new();
        for (column, cell) in wanted {
            if row[column].as_deref() != cell.text() {
                sets.push(format!(
                    "{} = {}",
                    quote(&here.columns[column].name),
                    literal(cell.text())
                ));
                changed[column] = cell.text().map(Into::into);
            }
        }
        if sets.is_empty() {
            return Ok(row);
        }
        let at = RowRef::of(here, &row);
        let sql = format!(
            "UPDATE {} SET {} WHERE {}",
            here.sql(),
            sets.join(", "),
            is_row(here, &at)
        );
        execute(connection, &sql).await?;
        if let Some(index) = self
            .generator
            .store
            .of(table)
            .iter()
            .position(|r| *r == row)
        {
            self.generator
                .store
                .replace(schema, table, index, changed.clone());
        }
        Ok(changed)
    }

    /// The home of a user, in its own tenant columns.
    fn home_cells(&self, users: TableId, actor: &CastActor, cells: &mut BTreeMap<usize, Cell>) {
        use crate::model::ownership::Rule;
        let (Rule::Columns { columns } | Rule::Members { columns, .. }) =
            self.generator.ownership.rule(users)
        else {
            return;
        };
        let member = !matches!(actor.standing, Standing::Ended | Standing::Homeless);
        let key = actor
            .home
            .filter(|_| member)
            .and_then(|t| self.cast.tenants[t].key.clone());
        for &column in columns {
            let nullable = !self.generator.schema.table(users).columns[column].not_null;
            match &key {
                Some(key) => cells.insert(column, Cell::Text(key.to_string())),
                None if nullable => cells.insert(column, Cell::Null),
                None => None,
            };
        }
    }

    /// For rows of the cast the database's defaults are right, and what is no prose stays empty: no lock, no extra rights.
    fn careful(&self, table: TableId) -> BTreeMap<usize, Cell> {
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
                cells.insert(index, Cell::Null);
            }
        }
        cells
    }

    async fn row(
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

fn limit(column: &Column) -> usize {
    column
        .max_length
        .map_or(usize::MAX, |m| usize::try_from(m).unwrap_or(usize::MAX))
}
