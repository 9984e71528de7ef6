//! Row changes by comparing: every row is read again, and what differs has changed. Dearer and weaker than the stream, since
//! what was undone in between does not show; for servers that do not stream, and for unlogged tables everywhere.

use std::collections::{BTreeMap, HashMap};

use sqlx::{PgConnection, PgPool, Row as _};

use super::RawChange;
use crate::model::rows::{Operation, Row};
use crate::model::schema::quote;
use crate::world::error::WorldError;
use crate::world::text;

/// The rows as they were when last looked at.
#[derive(Debug)]
pub struct Compared {
    only_unlogged: bool,
    tables: Tables,
}

/// One table's rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Contents {
    columns: Vec<String>,
    keyed: bool,
    /// By key; rows without a key by all their values, with a number that tells equal ones apart.
    rows: HashMap<Row, Row>,
}

impl Compared {
    /// Reads every table, or the unlogged ones alone.
    pub async fn begin(pool: &PgPool, only_unlogged: bool) -> Result<Self, WorldError> {
        Ok(Self {
            only_unlogged,
            tables: look(pool, only_unlogged).await?,
        })
    }

    /// What differs from the last look, which this one replaces.
    pub async fn changes(&mut self, pool: &PgPool) -> Result<Vec<RawChange>, WorldError> {
        let now = look(pool, self.only_unlogged).await?;
        Ok(self.take(now))
    }

    /// The same, as a transaction sees it.
    pub async fn changes_in(
        &mut self,
        transaction: &mut PgConnection,
    ) -> Result<Vec<RawChange>, WorldError> {
        let now = read(transaction, self.only_unlogged).await?;
        Ok(self.take(now))
    }

    /// The rows as a transaction sees them; this look stays what it was.
    pub async fn again_in(&self, transaction: &mut PgConnection) -> Result<Self, WorldError> {
        Ok(Self {
            only_unlogged: self.only_unlogged,
            tables: read(transaction, self.only_unlogged).await?,
        })
    }

    /// What differs between this look and a later one.
    pub fn differences_to(&self, later: &Self) -> Vec<RawChange> {
        differences(&self.tables, &later.tables)
    }

