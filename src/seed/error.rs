//! What can go wrong while a database is read or seeded.

use crate::model::exchange::Failure;
use crate::target::error::TargetError;
use crate::world::WorldError;

/// Why a database could not be read or seeded.
#[derive(Debug, thiserror::Error)]
pub enum SeedError {
    /// The database refused.
    #[error("the database refused to {doing}: {source}")]
    Database {
        /// What was attempted.
        doing: String,
        /// Its answer.
        #[source]
        source: sqlx::Error,
    },
    /// No table looks like that of the tenants.
    #[error(
        "no table looks like that of the tenants among {seen}; name it with `tenant.table` in the description (a target \
         with one database per tenant cannot be tested this way: all tenants must share one)"
    )]
    NoTenantTable {
        /// The tables seen.
        seen: String,
    },
    /// The description names a table that does not exist.
    #[error("`{key}` names the table `{name}`, which does not exist{nearest}")]
    UnknownTable {
        /// The key of the description.
        key: String,
        /// What it says.
        name: String,
        /// `; did you mean …?` or empty.
        nearest: String,
    },
    /// The description names a column that does not exist.
    #[error("`{key}` names the column `{name}`, which `{table}` does not have{nearest}")]
    UnknownColumn {
        /// The key of the description.
        key: String,
        /// The table.
        table: String,
        /// What it says.
        name: String,
        /// `; did you mean …?` or empty.
        nearest: String,
    },
    /// A value of the description cannot be read.
    #[error("`{key}` cannot be read: {why}")]
    Unreadable {
        /// The key of the description.
        key: String,
        /// Why, and what it should look like.
        why: String,
    },
    /// A seeding call could not be made or did not work.
    #[error("could not {doing}: {source}")]
    Step {
        /// What was attempted.
        doing: String,
        /// Why.
        #[source]
        source: TargetError,
    },
    /// A seeding call was not answered.
    #[error("could not {doing}: {failure}")]
    Unanswered {
        /// What was attempted.
        doing: String,
        /// Why there is no answer.
        failure: Failure,
    },
    /// The target's own seed command did not work.
    #[error(transparent)]
    World(#[from] WorldError),
    /// A table that the cast needs could not be filled.
    #[error(
        "could not make {what} in `{table}`: {why}; give the values that it needs with `seed.values` or `seed.words`, or \
         make it by calls (`seed.register`, `seed.create_tenant`, `seed.add_member`) or `seed.sql`"
    )]
    Cast {
        /// What was to be made, e.g. `the tenant acme`.
        what: String,
        /// The table.
        table: String,
        /// Postgres' own message.
        why: String,
    },
}

impl SeedError {
    /// For `map_err`: the database refused to do that.
    pub fn database(doing: impl Into<String>) -> impl FnOnce(sqlx::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Database { doing, source }
    }
}
