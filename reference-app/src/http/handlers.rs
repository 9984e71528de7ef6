//! One line gives a resource a shared handler under its own path, with its own bodies, in the API document.

/// `list`: `GET /things`.
macro_rules! list {
    ($resource:ident, $row:ident, $tag:literal, $path:literal) => {
        #[utoipa::path(get, path = $path, tag = $tag, operation_id = concat!("list-", $tag), params($crate::http::listing::ListQuery),
            responses((status = 200, body = $crate::http::crud::Page<$row>)))]
        pub(crate) async fn list(
            ctx: $crate::tenancy::TenantContext,
            listing: $crate::http::listing::Listing,
        ) -> Result<axum::response::Response, $crate::http::error::ApiError> {
            $crate::http::crud::list(&$resource, &ctx, &listing).await
        }
    };
}

/// `create`: `POST /things`.
macro_rules! create {
    ($resource:ident, $row:ident, $new:ident, $tag:literal, $path:literal) => {
        #[utoipa::path(post, path = $path, tag = $tag, operation_id = concat!("create-", $tag), request_body = $new,
            responses((status = 201, body = $row), (status = 400, body = $crate::http::error::Problem)))]
        pub(crate) async fn create(
            ctx: $crate::tenancy::TenantContext,
            body: $crate::http::body::Body<$new>,
        ) -> Result<axum::response::Response, $crate::http::error::ApiError> {
            $crate::http::crud::create(&$resource, &ctx, body).await
        }
    };
}

/// `get`: `GET /things/{id}`.
macro_rules! get {
    ($resource:ident, $row:ident, $tag:literal, $path:literal) => {
        #[utoipa::path(get, path = $path, tag = $tag, operation_id = concat!("get-", $tag), params(("id" = String, Path)),
            responses((status = 200, body = $row), (status = 404, body = $crate::http::error::Problem)))]
        pub(crate) async fn get(
            ctx: $crate::tenancy::TenantContext,
            axum::extract::Path(id): axum::extract::Path<String>,
        ) -> Result<axum::response::Response, $crate::http::error::ApiError> {
            $crate::http::crud::get(&$resource, &ctx, &id).await
        }
    };
}

/// `patch`: `PATCH /things/{id}`.
macro_rules! patch {
    ($resource:ident, $row:ident, $patch:ident, $tag:literal, $path:literal) => {
        #[utoipa::path(patch, path = $path, tag = $tag, operation_id = concat!("patch-", $tag), params(("id" = String, Path)),
            request_body = $patch,
            responses((status = 200, body = $row), (status = 404, body = $crate::http::error::Problem)))]
        pub(crate) async fn patch(
            ctx: $crate::tenancy::TenantContext,
            axum::extract::Path(id): axum::extract::Path<String>,
            body: $crate::http::body::Body<$patch>,
        ) -> Result<axum::response::Response, $crate::http::error::ApiError> {
            $crate::http::crud::patch(&$resource, &ctx, &id, body).await
        }
    };
}

/// `delete`: `DELETE /things/{id}`.
macro_rules! delete {
    ($resource:ident, $tag:literal, $path:literal) => {
        #[utoipa::path(delete, path = $path, tag = $tag, operation_id = concat!("delete-", $tag), params(("id" = String, Path)),
            responses((status = 204), (status = 404, body = $crate::http::error::Problem)))]
        pub(crate) async fn delete(
            ctx: $crate::tenancy::TenantContext,
            axum::extract::Path(id): axum::extract::Path<String>,
        ) -> Result<axum::response::Response, $crate::http::error::ApiError> {
            $crate::http::crud::delete(&$resource, &ctx, &id).await
        }
    };
}

/// `export`: `GET /things/export`.
macro_rules! export {
    ($resource:ident, $tag:literal, $path:literal) => {
        #[utoipa::path(get, path = $path, tag = $tag, operation_id = concat!("export-", $tag),
                    params($crate::http::listing::ListQuery, $crate::http::export::ExportQuery),
                    responses((status = 200, content((String = "text/csv"), ("application/zip"),
                        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
                        (status = 400, body = $crate::http::error::Problem)))]
        pub(crate) async fn export(
            ctx: $crate::tenancy::TenantContext,
            listing: $crate::http::listing::Listing,
        ) -> Result<axum::response::Response, $crate::http::error::ApiError> {
            $crate::http::crud::export(&$resource, &ctx, &listing, $tag).await
        }
    };
}

/// `bulk_where` and `bulk_ids`: `PATCH` and `POST /things/bulk`.
macro_rules! bulk {
    ($resource:ident, $tag:literal, $path:literal) => {
        #[utoipa::path(patch, path = $path, tag = $tag, operation_id = concat!("bulk-update-", $tag),
            request_body = $crate::http::crud::BulkWhere,
            responses((status = 200, body = $crate::http::crud::Affected), (status = 400, body = $crate::http::error::Problem)))]
        pub(crate) async fn bulk_where(
            ctx: $crate::tenancy::TenantContext,
            body: $crate::http::body::Json<$crate::http::crud::BulkWhere>,
        ) -> Result<axum::response::Response, $crate::http::error::ApiError> {
            $crate::http::crud::bulk_where(&$resource, &ctx, body.0).await
        }

        #[utoipa::path(post, path = $path, tag = $tag, operation_id = concat!("bulk-", $tag),
            request_body = $crate::http::crud::BulkIds,
            responses((status = 200, body = $crate::http::crud::Affected), (status = 400, body = $crate::http::error::Problem)))]
        pub(crate) async fn bulk_ids(
            ctx: $crate::tenancy::TenantContext,
            body: $crate::http::body::Json<$crate::http::crud::BulkIds>,
        ) -> Result<axum::response::Response, $crate::http::error::ApiError> {
            $crate::http::crud::bulk_ids(&$resource, &ctx, body.0).await
        }
    };
}

pub(crate) use {bulk, create, delete, export, get, list, patch};
