//! What a failing step says: what was expected, the exchange, and the line that repeats it.

use crate::engine::Trial;
use crate::engine::trial::Attempted;
use crate::model::exchange::Exchange;
use crate::model::shown::Shown;
use crate::report::curl;

/// So much of a body is shown, in letters.
const SHOWN: usize = 400;

/// Something else than what was expected of a call.
pub fn of_call(trial: &Trial, what: &str, exchange: &Exchange) -> String {
    let text = format!("{what}{}", about(trial, exchange, &trial.shown(exchange)));
    trial.scrubbed(text)
}

/// Something else than what was expected of an attempt.
pub fn of_attempt(trial: &Trial, what: &str, attempted: &Attempted) -> String {
    let text = format!(
        "{what}\n  attack {}{}",
        attempted.name,
        about(trial, &attempted.exchange, &attempted.requests)
    );
    trial.scrubbed(text)
}

fn about(trial: &Trial, exchange: &Exchange, requests: &[Shown]) -> String {
    let call = &exchange.call;
    let answer = match &exchange.outcome {
        Ok(response) => {
            let body: String = response.text().chars().take(SHOWN).collect();
            format!("{}\n  {body}", response.status)
        }
        Err(failure) => failure.to_string(),
    };
    let curls = requests
        .iter()
        .map(|shown| format!("\n  {}", curl::line(shown, trial.description())));
    format!(
        "\n  {} as {}: {answer}{}",
        call.route,
        call.actor,
        curls.collect::<String>()
    )
}
