//! Undoing with triggers' and foreign keys' leave: what the changes came to, in an order that foreign keys allow. Whoever
//! calls this looks afterwards at what came of it.

use std::collections::{BTreeMap, HashMap};

use sqlx::PgConnection;

use super::super::RawChange;
use super::inverse::{Shape, inverse};
use super::order::{DEEPEST, attempt, depths, refused, until_all_are_done};
use crate::model::rows::{Operation, Row};
use crate::world::error::WorldError;

/// Schema, table and columns.
type Place = (String, String, Vec<String>);

/// How many rows of these values must come back; below zero, must go.
type Net = BTreeMap<Place, BTreeMap<Row, i64>>;

/// Takes changes back.
pub async fn run(
    transaction: &mut PgConnection,
    changes: &[RawChange],
    shapes: &HashMap<(String, String), Shape>,
) -> Result<(), WorldError> {
    let depths = depths(transaction).await?;
    let mut net = whole(changes, shapes)?;
    // Parents come back first and go last; what points elsewhere is turned in between, lest a cascade takes it along.
    net.sort_by_key(|c| {
        let depth = depths.get(&(c.schema.clone(), c.table.clone())).copied();
        let depth = depth.unwrap_or_default();
        match c.operation {
            Operation::Delete => (0, depth),
            Operation::Update => (1, depth),
            _ => (2, DEEPEST.saturating_sub(depth)),
        }
    });
    let mut statements = Vec::new();
    for change in &net {
        for sql in inverse(change, shape(shapes, change)?)? {
            statements.push((change.table.clone(), sql));
        }
    }
    let triggers = triggers(transaction, &net).await?;
    for (table, name, _) in &triggers {
        // Not everybody may: then it fires, and what it does is seen afterwards.
        attempt(
            transaction,
            &format!("ALTER TABLE {table} DISABLE TRIGGER {name}"),
        )
        .await?
        .ok();
    }
    attempt(transaction, "SET CONSTRAINTS ALL DEFERRED")
        .await?
        .ok();
    until_all_are_done(transaction, statements).await?;
    let checked = attempt(transaction, "SET CONSTRAINTS ALL IMMEDIATE").await?;
    checked.map_err(|error| refused("all rows", &error))?;
    for (table, name, always) in &triggers {
        let how = if *always { "ENABLE ALWAYS" } else { "ENABLE" };
        attempt(
            transaction,
            &format!("ALTER TABLE {table} {how} TRIGGER {name}"),
        )
        .await?
        .ok();
    }
    Ok(())
}

/// What the catalog says of a change's table.
pub fn shape<'s>(
    shapes: &'s HashMap<(String, String), Shape>,
    change: &RawChange,
) -> Result<&'s Shape, WorldError> {
    let name = (change.schema.clone(), change.table.clone());
    shapes.get(&name).ok_or_else(|| WorldError::Undo {
        table: change.table.clone(),
        reason: "its columns are unknown".to_owned(),
    })
}

/// What came of undoing must be the opposite of what was to be undone, and nothing else.
pub fn verify(undone: &[RawChange], came: &[RawChange]) -> Result<(), WorldError> {
    let (mut all, back) = (net(undone), net(came));
    for (place, rows) in back {
        let of_table = all.entry(place).or_default();
        for (row, count) in rows {
            *of_table.entry(row).or_default() += count;
        }
    }
    match all.iter().find(|(_, rows)| rows.values().any(|n| *n != 0)) {
        None => Ok(()),
        Some(((_, table, _), _)) => Err(WorldError::Undo {
            table: table.clone(),
            reason: "its rows were not as before afterwards: the role of database.url may not switch triggers and foreign keys off, and one of them interfered".to_owned(),
        }),
    }
}

fn net(changes: &[RawChange]) -> Net {
    let mut net = Net::new();
    for change in changes {
        let place = (
            change.schema.clone(),
            change.table.clone(),
            change.columns.clone(),
        );
        let rows = net.entry(place).or_default();
        for (image, count) in [(&change.old, 1), (&change.new, -1)] {
            if let Some(row) = image {
                *rows.entry(row.clone()).or_default() += count;
            }
        }
    }
    net
}

