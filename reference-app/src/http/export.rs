//! The forms in which rows leave as a file: CSV, a ZIP file with the CSV in it, a workbook.
use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{csv, error::ApiError, listing::Listing, packed, xlsx};
use crate::store::Op;

/// What an export takes beside the parameters of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "stands in the API document only")]
pub(crate) struct ExportQuery {
    /// The form of the file; CSV where it is not said.
    #[param(inline)]
    format: Option<Format>,
}

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Csv,
    Zip,
    Xlsx,
}

impl Format {
    /// The one that is asked for.
    pub(crate) fn of(listing: &Listing) -> Result<Self, ApiError> {
        match listing.get("format") {
            None | Some("csv") => Ok(Self::Csv),
            Some("zip") => Ok(Self::Zip),
            Some("xlsx") => Ok(Self::Xlsx),
            Some(_) => Err(ApiError::bad_request("a format is csv, zip or xlsx")),
        }
    }

    /// Each form has a query of its own.
    pub(crate) fn op(self) -> Op {
        match self {
            Self::Csv => Op::Export,
            Self::Zip => Op::ZipExport,
            Self::Xlsx => Op::XlsxExport,
        }
    }

    /// Rows as a file of that form.
    pub(crate) fn answer(
        self,
        name: &str,
        columns: &[&str],
        rows: &[Value],
    ) -> Result<Response, ApiError> {
        let (kind, ending, content) = match self {
            Self::Csv => return Ok(csv::answer(name, columns, rows)),
            Self::Zip => {
                let text = csv::text(columns, rows);
                let packed = packed::files(&[(&format!("{name}.csv"), &text)]);
                ("application/zip", "zip", packed)
            }
            Self::Xlsx => {
                let packed = xlsx::workbook(name, columns, rows);
                (xlsx::CONTENT_TYPE, "xlsx", packed)
            }
        };
        let content = content.map_err(|_| ApiError::internal("the file cannot be packed"))?;
        Ok(file(kind, &format!("{name}.{ending}"), content))
    }
}

/// A file to keep, as an answer.
pub(crate) fn file(kind: &str, name: &str, content: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
    ];
    (headers, content).into_response()
}
