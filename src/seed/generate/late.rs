//! References whose parents come later: set when they are there, and checked then.

use std::collections::HashSet;

use sqlx::PgConnection;

use super::{Generator, Place};
use crate::model::rows::{Row, RowRef};
use crate::model::schema::{TableId, quote};
use crate::seed::SeedError;
use crate::seed::rows::{execute, is_row, literal};

impl Generator<'_> {
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
