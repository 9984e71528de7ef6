//! The columns of a draft that point nowhere: declared values, words, keys, and what kind and name ask for.

use super::draft::Cell;
use super::{Generator, Place};
use crate::model::ownership::Rule;
use crate::model::schema::{Column, ColumnRef, Kind, Table};
use crate::seed::check::TableLimits;
use crate::seed::value::{self, Spot};

impl Generator<'_> {
    /// A column that points nowhere.
    pub(super) fn own_cell(
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
            return Ok(Cell::Text(tenants_word(words, place).to_owned()));
        }
        let here = &limits.columns[index];
        if table.primary_key.contains(&index) && here.words.is_none() {
            return Ok(self.key_cell(table, index, place));
        }
        let list = here.words.is_some() || matches!(column.kind, Kind::Enum(_));
        let halved = Spot {
            number: spot.number / 2,
            ..*spot
        };
        let mut spot = spot;
        if list && value::literal_default(column).is_some() {
            // What a row starts as is what most calls work on; every other state is there, too, in turn.
            if place.number % 2 == 1 {
                return Ok(Cell::Default);
            }
            spot = &halved;
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
        let made = value::value(column, here, shape, spot, &mut self.rng)
            .or_else(|| self.of_rare_type(&column.type_name, place.number));
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
    pub(super) fn key_cell(&mut self, table: &Table, index: usize, place: &Place) -> Cell {
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

/// A word of a list by turns. Each tenant lacks one of three words or more: what is gathered over all tenants shows, then.
fn tenants_word<'w>(words: &'w [String], place: &Place) -> &'w str {
    let lacks = place.tenant.map(|t| t % words.len());
    let own: Vec<&String> = words
        .iter()
        .enumerate()
        .filter(|(nth, _)| words.len() < 3 || Some(*nth) != lacks)
        .map(|(_, word)| word)
        .collect();
    own[place.number % own.len()]
}

/// Whether the default says more than a generated value would.
fn keeps_default(column: &Column) -> bool {
    let Some(default) = column.default.as_deref() else {
        return false;
    };
    match column.kind {
        // A text that the table brings along is a word of a list nearly always.
        Kind::Text => value::literal_default(column).is_some() || default.contains('('),
        Kind::Boolean => !value::is_mixed(column) && value::literal_default(column).is_some(),
        // Nought is where counters start; any other number is a setting.
        Kind::Integer(_) | Kind::Numeric(_) | Kind::Float => {
            value::literal_default(column).is_some_and(|d| d.parse::<f64>().is_ok_and(|n| n != 0.0))
        }
        Kind::Array(_) => value::literal_default(column).is_none_or(|d| d != "{}"),
        Kind::Interval | Kind::Other(_) => true,
        _ => false,
    }
}
