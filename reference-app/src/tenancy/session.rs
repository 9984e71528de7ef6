//! Sessions and the people behind them: one query a request.
use sqlx::{PgConnection, PgPool, Row, postgres::PgRow};
use uuid::Uuid;

use super::{Role, token::Claims};
use crate::{app::App, faults::Fault};

/// A tenant as a request addresses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) active: bool,
}

/// A person who calls.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) home: Option<String>,
    pub(crate) own_role: Role,
    pub(crate) operator: bool,
}

/// A session that is alive, and what belongs to it.
pub(crate) struct Live {
    pub(crate) user: User,
    /// The role of the membership that the session rests on, if that membership is live.
    pub(crate) role: Option<Role>,
    /// The tenant of that membership.
    pub(crate) firm: Option<String>,
    /// The tenant that the host addresses.
    pub(crate) tenant: Option<Tenant>,
}

const USER_COLUMNS: &str =
    r#"u."id", u."email", u."name", u."tenantId", u."role"::text AS "ownRole", u."globalRole""#;

impl User {
    fn of(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            home: row.try_get("tenantId")?,
            own_role: Role::parse(row.try_get("ownRole")?).unwrap_or(Role::Client),
            operator: row.try_get::<Option<String>, _>("globalRole")?.is_some(),
        })
    }

    /// The user of an id.
    pub(crate) async fn by_id(pool: &PgPool, id: &str) -> Result<Option<Self>, sqlx::Error> {
        let sql = format!(r#"SELECT {USER_COLUMNS} FROM "User" u WHERE u."id" = $1"#);
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id)
            .fetch_optional(pool)
            .await?;
        row.as_ref().map(Self::of).transpose()
    }
}

impl Tenant {
    /// The tenant of a slug.
    pub(crate) async fn by_slug(pool: &PgPool, slug: &str) -> Result<Option<Self>, sqlx::Error> {
        Self::one(
            pool,
            r#"SELECT "id", "slug", "name", "status"::text FROM "Tenant" WHERE "slug" = $1"#,
            slug,
        )
        .await
    }

    /// The tenant of an id: of a session that the pages serve, and of what faults believe.
    pub(crate) async fn by_id(pool: &PgPool, id: &str) -> Result<Option<Self>, sqlx::Error> {
        Self::one(
            pool,
            r#"SELECT "id", "slug", "name", "status"::text FROM "Tenant" WHERE "id" = $1"#,
            id,
        )
        .await
    }

    async fn one(pool: &PgPool, sql: &'static str, key: &str) -> Result<Option<Self>, sqlx::Error> {
        let row = sqlx::query(sql).bind(key).fetch_optional(pool).await?;
        row.map(|row| {
            Ok(Self {
                id: row.try_get(0)?,
                slug: row.try_get(1)?,
                name: row.try_get(2)?,
                active: row.try_get::<String, _>(3)? == "ACTIVE",
            })
        })
        .transpose()
    }
}

/// The condition that a membership still holds.
pub(crate) fn live_membership(app: &App) -> &'static str {
    if app.fault(Fault::EndedMembershipAccepted) {
        "TRUE"
    } else {
        r#"m."endedAt" IS NULL"#
    }
}

/// Loads the session of a token, if it is alive and belongs to the token's user.
pub(crate) async fn load(
    app: &App,
    claims: &Claims,
    slug: Option<&str>,
) -> Result<Option<Live>, sqlx::Error> {
    let alive = if app.fault(Fault::DeadSessionAccepted) {
        "TRUE"
    } else {
        r#"s."revokedAt" IS NULL"#
    };
    let sql = format!(
        r#"SELECT {USER_COLUMNS}, m."role"::text AS "memberRole", m."tenantId" AS "firm",
             t."id" AS "hostId", t."slug" AS "hostSlug", t."name" AS "hostName", t."status" = 'ACTIVE' AS "hostActive"
           FROM "Session" s JOIN "User" u ON u."id" = s."userId"
           LEFT JOIN "TenantMembership" m ON m."id" = s."membershipId" AND {}
           LEFT JOIN "Tenant" t ON t."slug" = $3
           WHERE s."id" = $1 AND s."userId" = $2 AND {alive} AND s."expiresAt" > now() AND u."status" = 'ACTIVE'"#,
        live_membership(app)
    );
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(&claims.sid)
        .bind(&claims.sub)
        .bind(slug)
        .fetch_optional(&app.pool)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let tenant = match row.try_get::<Option<String>, _>("hostId")? {
        Some(id) => Some(Tenant {
            id,
            slug: row.try_get("hostSlug")?,
            name: row.try_get("hostName")?,
            active: row.try_get("hostActive")?,
        }),
        None => None,
    };
    let role = row
        .try_get::<Option<String>, _>("memberRole")?
        .and_then(|word| Role::parse(&word));
    Ok(Some(Live {
        user: User::of(&row)?,
        role,
        firm: row.try_get("firm")?,
        tenant,
    }))
}

/// Opens a session and gives its id.
pub(crate) async fn open(
    connection: &mut PgConnection,
    user: &str,
    membership: Option<&str>,
) -> Result<String, sqlx::Error> {
    let id = Uuid::new_v4().to_string();
    sqlx::query(r#"INSERT INTO "Session" ("id", "userId", "membershipId", "expiresAt") VALUES ($1, $2, $3, now() + interval '8 hours')"#)
        .bind(&id)
        .bind(user)
        .bind(membership)
        .execute(connection)
        .await?;
    Ok(id)
}

/// Ends a session.
pub(crate) async fn revoke(
    connection: &mut PgConnection,
    session: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(r#"UPDATE "Session" SET "revokedAt" = now() WHERE "id" = $1"#)
        .bind(session)
        .execute(connection)
        .await?;
    Ok(())
}
