//! Handlers for rows below a parent: the parent must be the tenant's, and the child must be the parent's.
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{crud, error::ApiError, listing::Listing};
use crate::{
    faults::Fault,
    store::{Op, Resource, Scope, Sql, read, write},
    tenancy::TenantContext,
};

/// A kind of rows below a kind of parents.
pub(crate) struct Nest {
    pub(crate) parent: &'static Resource,
    pub(crate) child: &'static Resource,
    /// The child's column that holds the parent's id.
    pub(crate) column: &'static str,
}

impl Nest {
    async fn parent(
        &self,
        ctx: &TenantContext,
        scope: &Scope,
        id: &str,
    ) -> Result<Value, ApiError> {
        let row = read::find(ctx, self.parent, scope, id, &[]).await?;
        row.ok_or_else(|| read::missing(ctx, self.parent, id))
    }

    /// `GET /parents/{id}/children`.
    pub(crate) async fn list(
        &self,
        ctx: &TenantContext,
        id: &str,
        listing: &Listing,
    ) -> Result<Response, ApiError> {
        ctx.require(self.child.read)?;
        self.parent(ctx, &ctx.scope(self.child, Op::NestedList), id)
            .await?;
        read::page(
            ctx,
            self.child,
            Op::NestedList,
            listing,
            &[(self.column, id)],
        )
        .await
        .map(crud::json_text)
    }

    /// `POST /parents/{id}/children`.
    pub(crate) async fn create(
        &self,
        ctx: &TenantContext,
        id: &str,
        body: Map<String, Value>,
        own: Map<String, Value>,
    ) -> Result<Response, ApiError> {
        ctx.require(self.child.write)?;
        let parent = self
            .parent(ctx, &ctx.scope(self.child, Op::NestedCreate), id)
            .await?;
        let mut own = own;
        own.insert(self.column.to_owned(), json!(id));
        own.insert("tenantId".to_owned(), parent["tenantId"].clone());
        write::create(ctx, self.child, body, own)
            .await
            .map(|row| crud::created(&row))
    }

    /// `GET /parents/{id}/children/{child}`.
    pub(crate) async fn get(
        &self,
        ctx: &TenantContext,
        id: &str,
        child: &str,
    ) -> Result<Response, ApiError> {
        ctx.require(self.child.read)?;
        self.parent(ctx, &Scope::Tenant(ctx.tenant.id.clone()), id)
            .await?;
        let below = [(self.column, id)];
        let alone = ctx.fault(Fault::AttachmentByIdAlone) && self.child.table == "Attachment";
        read::get(
            ctx,
            self.child,
            Op::NestedGet,
            child,
            if alone { &[] } else { &below },
        )
        .await
        .map(|row| crud::ok(&row))
    }

    /// `DELETE /parents/{id}/children/{child}`.
    pub(crate) async fn delete(
        &self,
        ctx: &TenantContext,
        id: &str,
        child: &str,
    ) -> Result<Response, ApiError> {
        ctx.require(self.child.write)?;
        let is = |table: &str, fault: Fault| self.child.table == table && ctx.fault(fault);
        let touches = is("Comment", Fault::ParentTouchedByPath);
        let own = Scope::Tenant(ctx.tenant.id.clone());
        let (parents, children) = if is("Attachment", Fault::PairNotCompared) {
            (Scope::Everything, Scope::Everything)
        } else {
            (own, ctx.scope(self.child, Op::NestedDelete))
        };
        if !touches {
            self.parent(ctx, &parents, id).await?;
        }
        let below = [(self.column, id)];
        let alone = touches || is("Comment", Fault::NestedDeleteByIdAlone);
        let fixed: read::Fixed<'_> = if alone { &[] } else { &below };
        write::delete(ctx, self.child, &children, child, fixed).await?;
        if touches {
            let mut sql = Sql::new("UPDATE ");
            sql.name(self.parent.table)
                .add(" SET \"updatedAt\" = now() WHERE ")
                .equals("id", id);
            sql.run(&ctx.app.pool).await?;
        }
        Ok(StatusCode::NO_CONTENT.into_response())
    }
}
