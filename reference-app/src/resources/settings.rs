//! The five settings tables: one row a tenant, and one without a tenant that holds the defaults.
use super::{Json, Moment, entity};
use crate::{
    faults::Fault,
    store::{Op, Resource},
    tenancy::Role,
};

const BASE: Resource = Resource {
    write: Role::Admin,
    ..Resource::BASE
};

pub(crate) static ORGANIZATION: Resource = Resource {
    table: "OrganizationSettings",
    columns: &[
        "id",
        "tenantId",
        "displayName",
        "legalName",
        "contactEmail",
        "timezone",
        "locale",
        "branding",
        "updatedAt",
    ],
    writable: &[
        "displayName",
        "legalName",
        "contactEmail",
        "timezone",
        "locale",
        "branding",
    ],
    ..BASE
};
pub(crate) static BOOKING: Resource = Resource {
    table: "BookingSettings",
    columns: &[
        "id",
        "tenantId",
        "minNoticeHours",
        "maxPerDay",
        "weekdays",
        "autoConfirm",
        "confirmation",
        "updatedAt",
    ],
    writable: &[
        "minNoticeHours",
        "maxPerDay",
        "weekdays",
        "autoConfirm",
        "confirmation",
    ],
    ..BASE
};
pub(crate) static INTEGRATION: Resource = Resource {
    table: "IntegrationSettings",
    columns: &[
        "id",
        "tenantId",
        "provider",
        "webhookUrl",
        "apiKeyHint",
        "enabled",
        "config",
        "updatedAt",
    ],
    writable: &["provider", "webhookUrl", "apiKeyHint", "enabled", "config"],
    slips: &[(Op::Patch, Fault::IntegrationByIdAlone)],
    ..BASE
};
pub(crate) static SECURITY: Resource = Resource {
    table: "SecuritySettings",
    columns: &[
        "id",
        "tenantId",
        "passwordMinLength",
        "sessionMinutes",
        "mfaRequired",
        "allowedIps",
        "contact",
        "updatedAt",
    ],
    writable: &[
        "passwordMinLength",
        "sessionMinutes",
        "mfaRequired",
        "allowedIps",
        "contact",
    ],
    ..BASE
};
pub(crate) static COMMUNICATION: Resource = Resource {
    table: "CommunicationSettings",
    columns: &[
        "id",
        "tenantId",
        "senderName",
        "senderEmail",
        "smsEnabled",
        "footer",
        "templates",
        "updatedAt",
    ],
    writable: &[
        "senderName",
        "senderEmail",
        "smsEnabled",
        "footer",
        "templates",
    ],
    ..BASE
};

entity! { OrganizationRow, OrganizationFields, OrganizationPatch, id: String,
    required {}
    optional { display_name: String, legal_name: String, contact_email: String, timezone: String, locale: LocaleWord, branding: Json }
    answered { updated_at: Moment }
}
entity! { BookingSettingsRow, BookingSettingsFields, BookingSettingsPatch, id: String,
    required {}
    optional { min_notice_hours: i32, max_per_day: i32, weekdays: Vec<i32>, auto_confirm: bool, confirmation: String }
    answered { updated_at: Moment }
}
entity! { IntegrationRow, IntegrationFields, IntegrationPatch, id: String,
    required {}
    optional { provider: String, webhook_url: String, api_key_hint: String, enabled: bool, config: Json }
    answered { updated_at: Moment }
}
entity! { SecurityRow, SecurityFields, SecurityPatch, id: String,
    required {}
    optional { password_min_length: i32, session_minutes: i32, mfa_required: bool, allowed_ips: Vec<String>, contact: String }
    answered { updated_at: Moment }
}
entity! { CommunicationRow, CommunicationFields, CommunicationPatch, id: String,
    required {}
    optional { sender_name: String, sender_email: String, sms_enabled: bool, footer: String, templates: Json }
    answered { updated_at: Moment }
}

/// Languages of the portal.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LocaleWord {
    En,
    Ar,
    Hi,
}
