//! The handlers that every resource shares. `http::handlers` gives a resource its documented line of each.
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{body::Body, cache::Key, error::ApiError, export::Format, listing::Listing};
use crate::{
    faults::Fault,
    store::{Op, Resource, bulk, closed, read, write},
    tenancy::TenantContext,
};

/// A page of a list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[expect(
    clippy::struct_field_names,
    reason = "they are the words of the answer"
)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    total: i64,
    page: i64,
    page_size: i64,
}

/// A bulk write by filter; `where.tenantId` is required and must be the caller's.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BulkWhere {
    /// Column = value; `ids` takes a list. Must hold `tenantId`.
    #[serde(default = "no_conditions", rename = "where")]
    #[schema(value_type = Object)]
    pub(crate) filter: Option<Map<String, Value>>,
    /// Columns to set.
    #[schema(value_type = Object)]
    pub(crate) data: Map<String, Value>,
}

/// A filter that is left out asks for nothing; that is not the same as null.
#[expect(clippy::unnecessary_wraps, reason = "it stands for the field")]
fn no_conditions() -> Option<Map<String, Value>> {
    Some(Map::new())
}

/// A bulk write by ids.
#[derive(Deserialize, ToSchema)]
pub(crate) struct BulkIds {
    /// What to do.
    pub(crate) action: BulkAction,
    /// The rows; at least one.
    #[serde(default, deserialize_with = "there")]
    #[schema(required, value_type = Vec<String>)]
    pub(crate) ids: Option<Vec<String>>,
    /// Columns to set, for `update`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub(crate) data: Map<String, Value>,
}

/// A list that is there: only the field itself may be left out, and is missed later.
fn there<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    Vec::deserialize(from).map(Some)
}

/// What a bulk write by ids does.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BulkAction {
    Update,
    Delete,
}

/// How many rows a bulk write touched.
#[derive(Serialize, ToSchema)]
pub(crate) struct Affected {
    pub(crate) affected: u64,
}

/// JSON text as an answer.
pub(crate) fn json_text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// A JSON value as an answer.
pub(crate) fn ok(value: &Value) -> Response {
    json_text(value.to_string())
}

/// A new row as an answer.
pub(crate) fn created(row: &Value) -> Response {
    (StatusCode::CREATED, json_text(row.to_string())).into_response()
}

/// `GET /things`.
pub(crate) async fn list(
    resource: &Resource,
    ctx: &TenantContext,
    listing: &Listing,
) -> Result<Response, ApiError> {
    ctx.require(resource.read)?;
    read::page(ctx, resource, Op::List, listing, &[])
        .await
        .map(json_text)
}

/// `GET /things/{id}`.
pub(crate) async fn get(
    resource: &Resource,
    ctx: &TenantContext,
    id: &str,
) -> Result<Response, ApiError> {
    ctx.require(resource.read)?;
    if ctx.fault(Fault::BulkClosesAnyBooks) && closed::is_closed(ctx).await? {
        return Err(ApiError::new(StatusCode::LOCKED, "the books are closed"));
    }
    let scope = ctx.scope(resource, Op::Get);
    let found = read::find(ctx, resource, &scope, id, &[]).await?;
    let found = match found {
        None => deleted_row(ctx, resource, id, Fault::DeletedKeptById).await?,
        found => found,
    };
    match found {
        Some(row) => Ok(ok(&row)),
        None if resource.table == "Task"
            && ctx.fault(Fault::ForeignIdForbidden)
            && elsewhere(ctx, resource, id).await? =>
        {
            Err(ApiError::forbidden("this record belongs to another firm"))
        }
        None if resource.table == "HealthLog"
            && ctx.fault(Fault::HealthLogTellsForeign)
            && elsewhere(ctx, resource, id).await? =>
        {
            Err(ApiError::new(
                StatusCode::NOT_FOUND,
                "not found in your firm",
            ))
        }
        None => Err(read::missing(ctx, resource, id)),
    }
}

/// `POST /things`.
pub(crate) async fn create<T>(
    resource: &Resource,
    ctx: &TenantContext,
    body: Body<T>,
) -> Result<Response, ApiError> {
    ctx.require(resource.write)?;
    write::create(ctx, resource, body.fields, Map::new())
        .await
        .map(|row| created(&row))
}

/// `PATCH /things/{id}`.
pub(crate) async fn patch<T>(
    resource: &Resource,
    ctx: &TenantContext,
    id: &str,
    body: Body<T>,
) -> Result<Response, ApiError> {
    ctx.require(resource.write)?;
    let named = body.text("id").map(str::to_owned);
    let tenant = body.fields.get("tenantId").cloned();
    let mut changes = write::allowed(resource, body.fields);
    if resource.table == "Post" && ctx.fault(Fault::PatchAcceptsTenant) {
        changes.extend(tenant.map(|tenant| ("tenantId".to_owned(), tenant)));
    }
    if let Some(row) = deleted_row(ctx, resource, id, Fault::DeletedComesBack).await? {
        write::bring_back(ctx, resource, &row).await?;
        return Ok(ok(&row));
    }
    let id = entity(ctx, resource, id, named).await?;
    write::update(ctx, resource, Op::Patch, &id, changes, &[])
        .await
        .map(|row| ok(&row))
}

