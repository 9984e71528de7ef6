//! Tests of the limits that checks give.

use super::*;
use crate::model::schema::{Column, Kind, TableId};

fn read(kinds: &[(&str, Kind)], checks: &[&str]) -> TableLimits {
    let columns = kinds
        .iter()
        .map(|(name, kind)| Column {
            name: (*name).to_owned(),
            type_name: String::new(),
            kind: kind.clone(),
            not_null: false,
            default: None,
            numbered: false,
            identity_always: false,
            generated: false,
            max_length: None,
        })
        .collect();
    limits(&Table {
        id: TableId(0),
        oid: 0,
        schema: "public".into(),
        name: "t".into(),
        columns,
        primary_key: Vec::new(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        checks: checks.iter().map(|c| (*c).to_owned()).collect(),
        unlogged: false,
    })
}

fn words(limits: &TableLimits, column: usize) -> Vec<&str> {
    limits.columns[column]
        .words
        .iter()
        .flatten()
        .map(String::as_str)
        .collect()
}

#[test]
fn word_lists_are_read_in_every_printed_form() {
    for check in [
        "CHECK ((s = ANY (ARRAY['a'::text, 'b'::text])))",
        "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
        "CHECK (((s = 'a'::text) OR (s = 'b'::text)))",
        "CHECK ((s = ANY ('{a,b}'::text[])))",
        "CHECK (((s IS NULL) OR (s = ANY (ARRAY['a'::text, 'b'::text]))))",
    ] {
        assert_eq!(
            words(&read(&[("s", Kind::Text)], &[check]), 0),
            ["a", "b"],
            "{check}"
        );
    }
}

#[test]
fn bounds_of_numbers_are_inclusive_afterwards() {
    let limits = read(
        &[("n", Kind::Integer(32))],
        &["CHECK (((n > 0) AND (n < 10) AND (n <> 5)))"],
    );
    assert_eq!(
        (limits.columns[0].min, limits.columns[0].max),
        (Some(1.0), Some(9.0))
    );
    assert_eq!(limits.columns[0].not_words, ["5"]);
    let turned = read(
        &[("n", Kind::Numeric(None))],
        &["CHECK (((0)::numeric <= n))"],
    );
    assert_eq!(turned.columns[0].min, Some(0.0));
}

#[test]
fn lengths_patterns_and_case() {
    let limits = read(
        &[("s", Kind::Text)],
        &[
            "CHECK ((char_length(s) >= 3))",
            "CHECK ((s ~ '^[a-z]+$'::text))",
            "CHECK ((s = lower(s)))",
            "CHECK ((s !~~ 'x%'::text))",
        ],
    );
    assert!(limits.columns[0].allows("abc"));
    for bad in ["ab", "abC", "a1b", "xabc"] {
        assert!(!limits.columns[0].allows(bad), "{bad}");
    }
}

#[test]
fn columns_compare_with_each_other() {
    let kinds = [("a", Kind::Date), ("b", Kind::Date)];
    assert_eq!(
        read(&kinds, &["CHECK ((a > b))"]).pairs,
        [(1, Compare::Less, 0)]
    );
    assert_eq!(
        read(&kinds, &["CHECK (((b IS NULL) OR (a <= b)))"]).pairs,
        [(0, Compare::LessOrEqual, 1)]
    );
    assert_eq!(
        read(&kinds, &["CHECK (((a IS NULL) <> (b IS NULL)))"]).one_of,
        [[0, 1]]
    );
    assert_eq!(
        read(&kinds, &["CHECK ((num_nonnulls(a, b) = 1))"]).one_of,
        [[0, 1]]
    );
}

#[test]
fn a_condition_takes_the_way_that_is_understood() {
    let kinds = [("s", Kind::Text), ("at", Kind::Timestamp)];
    let limits = read(
        &kinds,
        &["CHECK (((s <> 'paid'::text) OR (at IS NOT NULL)))"],
    );
    assert_eq!(limits.columns[0].not_words, ["paid"]);
    let limits = read(&kinds, &["CHECK (((my_function(s)) OR (at < now())))"]);
    assert_eq!(limits.columns[1].future, Some(false));
}

#[test]
fn counted_columns_are_one_of_several() {
    let kinds = [("a", Kind::Text), ("b", Kind::Text), ("c", Kind::Text)];
    for check in [
        "CHECK (((((a IS NOT NULL))::integer + ((b IS NOT NULL))::integer) = 1))",
        "CHECK ((((CASE WHEN (a IS NOT NULL) THEN 1 ELSE 0 END) + (CASE WHEN (b IS NOT NULL) THEN 1 ELSE 0 END)) <= 1))",
        "CHECK (((CASE WHEN (a IS NOT NULL) THEN 1 ELSE 0 END + CASE WHEN (b IS NOT NULL) THEN 1 ELSE 0 END) >= 1))",
    ] {
        assert_eq!(read(&kinds, &[check]).one_of, [[0, 1]], "{check}");
    }
    let three = "CHECK ((((((a IS NOT NULL))::integer + ((b IS NOT NULL))::integer) + ((c IS NOT NULL))::integer) = 1))";
    assert_eq!(read(&kinds, &[three]).one_of, [[0, 1, 2]]);
    let two = "CHECK (((((a IS NOT NULL))::integer + ((b IS NOT NULL))::integer) = 2))";
    assert!(read(&kinds, &[two]).one_of.is_empty());
}

#[test]
fn expressions_are_solved_for_a_column() {
    let kinds = [
        ("opens", Kind::Date),
        ("closes", Kind::Date),
        ("name", Kind::Text),
        ("slug", Kind::Text),
    ];
    for (check, column, beside) in [
        ("CHECK ((closes >= (opens + 7)))", 1, 0),
        ("CHECK (((opens + 7) < closes))", 1, 1),
        ("CHECK (((closes - opens) >= 7))", 1, 0),
        ("CHECK ((opens < (closes - 7)))", 0, -1),
        ("CHECK ((slug = lower(name)))", 3, 0),
    ] {
        let derived = read(&kinds, &[check]).derived;
        assert_eq!(derived.len(), 1, "{check}");
        assert_eq!(
            (derived[0].column, derived[0].beside),
            (column, beside),
            "{check}"
        );
    }
    assert!(
        read(&kinds, &["CHECK ((name > (slug || 'x'::text)))"])
            .derived
            .is_empty()
    );
}
