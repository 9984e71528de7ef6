//! Addressing and facts, found out from tables and routes.

use super::*;
use crate::model::ownership::Membership;
use crate::model::schema::{Column, ForeignKey, Kind, Table};
use crate::target::address::addressing;
use crate::target::description::{Description, ListedRoute, Routes};
use crate::target::testing::{by_host, target};

fn table(id: usize, name: &str, columns: &[&str], keys: &[(usize, usize)]) -> Table {
    let column = |name: &&str| Column {
        name: (*name).to_owned(),
        type_name: "text".to_owned(),
        kind: Kind::Text,
        not_null: true,
        default: None,
        numbered: false,
        identity_always: false,
        generated: false,
        max_length: None,
    };
    let foreign = |&(column, table): &(usize, usize)| ForeignKey {
        name: format!("fk{column}"),
        columns: vec![column],
        table: TableId(table),
        references: vec![0],
        deferrable: false,
    };
    Table {
        id: TableId(id),
        oid: 0,
        schema: "public".to_owned(),
        name: name.to_owned(),
        columns: columns.iter().map(column).collect(),
        primary_key: vec![0],
        uniques: Vec::new(),
        foreign_keys: keys.iter().map(foreign).collect(),
        checks: Vec::new(),
        unlogged: false,
    }
}

/// Tenants, users, memberships, and one scoped table of any name.
fn ground(tenants: &str, scoped: &str) -> (Schema, Ownership) {
    let schema = Schema {
        tables: vec![
            table(0, tenants, &["id", "slug"], &[]),
            table(1, "users", &["id", "email"], &[]),
            table(
                2,
                "memberships",
                &["id", "userId", "tenantId", "role"],
                &[(1, 1), (2, 0)],
            ),
            table(
                3,
                scoped,
                &["id", "tenantId", "assigneeId"],
                &[(1, 0), (2, 1)],
            ),
        ],
    };
    let ownership = Ownership {
        tenants: TableId(0),
        key: 0,
        slug: Some(1),
        users: Some(TableId(1)),
        membership: Some(Membership {
            table: TableId(2),
            user: 1,
            tenant: 2,
            role: Some(3),
        }),
        rules: vec![
            Rule::Tenant { key: 0 },
            Rule::Global,
            Rule::Columns { columns: vec![2] },
            Rule::Columns { columns: vec![1] },
        ],
        reasons: Vec::new(),
    };
    (schema, ownership)
}

fn routes(list: &[&str]) -> Vec<Route> {
    let list = list.iter().map(|route| ListedRoute {
        route: (*route).to_owned(),
        query: std::collections::BTreeMap::new(),
        json: None,
        form: None,
        multipart: None,
    });
    let section = Routes {
        list: list.collect(),
        ..Routes::default()
    };
    crate::target::routes(None, &section, None).expect("routes")
}

fn detect(tenants: &str, scoped: &str, list: &[&str]) -> Addressing {
    let (schema, ownership) = ground(tenants, scoped);
    addressing(&Description::default(), &routes(list), &schema, &ownership).expect("an address")
}

fn path(parameter: &str, by_slug: bool) -> Addressing {
    Addressing::Path {
        parameter: parameter.to_owned(),
        by_slug,
    }
}

#[test]
fn tenants_in_the_path_are_recognised() {
    for (tenants, list, expected) in [
        (
            "workspace",
            vec![
                "GET /w/{workspace_id}/a",
                "GET /w/{workspace_id}/b",
                "GET /login",
            ],
            path("workspace_id", false),
        ),
        (
            "organisations",
            vec!["GET /organisations/{slug}/a", "GET /organisations/{slug}/b"],
            path("slug", true),
        ),
        (
            "organisations",
            vec!["GET /o/{slug}/a", "GET /o/{slug}/b", "GET /login"],
            path("slug", true),
        ),
        (
            "organisations",
            vec!["GET /{org}/a", "GET /{org}/b"],
            path("org", true),
        ),
        (
            "firms",
            vec!["GET /firms/{firmId}/a", "GET /firms/{firmId}/b"],
            path("firmId", false),
        ),
        (
            "workspace",
            vec!["GET /a/{id}", "GET /a/{id}/b", "GET /c"],
            Addressing::Session,
        ),
        (
            "organisations",
            vec!["GET /posts/{slug}", "GET /posts/{slug}/comments"],
            Addressing::Session,
        ),
        (
            "organisations",
            vec!["GET /organisations/{id}", "GET /items/{id}"],
            Addressing::Session,
        ),
    ] {
        assert_eq!(detect(tenants, "items", &list), expected, "{list:?}");
    }
}

#[test]
fn a_table_of_its_own_is_no_tenant() {
    let list = [
        "GET /projects/{project_id}/tasks",
        "GET /projects/{project_id}/files",
        "GET /projects/{project_id}",
    ];
    assert_eq!(
        detect("organisations", "projects", &list),
        Addressing::Session
    );
    assert_eq!(
        detect("organisations", "items", &list),
        path("project_id", false)
    );
}

