//! Lists and details: services, bookings, tasks. What each shows is a table of columns.
use axum::{extract::Path, http::StatusCode, response::Response};
use maud::{Markup, html};
use serde_json::Value;

use super::{
    layout::Page,
    visit::{Refused, Visit},
};
use crate::{
    http::{error::ApiError, listing::Listing},
    resources::{bookings::BOOKINGS, services::SERVICES, tasks::TASKS},
    store::{Op, Resource, read},
    tenancy::TenantContext,
};

/// A heading, and the column below it.
type Column = (&'static str, &'static str);

/// What the pages of a resource show.
pub(super) struct List {
    /// The resource: the pages' own statements, none of which slips.
    pub(super) resource: Resource,
    path: &'static str,
    title: &'static str,
    /// What a row is called.
    name: Column,
    /// The columns of the list, after the name.
    columns: &'static [Column],
    /// The columns of the details.
    details: &'static [Column],
}

pub(super) static SERVICE_LIST: List = List {
    resource: Resource {
        slips: &[],
        ..SERVICES
    },
    path: "/services",
    title: "Services",
    name: ("Name", "name"),
    columns: &[
        ("Description", "description"),
        ("Category", "category"),
        ("Price", "price"),
        ("Status", "status"),
    ],
    details: &[
        ("Description", "description"),
        ("Category", "category"),
        ("Price", "price"),
        ("Minutes", "durationMinutes"),
        ("Status", "status"),
        ("Short name", "slug"),
        ("Tags", "tags"),
        ("Made", "createdAt"),
        ("Changed", "updatedAt"),
    ],
};

pub(super) static BOOKING_LIST: List = List {
    resource: Resource {
        slips: &[],
        ..BOOKINGS
    },
    path: "/bookings",
    title: "Bookings",
    name: ("Client", "clientName"),
    columns: &[
        ("E-mail", "clientEmail"),
        ("When", "scheduledAt"),
        ("Status", "status"),
        ("Notes", "notes"),
    ],
    details: &[
        ("E-mail", "clientEmail"),
        ("Phone", "clientPhone"),
        ("When", "scheduledAt"),
        ("Minutes", "durationMinutes"),
        ("Amount", "amount"),
        ("Status", "status"),
        ("Notes", "notes"),
        ("Cancelled because", "cancelReason"),
        ("Made", "createdAt"),
    ],
};

pub(super) static TASK_LIST: List = List {
    resource: Resource {
        slips: &[],
        ..TASKS
    },
    path: "/tasks",
    title: "Tasks",
    name: ("Title", "title"),
    columns: &[
        ("Description", "description"),
        ("Status", "status"),
        ("Priority", "priority"),
        ("Due", "dueDate"),
    ],
    details: &[
        ("Description", "description"),
        ("Status", "status"),
        ("Priority", "priority"),
        ("Due", "dueDate"),
        ("Made", "createdAt"),
        ("Changed", "updatedAt"),
    ],
};

/// `GET /services`
pub(super) async fn services(visit: Visit) -> Result<Response, Refused> {
    list(&visit, &SERVICE_LIST, &html! {}).await
}

/// `GET /services/{id}`
pub(super) async fn service(visit: Visit, Path(id): Path<String>) -> Result<Response, Refused> {
    detail(&visit, &SERVICE_LIST, &id).await
}

/// `GET /bookings`
pub(super) async fn bookings(visit: Visit) -> Result<Response, Refused> {
    list(&visit, &BOOKING_LIST, &html! {}).await
}

/// `GET /bookings/{id}`
pub(super) async fn booking(visit: Visit, Path(id): Path<String>) -> Result<Response, Refused> {
    detail(&visit, &BOOKING_LIST, &id).await
}

/// `GET /tasks/{id}`
pub(super) async fn task(visit: Visit, Path(id): Path<String>) -> Result<Response, Refused> {
    detail(&visit, &TASK_LIST, &id).await
}

