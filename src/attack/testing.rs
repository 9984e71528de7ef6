//! Small hand-made grounds for tests.

use serde_json::{Value as Json, json};

use super::{Facts, Ground, Slot};
use crate::model::call::{Body, Call, SlotRef, Tampering};
use crate::model::route::{BodySchema, Encoding, Parameter, Place, Route};
use crate::model::rows::RowRef;
use crate::model::schema::{ColumnRef, TableId};
use crate::model::tenant::{Actor, Standing, Tenant};

/// The attacker's tenant's key; the slug is `ownslug`.
pub(super) const OWN: &str = "ownkey";
/// The victim's key; the slug is `victimslug`.
pub(super) const VICTIM: &str = "victimkey";

/// Everything that a [`Ground`] borrows.
pub(super) struct Set {
    pub(super) route: Route,
    pub(super) attacker: Actor,
    pub(super) victim_actor: Option<Actor>,
    pub(super) own: Tenant,
    pub(super) victim: Tenant,
    pub(super) own_call: Call,
    pub(super) victim_call: Call,
    pub(super) slots: Vec<Slot>,
    pub(super) key: Option<Slot>,
    pub(super) references: Vec<Slot>,
    pub(super) facts: Facts,
}

fn tenant(key: &str, slug: &str) -> Tenant {
    Tenant {
        key: key.into(),
        slug: slug.into(),
        control: false,
    }
}

fn actor(name: &str, tenant: &str, user: &str) -> Actor {
    Actor {
        id: name.into(),
        standing: Standing::Member,
        tenant: Some(tenant.into()),
        role: Some("admin".into()),
        memberships: vec![tenant.into()],
        fields: [
            ("id".to_owned(), user.to_owned()),
            ("email".to_owned(), format!("{user}@example.com")),
        ]
        .into(),
    }
}

fn call(route: &Route, actor: &Actor) -> Call {
    Call {
        route: route.id.clone(),
        method: route.method.clone(),
        template: route.template.clone(),
        actor: actor.id.clone(),
        tenant: actor.tenant.clone(),
        path: [].into(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        tampering: Tampering::default(),
    }
}

fn row(id: &str) -> RowRef {
    RowRef {
        table: TableId(0),
        key: vec![Some(id.into())],
    }
}

/// A slot with two values on either side: `own-NAME`, `own2-NAME`, `foreign-NAME`, `foreign2-NAME`.
fn slot(place: Place, name: &str) -> Slot {
    let short = name.rsplit('/').find(|s| s.parse::<u8>().is_err());
    let short = short.unwrap_or(name);
    let values = |prefix: &str| {
        [prefix.to_owned(), format!("{prefix}2")]
            .map(|p| {
                let value = format!("{p}-{short}");
                (value.clone(), row(&value))
            })
            .to_vec()
    };
    Slot {
        at: SlotRef {
            place,
            name: name.to_owned(),
        },
        column: ColumnRef {
            table: TableId(0),
            column: 0,
        },
        is_tenant: false,
        own: values("own"),
        foreign: values("foreign"),
        missing: ["missing", "missing2"]
            .map(|p| format!("{p}-{short}"))
            .to_vec(),
    }
}

/// What a target tells that has its tenants in the host and tokens with a tenant claim.
fn facts() -> Facts {
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    Facts {
        tenant_names: names(&[
            "tenantId",
            "tenant_id",
            "tenant-id",
            "tenantSlug",
            "tenant",
            "orgId",
            "org_id",
            "org",
            "workspaceId",
            "workspace",
            "accountId",
            "account",
            "teamId",
            "companyId",
            "projectId",
        ]),
        user_names: names(&["userId", "user_id", "ownerId", "createdById"]),
        tenant_in_host: true,
        host_template: Some("{slug}.example.com".to_owned()),
        token_claims: names(&[
            "sub",
            "tenantId",
            "tenantSlug",
            "role",
            "iat",
            "exp",
            "email",
        ]),
        tenant_claim: Some(("tenantId".to_owned(), false)),
        can_sign: true,
        writable_names: names(&["name", "status", "serviceId", "clientId", "isAdmin"]),
        ..Facts::default()
    }
}

impl Set {
    /// A route with its path ids, called by either side, on a target with its tenants in the host.
    pub(super) fn new(method: &str, template: &str) -> Self {
        let route = Route::new(method, template);
        let attacker = actor("own.admin", OWN, "own-user");
        let victim_actor = actor("victim.admin", VICTIM, "victim-user");
        let mut set = Self {
            own_call: call(&route, &attacker),
            victim_call: call(&route, &victim_actor),
            attacker,
            victim_actor: Some(victim_actor),
            own: tenant(OWN, "ownslug"),
            victim: tenant(VICTIM, "victimslug"),
            slots: Vec::new(),
            key: None,
            references: Vec::new(),
            facts: facts(),
            route,
        };
        for parameter in set.route.parameters.clone() {
            set.add(slot(Place::Path, &parameter.name));
        }
        set
    }

    /// Adds a slot and its first values to both calls.
    pub(super) fn add(&mut self, slot: Slot) {
        self.own_call = self.own_call.clone().with_slot(&slot.at, &slot.own[0].0);
        let foreign = &slot.foreign[0].0;
        self.victim_call = self.victim_call.clone().with_slot(&slot.at, foreign);
        self.slots.push(slot);
    }

    /// Adds a slot of the body.
    pub(super) fn with_body_slot(mut self, pointer: &str) -> Self {
        self.add(slot(Place::Body, pointer));
        self
    }

    /// With a JSON body and its schema.
    pub(super) fn with_body(mut self, body: Json, schema: Json) -> Self {
        self.own_call.body = Some(Body::Json(body.clone()));
        self.victim_call.body = Some(Body::Json(body));
        self.route.body = Some(BodySchema {
            encoding: Encoding::Json,
            schema,
            examples: Vec::new(),
            required: true,
        });
        self
    }

    /// With an optional query parameter of that schema.
    pub(super) fn with_query(mut self, name: &str, schema: Json) -> Self {
        self.route.parameters.push(Parameter {
            name: name.to_owned(),
            place: Place::Query,
            required: false,
            schema,
            example: None,
        });
        self
    }

    /// With the key of the table that the route is about.
    pub(super) fn with_key(mut self) -> Self {
        self.key = Some(slot(Place::Body, "/id"));
        self
    }

    /// With the tenant in the path's first segment, or in a header, or in the session alone, in place of the host.
    pub(super) fn addressed(mut self, path: Option<&str>, header: Option<&str>) -> Self {
        self.facts.tenant_in_host = false;
        self.facts.host_template = None;
        self.facts.tenant_in_path = path.map(str::to_owned);
        self.facts.tenant_in_header = header.map(str::to_owned);
        if let Some(name) = path {
            for slot in self.slots.iter_mut().filter(|s| s.at.name == name) {
                slot.is_tenant = true;
            }
        }
        self
    }

    /// The ground.
    pub(super) fn ground(&self) -> Ground<'_> {
        Ground {
            route: &self.route,
            attacker: &self.attacker,
            own: &self.own,
            victim: &self.victim,
            own_call: &self.own_call,
            victim_call: &self.victim_call,
            slots: &self.slots,
            victim_actor: self.victim_actor.as_ref(),
            key: self.key.as_ref(),
            references: &self.references,
            facts: &self.facts,
        }
    }
}

