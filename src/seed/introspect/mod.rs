//! Reads the schema from `pg_catalog`: tables, columns, keys, checks.

mod kind;
mod link;

use std::collections::HashMap;

use sqlx::PgPool;

use super::error::SeedError;
use crate::model::schema::{Column, ForeignKey, Schema, Table, TableId, Unique};
use kind::Types;
pub use link::{comparable, infer};

/// Tables of the target: partitions are left out (their rows are read through the parent), as are those of extensions.
const TABLES: &str = "
    SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relpersistence = 'u'
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY n.nspname <> 'public', n.nspname, c.relname";

const COLUMNS: &str = "
    SELECT a.attrelid::int8, a.attnum::int4, a.attname::text, format_type(a.atttypid, a.atttypmod), a.atttypid::int8,
           a.atttypmod, a.attnotnull, a.attidentity::text, a.attgenerated::text,
           coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = ANY ($1)
    ORDER BY a.attrelid, a.attnum";

const CONSTRAINTS: &str = "
    SELECT conrelid::int8, conname::text, contype::text, coalesce(conkey, '{}')::int4[], confrelid::int8,
           coalesce(confkey, '{}')::int4[], condeferrable, pg_get_constraintdef(oid)
    FROM pg_constraint
    WHERE conrelid = ANY ($1) AND contype IN ('p', 'f', 'c')
    ORDER BY conrelid, contype, conname";

const UNIQUES: &str = "
    SELECT indrelid::int8, string_to_array(indkey::text, ' ')::int4[], pg_get_expr(indpred, indrelid), indnkeyatts::int4
    FROM pg_index
    WHERE indisunique AND NOT indisprimary AND indexprs IS NULL AND indrelid = ANY ($1)
    ORDER BY indrelid, indexrelid";

/// One row of [`CONSTRAINTS`].
type Constraint = (i64, String, String, Vec<i32>, i64, Vec<i32>, bool, String);

/// Reads the schema. Tables already in `known` keep their [`TableId`], new ones are appended; a known table that is gone
/// stays as it was known.
pub async fn introspect(pool: &PgPool, known: Option<&Schema>) -> Result<Schema, SeedError> {
    let failed = || SeedError::database("tell its schema");
    let found: Vec<(i64, String, String, bool)> = sqlx::query_as(TABLES)
        .fetch_all(pool)
        .await
        .map_err(failed())?;
    let mut schema = known.cloned().unwrap_or_default();
    let mut ids = HashMap::new();
    for (oid, namespace, name, unlogged) in found {
        let at = schema
            .tables
            .iter()
            .position(|t| t.schema == namespace && t.name == name);
        let id = TableId(at.unwrap_or(schema.tables.len()));
        let table = empty_table(id, oid, namespace, name, unlogged);
        match at {
            Some(at) => schema.tables[at] = table,
            None => schema.tables.push(table),
        }
        ids.insert(oid, id);
    }
    let oids: Vec<i64> = ids.keys().copied().collect();
    let types = Types::read(pool).await?;
    let mut numbers: HashMap<TableId, Vec<i32>> = HashMap::new();
    let columns: Vec<kind::Attribute> = sqlx::query_as(COLUMNS)
        .bind(&oids)
        .fetch_all(pool)
        .await
        .map_err(failed())?;
    for attribute in columns {
        let id = ids[&attribute.0];
        numbers.entry(id).or_default().push(attribute.1);
        let (column, checks) = column(&types, attribute);
        schema.tables[id.0].columns.push(column);
        schema.tables[id.0].checks.extend(checks);
    }
    let constraints: Vec<Constraint> = sqlx::query_as(CONSTRAINTS)
        .bind(&oids)
        .fetch_all(pool)
        .await
        .map_err(failed())?;
    for constraint in constraints {
        add_constraint(&mut schema, &ids, &numbers, constraint);
    }
    let uniques: Vec<(i64, Vec<i32>, Option<String>, i32)> = sqlx::query_as(UNIQUES)
        .bind(&oids)
        .fetch_all(pool)
        .await
        .map_err(failed())?;
    for (oid, mut keys, predicate, width) in uniques {
        let id = ids[&oid];
        keys.truncate(usize::try_from(width).unwrap_or(keys.len()));
        let columns = positions(&numbers, id, &keys);
        schema.tables[id.0]
            .uniques
            .push(Unique { columns, predicate });
    }
    infer(&mut schema);
    Ok(schema)
}

fn empty_table(id: TableId, oid: i64, schema: String, name: String, unlogged: bool) -> Table {
    Table {
        id,
        oid: u32::try_from(oid).unwrap_or_default(),
        schema,
        name,
        columns: Vec::new(),
        primary_key: Vec::new(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        unlogged,
    }
}

/// A column, and the checks of its domain with the column's name in place of `VALUE`.
fn column(types: &Types, attribute: kind::Attribute) -> (Column, Vec<String>) {
    let (_, _, name, type_name, type_oid, modifier, not_null, identity, generated, default) =
        attribute;
    let resolved = types.resolve(type_oid, modifier);
    let checks = resolved
        .checks
        .iter()
        .map(|c| kind::check_of(c, &name))
        .collect();
    let sequence = default
        .as_deref()
        .is_some_and(|d| d.starts_with("nextval("));
    let column = Column {
        name,
        type_name,
        kind: resolved.kind,
        not_null: not_null || resolved.not_null,
        numbered: !identity.is_empty() || sequence,
        identity_always: identity == "a",
        generated: !generated.is_empty(),
        default: default.filter(|_| generated.is_empty()),
        max_length: resolved.max_length,
    };
    (column, checks)
}

fn add_constraint(
    schema: &mut Schema,
    ids: &HashMap<i64, TableId>,
    numbers: &HashMap<TableId, Vec<i32>>,
    constraint: Constraint,
) {
    let (oid, name, kind, here, there_oid, there, deferrable, definition) = constraint;
    let id = ids[&oid];
    let columns = positions(numbers, id, &here);
    let table = &mut schema.tables[id.0];
    match kind.as_str() {
        "p" => table.primary_key = columns,
        "c" => table.checks.push(definition),
        _ => {
            // A key to a single partition, or to an extension's table, leads to nothing that we read.
            if let Some(&parent) = ids.get(&there_oid) {
                table.foreign_keys.push(ForeignKey {
                    name,
                    columns,
                    table: parent,
                    references: positions(numbers, parent, &there),
                    deferrable,
                });
            }
        }
    }
}

/// Attribute numbers as indices into the columns that are left.
fn positions(numbers: &HashMap<TableId, Vec<i32>>, table: TableId, keys: &[i32]) -> Vec<usize> {
    let known = numbers.get(&table).map_or(&[][..], Vec::as_slice);
    keys.iter()
        .filter_map(|k| known.iter().position(|n| n == k))
        .collect()
}
