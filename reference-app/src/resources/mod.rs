//! The resources: for each one its table, its typed bodies, and where its team slipped.
use serde::Deserialize;
use utoipa::ToSchema;

use crate::store::Resource;

pub(crate) mod bookings;
pub(crate) mod expenses;
pub(crate) mod invoices;
pub(crate) mod posts;
pub(crate) mod quarantine;
pub(crate) mod records;
pub(crate) mod requests;
pub(crate) mod services;
pub(crate) mod settings;
pub(crate) mod tasks;
pub(crate) mod users;

/// The lists by path, for the API document.
pub(crate) static LISTED: &[(&str, &Resource)] = &[
    ("/api/admin/services", &services::SERVICES),
    ("/api/portal/services", &services::SERVICES),
    ("/api/admin/service-requests", &requests::REQUESTS),
    ("/api/portal/service-requests", &requests::REQUESTS),
    ("/api/admin/bookings", &bookings::BOOKINGS),
    ("/api/portal/bookings", &bookings::BOOKINGS),
    ("/api/admin/tasks", &tasks::TASKS),
    ("/api/admin/users", &users::USERS),
    ("/api/admin/invoices", &invoices::INVOICES),
    ("/api/admin/payments", &invoices::PAYMENTS),
    ("/api/admin/expenses", &expenses::EXPENSES),
    ("/api/admin/uploads/quarantine", &quarantine::QUARANTINE),
    ("/api/admin/compliance-records", &records::COMPLIANCE),
    ("/api/admin/health-logs", &records::HEALTH),
    ("/api/admin/audit-logs", &records::AUDIT),
    ("/api/admin/posts", &posts::POSTS),
];

/// A day: `2026-03-31`.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, format = Date)]
pub(crate) struct Day(#[expect(dead_code, reason = "Postgres reads it")] String);

/// A moment: `2026-03-31T09:30:00Z`.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = String, format = DateTime)]
pub(crate) struct Moment(#[expect(dead_code, reason = "Postgres reads it")] String);

/// Any JSON object.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = Object)]
pub(crate) struct Json(#[expect(dead_code, reason = "Postgres reads it")] serde_json::Value);

/// Declares a row as it is answered, the body that creates one, and the body that changes one.
macro_rules! entity {
    ($row:ident, $new:ident, $patch:ident, id: $id:ty,
     required { $($must:ident: $must_type:ty),* $(,)? }
     optional { $($may:ident: $may_type:ty),* $(,)? }
     answered { $($out:ident: $out_type:ty),* $(,)? }) => {
        #[derive(utoipa::ToSchema)]
        #[schema(rename_all = "camelCase")]
        #[expect(dead_code, reason = "stands in the API document only")]
        pub(crate) struct $row {
            id: $id,
            tenant_id: String,
            $($must: $must_type,)*
            $($may: Option<$may_type>,)*
            $($out: Option<$out_type>,)*
        }

        #[derive(serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "camelCase")]
        #[expect(dead_code, reason = "checks the shape; the store takes the fields as they came")]
        pub(crate) struct $new {
            $($must: $must_type,)*
            $($may: Option<$may_type>,)*
        }

        #[derive(serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "camelCase")]
        #[expect(dead_code, reason = "checks the shape; the store takes the fields as they came")]
        pub(crate) struct $patch {
            $($must: Option<$must_type>,)*
            $($may: Option<$may_type>,)*
        }
    };
}

/// Declares the words of an enum column.
macro_rules! words {
    ($name:ident { $($word:ident),* $(,)? }) => {
        #[derive(serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub(crate) enum $name { $($word),* }
    };
}

pub(crate) use {entity, words};

words!(Priority {
    Low,
    Medium,
    High,
    Urgent
});
words!(Currency { Eur, Usd, Gbp });
