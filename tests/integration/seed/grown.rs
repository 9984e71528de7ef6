//! Tables and columns that come while the target runs: their rows have owners as all others do.

use bytes::Bytes;
use partywall::engine::open::open;
use partywall::engine::run::Clock;
use partywall::model::event::Silence;
use partywall::model::exchange::Response;
use tokio_util::sync::CancellationToken;

use super::driver::settings;

const NOTES: &str = "
    CREATE TABLE tenants (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), slug text UNIQUE NOT NULL);
    CREATE TABLE users (id serial PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text UNIQUE NOT NULL, password_hash text NOT NULL);
    CREATE TABLE notes (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id uuid NOT NULL REFERENCES tenants, body text NOT NULL, build text NOT NULL DEFAULT 'q7m2x9c4v8b3n6k1j5h0');
    CREATE TABLE drafts (id serial PRIMARY KEY, text text NOT NULL);
    GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC";

const MORE: &str = "
[[login]]
step = [{ call = \"POST /login\", json = { email = \"{user.email}\", password = \"{user.password}\" }, take = { bearer = \"$.token\" } }]
[seed.values]
\"users.password_hash\" = \"hash of {user.password}\"
[[routes.list]]
route = \"GET /notes\"
";

const TOKEN: &str = "zqpw0123456789abcdef";

#[tokio::test]
async fn rows_of_tables_made_on_first_use_are_owned() {
    let settings = settings(NOTES, MORE);
    let (stop, mut clock) = (CancellationToken::new(), Clock::default());
    let opened = open(&settings, &Silence, stop, &mut clock).await.unwrap();
    let mut lab = opened.lab;
    let acme = lab.knowledge.tenants[0].key.clone();
    for round in ["first", "after a fresh start"] {
        let sql = format!(
            "CREATE TABLE receipts (id serial PRIMARY KEY, tenant_id uuid NOT NULL, note text);
             CREATE TABLE receipt_lines (id serial PRIMARY KEY, receipt_id int NOT NULL REFERENCES receipts, note text);
             INSERT INTO receipts (tenant_id, note) VALUES ('{acme}', '{TOKEN}');
             INSERT INTO receipt_lines (receipt_id, note) VALUES (1, 'zqpwaaaaaaaaaaaaaaaa')"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(lab.world.pool())
            .await
            .unwrap();
        let changes = lab.settle().await.unwrap();
        assert_eq!(changes.len(), 2, "{round}");
        for change in &changes {
            assert!(change.owners_after.includes(&acme), "{round}: {change:?}");
        }
        for token in [TOKEN, "zqpwaaaaaaaaaaaaaaaa"] {
            let places = lab.knowledge.canaries.get(token);
            assert!(
                places.len() == 1 && places[0].owners.includes(&acme),
                "{round}: {token}"
            );
        }
        lab.fresh().await.unwrap();
        assert!(lab.knowledge.schema.by_name("receipts").is_none());
    }
    lab.world.close().await.unwrap();
}

#[tokio::test]
async fn columns_added_to_known_tables_are_known_and_may_own() {
    let settings = settings(NOTES, MORE);
    let (stop, mut clock) = (CancellationToken::new(), Clock::default());
    let opened = open(&settings, &Silence, stop, &mut clock).await.unwrap();
    let mut lab = opened.lab;
    let acme = lab.knowledge.tenants[0].key.clone();
    let notes = lab.knowledge.schema.by_name("notes").unwrap().id;
    let rule = lab.knowledge.ownership.rule(notes).clone();
    let sql = format!(
        "ALTER TABLE drafts ADD tenant_id uuid;
         UPDATE drafts SET tenant_id = '{acme}' WHERE id = 1;
         INSERT INTO drafts (text, tenant_id) VALUES ('{TOKEN}', '{acme}')"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(lab.world.pool())
        .await
        .unwrap();
    let changes = lab.settle().await.unwrap();
    assert_eq!(changes.len(), 2);
    for change in &changes {
        assert_eq!(change.new.as_ref().unwrap()[2], Some(acme.clone()));
        assert!(change.owners_after.includes(&acme));
    }
    assert!(!lab.knowledge.canaries.get(TOKEN).is_empty());
    assert_eq!(
        *lab.knowledge.ownership.rule(notes),
        rule,
        "what is as it was keeps its rule"
    );
    lab.undo(&changes).await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM drafts WHERE tenant_id IS NOT NULL")
        .fetch_one(lab.world.pool())
        .await
        .unwrap();
    assert_eq!(left, 0);
    lab.world.close().await.unwrap();
}

#[tokio::test]
async fn what_the_control_tenant_is_answered_is_no_canary_but_a_leak_stays_one() {
    let settings = settings(
        NOTES,
        &format!(
            "{MORE}[seed]\nsql = [\"INSERT INTO tenants (slug) VALUES ('acme'); INSERT INTO notes (tenant_id, body, build) SELECT id, 'plain', 'k3w8z1r6t9y2p5s0d7f4' FROM tenants\"]"
        ),
    );
    let (stop, mut clock) = (CancellationToken::new(), Clock::default());
    let opened = open(&settings, &Silence, stop, &mut clock).await.unwrap();
    let mut lab = opened.lab;
    let notes = lab.knowledge.schema.by_name("notes").unwrap().id;
    let build = "k3w8z1r6t9y2p5s0d7f4";
    assert!(!lab.knowledge.canaries.get(build).is_empty());
    let row = lab
        .knowledge
        .rows
        .of(notes)
        .next()
        .map(|(_, row)| row.clone())
        .unwrap();
    let id = row[0].clone().unwrap();
    let generated = lab
        .knowledge
        .rows
        .of(lab.knowledge.schema.by_name("users").unwrap().id)
        .find_map(|(_, row)| row[2].as_deref()?.split('@').next().map(str::to_owned))
        .unwrap();
    lab.bar_answer(&Response {
        status: 200,
        headers: Vec::new(),
        body: Bytes::from(format!(
            "{{\"build\": \"{build}\", \"id\": \"{id}\", \"who\": \"{generated}\"}}"
        )),
        trailers: Vec::new(),
        truncated: false,
    });
    lab.fresh().await.unwrap();
    assert!(lab.knowledge.canaries.get(build).is_empty());
    assert!(!lab.knowledge.canaries.get(&id).is_empty());
    lab.world.close().await.unwrap();
}
