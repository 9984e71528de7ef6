//! Tests of ownership: schemas of several styles by hand, and made-up ones whose truth is known.

mod property;

use super::*;
use crate::model::rows::RowRef;
use crate::seed::testing::{Made, put};

fn found(schema: &Schema, description: &str) -> Ownership {
    let description: Description = toml::from_str(description).unwrap();
    ownership(schema, &Rows::empty(schema), &description).unwrap()
}

fn refused(schema: &Schema, description: &str) -> String {
    let description: Description = toml::from_str(description).unwrap();
    ownership(schema, &Rows::empty(schema), &description)
        .unwrap_err()
        .to_string()
}

fn rule<'a>(schema: &Schema, ownership: &'a Ownership, table: &str) -> &'a Rule {
    ownership.rule(schema.by_name(table).unwrap().id)
}

use crate::model::ownership::Rule;
use Kind::{Integer, Text, Timestamp, Uuid};

const INT: Kind = Integer(32);

/// A schema as a person would write it: `orgs`, users, members, and a few tables of every relation.
fn usual() -> Schema {
    Made::default()
        .table("orgs", &[("id!", INT), ("name!", Text), ("slug!", Text)])
        .table(
            "users",
            &[("id!", INT), ("email!", Text), ("password_hash!", Text)],
        )
        .table(
            "org_members",
            &[
                ("id!", INT),
                ("org_id!", INT),
                ("user_id!", INT),
                ("role!", Text),
            ],
        )
        .table(
            "notification_prefs",
            &[
                ("id!", INT),
                ("org_id!", INT),
                ("user_id!", INT),
                ("sound", Text),
                ("tone", Text),
            ],
        )
        .table(
            "projects",
            &[
                ("id!", INT),
                ("org_id!", INT),
                ("owner_id", INT),
                ("title!", Text),
            ],
        )
        .table(
            "tasks",
            &[
                ("id!", INT),
                ("project_id!", INT),
                ("assignee_id", INT),
                ("title!", Text),
            ],
        )
        .table(
            "comments",
            &[
                ("id!", INT),
                ("task_id!", INT),
                ("author_id!", INT),
                ("body!", Text),
            ],
        )
        .table(
            "tokens",
            &[("id!", INT), ("user_id!", INT), ("secret!", Text)],
        )
        .table("countries", &[("id!", INT), ("name!", Text)])
        .table(
            "transfers",
            &[("id!", INT), ("from_org_id!", INT), ("to_org_id!", INT)],
        )
        .unique("orgs", &["slug"])
        .unique("org_members", &["org_id", "user_id"])
        .unique("notification_prefs", &["org_id", "user_id"])
        .key("org_members.org_id", "orgs")
        .key("org_members.user_id", "users")
        .key("notification_prefs.org_id", "orgs")
        .key("notification_prefs.user_id", "users")
        .key("projects.org_id", "orgs")
        .key("projects.owner_id", "users")
        .key("tasks.project_id", "projects")
        .key("tasks.assignee_id", "users")
        .key("comments.author_id", "users")
        .key("tokens.user_id", "users")
        .key("transfers.from_org_id", "orgs")
        .key("transfers.to_org_id", "orgs")
        .done()
}

#[test]
fn a_usual_schema_is_understood() {
    let schema = usual();
    let owners = found(&schema, "");
    assert_eq!(schema.table(owners.tenants).name, "orgs");
    assert_eq!(owners.slug, Some(2));
    assert_eq!(schema.table(owners.users.unwrap()).name, "users");
    let membership = owners.membership.as_ref().unwrap();
    assert_eq!(schema.table(membership.table).name, "org_members");
    assert_eq!(
        (membership.user, membership.tenant, membership.role),
        (2, 1, Some(3))
    );
    assert!(
        matches!(rule(&schema, &owners, "users"), Rule::Members { columns, .. } if columns.is_empty())
    );
    assert_eq!(
        *rule(&schema, &owners, "projects"),
        Rule::Columns { columns: vec![1] }
    );
    assert_eq!(
        *rule(&schema, &owners, "transfers"),
        Rule::Columns {
            columns: vec![1, 2]
        }
    );
    assert_eq!(*rule(&schema, &owners, "countries"), Rule::Global);
    // The task decides, although only its name says that `task_id` refers to it, and not the author.
    let comments = schema.by_name("comments").unwrap();
    let Rule::Parents { foreign_keys } = rule(&schema, &owners, "comments") else {
        panic!()
    };
    let parents: Vec<_> = foreign_keys
        .iter()
        .map(|&k| schema.table(comments.foreign_keys[k].table).name.as_str())
        .collect();
    assert_eq!(parents, ["tasks"]);
    assert!(matches!(
        rule(&schema, &owners, "tokens"),
        Rule::Parents { .. }
    ));
    assert!(owners.reasons.iter().all(|r| !r.is_empty()));
}

