//! Answers kept until somebody writes, as a cache in front of an application keeps them: whoever changes the database behind
//! its back does not show.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, header, response::Parts},
    middleware::Next,
    response::Response,
};

use crate::app::Shared;

/// The answers, by who asked where for what.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<String, (Parts, Bytes)>>);

/// Answers a read as it was answered before; anything else than a read ends that.
pub(crate) async fn around(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let Some(Kept(kept)) = &app.kept else {
        return next.run(request).await;
    };
    if request.method() != Method::GET {
        let response = next.run(request).await;
        kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
        return response;
    }
    let key = key(&request);
    let known = kept
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&key)
        .cloned();
    if let Some((parts, body)) = known {
        return Response::from_parts(parts, Body::from(body));
    }
    let (parts, body) = next.run(request).await.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    if parts.status.is_success() {
        kept.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, (parts.clone(), body.clone()));
    }
    Response::from_parts(parts, Body::from(body))
}

/// All that an answer depends on.
fn key(request: &Request) -> String {
    let headers: &HeaderMap = request.headers();
    let mut said: Vec<String> = headers
        .iter()
        .filter(|(name, _)| *name != header::CONTENT_LENGTH)
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    said.sort();
    format!("{}\n{}", request.uri(), said.join("\n"))
}