/// The first rows of a resource, below what else the page holds.
pub(super) async fn list(visit: &Visit, list: &List, above: &Markup) -> Result<Response, Refused> {
    visit.require_staff()?;
    let (rows, total) = rows(&visit.ctx, &list.resource, 20, &[]).await?;
    let main = html! {
        h1 { (list.title) }
        (above)
        p.hint { "The newest " (rows.len()) " of " (total) "." }
        (table(list, &rows, true))
    };
    Ok(visit.page(&Page {
        title: list.title,
        at: list.path,
        seen: None,
        main,
    }))
}

async fn detail(visit: &Visit, list: &List, id: &str) -> Result<Response, Refused> {
    visit.require_staff()?;
    let resource = &list.resource;
    let scope = visit.ctx.scope(resource, Op::Get);
    let Some(row) = read::find(&visit.ctx, resource, &scope, id, &[]).await? else {
        let sentence = "There is nothing of that name here.";
        return Ok(visit.refusal(StatusCode::NOT_FOUND, "Not found", sentence));
    };
    let name = text(&row[list.name.1]);
    let main = html! {
        p.crumb { a href=(list.path) { (list.title) } }
        h1 { (name) }
        dl.card {
            @for (heading, column) in list.details {
                dt { (heading) }
                dd { (cell(column, &row[*column])) }
            }
        }
    };
    Ok(visit.page(&Page {
        title: &name,
        at: list.path,
        seen: Some(&name),
        main,
    }))
}

/// The newest rows of a resource, and how many there are.
pub(super) async fn rows(
    ctx: &TenantContext,
    resource: &Resource,
    most: usize,
    fixed: read::Fixed<'_>,
) -> Result<(Vec<Value>, i64), ApiError> {
    let listing = Listing(vec![("pageSize".to_owned(), most.to_string())]);
    let text = read::page(ctx, resource, Op::List, &listing, fixed).await?;
    let page: Value = serde_json::from_str(&text).unwrap_or_default();
    let rows = page["items"].as_array().cloned().unwrap_or_default();
    Ok((rows, page["total"].as_i64().unwrap_or_default()))
}

/// Rows as a table; with links to the details of each where there are any.
pub(super) fn table(list: &List, rows: &[Value], linked: bool) -> Markup {
    html! {
        @if rows.is_empty() {
            p.empty { "There is nothing here yet." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(list.title) {
                table {
                    thead {
                        tr {
                            th scope="col" { (list.name.0) }
                            @for (heading, _) in list.columns { th scope="col" { (heading) } }
                        }
                    }
                    tbody {
                        @for row in rows {
                            tr {
                                th scope="row" {
                                    @if linked {
                                        a href=(format!("{}/{}", list.path, row["id"].as_str().unwrap_or_default())) {
                                            (text(&row[list.name.1]))
                                        }
                                    } @else {
                                        (text(&row[list.name.1]))
                                    }
                                }
                                @for (_, column) in list.columns {
                                    td { (cell(column, &row[*column])) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// States stand out, and money has cents.
fn cell(column: &str, value: &Value) -> Markup {
    html! {
        @match (column, value.as_str(), value.as_f64()) {
            ("status" | "priority", Some(word), _) => {
                span.badge { (word.to_lowercase().replace('_', " ")) }
            }
            ("price" | "amount", _, Some(sum)) => (format!("{sum:.2}")),
            _ => (text(value)),
        }
    }
}

/// A value as people read it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => moment(text).unwrap_or_else(|| text.clone()),
        Value::Array(all) if all.is_empty() => "–".to_owned(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// `2026-03-31T09:30:00…` to the minute.
fn moment(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() > 16
        && [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')]
            .iter()
            .all(|(at, byte)| bytes[*at] == *byte)
        && bytes[..4].iter().all(u8::is_ascii_digit);
    shaped.then(|| text.get(..16).map(|text| text.replace('T', " ")))?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_shown_as_people_read_them() {
        for (value, shown) in [
            (json!(null), "–"),
            (json!("2026-03-31T09:30:00+00:00"), "2026-03-31 09:30"),
            (json!("2026: a year"), "2026: a year"),
            (json!(12.5), "12.5"),
            (json!(["a", "b"]), "a, b"),
            (json!([]), "–"),
        ] {
            assert_eq!(text(&value), shown);
        }
    }
}