#[test]
fn names_in_any_style_are_understood() {
    for (tenant, column) in [
        ("Tenant", "tenantId"),
        ("organizations", "organisation_id"),
        ("Organisation", "orgId"),
        ("tbl_company", "company_id"),
        ("workspaces", "workspaceid"),
        ("schools", "tenant_id"),
        ("Clubs", "ClubID"),
    ] {
        let schema = Made::default()
            .table(tenant, &[("id!", Uuid), ("name!", Text)])
            .table(
                "people",
                &[
                    ("id!", Uuid),
                    ("email!", Text),
                    (column, Uuid),
                    ("pwd", Text),
                ],
            )
            .table("Things", &[("id!", Uuid), (column, Uuid), ("label", Text)])
            .done();
        let owners = found(&schema, "");
        assert_eq!(schema.table(owners.tenants).name, tenant);
        assert_eq!(
            *rule(&schema, &owners, "Things"),
            Rule::Columns { columns: vec![1] },
            "{tenant} {column}"
        );
        assert_eq!(
            owners.membership.as_ref().map(|m| m.table),
            owners.users,
            "{tenant}"
        );
    }
}

#[test]
fn types_must_match_where_nothing_is_declared() {
    let schema = Made::default()
        .table("tenants", &[("id!", Uuid), ("name!", Text)])
        .table("notes", &[("id!", Uuid), ("tenant_id!", Uuid)])
        .table(
            "imports",
            &[("id!", Uuid), ("tenant_id", INT), ("tenant", Text)],
        )
        .done();
    let owners = found(&schema, "");
    assert_eq!(
        *rule(&schema, &owners, "notes"),
        Rule::Columns { columns: vec![1] }
    );
    assert_eq!(*rule(&schema, &owners, "imports"), Rule::Global);
}

#[test]
fn a_foreign_key_to_something_else_beats_the_name() {
    let schema = Made::default()
        .table("organisations", &[("id!", INT), ("name!", Text)])
        .table("accounts", &[("id!", INT), ("organisation_id!", INT)])
        .table("payments", &[("id!", INT), ("account_id!", INT)])
        .key("accounts.organisation_id", "organisations")
        .key("payments.account_id", "accounts")
        .done();
    let owners = found(&schema, "");
    assert_eq!(schema.table(owners.tenants).name, "organisations");
    assert!(matches!(
        rule(&schema, &owners, "payments"),
        Rule::Parents { .. }
    ));
}

#[test]
fn what_somebody_owns_but_nobody_belongs_to_is_no_tenant() {
    let schema = Made::default()
        .table(
            "users",
            &[("id!", INT), ("email!", Text), ("password!", Text)],
        )
        .table(
            "projects",
            &[("id!", INT), ("user_id!", INT), ("title!", Text)],
        )
        .table(
            "tasks",
            &[("id!", INT), ("project_id!", INT), ("done_at", Timestamp)],
        )
        .key("projects.user_id", "users")
        .key("tasks.project_id", "projects")
        .done();
    let owners = found(&schema, "");
    assert_eq!(schema.table(owners.tenants).name, "users");
    assert_eq!(owners.users, Some(owners.tenants));
    assert_eq!(
        *rule(&schema, &owners, "projects"),
        Rule::Columns { columns: vec![1] }
    );
    assert!(matches!(
        rule(&schema, &owners, "tasks"),
        Rule::Parents { .. }
    ));
}

