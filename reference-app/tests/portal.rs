//! What the portal promises: who is refused how, what a switch does, what bulk writes need.
#![allow(
    clippy::unwrap_used,
    clippy::format_push_string,
    clippy::too_many_lines,
    reason = "a test may panic, and a table of cases is long"
)]

mod support;

use serde_json::json;
use support::{Actor, App, Postgres};

#[tokio::test(flavor = "multi_thread")]
async fn the_gate_refuses_as_promised() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let admin = app.login("acme.localhost", "admin@acme.test").await;
    let list = "GET /api/admin/services";
    for header in ["x-tenant-id", "X-Tenant-Slug", "x-user-id", "x-org-id"] {
        assert_eq!(
            app.send(&admin, list, &[(header, "t-acme")], None)
                .await
                .status,
            403,
            "{header}"
        );
    }
    let nobody = Actor {
        host: "acme.localhost".to_owned(),
        ..Actor::default()
    };
    assert_eq!(app.call(&nobody, list).await.status, 401, "no token");
    let forged = Actor {
        cookie: "tenant_sig=t-acme.invalidsignature".to_owned(),
        ..nobody.clone()
    };
    assert_eq!(
        app.call(&forged, list).await.status,
        403,
        "a forged cookie, even without a token"
    );
    assert_eq!(app.call(&admin, list).await.status, 200, "token and cookie");
    let bare = Actor {
        cookie: String::new(),
        ..admin.clone()
    };
    assert_eq!(
        app.call(&bare, list).await.status,
        200,
        "the cookie is not required"
    );
    let client = app.login("acme.localhost", "client@acme.test").await;
    let swapped = Actor {
        cookie: client.cookie.clone(),
        ..admin.clone()
    };
    assert_eq!(
        app.call(&swapped, list).await.status,
        403,
        "another user's cookie"
    );
    let both = Actor {
        cookie: format!("{}; {}", admin.cookie, client.cookie),
        ..admin.clone()
    };
    assert_eq!(app.call(&both, list).await.status, 403, "a second cookie");
    assert_eq!(app.call(&client, list).await.status, 403, "the role");
    for (host, status) in [
        ("bolt.localhost", 403),
        ("localhost", 403),
        ("acme.bolt.localhost", 404),
        ("nowhere.localhost", 404),
        ("ACME.localhost", 200),
        ("acme.localhost.", 200),
        ("acme.localhost:8080", 200),
    ] {
        assert_eq!(
            app.call(&bare.on(host), list).await.status,
            status,
            "{host}"
        );
    }
    for id in ["s-bolt-1", "missing"] {
        let answer = app
            .call(&admin, &format!("GET /api/admin/services/{id}"))
            .await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (404, r#"{"error":"not found"}"#),
            "{id}"
        );
    }
    assert_eq!(
        app.call(&admin, list)
            .await
            .header("x-request-id")
            .map(str::len),
        Some(36)
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_switch_renews_the_token_and_kills_the_old_one() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let dual = app.login("acme.localhost", "dual@acme.test").await;
    let answer = app
        .with(
            &dual,
            "POST /api/tenant/switch",
            json!({ "tenantSlug": "bolt" }),
        )
        .await;
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    let there = Actor {
        host: "bolt.localhost".to_owned(),
        token,
        cookie: answer.cookie(),
    };
    assert_eq!(
        app.call(&there, "GET /api/admin/services").await.status,
        200
    );
    assert_eq!(
        app.call(&dual, "GET /api/admin/services").await.status,
        401,
        "the old token is dead"
    );
    let admin = app.login("acme.localhost", "admin@acme.test").await;
    for slug in ["bolt", "nowhere"] {
        let refused = app
            .with(
                &admin,
                "POST /api/tenant/switch",
                json!({ "tenantSlug": slug }),
            )
            .await;
        assert_eq!(refused.status, 403, "{slug}");
    }
    assert_eq!(app.call(&admin, "POST /api/auth/logout").await.status, 204);
    assert_eq!(
        app.call(&admin, "GET /api/users/me").await.status,
        401,
        "after the log-out"
    );
    let former = app.login("bolt.localhost", "former@acme.test").await;
    assert!(
        former.token.is_empty(),
        "a membership that has ended opens nothing"
    );
    app.execute("UPDATE \"TenantMembership\" SET \"endedAt\" = now() WHERE \"id\" = 'm-dual-bolt'")
        .await;
    assert_eq!(
        app.call(&there, "GET /api/admin/services").await.status,
        403,
        "nor does one that ends later"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_writes_need_a_tenant_filter() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let admin = app.login("acme.localhost", "admin@acme.test").await;
    let bulk = async |filter: serde_json::Value| {
        let answer = app
            .with(
                &admin,
                "PATCH /api/admin/services/bulk",
                json!({ "where": filter, "data": { "featured": true } }),
            )
            .await;
        (answer.status, answer.json())
    };
    assert_eq!(
        bulk(json!({ "status": "ACTIVE" })).await,
        (400, json!({ "error": "tenant filter required" }))
    );
    assert_eq!(bulk(json!({ "tenantId": "t-bolt" })).await.0, 403);
    assert_eq!(
        bulk(json!({ "tenantId": "t-acme", "status": "ACTIVE" })).await,
        (200, json!({ "affected": 4 }))
    );
    let mixed = json!({ "action": "delete", "ids": ["k-acme-1", "k-bolt-1", "missing"] });
    assert_eq!(
        app.with(&admin, "POST /api/admin/tasks/bulk", mixed)
            .await
            .json(),
        json!({ "affected": 1 })
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_of_two_firms_are_not_one_firm_s_to_remove() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let admin = app.login("acme.localhost", "admin@acme.test").await;
    for (id, status) in [
        ("u-dual", 409),
        ("u-bolt-fresh", 404),
        ("u-acme-admin", 409),
        ("u-acme-fresh", 204),
    ] {
        assert_eq!(
            app.call(&admin, &format!("DELETE /api/admin/users/{id}"))
                .await
                .status,
            status,
            "{id}"
        );
    }
    let raised = app
        .with(
            &admin,
            "PATCH /api/admin/team/m-u-acme-client",
            json!({ "role": "STAFF" }),
        )
        .await;
    assert_eq!(
        (raised.status, raised.json()["role"].clone()),
        (200, json!("STAFF"))
    );
    let client = app.call(&admin, "GET /api/admin/users/u-acme-client").await;
    assert_eq!(client.json()["role"], "STAFF");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_application_role_owns_nothing() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &["all"]).await;
    let admin = app.login("acme.localhost", "admin@acme.test").await;
    app.call(&admin, "GET /api/admin/services?q=x").await;
    assert_eq!(app.sql("SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = 'app_user'").await, "0");
    assert_eq!(
        app.sql("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'app_user'")
            .await,
        "false"
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firm_signs_up_and_every_list_answers() {
    let postgres = Postgres::start().await;
    let app = App::start(&postgres, &[], &[]).await;
    let apex = Actor {
        host: "localhost".to_owned(),
        ..Actor::default()
    };
    let firm = json!({ "slug": "cedar", "firm": "Cedar", "name": "Cy", "email": "cy@cedar.test", "password": support::seed::PASSWORD });
    assert_eq!(
        app.with(&apex, "POST /api/auth/signup", firm.clone())
            .await
            .status,
        201
    );
    assert_eq!(
        app.with(&apex, "POST /api/auth/signup", firm).await.status,
        409
    );
    let cy = app.login("cedar.localhost", "cy@cedar.test").await;
    let document: serde_json::Value = serde_json::from_str(&reference_app::openapi_json()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut answered = 0;
    for (path, item) in paths {
        let platform = path.starts_with("/api/platform");
        if item.get("get").is_some() && !path.contains('{') && !platform {
            let answer = app.call(&cy, &format!("GET {path}")).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            assert!(!answer.body.contains(support::seed::MARK), "{path}");
            answered += 1;
        }
    }
    assert!(answered > 25, "{answered}");
    let operator = app.login("localhost", "operator@platform.test").await;
    assert_eq!(
        app.call(&operator, "GET /api/platform/tenants")
            .await
            .json()["items"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(
        app.call(&cy.on("localhost"), "GET /api/platform/tenants")
            .await
            .status,
        403
    );
    app.stop().await;
}
