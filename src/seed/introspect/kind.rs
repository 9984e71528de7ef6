//! Types of the catalog, domains and arrays resolved, as the kinds of values that columns hold.

use std::collections::HashMap;

use sqlx::PgPool;

use crate::model::schema::{Column, Kind, quote};
use crate::seed::error::SeedError;

/// Table, number, name, type's name, type, modifier, not null, identity, generated, default.
pub type Attribute = (
    i64,
    i32,
    String,
    String,
    i64,
    i32,
    bool,
    String,
    String,
    Option<String>,
);

/// Oid, name, sort, base type, modifier, element, not null.
type CatalogType = (i64, String, String, i64, i32, i64, bool);

/// The catalog's types.
pub struct Types {
    by_oid: HashMap<i64, CatalogType>,
    words: HashMap<i64, Vec<String>>,
    checks: HashMap<i64, Vec<String>>,
    fields: HashMap<i64, Vec<Field>>,
}

/// A composite type, and a field of it: name, type's name, type, modifier.
type Field = (i64, String, String, i64, i32);

/// What a type comes down to.
pub struct Resolved {
    /// What values it holds.
    pub kind: Kind,
    /// A domain refuses NULL.
    pub not_null: bool,
    /// The longest value in characters.
    pub max_length: Option<u32>,
    /// Checks of domains on the way, over `VALUE`.
    pub checks: Vec<String>,
}

impl Types {
    /// Reads the catalog.
    pub async fn read(pool: &PgPool) -> Result<Self, SeedError> {
        let failed = || SeedError::database("tell its types");
        let types: Vec<CatalogType> = sqlx::query_as(
            "SELECT oid::int8, typname::text, typtype::text, typbasetype::int8, typtypmod,
                    CASE WHEN typcategory = 'A' THEN typelem ELSE 0 END::int8, typnotnull
             FROM pg_type",
        )
        .fetch_all(pool)
        .await
        .map_err(failed())?;
        let labels: Vec<(i64, String)> = sqlx::query_as(
            "SELECT enumtypid::int8, enumlabel::text FROM pg_enum ORDER BY enumtypid, enumsortorder",
        )
        .fetch_all(pool)
        .await
        .map_err(failed())?;
        let constraints: Vec<(i64, String)> = sqlx::query_as(
            "SELECT contypid::int8, pg_get_constraintdef(oid) FROM pg_constraint WHERE contypid <> 0 AND contype = 'c'",
        )
        .fetch_all(pool)
        .await
        .map_err(failed())?;
        let attributes: Vec<Field> = sqlx::query_as(
            "SELECT t.oid::int8, a.attname::text, format_type(a.atttypid, a.atttypmod), a.atttypid::int8, a.atttypmod
             FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid JOIN pg_attribute a ON a.attrelid = c.oid
             WHERE t.typtype = 'c' AND c.relkind = 'c' AND a.attnum > 0 AND NOT a.attisdropped
             ORDER BY t.oid, a.attnum",
        )
        .fetch_all(pool)
        .await
        .map_err(failed())?;
        let mut fields: HashMap<i64, Vec<Field>> = HashMap::new();
        for attribute in attributes {
            fields.entry(attribute.0).or_default().push(attribute);
        }
        Ok(Self {
            fields,
            by_oid: types.into_iter().map(|t| (t.0, t)).collect(),
            words: grouped(labels),
            checks: grouped(constraints),
        })
    }

    /// What a type with that modifier comes down to.
    pub fn resolve(&self, oid: i64, modifier: i32) -> Resolved {
        let mut resolved = Resolved {
            kind: Kind::Other(String::new()),
            not_null: false,
            max_length: None,
            checks: Vec::new(),
        };
        let (mut oid, mut modifier) = (oid, modifier);
        // A domain over a domain over … ends at a base type; the catalog has no cycles.
        while let Some((_, name, sort, base, base_modifier, element, not_null)) =
            self.by_oid.get(&oid)
        {
            resolved.not_null |= not_null;
            if sort == "d" {
                resolved
                    .checks
                    .extend(self.checks.get(&oid).cloned().unwrap_or_default());
                if modifier < 0 {
                    modifier = *base_modifier;
                }
                oid = *base;
                continue;
            }
            resolved.kind = match sort.as_str() {
                "e" => Kind::Enum(self.words.get(&oid).cloned().unwrap_or_default()),
                "c" if self.fields.contains_key(&oid) => Kind::Composite(self.composite(oid)),
                _ if *element != 0 => {
                    // What a domain asks of the elements is asked of all that the column holds.
                    let element = self.resolve(*element, modifier);
                    resolved.checks.extend(element.checks);
                    resolved.max_length = element.max_length;
                    Kind::Array(Box::new(element.kind))
                }
                _ => kind(name, modifier),
            };
            if matches!(name.as_str(), "varchar" | "bpchar") && modifier > 4 {
                resolved.max_length = u32::try_from(modifier - 4).ok();
            } else if name == "char" {
                resolved.max_length = Some(1);
            } else if name == "name" {
                resolved.max_length = Some(63);
            }
            break;
        }
        resolved
    }

