//! The people of a firm. Password hashes never leave the table.
use super::{Moment, entity};
use crate::{
    faults::Fault,
    store::{Op, Resource},
    tenancy::Role,
};

pub(crate) static USERS: Resource = Resource {
    table: "User",
    columns: &[
        "id",
        "tenantId",
        "email",
        "name",
        "role",
        "status",
        "phone",
        "department",
        "mustResetPassword",
        "createdAt",
        "updatedAt",
    ],
    writable: &["name", "phone", "department"],
    searchable: &["name", "email", "department"],
    sortable: &["name", "email", "role", "createdAt"],
    filters: &["role", "department", "email"],
    read: Role::Staff,
    write: Role::Admin,
    slips: &[
        (Op::Delete, Fault::UserDeleteIgnoresTenant),
        (Op::Action, Fault::ResetFlagIgnoresTenant),
    ],
    ..Resource::BASE
};

/// Memberships are changed by their own id.
pub(crate) static TEAM: Resource = Resource {
    table: "TenantMembership",
    columns: &["id", "tenantId", "userId", "role", "createdAt", "endedAt"],
    writable: &["role"],
    write: Role::Admin,
    slips: &[(Op::Patch, Fault::MembershipByIdAlone)],
    ..Resource::BASE
};

entity! { UserRow, UserFields, UserPatch, id: String,
    required { name: String }
    optional { phone: String, department: String }
    answered { role: Role, email: String, status: String, must_reset_password: bool, created_at: Moment, updated_at: Moment }
}

/// A new user, with a first password.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewUser {
    pub(crate) email: String,
    pub(crate) name: String,
    /// At least eight characters.
    #[schema(min_length = 8)]
    pub(crate) password: String,
    pub(crate) role: Option<Role>,
    pub(crate) phone: Option<String>,
    pub(crate) department: Option<String>,
}

entity! { MembershipRow, MembershipFields, MembershipPatch, id: String,
    required { role: Role }
    optional { user_id: String }
    answered { created_at: Moment, ended_at: Moment }
}
