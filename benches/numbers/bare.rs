//! The bare client: the one that the world sends calls with, without lab, row stream and oracles.

use std::time::Instant;

use futures::StreamExt;
use partywall::target::description::Limits;
use partywall::world::Client;

use super::Failed;
use super::asked::Asked;
use super::opened::runtime;

/// How many calls are in flight: as many as the lab has where nothing is said.
const IN_FLIGHT: usize = 4;

/// Sends everything once, in order; in seconds. To several targets it goes side by side, to each an equal share.
pub fn send(bases: &[String], asked: &[Asked]) -> Result<f64, Failed> {
    let share = asked.len().div_ceil(bases.len().max(1)).max(1);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let shares = bases.iter().zip(asked.chunks(share));
        let threads: Vec<_> = shares
            .map(|(base, share)| scope.spawn(move || send_share(base, share)))
            .collect();
        let mut all = threads.into_iter();
        all.try_for_each(|thread| thread.join().map_err(|_| "a thread panicked")?)
    })?;
    Ok(begun.elapsed().as_secs_f64())
}

fn send_share(base: &str, asked: &[Asked]) -> Result<(), Failed> {
    let client = Client::new(&Limits::default(), &[])?;
    let client = &client;
    runtime()?.block_on(async {
        let sent = futures::stream::iter(asked)
            .map(|asked| async move { client.send(&asked.wire(base)).await.outcome })
            .buffered(IN_FLIGHT);
        let failed = sent.filter(|outcome| std::future::ready(outcome.is_err()));
        match failed.count().await {
            0 => Ok(()),
            some => Err(format!("{some} of {} bare requests got no answer", asked.len()).into()),
        }
    })
}
