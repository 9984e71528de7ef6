//! Imports in stages: one is begun, filled with rows, looked at, committed, and may be undone. They live as long as the process.
use axum::{extract::Path, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Routes,
    quarantine::{self, Refusal},
};
use crate::{
    faults::Fault,
    http::{
        body::Json,
        crud,
        error::{ApiError, Problem},
    },
    resources::expenses::EXPENSES,
    store::{Kept, Scope, Sql, write},
    tenancy::TenantContext,
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(stage))
        .routes(routes!(get))
        .routes(routes!(commit))
        .routes(routes!(undo))
}

/// An import, and whose it is: rows are noted for the colleague who began it.
#[derive(Clone, Debug)]
pub(crate) struct Import {
    by: Option<String>,
    status: ImportStatus,
    rows: Vec<StagedExpense>,
    /// The ids of the rows that were made.
    made: Vec<String>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ImportStatus {
    Open,
    Committed,
    Undone,
}

/// What is imported.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ImportTable {
    Expenses,
}

/// An import to begin.
#[derive(Deserialize, ToSchema)]
#[expect(dead_code, reason = "checks the shape: there is one table so far")]
struct NewImport {
    table: ImportTable,
}

/// A row to import.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct StagedExpense {
    description: String,
    #[schema(minimum = 0, maximum = 1_000_000)]
    amount: f64,
    vendor: Option<String>,
}

/// Rows to stage, in the place of those staged before.
#[derive(Deserialize, ToSchema)]
struct ImportRows {
    #[schema(min_items = 1, max_items = 500)]
    rows: Vec<StagedExpense>,
}

/// An import, and how many rows it holds.
#[derive(Serialize, ToSchema)]
struct ImportState {
    id: String,
    status: ImportStatus,
    staged: usize,
}

/// What an import holds, and what is in the books already.
#[derive(Serialize, ToSchema)]
struct ImportPreview {
    id: String,
    status: ImportStatus,
    rows: Vec<StagedExpense>,
    /// Expenses of about the amount of the first row, which may be the same ones.
    similar: Vec<String>,
}

fn state(kept: &Kept<Import>) -> ImportState {
    ImportState {
        id: kept.id.clone(),
        status: kept.thing.status,
        staged: kept.thing.rows.len(),
    }
}

/// An import of the scope, at a stage.
fn at(
    ctx: &TenantContext,
    scope: &Scope,
    id: &str,
    stage: ImportStatus,
) -> Result<Kept<Import>, ApiError> {
    let import = ctx.app.imports.get(scope, id);
    let import = import.ok_or_else(ApiError::not_found)?;
    if import.thing.status == stage {
        Ok(import)
    } else {
        Err(ApiError::conflict("the import is at another stage"))
    }
}

/// Begins an import.
#[utoipa::path(post, path = "/api/admin/imports", tag = "imports", operation_id = "begin-import", request_body = NewImport,
    responses((status = 201, body = ImportState), (status = 400, body = Problem)))]
async fn begin(ctx: TenantContext, _: Json<NewImport>) -> Result<Response, ApiError> {
    ctx.require(EXPENSES.write)?;
    let import = Import {
        by: ctx.user_at_home().map(str::to_owned),
        status: ImportStatus::Open,
        rows: Vec::new(),
        made: Vec::new(),
    };
    let id = Uuid::new_v4().to_string();
    let kept = ctx.app.imports.put(&ctx.tenant.id, id, import);
    Ok(crud::created(&json!(state(&kept))))
}

/// Stages rows. Nothing is written yet.
#[utoipa::path(put, path = "/api/admin/imports/{importId}/rows", tag = "imports", operation_id = "stage-import",
    params(("importId" = String, Path)), request_body = ImportRows,
    responses((status = 200, body = ImportState), (status = 400, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn stage(
    ctx: TenantContext,
    Path(id): Path<String>,
    body: Json<ImportRows>,
) -> Result<Response, ApiError> {
    ctx.require(EXPENSES.write)?;
    let rows = body.0.rows;
    if rows.is_empty() || rows.len() > 500 {
        return Err(ApiError::bad_request("an import holds from 1 to 500 rows"));
    }
    if rows.iter().any(|row| !(0.0..=1e6).contains(&row.amount)) {
        return Err(ApiError::bad_request("an amount is from 0 to 1000000"));
    }
    let own = ctx.scope_unless(&[]);
    at(&ctx, &own, &id, ImportStatus::Open)?;
    let import = ctx.app.imports.change(&own, &id, |it| it.rows = rows);
    let import = import.ok_or_else(ApiError::not_found)?;
    Ok(crud::ok(&json!(state(&import))))
}

/// What an import holds, beside expenses that may be the same ones.
#[utoipa::path(get, path = "/api/admin/imports/{importId}", tag = "imports", operation_id = "get-import",
    params(("importId" = String, Path)), responses((status = 200, body = ImportPreview), (status = 404, body = Problem)))]
