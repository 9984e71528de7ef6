//! In which order tables are filled: parents first, tables that refer to each other in a ring together.

use std::collections::HashSet;

use crate::model::schema::{Schema, Table, TableId};

/// A foreign key of a table, by its index.
pub type Late = HashSet<(TableId, usize)>;

/// The order of tables.
#[derive(Debug, Default)]
pub struct Order {
    /// Tables that must be filled together; parents come in earlier groups.
    pub groups: Vec<Vec<TableId>>,
    /// Foreign keys whose parent comes later in the same group: patched when it is there.
    pub late: Late,
}

/// The order for a whole schema.
pub fn order(schema: &Schema) -> Order {
    let mut search = Search {
        schema,
        index: vec![None; schema.tables.len()],
        low: vec![0; schema.tables.len()],
        stack: Vec::new(),
        on_stack: vec![false; schema.tables.len()],
        next: 0,
        groups: Vec::new(),
    };
    for table in &schema.tables {
        if search.index[table.id.0].is_none() {
            search.visit(table.id);
        }
    }
    let mut order = Order::default();
    for group in search.groups {
        arrange(schema, group, &mut order);
    }
    order
}

/// Tarjan's strongly connected components: found children last, which is parents first along foreign keys.
struct Search<'a> {
    schema: &'a Schema,
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    stack: Vec<TableId>,
    on_stack: Vec<bool>,
    next: usize,
    groups: Vec<Vec<TableId>>,
}

impl Search<'_> {
    fn visit(&mut self, at: TableId) {
        self.index[at.0] = Some(self.next);
        self.low[at.0] = self.next;
        self.next += 1;
        self.stack.push(at);
        self.on_stack[at.0] = true;
        for parent in parents(self.schema.table(at)) {
            match self.index[parent.0] {
                None => {
                    self.visit(parent);
                    self.low[at.0] = self.low[at.0].min(self.low[parent.0]);
                }
                Some(index) if self.on_stack[parent.0] => {
                    self.low[at.0] = self.low[at.0].min(index);
                }
                Some(_) => {}
            }
        }
        if Some(self.low[at.0]) == self.index[at.0] {
            let from = self.stack.iter().position(|t| *t == at).unwrap_or(0);
            let group = self.stack.split_off(from);
            for table in &group {
                self.on_stack[table.0] = false;
            }
            self.groups.push(group);
        }
    }
}

fn parents(table: &Table) -> Vec<TableId> {
    let others = table.foreign_keys.iter().map(|k| k.table);
    others.filter(|t| *t != table.id).collect()
}

/// Orders a ring so that few references, and those that may be absent, are left for later.
fn arrange(schema: &Schema, mut left: Vec<TableId>, order: &mut Order) {
    left.sort();
    let mut group = Vec::new();
    while !left.is_empty() {
        let weight = |table: TableId| -> usize {
            let keys = schema.table(table).foreign_keys.iter();
            let open = keys.filter(|k| k.table != table && left.contains(&k.table));
            open.map(|k| {
                let nullable = k
                    .columns
                    .iter()
                    .any(|&c| !schema.table(table).columns[c].not_null);
                match (k.is_declared(), nullable) {
                    (false, true) => 1,
                    (_, true) => 2,
                    (false, false) => 20,
                    (true, false) => 100,
                }
            })
            .sum()
        };
        let next = left
            .iter()
            .copied()
            .min_by_key(|t| (weight(*t), t.0))
            .unwrap_or(left[0]);
        left.retain(|t| *t != next);
        let table = schema.table(next);
        for (index, key) in table.foreign_keys.iter().enumerate() {
            if left.contains(&key.table) {
                order.late.insert((next, index));
            }
        }
        group.push(next);
    }
    order.groups.push(group);
}
