//! A row before it is inserted: what each column shall hold.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::agree::agree;
use super::derive::derive;
use super::{Generator, Place};
use crate::model::schema::{ColumnRef, Kind, Table, TableId};
use crate::seed::check::TableLimits;
use crate::seed::value::{self, Spot};

/// What a column shall hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// What the database puts there.
    Default,
    /// NULL.
    Null,
    /// A value in text form.
    Text(String),
    /// An SQL expression.
    Sql(String),
}

impl Cell {
    /// The value, where it is known before the insert.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What a draft leaves out.
#[derive(Debug, Clone, Copy)]
pub struct Leave<'a> {
    /// Foreign keys, by index, whose parents come later.
    pub late: &'a HashSet<usize>,
    /// Columns that the table does not take.
    pub dropped: &'a BTreeSet<usize>,
    /// Every column that may be left out.
    pub optional: bool,
    /// The how-manieth try it is: later ones draw parents at random.
    pub attempt: usize,
}

impl Generator<'_> {
    /// Drafts a row; an error says what is missing.
    pub(super) fn draft(
        &mut self,
        id: TableId,
        place: &Place,
        fixed: &BTreeMap<usize, Cell>,
        leave: Leave<'_>,
    ) -> Result<Vec<Cell>, String> {
        let schema = self.schema;
        let table = schema.table(id);
        let limits = self.limits[id.0].clone();
        let mut cells: Vec<Option<Cell>> = vec![None; table.columns.len()];
        for (index, column) in table.columns.iter().enumerate() {
            if column.generated || (column.numbered && !fixed.contains_key(&index)) {
                cells[index] = Some(Cell::Default);
            }
        }
        for (index, cell) in fixed {
            cells[*index] = Some(cell.clone());
        }
        self.tenant_cells(table, place, &limits, &mut cells);
        let chosen = self.absent(table, place, &limits, leave, &mut cells);
        self.parent_cells(table, place, leave, &mut cells)?;
        self.soft_cells(table, place, &mut cells);
        let spot = Spot {
            table: &table.name,
            tenant: place.tenant.unwrap_or(self.tenants.len()),
            number: place.number,
            age: 1 + i64::try_from(place.number * 7 % 60).unwrap_or(0),
            today: self.today,
        };
        for (index, cell) in cells.iter_mut().enumerate() {
            if cell.is_none() {
                let needed = chosen.contains(&index);
                *cell = Some(self.own_cell(table, index, &limits, &spot, place, needed)?);
            }
        }
        let mut cells: Vec<Cell> = cells
            .into_iter()
            .map(|c| c.unwrap_or(Cell::Default))
            .collect();
        agree(table, &limits, fixed, &mut cells);
        // What an expression asks for may go against another check: every other try does without.
        if leave.attempt.is_multiple_of(2) {
            derive(table, &limits, fixed, &mut cells);
        }
        Ok(cells)
    }

    /// Decides which columns stay NULL or at their default; gives those of which just one may be set, and is.
    fn absent(
        &mut self,
        table: &Table,
        place: &Place,
        limits: &TableLimits,
        leave: Leave<'_>,
        cells: &mut [Option<Cell>],
    ) -> HashSet<usize> {
        let mut chosen = HashSet::new();
        for group in &limits.one_of {
            let set = group
                .iter()
                .copied()
                .find(|&c| matches!(&cells[c], Some(Cell::Text(_) | Cell::Sql(_))));
            let usable: Vec<usize> = group
                .iter()
                .copied()
                .filter(|c| !leave.dropped.contains(c))
                .collect();
            let Some(keep) =
                set.or_else(|| usable.get(place.number % usable.len().max(1)).copied())
            else {
                continue;
            };
            chosen.insert(keep);
            for &other in group.iter().filter(|&&c| c != keep) {
                cells[other].get_or_insert(Cell::Null);
            }
        }
        for (index, column) in table.columns.iter().enumerate() {
            if cells[index].is_some() || chosen.contains(&index) {
                continue;
            }
            let said = limits.columns[index].null;
            let at = ColumnRef {
                table: table.id,
                column: index,
            };
            let optional = (!column.not_null || column.default.is_some())
                && said != Some(false)
                && !table.primary_key.contains(&index)
                && !self.owning(table).contains(&index)
                && !self.values.contains_key(&at);
            // Documents and lists are seldom left out: many an application knows only the empty one.
            let document = matches!(column.kind, Kind::Json | Kind::Array(_));
            let sometimes = !column.not_null
                && !document
                && (place.number + index) % 8 == 7
                && !self.words.contains_key(&at);
            let over = !column.not_null
                && matches!(column.kind, Kind::Timestamp | Kind::Date)
                && value::is_over(column);
            if said == Some(true) {
                cells[index] = Some(Cell::Null);
            } else if optional
                && (leave.optional || leave.dropped.contains(&index) || sometimes || over)
            {
                cells[index] = Some(if column.default.is_some() && !sometimes {
                    Cell::Default
                } else {
                    Cell::Null
                });
            }
        }
        chosen
    }
}
