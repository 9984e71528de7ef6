//! Generated rows are on probation: where a read by their owner breaks, the rows of the table that breaks it are taken back,
//! and the table is named.

use super::baseline::Baseline;
use super::error::RunError;
use super::lab::Lab;
use crate::model::exchange::Exchange;
use crate::model::rows::RowRef;
use crate::model::schema::TableId;
use crate::seed;

/// Takes back the generated rows of tables without which reads that answer 500 and above work again. The template is made
/// anew where any was; what it returns is one sentence a table.
pub async fn settle(
    lab: &mut Lab<'_>,
    baseline: &Baseline,
    generated: &[(TableId, Vec<RowRef>)],
) -> Result<Vec<String>, RunError> {
    let mut broken = baseline.broken_reads.clone();
    let mut named = Vec::new();
    for (table, rows) in generated.iter().rev() {
        if broken.is_empty() {
            break;
        }
        seed::take_back(lab.world.pool(), &lab.knowledge.schema, rows).await?;
        let removed = lab.settle().await?;
        let exchanges = lab.perform_reads(&broken).await?;
        let still: Vec<_> = exchanges
            .iter()
            .filter(|e| is_broken(e))
            .map(|e| e.call.clone())
            .collect();
        if still.len() == broken.len() {
            lab.undo(&removed).await?;
            continue;
        }
        let mended: Vec<String> = broken
            .iter()
            .filter(|c| !still.contains(c))
            .map(|c| c.route.to_string())
            .collect();
        named.push(format!(
            "the generated rows of {} were taken back: with them {} answered an error of the server; \
             say what its columns may hold under [seed.words] or [seed.values]",
            lab.knowledge.schema.table(*table),
            mended.join(", ")
        ));
        broken = still;
    }
    if !named.is_empty() {
        lab.world.freeze().await?;
        lab.rebase().await?;
    }
    Ok(named)
}

/// Whether a read was answered by an error of the server's.
pub fn is_broken(exchange: &Exchange) -> bool {
    exchange.response().is_some_and(|r| r.status >= 500)
}
