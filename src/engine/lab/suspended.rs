//! Calls that are made while their caller's tenant is suspended.

use super::Lab;
use crate::engine::error::RunError;
use crate::model::call::Call;
use crate::model::exchange::{Exchange, Failure};
use crate::model::rows::Change;
use crate::seed;
use crate::world::Sent;

impl Lab<'_> {
    /// Suspends the tenant that the caller's session is for, makes the call, and takes the suspension back. The session is
    /// one from before.
    pub(super) async fn perform_suspended(&mut self, call: &Call) -> Result<Exchange, RunError> {
        if self.only_fresh {
            return Ok(self.not_suspended(call, "a target that caches knows nothing of it"));
        }
        self.log_in(call).await?;
        let suspended = self.suspend(call).await?;
        if suspended.is_empty() {
            return Ok(self.not_suspended(call, "its row did not change"));
        }
        let made = self.perform_as_it_stands(call).await;
        self.restore(&suspended).await?;
        made
    }

    fn not_suspended(&self, call: &Call, why: &str) -> Exchange {
        let why = format!("the tenant could not be suspended: {why}");
        self.exchange(call, Sent::not(Failure::NotSent(why)))
    }

    async fn suspend(&mut self, call: &Call) -> Result<Vec<Change>, RunError> {
        let Some(sql) = self.suspending(call) else {
            return Ok(Vec::new());
        };
        self.world.execute(&sql).await?;
        self.settle().await
    }

    /// SQL that suspends that tenant.
    fn suspending(&self, call: &Call) -> Option<String> {
        let how = self.target.description.tenant.suspend.as_ref()?;
        let (_, tenant) = self.session_key(call);
        let ownership = &self.knowledge.ownership;
        let mut tenants = self.knowledge.rows.of(ownership.tenants);
        let (at, _) = tenants.find(|(_, row)| row[ownership.key] == tenant)?;
        let table = self.knowledge.schema.table(ownership.tenants);
        let row = seed::is_row(table, at);
        Some(format!("UPDATE {} SET {how} WHERE {row}", table.sql()))
    }
}