#[test]
fn a_declared_header_of_most_routes_addresses() {
    let (schema, ownership) = ground("tenants", "items");
    let mut list = routes(&["GET /a", "GET /b", "GET /login"]);
    for route in &mut list[..2] {
        route.parameters.push(crate::model::route::Parameter {
            name: "X-Tenant-ID".to_owned(),
            place: Place::Header,
            required: true,
            listed: false,
            schema: serde_json::json!({}),
            example: None,
            quoted: Vec::new(),
        });
    }
    let found = addressing(&Description::default(), &list, &schema, &ownership).unwrap();
    assert_eq!(
        found,
        Addressing::Header {
            name: "X-Tenant-ID".to_owned(),
            by_slug: false
        }
    );
}

#[test]
fn declared_addresses_are_read_and_must_fit() {
    let (schema, ownership) = ground("tenants", "items");
    let list = routes(&[
        "GET /orgs/{org_id}/a",
        "GET /orgs/{org_id}/b",
        "GET /t/{tid}",
    ]);
    let declared = |address: &str| {
        let mut description = Description::default();
        description.tenant.address = Some(address.to_owned());
        addressing(&description, &list, &schema, &ownership).map_err(|e| e.to_string())
    };
    assert_eq!(declared("session"), Ok(Addressing::Session));
    assert_eq!(declared("http://{slug}.localhost:{port}"), Ok(by_host()));
    assert_eq!(declared("/orgs/{slug}/"), Ok(path("org_id", true)));
    assert_eq!(declared("/orgs/{key}/"), Ok(path("org_id", false)));
    assert_eq!(declared("/orgs/{org_id}"), Ok(path("org_id", false)));
    assert_eq!(declared("path:{tid}"), Ok(path("tid", true)));
    assert_eq!(declared("path:tid=key"), Ok(path("tid", false)));
    assert_eq!(
        declared("header:X-Org={slug}"),
        Ok(Addressing::Header {
            name: "X-Org".into(),
            by_slug: true
        })
    );
    assert_eq!(
        declared("header:X-Org={key}"),
        Ok(Addressing::Header {
            name: "X-Org".into(),
            by_slug: false
        })
    );
    for (address, expected) in [
        (
            "path:{tidd}",
            "no route has the path parameter `tidd`; did you mean `tid`?",
        ),
        ("/org/{slug}/", "did you mean `/orgs/`?"),
        ("header:X-Org={slag}", "neither `{slug}` nor `{key}`"),
        ("path:tid=slag", "neither `slug` nor `key`"),
    ] {
        let error = declared(address).unwrap_err();
        assert!(error.contains(expected), "{address}: {error}");
    }
}

#[test]
fn names_come_in_the_targets_own_words_first() {
    let (schema, ownership) = ground("Firms", "items");
    let target = target("", by_host());
    let list = routes(&["GET /x/{id}"]);
    let facts = facts(&target, &schema, &ownership, &list, None);
    assert_eq!(
        facts.tenant_names[..3],
        ["tenantId", "tenant_id", "tenant-id"]
    );
    for name in ["firmId", "firm_slug", "slug", "firm", "workspace_id", "org"] {
        assert!(
            facts.tenant_names.iter().any(|n| n == name),
            "{name} in {:?}",
            facts.tenant_names
        );
    }
    for name in [
        "user_id",
        "userId",
        "assigneeId",
        "assignee_id",
        "created_by",
    ] {
        assert!(
            facts.user_names.iter().any(|n| n == name),
            "{name} in {:?}",
            facts.user_names
        );
    }
    assert!(
        !facts
            .user_names
            .iter()
            .any(|n| facts.tenant_names.contains(n))
    );
    assert!(
        facts.tenant_in_host && facts.tenant_in_path.is_none() && facts.token_claims.is_empty()
    );
    let mut unique = facts.tenant_names.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), facts.tenant_names.len());
}

#[test]
fn the_tenant_claim_is_found_at_any_depth() {
    let (schema, ownership) = ground("tenants", "items");
    let target = target("", by_host());
    let list = routes(&["GET /x"]);
    for (claims, expected) in [
        (
            r#"{"sub": "7", "tenantId": "key-1", "tenantSlug": "acme"}"#,
            Some(("tenantId", false)),
        ),
        (r#"{"sub": "7", "org": "acme"}"#, Some(("org", true))),
        (
            r#"{"app": {"x/tenant_id": "key-1"}}"#,
            Some(("/app/x~1tenant_id", false)),
        ),
        (
            r#"{"https://x/org_id": "key-1"}"#,
            Some(("https://x/org_id", false)),
        ),
        (r#"{"tenants": ["key-1"]}"#, Some(("/tenants/0", false))),
        (r#"{"sub": "7", "tenantId": "key-2"}"#, None),
        (r#"{"sub": "7"}"#, None),
    ] {
        use base64::Engine as _;
        let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
        let session = Session {
            bearer: Some(format!(
                "{}.{}.sig",
                part(r#"{"alg":"HS256"}"#),
                part(claims)
            )),
            tenant: Some("key-1".into()),
            signing: Some(crate::target::forge::Signing {
                secret: Some("s".into()),
                public_key: None,
            }),
            ..Session::default()
        };
        let facts = facts(&target, &schema, &ownership, &list, Some(&session));
        let found = facts
            .tenant_claim
            .as_ref()
            .map(|(name, by_slug)| (name.as_str(), *by_slug));
        assert_eq!(found, expected, "{claims}");
        assert!(facts.can_sign && !facts.has_public_key && !facts.token_claims.is_empty());
    }
}
