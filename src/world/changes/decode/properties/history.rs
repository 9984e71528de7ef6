//! Made-up histories of several tables, written down as messages, with the changes that a decoder must make of them.

use pg_walstream::protocol::ColumnInfo;
use proptest::prelude::*;

use super::super::*;

/// The tables there are at first, by their number of columns.
const WIDTHS: [usize; 3] = [1, 2, 4];

/// The replication origin that is our own.
pub const OURS: &str = "ours";

/// One statement. Rows and values are picked by number from what is there.
#[derive(Debug, Clone)]
pub enum Statement {
    Insert(usize, Vec<Option<String>>),
    /// Columns of the mask stay as they are, out of line.
    Update(usize, usize, Vec<Option<String>>, Vec<bool>),
    Delete(usize, usize),
    Truncate(Vec<usize>),
    /// The table gets one more column.
    Widen(usize),
}

/// A transaction: by whom, and whether one of its old images comes with its key alone.
#[derive(Debug, Clone)]
pub struct Made {
    ours: bool,
    statements: Vec<Statement>,
}

/// A history, and at which of its old images the identity was lost, if at any.
pub type Plan = (Vec<Made>, Option<usize>);

/// What a decoder is given.
#[derive(Debug, Clone)]
pub enum Sent {
    Begin(u32),
    Message(Box<Message>),
    Commit,
}

/// How often each kind of message was met: a history without any tests nothing.
#[derive(Debug, Default)]
pub struct Met {
    pub inserts: usize,
    pub updates: usize,
    pub unchanged: usize,
    pub deletes: usize,
    pub truncates: usize,
    pub widened: usize,
    pub ours: usize,
    pub keys_alone: usize,
}

fn statement() -> impl Strategy<Value = Statement> {
    let values = || prop::collection::vec(prop::option::of("[^\0]{0,12}"), 12);
    let table = || 0..WIDTHS.len();
    prop_oneof![
        6 => (table(), values()).prop_map(|(t, v)| Statement::Insert(t, v)),
        4 => (table(), 0..9_usize, values(), prop::collection::vec(any::<bool>(), 12))
            .prop_map(|(t, row, v, stays)| Statement::Update(t, row, v, stays)),
        3 => (table(), 0..9_usize).prop_map(|(t, row)| Statement::Delete(t, row)),
        1 => prop::sample::subsequence(vec![0, 1, 2], 1..3).prop_map(Statement::Truncate),
        1 => table().prop_map(Statement::Widen),
    ]
}

pub fn plan() -> impl Strategy<Value = Plan> {
    let made = (
        prop::bool::weighted(0.2),
        prop::collection::vec(statement(), 0..6),
    )
        .prop_map(|(ours, statements)| Made { ours, statements });
    let lost = prop_oneof![4 => Just(None), 1 => (0..3_usize).prop_map(Some)];
    (prop::collection::vec(made, 1..8), lost)
}

/// The tables as they stand while a history is written down.
pub struct Writer {
    columns: [usize; 3],
    rows: [Vec<Row>; 3],
    pub sent: Vec<Sent>,
    pub wanted: Vec<RawChange>,
    /// Old images until the one that has its key alone.
    until_lost: Option<usize>,
    pub met: Met,
}

impl Writer {
    pub fn new(until_lost: Option<usize>) -> Self {
        Self {
            columns: WIDTHS,
            rows: Default::default(),
            sent: Vec::new(),
            wanted: Vec::new(),
            until_lost,
            met: Met::default(),
        }
    }

    pub fn write(&mut self, history: &[Made]) {
        for (made, xid) in history.iter().zip(100..) {
            self.sent.push(Sent::Begin(xid));
            let name = if made.ours { OURS } else { "theirs" };
            self.met.ours += usize::from(made.ours && !made.statements.is_empty());
            self.message(Message::Origin {
                origin_lsn: 1,
                origin_name: name.into(),
            });
            if xid == 100 {
                (0..WIDTHS.len()).for_each(|table| self.describe(table));
            }
            let before = self.wanted.len();
            for statement in &made.statements {
                self.statement(statement, xid);
            }
            if made.ours {
                self.wanted.truncate(before);
            }
            self.sent.push(Sent::Commit);
        }
    }

    fn message(&mut self, message: Message) {
        self.sent.push(Sent::Message(Box::new(message)));
    }

    fn names(&self, table: usize) -> Vec<String> {
        (0..self.columns[table]).map(|c| format!("c{c}")).collect()
    }

    fn describe(&mut self, table: usize) {
        let columns = self.names(table);
        self.message(Message::Relation {
            relation_id: id(table),
            namespace: "public".into(),
            relation_name: format!("t{table}").into(),
            replica_identity: b'f',
            columns: columns
                .into_iter()
                .map(|name| ColumnInfo::new(1, name, 25, -1))
                .collect(),
        });
    }

