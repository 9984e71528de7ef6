//! A row before it is inserted: what each column shall hold.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rand::RngExt;

use super::{Generator, Place};
use crate::model::ownership::Rule;
use crate::model::rows::Value;
use crate::model::schema::{Column, ColumnRef, Kind, Table, TableId};
use crate::seed::check::{Compare, TableLimits};
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
        self.tenant_cells(table, place, &mut cells);
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
        compare(table, &limits, fixed, &mut cells);
        Ok(cells)
    }

    /// The columns that say whose row it is.
    fn tenant_cells(&self, table: &Table, place: &Place, cells: &mut [Option<Cell>]) {
        let (Rule::Columns { columns } | Rule::Members { columns, .. }) =
            self.ownership.rule(table.id)
        else {
            return;
        };
        let key = place
            .tenant
            .map_or(Cell::Null, |t| Cell::Text(self.tenants[t].key.to_string()));
        for &column in columns {
            if cells[column].is_none() {
                cells[column] = Some(key.clone());
            }
        }
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
            let sometimes = !column.not_null
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

    /// The columns that say whose row it is by pointing to a parent.
    fn owning(&self, table: &Table) -> Vec<usize> {
        match self.ownership.rule(table.id) {
            Rule::Parents { foreign_keys } => foreign_keys
                .iter()
                .flat_map(|&k| table.foreign_keys[k].columns.clone())
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The columns that point to other rows.
    fn parent_cells(
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
            let root = key.table == table.id && nullable && !place.number.is_multiple_of(3);
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
        let earlier = table.foreign_keys[..key].iter().filter(|k| k.table == table.foreign_keys[key].table);
        let step = earlier.count();
        let key = &table.foreign_keys[key];
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
            (place.number - 1 + step) % fitting.len()
        } else {
            self.rng.random_range(0..fitting.len())
        };
        Some(fitting[index].clone())
    }

    /// The rows of a table that a row of that tenant may point to: its own, else those that nobody owns.
    pub(super) fn candidates(&mut self, table: TableId, place: &Place) -> Vec<Vec<Value>> {
        let owners = self.store.owners(self.schema, self.ownership, table);
        let tenant = place.tenant.map(|t| self.tenants[t].key.clone());
        let rows = self.store.of(table);
        let pick = |own: bool| -> Vec<Vec<Value>> {
            let fits = |o: &crate::model::ownership::Owners| {
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
        let own = pick(true);
        let identities = Some(table) == self.ownership.users;
        if own.is_empty() && (tenant.is_none() || !identities) {
            pick(false)
        } else {
            own
        }
    }

    /// A column that points nowhere.
    fn own_cell(
        &mut self,
        table: &Table,
        index: usize,
        limits: &TableLimits,
        spot: &Spot<'_>,
        place: &Place,
        needed: bool,
    ) -> Result<Cell, String> {
        let column = &table.columns[index];
        let at = ColumnRef {
            table: table.id,
            column: index,
        };
        if let Some(template) = self.values.get(&at).cloned() {
            return self.filled(&template, place);
        }
        if let Some(words) = self.words.get(&at) {
            return Ok(Cell::Text(words[place.number % words.len()].clone()));
        }
        let here = &limits.columns[index];
        if table.primary_key.contains(&index) && here.words.is_none() {
            return Ok(self.key_cell(table, index, place));
        }
        if here.words.is_none() {
            if let Some(shared) = self.shared(table, index, place).filter(|s| here.allows(s)) {
                return Ok(Cell::Text(shared));
            }
            if let Some(cell) = self.listed(table, index, needed) {
                return Ok(cell);
            }
            if keeps_default(column) {
                return Ok(Cell::Default);
            }
        }
        let shape = if column.kind == Kind::Json {
            self.learnt.shape(&table.name, &column.name)
        } else {
            None
        };
        let made = value::value(column, here, shape, spot, &mut self.rng);
        Ok(match made {
            Some(text) => Cell::Text(text),
            None if column.default.is_some() => Cell::Default,
            None if !column.not_null => Cell::Null,
            None => {
                return Err(format!(
                    "no value is known for {} of type {}",
                    column.name, column.type_name
                ));
            }
        })
    }

    /// Words of a list that only the application knows: its default, else NULL, else what is stored or told, else a plain
    /// word.
    fn listed(&self, table: &Table, index: usize, needed: bool) -> Option<Cell> {
        let column = &table.columns[index];
        if !value::is_word_like(column) {
            return None;
        }
        if value::literal_default(column).is_some() {
            return Some(Cell::Default);
        }
        if !column.not_null && !needed {
            return Some(Cell::Null);
        }
        let words = self.learnt.stored(table.id, index).map(<[String]>::to_vec);
        let words = words.or_else(|| self.learnt.told(&table.name, &column.name));
        let most = column
            .max_length
            .map_or(usize::MAX, |m| usize::try_from(m).unwrap_or(usize::MAX));
        let word = words.and_then(|w| w.into_iter().find(|w| w.chars().count() <= most));
        Some(Cell::Text(word.unwrap_or_else(|| value::plain(column))))
    }

    /// A value that the first row of every tenant has: keys that need only be unique within a tenant overlap.
    fn shared(&self, table: &Table, index: usize, place: &Place) -> Option<String> {
        let Rule::Columns { columns } = self.ownership.rule(table.id) else {
            return None;
        };
        let column = &table.columns[index];
        let within = |u: &[usize]| {
            u.len() == 2 && u.contains(&index) && u.iter().any(|c| columns.contains(c))
        };
        let alone = |u: &[usize]| u == [index];
        let unique = table.uniques.iter().any(|u| within(&u.columns))
            && !table.uniques.iter().any(|u| alone(&u.columns));
        if !unique || place.number != 1 || column.kind != Kind::Text {
            return None;
        }
        let shared = match crate::seed::names::last_word(&column.name).as_str() {
            "email" | "mail" => "office@example.com",
            "code" | "number" | "reference" | "sku" => "A-1001",
            "name" | "title" | "label" => "General",
            _ => "general",
        };
        let most = column
            .max_length
            .map_or(usize::MAX, |m| usize::try_from(m).unwrap_or(usize::MAX));
        (shared.len() <= most).then(|| shared.to_owned())
    }

    /// A primary key's value.
    fn key_cell(&mut self, table: &Table, index: usize, place: &Place) -> Cell {
        let column = &table.columns[index];
        let made = column
            .default
            .as_deref()
            .is_some_and(|d| d.contains('(') && column.kind != Kind::Uuid);
        if made {
            return Cell::Default;
        }
        match column.kind {
            Kind::Integer(_) if table.primary_key.len() > 1 => Cell::Text(place.number.to_string()),
            Kind::Integer(_) => {
                let stored = self
                    .store
                    .of(table.id)
                    .iter()
                    .filter_map(|r| r[index].as_deref()?.parse::<i64>().ok());
                Cell::Text((stored.max().unwrap_or(0) + 1).to_string())
            }
            _ => Cell::Text(self.key_text(column)),
        }
    }

    /// A key of letters and digits: a UUID where one fits.
    pub(super) fn key_text(&mut self, column: &Column) -> String {
        let most = column
            .max_length
            .map_or(usize::MAX, |m| usize::try_from(m).unwrap_or(usize::MAX));
        match column.kind {
            Kind::Uuid => value::uuid(&mut self.rng),
            Kind::Text if most >= 36 => value::uuid(&mut self.rng),
            Kind::Text => value::token(&mut self.rng)
                .chars()
                .rev()
                .take(most)
                .collect(),
            _ => value::fresh_value(column, None, &mut self.rng).unwrap_or_default(),
        }
    }
}

/// Whether the default says more than a generated value would.
fn keeps_default(column: &Column) -> bool {
    let Some(default) = column.default.as_deref() else {
        return false;
    };
    match column.kind {
        // A text that the table brings along is a word of a list nearly always.
        Kind::Text => value::literal_default(column).is_some() || default.contains('('),
        Kind::Boolean | Kind::Enum(_) => value::literal_default(column).is_some(),
        Kind::Array(_) | Kind::Interval | Kind::Other(_) => true,
        _ => false,
    }
}

/// Makes columns that are compared with each other agree.
fn compare(table: &Table, limits: &TableLimits, fixed: &BTreeMap<usize, Cell>, cells: &mut [Cell]) {
    for &(a, how, b) in &limits.pairs {
        let (Some(x), Some(y)) = (
            cells[a].text().map(str::to_owned),
            cells[b].text().map(str::to_owned),
        ) else {
            continue;
        };
        let order = match table.columns[a].kind {
            Kind::Integer(_) | Kind::Numeric(_) | Kind::Float => x
                .parse::<f64>()
                .ok()
                .zip(y.parse::<f64>().ok())
                .and_then(|(x, y)| x.partial_cmp(&y)),
            _ => Some(x.cmp(&y)),
        };
        let wrong = match (how, order) {
            (Compare::Less, Some(o)) => o.is_ge(),
            (Compare::LessOrEqual, Some(o)) => o.is_gt(),
            (Compare::Equal, Some(o)) => o.is_ne(),
            (Compare::Differ, Some(o)) => o.is_eq(),
            (_, None) => false,
        };
        if !wrong {
            continue;
        }
        match how {
            Compare::Less | Compare::LessOrEqual if x != y => cells.swap(a, b),
            Compare::Equal if !fixed.contains_key(&a) => cells[a] = cells[b].clone(),
            // The same day, or the same parent: what may be absent is, and the database has the last word on the rest.
            _ if !table.columns[b].not_null && !fixed.contains_key(&b) => cells[b] = Cell::Null,
            _ if !table.columns[a].not_null && !fixed.contains_key(&a) => cells[a] = Cell::Null,
            _ => {}
        }
    }
}
