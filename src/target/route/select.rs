//! Routes that patterns of the description select.

use crate::model::pattern::matches;
use crate::model::route::Route;
use crate::target::names::nearest;

use super::RouteError;

/// The routes that fit; none at all is an error that names the nearest.
pub(super) fn select<'a>(
    routes: &'a mut [Route],
    key: &str,
    pattern: &str,
) -> Result<Vec<&'a mut Route>, RouteError> {
    check(routes, key, pattern)?;
    Ok(routes
        .iter_mut()
        .filter(|r| matches(pattern, &r.id))
        .collect())
}

/// Makes sure that a pattern of the description (`key` says which) fits some route.
pub fn check(routes: &[Route], key: &str, pattern: &str) -> Result<(), RouteError> {
    if routes.iter().any(|r| matches(pattern, &r.id)) {
        return Ok(());
    }
    let with_method = !pattern.starts_with('/');
    let known = routes.iter().map(|r| {
        if with_method {
            r.id.0.as_str()
        } else {
            r.template.as_str()
        }
    });
    Err(RouteError::NoSuchRoute {
        key: key.to_owned(),
        pattern: pattern.to_owned(),
        nearest: nearest(pattern, known).map(str::to_owned),
    })
}
