//! The frame around what a handler shows: who, where, the way to the other pages, the switcher and the way out.
use axum::{
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, Markup, html};

use super::{headers, visit::Visit};
use crate::tenancy::Role;

const PAGES: &[(&str, &str)] = &[
    ("/dashboard", "Dashboard"),
    ("/services", "Services"),
    ("/bookings", "Bookings"),
    ("/tasks", "Tasks"),
    ("/drafts", "Drafts"),
];

/// One page of a firm.
pub(super) struct Page<'a> {
    pub(super) title: &'a str,
    /// The entry of the navigation that it belongs to.
    pub(super) at: &'a str,
    /// What it leaves among the recently seen titles.
    pub(super) seen: Option<&'a str>,
    pub(super) main: Markup,
}

impl Visit {
    /// A page of the visitor's firm.
    pub(super) fn page(&self, page: &Page<'_>) -> Response {
        let firm = &self.ctx.tenant;
        let mut response = html! {
            (DOCTYPE)
            html lang="en" data-firm=(firm.slug) data-seen=[page.seen] {
                (head(&format!("{} · {}", page.title, firm.name)))
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header.bar {
                        p.brand {
                            a href="/dashboard" { (firm.name) }
                            " "
                            span.slug data-testid="tenant-slug" { (firm.slug) }
                        }
                        (self.navigation(page.at))
                        div.who {
                            (self.switcher())
                            form action="/logout" method="post" { button.quiet { "Log out" } }
                        }
                    }
                    main #main { (page.main) }
                }
            }
        }
        .into_response();
        if let Ok(slug) = HeaderValue::from_str(&firm.slug) {
            response.headers_mut().insert(headers::FIRM, slug);
        }
        response
    }

    /// A page of the visitor's firm that says what did not work.
    pub(super) fn refusal(&self, status: StatusCode, title: &str, sentence: &str) -> Response {
        let main = html! {
            h1 { (title) }
            p.alert role="alert" { (sentence) }
            p { a href="/dashboard" { "To the dashboard" } }
        };
        let page = Page {
            title,
            at: "",
            seen: None,
            main,
        };
        (status, self.page(&page)).into_response()
    }

    fn navigation(&self, at: &str) -> Markup {
        let pages = PAGES
            .iter()
            .filter(|(path, _)| self.ctx.role >= Role::Staff || *path == "/dashboard");
        html! {
            nav aria-label="Pages" {
                ul {
                    @for (path, name) in pages {
                        li { a href=(path) aria-current=[(*path == at).then_some("page")] { (name) } }
                    }
                }
            }
        }
    }

    /// The switcher, for people of several firms.
    fn switcher(&self) -> Markup {
        let here = &self.ctx.tenant.slug;
        html! {
            @if self.firms.len() > 1 {
                form.switcher action="/switch" method="post" {
                    select aria-label="Firm to work in" name="firm" {
                        @for firm in &self.firms {
                            option value=(firm) selected[firm == here] { (firm) }
                        }
                    }
                    button.quiet { "Switch" }
                }
            }
        }
    }
}

/// A page of nobody's. `ended` tells the script that a session has ended here.
pub(super) fn bare(title: &str, ended: bool, main: &Markup) -> Response {
    html! {
        (DOCTYPE)
        html lang="en" data-ended[ended] {
            (head(title))
            body.bare { main #main { (main) } }
        }
    }
    .into_response()
}

/// A page of nobody's that says what did not work. The dashboard leads on to the log-in.
pub(super) fn notice(status: StatusCode, title: &str, sentence: &str) -> Response {
    let main = html! {
        h1 { (title) }
        p.alert role="alert" { (sentence) }
        p { a href="/dashboard" { "To the dashboard" } }
    };
    (status, bare(title, false, &main)).into_response()
}

fn head(title: &str) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
            link rel="stylesheet" href="/assets/app.css";
            script src="/assets/app.js" defer {}
        }
    }
}
