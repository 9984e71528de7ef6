//! The switcher: the API's switch, with the cookie in place of the answer.
use axum::{
    Form,
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::{
    cookie,
    visit::{Refused, Visit, address},
};
use crate::{
    app::App,
    faults::Fault,
    routes::{auth::Entered, tenant},
    tenancy::host::{self, Addressed},
};

/// Where to go.
#[derive(Deserialize)]
pub(super) struct Firm {
    firm: String,
}

/// `POST /switch`
pub(super) async fn go(
    visit: Visit,
    headers: HeaderMap,
    uri: Uri,
    Form(to): Form<Firm>,
) -> Result<Response, Refused> {
    let app = &visit.caller.app;
    let anywhere = app.fault(Fault::SwitcherTrustsForm);
    let entered = tenant::go_to(&visit.caller, &to.firm, anywhere)
        .await
        .map_err(|error| visit.shown(&error))?;
    if app.fault(Fault::ActiveFirmPerUser) {
        take_along(app, &entered).await?;
    }
    let next = match host::of(app, &headers, &uri) {
        Addressed::Apex => "/dashboard".to_owned(),
        _ => address(app, &headers, &to.firm),
    };
    let line = cookie::set(app, &entered.token(app)?);
    Ok(([(header::SET_COOKIE, line)], Redirect::to(&next)).into_response())
}

/// What a fault does: every device of this person goes to the firm that one of them has switched to.
async fn take_along(app: &App, entered: &Entered) -> Result<(), sqlx::Error> {
    let sql = r#"UPDATE "Session" SET "membershipId" = (SELECT "membershipId" FROM "Session" WHERE "id" = $1)
                 WHERE "userId" = $2 AND "revokedAt" IS NULL"#;
    sqlx::query(sql)
        .bind(&entered.session)
        .bind(&entered.user)
        .execute(&app.pool)
        .await?;
    Ok(())
}
