//! Figures beside what SQL says of them: one tenant, another's, nobody's, and series.

use std::collections::BTreeMap;

use super::*;
use crate::model::json_path::parse;
use crate::oracle::testing::{ACME, BOLT, COVE, World, attack, history};

fn buckets(all: &[(&str, &str)]) -> Buckets {
    let each = all
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Decimal::parse(value).unwrap()));
    each.collect()
}

/// What is said where tenants are answered like this; SQL says 10 of acme, 20 of bolt, nothing of cove, 30 of all.
fn said(answers: &[(&str, &str)]) -> Vec<(String, String)> {
    let told = [(ACME, "10"), (BOLT, "20"), (COVE, "0")];
    judged(
        &figure(
            "$.n",
            None,
            &told.map(|(t, n)| (t, vec![("", n)])),
            &[("", "30")],
        ),
        answers,
    )
}

fn figure(
    value: &str,
    key: Option<&str>,
    told: &[(&str, Vec<(&str, &str)>)],
    whole: &[(&str, &str)],
) -> Figure {
    let told = told.iter();
    Figure {
        route: crate::model::route::RouteId("GET /tasks/{id}".to_owned()),
        place: value.to_owned(),
        value: parse(value).unwrap(),
        key: key.map(|key| parse(key).unwrap()),
        told: told
            .map(|(tenant, all)| (TenantKey::from(*tenant), buckets(all)))
            .collect::<BTreeMap<_, _>>(),
        whole: (!whole.is_empty()).then(|| buckets(whole)),
    }
}

fn judged(figure: &Figure, answers: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut world = World::new();
    world.knowledge.figures = vec![figure.clone()];
    let mut history = history("plain.call");
    for (tenant, body) in answers {
        let mut exchange = attack(&world.task(ACME, 0), 200, body);
        exchange.call.tenant = Some(TenantKey::from(*tenant));
        history = history.with(Purpose::Attack, exchange);
    }
    let found = Conservation.judge(&history, &world.knowledge).unwrap();
    let said = found.into_iter().map(|e| match e.crossing {
        Crossing::Broke { promise, instead } => (promise, instead),
        _ => panic!("another crossing"),
    });
    said.collect()
}

#[test]
fn what_sql_says_of_each_tenant_and_of_all_keeps_the_promise() {
    let all = [
        (ACME, r#"{"n":10.0}"#),
        (BOLT, r#"{"n":"20.00"}"#),
        (COVE, r#"{"n":0}"#),
    ];
    assert_eq!(said(&all), []);
    assert_eq!(said(&all[..1]), []);
}

#[test]
fn another_tenants_figure_is_told_with_its_owner() {
    let (promise, instead) = said(&[(ACME, r#"{"n":20}"#)]).remove(0);
    assert_eq!(promise, "$.n of acme is 10, by SQL");
    assert_eq!(instead, "the answer said 20, which is bolt's");
    let (_, instead) = said(&[(ACME, r#"{"n":null}"#)]).remove(0);
    assert_eq!(instead, "the answer said nothing");
    let (promise, _) = said(&[(ACME, r#"{"n":"many"}"#)]).remove(0);
    assert_eq!(promise, "$.n of acme can be read");
}

#[test]
fn what_is_counted_for_nobody_shows_in_the_sum_alone() {
    let sum = figure("$.n", None, &[], &[("", "30")]);
    let answers = [(ACME, r#"{"n":10}"#), (BOLT, r#"{"n":15}"#)];
    // As long as not everybody was asked, nothing adds up.
    assert_eq!(judged(&sum, &answers), []);
    let all = [answers[0], answers[1], (COVE, r#"{"n":0}"#)];
    let (promise, instead) = judged(&sum, &all).remove(0);
    assert_eq!(promise, "$.n of all tenants adds up to 30, by SQL");
    assert_eq!(instead, "the answers add up to 25");
}

#[test]
fn series_are_compared_bucket_by_bucket() {
    let series = figure(
        "$[*].n",
        Some("$[*].m"),
        &[(ACME, vec![("01", "1"), ("02", "2")])],
        &[],
    );
    let right = r#"[{"m":"02","n":2},{"m":"01","n":1},{"m":"03","n":0}]"#;
    assert_eq!(judged(&series, &[(ACME, right)]), []);
    let wrong = r#"[{"m":"01","n":1},{"m":"02","n":5}]"#;
    let (promise, instead) = judged(&series, &[(ACME, wrong)]).remove(0);
    assert_eq!(promise, "$[*].n at 02 of acme is 2, by SQL");
    assert_eq!(instead, "the answer said 5");
    let twice = r#"[{"m":"01","n":1},{"m":"01","n":2}]"#;
    let (_, instead) = judged(&series, &[(ACME, twice)]).remove(0);
    assert_eq!(instead, "the bucket `01` stands twice");
}

#[test]
fn without_a_declaration_nothing_is_judged() {
    let world = World::new();
    let exchange = attack(&world.task(ACME, 0), 200, "{}");
    let history = history("plain.call").with(Purpose::Attack, exchange);
    let judged = Conservation.judge(&history, &world.knowledge);
    assert_eq!(judged, Err(Reason::NotApplicable));
}
