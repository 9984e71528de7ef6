//! Links resolved: what a call says that an earlier exchange of the same history brought.

use crate::model::call::Call;
use crate::model::exchange::{Exchange, Purpose};
use crate::model::link::{Link, Origin};
use crate::model::rows::{Change, Operation};
use crate::model::schema::Schema;
use crate::oracle::leaves::scalars;

/// The next call of a history, of which these exchanges were made, with what they brought; what they did not bring stands as it
/// was recorded.
pub fn linked(
    mut call: Call,
    links: &[Link],
    made: &[(Purpose, Exchange)],
    schema: &Schema,
) -> Call {
    for link in links.iter().filter(|link| link.to == made.len()) {
        let from = made.get(link.from);
        if let Some(value) = from.and_then(|(_, e)| value(e, &link.origin, schema)) {
            call = call.with_slot(&link.slot, &value);
        }
    }
    call
}

/// What an exchange has at that place.
fn value(exchange: &Exchange, origin: &Origin, schema: &Schema) -> Option<String> {
    match origin {
        Origin::Answer(at) => {
            let response = exchange.response().filter(|r| r.is_success())?;
            let mut leaves = scalars(response).into_iter();
            leaves.find(|leaf| leaf.at == *at).map(|leaf| leaf.text)
        }
        Origin::Row { table, column } => {
            let table = schema.by_name(table)?;
            let column = table.column(column)?;
            let inserts = |c: &&Change| c.table == table.id && c.operation == Operation::Insert;
            let row = exchange.changes.iter().find(inserts)?.new.as_ref()?;
            row.get(column)?.as_deref().map(str::to_owned)
        }
        Origin::Sent(slot) => exchange.call.slot(slot),
    }
}
