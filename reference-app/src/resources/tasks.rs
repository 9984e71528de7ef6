//! Tasks of the staff.
use super::{Day, Moment, Priority, entity, words};
use crate::{
    faults::Fault,
    store::{Op, Reference, Resource},
};

pub(crate) static TASKS: Resource = Resource {
    table: "Task",
    columns: &[
        "id",
        "tenantId",
        "assigneeId",
        "serviceRequestId",
        "title",
        "description",
        "status",
        "priority",
        "dueDate",
        "watcherIds",
        "checklist",
        "createdAt",
        "updatedAt",
    ],
    writable: &[
        "assigneeId",
        "serviceRequestId",
        "title",
        "description",
        "status",
        "priority",
        "dueDate",
        "watcherIds",
        "checklist",
    ],
    searchable: &["title", "description"],
    sortable: &["title", "status", "priority", "dueDate", "createdAt"],
    filters: &["status", "priority", "assigneeId", "serviceRequestId"],
    references: &[
        Reference {
            column: "assigneeId",
            table: "User",
            slip: None,
        },
        Reference {
            column: "serviceRequestId",
            table: "ServiceRequest",
            slip: None,
        },
        Reference {
            column: "watcherIds",
            table: "User",
            slip: Some((Op::Create, Fault::WatchersUnchecked)),
        },
    ],
    slips: &[
        (Op::Count, Fault::CountIgnoresTenant),
        (Op::Delete, Fault::DeleteIgnoresTenant),
        (Op::BulkIds, Fault::BulkMixedIds),
    ],
    ..Resource::BASE
};

words!(TaskStatus {
    Open,
    InProgress,
    Done,
    Cancelled
});

/// One line of a task's checklist.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "checks the shape; the store takes the fields as they came"
)]
pub(crate) struct CheckItem {
    label: String,
    done: Option<bool>,
}

entity! { TaskRow, NewTask, TaskPatch, id: String,
    required { title: String }
    optional {
        assignee_id: String, service_request_id: String, description: String, status: TaskStatus, priority: Priority, due_date: Day,
        watcher_ids: Vec<String>, checklist: Vec<CheckItem>,
    }
    answered { created_at: Moment, updated_at: Moment }
}