#[test]
fn an_undeclared_reference_whose_values_lie_elsewhere_is_none() {
    let schema = Made::default()
        .table("tenants", &[("id!", INT)])
        .table("items", &[("id!", INT), ("tenant_id!", INT)])
        .table("labels", &[("id!", INT), ("item_id!", INT)])
        .done();
    let mut rows = Rows::empty(&schema);
    put(&mut rows, &schema, "items", &["1", "7"]);
    put(&mut rows, &schema, "labels", &["1", "1"]);
    let fits = ownership(&schema, &rows, &Description::default()).unwrap();
    assert!(matches!(
        rule(&schema, &fits, "labels"),
        Rule::Parents { .. }
    ));
    put(&mut rows, &schema, "labels", &["2", "99"]);
    let elsewhere = ownership(&schema, &rows, &Description::default()).unwrap();
    assert_eq!(*rule(&schema, &elsewhere, "labels"), Rule::Global);
}

#[test]
fn a_schema_called_like_a_tenant_is_its_own() {
    let schema = Made::default()
        .table("tenants", &[("id!", INT), ("slug!", Text)])
        .table("tenant_acme.notes", &[("id!", INT), ("body!", Text)])
        .table("shared.notes", &[("id!", INT), ("body!", Text)])
        .table("docs", &[("id!", INT), ("tenant_id!", INT)])
        .unique("tenants", &["slug"])
        .done();
    let mut rows = Rows::empty(&schema);
    put(&mut rows, &schema, "tenants", &["1", "acme"]);
    let owners = ownership(&schema, &rows, &Description::default()).unwrap();
    assert_eq!(
        *rule(&schema, &owners, "tenant_acme.notes"),
        Rule::Schema { tenant: "1".into() }
    );
    assert_eq!(*rule(&schema, &owners, "shared.notes"), Rule::Global);
}

#[test]
fn the_description_wins() {
    let schema = usual();
    let owners = found(
        &schema,
        "[tenant]\nmembership = \"notification_prefs(user_id, org_id)\"\n[tenant.columns]\nprojects = \"global\"\n\
         transfers = \"to_org_id\"\ntasks = \"via:assignee_id\"",
    );
    assert_eq!(*rule(&schema, &owners, "projects"), Rule::Global);
    assert_eq!(
        *rule(&schema, &owners, "transfers"),
        Rule::Columns { columns: vec![2] }
    );
    assert_eq!(
        *rule(&schema, &owners, "tasks"),
        Rule::Parents {
            foreign_keys: vec![1]
        }
    );
    assert_eq!(owners.membership.as_ref().unwrap().role, None);
    assert!(owners.reasons[schema.by_name("projects").unwrap().id.0].contains("declared"));
    let other = found(&schema, "[tenant]\ntable = \"projects\"");
    assert_eq!(schema.table(other.tenants).name, "projects");
}

#[test]
fn a_table_that_is_not_there_yet_may_be_declared_and_gets_its_rule_when_it_comes() {
    let declared = "[tenant.columns]\nvisits = \"place\"\n";
    let schema = usual();
    assert_eq!(found(&schema, declared).rules, found(&schema, "").rules);
    let mut grown = usual();
    let later = Made::default().table("visits", &[("id!", INT), ("place!", INT)]);
    let mut later = later.done().tables.remove(0);
    later.id = TableId(grown.tables.len());
    grown.tables.push(later);
    let rule = rule(&grown, &found(&grown, declared), "visits").clone();
    assert_eq!(rule, Rule::Columns { columns: vec![1] });
}

#[test]
fn names_that_do_not_exist_are_errors_with_the_nearest() {
    let schema = usual();
    for (description, wanted) in [
        ("[tenant]\ntable = \"organs\"", "did you mean `orgs`"),
        ("[tenant]\nslug = \"slag\"", "did you mean `slug`"),
        ("[user]\ntable = \"user\"", "did you mean `users`"),
        (
            "[tenant.columns]\nproject = \"org_id\"",
            "did you mean `projects`",
        ),
        (
            "[tenant.columns]\nprojects = \"orgid\"",
            "did you mean `org_id`",
        ),
        (
            "[tenant.columns]\nprojects = \"via:title\"",
            "no foreign key",
        ),
        (
            "[tenant]\nmembership = \"org_members\"",
            "table(user_column",
        ),
    ] {
        let error = refused(&schema, description);
        assert!(error.contains(wanted), "{description}: {error}");
    }
    let nothing = Made::default().table("things", &[("id!", INT)]).done();
    assert!(refused(&nothing, "").contains("tenant.table"));
}

