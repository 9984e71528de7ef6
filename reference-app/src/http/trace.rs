//! Request ids, and one JSON log line a request with request id, tenant and user.
use std::{
    sync::{Arc, OnceLock},
    time::Instant,
};

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use crate::{faults::Fault, tenancy::Caller};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Where the context notes who it found, for the log line.
#[derive(Clone, Default)]
pub(crate) struct Identity(Arc<OnceLock<(Option<String>, String)>>);

impl Identity {
    /// Notes the caller.
    pub(crate) fn set(&self, caller: &Caller) {
        let tenant = caller.tenant.as_ref().map(|tenant| tenant.id.clone());
        let tenant = tenant.filter(|_| !caller.app.fault(Fault::LogLacksTenant));
        // A second extractor of the same request finds the same caller.
        let _ = self.0.set((tenant, caller.user.id.clone()));
    }
}

/// Gives each request an id and logs it when it is answered.
pub(crate) async fn log(mut request: Request, next: Next) -> Response {
    let (id, started, identity) = (
        Uuid::new_v4().to_string(),
        Instant::now(),
        Identity::default(),
    );
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(identity.clone());
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let (tenant, user) = identity.0.get().map_or((None, None), |(tenant, user)| {
        (tenant.as_deref(), Some(user.as_str()))
    });
    let micros = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
    let status = response.status().as_u16();
    tracing::info!(requestId = id, tenantId = tenant, userId = user, %method, path, status, micros, "request");
    response
}
