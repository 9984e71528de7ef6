//! Fills tables: group by group, each in a transaction; what cannot be filled is named and left out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sqlx::{PgConnection, PgPool};

use super::draft::{Cell, Leave};
use super::insert::{Refusal, insert};
use super::unique::Taken;
use super::{Filled, Generator, Place};
use crate::model::ownership::Rule;
use crate::model::rows::{Row, RowRef};
use crate::model::schema::{TableId, quote};
use crate::seed::SeedError;
use crate::seed::rows::{PLAIN, execute, is_row, literal};

/// Tries for one row before its optional columns are left out.
const TRIES: usize = 6;

/// What a table did not take so far.
#[derive(Debug, Default)]
pub struct Learned {
    /// Columns that it refuses.
    pub dropped: BTreeSet<usize>,
    /// Only rows without optional columns went in.
    pub bare: bool,
    probed: bool,
}

impl Generator<'_> {
    /// Fills all tables but those of the cast, which stand already.
    pub async fn fill(&mut self, pool: &PgPool) -> Result<Vec<Filled>, SeedError> {
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
        let columns = &self.schema.table(table).columns;
        if matches!(&rule, Rule::Columns { columns: c } if c.iter().all(|&c| !columns[c].not_null))
            && !wanted.is_empty()
        {
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

    /// One row, with retries: other values first, then without the optional columns.
    pub async fn one_row(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        place: &Place,
        fixed: &BTreeMap<usize, Cell>,
        late: &HashSet<usize>,
        learned: &mut Learned,
    ) -> Result<Result<Row, String>, SeedError> {
        let mut reason = String::new();
        let taken = Taken::new(self.schema.table(table), self.store.of(table));
        if !learned.bare {
            let dropped = learned.dropped.clone();
            for attempt in 0..TRIES {
                let leave = Leave {
                    late,
                    dropped: &dropped,
                    optional: false,
                    attempt,
                };
                match self
                    .attempt(connection, table, place, fixed, leave, &taken)
                    .await?
                {
                    Ok(row) => return Ok(Ok(row)),
                    Err(Refusal::Taken(why)) => reason = why,
                    Err(Refusal::Other(why)) => {
                        let again = why == reason;
                        reason = why;
                        if again {
                            break;
                        }
                    }
                }
            }
        }
        let none = BTreeSet::new();
        for attempt in 0..TRIES {
            let leave = Leave {
                late,
                dropped: &none,
                optional: true,
                attempt,
            };
            match self
                .attempt(connection, table, place, fixed, leave, &taken)
                .await?
            {
                Ok(row) => {
                    if !learned.probed {
                        self.probe(connection, table, place, fixed, late, learned)
                            .await?;
                    }
                    return Ok(Ok(row));
                }
                Err(refusal) => reason = refusal.message(),
            }
        }
        Ok(Err(reason))
    }

    /// One try. A key that is known to be taken is not sent, but drawn anew.
    async fn attempt(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        place: &Place,
        fixed: &BTreeMap<usize, Cell>,
        leave: Leave<'_>,
        taken: &Taken,
    ) -> Result<Result<Row, Refusal>, SeedError> {
        let mut cells = match self.draft(table, place, fixed, leave) {
            Ok(cells) => cells,
            Err(why) => return Ok(Err(Refusal::Other(why))),
        };
        for draw in 1..40 {
            if !taken.has(&cells) {
                break;
            }
            let leave = Leave {
                attempt: leave.attempt + draw,
                ..leave
            };
            let later = Place {
                number: place.number + draw,
                ..*place
            };
            // Words and numbers move on with the row's number.
            match self.draft(table, &later, fixed, leave) {
                Ok(next) => cells = next,
                Err(why) => return Ok(Err(Refusal::Other(why))),
            }
        }
        let schema = self.schema;
        let outcome = insert(connection, schema.table(table), &cells).await?;
        if let Ok(row) = &outcome {
            self.store.push(schema, table, row.clone());
        }
        Ok(outcome)
    }

    /// Finds out which optional columns a table refuses, by trying each alone and taking the row back.
    async fn probe(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        place: &Place,
        fixed: &BTreeMap<usize, Cell>,
        late: &HashSet<usize>,
        learned: &mut Learned,
    ) -> Result<(), SeedError> {
        learned.probed = true;
        let none = BTreeSet::new();
        let schema = self.schema;
        let columns = schema.table(table).columns.len();
        let known = self.store.of(table).len();
        for column in 0..columns {
            let place = Place {
                number: place.number + 1000 + column,
                ..*place
            };
            let with = Leave {
                late,
                dropped: &none,
                optional: false,
                attempt: 1,
            };
            let bare = Leave {
                optional: true,
                ..with
            };
            let (Ok(full), Ok(mut cells)) = (
                self.draft(table, &place, fixed, with),
                self.draft(table, &place, fixed, bare),
            ) else {
                continue;
            };
            if full[column] == cells[column] || matches!(full[column], Cell::Null | Cell::Default) {
                continue;
            }
            cells[column] = full[column].clone();
            execute(connection, "SAVEPOINT partywall_probe").await?;
            let outcome = insert(connection, schema.table(table), &cells).await?;
            execute(connection, "ROLLBACK TO SAVEPOINT partywall_probe").await?;
            if matches!(outcome, Err(Refusal::Other(_))) {
                learned.dropped.insert(column);
            }
        }
        self.store.truncate(schema, table, known);
        // What each column alone does not explain is taken as it is.
        learned.bare = learned.dropped.is_empty();
        Ok(())
    }

    /// Sets references whose parents came later in the group.
    pub async fn patch(
        &mut self,
        connection: &mut PgConnection,
        group: &[TableId],
        late: &HashSet<(TableId, usize)>,
        before: &[usize],
    ) -> Result<Result<(), String>, SeedError> {
        for (&id, &from) in group.iter().zip(before) {
            let keys: Vec<usize> = late_of(late, id).into_iter().collect();
            for index in from..self.store.of(id).len() {
                for &key in &keys {
                    if let Err(why) = self.patch_row(connection, id, index, key).await? {
                        return Ok(Err(why));
                    }
                }
            }
        }
        Ok(Ok(()))
    }

    async fn patch_row(
        &mut self,
        connection: &mut PgConnection,
        id: TableId,
        index: usize,
        key: usize,
    ) -> Result<Result<(), String>, SeedError> {
        let schema = self.schema;
        let table = schema.table(id);
        let key = &table.foreign_keys[key];
        let row = self.store.of(id)[index].clone();
        let owners = self.store.owners(schema, self.ownership, id)[index].clone();
        let tenant = self.tenants.iter().position(|t| owners.includes(&t.key));
        let nullable = key.columns.iter().any(|&c| !table.columns[c].not_null);
        let rows = self.candidates(
            key.table,
            &Place {
                tenant,
                number: index + 1,
            },
        );
        // Columns that the key shares with another stay as they are.
        let own = |c: &usize| {
            !table
                .foreign_keys
                .iter()
                .any(|k| k != key && k.columns.contains(c))
        };
        let agrees = |r: &&Row| {
            key.columns
                .iter()
                .zip(&key.references)
                .all(|(c, &p)| own(c) || row[*c] == r[p])
        };
        let fitting: Vec<&Row> = rows.iter().filter(agrees).collect();
        let Some(parent) = fitting.get(index % fitting.len().max(1)) else {
            let there = schema.table(key.table);
            return Ok(if nullable {
                Ok(())
            } else {
                Err(format!("there is no row in {there} that it could point to"))
            });
        };
        let sets: Vec<String> = key
            .columns
            .iter()
            .zip(&key.references)
            .filter(|(c, _)| own(c))
            .map(|(&c, &p)| {
                format!(
                    "{} = {}",
                    quote(&table.columns[c].name),
                    literal(parent[p].as_deref())
                )
            })
            .collect();
        if sets.is_empty() {
            return Ok(Ok(()));
        }
        let at = RowRef::of(table, &row);
        let sql = format!(
            "UPDATE {} SET {} WHERE {}",
            table.sql(),
            sets.join(", "),
            is_row(table, &at)
        );
        match guarded(connection, &sql).await? {
            Ok(()) => {
                let mut patched = row;
                for (&c, &p) in key.columns.iter().zip(&key.references) {
                    patched[c].clone_from(&parent[p]);
                }
                self.store.replace(schema, id, index, patched);
                Ok(Ok(()))
            }
            // What may be absent stays absent.
            Err(_) if nullable => Ok(Ok(())),
            Err(why) => Ok(Err(why)),
        }
    }

    /// Lets the check of late references that every row has wait until they are patched.
    pub async fn defer(
        &self,
        connection: &mut PgConnection,
        group: &[TableId],
        late: &HashSet<(TableId, usize)>,
    ) -> Result<(), SeedError> {
        for sql in self.alterations(group, late, "DEFERRABLE INITIALLY DEFERRED") {
            execute(connection, &sql).await?;
        }
        if late.iter().any(|(t, _)| group.contains(t)) {
            execute(connection, "SET CONSTRAINTS ALL DEFERRED").await?;
        }
        Ok(())
    }

    /// Undoes [`Self::defer`].
    pub async fn undefer(
        &self,
        connection: &mut PgConnection,
        group: &[TableId],
        late: &HashSet<(TableId, usize)>,
    ) -> Result<(), SeedError> {
        for sql in self.alterations(group, late, "NOT DEFERRABLE") {
            execute(connection, &sql).await?;
        }
        Ok(())
    }

    fn alterations(
        &self,
        group: &[TableId],
        late: &HashSet<(TableId, usize)>,
        to: &str,
    ) -> Vec<String> {
        let mut sql: Vec<String> = late
            .iter()
            .filter(|(t, _)| group.contains(t))
            .filter_map(|(t, k)| {
                let table = self.schema.table(*t);
                let key = &table.foreign_keys[*k];
                let firm = key.columns.iter().all(|&c| table.columns[c].not_null);
                (firm && key.is_declared() && !key.deferrable).then(|| {
                    format!(
                        "ALTER TABLE {} ALTER CONSTRAINT {} {to}",
                        table.sql(),
                        quote(&key.name)
                    )
                })
            })
            .collect();
        sql.sort();
        sql
    }
}

/// The late foreign keys of one table.
pub fn late_of(late: &HashSet<(TableId, usize)>, table: TableId) -> HashSet<usize> {
    late.iter()
        .filter(|(t, _)| *t == table)
        .map(|(_, k)| *k)
        .collect()
}

/// A transaction whose values print as those that are read.
pub async fn begin(pool: &PgPool) -> Result<sqlx::Transaction<'static, sqlx::Postgres>, SeedError> {
    let mut transaction = pool.begin().await.map_err(SeedError::database("begin"))?;
    execute(&mut transaction, PLAIN).await?;
    Ok(transaction)
}

/// Makes the database check now what it would check at the end.
pub async fn settle(connection: &mut PgConnection) -> Result<Result<(), String>, SeedError> {
    guarded(connection, "SET CONSTRAINTS ALL IMMEDIATE").await
}

/// Runs SQL behind a savepoint; a refusal leaves the transaction as before.
async fn guarded(
    connection: &mut PgConnection,
    sql: &str,
) -> Result<Result<(), String>, SeedError> {
    execute(connection, "SAVEPOINT partywall_guard").await?;
    match execute(connection, sql).await {
        Ok(()) => execute(connection, "RELEASE SAVEPOINT partywall_guard")
            .await
            .map(Ok),
        Err(SeedError::Database {
            source: sqlx::Error::Database(error),
            ..
        }) => {
            execute(connection, "ROLLBACK TO SAVEPOINT partywall_guard").await?;
            Ok(Err(error.message().to_owned()))
        }
        Err(error) => Err(error),
    }
}
