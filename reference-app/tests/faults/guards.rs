//! How each fault at the gate is driven, and each broken promise.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use reference_app::faults::Fault;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    World,
    support::{Actor, JWT_SECRET, seed::MARK},
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
        Fault::TenantHeaderTwiceTrusted => {
            !spoofed(&[("x-tenant-id", "t-bolt")]).await
                && spoofed(&[("x-tenant-id", "t-acme"), ("x-tenant-id", "t-bolt")]).await
        }
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
        Fault::TrailingDotSkipsGuard => {
            !on(&attacker.on("bolt.localhost")).await && on(&attacker.on("bolt.localhost.")).await
        }
        Fault::NestedHostTakesLast => on(&attacker.on("acme.bolt.localhost")).await,
        Fault::NullTenantSkipsGuard => on(&nobody(world).await.on("bolt.localhost")).await,
        Fault::NoTenantMeansAll => on(&nobody(world).await).await,
        Fault::AlgNoneAccepted => on(&forged(attacker, "none", None)).await,
        Fault::EmptySecretAccepted => on(&forged(attacker, "HS256", Some(""))).await,
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
        Fault::ExpiredAccepted => {
            app.call(
                &resigned(attacker, JWT_SECRET, |claims| {
                    claims["exp"] = json!(1_000_000_000);
                }),
                LIST,
            )
            .await
            .status
                == 200
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

/// The attacker's own claims with the victim's tenant, on the victim's host.
fn forged(attacker: &Actor, algorithm: &str, secret: Option<&str>) -> Actor {
    let claims = claims(&attacker.token, |claims| {
        claims["tenantId"] = json!("t-bolt");
        claims["tenantSlug"] = json!("bolt");
    });
    Actor {
        host: "bolt.localhost".to_owned(),
        token: token(algorithm, &claims, secret),
        cookie: String::new(),
    }
}

fn resigned(attacker: &Actor, secret: &str, change: impl Fn(&mut Value)) -> Actor {
    attacker.with(&token(
        "HS256",
        &claims(&attacker.token, change),
        Some(secret),
    ))
}

fn claims(token: &str, change: impl Fn(&mut Value)) -> Value {
    let bytes = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let mut claims = serde_json::from_slice(&bytes).unwrap();
    change(&mut claims);
    claims
}

fn token(algorithm: &str, claims: &Value, secret: Option<&str>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(&json!({ "typ": "JWT", "alg": algorithm })),
        part(claims)
    );
    let mac = secret.map(|secret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    });
    format!("{signed}.{}", mac.unwrap_or_default())
}
