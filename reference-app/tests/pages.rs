//! The pages: who gets in and where, what is shown, what is refused, and what browsers are told.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    reason = "a test may panic"
)]

mod support;

use support::{Actor, App, PARENT_DOMAIN, Postgres, http::Answer, seed};

const PAGES: [&str; 8] = [
    "/dashboard",
    "/services",
    "/services/s-bolt-1",
    "/bookings",
    "/bookings/b-bolt-2",
    "/tasks",
    "/tasks/k-bolt-1",
    "/drafts",
];

async fn page(app: &App, by: &Actor, path: &str) -> Answer {
    app.call(by, &format!("GET {path}")).await
}

/// The slug that a page shows.
fn slug(answer: &Answer) -> &str {
    let (_, rest) = answer
        .body
        .split_once(r#"data-testid="tenant-slug">"#)
        .unwrap_or_else(|| panic!("no slug: {} {}", answer.head, answer.body));
    rest.split('<').next().unwrap()
}

/// The same browser after an answer that set its cookie.
fn after(by: &Actor, answer: &Answer) -> Actor {
    Actor {
        cookie: answer.cookie(),
        ..by.clone()
    }
}

async fn below_parent(postgres: &Postgres) -> App {
    let database = postgres.copy_of_seed().await;
    App::below(PARENT_DOMAIN, postgres, &database, &[], &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_log_in_and_see_their_firm_and_no_other() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    for host in ["bolt.localhost", "localhost"] {
        let bolt = app.enter(host, "bolt", "admin@bolt.test").await;
        for path in PAGES {
            let answer = page(&app, &bolt, path).await;
            assert_eq!((answer.status, slug(&answer)), (200, "bolt"), "{path}");
            assert!(!answer.body.contains("qxacme"), "{path}");
            assert!(answer.body.contains(seed::MARK) || path == "/drafts");
        }
        let acme = page(&app, &bolt, "/services/s-acme-1").await;
        assert_eq!((acme.status, slug(&acme)), (404, "bolt"));
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_logged_in_gets_the_form() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let nobody = Actor {
        host: "acme.localhost".to_owned(),
        ..Actor::default()
    };
    for path in PAGES {
        let answer = page(&app, &nobody, path).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/login"))
        );
    }
    let form = page(&app, &nobody, "/login").await;
    assert_eq!(form.status, 200);
    assert!(form.body.contains(r#"name="firm" value="acme""#));
    for (firm, email, password) in [
        ("acme", "admin@acme.test", "wrong"),
        ("bolt", "admin@bolt.test", seed::PASSWORD),
        ("acme", "admin@bolt.test", seed::PASSWORD),
        ("nowhere", "admin@acme.test", seed::PASSWORD),
    ] {
        let fields = [("firm", firm), ("email", email), ("password", password)];
        let answer = app.form(&nobody, "POST /login", &fields).await;
        assert_eq!((answer.status, answer.cookie()), (401, String::new()));
        assert!(answer.body.contains(r#"role="alert""#));
    }
    // A token of the API's is no log-in here, and the cookie is none there.
    let api = app.login("acme.localhost", "admin@acme.test").await;
    assert_eq!(page(&app, &api, "/dashboard").await.status, 303);
    let entered = app.enter("acme.localhost", "acme", "admin@acme.test").await;
    let line = "GET /api/admin/services";
    assert_eq!(app.call(&entered, line).await.status, 401);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_for_one_host_or_for_all_firms_below_a_domain_that_may_have_it() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let below = below_parent(&postgres).await;
    for (app, domain) in [(&app, None), (&below, Some("Domain=firms.localhost"))] {
        let nobody = Actor {
            host: app.base.to_owned(),
            ..Actor::default()
        };
        let fields = [
            ("firm", "acme"),
            ("email", "admin@acme.test"),
            ("password", seed::PASSWORD),
        ];
        let answer = app.form(&nobody, "POST /login", &fields).await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some("/dashboard"))
        );
        let line = answer.header("set-cookie").unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(line.contains(part), "{line}");
        }
        assert_eq!(
            line.split("; ").find(|part| part.contains("Domain")),
            domain
        );
    }
    app.stop().await;
    below.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_firms_address_leads_home() {
    let postgres = Postgres::start().await;
    let app = below_parent(&postgres).await;
    let host = format!("acme.{PARENT_DOMAIN}");
    let acme = app.enter(&host, "acme", "admin@acme.test").await;
    assert_eq!(slug(&page(&app, &acme, "/dashboard").await), "acme");
    for path in PAGES {
        let there = acme.on(&format!("bolt.{PARENT_DOMAIN}:8080"));
        let answer = page(&app, &there, path).await;
        let home = "http://acme.firms.localhost:8080/dashboard";
        assert_eq!(
            (answer.status, answer.header("location")),
            (303, Some(home)),
            "{path}"
        );
    }
    let nowhere = acme.on(&format!("nowhere.{PARENT_DOMAIN}"));
    assert_eq!(page(&app, &nowhere, "/dashboard").await.status, 404);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_leads_to_ones_own_firms_alone_and_ends_the_old_session() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let dual = app.enter("localhost", "acme", "dual@acme.test").await;
    let before = page(&app, &dual, "/dashboard").await;
    assert!(before.body.contains(r#"aria-label="Firm to work in""#));
    let answer = app.form(&dual, "POST /switch", &[("firm", "bolt")]).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, Some("/dashboard"))
    );
    let switched = after(&dual, &answer);
    for path in PAGES {
        let answer = page(&app, &switched, path).await;
        assert_eq!(slug(&answer), "bolt", "{path}");
        assert!(!answer.body.contains("qxacme"), "{path}");
    }
    assert_eq!(page(&app, &dual, "/dashboard").await.status, 303);
    let acme = app.enter("localhost", "acme", "admin@acme.test").await;
    let dashboard = page(&app, &acme, "/dashboard").await;
    assert!(!dashboard.body.contains("Switch"));
    let answer = app.form(&acme, "POST /switch", &[("firm", "bolt")]).await;
    assert_eq!((answer.status, slug(&answer)), (403, "acme"));
    assert_eq!(slug(&page(&app, &acme, "/dashboard").await), "acme");
    let dual = app.enter("acme.localhost", "acme", "dual@acme.test").await;
    let answer = app.form(&dual, "POST /switch", &[("firm", "bolt")]).await;
    let home = answer.header("location").unwrap();
    assert_eq!(home, "http://bolt.localhost/dashboard");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_tab_writes_nothing() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let dual = app.enter("localhost", "acme", "dual@acme.test").await;
    let tasks = page(&app, &dual, "/tasks").await;
    assert!(tasks.body.contains(r#"name="firm" value="acme""#));
    let count = async || app.sql(r#"SELECT count(*) FROM "Task""#).await;
    let fields = [("title", "Call the auditors"), ("firm", "acme")];
    let answer = app.form(&dual, "POST /tasks", &fields).await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (303, Some("/tasks"))
    );
    let tasks = page(&app, &dual, "/tasks").await;
    assert!(tasks.body.contains("Call the auditors"));
    let before = count().await;
    let answer = app.form(&dual, "POST /switch", &[("firm", "bolt")]).await;
    let switched = after(&dual, &answer);
    let answer = app.form(&switched, "POST /tasks", &fields).await;
    assert_eq!((answer.status, slug(&answer)), (409, "bolt"));
    for origin in ["http://bolt.localhost", "null"] {
        let fields = [("title", "Forged"), ("firm", "bolt")];
        let headers = [("Origin", origin)];
        let line = "POST /tasks";
        let answer = app.form_with(&switched, line, &headers, &fields).await;
        assert_eq!(answer.status, 403, "{origin}");
    }
    assert_eq!(count().await, before);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_out_ends_the_session_and_tells_the_browser_to_forget() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let acme = app.enter("localhost", "acme", "admin@acme.test").await;
    let answer = app.form(&acme, "POST /logout", &[]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("You are logged out"));
    assert!(answer.body.contains("data-ended"));
    assert_eq!(
        answer.header("clear-site-data"),
        Some(r#""cache", "storage""#)
    );
    assert_eq!(answer.cookie(), "session=");
    assert_eq!(page(&app, &acme, "/dashboard").await.status, 303);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_membership_that_ended_and_a_suspended_firm_lead_to_the_form() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    for statement in [
        r#"UPDATE "TenantMembership" SET "endedAt" = now() WHERE "id" = 'm-u-acme-admin'"#,
        r#"UPDATE "Tenant" SET "status" = 'SUSPENDED' WHERE "id" = 't-bolt'"#,
    ] {
        let acme = app.enter("localhost", "acme", "admin@acme.test").await;
        let bolt = app.enter("localhost", "bolt", "admin@bolt.test").await;
        app.execute(statement).await;
        let who = if statement.contains("acme") {
            acme
        } else {
            bolt
        };
        let answer = page(&app, &who, "/dashboard").await;
        assert_eq!(answer.header("location"), Some("/login"), "{statement}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_see_their_own_bookings_and_what_is_on_offer() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    app.execute(r#"UPDATE "Booking" SET "clientId" = NULL WHERE "id" = 'b-bolt-3'"#)
        .await;
    app.execute(r#"UPDATE "Service" SET "status" = 'DRAFT' WHERE "id" = 's-bolt-4'"#)
        .await;
    let client = app.enter("localhost", "bolt", "client@bolt.test").await;
    let dashboard = page(&app, &client, "/dashboard").await.body;
    for (word, there) in [
        ("zqbolt client 4<", true),
        ("zqbolt client 3<", false),
        ("zqbolt service 1<", true),
        ("zqbolt service 4<", false),
    ] {
        assert_eq!(dashboard.contains(word), there, "{word}");
    }
    for path in &PAGES[1..] {
        let answer = page(&app, &client, path).await;
        assert_eq!((answer.status, slug(&answer)), (403, "bolt"), "{path}");
    }
    let fields = [("title", "x"), ("firm", "bolt")];
    let answer = app.form(&client, "POST /tasks", &fields).await;
    assert_eq!(answer.status, 403);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_keep_no_page_and_run_no_foreign_script() {
    let postgres = Postgres::start().await;
    // This quirk says of every answer how long it may be kept.
    let app = App::start(&postgres, &[], &["kept-by-the-caller"]).await;
    let bolt = app.enter("localhost", "bolt", "admin@bolt.test").await;
    for path in PAGES.iter().chain(&["/login"]) {
        let answer = page(&app, &bolt, path).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self';"), "{policy}");
        assert!(!answer.body.contains("<script>") && !answer.body.contains("style="));
        let firm = answer.header("x-firm");
        assert_eq!(firm, (*path != "/login").then_some("bolt"), "{path}");
    }
    for (path, kind) in [
        ("/assets/app.css", "text/css; charset=utf-8"),
        ("/assets/app.js", "text/javascript; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
        ("/worker.js", "text/javascript; charset=utf-8"),
    ] {
        let answer = page(&app, &bolt, path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(kind))
        );
    }
    app.stop().await;
}

#[test]
fn no_page_stands_in_the_api_document() {
    let document = reference_app::openapi_json();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    for path in document["paths"].as_object().unwrap().keys() {
        let api = path.starts_with("/api/") || path == "/health";
        assert!(api, "{path}");
    }
}
