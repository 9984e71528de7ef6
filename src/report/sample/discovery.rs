//! What `discover` and `replay` have to show.

use std::path::Path;

use crate::model::discovery::{Discovery, Replayed};
use crate::model::exchange::Failure;
use crate::model::ownership::{Membership, Ownership, Rule};
use crate::model::replay::Replay;
use crate::model::schema::TableId;
use crate::model::tenant::{Actor, Standing};
use crate::model::verdict::Verdict;

use super::world::{schema, tenants};
use super::{baseline, report};

/// What was found out about the sample's target.
pub fn discovery() -> Discovery {
    let columns = |columns: &[usize]| Rule::Columns {
        columns: columns.to_vec(),
    };
    let mut admin = Actor::anonymous(Some("1".into()));
    admin.id = "acme.admin".into();
    admin.standing = Standing::Member;
    admin.role = Some("admin".into());
    admin.memberships = vec!["1".into()];
    admin
        .fields
        .insert("password".into(), "correct horse battery staple".into());
    Discovery {
        target: "helpdesk".into(),
        world: report().world,
        addressing: "by host: http://{slug}.localhost:{port} (declared)".into(),
        schema: schema(),
        ownership: Ownership {
            tenants: TableId(0),
            key: 0,
            slug: Some(1),
            users: None,
            membership: None::<Membership>,
            rules: vec![
                Rule::Tenant { key: 0 },
                columns(&[1]),
                Rule::Parents {
                    foreign_keys: vec![0],
                },
                columns(&[0]),
            ],
            reasons: vec![
                "the tenant table: its name says so, and 2 tables point to it".into(),
                "org_id points to org".into(),
                "no column of its own; ticket_id leads to ticket".into(),
                "org_id holds keys of org in every row".into(),
            ],
        },
        rows: vec![3, 24, 1024, 0],
        tenants: tenants(),
        actors: vec![admin, Actor::anonymous(Some("1".into()))],
        routes: baseline(),
        assumptions: vec!["anybody may see the answers of GET /healthz".into()],
        warnings: vec!["table log could not be filled: it has no key".into()],
        secrets: report().secrets,
    }
}

/// A replay of the sample's first finding, which shows again.
pub fn replayed() -> Replayed {
    let report = report();
    let finding = report.findings[0].clone();
    let mut history = finding.history.clone();
    history.exchanges[2].1.outcome = Err(Failure::Refused);
    Replayed {
        replay: Replay::of(
            &finding,
            &report,
            Path::new("partywall.toml"),
            "acme.admin read a title".into(),
        ),
        verdict: Verdict::Violated(finding.evidence),
        rate: (2, 3),
        history,
        schema: schema(),
        tenants: tenants(),
        world: report.world,
        secrets: report.secrets,
    }
}
