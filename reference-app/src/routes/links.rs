//! Links to service requests, for colleagues: made, opened up, followed by a short code. They live as long as the process.
use axum::{extract::Path, response::Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::Routes;
use crate::{
    faults::Fault,
    http::{
        body::Json,
        crud,
        error::{ApiError, Problem},
    },
    resources::requests::{COMMENTS, REQUESTS},
    store::{Kept, Scope, read, write},
    tenancy::{Role, TenantContext},
};

/// What a code is written in.
const LETTERS: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LENGTH: usize = 6;

pub(super) fn routes() -> Routes {
    OpenApiRouter::new()
        .routes(routes!(make))
        .routes(routes!(open_up))
        .routes(routes!(follow, retarget))
        .routes(routes!(comment))
}

/// A link: the request that it leads to, and that one's tenant.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    request: String,
    home: String,
    open: bool,
}

/// Where a link shall lead instead.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct LinkTarget {
    request_id: String,
}

/// A link.
#[derive(Serialize, ToSchema)]
struct LinkState {
    code: String,
    open: bool,
}

/// What a link shows.
#[derive(Serialize, ToSchema)]
struct LinkedRequest {
    code: String,
    title: String,
    description: Option<String>,
    status: String,
}

/// A comment to leave behind a link.
#[derive(Deserialize, Serialize, ToSchema)]
struct LinkComment {
    body: String,
}

/// A comment that was left.
#[derive(Serialize, ToSchema)]
struct LeftComment {
    code: String,
    body: String,
}

fn state(kept: Kept<Link>) -> Value {
    json!(LinkState {
        code: kept.id,
        open: kept.thing.open,
    })
}

/// A service request, and its tenant, as a link keeps them.
async fn target(ctx: &TenantContext, scope: &Scope, id: &str) -> Result<Link, ApiError> {
    let row = read::find(ctx, &REQUESTS, scope, id, &[]).await?;
    let row = row.ok_or_else(|| read::missing(ctx, &REQUESTS, id))?;
    Ok(Link {
        request: write::key_of(&row),
        home: row["tenantId"].as_str().unwrap_or_default().to_owned(),
        open: false,
    })
}

/// An open link of the scope.
fn opened(ctx: &TenantContext, scope: &Scope, code: &str) -> Result<Link, ApiError> {
    let link = ctx.app.links.get(scope, code);
    let link = link.ok_or_else(ApiError::not_found)?.thing;
    if link.open {
        Ok(link)
    } else {
        Err(ApiError::conflict("the link is not opened up yet"))
    }
}

/// A code that no link has.
fn fresh(ctx: &TenantContext) -> String {
    loop {
        let code: String = (0..LENGTH)
            .map(|_| char::from(LETTERS[usize::from(rand::random::<u16>()) % LETTERS.len()]))
            .collect();
        if ctx.app.links.get(&Scope::Everything, &code).is_none() {
            return code;
        }
    }
}

/// Makes a link to a request. It leads nowhere until it is opened up.
#[utoipa::path(post, path = "/api/admin/service-requests/{id}/link", tag = "links", operation_id = "make-link",
    params(("id" = String, Path)), responses((status = 201, body = LinkState), (status = 404, body = Problem)))]
async fn make(ctx: TenantContext, Path(id): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let link = target(&ctx, &ctx.scope_unless(&[]), &id).await?;
    let kept = ctx.app.links.put(&ctx.tenant.id, fresh(&ctx), link);
    Ok(crud::created(&state(kept)))
}

/// Opens a link up for the firm's members.
#[utoipa::path(post, path = "/api/admin/links/{code}/open-up", tag = "links", operation_id = "open-link",
    params(("code" = String, Path)), responses((status = 200, body = LinkState), (status = 404, body = Problem)))]
async fn open_up(ctx: TenantContext, Path(code): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let own = ctx.scope_unless(&[]);
    let link = ctx.app.links.change(&own, &code, |link| link.open = true);
    Ok(crud::ok(&state(link.ok_or_else(ApiError::not_found)?)))
}

/// Follows a link.
#[utoipa::path(get, path = "/api/admin/links/{code}", tag = "links", operation_id = "follow-link",
    params(("code" = String, Path)),
    responses((status = 200, body = LinkedRequest), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn follow(ctx: TenantContext, Path(code): Path<String>) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let scope = ctx.scope_unless(&[Fault::LinkIgnoresTenant]);
    let link = opened(&ctx, &scope, &code)?;
    let home = Scope::Tenant(link.home);
    let row = read::find(&ctx, &REQUESTS, &home, &link.request, &[]).await?;
    let row = row.ok_or_else(ApiError::not_found)?;
    let text = |column: &str| row[column].as_str().map(str::to_owned);
    Ok(crud::ok(&json!(LinkedRequest {
        code,
        title: text("title").unwrap_or_default(),
        description: text("description"),
        status: text("status").unwrap_or_default(),
    })))
}

/// Lets a link lead to another request.
#[utoipa::path(put, path = "/api/admin/links/{code}", tag = "links", operation_id = "retarget-link",
    params(("code" = String, Path)), request_body = LinkTarget,
    responses((status = 200, body = LinkState), (status = 404, body = Problem)))]
async fn retarget(
    ctx: TenantContext,
    Path(code): Path<String>,
    body: Json<LinkTarget>,
) -> Result<Response, ApiError> {
    ctx.require(Role::Staff)?;
    let own = ctx.scope_unless(&[]);
    if ctx.app.links.get(&own, &code).is_none() {
        return Err(ApiError::not_found());
    }
    // What the link keeps is believed by all who follow it.
    let scope = ctx.scope_unless(&[Fault::LinkRetargetIgnoresTenant]);
    let to = target(&ctx, &scope, &body.0.request_id).await?;
    let link = ctx.app.links.change(&own, &code, |link| {
        *link = Link {
            open: link.open,
            ..to
        };
    });
    Ok(crud::ok(&state(link.ok_or_else(ApiError::not_found)?)))
}

/// Comments on the request that an open link leads to.
#[utoipa::path(post, path = "/api/admin/links/{code}/comments", tag = "links", operation_id = "comment-behind-link",
    params(("code" = String, Path)), request_body = LinkComment,
    responses((status = 201, body = LeftComment), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn comment(
    ctx: TenantContext,
    Path(code): Path<String>,
    body: Json<LinkComment>,
) -> Result<Response, ApiError> {
    ctx.require(COMMENTS.write)?;
    let scope = ctx.scope_unless(&[Fault::LinkCommentIgnoresTenant]);
    let link = opened(&ctx, &scope, &code)?;
    let body = body.0.body;
    let fields = Map::from_iter([("body".to_owned(), json!(body))]);
    let own = Map::from_iter([
        ("tenantId".to_owned(), json!(link.home)),
        ("serviceRequestId".to_owned(), json!(link.request)),
        ("authorId".to_owned(), json!(ctx.author())),
    ]);
    write::create(&ctx, &COMMENTS, fields, own).await?;
    Ok(crud::created(&json!(LeftComment { code, body })))
}
