//! Typed JSON bodies that keep what the client really sent.
use std::marker::PhantomData;

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::ApiError;
use crate::app::Shared;

/// A body that was read as `T`; the fields stay as they came, so that `null` and absent differ.
pub(crate) struct Body<T> {
    pub(crate) fields: Map<String, Value>,
    shape: PhantomData<T>,
}

impl<T> Body<T> {
    /// A text field.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }
}

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|_| ApiError::bad_request("the body cannot be read"))?;
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|_| ApiError::bad_request("the body is not JSON"))?;
        // serde names the field that is wrong; its value comes from the caller.
        T::deserialize(&value)
            .map_err(|error| ApiError::bad_request(format!("the body is not valid: {error}")))?;
        match value {
            Value::Object(fields) => Ok(Self {
                fields,
                shape: PhantomData,
            }),
            _ => Err(ApiError::bad_request("the body is not an object")),
        }
    }
}

/// A typed JSON body, refused with our error shape.
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, ApiError> {
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|_| ApiError::bad_request("the body cannot be read"))?;
        let value = serde_json::from_slice(&bytes)
            .map_err(|error| ApiError::bad_request(format!("the body is not valid: {error}")))?;
        Ok(Self(value))
    }
}
