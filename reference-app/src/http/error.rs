//! What a refused or failed request is answered: one JSON shape, no details of the database.
use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The body of every refusal.
#[derive(Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What is wrong.
    error: String,
}

/// A refusal or failure.
#[derive(Debug)]
pub(crate) struct ApiError {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl ApiError {
    /// Any status with a sentence.
    pub(crate) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self {
            status,
            body: json!({ "error": sentence.into() }),
        }
    }

    /// 400.
    pub(crate) fn bad_request(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, sentence)
    }

    /// 401, always the same.
    pub(crate) fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "log in first")
    }

    /// 403.
    pub(crate) fn forbidden(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, sentence)
    }

    /// 404, the same for what is missing and what is another tenant's.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not found")
    }

    /// 404 for a subdomain that is nobody's.
    pub(crate) fn unknown_tenant() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no such firm")
    }

    /// 409.
    pub(crate) fn conflict(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, sentence)
    }

    /// 500.
    pub(crate) fn internal(sentence: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, sentence)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(
                header::WWW_AUTHENTICATE,
                header::HeaderValue::from_static("Bearer"),
            );
        }
        response
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        let code = error
            .as_database_error()
            .and_then(|error| error.code().map(std::borrow::Cow::into_owned));
        match code.as_deref() {
            Some("23505") => Self::conflict("there is such a record already"),
            Some("23503") => Self::bad_request("a record that is referred to is not there"),
            Some("23502") => Self::bad_request("a required field is missing"),
            Some(code) if code.starts_with("22") || code == "23514" || code == "42804" => {
                Self::bad_request("a value is not valid")
            }
            _ => {
                tracing::error!(%error, "database");
                Self::internal("something went wrong")
            }
        }
    }
}

/// The answer to a path that is nobody's.
pub(crate) async fn unknown_route() -> ApiError {
    ApiError::not_found()
}
