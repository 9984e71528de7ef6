//! Row changes by comparing: every row is read again, and what differs has changed. Dearer and weaker than the stream, since
//! what was undone in between does not show; for servers that do not stream, and for unlogged tables everywhere.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sqlx::{AssertSqlSafe, PgPool, Row as _};

use super::RawChange;
use crate::model::rows::{Operation, Row};
use crate::model::schema::quote;
use crate::world::error::WorldError;

/// The rows as they were when last looked at.
#[derive(Debug)]
pub struct Compared {
    only_unlogged: bool,
    tables: BTreeMap<(String, String), Contents>,
}

/// One table's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Contents {
    columns: Vec<String>,
    /// By key; rows without a key by all their values, with a number that tells equal ones apart.
    rows: HashMap<Vec<Option<Arc<str>>>, Row>,
}

impl Compared {
    /// Reads every table, or the unlogged ones alone.
    pub async fn begin(pool: &PgPool, only_unlogged: bool) -> Result<Self, WorldError> {
        Ok(Self {
            only_unlogged,
            tables: read(pool, only_unlogged).await?,
        })
    }

    /// What differs from the last look, which this one replaces.
    pub async fn changes(&mut self, pool: &PgPool) -> Result<Vec<RawChange>, WorldError> {
        let now = read(pool, self.only_unlogged).await?;
        let changes = differences(&self.tables, &now);
        self.tables = now;
        Ok(changes)
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
}

async fn read(
    pool: &PgPool,
    only_unlogged: bool,
) -> Result<BTreeMap<(String, String), Contents>, WorldError> {
    let failed = || WorldError::database("read rows to compare");
    // One snapshot for all tables.
    let mut session = pool.begin().await.map_err(failed())?;
    sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .execute(&mut *session)
        .await
        .map_err(failed())?;
    let tables = sqlx::query(
        "SELECT n.nspname::text AS schema, c.relname::text AS name, \
                array_agg(a.attname::text ORDER BY a.attnum) AS columns, \
                array_agg(coalesce(a.attnum = ANY(i.indkey), false) ORDER BY a.attnum) AS keys \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
              AND a.attgenerated = '' \
         LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
         WHERE c.relkind = 'r' AND (c.relpersistence = 'u' OR (c.relpersistence = 'p' AND NOT $1)) \
           AND n.nspname NOT IN ('information_schema', 'partywall') AND n.nspname NOT LIKE 'pg\\_%' \
         GROUP BY 1, 2",
    )
    .bind(only_unlogged)
    .fetch_all(&mut *session)
    .await
    .map_err(failed())?;
    let mut all = BTreeMap::new();
    for table in tables {
        let (schema, name): (String, String) = (table.get("schema"), table.get("name"));
        let columns: Vec<String> = table.get("columns");
        let keys: Vec<bool> = table.get("keys");
        let list: Vec<String> = columns
            .iter()
            .map(|c| format!("{}::text", quote(c)))
            .collect();
        let sql = format!(
            "SELECT ARRAY[{}]::text[] FROM {}.{}",
            list.join(", "),
            quote(&schema),
            quote(&name)
        );
        let rows: Vec<Vec<Option<String>>> = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_all(&mut *session)
            .await
            .map_err(failed())?;
        let contents = contents(columns, &keys, rows);
        all.insert((schema, name), contents);
    }
    session.commit().await.map_err(failed())?;
    Ok(all)
}

fn contents(columns: Vec<String>, keys: &[bool], rows: Vec<Vec<Option<String>>>) -> Contents {
    let has_key = keys.contains(&true);
    let mut by_key = HashMap::with_capacity(rows.len());
    for row in rows {
        let row: Row = row.into_iter().map(|v| v.map(Arc::from)).collect();
        let mut key: Row = row
            .iter()
            .zip(keys)
            .filter(|(_, is_key)| !has_key || **is_key)
            .map(|(v, _)| v.clone())
            .collect();
        if !has_key {
            let width = key.len();
            let mut nth = 0_usize;
            key.push(Some("0".into()));
            while by_key.contains_key(&key) {
                nth += 1;
                key[width] = Some(nth.to_string().into());
            }
        }
        by_key.insert(key, row);
    }
    Contents {
        columns,
        rows: by_key,
    }
}

fn differences(
    before: &BTreeMap<(String, String), Contents>,
    after: &BTreeMap<(String, String), Contents>,
) -> Vec<RawChange> {
    let nothing = Contents::default();
    let mut changes = Vec::new();
    let names = before.keys().chain(after.keys().filter(|k| !before.contains_key(*k)));
    for name in names {
        let old = before.get(name).unwrap_or(&nothing);
        let new = after.get(name).unwrap_or(&nothing);
        let mut push = |operation, columns: &[String], o: Option<&Row>, n: Option<&Row>| {
            changes.push(RawChange {
                schema: name.0.clone(),
                table: name.1.clone(),
                columns: columns.to_vec(),
                operation,
                old: o.cloned(),
                new: n.cloned(),
                xid: 0,
            });
        };
        if !old.columns.is_empty() && !new.columns.is_empty() && old.columns != new.columns {
            // The table was altered: its rows cannot be told apart from changed ones.
            continue;
        }
        for (key, row) in &old.rows {
            match new.rows.get(key) {
                None => push(Operation::Delete, &old.columns, Some(row), None),
                Some(now) if now != row => {
                    push(Operation::Update, &old.columns, Some(row), Some(now));
                }
                Some(_) => {}
            }
        }
        for (key, row) in &new.rows {
            if !old.rows.contains_key(key) {
                push(Operation::Insert, &new.columns, None, Some(row));
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Table = Vec<(u8, String)>;

    fn look(rows: &Table, with_key: bool) -> BTreeMap<(String, String), Contents> {
        let columns = vec!["id".to_owned(), "word".to_owned()];
        let rows = rows
            .iter()
            .map(|(id, word)| vec![Some(id.to_string()), Some(word.clone())])
            .collect();
        let contents = contents(columns, &[with_key, false], rows);
        BTreeMap::from([(("public".to_owned(), "t".to_owned()), contents)])
    }

    /// The rows after `changes`, as a sorted list.
    fn applied(rows: &Table, changes: &[RawChange]) -> Vec<Row> {
        let mut rows: Vec<Row> = rows
            .iter()
            .map(|(id, word)| vec![Some(id.to_string().into()), Some(word.as_str().into())])
            .collect();
        for change in changes {
            if let Some(old) = &change.old {
                let at = rows.iter().position(|r| r == old).unwrap();
                rows.remove(at);
            }
            rows.extend(change.new.clone());
        }
        rows.sort();
        rows
    }

    fn table() -> impl Strategy<Value = Table> {
        prop::collection::vec((0_u8..6, "[ab]{0,2}"), 0..8)
    }

    fn keyed(mut rows: Table) -> Table {
        rows.sort();
        rows.dedup_by_key(|r| r.0);
        rows
    }

    proptest! {
        #[test]
        fn the_differences_lead_from_one_look_to_the_other(a in table(), b in table()) {
            let (ka, kb) = (keyed(a.clone()), keyed(b.clone()));
            for (a, b, with_key) in [(&a, &b, false), (&ka, &kb, true)] {
                let changes = differences(&look(a, with_key), &look(b, with_key));
                prop_assert_eq!(applied(a, &changes), applied(b, &[]));
            }
        }
    }

    #[test]
    fn a_changed_value_is_an_update_where_there_is_a_key() {
        let (a, b) = (vec![(1, "x".to_owned())], vec![(1, "y".to_owned())]);
        let with = differences(&look(&a, true), &look(&b, true));
        assert_eq!(with.len(), 1);
        assert_eq!(with[0].operation, Operation::Update);
        assert_eq!(differences(&look(&a, false), &look(&b, false)).len(), 2);
        assert!(differences(&look(&a, true), &look(&a, true)).is_empty());
    }
}
