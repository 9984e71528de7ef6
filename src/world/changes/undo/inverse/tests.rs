//! The SQL that takes changes back.

use std::sync::Arc;

use super::*;

fn shape(columns: &[(&str, &str, bool, bool)]) -> Shape {
    Shape {
        columns: columns
            .iter()
            .map(|&(name, type_name, always, key)| {
                let column = Column {
                    type_name: type_name.to_owned(),
                    always,
                    generated: name.starts_with("generated"),
                    key,
                };
                (name.to_owned(), column)
            })
            .collect(),
    }
}

fn row(values: &[Option<&str>]) -> Row {
    values.iter().map(|v| v.map(Arc::from)).collect()
}

fn change(operation: Operation, old: Option<Row>, new: Option<Row>) -> RawChange {
    RawChange {
        schema: "public".to_owned(),
        table: "note".to_owned(),
        columns: vec!["id".to_owned(), "data".to_owned()],
        operation,
        old,
        new,
        xid: 1,
    }
}

#[test]
fn each_operation_has_its_inverse() {
    let shape = shape(&[
        ("id", "integer", false, true),
        ("data", "json", false, false),
    ]);
    let (a, b) = (row(&[Some("1"), Some("{}")]), row(&[Some("2"), None]));
    let sql = |operation, old, new| inverse(&change(operation, old, new), &shape).unwrap();
    assert_eq!(
        sql(Operation::Insert, None, Some(a.clone())),
        [r#"DELETE FROM "public"."note" WHERE "id" = '1'::integer"#]
    );
    assert_eq!(
        sql(Operation::Delete, Some(a.clone()), None),
        [
            r#"INSERT INTO "public"."note" ("id", "data") OVERRIDING SYSTEM VALUE VALUES ('1'::integer, '{}'::json)"#
        ]
    );
    assert_eq!(
        sql(Operation::Update, Some(a.clone()), Some(b)),
        [
            r#"UPDATE "public"."note" SET "id" = '1'::integer, "data" = '{}'::json WHERE "id" = '2'::integer"#
        ]
    );
    assert!(sql(Operation::Update, Some(a.clone()), Some(a)).is_empty());
    assert!(inverse(&change(Operation::Truncate, None, None), &shape).is_err());
}

#[test]
fn without_a_key_one_row_of_equal_ones_is_meant() {
    let shape = shape(&[
        ("id", "integer", false, false),
        ("data", "json", false, false),
    ]);
    let sql = inverse(
        &change(Operation::Insert, None, Some(row(&[Some("1"), None]))),
        &shape,
    );
    let sql = sql.unwrap().remove(0);
    assert!(
        sql.contains(r#"format('%s', "id") = '1' AND num_nulls("data") = 1 LIMIT 1"#),
        "{sql}"
    );
}

#[test]
fn what_is_generated_is_never_written() {
    let shape = shape(&[
        ("id", "integer", false, false),
        ("generated", "integer", false, false),
    ]);
    let (old, new) = (row(&[Some("1"), Some("2")]), row(&[Some("2"), Some("4")]));
    let columns = vec!["id".to_owned(), "generated".to_owned()];
    let all = [
        (Operation::Insert, None, Some(new.clone())),
        (Operation::Update, Some(old.clone()), Some(new)),
        (Operation::Delete, Some(old), None),
    ];
    for (operation, old, new) in all {
        let change = RawChange {
            columns: columns.clone(),
            ..change(operation, old, new)
        };
        let sql = inverse(&change, &shape).unwrap().concat();
        assert!(!sql.contains("generated"), "{sql}");
    }
}

#[test]
fn a_generated_identity_goes_and_comes_back() {
    let shape = shape(&[("id", "bigint", true, true), ("data", "text", false, false)]);
    let (old, new) = (row(&[Some("1"), Some("x")]), row(&[Some("2"), Some("x")]));
    let sql = inverse(&change(Operation::Update, Some(old), Some(new)), &shape).unwrap();
    assert_eq!(sql.len(), 2);
    assert!(sql[0].starts_with("DELETE") && sql[1].contains("OVERRIDING SYSTEM VALUE"));
}

#[test]
fn text_cannot_break_out() {
    assert_eq!(escaped("it's"), "'it''s'");
    assert_eq!(escaped(r"\' OR"), r"E'\\'' OR'");
}
