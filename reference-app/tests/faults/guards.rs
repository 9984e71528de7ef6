//! How each fault at the gate is driven, and each broken promise.
use reference_app::faults::Fault;
use serde_json::json;

use super::{
    World,
    support::{Actor, seed::MARK},
};

const LIST: &str = "GET /api/admin/services";

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    let (app, attacker) = (&world.app, &world.attacker);
    let spoofed = async |headers: &[(&str, &str)]| {
        app.send(attacker, LIST, headers, None)
            .await
            .body
            .contains(MARK)
    };
    let on = async |actor: &Actor| app.call(actor, LIST).await.body.contains(MARK);
    let crossed = match fault {
        Fault::TenantHeaderTrusted => spoofed(&[("X-Tenant-Id", "t-bolt")]).await,
        Fault::SlugHeaderTrusted => {
            let slug = ("x-tenant-slug", "bolt");
            !spoofed(&[slug, slug]).await && spoofed(&[slug]).await
        }
        Fault::TenantHeaderTwiceTrusted => {
            !spoofed(&[("x-tenant-id", "t-bolt")]).await
                && spoofed(&[("x-tenant-id", "t-acme"), ("x-tenant-id", "t-bolt")]).await
        }
        Fault::CaseSkipsGuard => {
            !spoofed(&[("X-Tenant-Id", "t-bolt")]).await
                && spoofed(&[("x-tEnAnT-iD", "t-bolt")]).await
        }
        Fault::QuotedHeaderTrusted => {
            !spoofed(&[("X-Tenant-Id", "t-bolt")]).await
                && spoofed(&[("X-Tenant-Id", "\"t-bolt\"")]).await
        }
        Fault::InternalMeansAll => spoofed(&[("X-Internal-Request", "true")]).await,
        Fault::OriginalUrlRouted => {
            let nobody = Actor {
                host: "bolt.localhost".to_owned(),
                ..Actor::default()
            };
            let path = [("X-Original-URL", "/api/admin/services")];
            let answer = app.send(&nobody, "GET /", &path, None).await;
            answer.body.contains(MARK)
        }
        Fault::OverrideSkipsGuard => {
            let verb = [("X-HTTP-Method-Override", "PATCH")];
            let line = "POST /api/admin/services/s-bolt-1";
            let body = json!({ "name": "owned" });
            let answer = app.send(attacker, line, &verb, Some(body)).await;
            answer.status == 200
        }
        Fault::SuspensionAtLoginAlone => {
            let set = async |status: &str| {
                app.execute(&format!(
                    "UPDATE \"Tenant\" SET \"status\" = '{status}' WHERE \"id\" = 't-acme'"
                ))
                .await;
            };
            set("SUSPENDED").await;
            let status = app.call(attacker, LIST).await.status;
            set("ACTIVE").await;
            status == 200
        }
        Fault::UnknownHostMeansAll => on(&attacker.on("no-such-firm.localhost")).await,
        Fault::LeftOutHeaderMeansAll => on(&attacker.on("localhost")).await,
        Fault::OrgHeaderTrusted => spoofed(&[("x-org-id", "t-bolt")]).await,
        Fault::UserHeaderTrusted => app
            .send(
                attacker,
                "GET /api/users/me",
                &[("x-user-id", "u-bolt-admin")],
                None,
            )
            .await
            .body
            .contains(MARK),
        Fault::ForwardedHostTrusted => spoofed(&[("x-forwarded-host", "bolt.localhost")]).await,
        Fault::SubrequestSkipsGuard => {
            let victim_host = attacker.on("bolt.localhost");
            app.send(
                &victim_host,
                LIST,
                &[("x-middleware-subrequest", "middleware")],
                None,
            )
            .await
            .body
            .contains(MARK)
        }
        Fault::HostNotCompared => on(&attacker.on("bolt.localhost")).await,
        Fault::ExactHostBelieved => {
            !on(&attacker.on("BOLT.localhost")).await && on(&attacker.on("bolt.localhost")).await
        }
        Fault::TrailingDotSkipsGuard => {
            !on(&attacker.on("bolt.localhost")).await && on(&attacker.on("bolt.localhost.")).await
        }
        Fault::NestedHostTakesLast => on(&attacker.on("acme.bolt.localhost")).await,
        Fault::NullTenantSkipsGuard => on(&nobody(world).await.on("bolt.localhost")).await,
        Fault::NoTenantMeansAll => on(&nobody(world).await).await,
        Fault::DeadSessionAccepted => {
            let dual = app.login("acme.localhost", "dual@acme.test").await;
            let switched = app
                .with(
                    &dual,
                    "POST /api/tenant/switch",
                    json!({ "tenantSlug": "bolt" }),
                )
                .await;
            switched.status == 200 && app.call(&dual, LIST).await.status == 200
        }
        Fault::EndedMembershipAccepted => {
            on(&app.login("bolt.localhost", "former@acme.test").await).await
        }
        Fault::SwitchToAny => {
            let answer = app
                .with(
                    attacker,
                    "POST /api/tenant/switch",
                    json!({ "tenantSlug": "bolt" }),
                )
                .await;
            let token = answer.json()["token"]
                .as_str()
                .unwrap_or_default()
                .to_owned();
            on(&Actor {
                host: "bolt.localhost".to_owned(),
                token,
                cookie: answer.cookie(),
            })
            .await
        }
        Fault::LoginIgnoresHost => on(&app.login("bolt.localhost", "admin@acme.test").await).await,
        Fault::SlugHeaderNotRefused => {
            app.send(attacker, LIST, &[("x-tenant-slug", "bolt")], None)
                .await
                .status
                != 403
        }
        Fault::BulkWithoutFilterSilent => {
            app.with(
                attacker,
                "PATCH /api/admin/expenses/bulk",
                json!({ "data": { "status": "APPROVED" } }),
            )
            .await
            .status
                != 400
        }
        Fault::ForeignIdForbidden => {
            app.call(attacker, "GET /api/admin/tasks/k-bolt-1")
                .await
                .status
                != 404
        }
        _ => return None,
    };
    Some(crossed)
}

async fn nobody(world: &World) -> Actor {
    let nobody = world.app.login("localhost", "nobody@nowhere.test").await;
    assert!(
        !nobody.token.is_empty(),
        "people without a firm log in on the base domain"
    );
    nobody
}