    fn composite(&self, oid: i64) -> Vec<Column> {
        let fields = self.fields.get(&oid).into_iter().flatten();
        fields
            .map(|(_, name, type_name, of, modifier)| {
                let resolved = self.resolve(*of, *modifier);
                Column {
                    name: name.clone(),
                    type_name: type_name.clone(),
                    kind: resolved.kind,
                    not_null: resolved.not_null,
                    default: None,
                    numbered: false,
                    identity_always: false,
                    generated: false,
                    max_length: resolved.max_length,
                }
            })
            .collect()
    }
}

fn grouped(pairs: Vec<(i64, String)>) -> HashMap<i64, Vec<String>> {
    let mut groups: HashMap<i64, Vec<String>> = HashMap::new();
    for (oid, text) in pairs {
        groups.entry(oid).or_default().push(text);
    }
    groups
}

/// The kind of a base type.
fn kind(name: &str, modifier: i32) -> Kind {
    match name {
        "text" | "varchar" | "bpchar" | "char" | "citext" | "name" => Kind::Text,
        "uuid" => Kind::Uuid,
        "int2" => Kind::Integer(16),
        "int4" => Kind::Integer(32),
        "int8" => Kind::Integer(64),
        "numeric" => Kind::Numeric(precision(modifier)),
        "float4" | "float8" => Kind::Float,
        "money" => Kind::Numeric(Some((12, 2))),
        "bool" => Kind::Boolean,
        "date" => Kind::Date,
        "time" | "timetz" => Kind::Time,
        "timestamp" | "timestamptz" => Kind::Timestamp,
        "interval" => Kind::Interval,
        "json" | "jsonb" => Kind::Json,
        "bytea" => Kind::Bytes,
        "inet" | "cidr" => Kind::Network,
        other => Kind::Other(other.to_owned()),
    }
}

/// Precision and scale out of a numeric's modifier.
fn precision(modifier: i32) -> Option<(u32, u32)> {
    let packed = u32::try_from(modifier.checked_sub(4)?).ok()?;
    // The scale is a signed 11-bit number since Postgres 15; a negative one rounds to tens, which we take for none.
    let scale = packed & 0x7ff;
    Some((packed >> 16, if scale > 1000 { 0 } else { scale }))
}

/// A domain's check as a check over the column that has it.
pub fn check_of(definition: &str, column: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    let mut rest = definition;
    while let Some(c) = rest.chars().next() {
        let boundary = !out.ends_with(|p: char| p.is_alphanumeric() || p == '_');
        if !quoted && boundary && rest.starts_with("VALUE") {
            let after = &rest["VALUE".len()..];
            if !after.starts_with(|n: char| n.is_alphanumeric() || n == '_') {
                out.push_str(&quote(column));
                rest = after;
                continue;
            }
        }
        quoted ^= c == '\'';
        out.push(c);
        rest = &rest[c.len_utf8()..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_check_speaks_of_the_column() {
        assert_eq!(
            check_of(
                "CHECK ((VALUE ~ '^VALUE$'::text) AND (VALUES < VALUE))",
                "e Mail"
            ),
            r#"CHECK (("e Mail" ~ '^VALUE$'::text) AND (VALUES < "e Mail"))"#
        );
    }

    #[test]
    fn a_numeric_modifier_holds_precision_and_scale() {
        assert_eq!(precision(((12 << 16) | 2) + 4), Some((12, 2)));
        assert_eq!(precision(-1), None);
    }
}
