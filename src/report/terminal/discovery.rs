//! What `discover` found out, laid out so that a person sees what is wrong and which key corrects it.

use crate::model::discovery::Discovery;
use crate::model::ownership::Rule;
use crate::model::schema::{Schema, Table};
use crate::model::tenant::{Actor, Standing};

use super::super::names::Names;
use super::super::style::{Cell, Layout, Tone};
use super::super::text;
use super::tables::baseline;
use super::{LABEL, heading};

/// The whole page.
pub fn discovery(found: &Discovery, layout: Layout) -> String {
    let mut text = [
        layout.labelled(Tone::Strong, "Target", LABEL, &found.target),
        layout.labelled(Tone::Strong, "World", LABEL, &found.world),
        layout.labelled(Tone::Strong, "Addressing", LABEL, &found.addressing),
        layout.labelled(Tone::Strong, "Tenants", LABEL, &tenants(found)),
    ]
    .join("\n");
    text += "\n\n";
    text += &actors(found, layout);
    text += &tables(found, layout);
    let everything = Layout::all(layout);
    text += &baseline(&found.routes, everything).map_or_else(String::new, |t| t + "\n");
    text += &bullets(
        "Assumptions",
        "what a run rests on; correct what is wrong",
        &found.assumptions,
        layout,
    );
    text += &bullets(
        "Warnings",
        "what would weaken a run",
        &found.warnings,
        layout,
    );
    text.trim_end().to_owned() + "\n"
}

fn tenants(found: &Discovery) -> String {
    let named: Vec<String> = found
        .tenants
        .iter()
        .map(|tenant| {
            let control = if tenant.control { ", control" } else { "" };
            format!(
                "{} (key {}{control})",
                tenant.label,
                text::shorten(&tenant.key, 40)
            )
        })
        .collect();
    let ownership = &found.ownership;
    let key = found
        .schema
        .tables
        .get(ownership.tenants.0)
        .map_or_else(String::new, |table| column(table, ownership.key));
    format!("rows of {key}: {}", text::list(&named))
}

fn actors(found: &Discovery, layout: Layout) -> String {
    let names = Names {
        schema: &found.schema,
        tenants: &found.tenants,
    };
    let rows: Vec<Vec<Cell>> = found
        .actors
        .iter()
        .map(|actor| actor_line(actor, &names))
        .collect();
    heading(
        layout,
        "Actors",
        "log in as one with `partywall token ACTOR`",
    ) + &layout.table(&rows)
        + "\n"
}

fn actor_line(actor: &Actor, names: &Names<'_>) -> Vec<Cell> {
    let memberships: Vec<String> = actor
        .memberships
        .iter()
        .map(|key| names.tenant(key))
        .collect();
    let standing = match actor.standing {
        Standing::Member => "member",
        Standing::Privileged => "privileged: never attacks",
        Standing::Double => "member of two tenants",
        Standing::Ended => "left its tenant",
        Standing::Homeless => "without a tenant",
        Standing::Anonymous => "no credentials",
    };
    vec![
        Cell::left(actor.id.to_string()),
        Cell::left(actor.role.clone().unwrap_or_default()),
        Cell::left(standing),
        Cell::left(memberships.join(", ")),
    ]
}

fn tables(found: &Discovery, layout: Layout) -> String {
    let mut rows = vec![
        ["table", "rows", "owner", "because"]
            .map(|title| Cell::left(title).toned(Tone::Faint))
            .to_vec(),
    ];
    for table in &found.schema.tables {
        let count = found.rows.get(table.id.0).copied().unwrap_or(0);
        let reason = found
            .ownership
            .reasons
            .get(table.id.0)
            .cloned()
            .unwrap_or_default();
        rows.push(vec![
            Cell::left(table.to_string()),
            Cell::right(text::number(count)),
            Cell::left(rule(found.ownership.rule(table.id), table, &found.schema)),
            Cell::left(reason),
        ]);
    }
    let about = "whose rows are whose; correct with `tenant.columns`";
    heading(layout, "Tables", about) + &layout.table(&rows) + "\n"
}

/// How a table's rows find their owner, in a few words.
pub fn rule(rule: &Rule, table: &Table, schema: &Schema) -> String {
    let named = |columns: &[usize]| {
        let all: Vec<String> = columns.iter().map(|&c| bare(table, c)).collect();
        all.join(", ")
    };
    match rule {
        Rule::Tenant { key } => format!("itself, by {}", bare(table, *key)),
        Rule::Columns { columns } => format!("by {}", named(columns)),
        Rule::Parents { foreign_keys } => {
            let parents: Vec<String> = foreign_keys
                .iter()
                .filter_map(|&index| table.foreign_keys.get(index))
                .map(|key| {
                    let parent = schema.tables.get(key.table.0).map(ToString::to_string);
                    format!("{} → {}", named(&key.columns), parent.unwrap_or_default())
                })
                .collect();
            format!("via {}", parents.join(", "))
        }
        Rule::Members { membership, .. } => {
            let membership = schema.tables.get(membership.0).map(ToString::to_string);
            format!("members in {}", membership.unwrap_or_default())
        }
        Rule::Schema { tenant } => format!("its schema: {tenant}"),
        Rule::Global => "global".to_owned(),
    }
}

fn bare(table: &Table, column: usize) -> String {
    table
        .columns
        .get(column)
        .map_or_else(|| format!("column {column}"), |c| c.name.clone())
}

fn column(table: &Table, index: usize) -> String {
    format!("{table}.{}", bare(table, index))
}

fn bullets(name: &str, about: &str, all: &[String], layout: Layout) -> String {
    if all.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<Cell>> = all
        .iter()
        .map(|sentence| vec![Cell::left("-"), Cell::left(sentence.as_str())])
        .collect();
    heading(layout, name, about) + &layout.table(&rows) + "\n"
}
