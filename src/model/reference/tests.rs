//! What is learnt from values, and what is not.

use proptest::prelude::*;

use super::*;
use crate::model::schema::{Column, TableId};

fn table(id: usize, name: &str, columns: &[(&str, Kind)]) -> Table {
    let column = |(name, kind): &(&str, Kind)| Column {
        name: (*name).to_owned(),
        type_name: String::new(),
        kind: kind.clone(),
        not_null: false,
        default: None,
        numbered: false,
        identity_always: false,
        generated: false,
        max_length: None,
    };
    Table {
        id: TableId(id),
        oid: 0,
        schema: "public".into(),
        name: name.into(),
        columns: columns.iter().map(column).collect(),
        primary_key: vec![0],
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        unlogged: false,
    }
}

fn learn(
    tables: Vec<Table>,
    content: &[(usize, &[&str])],
) -> Vec<(String, String, Option<String>)> {
    let schema = Schema { tables };
    let mut rows = Rows::empty(&schema);
    for (at, values) in content {
        let row = values.iter().map(|v| (!v.is_empty()).then(|| (*v).into()));
        rows.insert(&schema, TableId(*at), row.collect());
    }
    learn_references(&schema, &rows)
        .into_iter()
        .map(|r| {
            let word = r.when.map(|(_, word)| word.to_string());
            (schema.column_name(r.from), schema.column_name(r.to), word)
        })
        .collect()
}

#[test]
fn integers_need_a_telling_name() {
    let int = Kind::Integer(32);
    let tables = vec![
        table(0, "projects", &[("id", int.clone())]),
        table(
            1,
            "tasks",
            &[
                ("id", int.clone()),
                ("project_id", int.clone()),
                ("size", int),
            ],
        ),
    ];
    let content: &[(usize, &[&str])] = &[
        (0, &["1"]),
        (0, &["2"]),
        (0, &["3"]),
        (1, &["11", "1", "1"]),
        (1, &["12", "2", "2"]),
        (1, &["13", "3", "3"]),
    ];
    let expected = (
        "tasks.project_id".to_owned(),
        "projects.id".to_owned(),
        None,
    );
    assert_eq!(learn(tables, content), [expected]);
}

#[test]
fn pairs_of_type_and_id_have_a_table_for_each_word() {
    let tables = vec![
        table(0, "invoice", &[("id", Kind::Uuid)]),
        table(1, "booking", &[("id", Kind::Uuid)]),
        table(
            2,
            "note",
            &[
                ("id", Kind::Uuid),
                ("entityType", Kind::Text),
                ("entityId", Kind::Text),
            ],
        ),
    ];
    let content: &[(usize, &[&str])] = &[
        (0, &["invoice-000000001"]),
        (1, &["booking-000000001"]),
        (2, &["note-00000000001", "invoice", "invoice-000000001"]),
        (2, &["note-00000000002", "booking", "booking-000000001"]),
    ];
    let found = learn(tables, content);
    let expected = |to: &str, word: &str| {
        (
            "note.entityId".to_owned(),
            to.to_owned(),
            Some(word.to_owned()),
        )
    };
    assert_eq!(
        found,
        [
            expected("booking.id", "booking"),
            expected("invoice.id", "invoice")
        ]
    );
}

proptest! {
    #[test]
    fn one_value_that_is_no_key_unteaches_a_column(keys in prop::collection::hash_set("[a-z0-9]{16}", 4..9)) {
        let keys: Vec<String> = keys.into_iter().collect();
        let tables = || vec![
            table(0, "project", &[("id", Kind::Text)]),
            table(1, "task", &[("id", Kind::Text), ("home", Kind::Text)]),
        ];
        let ids: Vec<String> = (0..keys.len()).map(|n| format!("task-id-{n:08}")).collect();
        let mut rows: Vec<(usize, Vec<&str>)> = Vec::new();
        for (key, id) in keys.iter().zip(&ids) {
            rows.push((0, vec![key]));
            rows.push((1, vec![id, key]));
        }
        let content = |rows: &[(usize, Vec<&str>)]| {
            let refs: Vec<(usize, &[&str])> = rows.iter().map(|(t, r)| (*t, r.as_slice())).collect();
            learn(tables(), &refs)
        };
        prop_assert_eq!(content(&rows).len(), 1);
        rows.push((1, vec!["task-id-99999999", "nowhere-to-be-found"]));
        prop_assert_eq!(content(&rows).len(), 0);
    }
}
