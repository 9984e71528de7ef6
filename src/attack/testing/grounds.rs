//! The grounds themselves: one for each kind of route and of address.

use serde_json::json;

use super::{OWN, Set, VICTIM, row, slot};
use crate::attack::Facts;
use crate::model::call::{Body, Call};
use crate::model::facts::Cursor;
use crate::model::route::{Place, RouteId};
use crate::model::tenant::Actor;

/// A list with paging, search, an enum, a boolean, a sort, an include and a filter by a row.
pub(in crate::attack) fn list() -> Set {
    let mut set = Set::new("GET", "/services")
        .with_query("limit", json!({"type": "integer"}))
        .with_query("page", json!({"type": "integer"}))
        .with_query("offset", json!({"type": "integer"}))
        .with_query("q", json!({"type": "string"}))
        .with_query("status", json!({"enum": ["open", "closed", "archived"]}))
        .with_query("active", json!({"type": "boolean"}))
        .with_query("sort", json!({"type": "string"}))
        .with_query("include", json!({"type": "string"}))
        .with_query("clientId", json!({"type": "string"}));
    set.add(slot(Place::Query, "clientId"));
    set.facts.cursor = Some(Cursor {
        parameter: "cursor".into(),
        own: "own-cursor".into(),
        foreign: "foreign-cursor".into(),
        small: Some(("limit".into(), "2".into())),
    });
    let way = |method: &str, template: &str, who: &str| Call {
        route: RouteId(format!("{method} {template}")),
        method: method.into(),
        template: template.into(),
        actor: who.into(),
        ..set.own_call.clone()
    };
    let leaving = way("POST", "/auth/logout", &set.attacker.id.0);
    let ending = way("DELETE", "/team/17", "colleague");
    set.leaving = vec![leaving];
    set.ending = Some(ending);
    set
}

/// One row by its id.
pub(in crate::attack) fn item(method: &str) -> Set {
    let mut set = Set::new(method, "/services/{id}");
    if method == "DELETE" {
        return set;
    }
    let mut deleting = set.victim_call.clone();
    deleting.route = RouteId("DELETE /services/{id}".into());
    deleting.method = "DELETE".into();
    deleting.path.insert("id".into(), "foreign2-id".into());
    set.deleting = Some(deleting);
    if matches!(method, "PUT" | "PATCH") {
        set.with_body(json!({"name": "x"}), json!({}))
    } else {
        set
    }
}

/// A comment of an issue.
pub(in crate::attack) fn nested(method: &str) -> Set {
    Set::new(method, "/issues/{issue_id}/comments/{comment_id}")
}

/// A create with a reference, a list of references and a natural value.
pub(in crate::attack) fn create() -> Set {
    let schema = json!({"properties": {
        "serviceId": {"type": "string"},
        "status": {"enum": ["new", "paid"]},
        "email": {"type": "string"}
    }});
    let body = json!({
        "serviceId": "", "labelIds": [""], "status": "new", "email": "own@example.com"
    });
    let mut set = Set::new("POST", "/bookings")
        .with_body(body, schema)
        .with_body_slot("/serviceId")
        .with_body_slot("/labelIds/0")
        .with_key();
    if let Some(Body::Json(body)) = &mut set.victim_call.body {
        body["email"] = json!("victim@example.com");
    }
    set.references = vec![
        slot(Place::Body, "/serviceId"),
        slot(Place::Body, "/clientId"),
    ];
    set
}

/// A create on a table with a unique column.
pub(in crate::attack) fn create_unique() -> Set {
    let mut set = Set::new("POST", "/posts").with_body(json!({"slug": "x"}), json!({}));
    set.facts.uniques = vec![slot(Place::Body, "/slug")];
    set
}

/// An action whose body names the row.
pub(in crate::attack) fn action() -> Set {
    Set::new("POST", "/bookings/check")
        .with_body(json!({"serviceId": ""}), json!({}))
        .with_body_slot("/serviceId")
}

/// The switch of tenants: the body names one by its slug.
pub(in crate::attack) fn switch() -> Set {
    let mut set = Set::new("POST", "/session/switch")
        .with_body(json!({"tenantSlug": ""}), json!({}))
        .with_body_slot("/tenantSlug");
    set.slots[0].is_tenant = true;
    set
}

/// A bulk write by ids.
pub(in crate::attack) fn bulk_ids() -> Set {
    let schema = json!({"properties": {
        "ids": {"type": "array"},
        "data": {"properties": {"status": {"enum": ["open", "done"]}}}
    }});
    Set::new("POST", "/tasks/bulk")
        .with_body(json!({"ids": [""], "data": {"status": "open"}}), schema)
        .with_body_slot("/ids/0")
}

