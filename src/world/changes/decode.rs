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
                ..
            } => {
                let old = old_tuple.map(|t| image(&t, None)).transpose()?;
                let new = image(&new_tuple, old.as_ref())?;
                self.change(relation_id, Operation::Update, old, Some(new))?;
            }
            Message::Delete {
                relation_id,
                old_tuple,
                ..
            } => {
                let old = image(&old_tuple, None)?;
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
mod tests {
    use bytes::Bytes;
    use pg_walstream::encode_message_to_bytes;
    use pg_walstream::protocol::ColumnInfo;
    use pgwire_replication::Lsn;
    use proptest::prelude::*;

    use super::*;

    fn data(message: &Message) -> Event {
        Event::XLogData {
            wal_start: Lsn(1),
            wal_end: Lsn(1),
            server_time_micros: 0,
            data: encode_message_to_bytes(message, 1).freeze(),
        }
    }

    fn begin(xid: u32) -> Event {
        Event::Begin {
            final_lsn: Lsn(1),
            xid,
            commit_time_micros: 0,
        }
    }

    fn commit() -> Event {
        Event::Commit {
            lsn: Lsn(1),
            end_lsn: Lsn(2),
            commit_time_micros: 0,
        }
    }

    fn relation(columns: usize) -> Event {
        data(&Message::Relation {
            relation_id: 7,
            namespace: "public".into(),
            relation_name: "note".into(),
            replica_identity: b'f',
            columns: (0..columns)
                .map(|c| ColumnInfo::new(1, format!("c{c}"), 25, -1))
                .collect(),
        })
    }

    fn tuple(values: &[Option<&str>]) -> TupleData {
        TupleData::new(
            values
                .iter()
                .map(|v| v.map_or_else(ColumnData::null, |t| ColumnData::text(t.into())))
                .collect(),
        )
    }

    fn insert(values: &[Option<&str>]) -> Event {
        data(&Message::Insert {
            relation_id: 7,
            tuple: tuple(values),
        })
    }

    fn fed(events: Vec<Event>) -> Result<Decoder, String> {
        let mut decoder = Decoder::new("ours");
        for event in events {
            decoder.take(event)?;
        }
        Ok(decoder)
    }

    #[test]
    fn nothing_shows_before_its_commit() {
        let mut decoder = fed(vec![begin(5), relation(1), insert(&[Some("a")])]).unwrap();
        assert!(decoder.committed().is_empty());
        decoder.take(commit()).unwrap();
        let changes = decoder.committed();
        assert_eq!((changes.len(), changes[0].xid), (1, 5));
        assert!(decoder.committed().is_empty());
    }

    #[test]
    fn an_unchanged_value_out_of_line_comes_from_the_old_image() {
        let update = Message::Update {
            relation_id: 7,
            old_tuple: Some(tuple(&[Some("1"), Some("long")])),
            new_tuple: TupleData::new(vec![ColumnData::text(b"2".into()), ColumnData::unchanged()]),
            key_type: Some('O'),
        };
        let mut decoder = fed(vec![begin(5), relation(2), data(&update), commit()]).unwrap();
        let new = decoder.committed().remove(0).new.unwrap();
        assert_eq!(new[1].as_deref(), Some("long"));
        let without = Message::Update {
            relation_id: 7,
            old_tuple: None,
            new_tuple: TupleData::new(vec![ColumnData::unchanged()]),
            key_type: None,
        };
        assert!(fed(vec![begin(5), relation(1), data(&without)]).is_err());
    }

    #[test]
    fn our_own_undoing_is_left_out_and_others_origins_are_not() {
        let origin = |name: &str| {
            data(&Message::Origin {
                origin_lsn: 1,
                origin_name: name.into(),
            })
        };
        for (name, seen) in [("ours", 0), ("theirs", 1)] {
            let events = vec![
                begin(5),
                origin(name),
                relation(1),
                insert(&[Some("a")]),
                commit(),
            ];
            assert_eq!(fed(events).unwrap().committed().len(), seen, "{name}");
        }
    }

    #[test]
    fn a_barrier_passes_with_its_commit_and_once() {
        let message = Event::Message {
            transactional: true,
            lsn: Lsn(1),
            prefix: PREFIX.into(),
            content: Bytes::from_static(b"42"),
        };
        let mut decoder = fed(vec![begin(5), message]).unwrap();
        assert!(!decoder.passed(b"42"));
        decoder.take(commit()).unwrap();
        assert!(!decoder.passed(b"43") && decoder.passed(b"42") && !decoder.passed(b"42"));
    }

    #[test]
    fn what_does_not_fit_its_table_is_an_error() {
        assert!(fed(vec![begin(5), insert(&[Some("a")])]).is_err());
        assert!(fed(vec![begin(5), relation(2), insert(&[Some("a")])]).is_err());
        assert!(fed(vec![relation(1), insert(&[Some("a")])]).is_err());
    }

    proptest! {
        /// Whatever rows go in come out, in commit order.
        #[test]
        fn rows_come_out_as_they_went_in(
            transactions in prop::collection::vec(
                prop::collection::vec(prop::collection::vec(prop::option::of("[^\0]{0,12}"), 3), 0..4),
                0..5,
            )
        ) {
            let mut events = vec![begin(1), relation(3), commit()];
            let mut wanted: Vec<Row> = Vec::new();
            for rows in &transactions {
                events.push(begin(9));
                for row in rows {
                    let row: Vec<Option<&str>> = row.iter().map(Option::as_deref).collect();
                    events.push(insert(&row));
                    wanted.push(row.iter().map(|v| v.map(Arc::from)).collect());
                }
                events.push(commit());
            }
            let got: Vec<Row> = fed(events).unwrap().committed().into_iter().filter_map(|c| c.new).collect();
            prop_assert_eq!(got, wanted);
        }
    }
}
