//! What weak values must find together, and what they must not.

use crate::model::call::Body;
use crate::model::exchange::{History, Purpose};
use crate::model::verdict::{Crossing, Evidence, Provenance, Severity};
use crate::oracle::Oracle;
use crate::oracle::leak::Leak;
use crate::oracle::testing::{ACME, BOLT, World, answer, attack, history};

fn judge(history: &History, world: &World) -> Vec<Evidence> {
    Leak.judge(history, &world.knowledge).unwrap()
}

fn answered(world: &World, id: &str, status: u16, body: &str) -> Vec<Evidence> {
    let history = history("id.path").with(Purpose::Attack, attack(id, status, body));
    judge(&history, world)
}

fn leaked(evidence: &Evidence) -> (&[Provenance], bool, &str) {
    match &evidence.crossing {
        Crossing::Leaked { values, strong, at } => (values, *strong, at),
        other => panic!("{other:?}"),
    }
}

/// A record without any strong canary: amount, due date and assignee of a task.
fn weak_json(world: &World, id: &str) -> String {
    let value = |column| world.value("task", id, column);
    let (amount, due, status) = (value("amount"), value("due"), value("status"));
    format!(r#"{{"amount":"{amount}0","due":"{due}","state":"{status}"}}"#)
}

#[test]
fn three_values_of_one_foreign_row_are_a_leak() {
    let world = World::new();
    let id = world.task(BOLT, 2);
    let found = answered(&world, "x", 200, &format!("[{}]", weak_json(&world, &id)));
    assert_eq!(found.len(), 1);
    let (values, strong, at) = leaked(&found[0]);
    assert!(!strong);
    assert_eq!(at, "/0");
    assert!(values.iter().all(|v| v.row == world.row("task", &id)));
    assert_eq!(values.len(), 3);
    assert!(found[0].severity >= Severity::Medium);
}

#[test]
fn csv_lines_and_table_rows_count_likewise() {
    let world = World::new();
    let id = world.task(BOLT, 2);
    let value = |column| world.value("task", &id, column);
    let line = [value("due"), value("amount"), value("status")];
    let mut csv = answer(200, &format!("due,amount,status\n{}\n", line.join(",")));
    csv.headers = vec![("content-type".into(), "text/csv; charset=utf-8".into())];
    let cells = line.map(|v| format!("<td>{v}</td>")).concat();
    let head = "<tr><th>Due</th><th>Amount</th><th>Status</th></tr>";
    let mut html = answer(200, &format!("<table>{head}<tr>{cells}</tr></table>"));
    html.headers = vec![("content-type".into(), "text/html".into())];
    for (response, place) in [(csv, "line 2"), (html, "table row 2")] {
        let mut exchange = attack("x", 200, "");
        exchange.outcome = Ok(response);
        let found = judge(
            &history("export.csv").with(Purpose::Attack, exchange),
            &world,
        );
        assert_eq!(leaked(&found[0]).2, place);
    }
}

#[test]
fn values_that_an_own_or_global_row_accounts_for_are_none() {
    let mut world = World::new();
    let own = world.task(ACME, 2);
    let foreign = world.task(BOLT, 2);
    for column in ["amount", "due"] {
        let value = world.value("task", &foreign, column);
        world.update("task", &own, column, &value);
    }
    let body = weak_json(&world, &foreign);
    assert!(answered(&world, "x", 200, &body).is_empty());
}

#[test]
fn equal_numbers_by_chance_are_none() {
    let mut world = World::new();
    let id = world.task(BOLT, 2);
    world.update("task", &id, "amount", "12");
    let statistics = format!(
        r#"{{"month":"{}","open":12,"closed":4,"state":"open"}}"#,
        world.value("task", &id, "due")
    );
    assert!(answered(&world, "x", 200, &statistics).is_empty());
}

#[test]
fn enum_words_and_shared_words_alone_are_none() {
    let mut world = World::new();
    for org in [ACME, BOLT] {
        for n in 0..4 {
            let id = world.task(org, n);
            world.update("task", &id, "due", "2025-12-31");
            world.update("task", &id, "amount", "999.95");
        }
    }
    let body = r#"{"status":"open","due":"2025-12-31","amount":999.95}"#;
    assert!(answered(&world, "x", 200, body).is_empty());
}

#[test]
fn a_drop_down_with_a_word_of_one_tenant_is_none() {
    let mut world = World::new();
    let id = world.task(BOLT, 1);
    world.update("task", &id, "assignee_id", "Basalt quarry");
    let body = r#"[{"value":"Basalt quarry","label":"Basalt quarry","count":3}]"#;
    assert!(answered(&world, "x", 200, body).is_empty());
}

#[test]
fn an_object_of_what_the_caller_sent_is_none() {
    let world = World::new();
    let id = world.task(BOLT, 2);
    let body = weak_json(&world, &id);
    let mut create = attack("x", 201, &body);
    create.call.body = Some(Body::Json(serde_json::from_str(&body).unwrap()));
    assert!(
        judge(
            &history("assign.tenant").with(Purpose::Attack, create),
            &world
        )
        .is_empty()
    );
}

#[test]
fn a_row_that_the_attack_deleted_may_still_show() {
    let mut world = World::new();
    let id = world.task(BOLT, 2);
    let body = weak_json(&world, &id);
    let gone = world.delete("task", &id);
    let deleted = attack("x", 200, &body).changing([gone]);
    let found = judge(&history("id.path").with(Purpose::Attack, deleted), &world);
    assert_eq!(found.len(), 1);
}

#[test]
fn one_foreign_number_in_an_own_record_is_none() {
    let mut world = World::new();
    let (own, foreign) = (world.task(ACME, 2), world.task(BOLT, 2));
    for id in [&own, &foreign] {
        world.update("task", id, "assignee_id", "user-both-admin");
    }
    let value = |column| world.value("task", &foreign, column);
    let body = format!(
        r#"{{"due":"{}","status":"open","assignee":"user-both-admin","total":{}}}"#,
        value("due"),
        value("amount")
    );
    assert!(answered(&world, "x", 200, &body).is_empty());
}
