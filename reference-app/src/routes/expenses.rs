//! Expenses: the shared handlers, and import, categories, rank.
use axum::{extract::Path, response::Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Routes, stats::figure};
use crate::{
    faults::Fault,
    http::{
        body::Body,
        crud::{self, Affected},
        error::{ApiError, Problem},
        handlers,
    },
    quirks::{Quirk, effects::WORDS},
    resources::expenses::{EXPENSES, ExpenseImport, ExpensePatch, ExpenseRow, NewExpense},
    store::{Op, Resource, Sql, read, write},
    tenancy::{Role, TenantContext},
};

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, patch, delete))
        .routes(routes!(bulk_where, bulk_ids))
        .routes(routes!(export))
        .routes(routes!(import))
        .routes(routes!(categories))
        .routes(routes!(rank))
}

handlers::list!(EXPENSES, ExpenseRow, "expenses", "/api/admin/expenses");
handlers::get!(EXPENSES, ExpenseRow, "expenses", "/api/admin/expenses/{id}");
handlers::patch!(
    EXPENSES,
    ExpenseRow,
    ExpensePatch,
    "expenses",
    "/api/admin/expenses/{id}"
);
handlers::delete!(EXPENSES, "expenses", "/api/admin/expenses/{id}");
handlers::bulk!(EXPENSES, "expenses", "/api/admin/expenses/bulk");
handlers::export!(EXPENSES, "expenses", "/api/admin/expenses/export");

/// The import is another statement on the same table, with mistakes of its own.
static IMPORTED: Resource = Resource {
    references: &[],
    ..EXPENSES_OF_IMPORT
};
const EXPENSES_OF_IMPORT: Resource = Resource {
    table: "Expense",
    columns: &["id", "tenantId"],
    writable: &[
        "serviceRequestId",
        "description",
        "vendor",
        "category",
        "amount",
        "currency",
        "status",
        "spentOn",
    ],
    ..Resource::BASE
};

/// Notes an expense of the caller.
#[utoipa::path(post, path = "/api/admin/expenses", tag = "expenses", operation_id = "create-expenses", request_body = NewExpense,
    responses((status = 201, body = ExpenseRow), (status = 400, body = Problem)))]
async fn create(ctx: TenantContext, body: Body<NewExpense>) -> Result<Response, ApiError> {
    ctx.require(EXPENSES.write)?;
    let mut own = Map::from_iter([("userId".to_owned(), json!(ctx.user_at_home()))]);
    if ctx.app.quirk(Quirk::CommonWords) && body.text("category").is_none() {
        let sum: usize = ctx.tenant.id.bytes().map(usize::from).sum();
        own.insert("category".to_owned(), json!(WORDS[sum % WORDS.len()]));
    }
    write::create(&ctx, &EXPENSES, body.fields, own)
        .await
        .map(|row| crud::created(&row))
}

/// Imports expenses, all or none.
#[utoipa::path(post, path = "/api/admin/expenses/import", tag = "expenses", request_body = ExpenseImport,
    responses((status = 200, body = Affected), (status = 400, body = Problem)))]
async fn import(ctx: TenantContext, body: Body<ExpenseImport>) -> Result<Response, ApiError> {
    ctx.require(EXPENSES.write)?;
    let rows = body
        .fields
        .get("rows")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    if rows.is_empty() || rows.len() > 500 {
        return Err(ApiError::bad_request("an import holds from 1 to 500 rows"));
    }
    let resource = if ctx.fault(Fault::ImportTrustsRequestId) {
        &IMPORTED
    } else {
        &EXPENSES
    };
    let mut transaction = write::begin(&ctx).await?;
    for row in &rows {
        let Value::Object(fields) = row else {
            return Err(ApiError::bad_request("a row is no object"));
        };
        let mut own = Map::new();
        if ctx.fault(Fault::ImportTrustsTenantColumn) {
            own.extend(
                fields
                    .get("tenantId")
                    .filter(|id| id.is_string())
                    .map(|id| ("tenantId".to_owned(), id.clone())),
            );
        }
        if ctx.fault(Fault::ImportUpserts) {
            own.extend(
                fields
                    .get("id")
                    .filter(|id| id.is_string())
                    .map(|id| ("id".to_owned(), id.clone())),
            );
        }
        write::insert(&mut transaction, &ctx, resource, fields.clone(), own).await?;
    }
    write::audit(&mut transaction, &ctx, "import", &EXPENSES, "").await?;
    write::commit(&ctx, transaction).await?;
    Ok(crud::ok(&json!(Affected {
        affected: rows.len() as u64
    })))
}

/// The categories in use, for a drop-down.
#[utoipa::path(get, path = "/api/admin/expenses/categories", tag = "expenses", responses((status = 200, body = Object)))]
async fn categories(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let mut sql = Sql::new(
        r#"SELECT coalesce(json_agg(c), '[]'::json)::text FROM (SELECT DISTINCT "category" AS c FROM "Expense" WHERE "category" IS NOT NULL AND "#,
    );
    ctx.scope(&EXPENSES, Op::Distinct).restrict(&mut sql);
    sql.add(" ORDER BY 1 LIMIT 1000) used");
    let mut words = sql.json(&ctx.app.pool).await?.unwrap_or_default();
    if ctx.app.quirk(Quirk::CommonWords)
        && let Value::Array(words) = &mut words
    {
        words.extend(WORDS.iter().map(|word| json!(word)));
        words.sort_by_key(ToString::to_string);
        words.dedup();
    }
    Ok(crud::ok(&json!({ "items": words })))
}

/// An expense's place among the firm's, the dearest first.
#[derive(Serialize, ToSchema)]
struct Rank {
    id: String,
    rank: u64,
}

/// Which place an expense takes among the firm's.
#[utoipa::path(get, path = "/api/admin/expenses/{id}/rank", tag = "expenses", params(("id" = String, Path)),
    responses((status = 200, body = Rank), (status = 404, body = Problem)))]
async fn rank(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(EXPENSES.read)?;
    let expense = read::get(&ctx, &EXPENSES, Op::Get, &id, &[]).await?;
    let mut sql = Sql::new("SELECT (count(*) + 1)::text FROM \"Expense\" WHERE \"amount\" > ");
    sql.arg(expense["amount"].to_string())
        .add("::text::numeric AND ");
    figure(&ctx, &EXPENSES, Fault::RankAmongAll).restrict(&mut sql);
    let rank = sql.json(&ctx.app.pool).await?.and_then(|n| n.as_u64());
    let rank = rank.ok_or_else(|| ApiError::internal("no rank"))?;
    Ok(crud::ok(&json!(Rank { id, rank })))
}
