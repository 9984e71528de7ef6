//! Reads: pages, single rows, whole sets.
use serde_json::Value;

use super::{Op, Resource, Scope, Sql};
use crate::{
    faults::Fault,
    http::{error::ApiError, listing::Listing},
    quirks::Quirk,
    quirks::effects as quirky,
    tenancy::TenantContext,
};

/// Rows a page, where the caller does not say.
const USUAL_PAGE: i64 = 20;

/// Columns that a route sets itself, beyond what the caller asks for.
pub(crate) type Fixed<'a> = &'a [(&'a str, &'a str)];

/// A page as JSON text: `{items, total, page, pageSize}`.
pub(crate) async fn page(
    ctx: &TenantContext,
    resource: &Resource,
    op: Op,
    listing: &Listing,
    fixed: Fixed<'_>,
) -> Result<String, ApiError> {
    let short = ctx.app.quirk(Quirk::RandomPages);
    let usual = if short {
        quirky::SHORT_PAGE
    } else {
        USUAL_PAGE
    };
    let everything = resource.table == "Expense" && ctx.fault(Fault::AllMeansAllTenants);
    let (size, offset) = if everything && listing.wants_all() {
        (10_000, 0)
    } else {
        listing.window(usual)?
    };
    let rows = if op == Op::List && offset > 0 {
        Op::LaterPage
    } else {
        op
    };
    let counted = if op == Op::List { Op::Count } else { op };
    let mut sql =
        Sql::new("SELECT json_build_object('items', coalesce((SELECT json_agg(r) FROM (SELECT ");
    sql.add(&resource.row())
        .add(" AS r FROM ")
        .name(resource.table)
        .add(" WHERE ");
    matching(
        ctx,
        resource,
        &scoped(ctx, resource, rows, listing),
        listing,
        fixed,
        &mut sql,
    );
    order(ctx, resource, listing, &mut sql)?;
    sql.add(&format!(
        " LIMIT {size} OFFSET {offset}) page), '[]'::json), 'total', (SELECT count(*) FROM "
    ))
    .name(resource.table)
    .add(" WHERE ");
    matching(
        ctx,
        resource,
        &scoped(ctx, resource, counted, listing),
        listing,
        fixed,
        &mut sql,
    );
    sql.add(&format!(
        "), 'page', {}, 'pageSize', {size})::text",
        offset / size + 1
    ));
    quirky::searched(ctx, listing).await;
    sql.text(&ctx.app.pool)
        .await?
        .ok_or_else(|| ApiError::internal("no page"))
}

/// All rows that a listing matches, up to a bound.
pub(crate) async fn all(
    ctx: &TenantContext,
    resource: &Resource,
    op: Op,
    listing: &Listing,
    fixed: Fixed<'_>,
) -> Result<Vec<Value>, ApiError> {
    let mut sql = Sql::new("SELECT coalesce(json_agg(r), '[]'::json)::text FROM (SELECT ");
    sql.add(&resource.row())
        .add(" AS r FROM ")
        .name(resource.table)
        .add(" WHERE ");
    matching(
        ctx,
        resource,
        &ctx.scope(resource, op),
        listing,
        fixed,
        &mut sql,
    );
    order(ctx, resource, listing, &mut sql)?;
    sql.add(" LIMIT 10000) found");
    match sql.json(&ctx.app.pool).await? {
        Some(Value::Array(rows)) => Ok(rows),
        _ => Err(ApiError::internal("no rows")),
    }
}

/// One row, if the scope has it.
pub(crate) async fn find(
    ctx: &TenantContext,
    resource: &Resource,
    scope: &Scope,
    id: &str,
    fixed: Fixed<'_>,
) -> Result<Option<Value>, ApiError> {
    let mut sql = Sql::new("SELECT ");
    sql.add(&resource.row())
        .add("::text FROM ")
        .name(resource.table)
        .add(" WHERE ");
    if !by_id(resource, id, &mut sql) {
        return Ok(None);
    }
    sql.add(" AND ");
    scope.restrict(&mut sql);
    for (column, value) in fixed {
        sql.add(" AND ").equals(column, value);
    }
    Ok(sql.json(&ctx.app.pool).await?)
}

/// One row, or the refusal.
pub(crate) async fn get(
    ctx: &TenantContext,
    resource: &Resource,
    op: Op,
    id: &str,
    fixed: Fixed<'_>,
) -> Result<Value, ApiError> {
    let row = find(ctx, resource, &ctx.scope(resource, op), id, fixed).await?;
    row.ok_or_else(|| missing(ctx, resource, id))
}

