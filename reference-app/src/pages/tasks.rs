//! The list of tasks, and the form that adds one to the firm that the form was made for.
use axum::{
    Form,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use maud::html;
use serde::Deserialize;
use serde_json::{Map, json};

use super::{
    lists::{self, TASK_LIST},
    visit::{Refused, Visit},
};
use crate::{faults::Fault, http::error::ApiError, store::write};

/// A task, and the firm whose page it was written on.
#[derive(Deserialize)]
pub(super) struct NewTask {
    title: String,
    firm: String,
}

/// `GET /tasks`
pub(super) async fn list(visit: Visit) -> Result<Response, Refused> {
    let form = html! {
        form.card.inline action="/tasks" method="post" {
            input type="hidden" name="firm" value=(visit.ctx.tenant.slug);
            label for="title" { "New task" }
            input #title name="title" required maxlength="200" autocomplete="off";
            button { "Add task" }
        }
    };
    lists::list(&visit, &TASK_LIST, &form).await
}

/// `POST /tasks`
pub(super) async fn add(visit: Visit, Form(new): Form<NewTask>) -> Result<Response, Refused> {
    visit.require_staff()?;
    if new.firm != visit.ctx.tenant.slug && !visit.fault(Fault::StaleFormWritesElsewhere) {
        let sentence = "You have switched to another firm in another tab. Nothing was written: open the page again.";
        return Ok(visit.refusal(StatusCode::CONFLICT, "Another firm by now", sentence));
    }
    let title = new.title.trim();
    if title.is_empty() {
        return Err(visit.shown(&ApiError::bad_request("a task needs a title")));
    }
    let fields = Map::from_iter([("title".to_owned(), json!(title))]);
    write::create(&visit.ctx, &TASK_LIST.resource, fields, Map::new()).await?;
    Ok(Redirect::to("/tasks").into_response())
}
