//! Histories whose changes are known by how they were made: the decoder must tell the same, and decoders with a fault
//! planted must be caught.

mod history;

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use self::history::{Met, OURS, Sent, Writer, plan};
use super::tests::{begin, commit, data};
use super::*;

type Outcome = Result<Vec<RawChange>, String>;

fn decoded_by(mut decoder: Decoder, sent: Vec<Sent>) -> Outcome {
    for sent in sent {
        decoder.take(match sent {
            Sent::Begin(xid) => begin(xid),
            Sent::Message(message) => data(&message),
            Sent::Commit => commit(),
        })?;
    }
    Ok(decoder.committed())
}

fn decoded(sent: Vec<Sent>) -> Outcome {
    decoded_by(Decoder::new(OURS), sent)
}

/// Whether a decoder tells what was done, and refuses what nobody could tell; and what it was asked.
fn agrees(decoder: impl Fn(Vec<Sent>) -> Outcome) -> (Result<(), String>, Met) {
    let met = RefCell::new(Met::default());
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let done = runner.run(&plan(), |(history, lost)| {
        let mut writer = Writer::new(lost);
        writer.write(&history);
        met.borrow_mut().add(&writer.met);
        let told = decoder(writer.sent);
        if writer.met.keys_alone > 0 {
            prop_assert!(told.is_err(), "a key alone was taken for a row");
        } else {
            prop_assert_eq!(told, Ok(writer.wanted));
        }
        Ok(())
    });
    (done.map_err(|e| e.to_string()), met.into_inner())
}

#[test]
fn changes_come_out_as_they_were_made() {
    let (done, met) = agrees(decoded);
    done.unwrap();
    let each = [
        met.inserts,
        met.updates,
        met.unchanged,
        met.deletes,
        met.truncates,
        met.widened,
        met.ours,
        met.keys_alone,
    ];
    assert!(each.iter().all(|n| *n > 10), "{met:?}");
}

/// The right decoder after a fault in what it is given.
fn given(fault: impl Fn(Message) -> Option<Message>) -> impl Fn(Vec<Sent>) -> Outcome {
    move |sent| {
        let bent = sent.into_iter().filter_map(|one| match one {
            Sent::Message(message) => fault(*message).map(|m| Sent::Message(Box::new(m))),
            other => Some(other),
        });
        decoded(bent.collect())
    }
}

/// The right decoder before a fault in what it tells.
fn telling(fault: impl Fn(&mut Vec<RawChange>)) -> impl Fn(Vec<Sent>) -> Outcome {
    move |sent| {
        let mut changes = decoded(sent)?;
        fault(&mut changes);
        Ok(changes)
    }
}

#[test]
fn a_decoder_with_a_planted_fault_is_caught() {
    // By what it told: a fault that panics would be no decoder.
    let caught = |name: &str, done: Result<(), String>| {
        let why = done.expect_err(name);
        assert!(
            why.contains("left == right") || why.contains("a key alone"),
            "{name}: {why}"
        );
    };
    let unchanged_is_null = given(|message| match message {
        Message::Update {
            relation_id,
            old_tuple,
            new_tuple,
            key_type,
        } => {
            let null = |c: &ColumnData| {
                if c.is_unchanged() {
                    ColumnData::null()
                } else {
                    c.clone()
                }
            };
            let columns = (0..new_tuple.column_count()).filter_map(|at| new_tuple.get_column(at));
            Some(Message::Update {
                relation_id,
                old_tuple,
                new_tuple: TupleData::new(columns.map(null).collect()),
                key_type,
            })
        }
        other => Some(other),
    });
    caught("unchanged is null", agrees(unchanged_is_null).0);
    // What the decoder itself did once.
    let key_is_a_row = given(|message| match message {
        Message::Update {
            relation_id,
            old_tuple,
            new_tuple,
            ..
        } => Some(Message::Update {
            relation_id,
            old_tuple,
            new_tuple,
            key_type: Some('O'),
        }),
        Message::Delete {
            relation_id,
            old_tuple,
            ..
        } => Some(Message::Delete {
            relation_id,
            old_tuple,
            key_type: 'O',
        }),
        other => Some(other),
    });
    caught("a key is a row", agrees(key_is_a_row).0);
    let first_table_alone = given(|message| match message {
        Message::Truncate {
            mut relation_ids,
            flags,
        } => {
            relation_ids.truncate(1);
            Some(Message::Truncate {
                relation_ids,
                flags,
            })
        }
        other => Some(other),
    });
    caught("one table of a truncate", agrees(first_table_alone).0);
    let no_deletes = given(|m| (!matches!(m, Message::Delete { .. })).then_some(m));
    caught("no deletes", agrees(no_deletes).0);
    let ours_too = |sent| decoded_by(Decoder::new("nobody"), sent);
    caught("our own undoing", agrees(ours_too).0);
    let no_old_image = telling(|changes| {
        for change in changes.iter_mut() {
            change.old = change.old.take().filter(|_| change.new.is_none());
        }
    });
    caught("no old image of an update", agrees(no_old_image).0);
    let swapped = telling(|changes| {
        for change in changes
            .iter_mut()
            .filter(|c| c.operation == Operation::Update)
        {
            std::mem::swap(&mut change.old, &mut change.new);
        }
    });
    caught("old for new", agrees(swapped).0);
    let one_transaction = telling(|changes| changes.iter_mut().for_each(|c| c.xid = 100));
    caught("one transaction", agrees(one_transaction).0);
    caught("backwards", agrees(telling(|c| c.reverse())).0);
}
