//! Service requests, with their comments and attachments.
use super::{Day, Json, Moment, Priority, entity, words};
use crate::{
    faults::Fault,
    store::{Op, Reference, Resource},
    tenancy::Role,
};

pub(crate) static REQUESTS: Resource = Resource {
    table: "ServiceRequest",
    columns: &[
        "id",
        "tenantId",
        "serviceId",
        "userId",
        "assigneeId",
        "title",
        "description",
        "status",
        "priority",
        "budget",
        "dueDate",
        "metadata",
        "createdAt",
        "updatedAt",
    ],
    writable: &[
        "serviceId",
        "userId",
        "assigneeId",
        "title",
        "description",
        "status",
        "priority",
        "budget",
        "dueDate",
        "metadata",
    ],
    searchable: &["title", "description"],
    sortable: &["title", "status", "priority", "dueDate", "createdAt"],
    filters: &["status", "priority", "serviceId", "assigneeId"],
    references: &[
        Reference {
            column: "serviceId",
            table: "Service",
            slip: None,
        },
        Reference {
            column: "userId",
            table: "User",
            slip: None,
        },
        Reference {
            column: "assigneeId",
            table: "User",
            slip: Some((Op::Create, Fault::CreateTrustsAssignee)),
        },
    ],
    ..Resource::BASE
};

pub(crate) static COMMENTS: Resource = Resource {
    table: "Comment",
    columns: &[
        "id",
        "tenantId",
        "serviceRequestId",
        "authorId",
        "body",
        "visibility",
        "createdAt",
    ],
    writable: &["body", "visibility"],
    searchable: &["body"],
    filters: &["visibility"],
    read: Role::Client,
    write: Role::Client,
    slips: &[
        (Op::NestedList, Fault::CommentsByParentAlone),
        (Op::NestedCreate, Fault::CommentOnForeignParent),
        (Op::NestedDelete, Fault::NestedDeleteByIdAlone),
    ],
    ..Resource::BASE
};

pub(crate) static ATTACHMENTS: Resource = Resource {
    table: "Attachment",
    columns: &[
        "id",
        "tenantId",
        "serviceRequestId",
        "uploadedBy",
        "fileName",
        "contentType",
        "size",
        "storageKey",
        "createdAt",
    ],
    writable: &["fileName", "contentType"],
    searchable: &["fileName"],
    read: Role::Client,
    write: Role::Client,
    slips: &[
        (Op::NestedGet, Fault::AttachmentByIdAlone),
        (Op::Get, Fault::FileByKeyAlone),
    ],
    ..Resource::BASE
};

words!(RequestStatus {
    Draft,
    Submitted,
    Approved,
    InProgress,
    Completed,
    Cancelled
});
words!(Visibility { Internal, Client });

entity! { RequestRow, NewRequest, RequestPatch, id: String,
    required { title: String }
    optional {
        service_id: String, user_id: String, assignee_id: String, description: String, status: RequestStatus, priority: Priority,
        budget: f64, due_date: Day, metadata: Json,
    }
    answered { created_at: Moment, updated_at: Moment }
}

entity! { CommentRow, NewComment, CommentPatch, id: String,
    required { body: String }
    optional { visibility: Visibility }
    answered { service_request_id: String, author_id: String, created_at: Moment }
}

entity! { AttachmentRow, NewAttachment, AttachmentPatch, id: String,
    required { file_name: String }
    optional { content_type: String, content: String }
    answered { service_request_id: String, uploaded_by: String, size: i32, storage_key: String, created_at: Moment }
}