    fn want(
        &mut self,
        table: usize,
        operation: Operation,
        old: Option<Row>,
        new: Option<Row>,
        xid: u32,
    ) {
        self.wanted.push(RawChange {
            schema: "public".into(),
            table: format!("t{table}"),
            columns: self.names(table),
            operation,
            old,
            new,
            xid,
        });
    }

    /// An old image as it is sent, and of which kind it is.
    fn old_image(&mut self, row: &Row) -> (TupleData, char) {
        let lost = self.until_lost == Some(0);
        self.until_lost = self.until_lost.and_then(|n| n.checked_sub(1));
        if !lost {
            return (tuple(row), 'O');
        }
        self.met.keys_alone += 1;
        let key = row.iter().enumerate();
        let key: Row = key
            .map(|(at, value)| value.clone().filter(|_| at == 0))
            .collect();
        (tuple(&key), 'K')
    }

    fn statement(&mut self, statement: &Statement, xid: u32) {
        match statement {
            Statement::Insert(table, values) => {
                let new = row(values, self.columns[*table]);
                self.met.inserts += 1;
                self.message(Message::Insert {
                    relation_id: id(*table),
                    tuple: tuple(&new),
                });
                self.want(*table, Operation::Insert, None, Some(new.clone()), xid);
                self.rows[*table].push(new);
            }
            Statement::Update(table, at, values, stays) => {
                let Some(at) = picked(&self.rows[*table], *at) else {
                    return;
                };
                let old = self.rows[*table][at].clone();
                let (new, sent) = self.updated(&old, values, stays);
                let (old_tuple, kind) = self.old_image(&old);
                self.met.updates += 1;
                self.message(Message::Update {
                    relation_id: id(*table),
                    old_tuple: Some(old_tuple),
                    new_tuple: sent,
                    key_type: Some(kind),
                });
                self.rows[*table][at].clone_from(&new);
                self.want(*table, Operation::Update, Some(old), Some(new), xid);
            }
            Statement::Delete(table, at) => {
                let Some(at) = picked(&self.rows[*table], *at) else {
                    return;
                };
                let old = self.rows[*table].remove(at);
                let (old_tuple, key_type) = self.old_image(&old);
                self.met.deletes += 1;
                self.message(Message::Delete {
                    relation_id: id(*table),
                    old_tuple,
                    key_type,
                });
                self.want(*table, Operation::Delete, Some(old), None, xid);
            }
            Statement::Truncate(tables) => {
                self.met.truncates += 1;
                self.message(Message::Truncate {
                    relation_ids: tables.iter().map(|t| id(*t)).collect(),
                    flags: 0,
                });
                for table in tables {
                    self.rows[*table].clear();
                    self.want(*table, Operation::Truncate, None, None, xid);
                }
            }
            Statement::Widen(table) => {
                if self.columns[*table] == 12 {
                    return;
                }
                self.met.widened += 1;
                self.columns[*table] += 1;
                for row in &mut self.rows[*table] {
                    row.push(None);
                }
                self.describe(*table);
            }
        }
    }

    /// A row after an update, and as it is sent: what stays out of line is not sent again.
    fn updated(
        &mut self,
        old: &Row,
        values: &[Option<String>],
        stays: &[bool],
    ) -> (Row, TupleData) {
        let mut new = row(values, old.len());
        let mut sent = Vec::new();
        for (at, value) in new.iter_mut().enumerate() {
            // NULL is never out of line.
            if stays[at] && old[at].is_some() {
                self.met.unchanged += 1;
                value.clone_from(&old[at]);
                sent.push(ColumnData::unchanged());
            } else {
                sent.push(column(value.as_ref()));
            }
        }
        (new, TupleData::new(sent))
    }
}

fn id(table: usize) -> u32 {
    [7, 19, 4000][table]
}

fn picked(rows: &[Row], number: usize) -> Option<usize> {
    number.checked_rem(rows.len())
}

fn row(values: &[Option<String>], width: usize) -> Row {
    let values = values.iter().take(width);
    values.map(|v| v.as_deref().map(Arc::from)).collect()
}

fn column(value: Option<&Arc<str>>) -> ColumnData {
    value.map_or_else(ColumnData::null, |v| {
        ColumnData::text(v.as_bytes().to_vec())
    })
}

fn tuple(row: &Row) -> TupleData {
    TupleData::new(row.iter().map(|v| column(v.as_ref())).collect())
}

impl Met {
    pub fn add(&mut self, more: &Self) {
        self.inserts += more.inserts;
        self.updates += more.updates;
        self.unchanged += more.unchanged;
        self.deletes += more.deletes;
        self.truncates += more.truncates;
        self.widened += more.widened;
        self.ours += more.ours;
        self.keys_alone += more.keys_alone;
    }
}
