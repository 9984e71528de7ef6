//! References that no key declares and no table's name tells: people (`author_id`, `created_by`) and pairs of type and id.

use super::draft::Cell;
use super::{Generator, Place};
use crate::model::ownership::Rule;
use crate::model::schema::{ColumnRef, Kind, Table, TableId};
use crate::seed::introspect::comparable;
use crate::seed::names;

/// Words for somebody who does something.
const PEOPLE: &[&str] = &[
    "user",
    "author",
    "creator",
    "owner",
    "assignee",
    "actor",
    "lead",
    "reporter",
    "reviewer",
    "approver",
    "sender",
    "recipient",
    "manager",
    "uploader",
    "editor",
    "requester",
    "requestor",
    "submitter",
    "invitee",
    "inviter",
    "person",
    "responsible",
    "performer",
    "operator",
    "watcher",
    "follower",
    "subscriber",
    "participant",
    "attendee",
    "member",
];

/// What a reference to anything is called.
const GENERIC: &[&str] = &[
    "entity", "subject", "object", "resource", "target", "record",
];

impl Generator<'_> {
    /// Fills such references of a draft.
    pub(super) fn soft_cells(&mut self, table: &Table, place: &Place, cells: &mut [Option<Cell>]) {
        for index in 0..table.columns.len() {
            if cells[index].is_some() || table.primary_key == [index] {
                continue;
            }
            let column = &table.columns[index];
            if let Kind::Array(of) = &column.kind {
                cells[index] = self.list_cell(table, index, of, place);
                continue;
            }
            if !matches!(column.kind, Kind::Text | Kind::Uuid | Kind::Integer(_)) {
                continue;
            }
            if let Some(address) = self.address_cell(table, index, place) {
                cells[index] = Some(address);
                continue;
            }
            let Some(stem) = person_stem(&column.name) else {
                self.pair_cells(table, index, place, cells);
                continue;
            };
            let Some((users, key)) = self
                .identities()
                .filter(|(t, k)| comparable(&column.kind, &self.schema.table(*t).columns[*k].kind))
            else {
                continue;
            };
            let rows = self.candidates(users, place);
            let Some(row) = rows.get((place.number - 1) % rows.len().max(1)) else {
                continue;
            };
            cells[index] = row[key].as_deref().map(|v| Cell::Text(v.to_owned()));
            self.type_cell(table, &stem, users, cells);
        }
    }

    /// Three of four e-mail addresses that rows hold are that of a user: applications join people by it.
    fn address_cell(&self, table: &Table, index: usize, place: &Place) -> Option<Cell> {
        let column = &table.columns[index];
        let free = table.uniques.iter().all(|u| !u.columns.contains(&index));
        let named = matches!(column.kind, Kind::Text)
            && names::has_any(&names::last_word(&column.name), &["email", "mail"]);
        let wanted = named
            && free
            && !place.number.is_multiple_of(4)
            && self.ownership.users != Some(table.id)
            && !self.is_declared(table.id, index);
        let address = self.addresses.get(&place.tenant.filter(|_| wanted)?)?;
        let fits = self.limits[table.id.0].columns[index].allows(address)
            && column
                .max_length
                .is_none_or(|most| address.chars().count() <= most as usize);
        fits.then(|| Cell::Text(address.clone()))
    }

    /// `watcher_ids`: keys of the tenant's own rows; an array of ids that nothing is known of stays empty.
    fn list_cell(&mut self, table: &Table, index: usize, of: &Kind, place: &Place) -> Option<Cell> {
        let mut words = names::words(&table.columns[index].name);
        words
            .pop()
            .filter(|w| ["ids", "uuids"].contains(&w.as_str()))?;
        words.push("id".into());
        let stem = names::reference_words(&words.join("_"))?;
        let target = if stem.last().is_some_and(|w| PEOPLE.contains(&w.as_str())) {
            self.identities()
        } else {
            let named = |t: &&Table| stem.ends_with(&names::table_words(&t.name));
            self.schema
                .tables
                .iter()
                .find(named)
                .and_then(|t| Some((t.id, t.single_key()?)))
        };
        let target =
            target.filter(|(t, k)| comparable(of, &self.schema.table(*t).columns[*k].kind));
        let Some((target, key)) = target else {
            return Some(Cell::Text("{}".into()));
        };
        let rows = self.candidates(target, place);
        let picked = rows
            .iter()
            .cycle()
            .skip(place.number - 1)
            .take(rows.len().min(2));
        let keys: Vec<&str> = picked.filter_map(|row| row[key].as_deref()).collect();
        Some(Cell::Text(format!("{{{}}}", keys.join(","))))
    }

    fn identities(&self) -> Option<(TableId, usize)> {
        let users = self.ownership.users?;
        Some((users, self.schema.table(users).single_key()?))
    }

    /// `X_type` beside `X_id`, where the id names a row of `table`.
    fn type_cell(
        &self,
        table: &Table,
        stem: &[String],
        target: TableId,
        cells: &mut [Option<Cell>],
    ) {
        let Some(index) = sibling(table, stem) else {
            return;
        };
        if cells[index].is_some() {
            return;
        }
        let column = &table.columns[index];
        let words = self.known_words(table, index);
        let people = Some(target) == self.ownership.users;
        let membership = self
            .ownership
            .membership
            .as_ref()
            .filter(|_| people)
            .map(|m| m.table);
        let names: Vec<String> = membership
            .into_iter()
            .chain([target])
            .map(|t| names::table_words(&self.schema.table(t).name).join("_"))
            .collect();
        let same = |word: &&String| names.iter().any(|n| names::words(word) == names::words(n));
        let most = column
            .max_length
            .map_or(usize::MAX, |m| usize::try_from(m).unwrap_or(usize::MAX));
        let word = words.iter().find(same).or(words.first()).or(names.first());
        if let Some(word) = word.filter(|w| {
            w.chars().count() <= most && matches!(column.kind, Kind::Text | Kind::Enum(_))
        }) {
            cells[index] = Some(Cell::Text(word.clone()));
        }
    }

    /// What is known of the words of a column.
    fn known_words(&self, table: &Table, index: usize) -> Vec<String> {
        let at = ColumnRef {
            table: table.id,
            column: index,
        };
        let column = &table.columns[index];
        if let Kind::Enum(words) = &column.kind {
            return words.clone();
        }
        self.words
            .get(&at)
            .cloned()
            .or_else(|| self.limits[table.id.0].columns[index].words.clone())
            .or_else(|| self.learnt.stored(table.id, index).map(<[String]>::to_vec))
            .or_else(|| self.learnt.told(&table.name, &column.name))
            .unwrap_or_default()
    }

    /// `entity_type` and `entity_id`: some row of the tenant whose table the words name, or any.
    fn pair_cells(
        &mut self,
        table: &Table,
        index: usize,
        place: &Place,
        cells: &mut [Option<Cell>],
    ) {
        let column = &table.columns[index];
        let Some(stem) = names::reference_words(&column.name) else {
            return;
        };
        let Some(sort) = sibling(table, &stem) else {
            return;
        };
        let words = self.known_words(table, sort);
        let fits = |t: &&Table| {
            let key = t.single_key().map(|k| &t.columns[k].kind);
            let named = words.is_empty()
                || words
                    .iter()
                    .any(|w| names::table_words(w) == names::table_words(&t.name));
            let owned = matches!(
                self.ownership.rule(t.id),
                Rule::Columns { .. } | Rule::Parents { .. }
            );
            t.id != table.id && owned && named && key.is_some_and(|k| comparable(k, &column.kind))
        };
        let targets: Vec<TableId> = self
            .schema
            .tables
            .iter()
            .filter(fits)
            .map(|t| t.id)
            .collect();
        for target in targets {
            let rows = self.candidates(target, place);
            let Some(row) = rows.get((place.number - 1) % rows.len().max(1)) else {
                continue;
            };
            let Some(key) = self.schema.table(target).single_key() else {
                continue;
            };
            cells[index] = row[key].as_deref().map(|v| Cell::Text(v.to_owned()));
            self.type_cell(table, &stem, target, cells);
            return;
        }
    }
}

/// The column of the same stem that says of what type an id is.
fn sibling(table: &Table, stem: &[String]) -> Option<usize> {
    table.columns.iter().position(|c| {
        let words = names::words(&c.name);
        let typed = words.len() == stem.len() + 1
            && words.starts_with(stem)
            && ["type", "kind", "table", "model"].contains(&words[stem.len()].as_str());
        // `entity` beside `entity_id`.
        let bare = words == stem && words.len() == 1 && GENERIC.contains(&words[0].as_str());
        typed || bare && matches!(c.kind, Kind::Text | Kind::Enum(_))
    })
}

/// What a column that names a person is called without its `_id` or `_by`; `None` for others.
fn person_stem(column: &str) -> Option<Vec<String>> {
    let words = names::words(column);
    let last = words.last()?;
    if last == "by" && words.len() > 1
        || last == "to" && words.len() == 2 && words[0].ends_with("ed")
    {
        return Some(words);
    }
    let stem = names::reference_words(column)?;
    let person = stem.last().is_some_and(|w| PEOPLE.contains(&w.as_str()));
    // `assigned_to_id`, `created_by_id`.
    let doer = stem.len() > 1 && stem.last().is_some_and(|w| w == "by" || w == "to");
    (person || doer).then_some(stem)
}
