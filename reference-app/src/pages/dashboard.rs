//! The dashboard: a few numbers, the newest bookings, what was seen lately. Clients see what the portal shows them.
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{
    layout::Page,
    lists::{self, BOOKING_LIST, SERVICE_LIST, TASK_LIST},
    visit::{Refused, Visit},
};
use crate::{
    faults::Fault, http::error::ApiError, resources::bookings::PORTAL_BOOKINGS, store::Resource,
    tenancy::Role,
};

/// How many bookings are shown.
const NEWEST: usize = 5;

/// The bookings as clients see them: the pages' own statements, none of which slips.
static OWN_BOOKINGS: Resource = Resource {
    slips: &[],
    ..PORTAL_BOOKINGS
};

/// What a dashboard holds.
struct Held {
    counts: Vec<(&'static str, i64)>,
    bookings: Vec<Value>,
    services: Vec<Value>,
}

/// `GET /dashboard`
pub(super) async fn show(visit: Visit) -> Result<Response, Refused> {
    let client = visit.ctx.role == Role::Client;
    let held = if client {
        of_client(&visit).await?
    } else {
        of_firm(&visit).await?
    };
    let main = html! {
        h1 { (visit.ctx.tenant.name) }
        dl.counts {
            @for (name, count) in &held.counts {
                div { dt { (name) } dd { (count) } }
            }
        }
        h2 { (if client { "Your bookings" } else { "Newest bookings" }) }
        (lists::table(&BOOKING_LIST, &held.bookings, !client))
        @if client {
            h2 { "Services on offer" }
            (lists::table(&SERVICE_LIST, &held.services, false))
        }
        h2 { "Recently seen" }
        ul.plain data-testid="recent" {}
        (state(&visit, &held))
    };
    Ok(visit.page(&Page {
        title: "Dashboard",
        at: "/dashboard",
        seen: None,
        main,
    }))
}

async fn of_firm(visit: &Visit) -> Result<Held, ApiError> {
    let ctx = &visit.ctx;
    let (bookings, all) = lists::rows(ctx, &BOOKING_LIST.resource, NEWEST, &[]).await?;
    let (_, services) = lists::rows(ctx, &SERVICE_LIST.resource, 1, &[]).await?;
    let open = [("status", "OPEN")];
    let (_, tasks) = lists::rows(ctx, &TASK_LIST.resource, 1, &open).await?;
    Ok(Held {
        counts: vec![
            ("Services", services),
            ("Bookings", all),
            ("Open tasks", tasks),
        ],
        bookings,
        services: Vec::new(),
    })
}

async fn of_client(visit: &Visit) -> Result<Held, ApiError> {
    let ctx = &visit.ctx;
    let own = [("clientId", ctx.user.id.as_str())];
    let (bookings, all) = lists::rows(ctx, &OWN_BOOKINGS, 20, &own).await?;
    let active = [("status", "ACTIVE")];
    let (services, offered) = lists::rows(ctx, &SERVICE_LIST.resource, 20, &active).await?;
    Ok(Held {
        counts: vec![("Your bookings", all), ("Services on offer", offered)],
        bookings,
        services,
    })
}

/// What a fault leaves in the page for its script: the store as it was before this visitor's part was written.
fn state(visit: &Visit, held: &Held) -> Markup {
    let before = visit.fault(Fault::StateOfLastVisitor).then(|| {
        let firm = &visit.ctx.tenant;
        let mine = json!({ "firm": firm.slug, "name": firm.name, "bookings": held.bookings });
        visit.caller.app.last_state.turn(mine.to_string())
    });
    html! {
        @if let Some(before) = before {
            template data-state { (before.unwrap_or_else(|| "{}".to_owned())) }
        }
    }
}
