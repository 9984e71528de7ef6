//! Settings from the environment: `PARTYWALL_SEED`, `PARTYWALL_ONLY`, `PARTYWALL_BUDGET` …

use std::time::Duration;

use serde_json::Value as Json;

use super::{Budget, Overrides, SettingsError};

type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the environment says.
pub(super) fn overrides(environment: Environment<'_>) -> Result<Overrides, SettingsError> {
    let list = |name| {
        let text = environment(name).unwrap_or_default();
        let words = text.split(',').map(str::trim).filter(|w| !w.is_empty());
        words.map(str::to_owned).collect()
    };
    let text = |name| environment(name).filter(|value| !value.is_empty());
    Ok(Overrides {
        seed: read(environment, "PARTYWALL_SEED", "a whole number", |t| {
            t.parse().ok()
        })?,
        only: list("PARTYWALL_ONLY"),
        skip: list("PARTYWALL_SKIP"),
        budget: read(
            environment,
            "PARTYWALL_BUDGET",
            "a time like `90s`, `5m` or `1h`, or a number of sequences",
            Budget::parse,
        )?,
        backend: text("PARTYWALL_POSTGRES"),
        postgres_image: text("PARTYWALL_POSTGRES_IMAGE"),
        fail_on: read(
            environment,
            "PARTYWALL_FAIL_ON",
            "`info`, `low`, `medium`, `high` or `critical`",
            |t| serde_json::from_value(Json::from(t.to_ascii_lowercase())).ok(),
        )?,
        postgres_url: text("PARTYWALL_POSTGRES_URL"),
        max_inconclusive: read(
            environment,
            "PARTYWALL_MAX_INCONCLUSIVE",
            "a percentage from 0 to 100",
            |t| t.parse().ok().filter(|p| *p <= 100),
        )?,
        no_browser: read(
            environment,
            "PARTYWALL_NO_BROWSER",
            "`true` or `false`",
            |t| t.parse().ok(),
        )?
        .unwrap_or_default(),
    })
}

fn read<T>(
    environment: Environment<'_>,
    name: &'static str,
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, SettingsError> {
    let Some(value) = environment(name).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    match parse(value.trim()) {
        Some(parsed) => Ok(Some(parsed)),
        None => Err(SettingsError::Environment {
            name,
            value,
            expected,
        }),
    }
}

/// `90`, `90s`, `5m`, `1h` as a time; a bare number is seconds.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match text[digits..].trim() {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    number.checked_mul(unit).map(Duration::from_secs)
}
