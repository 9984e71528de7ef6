//! Writes users and memberships of the cast, and corrects those that calls made.

use std::collections::BTreeMap;

use sqlx::PgConnection;

use super::CastActor;
use super::again::is_user;
use super::plan::role_column;
use super::write::{Writer, limit};
use crate::model::ownership::{Membership, Rule};
use crate::model::rows::{Row, RowRef};
use crate::model::schema::{Kind, TableId, quote};
use crate::model::tenant::{Standing, Tenant};
use crate::seed::generate::Cell;
use crate::seed::rows::{execute, is_row, literal};
use crate::seed::{SeedError, login_column, names, password_column};

impl Writer<'_, '_> {
    pub(super) async fn users(
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
            let stands = match actor.row.clone() {
                Some(row) => Some(row),
                None => self.stands(users, &actor)?,
            };
            let row = if let Some(row) = stands {
                let shared = hash
                    .as_deref()
                    .is_some_and(|h| row.iter().flatten().any(|v| **v == *h));
                self.share_password(index, shared);
                self.corrected(connection, users, row, &actor).await?
            } else {
                self.share_password(index, hash.is_some());
                let actor = self.cast.actors[index].clone();
                let mut fixed = self.careful(users);
                self.user_cells(users, &actor, hash.as_deref(), &mut fixed)?;
                self.placeholders(&actor);
                let place = actor.home.unwrap_or(self.cast.tenants.len());
                let what = format!("the user {}", actor.id);
                let made = self
                    .row(connection, users, place, index + 1, &fixed, &what)
                    .await;
                match made {
                    // One can do without.
                    Err(SeedError::Cast { .. }) if actor.bystander => continue,
                    made => made?,
                }
            };
            super::found::take_fields(&mut self.cast.actors[index], table, &row, self.description)?;
            if let (true, Some(home)) = (actor.bystander, actor.home) {
                let address = self.cast.actors[index].fields.get("email").cloned();
                let address = address.filter(|a| a.contains('@'));
                self.generator.spare(home, RowRef::of(table, &row), address);
            }
            if users == ownership.tenants {
                self.user_is_tenant(index, &row);
            }
        }
        Ok(())
    }

    /// The row of an actor who was written into this database before, in the same tenant: some share an address.
    fn stands(&self, users: TableId, actor: &CastActor) -> Result<Option<Row>, SeedError> {
        let table = self.generator.schema.table(users);
        let mut home = BTreeMap::new();
        self.home_cells(users, actor, &mut home);
        for row in self.generator.store.of(users) {
            let at_home = home
                .iter()
                .all(|(&c, cell)| row[c].as_deref() == cell.text());
            if at_home && is_user(actor, table, row, self.description)? {
                return Ok(Some(row.clone()));
            }
        }
        Ok(None)
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
                name: tenant.name.clone(),
                label: tenant.slug.clone(),
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

    pub(super) async fn memberships(
        &mut self,
        connection: &mut PgConnection,
        membership: &Membership,
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
                let table = membership.table;
                let made = self
                    .row(connection, table, tenant, index + 1, &fixed, &what)
                    .await;
                match made {
                    Err(SeedError::Cast { .. }) if actor.bystander => {}
                    made => drop(made?),
                }
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
    pub(super) fn home_cells(
        &self,
        users: TableId,
        actor: &CastActor,
        cells: &mut BTreeMap<usize, Cell>,
    ) {
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
}
