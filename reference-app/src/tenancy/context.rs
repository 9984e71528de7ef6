//! The tenant context: nobody reaches a handler of a tenant without one.
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};

use super::{
    Role,
    cookie::{self, Cookies},
    host::{self, Addressed},
    session::{self, Tenant, User},
    token::{self, Claims},
};
use crate::{
    app::Shared,
    faults::Fault,
    http::{error::ApiError, reroute::Seen, spelling::OTHERWISE, trace::Identity},
    quirks::effects as quirky,
};

/// Somebody who is logged in, in a tenant or in none.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) app: Shared,
    pub(crate) user: User,
    pub(crate) session: String,
    pub(crate) role: Role,
    pub(crate) tenant: Option<Tenant>,
    /// Set only by the faults that take something for 'no filter'.
    pub(crate) everywhere: bool,
}

/// Somebody who is logged in and acts in a tenant.
#[derive(Clone, Debug)]
pub(crate) struct TenantContext {
    pub(crate) app: Shared,
    pub(crate) user: User,
    pub(crate) role: Role,
    pub(crate) tenant: Tenant,
    /// Set only by the faults that take 'no tenant', or something else, for 'no filter'.
    pub(crate) unfiltered: bool,
}

impl TenantContext {
    /// Refuses callers below a role.
    pub(crate) fn require(&self, role: Role) -> Result<(), ApiError> {
        if self.role >= role {
            Ok(())
        } else {
            Err(ApiError::forbidden("your role does not allow this"))
        }
    }

    /// Whether a fault is switched on.
    pub(crate) fn fault(&self, fault: Fault) -> bool {
        self.app.fault(fault)
    }

    /// The caller as a value of a plain foreign key.
    pub(crate) fn author(&self) -> Option<&str> {
        (!self.user.id.is_empty()).then_some(self.user.id.as_str())
    }

    /// The caller as a value of a compound foreign key: only people at home have one.
    pub(crate) fn user_at_home(&self) -> Option<&str> {
        (self.user.home.as_deref() == Some(self.tenant.id.as_str()))
            .then_some(self.user.id.as_str())
    }
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let caller = authenticate(parts, app).await?;
        if let Some(identity) = parts.extensions.get::<Identity>() {
            identity.set(&caller);
        }
        Ok(caller)
    }
}

impl FromRequestParts<Shared> for TenantContext {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let Caller {
            app,
            user,
            role,
            tenant,
            everywhere,
            ..
        } = caller;
        match tenant {
            Some(tenant) if tenant.active || app.fault(Fault::SuspensionAtLoginAlone) => Ok(Self {
                app,
                user,
                role,
                tenant,
                unfiltered: everywhere,
            }),
            Some(_) => Err(ApiError::forbidden("this firm is suspended")),
            None if everywhere || app.fault(Fault::NoTenantMeansAll) => {
                let tenant = Tenant {
                    id: String::new(),
                    slug: String::new(),
                    name: String::new(),
                    active: true,
                };
                Ok(Self {
                    app,
                    user,
                    role,
                    tenant,
                    unfiltered: true,
                })
            }
            None => Err(ApiError::forbidden(
                "no tenant: call a firm's own subdomain",
            )),
        }
    }
}

async fn authenticate(parts: &Parts, app: &Shared) -> Result<Caller, ApiError> {
    app.last.turn();
    let headers = &parts.headers;
    let cookies =
        cookie::all(app, headers).map_err(|()| ApiError::forbidden("invalid tenant cookie"))?;
    let host = host::raw(headers, &parts.uri);
    let slug = match host::of(app, headers, &parts.uri) {
        Addressed::Slug(slug) => Some(slug),
        Addressed::Apex => None,
        Addressed::Unknown => return Err(ApiError::unknown_tenant()),
    };
    let seen = parts.extensions.get::<Seen>();
    let skipped =
        app.fault(Fault::SubrequestSkipsGuard) && headers.contains_key("x-middleware-subrequest");
    let claims = token::bearer(app, headers).map_err(|()| ApiError::unauthorized())?;
    let Some(mut claims) = claims else {
        let by_cookie = app.fault(Fault::CookieIsLogIn) && cookies.believed.is_some();
        return if skipped || by_cookie || matches!(seen, Some(Seen::FrontPage)) {
            assume_guarded(app, slug.as_deref()).await
        } else {
            Err(ApiError::unauthorized())
        };
    };
    if app.fault(Fault::CookieIsLogIn) && cookies.believed.is_some() {
        return Err(ApiError::forbidden("invalid tenant cookie"));
    }
    quirky::touch_session(app, &claims.sid).await;
    let live = session::load(app, &claims, slug.as_deref())
        .await?
        .ok_or_else(ApiError::unauthorized)?;
    let nowhere = live.tenant.is_none() && means_all(app, slug.as_deref());
    if slug.is_some() && live.tenant.is_none() && !nowhere {
        return Err(ApiError::unknown_tenant());
    }
    if app.fault(Fault::ClaimNotCompared) {
        claims.tenant_id.clone_from(&live.firm);
    }
    for cookie in &cookies.verified {
        let same = agrees(app, claims.tenant_id.as_deref(), cookie.tenant.as_deref());
        if (cookie.user != claims.sub || !same) && !app.fault(Fault::CookieOfAnyUser) {
            return Err(ApiError::forbidden(
                "the tenant cookie belongs to another session",
            ));
        }
    }
    // A session in a tenant rests on a membership that must still hold.
    let role = match (&claims.tenant_id, live.role) {
        (Some(_), None) => return Err(ApiError::forbidden("your membership has ended")),
        (Some(_), Some(role)) => role,
        (None, _) => live.user.own_role,
    };
    let exact = app.fault(Fault::ExactHostBelieved)
        && claims.tenant_id.is_some()
        && claims.tenant_id == live.firm
        && host::is_exact(app, headers);
    if !skipped
        && !exact
        && !matches!(seen, Some(Seen::NoHost))
        && !nowhere
        && host::guarded(app, &host, claims.tenant_slug.as_deref())
        && !belongs(app, &claims, live.tenant.as_ref())
        && !vouched(&cookies, live.tenant.as_ref())
    {
        quirky::refused_foreigner(app, live.tenant.as_ref()).await;
        return Err(ApiError::forbidden("the token belongs to another tenant"));
    }
    let tenant = believed(app, headers, live.tenant).await?;
    let user = match headers.get("x-user-id").and_then(|id| id.to_str().ok()) {
        Some(id) if app.fault(Fault::UserHeaderTrusted) => User::by_id(&app.pool, id)
            .await?
            .ok_or_else(ApiError::unauthorized)?,
        _ => live.user,
    };
    Ok(Caller {
        app: app.clone(),
        user,
        session: claims.sid,
        role,
        tenant,
        everywhere: nowhere
            || claims.operator
            || matches!(seen, Some(Seen::NoRow))
            || (app.fault(Fault::InternalMeansAll) && headers.contains_key("x-internal-request")),
    })
}

