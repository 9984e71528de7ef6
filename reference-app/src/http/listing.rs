//! What a list is asked for: page, words, order, filters.
use axum::{
    extract::{FromRequestParts, Query},
    http::{Uri, request::Parts},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::ApiError;
use crate::{app::Shared, store::resource::Resource};

/// The parameters that every list takes. Filters by column stand in the API document of each list.
#[derive(Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "stands in the API document only")]
pub(crate) struct ListQuery {
    /// Page, from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Rows a page.
    #[param(minimum = 1, maximum = 100)]
    page_size: Option<i64>,
    /// The same as `pageSize`.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
    /// Rows to skip; wins over `page`.
    #[param(minimum = 0)]
    offset: Option<i64>,
    /// Words to search for.
    q: Option<String>,
}

/// The query of a request, as pairs.
pub(crate) struct Listing(pub(crate) Vec<(String, String)>);

impl FromRequestParts<Shared> for Listing {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        Self::of(&parts.uri)
    }
}

impl Listing {
    /// The query of an address.
    pub(crate) fn of(uri: &Uri) -> Result<Self, ApiError> {
        Query::try_from_uri(uri)
            .map(|Query(pairs)| Self(pairs))
            .map_err(|_| ApiError::bad_request("the query cannot be read"))
    }

    /// The first value of a parameter, unless it is empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Whether a parameter was given once, and not empty.
    pub(crate) fn single(&self, name: &str) -> bool {
        let given = self.0.iter().filter(|(key, _)| key == name);
        given.count() == 1 && self.get(name).is_some()
    }

    /// Whether what is searched for is too short for an index of three letters.
    pub(crate) fn has_short_words(&self) -> bool {
        self.get("q").is_some_and(|words| words.chars().count() < 3)
    }

    fn number(&self, name: &str, least: i64, most: i64) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        match text.parse::<i64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(Some(number)),
            _ => Err(ApiError::bad_request(format!(
                "{name} must be a number from {least} to {most}"
            ))),
        }
    }

    /// Whether a page of -1 rows is asked for, which some take for all of them.
    pub(crate) fn wants_all(&self) -> bool {
        let sizes = ["pageSize", "limit"].into_iter();
        sizes
            .filter_map(|name| self.get(name))
            .any(|size| size == "-1")
    }

    /// Rows a page, and rows to skip.
    pub(crate) fn window(&self, usual: i64) -> Result<(i64, i64), ApiError> {
        let size = match self.number("pageSize", 1, 100)? {
            Some(size) => size,
            None => self.number("limit", 1, 100)?.unwrap_or(usual),
        };
        let page = self.number("page", 1, 1_000_000)?.unwrap_or(1);
        let offset = self
            .number("offset", 0, 100_000_000)?
            .unwrap_or((page - 1) * size);
        Ok((size, offset))
    }

    /// The column to sort by and whether downwards: `sort=name`, `sort=-name`.
    pub(crate) fn sort(
        &self,
        resource: &Resource,
    ) -> Result<Option<(&'static str, bool)>, ApiError> {
        let Some(text) = self.get("sort") else {
            return Ok(None);
        };
        let (name, down) = text
            .strip_prefix('-')
            .map_or((text, false), |name| (name, true));
        let column = resource.sortable.iter().find(|column| **column == name);
        column
            .map(|column| Some((*column, down)))
            .ok_or_else(|| ApiError::bad_request("cannot sort by this"))
    }

    /// The filters by column that were given.
    pub(crate) fn filters<'a>(&'a self, resource: &Resource) -> Vec<(&'static str, &'a str)> {
        resource
            .filters
            .iter()
            .filter_map(|column| self.get(column).map(|value| (*column, value)))
            .collect()
    }
}