/// A list with paging, search, an enum, a boolean, a sort, an include and a filter by a row.
pub(super) fn list() -> Set {
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
    set
}

/// One row by its id.
pub(super) fn item(method: &str) -> Set {
    let set = Set::new(method, "/services/{id}");
    if matches!(method, "PUT" | "PATCH") {
        set.with_body(json!({"name": "x"}), json!({}))
    } else {
        set
    }
}

/// A comment of an issue.
pub(super) fn nested(method: &str) -> Set {
    Set::new(method, "/issues/{issue_id}/comments/{comment_id}")
}

/// A create with a reference, a list of references and a natural value.
pub(super) fn create() -> Set {
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

/// An action whose body names the row.
pub(super) fn action() -> Set {
    Set::new("POST", "/bookings/check")
        .with_body(json!({"serviceId": ""}), json!({}))
        .with_body_slot("/serviceId")
}

/// The switch of tenants: the body names one by its slug.
pub(super) fn switch() -> Set {
    let mut set = Set::new("POST", "/session/switch")
        .with_body(json!({"tenantSlug": ""}), json!({}))
        .with_body_slot("/tenantSlug");
    set.slots[0].is_tenant = true;
    set
}

/// A bulk write by ids.
pub(super) fn bulk_ids() -> Set {
    let schema = json!({"properties": {
        "ids": {"type": "array"},
        "data": {"properties": {"status": {"enum": ["open", "done"]}}}
    }});
    Set::new("POST", "/tasks/bulk")
        .with_body(json!({"ids": [""], "data": {"status": "open"}}), schema)
        .with_body_slot("/ids/0")
}

/// A bulk write by a filter.
pub(super) fn bulk_filter() -> Set {
    let schema = json!({"properties": {
        "where": {"type": "object", "properties": {"done": {"type": "boolean"}}},
        "data": {"type": "object"}
    }});
    let body = json!({"where": {"tenantId": OWN, "title": "x"}, "data": {"title": "y"}});
    Set::new("PATCH", "/tasks").with_body(body, schema)
}

/// A bulk write by the query.
pub(super) fn bulk_query() -> Set {
    let mut set = Set::new("DELETE", "/tasks")
        .with_query("status", json!({"enum": ["open", "done"]}))
        .with_query("q", json!({"type": "string"}));
    set.own_call.query = vec![("q".into(), "x".into())];
    set.victim_call.query = vec![("q".into(), "x".into())];
    set
}

/// An upsert of many rows.
pub(super) fn upsert() -> Set {
    let mut set = Set::new("POST", "/clients/upsert")
        .with_body(json!([{"email": "own@example.com"}]), json!({}))
        .with_key();
    set.victim_call.body = Some(Body::Json(json!([{"email": "victim@example.com"}])));
    set.references = vec![slot(Place::Body, "/clientId")];
    set
}

/// An import of a table.
pub(super) fn import() -> Set {
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
pub(super) fn numbered() -> Set {
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
pub(super) fn path_tenant() -> Set {
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
pub(super) fn header_tenant() -> Set {
    list().addressed(None, Some("X-Tenant-Id"))
}

/// Nothing to hold on to: no ids, no names, no parameters.
pub(super) fn bare() -> Set {
    let mut set = Set::new("GET", "/health");
    set.facts = Facts::default();
    set.victim_actor = None;
    set
}

/// Every ground with a name.
pub(super) fn grounds() -> Vec<(&'static str, Set)> {
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
        ("bare", bare()),
    ]
}
