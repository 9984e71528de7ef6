//! The routes, one file a resource. Most lines are one macro from `http::crud`; what is special is a function.
use axum::{Json, Router, extract::State, response::Response};
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::Shared,
    http::{crud::json_text, openapi},
};

mod attachments;
pub(crate) mod auth;
pub(crate) mod batches;
pub(crate) mod bin;
mod bookings;
mod comments;
mod expenses;
pub(crate) mod exports;
pub(crate) mod imports;
mod invoices;
pub(crate) mod links;
mod people;
mod platform;
mod portal;
mod portal_exports;
mod posts;
mod quarantine;
mod records;
pub(crate) mod rollup;
mod service_requests;
mod services;
mod settings;
mod stats;
mod tasks;
pub(crate) mod tenant;

type Routes = OpenApiRouter<Shared>;

/// Every route, and the API document gathered from them.
pub(crate) fn all() -> (Router<Shared>, String) {
    let (routes, api) = OpenApiRouter::new()
        .routes(routes!(health))
        .merge(auth::routes())
        .merge(tenant::routes())
        .merge(platform::routes())
        .merge(services::routes())
        .merge(service_requests::routes())
        .merge(comments::routes())
        .merge(attachments::routes())
        .merge(bookings::routes())
        .merge(tasks::routes())
        .merge(people::routes())
        .merge(invoices::routes())
        .merge(expenses::routes())
        .merge(exports::routes())
        .merge(imports::routes())
        .merge(quarantine::routes())
        .merge(batches::routes())
        .merge(links::routes())
        .merge(bin::routes())
        .merge(records::routes())
        .merge(posts::routes())
        .merge(settings::routes())
        .merge(stats::routes())
        .merge(portal::routes())
        .merge(portal_exports::routes())
        .split_for_parts();
    let document = openapi::finish(api);
    (
        routes.route("/openapi.json", axum::routing::get(document_route)),
        document,
    )
}

/// Whether the application runs and reaches its database.
#[utoipa::path(get, path = "/health", tag = "system", security(()), responses((status = 200, body = Object)))]
async fn health(
    State(app): State<Shared>,
) -> Result<Json<serde_json::Value>, crate::http::error::ApiError> {
    sqlx::query("SELECT 1").execute(&app.pool).await?;
    Ok(Json(json!({ "status": "ok" })))
}

async fn document_route(State(app): State<Shared>) -> Response {
    json_text(app.openapi.clone())
}
