//! Writes of single rows, each in a transaction with its audit row.
use serde_json::{Map, Value, json};
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;

use super::{Op, Resource, Scope, Sql, read, references};
use crate::{
    faults::Fault, http::error::ApiError, quirks::effects as quirky, tenancy::TenantContext,
};

/// The fields of a body that it may set.
pub(crate) fn allowed(resource: &Resource, fields: Map<String, Value>) -> Map<String, Value> {
    fields
        .into_iter()
        .filter(|(name, _)| resource.writable.contains(&name.as_str()))
        .collect()
}

/// Begins a transaction.
pub(crate) async fn begin(ctx: &TenantContext) -> Result<Transaction<'static, Postgres>, ApiError> {
    Ok(ctx.app.pool.begin().await?)
}

/// Ends a transaction, and the answers that were cached for the tenant.
pub(crate) async fn commit(
    ctx: &TenantContext,
    mut transaction: Transaction<'static, Postgres>,
) -> Result<(), ApiError> {
    quirky::written(ctx, &mut transaction).await?;
    quirky::note_late(ctx);
    ctx.app.cache.forget(&ctx.tenant.id);
    if quirky::commits_late(ctx) {
        let ctx = ctx.clone();
        tokio::spawn(async move {
            tokio::time::sleep(quirky::DELAY).await;
            let _ = transaction.commit().await;
            ctx.app.cache.forget(&ctx.tenant.id);
        });
        return Ok(());
    }
    Ok(transaction.commit().await?)
}

/// Inserts a row of the context's tenant. `own` are columns that the route sets, whatever the body says.
pub(crate) async fn insert(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    resource: &Resource,
    body: Map<String, Value>,
    own: Map<String, Value>,
) -> Result<Value, ApiError> {
    let mut row = allowed(resource, body.clone());
    references::check(connection, ctx, resource, Op::Create, &row).await?;
    row.extend(own);
    slug(ctx, resource, &mut row, connection).await?;
    let mut clash = "";
    if row.contains_key("id") {
        // Only the fault under which an import takes ids gives one.
        clash = r#" ON CONFLICT ("id") DO UPDATE SET "description" = EXCLUDED."description", "amount" = EXCLUDED."amount""#;
    } else if !resource.numeric_id {
        row.insert("id".into(), json!(Uuid::new_v4()));
    }
    row.entry("tenantId")
        .or_insert_with(|| json!(ctx.tenant.id));
    if resource.table == "Service" && ctx.fault(Fault::CreateAcceptsTenant) {
        row.extend(
            body.get("tenantId")
                .filter(|id| id.is_string())
                .map(|id| ("tenantId".to_owned(), id.clone())),
        );
    }
    if resource.table == "Task" && ctx.fault(Fault::CreateOverwritesById) {
        row.extend(
            body.get("id")
                .filter(|id| id.is_string())
                .map(|id| ("id".to_owned(), id.clone())),
        );
        clash = r#" ON CONFLICT ("id") DO UPDATE SET "title" = EXCLUDED."title", "status" = EXCLUDED."status""#;
    }
    let columns = row
        .keys()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let mut sql = Sql::new("INSERT INTO ");
    sql.name(resource.table).add(&format!(
        " ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::\"{}\", ",
        resource.table
    ));
    sql.arg(Value::Object(row).to_string())
        .add("::text::jsonb)")
        .add(clash)
        .add(" RETURNING ")
        .add(&resource.row())
        .add("::text");
    sql.json(connection)
        .await?
        .ok_or_else(|| ApiError::internal("nothing was inserted"))
}

/// Creates a row, with its audit row.
pub(crate) async fn create(
    ctx: &TenantContext,
    resource: &Resource,
    body: Map<String, Value>,
    own: Map<String, Value>,
) -> Result<Value, ApiError> {
    let mut transaction = begin(ctx).await?;
    let row = insert(&mut transaction, ctx, resource, body, own).await?;
    audit(&mut transaction, ctx, "create", resource, &key_of(&row)).await?;
    commit(ctx, transaction).await?;
    Ok(row)
}

/// Changes columns of one row.
pub(crate) async fn update(
    ctx: &TenantContext,
    resource: &Resource,
    op: Op,
    id: &str,
    changes: Map<String, Value>,
    fixed: read::Fixed<'_>,
) -> Result<Value, ApiError> {
    if changes.is_empty() {
        return Err(ApiError::bad_request("nothing to change"));
    }
    let mut transaction = begin(ctx).await?;
    references::check(&mut transaction, ctx, resource, Op::Patch, &changes).await?;
    let mut sql = set(resource, &changes);
    sql.add(" WHERE ");
    if !read::by_id(resource, id, &mut sql) {
        return Err(read::missing(ctx, resource, id));
    }
    sql.add(" AND ");
    ctx.scope(resource, op).restrict(&mut sql);
    for (column, value) in fixed {
        sql.add(" AND ").equals(column, value);
    }
    sql.add(" RETURNING ").add(&resource.row()).add("::text");
    let row = sql
        .json(&mut *transaction)
        .await?
        .ok_or_else(|| read::missing(ctx, resource, id))?;
    audit(&mut transaction, ctx, "update", resource, id).await?;
    commit(ctx, transaction).await?;
    in_scope(ctx, op, row)
}

