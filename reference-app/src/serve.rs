//! Start, serve, stop.
use std::{str::FromStr, sync::Arc, time::Duration};

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    Error, Settings,
    app::App,
    faults::Fault,
    http::{cache::Cache, kept::Kept, last::Last, limit::Limiter, router, spelling::Spelt},
    logging, pages,
    pages::state::LastState,
    routes::{self, exports::Exports, rollup::Rollup},
    schema,
    store::Shelf,
    tenancy::issued::Issued,
};

/// Serves until SIGTERM or SIGINT.
pub async fn serve(settings: Settings) -> Result<(), Error> {
    logging::init();
    settings.check()?;
    let (faults, quirks) = (settings.fault_set()?, settings.quirk_set()?);
    let key_pair = settings.key_pair()?;
    let options = PgConnectOptions::from_str(&settings.database_url)
        .map_err(|error| Error::DatabaseUrl("DATABASE_URL", error))?
        .statement_cache_capacity(512)
        .application_name("reference-app");
    if let Some(owner) = &settings.owner_database_url {
        schema::migrate(owner, &options, quirks).await?;
    }
    let pool = PgPoolOptions::new()
        .max_connections(10)
        .acquire_timeout(Duration::from_secs(10))
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    let (routes, openapi) = routes::all();
    let app = Arc::new(App {
        pool,
        faults,
        quirks,
        jwt_secret: settings.jwt_secret,
        key_pair,
        tenant_header: settings.tenant_header,
        cookie_secret: settings.tenant_cookie_secret,
        base_domain: settings.base_domain.to_ascii_lowercase(),
        port: settings.listen.port(),
        cache: Cache::default(),
        kept: settings.keep_answers.then(Kept::default),
        last: Last::default(),
        last_state: LastState::default(),
        limiter: Limiter::default(),
        issued: Issued::default(),
        exports: Exports::default(),
        imports: Shelf::default(),
        batches: Shelf::default(),
        links: Shelf::default(),
        bin: Shelf::default(),
        rollup: Rollup::default(),
        now: settings.now,
        openapi,
    });
    let listener = TcpListener::bind(settings.listen)
        .await
        .map_err(|error| Error::Listen(settings.listen, error))?;
    tracing::info!(listen = %settings.listen, faults = %faults, quirks = %quirks, "listening");
    let worker = crate::quirks::effects::start_worker(&app);
    let service = router(routes.merge(pages::routes(&app)), &app);
    let serving = async {
        if app.fault(Fault::CaseSkipsGuard) {
            axum::serve(Spelt(listener), service)
                .with_graceful_shutdown(stopped())
                .await
        } else {
            axum::serve(listener, service)
                .with_graceful_shutdown(stopped())
                .await
        }
    };
    let served = tokio::select! {
        served = serving => served,
        () = overdue() => Ok(()),
    };
    drop(worker);
    app.pool.close().await;
    tracing::info!("closed");
    served.map_err(|error| Error::Listen(settings.listen, error))
}

/// The API document, without starting anything.
pub fn openapi_json() -> String {
    routes::all().1
}

/// A client that never finishes its request must not keep us from stopping.
async fn overdue() {
    stopped().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
}

async fn stopped() {
    let (Ok(mut term), Ok(mut int)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = int.recv() => {}
    }
}