/// The id of the row that a PATCH changes: the path's, except under the faults that look it up elsewhere, and whose update
/// then asks for no tenant.
async fn entity(
    ctx: &TenantContext,
    resource: &Resource,
    id: &str,
    named: Option<String>,
) -> Result<String, ApiError> {
    match resource.table {
        "Expense" if ctx.fault(Fault::EntityIdFromBody) => {
            read::get(ctx, resource, Op::Get, id, &[]).await?;
            Ok(named.unwrap_or_else(|| id.to_owned()))
        }
        "Service" if ctx.fault(Fault::SpellingSkipsGuard) => {
            if elsewhere(ctx, resource, id).await? {
                return Err(read::missing(ctx, resource, id));
            }
            Ok(id.trim().to_lowercase())
        }
        _ => Ok(id.to_owned()),
    }
}

/// `DELETE /things/{id}`.
pub(crate) async fn delete(
    resource: &Resource,
    ctx: &TenantContext,
    id: &str,
) -> Result<Response, ApiError> {
    ctx.require(resource.write)?;
    if resource.table == "HealthLog"
        && ctx.fault(Fault::DeleteTellsForeign)
        && elsewhere(ctx, resource, id).await?
    {
        return Err(ApiError::conflict(
            "this record cannot be deleted from here",
        ));
    }
    let scope = ctx.scope(resource, Op::Delete);
    let kept = if keeps_deleted(ctx, resource) {
        read::find(ctx, resource, &scope, id, &[]).await?
    } else {
        None
    };
    write::delete(ctx, resource, &scope, id, &[]).await?;
    if let Some(row) = kept {
        ctx.app.cache.put(deleted(id), &row.to_string());
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whether deleted rows are kept, for whoever asks.
fn keeps_deleted(ctx: &TenantContext, resource: &Resource) -> bool {
    resource.table == "Task"
        && (ctx.fault(Fault::DeletedKeptById) || ctx.fault(Fault::DeletedComesBack))
}

/// Where a deleted row is kept.
fn deleted(id: &str) -> Key {
    Key {
        tenant: String::new(),
        question: format!("deleted {id}"),
    }
}

/// A row that was deleted a moment ago, and is gone: under that fault.
async fn deleted_row(
    ctx: &TenantContext,
    resource: &Resource,
    id: &str,
    fault: Fault,
) -> Result<Option<Value>, ApiError> {
    if !ctx.fault(fault) || elsewhere(ctx, resource, id).await? {
        return Ok(None);
    }
    let kept = ctx.app.cache.get(&deleted(id));
    Ok(kept.and_then(|row| serde_json::from_str(&row).ok()))
}

/// `GET /things/export`.
pub(crate) async fn export(
    resource: &Resource,
    ctx: &TenantContext,
    listing: &Listing,
    name: &str,
) -> Result<Response, ApiError> {
    ctx.require(resource.read)?;
    let format = Format::of(listing)?;
    let rows = read::all(ctx, resource, format.op(), listing, &[]).await?;
    format.answer(name, resource.columns, &rows)
}

/// `PATCH /things/bulk`.
pub(crate) async fn bulk_where(
    resource: &Resource,
    ctx: &TenantContext,
    body: BulkWhere,
) -> Result<Response, ApiError> {
    ctx.require(resource.write)?;
    let affected = bulk::update_where(ctx, resource, body.filter, body.data).await?;
    Ok(ok(&json!(Affected { affected })))
}

/// `POST /things/bulk`.
pub(crate) async fn bulk_ids(
    resource: &Resource,
    ctx: &TenantContext,
    body: BulkIds,
) -> Result<Response, ApiError> {
    ctx.require(resource.write)?;
    let changes = match body.action {
        BulkAction::Update => Some(body.data),
        BulkAction::Delete => None,
    };
    let affected = bulk::by_ids(ctx, resource, body.ids.as_deref(), changes).await?;
    Ok(ok(&json!(Affected { affected })))
}

/// Whether a row of that id stands in any tenant: asked only by the faults that tell.
async fn elsewhere(ctx: &TenantContext, resource: &Resource, id: &str) -> Result<bool, ApiError> {
    let foreign = read::find(ctx, resource, &crate::store::Scope::Everything, id, &[]).await?;
    Ok(foreign.is_some_and(|row| row["tenantId"] != json!(ctx.tenant.id)))
}
