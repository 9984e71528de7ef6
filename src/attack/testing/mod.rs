//! Small hand-made grounds for tests.

mod grounds;

pub(super) use grounds::{create, file, grounds, item, list};

use serde_json::Value as Json;

use super::{Facts, Ground, Slot};
use crate::model::call::{Body, Call, SlotRef, Tampering};
use crate::model::facts::TenantCookie;
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
    pub(super) leaving: Vec<Call>,
    pub(super) ending: Option<Call>,
    pub(super) deleting: Option<Call>,
    pub(super) facts: Facts,
}

fn tenant(key: &str, slug: &str) -> Tenant {
    Tenant {
        key: key.into(),
        slug: slug.into(),
        name: slug.into(),
        label: slug.into(),
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
pub(super) fn slot(place: Place, name: &str) -> Slot {
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
        can_suspend: true,
        is_near: true,
        expired_cookie: Some("tenant_sig".to_owned()),
        tenant_cookies: vec![TenantCookie {
            name: "tenant_sig".to_owned(),
            sealed: true,
            by_sha256: true,
        }],
        writable_names: names(&["name", "status", "serviceId", "clientId", "isAdmin"]),
        foreign_texts: vec![("title".to_owned(), "foreign title".to_owned())],
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
            leaving: Vec::new(),
            ending: None,
            deleting: None,
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
            listed: false,
            schema,
            example: None,
            quoted: Vec::new(),
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
            leaving: &self.leaving,
            ending: self.ending.as_ref(),
            deleting: self.deleting.as_ref(),
            facts: &self.facts,
        }
    }
}