/// Whether an address that is no tenant's is taken for all of them: a slug that is nobody's, or the header left out that
/// names one.
fn means_all(app: &Shared, slug: Option<&str>) -> bool {
    match slug {
        Some(_) => app.fault(Fault::UnknownHostMeansAll),
        None => app.tenant_header.is_some() && app.fault(Fault::LeftOutHeaderMeansAll),
    }
}

/// Whether the token's tenant is the other one.
fn agrees(app: &Shared, mine: Option<&str>, other: Option<&str>) -> bool {
    mine == other || (mine == Some("") && app.fault(Fault::EmptyClaimMatchesAny))
}

/// The guard: the token's tenant must be the host's.
fn belongs(app: &Shared, claims: &Claims, addressed: Option<&Tenant>) -> bool {
    match (&claims.tenant_id, addressed) {
        (Some(mine), Some(tenant)) => agrees(app, Some(mine), Some(&tenant.id)),
        (None, None) => true,
        (None, Some(_)) => app.fault(Fault::NullTenantSkipsGuard),
        (Some(_), None) => false,
    }
}

/// Whether a cookie that is believed before the token says the host's tenant.
fn vouched(cookies: &Cookies, addressed: Option<&Tenant>) -> bool {
    let says = cookies
        .believed
        .as_ref()
        .and_then(|cookie| cookie.tenant.as_ref());
    says.is_some() && says == addressed.map(|tenant| &tenant.id)
}

/// The tenant that the context takes: the host's, whatever headers say.
async fn believed(
    app: &Shared,
    headers: &HeaderMap,
    addressed: Option<Tenant>,
) -> Result<Option<Tenant>, ApiError> {
    let last = |name: &str| {
        headers
            .get_all(name)
            .iter()
            .next_back()
            .and_then(|value| value.to_str().ok())
    };
    let mut id = None;
    if app.fault(Fault::TenantHeaderTrusted) || app.fault(Fault::TenantHeaderTwiceTrusted) {
        id = id.or_else(|| last("x-tenant-id"));
    }
    if app.fault(Fault::CaseSkipsGuard) {
        id = id.or_else(|| last(OTHERWISE));
    }
    if app.fault(Fault::QuotedHeaderTrusted) {
        id = id.or_else(|| last("x-tenant-id").map(|id| id.trim_matches('"')));
    }
    if app.fault(Fault::OrgHeaderTrusted) {
        id = id.or_else(|| last("x-org-id"));
    }
    if let Some(id) = id {
        return Tenant::by_id(&app.pool, id)
            .await?
            .ok_or_else(ApiError::unknown_tenant)
            .map(Some);
    }
    let mut named = None;
    if app.fault(Fault::SlugHeaderTrusted) {
        named = last("x-tenant-slug").map(str::to_owned);
    }
    if app.fault(Fault::ForwardedHostTrusted)
        && let Some(forwarded) = last("x-forwarded-host")
        && let Addressed::Slug(slug) =
            host::addressed(app, forwarded.split(':').next().unwrap_or_default())
    {
        named = Some(slug);
    }
    if let Some(slug) = named {
        return Tenant::by_slug(&app.pool, &slug)
            .await?
            .ok_or_else(ApiError::unknown_tenant)
            .map(Some);
    }
    Ok(addressed)
}

/// What handlers assume when they believe that the guard has run: an administrator of the host's tenant.
async fn assume_guarded(app: &Shared, slug: Option<&str>) -> Result<Caller, ApiError> {
    let tenant = match slug {
        Some(slug) => Tenant::by_slug(&app.pool, slug).await?,
        None => None,
    };
    let user = User {
        id: String::new(),
        email: String::new(),
        name: String::new(),
        home: None,
        own_role: Role::Admin,
        operator: false,
    };
    Ok(Caller {
        app: app.clone(),
        user,
        session: String::new(),
        role: Role::Admin,
        tenant,
        everywhere: false,
    })
}
