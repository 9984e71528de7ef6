//! Declared figures with what SQL says of them on the database as it stands.

use std::collections::BTreeMap;

use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::model::decimal::Decimal;
use crate::model::figure::{Buckets, Figure};
use crate::model::json_path;
use crate::model::pattern;
use crate::model::tenant::Tenant;
use crate::settings::SettingsError;
use crate::target::description::Check;
use crate::target::placeholder::{Piece, pieces};

/// Every declared figure of the routes that there are.
pub async fn learn(lab: &Lab<'_>) -> Result<Vec<Figure>, RunError> {
    let mut figures = Vec::new();
    for (index, check) in lab.settings.description.analytics.check.iter().enumerate() {
        let key = format!("analytics.check[{index}]");
        let routes = lab.routes.iter();
        let routes: Vec<_> = routes
            .filter(|r| pattern::matches(&check.route, &r.id))
            .collect();
        if routes.is_empty() {
            continue;
        }
        let mut told = BTreeMap::new();
        if let Some(sql) = &check.sql {
            for tenant in &lab.knowledge.tenants {
                let said = asked(lab, check, &format!("{key}.sql"), sql, Some(tenant)).await?;
                told.insert(tenant.key.clone(), said);
            }
        }
        let whole = match &check.conserve {
            Some(sql) => Some(asked(lab, check, &format!("{key}.conserve"), sql, None).await?),
            None => None,
        };
        // Paths were checked when the description was read.
        let path = |text: &str| json_path::parse(text).unwrap_or_default();
        figures.extend(routes.into_iter().map(|route| Figure {
            route: route.id.clone(),
            place: check.value.clone(),
            value: path(&check.value),
            key: check.key.as_deref().map(path),
            told: told.clone(),
            whole: whole.clone(),
        }));
    }
    Ok(figures)
}

/// What a query says, of one tenant or of all of them.
async fn asked(
    lab: &Lab<'_>,
    check: &Check,
    key: &str,
    sql: &str,
    tenant: Option<&Tenant>,
) -> Result<Buckets, RunError> {
    let (sql, values) = bound(sql, tenant, &key_type(lab));
    let columns = if check.key.is_some() { 2 } else { 1 };
    let wrong = |said: String| -> SettingsError {
        let help = if columns == 2 {
            "a series needs two columns: bucket and value"
        } else {
            "a figure is one value; a series needs `key`"
        };
        lab.settings.error_at(key, said, Some(help.to_owned()))
    };
    let rows = lab.world.rows(&sql, columns, &values).await;
    let rows = rows.map_err(|error| wrong(format!("the query failed: {}", told(&error))))?;
    if columns == 1 && rows.len() > 1 {
        return Err(wrong(format!("the query gave {} rows", rows.len())).into());
    }
    let mut buckets = Buckets::new();
    for mut row in rows {
        let value = row.pop().flatten();
        let Some(value) = value else { continue };
        let number = Decimal::parse(&value);
        let number = number.ok_or_else(|| wrong(format!("the query gave `{value}`, no number")))?;
        let bucket = match row.pop() {
            Some(name) => name.unwrap_or_else(|| "null".to_owned()),
            None => String::new(),
        };
        buckets.insert(bucket, number);
    }
    Ok(buckets)
}

/// An error with what Postgres said.
fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => source.to_string(),
        None => error.to_string(),
    }
}

/// The type of tenant keys, as Postgres spells it.
fn key_type(lab: &Lab<'_>) -> String {
    let ownership = &lab.knowledge.ownership;
    let table = lab.knowledge.schema.table(ownership.tenants);
    table.columns[ownership.key].type_name.clone()
}

/// The query with parameters in place of the placeholders, and their values: never a text that is pasted.
fn bound(sql: &str, tenant: Option<&Tenant>, key_type: &str) -> (String, Vec<String>) {
    let mut text = String::new();
    let mut values: Vec<(&str, String)> = Vec::new();
    for piece in pieces(sql) {
        let (name, value, cast) = match (piece, tenant) {
            (Piece::Name("tenant.key", _), Some(t)) => ("key", t.key.to_string(), key_type),
            (Piece::Name("tenant.slug", _), Some(t)) => ("slug", t.slug.clone(), "text"),
            (Piece::Text(plain), _) => {
                text.push_str(plain);
                continue;
            }
            (Piece::Name(..), _) => continue,
        };
        let at = values.iter().position(|(known, _)| *known == name);
        let at = at.unwrap_or_else(|| {
            values.push((name, value));
            values.len() - 1
        });
        text.extend(["($", &(at + 1).to_string(), "::text::", cast, ")"]);
    }
    (text, values.into_iter().map(|(_, value)| value).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_are_bound_and_never_pasted() {
        let tenant = Tenant {
            key: "x' OR 1=1".into(),
            slug: "acme".to_owned(),
            name: String::new(),
            label: String::new(),
            control: false,
        };
        let sql = "SELECT {tenant.key}, {tenant.slug}, {tenant.key}, '{{}'";
        let (text, values) = bound(sql, Some(&tenant), "uuid");
        let wanted = "SELECT ($1::text::uuid), ($2::text::text), ($1::text::uuid), '{}'";
        assert_eq!(text, wanted);
        assert_eq!(values, ["x' OR 1=1", "acme"]);
    }
}