#[test]
fn owners_follow_the_rows() {
    let schema = usual();
    let owners = found(&schema, "");
    let mut rows = Rows::empty(&schema);
    put(&mut rows, &schema, "orgs", &["1", "a", "a"]);
    put(&mut rows, &schema, "users", &["5", "u@x", "h"]);
    put(&mut rows, &schema, "org_members", &["1", "1", "5", "admin"]);
    put(&mut rows, &schema, "org_members", &["2", "2", "5", "admin"]);
    put(&mut rows, &schema, "projects", &["3", "1", "5", "t"]);
    put(&mut rows, &schema, "tasks", &["4", "3", "5", "t"]);
    put(&mut rows, &schema, "comments", &["9", "4", "5", "b"]);
    put(&mut rows, &schema, "transfers", &["6", "1", "2"]);
    let of = |table: &str, key: &str| {
        let table = schema.by_name(table).unwrap();
        let row = rows
            .get(&RowRef {
                table: table.id,
                key: vec![Some(key.into())],
            })
            .unwrap();
        owners
            .owners(&schema, &rows, table.id, row)
            .0
            .into_iter()
            .map(|k| k.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("users", "5"), ["1", "2"]);
    // By a double member, in one tenant's task: that tenant's alone.
    assert_eq!(of("comments", "9"), ["1"]);
    assert_eq!(of("transfers", "6"), ["1", "2"]);
}

#[test]
fn a_row_that_names_nobody_is_its_parents_or_nobodys() {
    let schema = Made::default()
        .table("orgs", &[("id!", INT), ("name!", Text)])
        .table(
            "users",
            &[("id!", INT), ("email!", Text), ("password!", Text)],
        )
        .table(
            "org_members",
            &[("id!", INT), ("org_id!", INT), ("user_id!", INT)],
        )
        .table("projects", &[("id!", INT), ("org_id!", INT)])
        .table(
            "notes",
            &[
                ("id!", INT),
                ("org_id", INT),
                ("project_id!", INT),
                ("author_id!", INT),
                ("copied_from", INT),
            ],
        )
        .table(
            "templates",
            &[("id!", INT), ("org_id!", INT), ("author_id!", INT)],
        )
        .key("projects.org_id", "orgs")
        .key("notes.project_id", "projects")
        .key("notes.author_id", "users")
        .key("notes.copied_from", "projects")
        .key("templates.author_id", "users")
        .done();
    let owners = found(&schema, "");
    let mut rows = Rows::empty(&schema);
    put(&mut rows, &schema, "orgs", &["1", "a"]);
    put(&mut rows, &schema, "orgs", &["2", "b"]);
    put(&mut rows, &schema, "users", &["5", "u@x", "h"]);
    put(&mut rows, &schema, "org_members", &["1", "1", "5"]);
    put(&mut rows, &schema, "projects", &["3", "2"]);
    put(&mut rows, &schema, "projects", &["4", "0"]);
    put(&mut rows, &schema, "projects", &["6", "1"]);
    let of = |rows: &Rows, table: &str, row: &[&str]| {
        let table = schema.by_name(table).unwrap().id;
        let row: Vec<_> = row
            .iter()
            .map(|v| (*v != "-").then(|| (*v).into()))
            .collect();
        let owners = owners.owners(&schema, rows, table, &row).0;
        owners
            .into_iter()
            .map(|k| k.to_string())
            .collect::<Vec<_>>()
    };
    // The column wins where it names a tenant, also against the parent.
    assert_eq!(of(&rows, "notes", &["1", "1", "3", "5", "-"]), ["1"]);
    assert_eq!(of(&rows, "notes", &["1", "-", "3", "5", "-"]), ["2"]);
    assert_eq!(of(&rows, "notes", &["1", "0", "3", "5", "-"]), ["2"]);
    // Neither an author nor what a row may have been made from says whose it is.
    let none: [&str; 0] = [];
    assert_eq!(of(&rows, "notes", &["1", "-", "4", "5", "6"]), none);
    assert_eq!(of(&rows, "templates", &["1", "0", "5"]), none);
    // A tenant whose key is nought is one.
    put(&mut rows, &schema, "orgs", &["0", "zero"]);
    assert_eq!(of(&rows, "templates", &["1", "0", "5"]), ["0"]);
}
