//! Messages by hand, and what is made of them.

use bytes::Bytes;
use pg_walstream::encode_message_to_bytes;
use pg_walstream::protocol::ColumnInfo;
use pgwire_replication::Lsn;

use super::*;

pub(super) fn data(message: &Message) -> Event {
    Event::XLogData {
        wal_start: Lsn(1),
        wal_end: Lsn(1),
        server_time_micros: 0,
        data: encode_message_to_bytes(message, 1).freeze(),
    }
}

pub(super) fn begin(xid: u32) -> Event {
    Event::Begin {
        final_lsn: Lsn(1),
        xid,
        commit_time_micros: 0,
    }
}

pub(super) fn commit() -> Event {
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
fn an_old_image_with_its_key_alone_is_refused() {
    let update = |kind| Message::Update {
        relation_id: 7,
        old_tuple: Some(tuple(&[Some("1"), None])),
        new_tuple: tuple(&[Some("2"), Some("a")]),
        key_type: Some(kind),
    };
    let delete = |kind| Message::Delete {
        relation_id: 7,
        old_tuple: tuple(&[Some("1"), None]),
        key_type: kind,
    };
    for (kind, taken) in [('O', true), ('K', false)] {
        for message in [update(kind), delete(kind)] {
            let came = fed(vec![begin(5), relation(2), data(&message)]);
            assert_eq!(came.is_ok(), taken, "{kind} {message:?}");
        }
    }
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
