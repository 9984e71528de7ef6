//! Every attack, the simplest first: the first that crosses names the finding.
//!
//! Families in the order of how little they need: nothing foreign, an id, a field of a body, many rows, another address, a
//! header, a forged token. A handler that asks nobody falls to all of them, and is to be named by the id that it took.

use super::{Attack, assign, bulk, header, host, id, plain, token};

/// Every attack.
pub static ATTACKS: &[&dyn Attack] = &[
    &plain::call::PlainCall,
    &plain::page::Page,
    &plain::variant::Variant,
    &plain::look_up::LookUp,
    &plain::after_owner::AfterOwner,
    &id::path::Path,
    &id::nested_child::NestedChild,
    &id::nested_parent::NestedParent,
    &id::query::Query,
    &id::body::Body,
    &id::nested_both::NestedBoth,
    &id::list::List,
    &id::twice::Twice,
    &id::head::Head,
    &id::spelling::Spelling,
    &id::conditional::Conditional,
    &id::after_owner::AfterOwner,
    &id::neighbour::Neighbour,
    &id::idempotency_key::IdempotencyKey,
    &assign::reference::Reference,
    &assign::tenant::Tenant,
    &assign::id::Id,
    &assign::owner::Owner,
    &assign::role::Role,
    &assign::unique::Unique,
    &bulk::mixed_ids::MixedIds,
    &bulk::no_filter::NoFilter,
    &bulk::empty_list::EmptyList,
    &bulk::status_only::StatusOnly,
    &bulk::reassign::Reassign,
    &bulk::upsert::Upsert,
    &bulk::import::Import,
    &host::other_tenant::OtherTenant,
    &host::shape::Shape,
    &host::left_out::LeftOut,
    &host::apex::Apex,
    &host::unknown::Unknown,
    &header::tenant::TenantHeader,
    &header::tenant_alias::TenantAlias,
    &header::tenant_twice::TenantTwice,
    &header::tenant_case::TenantCase,
    &header::tenant_padded::TenantPadded,
    &header::user::UserHeader,
    &header::forwarded_host::ForwardedHost,
    &header::internal::Internal,
    &header::original_url::OriginalUrl,
    &header::method_override::MethodOverride,
    &header::middleware_subrequest::MiddlewareSubrequest,
    &token::tampered_payload::TamperedPayload,
    &token::alg_none::AlgNone,
    &token::empty_signature::EmptySignature,
    &token::weak_secret::WeakSecret,
    &token::public_key::PublicKey,
    &token::role::Role,
    &token::claim_type::ClaimType,
    &token::claim_twice::ClaimTwice,
    &token::claim_mismatch::ClaimMismatch,
    &token::expired::Expired,
    &token::not_yet_valid::NotYetValid,
    &token::wrong_issuer::WrongIssuer,
    &token::wrong_audience::WrongAudience,
];

/// The attack of that id.
pub fn find(id: &str) -> Option<&'static dyn Attack> {
    ATTACKS.iter().find(|attack| attack.id() == id).copied()
}