async fn get(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(EXPENSES.read)?;
    let scope = ctx.scope_unless(&[Fault::ImportPreviewIgnoresTenant]);
    let import = ctx.app.imports.get(&scope, &id);
    let import = import.ok_or_else(ApiError::not_found)?;
    Ok(crud::ok(&json!(ImportPreview {
        similar: similar(&ctx, &import).await?,
        id: import.id,
        status: import.thing.status,
        rows: import.thing.rows,
    })))
}

/// The firm's expenses of about the amount of the first row.
async fn similar(ctx: &TenantContext, import: &Kept<Import>) -> Result<Vec<String>, ApiError> {
    let Some(first) = import.thing.rows.first() else {
        return Ok(Vec::new());
    };
    let mut sql = Sql::new(
        r#"SELECT coalesce(json_agg(d), '[]'::json)::text FROM (SELECT "description" AS d FROM "Expense" WHERE "#,
    );
    Scope::Tenant(import.tenant.clone()).restrict(&mut sql);
    sql.add(" ORDER BY abs(\"amount\" - ")
        .arg(first.amount.to_string())
        .add("::text::numeric), \"id\" LIMIT 5) near");
    let found = sql.json(&ctx.app.pool).await?.unwrap_or_default();
    let texts = found.as_array().into_iter().flatten();
    Ok(texts
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect())
}

/// Makes expenses of the staged rows, all or none; what nobody could tell later is put into quarantine.
#[utoipa::path(post, path = "/api/admin/imports/{importId}/commit", tag = "imports", operation_id = "commit-import",
    params(("importId" = String, Path)),
    responses((status = 200, body = ImportState), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn commit(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(EXPENSES.write)?;
    let scope = ctx.scope_unless(&[Fault::ImportCommitIgnoresTenant]);
    let import = at(&ctx, &scope, &id, ImportStatus::Open)?;
    if import.thing.rows.is_empty() {
        return Err(ApiError::conflict("nothing is staged yet"));
    }
    let owner = Map::from_iter([
        ("tenantId".to_owned(), json!(import.tenant)),
        ("userId".to_owned(), json!(import.thing.by)),
    ]);
    let mut transaction = write::begin(&ctx).await?;
    let mut made = Vec::new();
    for (row, line) in import.thing.rows.iter().zip(1..) {
        let Value::Object(fields) = json!(row) else {
            return Err(ApiError::internal("a row is no object"));
        };
        if row.description.trim().is_empty() {
            let refusal = Refusal {
                source: &id,
                line,
                reason: "no description",
            };
            quarantine::keep(&mut transaction, &ctx, refusal, fields, owner.clone()).await?;
            continue;
        }
        let row = write::insert(&mut transaction, &ctx, &EXPENSES, fields, owner.clone()).await?;
        made.push(write::key_of(&row));
    }
    write::audit(&mut transaction, &ctx, "import", &EXPENSES, "").await?;
    write::commit(&ctx, transaction).await?;
    let import = ctx.app.imports.change(&scope, &id, |it| {
        it.status = ImportStatus::Committed;
        it.made = made;
    });
    let import = import.ok_or_else(ApiError::not_found)?;
    Ok(crud::ok(&json!(state(&import))))
}

/// Takes back the expenses that an import made.
#[utoipa::path(post, path = "/api/admin/imports/{importId}/undo", tag = "imports", operation_id = "undo-import",
    params(("importId" = String, Path)),
    responses((status = 200, body = ImportState), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn undo(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(EXPENSES.write)?;
    let scope = ctx.scope_unless(&[Fault::ImportUndoIgnoresTenant]);
    let import = at(&ctx, &scope, &id, ImportStatus::Committed)?;
    let mut transaction = write::begin(&ctx).await?;
    let mut sql = Sql::new("DELETE FROM \"Expense\" WHERE ");
    Scope::Tenant(import.tenant.clone()).restrict(&mut sql);
    sql.add(" AND ")
        .any_of("id", import.thing.made.iter().map(String::as_str));
    sql.run(&mut *transaction).await?;
    write::audit(&mut transaction, &ctx, "undo-import", &EXPENSES, "").await?;
    write::commit(&ctx, transaction).await?;
    let undone = |it: &mut Import| it.status = ImportStatus::Undone;
    let import = ctx.app.imports.change(&scope, &id, undone);
    let import = import.ok_or_else(ApiError::not_found)?;
    Ok(crud::ok(&json!(state(&import))))
}
