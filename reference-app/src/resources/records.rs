//! Records that a firm must keep: compliance, health, audit.
use super::{Day, Json, Moment, entity, words};
use crate::{
    faults::Fault,
    store::{Op, Reference, Resource},
    tenancy::Role,
};

pub(crate) static COMPLIANCE: Resource = Resource {
    table: "ComplianceRecord",
    columns: &[
        "id",
        "tenantId",
        "userId",
        "kind",
        "status",
        "dueOn",
        "notes",
        "evidence",
        "createdAt",
        "updatedAt",
    ],
    writable: &["userId", "kind", "status", "dueOn", "notes", "evidence"],
    searchable: &["kind", "notes"],
    sortable: &["kind", "status", "dueOn", "createdAt"],
    filters: &["status", "kind", "userId"],
    references: &[Reference {
        column: "userId",
        table: "User",
        slip: None,
    }],
    slips: &[(Op::ZipExport, Fault::ZipExportIgnoresTenant)],
    ..Resource::BASE
};

pub(crate) static HEALTH: Resource = Resource {
    table: "HealthLog",
    numeric_id: true,
    columns: &[
        "id",
        "tenantId",
        "userId",
        "service",
        "level",
        "message",
        "payload",
        "createdAt",
    ],
    writable: &["userId", "service", "level", "message", "payload"],
    searchable: &["service", "message"],
    sortable: &["id", "level", "createdAt"],
    filters: &["level", "service"],
    references: &[Reference {
        column: "userId",
        table: "User",
        slip: None,
    }],
    ..Resource::BASE
};

pub(crate) static AUDIT: Resource = Resource {
    table: "AuditLog",
    columns: &[
        "id",
        "tenantId",
        "userId",
        "actorId",
        "action",
        "entity",
        "entityId",
        "detail",
        "createdAt",
    ],
    searchable: &["action", "entity"],
    filters: &["action", "entity", "actorId"],
    read: Role::Admin,
    ..Resource::BASE
};

words!(ComplianceStatus {
    Open,
    Filed,
    Overdue
});
words!(HealthLevel { Info, Warn, Error });

entity! { ComplianceRow, NewCompliance, CompliancePatch, id: String,
    required { kind: String }
    optional { user_id: String, status: ComplianceStatus, due_on: Day, notes: String, evidence: Json }
    answered { created_at: Moment, updated_at: Moment }
}

entity! { HealthRow, NewHealth, HealthPatch, id: i32,
    required { service: String, message: String }
    optional { user_id: String, level: HealthLevel, payload: Json }
    answered { created_at: Moment }
}

entity! { AuditRow, AuditFields, AuditPatch, id: String,
    required { action: String, entity: String }
    optional { user_id: String, actor_id: String, entity_id: String, detail: Json }
    answered { created_at: Moment }
}
