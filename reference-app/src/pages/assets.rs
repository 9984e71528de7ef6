//! What pages load: one stylesheet, one script, the worker, the icon.
use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    app::{App, Shared},
    faults::Fault,
};

const STYLE: &str = include_str!("assets/app.css");
const SCRIPT: &str = include_str!("assets/app.js");
const WORKER: &str = include_str!("assets/worker.js");
const ICON: &str = include_str!("assets/icon.svg");
/// The line of a script that faults fill in.
const SLIPS: &str = "const slips = [];";
/// The faults that are made in a script.
const SCRIPTED: &[(Fault, &str)] = &[
    (Fault::DraftsKeyLacksFirm, "drafts-key-lacks-firm"),
    (Fault::DraftsStayAfterLogout, "drafts-stay-after-logout"),
    (Fault::WorkerCachesByPath, "worker-caches-by-path"),
    (
        Fault::WorkerCacheStaysAfterLogout,
        "worker-cache-stays-after-logout",
    ),
    (Fault::PagesMayBeStored, "pages-may-be-stored"),
    (Fault::RecentOnParentDomain, "recent-on-parent-domain"),
];

/// The files, by their addresses.
pub(super) fn routes() -> Router<Shared> {
    const JS: &str = "text/javascript; charset=utf-8";
    Router::new()
        .route(
            "/assets/app.css",
            get(async || file("text/css; charset=utf-8", STYLE)),
        )
        .route(
            "/assets/icon.svg",
            get(async || file("image/svg+xml", ICON)),
        )
        .route(
            "/assets/app.js",
            get(async |State(app): State<Shared>| file(JS, script(&app, SCRIPT))),
        )
        .route(
            "/worker.js",
            get(async |State(app): State<Shared>| file(JS, script(&app, WORKER))),
        )
}

fn file(kind: &'static str, text: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

/// A script as it is, or with the names of the faults that it must make and that are on.
fn script(app: &App, text: &str) -> String {
    let on = SCRIPTED
        .iter()
        .filter(|(fault, name)| app.fault(*fault) && text.contains(name));
    let names: Vec<_> = on.map(|(_, name)| format!("{name:?}")).collect();
    text.replacen(SLIPS, &format!("const slips = [{}];", names.join(", ")), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_scripted_stands_in_a_script_and_in_the_table() {
        assert!(SCRIPT.contains(SLIPS) && WORKER.contains(SLIPS));
        for (fault, name) in SCRIPTED {
            assert_eq!(Fault::from_name(name), Some(*fault));
            assert!(SCRIPT.contains(name) || WORKER.contains(name), "{name}");
        }
    }
}
