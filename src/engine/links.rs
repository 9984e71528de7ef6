//! Links resolved: what a call says that an earlier exchange of the same history brought.

use crate::model::call::Call;
use crate::model::exchange::{Exchange, History, Purpose};
use crate::model::link::{Link, Origin};
use crate::model::rows::Operation;
use crate::model::schema::Schema;
use crate::oracle::leaves::scalars;

/// The call at a place of a history, with what the exchanges that were made before it brought; what those did not bring
/// stands as it was recorded.
pub fn linked(history: &History, made: &[(Purpose, Exchange)], at: usize, schema: &Schema) -> Call {
    let mut call = history.exchanges[at].1.call.clone();
    for link in history.links.iter().filter(|link| link.to == at) {
        if let Some(value) = brought(link, made, schema) {
            call = call.with_slot(&link.slot, &value);
        }
    }
    call
}

fn brought(link: &Link, made: &[(Purpose, Exchange)], schema: &Schema) -> Option<String> {
    let (_, exchange) = made.get(link.from)?;
    value(exchange, &link.origin, schema)
}

/// What an exchange has at that place.
pub fn value(exchange: &Exchange, origin: &Origin, schema: &Schema) -> Option<String> {
    match origin {
        Origin::Answer(at) => {
            let response = exchange.response().filter(|r| r.is_success())?;
            let mut leaves = scalars(response).into_iter();
            leaves.find(|leaf| leaf.at == *at).map(|leaf| leaf.text)
        }
        Origin::Row { table, column } => {
            let table = schema.by_name(table)?;
            let column = table.column(column)?;
            let inserts = |c: &&crate::model::rows::Change| {
                c.table == table.id && c.operation == Operation::Insert
            };
            let row = exchange.changes.iter().find(inserts)?.new.as_ref()?;
            row.get(column)?.as_deref().map(str::to_owned)
        }
        Origin::Sent(slot) => exchange.call.slot(slot),
    }
}
