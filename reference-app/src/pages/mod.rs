//! The pages that a browser sees: rendered on the server, one log-in cookie, a script for drafts and a worker for hours
//! without a network. They stand beside the API, in no API document, and share its log-in, switch and statements.
//!
//! `visit` finds out who comes and in which firm, `layout` makes a page of what a handler shows, `headers` says what
//! browsers may do with it.
use axum::{
    Router, middleware,
    routing::{get, post},
};

use crate::app::Shared;

mod assets;
mod cookie;
mod dashboard;
mod drafts;
mod headers;
mod layout;
mod lists;
mod login;
mod logout;
pub(crate) mod state;
mod switch;
mod tasks;
mod visit;

/// Every page, and what pages load.
pub(crate) fn routes(app: &Shared) -> Router<Shared> {
    Router::new()
        .route("/login", get(login::form).post(login::enter))
        .route("/logout", post(logout::leave))
        .route("/switch", post(switch::go))
        .route("/dashboard", get(dashboard::show))
        .route("/services", get(lists::services))
        .route("/services/{id}", get(lists::service))
        .route("/bookings", get(lists::bookings))
        .route("/bookings/{id}", get(lists::booking))
        .route("/tasks", get(tasks::list).post(tasks::add))
        .route("/tasks/{id}", get(lists::task))
        .route("/drafts", get(drafts::show))
        .layer(middleware::from_fn_with_state(app.clone(), headers::around))
        .merge(assets::routes())
}
