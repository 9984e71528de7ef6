//! Who visits, and in which firm: the session's, which on a subdomain must be the host's.
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::Value;

use super::{cookie, layout};
use crate::{
    app::{App, Shared},
    faults::Fault,
    http::{error::ApiError, trace::Identity},
    routes::tenant,
    tenancy::{
        Caller, Role, TenantContext,
        host::{self, Addressed},
        session::{self, Tenant},
        token::Claims,
    },
};

/// Somebody who is logged in, in the firm whose pages they see.
pub(super) struct Visit {
    pub(super) caller: Caller,
    pub(super) ctx: TenantContext,
    /// The slugs of the visitor's firms.
    pub(super) firms: Vec<String>,
}

/// Why there is no page of a firm.
#[derive(Debug)]
pub(super) enum Refused {
    /// Nobody is logged in.
    LogIn,
    /// The session's firm has an address of its own.
    Elsewhere(String),
    /// A page of the visitor's firm says why.
    Shown(Box<Response>),
    /// Anything else.
    Problem(ApiError),
}

impl Visit {
    /// Whether a fault is switched on.
    pub(super) fn fault(&self, fault: Fault) -> bool {
        self.caller.app.fault(fault)
    }

    /// Refuses clients: theirs is the dashboard alone.
    pub(super) fn require_staff(&self) -> Result<(), Refused> {
        self.ctx
            .require(Role::Staff)
            .map_err(|error| self.shown(&error))
    }

    /// A refusal as a page of the visitor's firm.
    pub(super) fn shown(&self, error: &ApiError) -> Refused {
        let page = self.refusal(error.status, title(error.status), sentence(error));
        Refused::Shown(Box::new(page))
    }
}

impl FromRequestParts<Shared> for Visit {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Refused> {
        let headers = &parts.headers;
        let slug = match host::of(app, headers, &parts.uri) {
            Addressed::Slug(slug) => Some(slug),
            Addressed::Apex => None,
            Addressed::Unknown => return Err(ApiError::unknown_tenant().into()),
        };
        let claims = cookie::read(app, headers).ok_or(Refused::LogIn)?;
        let live = session::load(app, &claims, slug.as_deref())
            .await?
            .ok_or(Refused::LogIn)?;
        // People without a firm, and those whose membership has ended, have no pages.
        let (Some(firm), Some(role)) = (active(app, &claims, live.firm), live.role) else {
            return Err(Refused::LogIn);
        };
        let own = Tenant::by_id(&app.pool, &firm)
            .await?
            .filter(|own| own.active)
            .ok_or(Refused::LogIn)?;
        let tenant = match (slug, live.tenant) {
            (None, _) => own,
            (Some(_), None) => return Err(ApiError::unknown_tenant().into()),
            (Some(_), Some(host)) if host.id == own.id => own,
            (Some(_), Some(host)) if app.fault(Fault::MismatchNotRedirected) => host,
            (Some(_), Some(_)) => {
                return Err(Refused::Elsewhere(address(app, headers, &own.slug)));
            }
        };
        let caller = Caller {
            app: app.clone(),
            user: live.user,
            session: claims.sid,
            role,
            tenant: Some(tenant.clone()),
            everywhere: false,
        };
        if let Some(identity) = parts.extensions.get::<Identity>() {
            identity.set(&caller);
        }
        let ctx = TenantContext {
            app: app.clone(),
            user: caller.user.clone(),
            role,
            tenant,
            unfiltered: false,
        };
        let firms = slugs(tenant::firms(&caller).await?.as_ref());
        Ok(Self { caller, ctx, firms })
    }
}

/// The session's firm: that of the membership which it rests on.
fn active(app: &App, claims: &Claims, firm: Option<String>) -> Option<String> {
    if firm.is_some() && app.fault(Fault::SwitcherTrustsForm) {
        claims.tenant_id.clone()
    } else {
        firm
    }
}

fn slugs(firms: Option<&Value>) -> Vec<String> {
    let items = firms.and_then(|firms| firms["items"].as_array());
    let slugs = items.into_iter().flatten().map(|firm| &firm["slug"]);
    slugs.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The address of a firm's dashboard on its subdomain, with the port that this request came by.
pub(super) fn address(app: &App, headers: &HeaderMap, slug: &str) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let port = host
        .and_then(|host| host.rsplit_once(':'))
        .map(|(_, port)| port)
        .filter(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    format!("http://{slug}.{}{port}/dashboard", app.base_domain)
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let error = match self {
            Self::LogIn => return Redirect::to("/login").into_response(),
            Self::Elsewhere(address) => return Redirect::to(&address).into_response(),
            Self::Shown(page) => return *page,
            Self::Problem(error) => error,
        };
        layout::notice(error.status, title(error.status), sentence(&error))
    }
}

fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::FORBIDDEN => "Not allowed",
        status if status.is_client_error() => "That did not work",
        _ => "Something went wrong",
    }
}

fn sentence(error: &ApiError) -> &str {
    error.body["error"].as_str().unwrap_or_default()
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self::Problem(error)
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        Self::Problem(error.into())
    }
}