/// A bulk write by a filter.
pub(in crate::attack) fn bulk_filter() -> Set {
    let schema = json!({"properties": {
        "where": {"type": "object", "properties": {"done": {"type": "boolean"}}},
        "data": {"type": "object"}
    }});
    let body = json!({"where": {"tenantId": OWN, "title": "x"}, "data": {"title": "y"}});
    Set::new("PATCH", "/tasks").with_body(body, schema)
}

/// A bulk write by the query.
pub(in crate::attack) fn bulk_query() -> Set {
    let mut set = Set::new("DELETE", "/tasks")
        .with_query("status", json!({"enum": ["open", "done"]}))
        .with_query("q", json!({"type": "string"}));
    set.own_call.query = vec![("q".into(), "x".into())];
    set.victim_call.query = vec![("q".into(), "x".into())];
    set
}

/// An upsert of many rows.
pub(in crate::attack) fn upsert() -> Set {
    let mut set = Set::new("POST", "/clients/upsert")
        .with_body(json!([{"email": "own@example.com"}]), json!({}))
        .with_key();
    set.victim_call.body = Some(Body::Json(json!([{"email": "victim@example.com"}])));
    set.references = vec![slot(Place::Body, "/clientId")];
    set
}

/// An import of a table.
pub(in crate::attack) fn import() -> Set {
    let mut set = Set::new("POST", "/clients/import");
    let body = Some(Body::Text {
        content_type: "text/csv".into(),
        text: "name,email\nx,y@example.com\n".into(),
    });
    set.own_call.body.clone_from(&body);
    set.victim_call.body = body;
    set
}

/// One row by an integer.
pub(in crate::attack) fn numbered() -> Set {
    let mut set = Set::new("GET", "/invoices/{number}");
    let value = |n: &str| (n.to_owned(), row(n));
    set.slots[0].own = vec![value("41"), value("43")];
    set.slots[0].foreign = vec![value("42"), value("44")];
    set.slots[0].missing = vec!["900".into(), "901".into()];
    set.own_call.path.insert("number".into(), "41".into());
    set.victim_call.path.insert("number".into(), "42".into());
    set
}

/// A workspace's issue, the workspace in the path by its key.
pub(in crate::attack) fn path_tenant() -> Set {
    let mut set = Set::new("GET", "/workspaces/{workspace_id}/issues/{issue_id}")
        .addressed(Some("workspace_id"), None);
    let value = |n: &str| (n.to_owned(), row(n));
    set.slots[0].own = vec![value(OWN)];
    set.slots[0].foreign = vec![value(VICTIM)];
    // The tenant's own segment is filled in when the call is written.
    set.own_call.path.remove("workspace_id");
    set.victim_call.path.remove("workspace_id");
    set
}

/// A list with the tenant in a header.
pub(in crate::attack) fn header_tenant() -> Set {
    list().addressed(None, Some("X-Tenant-Id"))
}

/// A file by its name, which begins with its tenant's.
pub(in crate::attack) fn file() -> Set {
    let mut set = Set::new("GET", "/files/{name}");
    let (own, foreign) = ("ownslug/own-1.pdf", "victimslug/foreign-2.pdf");
    set.slots[0].own = vec![(own.into(), row("own-1"))];
    set.slots[0].foreign = vec![(foreign.into(), row("foreign-2"))];
    set.own_call.path.insert("name".into(), own.into());
    set.victim_call.path.insert("name".into(), foreign.into());
    set
}

/// Nothing to hold on to: no ids, no names, no parameters.
pub(in crate::attack) fn bare() -> Set {
    let mut set = Set::new("GET", "/health");
    set.facts = Facts::default();
    set.victim_actor = None;
    set
}

/// Every ground with a name.
pub(in crate::attack) fn grounds() -> Vec<(&'static str, Set)> {
    let mut public_key = item("GET");
    public_key.facts.has_public_key = true;
    let mut anonymous = item("GET");
    anonymous.attacker = Actor::anonymous(Some(OWN.into()));
    anonymous.own_call.actor = anonymous.attacker.id.clone();
    vec![
        ("list", list()),
        ("get", item("GET")),
        ("put", item("PUT")),
        ("patch", item("PATCH")),
        ("delete", item("DELETE")),
        ("nested get", nested("GET")),
        ("nested delete", nested("DELETE")),
        ("create", create()),
        ("create unique", create_unique()),
        ("action", action()),
        ("switch", switch()),
        ("bulk ids", bulk_ids()),
        ("bulk filter", bulk_filter()),
        ("bulk query", bulk_query()),
        ("upsert", upsert()),
        ("import", import()),
        ("numbered", numbered()),
        ("path tenant", path_tenant()),
        ("header tenant", header_tenant()),
        ("session tenant", item("GET").addressed(None, None)),
        ("public key", public_key),
        ("anonymous", anonymous),
        ("file", file()),
        ("bare", bare()),
    ]
}