/// The changes in one step a row: a row that was changed twice is changed once, and one that came and went is not there.
fn whole(
    changes: &[RawChange],
    shapes: &HashMap<(String, String), Shape>,
) -> Result<Vec<RawChange>, WorldError> {
    let unknown = changes
        .iter()
        .filter(|c| c.operation == Operation::Truncate);
    let mut all: Vec<RawChange> = unknown.cloned().collect();
    for ((schema, table, columns), rows) in net(changes) {
        let bare = RawChange {
            schema,
            table,
            columns,
            operation: Operation::Delete,
            old: None,
            new: None,
            xid: 0,
        };
        let shape = shape(shapes, &bare)?;
        let is_key = |c: &usize| shape.columns.get(&bare.columns[*c]).is_some_and(|c| c.key);
        let keys: Vec<usize> = (0..bare.columns.len()).filter(is_key).collect();
        let key = |row: &Row| -> Row { keys.iter().map(|&c| row[c].clone()).collect() };
        let (back, gone): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .filter(|(_, n)| *n != 0)
            .partition(|(_, n)| *n > 0);
        let mut gone: Vec<(Row, i64)> = gone;
        for (old, count) in back {
            let same = gone
                .iter()
                .position(|(new, _)| !keys.is_empty() && key(new) == key(&old));
            let new = same.map(|at| gone.remove(at).0);
            let operation = if new.is_some() {
                Operation::Update
            } else {
                Operation::Delete
            };
            let old = Some(old);
            all.extend((0..count).map(|_| RawChange {
                operation,
                old: old.clone(),
                new: new.clone(),
                ..bare.clone()
            }));
        }
        for (new, count) in gone {
            let inserted = RawChange {
                operation: Operation::Insert,
                new: Some(new),
                ..bare.clone()
            };
            all.extend((0..-count).map(|_| inserted.clone()));
        }
    }
    Ok(all)
}

/// The triggers of the changed tables that would fire, as SQL names them, and whether they fire always.
async fn triggers(
    session: &mut PgConnection,
    changes: &[RawChange],
) -> Result<Vec<(String, String, bool)>, WorldError> {
    let (schemas, tables): (Vec<_>, Vec<_>) = changes
        .iter()
        .map(|c| (c.schema.clone(), c.table.clone()))
        .unzip();
    sqlx::query_as(
        "SELECT DISTINCT format('%I.%I', n.nspname, c.relname), quote_ident(t.tgname), t.tgenabled = 'A' \
         FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN unnest($1::text[], $2::text[]) AS named (s, t) ON named.s = n.nspname AND named.t = c.relname \
         WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')",
    )
    .bind(&schemas)
    .bind(&tables)
    .fetch_all(session)
    .await
    .map_err(WorldError::database("read the triggers"))
}

#[cfg(test)]
mod tests {
    use super::super::inverse::Column;
    use super::*;

    fn change(old: Option<&[&str]>, new: Option<&[&str]>) -> RawChange {
        let row = |r: &[&str]| -> Row { r.iter().map(|v| Some((*v).into())).collect() };
        RawChange {
            schema: "public".into(),
            table: "t".into(),
            columns: vec!["id".into(), "word".into()],
            operation: match (old, new) {
                (None, _) => Operation::Insert,
                (_, None) => Operation::Delete,
                _ => Operation::Update,
            },
            old: old.map(row),
            new: new.map(row),
            xid: 0,
        }
    }

    fn shapes(with_key: bool) -> HashMap<(String, String), Shape> {
        let column = |key| Column {
            type_name: "text".into(),
            always: false,
            generated: false,
            key,
        };
        let columns = [
            ("id".to_owned(), column(with_key)),
            ("word".to_owned(), column(false)),
        ];
        let shape = Shape {
            columns: columns.into(),
        };
        [(("public".to_owned(), "t".to_owned()), shape)].into()
    }

    #[test]
    fn what_came_and_went_is_nothing_and_two_steps_are_one() {
        let steps = [
            change(None, Some(&["1", "a"])),
            change(Some(&["1", "a"]), Some(&["1", "b"])),
            change(Some(&["2", "x"]), Some(&["2", "y"])),
            change(Some(&["2", "y"]), Some(&["2", "z"])),
            change(Some(&["1", "b"]), None),
        ];
        let expected = change(Some(&["2", "x"]), Some(&["2", "z"]));
        assert_eq!(whole(&steps, &shapes(true)).unwrap(), [expected]);
        assert_eq!(whole(&steps, &shapes(false)).unwrap().len(), 2);
    }

    #[test]
    fn only_the_exact_opposite_is_undone() {
        let done = [change(None, Some(&["1", "a"]))];
        let back = change(Some(&["1", "a"]), None);
        assert!(verify(&done, std::slice::from_ref(&back)).is_ok());
        assert!(verify(&done, &[]).is_err());
        let more = [back, change(None, Some(&["7", "a trigger's"]))];
        assert!(verify(&done, &more).is_err());
    }
}
