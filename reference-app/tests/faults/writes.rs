//! How each writing fault is driven. What counts is the victim's rows before and after.
use reference_app::faults::Fault;
use serde_json::{Value, json};

use super::{World, support::seed::MARK};

/// True if the fault lets something through; `None` if it is driven elsewhere.
pub async fn drive(fault: Fault, world: &World) -> Option<bool> {
    if let Some(statement) = reference(fault, world).await {
        world.settle().await;
        return Some(world.app.sql(statement).await != "0");
    }
    let (line, body) = attack(fault)?;
    let before = world.app.checksums("t-bolt").await;
    let answer = world.app.with(&world.attacker, line, body).await;
    world.settle().await;
    let mut changed = Vec::new();
    for (table, sum) in world.app.checksums("t-bolt").await {
        // The worker notes its synchronisation there, whoever calls.
        if before[&table] != sum
            && !(table == "IntegrationSettings" && fault != Fault::IntegrationByIdAlone)
        {
            changed.push(table);
        }
    }
    let subtle = match fault {
        Fault::ErrorKeepsWrite => answer.status == 500,
        Fault::DeleteIgnoresTenant => answer.status == 404,
        Fault::PatchIgnoresTenant | Fault::RescheduleIgnoresTenant => answer.body == "{}",
        _ => true,
    };
    let provider = "SELECT count(*) FROM \"IntegrationSettings\" WHERE \"id\" = 'is-bolt' AND \"provider\" = 'owned'";
    if fault == Fault::IntegrationByIdAlone {
        return Some(world.app.sql(provider).await == "1");
    }
    Some(!changed.is_empty() && subtle)
}

fn attack(fault: Fault) -> Option<(&'static str, Value)> {
    let booking = |email: &str| json!({ "serviceId": "s-acme-1", "clientName": "x", "clientEmail": email, "clientPhone": "0000", "scheduledAt": "2027-01-01T10:00:00Z" });
    let row = json!({ "description": "x", "amount": 1 });
    let merged = |extra: Value| {
        let mut row = row.clone();
        row.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        row
    };
    Some(match fault {
        Fault::PatchIgnoresTenant => (
            "PATCH /api/admin/services/s-bolt-1",
            json!({ "name": "owned" }),
        ),
        Fault::AttachComparesThePair => (
            "POST /api/admin/tasks/attach",
            json!({ "taskId": "k-bolt-8", "serviceRequestId": "r-bolt-4" }),
        ),
        Fault::BulkNullFilterMeansAll => (
            "PATCH /api/admin/services/bulk",
            json!({ "where": null, "data": { "featured": true } }),
        ),
        Fault::PairNotCompared => (
            "DELETE /api/admin/service-requests/r-bolt-2/attachments/a-bolt-2",
            json!({}),
        ),
        Fault::ParentTouchedByPath => (
            "DELETE /api/admin/service-requests/r-bolt-3/comments/c-acme-3",
            json!({}),
        ),
        Fault::SpellingSkipsGuard => (
            "PATCH /api/admin/services/S-BOLT-1",
            json!({ "name": "owned" }),
        ),
        Fault::EntityIdFromBody => (
            "PATCH /api/admin/expenses/e-acme-2",
            json!({ "id": "e-bolt-2", "description": "owned" }),
        ),
        Fault::RoleWritesDefault => (
            "PUT /api/admin/settings/communication",
            json!({ "role": "superadmin", "footer": "owned" }),
        ),
        Fault::BulkIdsLeftOut => (
            "POST /api/admin/services/bulk",
            json!({ "action": "update", "data": { "featured": true } }),
        ),
        Fault::BulkAcceptsTenant => (
            "POST /api/admin/tasks/bulk",
            json!({ "action": "update", "ids": ["k-acme-3"], "data": { "title": "x", "tenantId": "t-bolt" } }),
        ),
        Fault::ImportUpserts => (
            "POST /api/admin/expenses/import",
            json!({ "rows": [merged(json!({ "id": "e-bolt-3" }))] }),
        ),
        Fault::DeleteIgnoresTenant => ("DELETE /api/admin/tasks/k-bolt-1", json!({})),
        Fault::ErrorKeepsWrite => (
            "PATCH /api/admin/bookings/b-bolt-1",
            json!({ "notes": "owned" }),
        ),
        Fault::CancelIgnoresTenant => (
            "POST /api/admin/bookings/b-bolt-2/cancel",
            json!({ "reason": "x" }),
        ),
        Fault::RescheduleIgnoresTenant => (
            "POST /api/portal/bookings/b-bolt-3/reschedule",
            json!({ "scheduledAt": "2027-01-01T10:00:00Z" }),
        ),
        Fault::PublishStampsTenant => ("POST /api/admin/posts/p-bolt-2/publish", json!({})),
        Fault::SettingsByBodyId => (
            "PUT /api/admin/settings/organization",
            json!({ "id": "os-bolt", "displayName": "owned" }),
        ),
        Fault::SettingsTouchDefault => {
            ("PUT /api/admin/settings/booking", json!({ "maxPerDay": 1 }))
        }
        Fault::IntegrationByIdAlone => (
            "PATCH /api/admin/settings/integration/is-bolt",
            json!({ "provider": "owned" }),
        ),
        Fault::UserDeleteIgnoresTenant => ("DELETE /api/admin/users/u-bolt-fresh", json!({})),
        Fault::ResetFlagIgnoresTenant => (
            "POST /api/admin/users/u-bolt-client/require-reset",
            json!({}),
        ),
        Fault::MembershipByIdAlone => (
            "PATCH /api/admin/team/m-u-bolt-client",
            json!({ "role": "ADMIN" }),
        ),
        Fault::CreateAcceptsTenant => (
            "POST /api/admin/services",
            json!({ "name": "x", "tenantId": "t-bolt" }),
        ),
        Fault::PatchAcceptsTenant => (
            "PATCH /api/admin/posts/p-acme-2",
            json!({ "title": "x", "tenantId": "t-bolt" }),
        ),
        Fault::CreateOverwritesById => (
            "POST /api/admin/tasks",
            json!({ "id": "k-bolt-2", "title": "owned" }),
        ),
        Fault::CommentOnForeignParent => (
            "POST /api/admin/service-requests/r-bolt-1/comments",
            json!({ "body": "x" }),
        ),
        Fault::NestedDeleteByIdAlone => (
            "DELETE /api/admin/service-requests/r-acme-1/comments/c-bolt-1",
            json!({}),
        ),
        Fault::BookingTouchesClientByEmail => {
            ("POST /api/admin/bookings", booking("both@shared.test"))
        }
        Fault::BulkWithoutFilter => (
            "PATCH /api/admin/services/bulk",
            json!({ "data": { "featured": true } }),
        ),
        Fault::BulkStatusOnly => (
            "PATCH /api/admin/service-requests/bulk",
            json!({ "where": { "status": "SUBMITTED" }, "data": { "status": "CANCELLED" } }),
        ),
        Fault::BulkTrustsTenantFilter => (
            "PATCH /api/admin/tasks/bulk",
            json!({ "where": { "tenantId": "t-bolt" }, "data": { "status": "DONE" } }),
        ),
        Fault::BulkMixedIds => (
            "POST /api/admin/tasks/bulk",
            json!({ "action": "update", "ids": ["k-acme-1", "k-bolt-1"], "data": { "status": "DONE" } }),
        ),
        Fault::BulkChecksFirstId => (
            "POST /api/admin/expenses/bulk",
            json!({ "action": "delete", "ids": ["e-acme-1", "e-bolt-1"] }),
        ),
        Fault::BulkEmptyMeansAll => (
            "POST /api/admin/bookings/bulk",
            json!({ "action": "update", "ids": [], "data": { "status": "CONFIRMED" } }),
        ),
        Fault::ImportTrustsTenantColumn => (
            "POST /api/admin/expenses/import",
            json!({ "rows": [merged(json!({ "tenantId": "t-bolt" }))] }),
        ),
        _ => return None,
    })
}

