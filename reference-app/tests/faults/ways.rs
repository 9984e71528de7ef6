//! How each fault of odd ways in is driven: paths and verbs, the tenant cookie, filters, and what answers tell caches.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use reference_app::faults::Fault;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    World,
    support::{Actor, COOKIE_SECRET, log, seed::MARK},
};

const LIST: &str = "GET /api/admin/services";
const ROW: &str = "/api/admin/services/s-bolt-1";

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    let (app, attacker) = (&world.app, &world.attacker);
    let there = attacker.on("bolt.localhost");
    let nobody = Actor {
        host: "bolt.localhost".to_owned(),
        ..Actor::default()
    };
    let reads = async |actor: &Actor, line: &str| app.call(actor, line).await.body.contains(MARK);
    let changes = async |line: &str| {
        let answer = app.with(attacker, line, json!({ "name": "owned" })).await;
        answer.status == 200
    };
    let with = async |actor: &Actor, cookie: String| {
        let cookie = format!("tenant_sig={cookie}");
        let actor = Actor {
            cookie,
            ..actor.clone()
        };
        reads(&actor, LIST).await
    };
    let genuine = attacker.cookie.trim_start_matches("tenant_sig=").to_owned();
    let crossed = match fault {
        Fault::PutSkipsGuard => changes(&format!("PUT {ROW}")).await,
        Fault::PreflightSkipsGuard => reads(&nobody, "OPTIONS /api/admin/services").await,
        Fault::TrailingSlashSkipsGuard => reads(&there, "GET /api/admin/services/").await,
        Fault::DoubledSlashSkipsGuard => changes(&format!("PATCH /{ROW}")).await,
        Fault::PathCaseSkipsGuard => changes("PATCH /API/ADMIN/SERVICES/s-bolt-1").await,
        Fault::SuffixSkipsGuard => reads(&there, "GET /api/admin/services.json").await,
        Fault::PathParameterSkipsGuard => changes(&format!("PATCH {ROW};v=1")).await,
        Fault::StaticPrefixSkipsGuard => reads(&nobody, "GET /static/../api/admin/services").await,
        Fault::DotSegmentSkipsGuard => reads(&there, "GET /api/./admin/services").await,
        Fault::EncodedLetterSkipsGuard => reads(&there, "GET /%61pi/admin/services").await,
        Fault::EncodedSlashSkipsGuard => reads(&there, "GET /api%2fadmin/services").await,
        Fault::CookieNotVerified => with(&there, forged(&genuine, &"0".repeat(64))).await,
        Fault::CookieWithoutSealAccepted => with(&there, forged(&genuine, "")).await,
        Fault::CookieOldSecretEmpty => {
            let unsealed = forged(&genuine, "");
            let body = unsealed.trim_end_matches('.');
            let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
            mac.update(body.as_bytes());
            with(
                &there,
                format!("{body}.{}", hex::encode(mac.finalize().into_bytes())),
            )
            .await
        }
        Fault::CookieLastCounts => {
            let two = format!(
                "{genuine}; tenant_sig={}",
                forged(&genuine, &"0".repeat(64))
            );
            with(&there, two).await
        }
        Fault::QuotedCookieNotVerified => {
            with(&there, format!("\"{}\"", forged(&genuine, &"0".repeat(64)))).await
        }
        Fault::CookieIsLogIn => with(&nobody, forged(&genuine, &"0".repeat(64))).await,
        Fault::IssuedSealTrusted => {
            let (_, seal) = genuine.rsplit_once('.').unwrap();
            !with(&there, forged(&genuine, &"0".repeat(64))).await
                && with(&there, forged(&genuine, seal)).await
        }
        Fault::CookieSealPrefixAccepted => {
            let half = &genuine[..genuine.len() - 32];
            let actor = Actor {
                cookie: format!("tenant_sig={half}"),
                ..attacker.clone()
            };
            app.call(&actor, LIST).await.status == 200
        }
        Fault::CookieOfAnyUser => {
            let actor = Actor {
                cookie: world.victim.cookie.clone(),
                ..attacker.clone()
            };
            app.call(&actor, LIST).await.status == 200
        }
        Fault::CookieNeverExpires => {
            let actor = Actor {
                cookie: format!("tenant_sig={}", of_long_ago(&genuine)),
                ..attacker.clone()
            };
            app.call(&actor, LIST).await.status == 200
        }
        Fault::AllMeansAllTenants => reads(attacker, "GET /api/admin/expenses?limit=-1").await,
        Fault::FullNameJumpsToRecord => {
            reads(attacker, &format!("{LIST}?q={MARK}%20service%201")).await
        }
        Fault::FilterReplacesScope => {
            reads(attacker, "GET /api/admin/tasks?filter%5BtenantId%5D=t-bolt").await
        }
        Fault::CalendarListChecksFirst => {
            let of = |staff: &str| format!("GET /api/admin/bookings/calendar?staffId={staff}");
            !reads(attacker, &of("u-bolt-admin")).await
                && reads(attacker, &of("u-acme-admin,u-bolt-admin")).await
        }
        Fault::AssigneeReplacesScope => {
            app.execute(
                "UPDATE \"Task\" SET \"assigneeId\" = 'u-bolt-admin' WHERE \"id\" = 'k-bolt-7'",
            )
            .await;
            reads(attacker, "GET /api/admin/tasks?assigneeId=u-bolt-admin").await
        }
        Fault::ShortWordsIgnoreTenant => {
            !reads(attacker, "GET /api/admin/bookings?q=client&pageSize=100").await
                && reads(attacker, "GET /api/admin/bookings?q=cl&pageSize=100").await
        }
        Fault::QueryReplacesPathId => {
            let line = "PATCH /api/admin/services/s-acme-4?id=s-bolt-4";
            app.with(attacker, line, json!({ "name": "owned" })).await;
            world.settle().await;
            let name = "SELECT \"name\" FROM \"Service\" WHERE \"id\" = 's-bolt-4'";
            app.sql(name).await == "owned"
        }
        Fault::BulkFilterTakesOperators => {
            let body = json!({ "where": { "tenantId": { "in": ["t-acme", "t-bolt"] } }, "data": { "category": "other" } });
            let answer = app
                .with(attacker, "PATCH /api/admin/expenses/bulk", body)
                .await;
            answer.status == 200
        }
        Fault::LogLacksTenant => {
            let answer = app.call(attacker, LIST).await;
            let id = answer.header("x-request-id").unwrap_or_default();
            let line = log::line_with(id).expect("a line with the request's id");
            !line.contains("\"tenantId\":\"t-acme\"")
        }
        Fault::CatalogueSaysPublic => {
            let answer = app.call(attacker, "GET /api/portal/services").await;
            answer
                .header("cache-control")
                .is_some_and(|said| said.contains("public"))
        }
        _ => return None,
    };
    Some(crossed)
}

/// The cookie as it was made long ago.
fn of_long_ago(genuine: &str) -> String {
    let payload = genuine.split('.').nth(1).unwrap();
    let mut says: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    says["e"] = json!(1_000_000_000);
    let payload = URL_SAFE_NO_PAD.encode(says.to_string());
    let mut mac = Hmac::<Sha256>::new_from_slice(COOKIE_SECRET.as_bytes()).unwrap();
    mac.update(format!("tenant_sig:{payload}").as_bytes());
    format!("v1.{payload}.{}", hex::encode(mac.finalize().into_bytes()))
}

/// The cookie with bolt as its tenant, under another seal.
fn forged(genuine: &str, seal: &str) -> String {
    let payload = genuine.split('.').nth(1).unwrap();
    let mut says: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    says["t"] = json!("t-bolt");
    format!("v1.{}.{seal}", URL_SAFE_NO_PAD.encode(says.to_string()))
}
