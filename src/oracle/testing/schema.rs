//! The tables of the small world, and whose rows are whose.

use crate::model::ownership::{Membership, Ownership, Rule};
use crate::model::schema::{Column, ForeignKey, Kind, Schema, Table, TableId};

fn column(name: &str, kind: Kind) -> Column {
    Column {
        name: name.to_owned(),
        type_name: String::new(),
        kind,
        not_null: false,
        default: None,
        numbered: false,
        identity_always: false,
        generated: false,
        max_length: None,
    }
}

fn table(id: usize, name: &str, columns: Vec<Column>, foreign: &[(usize, usize)]) -> Table {
    let foreign_keys = foreign.iter().map(|&(column, parent)| ForeignKey {
        name: format!("{name}_{column}_fkey"),
        columns: vec![column],
        table: TableId(parent),
        references: vec![0],
        deferrable: false,
    });
    Table {
        id: TableId(id),
        oid: 0,
        schema: "public".to_owned(),
        name: name.to_owned(),
        columns,
        primary_key: vec![0],
        uniques: Vec::new(),
        foreign_keys: foreign_keys.collect(),
        checks: Vec::new(),
        unlogged: false,
    }
}

pub fn schema() -> Schema {
    let text = |name| column(name, Kind::Text);
    let status = Kind::Enum(vec!["open".into(), "closed".into()]);
    Schema {
        tables: vec![
            table(0, "org", vec![text("id"), text("slug"), text("name")], &[]),
            table(
                1,
                "users",
                vec![text("id"), text("email"), text("name")],
                &[],
            ),
            table(
                2,
                "member",
                vec![text("id"), text("user_id"), text("org_id"), text("role")],
                &[(1, 1), (2, 0)],
            ),
            table(
                3,
                "task",
                vec![
                    column("id", Kind::Uuid),
                    text("org_id"),
                    text("title"),
                    column("status", status),
                    column("amount", Kind::Numeric(None)),
                    column("due", Kind::Date),
                    text("assignee_id"),
                    column("parent_id", Kind::Uuid),
                    column("related", Kind::Array(Box::new(Kind::Uuid))),
                ],
                &[(1, 0), (6, 1)],
            ),
            table(
                4,
                "comment",
                vec![text("id"), column("task_id", Kind::Uuid), text("body")],
                &[(1, 3)],
            ),
            table(
                5,
                "audit",
                vec![text("id"), text("org_id"), text("message")],
                &[],
            ),
            table(
                6,
                "plan",
                vec![text("id"), text("name"), text("price")],
                &[],
            ),
        ],
    }
}

pub fn ownership() -> Ownership {
    let by_org = |column| Rule::Columns {
        columns: vec![column],
    };
    Ownership {
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
            Rule::Members {
                membership: TableId(2),
                user: 1,
                tenant: 2,
                key: 0,
                columns: Vec::new(),
            },
            by_org(2),
            by_org(1),
            Rule::Parents {
                foreign_keys: vec![0],
            },
            by_org(1),
            Rule::Global,
        ],
        reasons: Vec::new(),
    }
}
