//! Fills tables: group by group, each in a transaction; what cannot be filled is named and left out.

use std::collections::{BTreeMap, HashSet};

use sqlx::{PgConnection, PgPool};

use super::attempt::Learned;
use super::late::{late_of, settle};
use super::{Filled, Generator, Place};
use crate::model::ownership::Rule;
use crate::model::rows::RowRef;
use crate::model::schema::TableId;
use crate::seed::SeedError;
use crate::seed::rows::{PLAIN, execute};

impl Generator<'_> {
    /// Fills all tables but those of the cast, which stand already.
    pub async fn fill(&mut self, pool: &PgPool) -> Result<Vec<Filled>, SeedError> {
        self.learn_types(pool).await?;
        let order = super::order(self.schema);
        let mut all = Vec::new();
        for group in &order.groups {
            let before: Vec<usize> = group.iter().map(|t| self.store.of(*t).len()).collect();
            let mut transaction = begin(pool).await?;
            let mut filled = Vec::new();
            self.defer(&mut transaction, group, &order.late).await?;
            let open: Vec<TableId> = group.iter().copied().filter(|t| self.is_open(*t)).collect();
            for table in open {
                let late = late_of(&order.late, table);
                filled.push(self.fill_table(&mut transaction, table, &late).await?);
            }
            let patched = self
                .patch(&mut transaction, group, &order.late, &before)
                .await?;
            let settled = match patched {
                Ok(()) => settle(&mut transaction).await?,
                refused => refused,
            };
            match settled {
                Ok(()) => {
                    self.undefer(&mut transaction, group, &order.late).await?;
                    transaction
                        .commit()
                        .await
                        .map_err(SeedError::database("keep generated rows"))?;
                    self.name_rows(group, &before, &mut filled);
                }
                Err(why) => {
                    transaction
                        .rollback()
                        .await
                        .map_err(SeedError::database("drop generated rows"))?;
                    for (table, length) in group.iter().zip(&before) {
                        self.store.truncate(self.schema, *table, *length);
                    }
                    filled = self.none_of(group, &why);
                }
            }
            all.extend(filled);
        }
        Ok(all)
    }

    /// Names rows by what they are after late references were set.
    fn name_rows(&self, group: &[TableId], before: &[usize], filled: &mut [Filled]) {
        for one in filled {
            let Some(position) = group.iter().position(|t| *t == one.table) else {
                continue;
            };
            let table = self.schema.table(one.table);
            let stored = &self.store.of(one.table)[before[position]..];
            let names: Vec<RowRef> = stored.iter().map(|row| RowRef::of(table, row)).collect();
            let owned = one.rows.len().min(names.len());
            one.shared = names[owned..].to_vec();
            one.rows = names[..owned].to_vec();
        }
    }

    /// Whether rows are generated for a table.
    pub fn is_open(&self, table: TableId) -> bool {
        let cast = [
            Some(self.ownership.tenants),
            self.ownership.users,
            self.ownership.membership.as_ref().map(|m| m.table),
        ];
        !cast.contains(&Some(table)) && !self.skipped.contains(&table)
    }

    fn none_of(&self, group: &[TableId], why: &str) -> Vec<Filled> {
        let open = group.iter().filter(|t| self.is_open(**t));
        open.map(|t| Filled {
            table: *t,
            rows: Vec::new(),
            shared: Vec::new(),
            failure: Some(why.to_owned()),
        })
        .collect()
    }

    /// Fills a table that the cast must point to; the control tenant's users need rows there, too.
    pub async fn prepare_table(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        late: &HashSet<usize>,
    ) -> Result<(), SeedError> {
        let mut learned = Learned::default();
        let mut wanted = self.wanted(table);
        let control = self
            .tenants
            .iter()
            .position(|t| t.control)
            .filter(|_| self.is_scoped(table));
        wanted.extend(control.map(|c| (Some(c), 1)));
        for (tenant, number) in wanted {
            let outcome = self
                .fill_for(connection, table, tenant, number, late, &mut learned)
                .await?;
            if let (Err(why), true) = (outcome, tenant.is_some() || !self.is_scoped(table)) {
                let table = self.schema.table(table).to_string();
                return Err(SeedError::Cast {
                    what: "a row that the cast needs".into(),
                    table,
                    why,
                });
            }
        }
        Ok(())
    }

    async fn fill_table(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        late: &HashSet<usize>,
    ) -> Result<Filled, SeedError> {
        let mut filled = Filled {
            table,
            rows: Vec::new(),
            shared: Vec::new(),
            failure: None,
        };
        let mut learned = Learned::default();
        for (tenant, number) in self.wanted(table) {
            let outcome = self
                .fill_for(connection, table, tenant, number, late, &mut learned)
                .await?;
            match outcome {
                Ok(rows) if tenant.is_none() && self.is_scoped(table) => filled.shared.extend(rows),
                Ok(rows) => filled.rows.extend(rows),
                // A row of nobody is a try: most tables that allow it do not mean it.
                Err(_) if tenant.is_none() && self.is_scoped(table) => {}
                Err(why) => {
                    filled.failure.get_or_insert(why);
                }
            }
        }
        Ok(filled)
    }

    fn is_scoped(&self, table: TableId) -> bool {
        *self.ownership.rule(table) != Rule::Global
    }

    /// For which tenants rows are wanted, and how many: the more the further down the cast, so that counts tell them apart.
    fn wanted(&mut self, table: TableId) -> Vec<(Option<usize>, usize)> {
        let rule = self.ownership.rule(table).clone();
        if rule == Rule::Global {
            let wanted = if self.store.of(table).is_empty() {
                3
            } else {
                0
            };
            return vec![(None, wanted)];
        }
        let owners = self.store.owners(self.schema, self.ownership, table);
        let empty = |key: &str| !owners.iter().any(|o| o.includes(key));
        let mut wanted: Vec<(Option<usize>, usize)> = self
            .tenants
            .iter()
            .enumerate()
            .filter(|(_, t)| !t.control && empty(&t.key))
            .filter(|(_, t)| !matches!(&rule, Rule::Schema { tenant } if *tenant != t.key))
            .map(|(index, _)| (Some(index), self.rows + 3 * index))
            .collect();
        if !wanted.is_empty() && self.takes_nobodys(self.schema.table(table)) {
            wanted.push((None, 2));
        }
        wanted
    }

    /// Rows of one tenant; an error says why there is not even one.
    async fn fill_for(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        tenant: Option<usize>,
        wanted: usize,
        late: &HashSet<usize>,
        learned: &mut Learned,
    ) -> Result<Result<Vec<RowRef>, String>, SeedError> {
        let mut rows = Vec::new();
        let mut failures = 0;
        let mut reason = None;
        for number in 1..=wanted {
            let place = Place { tenant, number };
            let fixed = BTreeMap::new();
            match self
                .one_row(connection, table, &place, &fixed, late, learned)
                .await?
            {
                Ok(row) => {
                    rows.push(RowRef::of(self.schema.table(table), &row));
                    failures = 0;
                }
                Err(why) => {
                    reason.get_or_insert(why);
                    failures += 1;
                    // One row a tenant is all that some tables take.
                    if failures >= 3 {
                        break;
                    }
                }
            }
        }
        Ok(match reason {
            Some(why) if rows.is_empty() => Err(why),
            _ => Ok(rows),
        })
    }
}

/// A transaction whose values print as those that are read.
pub async fn begin(pool: &PgPool) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, SeedError> {
    let mut transaction = pool.begin().await.map_err(SeedError::database("begin"))?;
    execute(&mut transaction, PLAIN).await?;
    Ok(transaction)
}