/// Plants a reference, and says how to count those that point across.
async fn reference(fault: Fault, world: &World) -> Option<&'static str> {
    let (line, body, count) = match fault {
        Fault::ImportTrustsRequestId => (
            "POST /api/admin/expenses/import",
            json!({ "rows": [{ "description": "x", "amount": 1, "serviceRequestId": "r-bolt-1" }] }),
            "SELECT count(*) FROM \"Expense\" WHERE \"tenantId\" = 't-acme' AND \"serviceRequestId\" = 'r-bolt-1'",
        ),
        Fault::CreateTrustsAssignee => (
            "POST /api/admin/service-requests",
            json!({ "title": "x", "assigneeId": "u-bolt-admin" }),
            "SELECT count(*) FROM \"ServiceRequest\" WHERE \"tenantId\" = 't-acme' AND \"assigneeId\" = 'u-bolt-admin'",
        ),
        Fault::PatchTrustsRequest => (
            "PATCH /api/admin/bookings/b-acme-1",
            json!({ "serviceRequestId": "r-bolt-1" }),
            "SELECT count(*) FROM \"Booking\" WHERE \"tenantId\" = 't-acme' AND \"serviceRequestId\" = 'r-bolt-1'",
        ),
        Fault::WatchersCheckFirst => (
            "POST /api/admin/tasks",
            json!({ "title": "x", "watcherIds": ["u-acme-admin", "u-bolt-client"] }),
            "SELECT count(*) FROM \"Task\" WHERE \"tenantId\" = 't-acme' AND 'u-bolt-client' = ANY (\"watcherIds\")",
        ),
        Fault::AuthorFromBody => (
            "POST /api/admin/service-requests/r-acme-1/comments",
            json!({ "body": "x", "userId": "u-bolt-admin" }),
            "SELECT count(*) FROM \"Comment\" WHERE \"tenantId\" = 't-acme' AND \"authorId\" = 'u-bolt-admin'",
        ),
        Fault::WatchersUnchecked => (
            "POST /api/admin/tasks",
            json!({ "title": "x", "watcherIds": ["u-bolt-admin"] }),
            "SELECT count(*) FROM \"Task\" WHERE \"tenantId\" = 't-acme' AND 'u-bolt-admin' = ANY (\"watcherIds\")",
        ),
        _ => return None,
    };
    let answer = world.app.with(&world.attacker, line, body).await;
    assert!(!answer.body.contains(MARK), "{}", answer.body);
    Some(count)
}
