//! Decoding: events of the replication stream become row changes, transaction by transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pg_walstream::{
    ColumnData, LogicalReplicationMessage as Message, LogicalReplicationParser, TupleData,
};
use pgwire_replication::ReplicationEvent as Event;

use super::RawChange;
use crate::model::rows::{Operation, Row, Value};

/// The prefix of our own logical messages.
pub const PREFIX: &str = "partywall";

/// What has come so far.
pub struct Decoder {
    parser: LogicalReplicationParser,
    tables: HashMap<u32, Table>,
    /// Transactions of this replication origin are our own undoing.
    ours: String,
    open: Option<Transaction>,
    committed: Vec<RawChange>,
    barriers: HashSet<Vec<u8>>,
}

struct Table {
    schema: Arc<str>,
    name: Arc<str>,
    columns: Vec<String>,
}

#[derive(Default)]
struct Transaction {
    xid: u32,
    ours: bool,
    changes: Vec<RawChange>,
    barriers: Vec<Vec<u8>>,
}

impl Decoder {
    /// A decoder that leaves out transactions of the replication origin `ours`.
    pub fn new(ours: impl Into<String>) -> Self {
        Self {
            parser: LogicalReplicationParser::with_protocol_version(1),
            tables: HashMap::new(),
            ours: ours.into(),
            open: None,
            committed: Vec::new(),
            barriers: HashSet::new(),
        }
    }

    /// Takes an event.
    pub fn take(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Begin { xid, .. } => {
                self.open = Some(Transaction {
                    xid,
                    ..Transaction::default()
                });
            }
            Event::Commit { .. } => {
                let done = self.open.take().ok_or("a commit without a begin")?;
                if !done.ours {
                    self.committed.extend(done.changes);
                }
                self.barriers.extend(done.barriers);
            }
            Event::Message {
                prefix, content, ..
            } => {
                if let (PREFIX, Some(open)) = (prefix.as_str(), &mut self.open) {
                    open.barriers.push(content.to_vec());
                }
            }
            Event::XLogData { data, .. } => {
                let message = self
                    .parser
                    .parse_wal_message_bytes(data)
                    .map_err(|e| e.to_string())?;
                self.message(message.message)?;
            }
            Event::KeepAlive { .. } | Event::StoppedAt { .. } => {}
        }
        Ok(())
    }

    /// Whether a barrier has come by; asked once.
    pub fn passed(&mut self, barrier: &[u8]) -> bool {
        self.barriers.remove(barrier)
    }

    /// The committed changes that nobody has taken yet.
    pub fn committed(&mut self) -> Vec<RawChange> {
        std::mem::take(&mut self.committed)
    }

    fn message(&mut self, message: Message) -> Result<(), String> {
        match message {
            Message::Relation {
                relation_id,
                namespace,
                relation_name,
                columns,
                ..
            } => {
                let table = Table {
                    schema: namespace,
                    name: relation_name,
                    columns: columns.iter().map(|c| c.name.to_string()).collect(),
                };
                self.tables.insert(relation_id, table);
            }
            Message::Origin { origin_name, .. } => {
                if let Some(open) = &mut self.open {
                    open.ours = origin_name == self.ours;
                }
            }
            Message::Insert { relation_id, tuple } => {
                let new = image(&tuple, None)?;
                self.change(relation_id, Operation::Insert, None, Some(new))?;
            }
            Message::Update {
                relation_id,
                old_tuple,
                new_tuple,
                key_type,
            } => {
                let old = self.whole(relation_id, old_tuple.as_ref(), key_type)?;
                let new = image(&new_tuple, Some(&old))?;
                self.change(relation_id, Operation::Update, Some(old), Some(new))?;
            }
            Message::Delete {
                relation_id,
                old_tuple,
                key_type,
            } => {
                let old = self.whole(relation_id, Some(&old_tuple), Some(key_type))?;
                self.change(relation_id, Operation::Delete, Some(old), None)?;
            }
            Message::Truncate { relation_ids, .. } => {
                for relation in relation_ids {
                    self.change(relation, Operation::Truncate, None, None)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// An old image with all its values. One that has its key alone says NULL of all others: nobody could tell whose row it
    /// was, nor put it back.
    fn whole(
        &self,
        relation: u32,
        tuple: Option<&TupleData>,
        kind: Option<char>,
    ) -> Result<Row, String> {
        match (tuple, kind) {
            (Some(tuple), Some('O')) => image(tuple, None),
            _ => Err(format!(
                "old values of {} are missing: the table has no REPLICA IDENTITY FULL any more",
                self.tables.get(&relation).map_or("a table", |t| &t.name)
            )),
        }
    }

    fn change(
        &mut self,
        relation: u32,
        operation: Operation,
        old: Option<Row>,
        new: Option<Row>,
    ) -> Result<(), String> {
        let table = self
            .tables
            .get(&relation)
            .ok_or_else(|| format!("a change of the unknown relation {relation}"))?;
        let open = self.open.as_mut().ok_or("a change outside a transaction")?;
        if let Some(image) = [&old, &new]
            .into_iter()
            .flatten()
            .find(|i| i.len() != table.columns.len())
        {
            return Err(format!(
                "{} has {} columns, but a row came with {}",
                table.name,
                table.columns.len(),
                image.len()
            ));
        }
        open.changes.push(RawChange {
            schema: table.schema.to_string(),
            table: table.name.to_string(),
            columns: table.columns.clone(),
            operation,
            old,
            new,
            xid: open.xid,
        });
        Ok(())
    }
}

/// A row's values. What is stored out of line and did not change is not sent again: it stands in the old image.
fn image(tuple: &TupleData, old: Option<&Row>) -> Result<Row, String> {
    (0..tuple.column_count())
        .map(|at| {
            let data = tuple.get_column(at).ok_or("a column is missing")?;
            value(data, old.and_then(|o| o.get(at)))
        })
        .collect()
}

fn value(data: &ColumnData, old: Option<&Value>) -> Result<Value, String> {
    if data.is_null() {
        return Ok(None);
    }
    if data.is_unchanged() {
        return old.cloned().ok_or_else(|| {
            "a value out of line is missing: the table has no REPLICA IDENTITY FULL".to_owned()
        });
    }
    let text = data.as_str().ok_or("a value is no text")?;
    Ok(Some(Arc::from(&*text)))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
