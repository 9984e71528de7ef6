//! Everything about HTTP that is the same for every resource.
use axum::{Router, middleware};

use crate::{app::Shared, quirks::effects as quirky};

pub(crate) mod body;
pub(crate) mod cache;
pub(crate) mod crud;
pub(crate) mod csv;
pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod guard;
pub(crate) mod handlers;
pub(crate) mod kept;
pub(crate) mod limit;
pub(crate) mod listing;
pub(crate) mod nested;
pub(crate) mod openapi;
pub(crate) mod packed;
pub(crate) mod reroute;
pub(crate) mod spelling;
pub(crate) mod trace;
pub(crate) mod xlsx;

/// The whole application: routes below the guard, the guard below the request log.
pub(crate) fn router(routes: Router<Shared>, app: &Shared) -> Router {
    let routes = routes
        .fallback(error::unknown_route)
        .layer(middleware::from_fn_with_state(
            app.clone(),
            guard::refuse_spoofed_headers,
        ));
    let routes = if app.quirks.any() {
        routes.layer(middleware::from_fn_with_state(app.clone(), quirky::around))
    } else {
        routes
    };
    let routes = if app.kept.is_some() {
        routes.layer(middleware::from_fn_with_state(app.clone(), kept::around))
    } else {
        routes
    };
    let routes = routes
        .layer(middleware::from_fn(trace::log))
        .with_state(app.clone());
    if !reroute::wanted(app) {
        return routes;
    }
    // A layer of the router itself would come after the route has been chosen.
    let around = middleware::from_fn_with_state(app.clone(), reroute::around);
    Router::new().fallback_service(routes).layer(around)
}