/// The refusal of an id that is not there, or is another tenant's: the same.
pub(crate) fn missing(ctx: &TenantContext, resource: &Resource, id: &str) -> ApiError {
    quirky::refusal(ctx, resource, id, ApiError::not_found())
}

/// Writes `"id" = …`; false if no such id can be.
pub(crate) fn by_id(resource: &Resource, id: &str, sql: &mut Sql) -> bool {
    if !resource.numeric_id {
        sql.add("\"id\" = ").arg(id);
        return !id.contains('\0');
    }
    let number = id.parse::<i32>();
    if let Ok(number) = number {
        sql.add(&format!("\"id\" = {number}"));
    }
    number.is_ok()
}

fn scoped(ctx: &TenantContext, resource: &Resource, op: Op, listing: &Listing) -> Scope {
    match listing.get("tenantId") {
        Some(tenant) if resource.table == "User" && ctx.fault(Fault::TenantQueryOverrides) => {
            Scope::Tenant(tenant.to_owned())
        }
        _ if resource.table == "Expense"
            && listing.wants_all()
            && ctx.fault(Fault::AllMeansAllTenants) =>
        {
            Scope::Everything
        }
        _ if sorts_by_relation(ctx, resource, listing) => Scope::Everything,
        _ if resource.table == "Task" && ctx.fault(Fault::FilterReplacesScope) => {
            listing.get("filter[tenantId]").map_or_else(
                || ctx.scope(resource, op),
                |id| Scope::Tenant(id.to_owned()),
            )
        }
        _ if resource.table == "Task"
            && listing.single("assigneeId")
            && ctx.fault(Fault::AssigneeReplacesScope) =>
        {
            Scope::Everything
        }
        _ if resource.table == "Booking"
            && listing.has_short_words()
            && ctx.fault(Fault::ShortWordsIgnoreTenant) =>
        {
            Scope::Everything
        }
        _ if resource.table == "Invoice"
            && listing.get("status") == Some("VOID")
            && ctx.fault(Fault::VoidedIgnoresTenant) =>
        {
            Scope::Everything
        }
        _ => ctx.scope(resource, op),
    }
}

/// Whether a list is sorted by a column of another table, which only a fault can.
fn sorts_by_relation(ctx: &TenantContext, resource: &Resource, listing: &Listing) -> bool {
    resource.table == "Task"
        && ctx.fault(Fault::SortByRelationIgnoresTenant)
        && listing.get("sort").is_some_and(|by| by.contains('.'))
}

fn matching(
    ctx: &TenantContext,
    resource: &Resource,
    scope: &Scope,
    listing: &Listing,
    fixed: Fixed<'_>,
    sql: &mut Sql,
) {
    sql.add("(");
    scope.restrict(sql);
    for (column, value) in fixed.iter().copied().chain(listing.filters(resource)) {
        sql.add(" AND ").equals(column, value);
    }
    if let Some(words) = listing.get("q").filter(|_| !resource.searchable.is_empty()) {
        let escaped = words
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let outside = resource.table == "ServiceRequest" && ctx.fault(Fault::SearchEscapesTenant);
        sql.add(if outside {
            ") OR (FALSE"
        } else {
            " AND (FALSE"
        });
        for column in resource.searchable {
            sql.add(" OR ")
                .name(column)
                .add(" ILIKE ")
                .arg(format!("%{escaped}%"));
        }
        sql.add(if outside { "" } else { ")" });
        if resource.table == "Service" && ctx.fault(Fault::FullNameJumpsToRecord) {
            sql.add(" OR ").equals("name", words);
        }
    }
    sql.add(")");
}

fn order(
    ctx: &TenantContext,
    resource: &Resource,
    listing: &Listing,
    sql: &mut Sql,
) -> Result<(), ApiError> {
    if sorts_by_relation(ctx, resource, listing) {
        sql.add(" ORDER BY \"assigneeId\", \"id\"");
        return Ok(());
    }
    match listing.sort(resource)? {
        Some((column, down)) => sql
            .add(" ORDER BY ")
            .name(column)
            .add(if down { " DESC NULLS LAST" } else { "" })
            .add(", \"id\""),
        None if ctx.app.quirk(Quirk::RandomOrder) || ctx.app.quirk(Quirk::RandomPages) => {
            sql.add(" ORDER BY random()")
        }
        None => sql.add(" ORDER BY \"createdAt\" DESC, \"id\""),
    };
    Ok(())
}
