//! Drafts: they stay in the browser, and are there without a network, too.
use axum::response::Response;
use maud::html;

use super::{
    layout::Page,
    visit::{Refused, Visit},
};

/// `GET /drafts`
pub(super) async fn show(visit: Visit) -> Result<Response, Refused> {
    visit.require_staff()?;
    let main = html! {
        h1 { "Drafts" }
        p.hint { "Drafts are kept in this browser alone, a list for each firm, until you log out." }
        form.card #draft-form {
            label for="draft" { "Draft" }
            textarea #draft rows="4" required {}
            button { "Keep draft" }
        }
        h2 { "Kept" }
        ul.plain data-testid="drafts" {}
    };
    Ok(visit.page(&Page {
        title: "Drafts",
        at: "/drafts",
        seen: None,
        main,
    }))
}
