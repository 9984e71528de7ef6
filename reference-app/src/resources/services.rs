//! Services that a firm sells.
use super::{Json, Moment, entity, words};
use crate::{
    faults::Fault,
    store::{Op, Resource},
    tenancy::Role,
};

pub(crate) static SERVICES: Resource = Resource {
    table: "Service",
    columns: &[
        "id",
        "tenantId",
        "slug",
        "name",
        "description",
        "category",
        "price",
        "durationMinutes",
        "status",
        "featured",
        "tags",
        "settings",
        "createdAt",
        "updatedAt",
    ],
    writable: &[
        "slug",
        "name",
        "description",
        "category",
        "price",
        "durationMinutes",
        "status",
        "featured",
        "tags",
        "settings",
    ],
    searchable: &["name", "description"],
    sortable: &["name", "price", "status", "createdAt"],
    filters: &["status", "category", "slug"],
    slug_from: Some("name"),
    write: Role::Staff,
    slips: &[
        (Op::Get, Fault::GetIgnoresTenant),
        (Op::Patch, Fault::PatchIgnoresTenant),
        (Op::Patch, Fault::SpellingSkipsGuard),
        (Op::Patch, Fault::QueryReplacesPathId),
        (Op::Action, Fault::CloneReadsAnyService),
    ],
    ..Resource::BASE
};

words!(ServiceStatus {
    Draft,
    Active,
    Deprecated
});

entity! { ServiceRow, NewService, ServicePatch, id: String,
    required { name: String }
    optional {
        slug: String, description: String, category: String, price: f64, duration_minutes: i32, status: ServiceStatus,
        featured: bool, tags: Vec<String>, settings: Json,
    }
    answered { created_at: Moment, updated_at: Moment }
}
