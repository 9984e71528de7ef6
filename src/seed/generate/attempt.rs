//! One row: tries with other values first, then without what may be left out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sqlx::PgConnection;

use super::draft::{Cell, Leave};
use super::insert::{Refusal, insert};
use super::unique::Taken;
use super::{Generator, Place};
use crate::model::rows::Row;
use crate::model::schema::TableId;
use crate::seed::SeedError;
use crate::seed::rows::execute;

/// Tries for one row before its optional columns are left out.
const TRIES: usize = 6;
/// How far numbers move on where rows overlap: days move on with it (see `value::time`).
const STEP: usize = crate::seed::value::FAR;

/// What a table did not take so far.
#[derive(Debug, Default)]
pub struct Learned {
    /// Columns that it refuses.
    pub dropped: BTreeSet<usize>,
    /// Only rows without optional columns went in.
    pub bare: bool,
    probed: bool,
    /// How far numbers moved on: what decides a range goes by the row's number.
    moved: usize,
}

impl Learned {
    fn moved(&self, place: &Place) -> Place {
        Place {
            number: place.number + self.moved,
            ..*place
        }
    }
}

impl Generator<'_> {
    /// One row, with retries: other values first, then without the optional columns.
    pub async fn one_row(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        place: &Place,
        fixed: &BTreeMap<usize, Cell>,
        late: &HashSet<usize>,
        learned: &mut Learned,
    ) -> Result<Result<Row, String>, SeedError> {
        let mut reason = String::new();
        let taken = Taken::new(self.schema.table(table), self.store.of(table));
        if !learned.bare {
            let dropped = learned.dropped.clone();
            for attempt in 0..TRIES {
                let leave = Leave {
                    late,
                    dropped: &dropped,
                    optional: false,
                    attempt,
                };
                let place = &learned.moved(place);
                match self
                    .attempt(connection, table, place, fixed, leave, &taken)
                    .await?
                {
                    Ok(row) => return Ok(Ok(row)),
                    Err(Refusal::Taken(why)) => reason = why,
                    Err(Refusal::Excluded(why)) => {
                        reason = why;
                        learned.moved += STEP;
                    }
                    Err(Refusal::Other(why)) => {
                        let again = why == reason;
                        reason = why;
                        if again {
                            break;
                        }
                    }
                }
            }
        }
        let none = BTreeSet::new();
        for attempt in 0..TRIES {
            let leave = Leave {
                late,
                dropped: &none,
                optional: true,
                attempt,
            };
            let place = &learned.moved(place);
            match self
                .attempt(connection, table, place, fixed, leave, &taken)
                .await?
            {
                Ok(row) => {
                    if !learned.probed {
                        self.probe(connection, table, place, fixed, late, learned)
                            .await?;
                    }
                    return Ok(Ok(row));
                }
                Err(refusal) => {
                    if matches!(refusal, Refusal::Excluded(_)) {
                        learned.moved += STEP;
                    }
                    reason = refusal.message();
                }
            }
        }
        Ok(Err(reason))
    }

    /// One try. A key that is known to be taken is not sent, but drawn anew.
    async fn attempt(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        place: &Place,
        fixed: &BTreeMap<usize, Cell>,
        leave: Leave<'_>,
        taken: &Taken,
    ) -> Result<Result<Row, Refusal>, SeedError> {
        let mut cells = match self.draft(table, place, fixed, leave) {
            Ok(cells) => cells,
            Err(why) => return Ok(Err(Refusal::Other(why))),
        };
        for draw in 1..40 {
            if !taken.has(&cells) {
                break;
            }
            let leave = Leave {
                attempt: leave.attempt + draw,
                ..leave
            };
            let later = Place {
                number: place.number + draw,
                ..*place
            };
            // Words and numbers move on with the row's number.
            match self.draft(table, &later, fixed, leave) {
                Ok(next) => cells = next,
                Err(why) => return Ok(Err(Refusal::Other(why))),
            }
        }
        let schema = self.schema;
        let outcome = insert(connection, schema.table(table), &cells).await?;
        if let Ok(row) = &outcome {
            self.store.push(schema, table, row.clone());
        }
        Ok(outcome)
    }

    /// Finds out which optional columns a table refuses, by trying each alone and taking the row back.
    async fn probe(
        &mut self,
        connection: &mut PgConnection,
        table: TableId,
        place: &Place,
        fixed: &BTreeMap<usize, Cell>,
        late: &HashSet<usize>,
        learned: &mut Learned,
    ) -> Result<(), SeedError> {
        learned.probed = true;
        let none = BTreeSet::new();
        let schema = self.schema;
        let columns = schema.table(table).columns.len();
        let known = self.store.of(table).len();
        for column in 0..columns {
            let place = Place {
                number: place.number + 1000 + column,
                ..*place
            };
            let with = Leave {
                late,
                dropped: &none,
                optional: false,
                attempt: 1,
            };
            let bare = Leave {
                optional: true,
                ..with
            };
            let (Ok(full), Ok(mut cells)) = (
                self.draft(table, &place, fixed, with),
                self.draft(table, &place, fixed, bare),
            ) else {
                continue;
            };
            if full[column] == cells[column] || matches!(full[column], Cell::Null | Cell::Default) {
                continue;
            }
            cells[column] = full[column].clone();
            execute(connection, "SAVEPOINT partywall_probe").await?;
            let outcome = insert(connection, schema.table(table), &cells).await?;
            execute(connection, "ROLLBACK TO SAVEPOINT partywall_probe").await?;
            if matches!(outcome, Err(Refusal::Other(_))) {
                learned.dropped.insert(column);
            }
        }
        self.store.truncate(schema, table, known);
        // What each column alone does not explain is taken as it is.
        learned.bare = learned.dropped.is_empty();
        Ok(())
    }
}
