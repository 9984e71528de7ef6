//! The columns of a draft that point to other rows: own parents only, and agreeing where keys share columns.

use rand::RngExt;

use super::draft::{Cell, Leave};
use super::{Generator, Place};
use crate::model::ownership::Owners;
use crate::model::rows::{Row, RowRef, Value};
use crate::model::schema::{Kind, Table, TableId};
use crate::seed::rows::literal;

/// How many rows of a table are left without children.
const SPARED: usize = 2;

impl Generator<'_> {
    /// The columns that point to other rows.
    pub(super) fn parent_cells(
        &mut self,
        table: &Table,
        place: &Place,
        leave: Leave<'_>,
        cells: &mut [Option<Cell>],
    ) -> Result<(), String> {
        // Keys of several columns narrow the choice of those that share one.
        let mut keys: Vec<usize> = (0..table.foreign_keys.len()).collect();
        keys.sort_by_key(|&k| std::cmp::Reverse(table.foreign_keys[k].columns.len()));
        for index in keys {
            let key = &table.foreign_keys[index];
            if key.columns.iter().all(|&c| cells[c].is_some())
                || key.columns.iter().any(|&c| cells[c] == Some(Cell::Null))
            {
                continue;
            }
            let nullable = key
                .columns
                .iter()
                .any(|&c| cells[c].is_none() && !table.columns[c].not_null);
            let late = leave.late.contains(&index);
            // Some rows of a tree are its roots.
            let own = key.table == table.id && (nullable || key.is_declared());
            let root = own && !place.number.is_multiple_of(3);
            let parent = if late || root {
                None
            } else {
                self.parent(table, index, place, leave.attempt, cells)
            };
            match parent {
                Some(row) => {
                    for (&here, &there) in key.columns.iter().zip(&key.references) {
                        if cells[here].is_none() {
                            cells[here] = Some(
                                row[there]
                                    .as_deref()
                                    .map_or(Cell::Null, |v| Cell::Text(v.to_owned())),
                            );
                        }
                    }
                }
                None if nullable => {
                    for &c in key.columns.iter().filter(|&&c| !table.columns[c].not_null) {
                        cells[c].get_or_insert(Cell::Null);
                    }
                }
                None if late => self.placeholder(table, index, cells),
                None if !key.is_declared() => {}
                None if key.table == table.id => self.itself(table, index, place, cells),
                None => {
                    let parent = self.schema.table(key.table);
                    return Err(format!(
                        "there is no row in {parent} that it could point to"
                    ));
                }
            }
        }
        Ok(())
    }

    /// A row that must point to one of its own table points to itself where there is no other: its key is made beforehand.
    fn itself(&mut self, table: &Table, key: usize, place: &Place, cells: &mut [Option<Cell>]) {
        let key = &table.foreign_keys[key];
        for (&here, &there) in key.columns.iter().zip(&key.references) {
            if here == there || cells[here].is_some() {
                continue;
            }
            let column = &table.columns[there];
            let numbered = column.numbered && matches!(cells[there], None | Some(Cell::Default));
            if numbered {
                let sequence = match &column.default {
                    Some(default) => default
                        .trim_start_matches("nextval(")
                        .trim_end_matches(')')
                        .to_owned(),
                    None => format!(
                        "pg_get_serial_sequence({}, {})",
                        literal(Some(&table.sql())),
                        literal(Some(&column.name))
                    ),
                };
                // Postgres computes the columns of a row in the order that they have in the table.
                let (first, second) = (here.min(there), here.max(there));
                cells[first] = Some(Cell::Sql(format!("nextval({sequence})")));
                cells[second] = Some(Cell::Sql(format!("currval({sequence})")));
                continue;
            }
            let made = match cells[there].take() {
                Some(set @ Cell::Text(_)) => set,
                _ => match self.key_cell(table, there, place) {
                    made @ Cell::Text(_) => made,
                    _ => Cell::Text(self.key_text(column)),
                },
            };
            cells[here] = Some(made.clone());
            cells[there] = Some(made);
        }
    }

    /// Something of the right kind in place of a reference that is patched before it is checked.
    fn placeholder(&mut self, table: &Table, key: usize, cells: &mut [Option<Cell>]) {
        for &c in &table.foreign_keys[key].columns {
            if cells[c].is_none() {
                let column = &table.columns[c];
                let text = match column.kind {
                    Kind::Integer(_) => {
                        (-i64::from(self.rng.random_range(1..30_000_i16))).to_string()
                    }
                    _ => self.key_text(column),
                };
                cells[c] = Some(Cell::Text(text));
            }
        }
    }

    /// A row to point to that agrees with what is set already.
    fn parent(
        &mut self,
        table: &Table,
        key: usize,
        place: &Place,
        attempt: usize,
        cells: &[Option<Cell>],
    ) -> Option<Vec<Value>> {
        // Of two references to one table the second takes the next row: nothing depends on itself.
        let earlier = table.foreign_keys[..key]
            .iter()
            .filter(|k| k.table == table.foreign_keys[key].table);
        let step = earlier.count();
        let key = &table.foreign_keys[key];
        let named = self.named_in(table, &key.columns, cells).or(place.tenant);
        let place = &Place {
            tenant: named,
            ..*place
        };
        let rows = self.candidates(key.table, place);
        let agrees = |row: &&Vec<Value>| {
            key.columns
                .iter()
                .zip(&key.references)
                .all(|(&here, &there)| {
                    row[there].is_some()
                        && cells[here]
                            .as_ref()
                            .and_then(Cell::text)
                            .is_none_or(|set| row[there].as_deref() == Some(set))
                })
        };
        let fitting: Vec<&Vec<Value>> = rows.iter().filter(agrees).collect();
        if fitting.is_empty() {
            return None;
        }
        let index = if attempt == 0 && key.table != table.id {
            // The last ones stay without children: they can be deleted.
            let spared = if fitting.len() < SPARED * 2 {
                0
            } else {
                SPARED
            };
            (place.number - 1 + step) % (fitting.len() - spared)
        } else {
            self.rng.random_range(0..fitting.len())
        };
        Some(fitting[index].clone())
    }

    /// Whether no generated row shall refer to a row.
    fn is_spared(&self, table: &Table, row: &Row) -> bool {
        self.spared.contains(&RowRef::of(table, row))
    }

    /// The rows of a table that a row of that tenant may point to: its own, else those that nobody owns.
    pub(super) fn candidates(&mut self, table: TableId, place: &Place) -> Vec<Vec<Value>> {
        let owners = self.store.owners(self.schema, self.ownership, table);
        let tenant = place.tenant.map(|t| self.tenants[t].key.clone());
        let rows = self.store.of(table);
        let pick = |own: bool| -> Vec<Vec<Value>> {
            let fits = |o: &Owners| {
                if own {
                    tenant.as_deref().is_some_and(|t| o.includes(t))
                } else {
                    o.is_global()
                }
            };
            rows.iter()
                .zip(&owners)
                .filter(|(_, o)| fits(o))
                .map(|(row, _)| row.clone())
                .collect()
        };
        let mut own = pick(true);
        let here = self.schema.table(table);
        if own.iter().any(|row| !self.is_spared(here, row)) {
            own.retain(|row| !self.is_spared(here, row));
        }
        let identities = Some(table) == self.ownership.users;
        if own.is_empty() && (tenant.is_none() || !identities) {
            pick(false)
        } else {
            own
        }
    }
}