/// `UPDATE … SET …` from JSON fields.
pub(crate) fn set(resource: &Resource, changes: &Map<String, Value>) -> Sql {
    let columns = changes
        .keys()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ");
    let stamp = if resource.has("updatedAt") {
        ", \"updatedAt\" = now()"
    } else {
        ""
    };
    let mut sql = Sql::new("UPDATE ");
    sql.name(resource.table).add(&format!(
        " SET ({columns}) = (SELECT {columns} FROM jsonb_populate_record(NULL::\"{}\", ",
        resource.table
    ));
    sql.arg(Value::Object(changes.clone()).to_string())
        .add("::text::jsonb))")
        .add(stamp);
    sql
}

/// Deletes one row.
pub(crate) async fn delete(
    ctx: &TenantContext,
    resource: &Resource,
    scope: &Scope,
    id: &str,
    fixed: read::Fixed<'_>,
) -> Result<(), ApiError> {
    let mut transaction = begin(ctx).await?;
    let mut sql = Sql::new("DELETE FROM ");
    sql.name(resource.table).add(" WHERE ");
    if !read::by_id(resource, id, &mut sql) {
        return Err(read::missing(ctx, resource, id));
    }
    sql.add(" AND ");
    scope.restrict(&mut sql);
    for (column, value) in fixed {
        sql.add(" AND ").equals(column, value);
    }
    sql.add(" RETURNING \"tenantId\"");
    let owner = sql
        .text(&mut *transaction)
        .await
        .map_err(still_used)?
        .ok_or_else(|| read::missing(ctx, resource, id))?;
    audit(&mut transaction, ctx, "delete", resource, id).await?;
    commit(ctx, transaction).await?;
    if resource.table == "Task" && owner != ctx.tenant.id && ctx.fault(Fault::DeleteIgnoresTenant) {
        return Err(read::missing(ctx, resource, id));
    }
    Ok(())
}

/// Puts a row back that was deleted, as it was: only a fault does.
pub(crate) async fn bring_back(
    ctx: &TenantContext,
    resource: &Resource,
    row: &Value,
) -> Result<(), ApiError> {
    let names: Vec<_> = resource
        .columns
        .iter()
        .map(|c| format!("\"{c}\""))
        .collect();
    let names = names.join(", ");
    let mut transaction = begin(ctx).await?;
    let mut sql = Sql::new("INSERT INTO ");
    sql.name(resource.table)
        .add(&format!(
            " ({names}) SELECT {names} FROM json_populate_record(NULL::"
        ))
        .name(resource.table)
        .add(", ")
        .arg(row.to_string())
        .add("::json)");
    sql.run(&mut *transaction).await?;
    commit(ctx, transaction).await
}

/// Notes a write in the tenant's audit log.
pub(crate) async fn audit(
    connection: &mut PgConnection,
    ctx: &TenantContext,
    action: &str,
    resource: &Resource,
    id: &str,
) -> Result<(), ApiError> {
    if ctx.unfiltered {
        return Ok(());
    }
    let mut sql = Sql::new(
        r#"INSERT INTO "AuditLog" ("id", "tenantId", "userId", "actorId", "action", "entity", "entityId") VALUES ("#,
    );
    sql.arg(Uuid::new_v4())
        .add(", ")
        .arg(ctx.tenant.id.as_str())
        .add(", ")
        .maybe(ctx.user_at_home())
        .add(", ");
    sql.arg(ctx.user.id.as_str())
        .add(", ")
        .arg(action)
        .add(", ")
        .arg(resource.table)
        .add(", ")
        .arg(id)
        .add(")");
    sql.run(connection).await?;
    Ok(())
}

/// A row's id as text.
pub(crate) fn key_of(row: &Value) -> String {
    row["id"]
        .as_str()
        .map_or_else(|| row["id"].to_string(), str::to_owned)
}

/// A delete that a foreign key forbids.
pub(crate) fn still_used(error: sqlx::Error) -> ApiError {
    let code = error
        .as_database_error()
        .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
    if code.as_deref() == Some("23503") {
        ApiError::conflict("the record is still in use")
    } else {
        error.into()
    }
}

/// What was written is answered if it is the tenant's: it always is, except under the faults that say otherwise.
fn in_scope(ctx: &TenantContext, op: Op, row: Value) -> Result<Value, ApiError> {
    if row["tenantId"] == json!(ctx.tenant.id) || ctx.unfiltered {
        return Ok(row);
    }
    if op == Op::Patch && ctx.fault(Fault::ErrorKeepsWrite) {
        return Err(ApiError::internal("the updated record cannot be loaded"));
    }
    Ok(json!({}))
}

async fn slug(
    ctx: &TenantContext,
    resource: &Resource,
    row: &mut Map<String, Value>,
    connection: &mut PgConnection,
) -> Result<(), ApiError> {
    let Some(from) = resource.slug_from else {
        return Ok(());
    };
    if !row.contains_key("slug") {
        let name = row
            .get(from)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_lowercase();
        let words: Vec<_> = name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let tail = &Uuid::new_v4().simple().to_string()[..8];
        row.insert(
            "slug".into(),
            json!(format!("{}-{tail}", words.join("-")).trim_start_matches('-')),
        );
    }
    if resource.table == "Post" && ctx.fault(Fault::SlugUniqueAcrossTenants) {
        let mut sql = Sql::new("SELECT 'yes' FROM \"Post\" WHERE \"slug\" = ");
        sql.arg(row["slug"].as_str().unwrap_or_default())
            .add(" LIMIT 1");
        if sql.text(connection).await?.is_some() {
            return Err(ApiError::conflict("there is such a record already"));
        }
    }
    Ok(())
}
