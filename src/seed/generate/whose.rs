//! The columns of a draft that say whose row it is.

use super::draft::Cell;
use super::{Generator, Place};
use crate::model::ownership::{Rule, is_nobody};
use crate::model::schema::{Column, Table};
use crate::seed::check::{Compare, TableLimits};
use crate::seed::names;

/// How often a row of a table that speaks of two tenants goes from one to another, where it need not.
const CROSSES: usize = 3;

impl Generator<'_> {
    /// The columns that hold tenant keys: one tenant's in all of them, but where a check wants two, or the names do.
    pub(super) fn tenant_cells(
        &self,
        table: &Table,
        place: &Place,
        limits: &TableLimits,
        cells: &mut [Option<Cell>],
    ) {
        let (Rule::Columns { columns } | Rule::Members { columns, .. }) =
            self.ownership.rule(table.id)
        else {
            return;
        };
        let key = |t: usize| Cell::Text(self.tenants[t].key.to_string());
        for (nth, &column) in columns.iter().enumerate() {
            if cells[column].is_some() {
                continue;
            }
            let apart = |&(a, how, b): &(usize, Compare, usize)| {
                let other = if a == column { b } else { a };
                let both = (a == column || b == column) && columns[..nth].contains(&other);
                both && how == Compare::Differ
            };
            let must = limits.pairs.iter().any(apart);
            let may = nth > 0
                && place.number.is_multiple_of(CROSSES)
                && is_direction(&table.columns[columns[0]])
                && is_direction(&table.columns[column]);
            cells[column] = Some(match place.tenant {
                Some(tenant) if must || may => key(self.another(tenant, place.number)),
                Some(tenant) => key(tenant),
                None if table.columns[column].not_null => Cell::Default,
                None => Cell::Null,
            });
        }
    }

    /// Another tenant that has rows, by turns; the same one where there is none.
    fn another(&self, tenant: usize, number: usize) -> usize {
        let others: Vec<usize> = (0..self.tenants.len())
            .filter(|&t| t != tenant && !self.tenants[t].control)
            .collect();
        let turn = (tenant + number) % others.len().max(1);
        others.get(turn).copied().unwrap_or(tenant)
    }

    /// The tenant whose key a draft has in the columns of a reference: of two tenants' rows each has parents of its own.
    pub(super) fn named_in(
        &self,
        table: &Table,
        key: &[usize],
        cells: &[Option<Cell>],
    ) -> Option<usize> {
        let Rule::Columns { columns } = self.ownership.rule(table.id) else {
            return None;
        };
        let column = key.iter().find(|c| columns.contains(c))?;
        let named = cells[*column].as_ref()?.text()?;
        self.tenants.iter().position(|t| &*t.key == named)
    }

    /// Whether a table can hold rows of nobody: each of its tenant columns may be NULL, or has a default that names nobody
    /// and that no foreign key forbids, as in rows that are older than the tenants.
    pub(super) fn takes_nobodys(&self, table: &Table) -> bool {
        let Rule::Columns { columns } = self.ownership.rule(table.id) else {
            return false;
        };
        columns.iter().all(|&c| {
            let column = &table.columns[c];
            let tied = || {
                let mut keys = table.foreign_keys.iter();
                keys.any(|k| k.is_declared() && k.columns.contains(&c))
            };
            !column.not_null || names_nobody(column) && !tied()
        })
    }

    /// The columns that say whose row it is by pointing to a parent.
    pub(super) fn owning(&self, table: &Table) -> Vec<usize> {
        match self.ownership.rule(table.id) {
            Rule::Parents { foreign_keys } => foreign_keys
                .iter()
                .flat_map(|&k| table.foreign_keys[k].columns.clone())
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// `DEFAULT 0`, `DEFAULT ''`, `DEFAULT '00000000-0000-0000-0000-000000000000'::uuid`.
fn names_nobody(column: &Column) -> bool {
    let Some(default) = column.default.as_deref().map(str::trim) else {
        return false;
    };
    let bare = match default.strip_prefix('\'').and_then(|d| d.rsplit_once('\'')) {
        Some((inner, cast)) if cast.is_empty() || cast.starts_with("::") => inner,
        Some(_) => return false,
        None => default,
    };
    is_nobody(bare)
}

/// `from_org_id`, `receiver_id`: one end of what goes from one tenant to another.
fn is_direction(column: &Column) -> bool {
    const ENDS: &[&str] = &[
        "from",
        "to",
        "source",
        "target",
        "sender",
        "receiver",
        "recipient",
        "origin",
        "destination",
    ];
    names::has_any(&column.name, ENDS)
}
