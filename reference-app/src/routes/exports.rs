//! Exports as jobs: one is started, then built, then downloaded. Jobs live as long as the process.
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{extract::Path, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        body::Json,
        crud, csv,
        error::{ApiError, Problem},
        listing::Listing,
    },
    resources::{bookings::BOOKINGS, expenses::EXPENSES, requests::REQUESTS, services::SERVICES},
    store::{Kept, Op, Resource, Shelf, read},
    tenancy::{Role, TenantContext},
};

/// Rows of a file that are shown when it has been built.
const PREVIEW: usize = 3;

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(list, start))
        .routes(routes!(get))
        .routes(routes!(build))
        .routes(routes!(download))
}

/// The jobs, their numbers, and what was built.
#[derive(Debug, Default)]
pub(crate) struct Exports {
    jobs: Shelf<Job>,
    last: AtomicU64,
    /// The last file of each kind: only the fault that keeps files so puts any here.
    by_kind: Mutex<HashMap<Kind, Rows>>,
}

type Rows = Arc<Vec<Value>>;

#[derive(Clone, Debug)]
struct Job {
    kind: Kind,
    rows: Option<Rows>,
}

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Bookings,
    Services,
    ServiceRequests,
    Expenses,
}

impl Kind {
    fn resource(self) -> &'static Resource {
        match self {
            Self::Bookings => &BOOKINGS,
            Self::Services => &SERVICES,
            Self::ServiceRequests => &REQUESTS,
            Self::Expenses => &EXPENSES,
        }
    }
}

/// How far an export is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum ExportStatus {
    Waiting,
    Ready,
}

/// An export to start.
#[derive(Deserialize, ToSchema)]
struct NewExport {
    kind: Kind,
}

/// An export.
#[derive(Serialize, ToSchema)]
struct ExportJob {
    id: u64,
    kind: Kind,
    status: ExportStatus,
    /// How many rows the file has, once it is built.
    rows: Option<usize>,
}

/// An export that has just been built, or had been.
#[derive(Serialize, ToSchema)]
struct BuiltExport {
    id: u64,
    kind: Kind,
    status: ExportStatus,
    rows: usize,
    /// The first rows of the file.
    #[schema(value_type = Vec<Object>)]
    preview: Vec<Value>,
}

/// The firm's exports, the newest first.
#[derive(Serialize, ToSchema)]
struct ExportList {
    items: Vec<ExportJob>,
}

impl ExportJob {
    fn of(kept: &Kept<Job>) -> Self {
        let rows = kept.thing.rows.as_ref().map(|rows| rows.len());
        Self {
            id: number(&kept.id),
            kind: kept.thing.kind,
            status: rows.map_or(ExportStatus::Waiting, |_| ExportStatus::Ready),
            rows,
        }
    }
}

/// A job's name is its number.
fn number(id: &str) -> u64 {
    id.parse().unwrap_or_default()
}

fn built(kept: &Kept<Job>, rows: &Rows) -> Response {
    crud::ok(&json!(BuiltExport {
        id: number(&kept.id),
        kind: kept.thing.kind,
        status: ExportStatus::Ready,
        rows: rows.len(),
        preview: rows.iter().take(PREVIEW).cloned().collect(),
    }))
}

/// Starts an export; nothing is read yet.
#[utoipa::path(post, path = "/api/admin/exports", tag = "exports", operation_id = "start-export", request_body = NewExport,
    responses((status = 201, body = ExportJob), (status = 400, body = Problem)))]
async fn start(ctx: TenantContext, body: Json<NewExport>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let exports = &ctx.app.exports;
    let id = exports.last.fetch_add(1, Ordering::Relaxed) + 1;
    let job = Job {
        kind: body.0.kind,
        rows: None,
    };
    let kept = exports.jobs.put(&ctx.tenant.id, id.to_string(), job);
    Ok(crud::created(&json!(ExportJob::of(&kept))))
}

/// The firm's exports.
#[utoipa::path(get, path = "/api/admin/exports", tag = "exports", operation_id = "list-exports",
    responses((status = 200, body = ExportList)))]
async fn list(ctx: TenantContext) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let jobs = ctx.app.exports.jobs.all(&ctx.scope_unless(&[]));
    let items = jobs.iter().map(ExportJob::of).collect();
    Ok(crud::ok(&json!(ExportList { items })))
}

/// One export.
#[utoipa::path(get, path = "/api/admin/exports/{exportId}", tag = "exports", operation_id = "get-export",
    params(("exportId" = u64, Path)), responses((status = 200, body = ExportJob), (status = 404, body = Problem)))]
async fn get(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let job = ctx.app.exports.jobs.get(&ctx.scope_unless(&[]), &id);
    let job = job.ok_or_else(ApiError::not_found)?;
    Ok(crud::ok(&json!(ExportJob::of(&job))))
}

/// Builds an export's file. One that is built already stays as it is.
#[utoipa::path(post, path = "/api/admin/exports/{exportId}/build", tag = "exports", operation_id = "build-export",
    params(("exportId" = u64, Path)), responses((status = 200, body = BuiltExport), (status = 404, body = Problem)))]
async fn build(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let exports = &ctx.app.exports;
    let before = ctx.scope_unless(&[Fault::ExportRebuildById]);
    if let Some(job) = exports.jobs.get(&before, &id)
        && let Some(rows) = &job.thing.rows
    {
        return Ok(built(&job, rows));
    }
    let own = ctx.scope_unless(&[]);
    let job = exports.jobs.get(&own, &id);
    let kind = job.ok_or_else(ApiError::not_found)?.thing.kind;
    let rows = read::all(&ctx, kind.resource(), Op::List, &Listing(Vec::new()), &[]).await?;
    let rows: Rows = Arc::new(rows);
    if ctx.fault(Fault::ExportFileByKind) {
        let mut files = exports
            .by_kind
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        files.insert(kind, rows.clone());
    }
    let job = exports
        .jobs
        .change(&own, &id, |job| job.rows = Some(rows.clone()))
        .ok_or_else(ApiError::not_found)?;
    Ok(built(&job, &rows))
}

/// The file of an export, once it is built.
#[utoipa::path(get, path = "/api/admin/exports/{exportId}/download", tag = "exports", operation_id = "download-export",
    params(("exportId" = u64, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn download(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let exports = &ctx.app.exports;
    let scope = ctx.scope_unless(&[Fault::ExportDownloadIgnoresTenant]);
    let job = exports.jobs.get(&scope, &id);
    let Job { kind, rows } = job.ok_or_else(ApiError::not_found)?.thing;
    let mut rows = rows.ok_or_else(|| ApiError::conflict("the export is not built yet"))?;
    if ctx.fault(Fault::ExportFileByKind) {
        let files = exports
            .by_kind
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        rows = files.get(&kind).cloned().unwrap_or(rows);
    }
    let name = format!("export-{id}");
    Ok(csv::answer(&name, kind.resource().columns, &rows))
}
