//! The state of the lab: row changes come in with their owners, are taken back, or give way to a fresh clone.

use std::time::Duration;

use super::{Lab, Silence};
use crate::engine::error::RunError;
use crate::model::knowledge::Knowledge;
use crate::model::ownership::Owners;
use crate::model::rows::{Change, Operation, Row};
use crate::model::schema::TableId;
use crate::seed;
use crate::world::{RawChange, WorldError};

/// How long rows are watched after an answer, where what starts after it matters.
const WINDOW: Duration = Duration::from_millis(150);

impl Lab<'_> {
    /// Everything that was committed until now, with owners; the known rows are current afterwards.
    pub async fn settle(&mut self) -> Result<Vec<Change>, RunError> {
        let mut raw = self.world.settle().await?;
        if raw.is_empty() {
            return Ok(Vec::new());
        }
        if raw.iter().any(|c| !self.is_known(c)) {
            let Knowledge {
                schema,
                ownership,
                rows,
                ..
            } = &mut self.knowledge;
            let description = &self.settings.description;
            let pool = self.world.pool();
            Box::pin(seed::regrow(pool, description, schema, ownership, rows)).await?;
            self.awaited.retain(|name| schema.by_name(name).is_none());
        }
        let complete = seed::complete(self.world.pool(), &self.knowledge.schema, &mut raw);
        Box::pin(complete).await?;
        Ok(self.absorb(&raw))
    }

    /// What changes although nothing more is called: what the last call's answer did not wait for.
    pub async fn linger(&mut self) -> Result<Vec<Change>, RunError> {
        tokio::time::sleep(WINDOW).await;
        self.settle().await
    }

    /// Takes changes back, beyond those that happen by themselves.
    pub async fn undo(&mut self, changes: &[Change]) -> Result<(), RunError> {
        let ours: Vec<&Change> = changes
            .iter()
            .filter(|c| !self.knowledge.background.covers(c))
            .collect();
        self.restore(ours).await
    }

    /// Takes changes back, whatever they are.
    pub async fn restore<'c>(
        &mut self,
        changes: impl IntoIterator<Item = &'c Change>,
    ) -> Result<(), RunError> {
        let ours: Vec<&Change> = changes.into_iter().collect();
        if ours.is_empty() {
            return Ok(());
        }
        if self.only_fresh || ours.iter().any(|c| c.operation == Operation::Truncate) {
            return Box::pin(self.fresh()).await;
        }
        let raw: Vec<RawChange> = ours.iter().map(|c| self.raw(c)).collect();
        match self.world.undo(&raw).await {
            Ok(()) => {}
            // Something else changed the rows meanwhile: only fresh state is known state then.
            Err(WorldError::Undo { .. }) => return Box::pin(self.fresh()).await,
            Err(error) => return Err(error.into()),
        }
        for change in ours.into_iter().rev() {
            let inverse = Change {
                old: change.new.clone(),
                new: change.old.clone(),
                ..change.clone()
            };
            let Knowledge {
                rows,
                canaries,
                schema,
                ..
            } = &mut self.knowledge;
            rows.apply(schema, &inverse);
            seed::shrink(canaries, schema, change);
        }
        Ok(())
    }

    /// A new clone of the seeded database and a restarted target; sessions begin anew.
    pub async fn fresh(&mut self) -> Result<(), RunError> {
        self.world.fresh().await?;
        self.sessions.clear();
        self.silence = Silence::default();
        self.recall();
        Ok(())
    }

    /// What is known is what was known of the seeded database.
    pub(super) fn recall(&mut self) {
        self.knowledge.schema = self.seeded.schema.clone();
        self.knowledge.ownership = self.seeded.ownership.clone();
        self.knowledge.rows = self.seeded.rows.clone();
        self.knowledge.canaries = self.seeded.canaries.clone();
        self.knowledge.sent.clear();
        self.knowledge.observed.restart();
    }

    /// Whether the schema as it is known has the table of a change, and all its columns.
    fn is_known(&self, change: &RawChange) -> bool {
        self.table_of(change).is_some_and(|id| {
            let table = self.knowledge.schema.table(id);
            change.columns.iter().all(|c| table.column(c).is_some())
        })
    }

    fn table_of(&self, change: &RawChange) -> Option<TableId> {
        let tables = &self.knowledge.schema.tables;
        tables
            .iter()
            .find(|t| t.schema == change.schema && t.name == change.table)
            .map(|t| t.id)
    }

    /// Raw changes with owners: those before by the rows before all of them, those after by the rows after all of them (a
    /// cascade deletes the parent that tells a child's owner first).
    fn absorb(&mut self, raw: &[RawChange]) -> Vec<Change> {
        let mut changes: Vec<Change> = raw
            .iter()
            .filter_map(|c| {
                let table = self.table_of(c)?;
                let owned = |row: &Option<Row>| {
                    row.as_ref()
                        .map(|r| self.knowledge.owners(table, r))
                        .unwrap_or_default()
                };
                let (old, new) = (
                    self.aligned(table, c, c.old.as_ref()),
                    self.aligned(table, c, c.new.as_ref()),
                );
                let owners_before = match c.operation {
                    Operation::Truncate => self.knowledge.table_owners(table),
                    _ => owned(&old),
                };
                Some(Change {
                    table,
                    operation: c.operation,
                    old,
                    new,
                    xid: c.xid,
                    owners_before,
                    owners_after: Owners::default(),
                })
            })
            .collect();
        for change in &changes {
            self.knowledge.rows.apply(&self.knowledge.schema, change);
        }
        for change in &mut changes {
            if let Some(new) = &change.new {
                change.owners_after = self.knowledge.owners(change.table, new);
            }
        }
        let Knowledge {
            canaries,
            schema,
            ownership,
            rows,
            ..
        } = &mut self.knowledge;
        for change in &changes {
            seed::grow(canaries, schema, ownership, rows, change);
        }
        self.stored.absorb(&changes);
        changes
    }

    /// An image in the order of the known columns.
    fn aligned(&self, table: TableId, change: &RawChange, image: Option<&Row>) -> Option<Row> {
        let image = image?;
        let columns = &self.knowledge.schema.table(table).columns;
        let value = |name: &str| {
            let at = change.columns.iter().position(|c| c == name)?;
            image.get(at).cloned().flatten()
        };
        Some(columns.iter().map(|c| value(&c.name)).collect())
    }

    fn raw(&self, change: &Change) -> RawChange {
        let table = self.knowledge.schema.table(change.table);
        let image = change.new.as_ref().or(change.old.as_ref());
        let width = image.map_or(table.columns.len(), Vec::len);
        RawChange {
            schema: table.schema.clone(),
            table: table.name.clone(),
            // A column that was added afterwards stands in no image.
            columns: table
                .columns
                .iter()
                .take(width)
                .map(|c| c.name.clone())
                .collect(),
            operation: change.operation,
            old: change.old.clone(),
            new: change.new.clone(),
            xid: change.xid,
        }
    }
}