    fn take(&mut self, now: Tables) -> Vec<RawChange> {
        let changes = differences(&self.tables, &now);
        self.tables = now;
        changes
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
}

/// Reads in a transaction of its own: one snapshot for all tables.
async fn look(pool: &PgPool, only_unlogged: bool) -> Result<Tables, WorldError> {
    let failed = || WorldError::database("read rows to compare");
    let mut session = pool.begin().await.map_err(failed())?;
    sqlx::raw_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        .execute(&mut *session)
        .await
        .map_err(failed())?;
    let tables = read(&mut session, only_unlogged).await?;
    session.commit().await.map_err(failed())?;
    Ok(tables)
}

async fn read(session: &mut PgConnection, only_unlogged: bool) -> Result<Tables, WorldError> {
    let failed = || WorldError::database("read rows to compare");
    let tables = sqlx::query(
        "SELECT n.nspname::text AS schema, c.relname::text AS name, \
                array_agg(a.attname::text ORDER BY a.attnum) AS columns, \
                array_agg(coalesce(a.attnum = ANY(i.indkey), false) ORDER BY a.attnum) AS keys, \
                c.relkind = 'p' AS partitioned \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary \
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND (c.relpersistence = 'u' OR (c.relpersistence = 'p' AND NOT $1)) \
           AND n.nspname NOT IN ('information_schema', 'partywall') AND n.nspname NOT LIKE 'pg\\_%' \
         GROUP BY 1, 2, 5",
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
        let list: Vec<String> = columns.iter().map(|c| quote(c)).collect();
        // Rows of inheriting tables show in those tables.
        let only = if table.get("partitioned") {
            ""
        } else {
            "ONLY "
        };
        let sql = format!(
            "SELECT {} FROM {only}{}.{}",
            list.join(", "),
            quote(&schema),
            quote(&name)
        );
        let rows = text::query(session, &sql).await.map_err(failed())?;
        let contents = contents(columns, &keys, rows);
        all.insert((schema, name), contents);
    }
    Ok(all)
}

fn contents(columns: Vec<String>, keys: &[bool], rows: Vec<Row>) -> Contents {
    let rows = rows.into_iter();
    let keyed = keys.contains(&true);
    Contents {
        columns,
        keyed,
        rows: if keyed {
            let key = |row: &Row| {
                let parts = row.iter().zip(keys).filter(|(_, is_key)| **is_key);
                parts.map(|(v, _)| v.clone()).collect()
            };
            rows.map(|row: Row| (key(&row), row)).collect()
        } else {
            numbered(rows)
        },
    }
}

/// Rows without a key, equal ones told apart by a number.
fn numbered(rows: impl Iterator<Item = Row>) -> HashMap<Row, Row> {
    let mut equal: HashMap<Row, usize> = HashMap::new();
    rows.map(|row| {
        let nth = equal.entry(row.clone()).or_default();
        let mut key = row.clone();
        key.push(Some(nth.to_string().into()));
        *nth += 1;
        (key, row)
    })
    .collect()
}

type Tables = BTreeMap<(String, String), Contents>;

fn differences(before: &Tables, after: &Tables) -> Vec<RawChange> {
    let nothing = Contents::default();
    let made = after.keys().filter(|k| !before.contains_key(*k));
    before
        .keys()
        .chain(made)
        .flat_map(|name| {
            let old = before.get(name).unwrap_or(&nothing);
            let new = after.get(name).unwrap_or(&nothing);
            between(name, old, new)
        })
        .collect()
}

/// What happened to one table. Where it was altered meanwhile, the columns that both looks have are compared, and an image
/// lacks those of the other.
fn between(name: &(String, String), old: &Contents, new: &Contents) -> Vec<RawChange> {
    let change = |operation, columns: &[String], old: Option<&Row>, new: Option<&Row>| RawChange {
        schema: name.0.clone(),
        table: name.1.clone(),
        columns: columns.to_vec(),
        operation,
        old: old.cloned(),
        new: new.cloned(),
        xid: 0,
    };
    let altered = !old.columns.is_empty() && !new.columns.is_empty() && old.columns != new.columns;
    if altered {
        let common: Vec<String> = old
            .columns
            .iter()
            .filter(|c| new.columns.contains(c))
            .cloned()
            .collect();
        return between(name, &old.only(&common), &new.only(&common));
    }
    let mut changes = Vec::new();
    for (key, row) in &old.rows {
        match new.rows.get(key) {
            None => changes.push(change(Operation::Delete, &old.columns, Some(row), None)),
            Some(now) if now != row => {
                changes.push(change(
                    Operation::Update,
                    &old.columns,
                    Some(row),
                    Some(now),
                ));
            }
            Some(_) => {}
        }
    }
    let appeared = new
        .rows
        .iter()
        .filter(|(key, _)| !old.rows.contains_key(*key));
    changes
        .extend(appeared.map(|(_, row)| change(Operation::Insert, &new.columns, None, Some(row))));
    changes
}

impl Contents {
    /// These columns alone.
    fn only(&self, columns: &[String]) -> Self {
        let at: Vec<usize> = columns
            .iter()
            .filter_map(|c| self.columns.iter().position(|o| o == c))
            .collect();
        let project = |row: &Row| -> Row { at.iter().map(|&c| row[c].clone()).collect() };
        Self {
            columns: columns.to_vec(),
            keyed: self.keyed,
            rows: if self.keyed {
                let rows = self.rows.iter();
                rows.map(|(key, row)| (key.clone(), project(row))).collect()
            } else {
                numbered(self.rows.values().map(project))
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Table = Vec<(u8, String)>;

    fn look(rows: &Table, with_key: bool) -> Tables {
        let columns = vec!["id".to_owned(), "word".to_owned()];
        let rows = rows
            .iter()
            .map(|(id, word)| vec![Some(id.to_string().into()), Some(word.as_str().into())])
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
    fn a_column_more_is_no_change_of_rows() {
        let narrow = |key| contents(vec!["a".into()], &[key], vec![vec![Some("1".into())]]);
        let rows = vec![vec![Some("1".into()), None]];
        for key in [true, false] {
            let wide = contents(vec!["a".into(), "b".into()], &[key, false], rows.clone());
            let name = ("public".to_owned(), "t".to_owned());
            assert!(between(&name, &narrow(key), &wide).is_empty());
            assert_eq!(between(&name, &Contents::default(), &wide).len(), 1);
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
