//! Locales and time zones that a target needs: refused early, with what there is.

use super::Server;
use crate::target::names::nearest;
use crate::world::error::WorldError;

/// What is said where a server cannot be given a locale; `said` is what Postgres says.
pub fn lacking(locale: &str, said: &str) -> WorldError {
    let why = said.lines().rfind(|line| line.contains("locale"));
    let why = why.map_or("", str::trim);
    let there = here();
    let near = nearest(locale, there.iter().map(String::as_str));
    let near = near.filter(|near| *near != locale);
    WorldError::Unfit(format!(
        "it cannot have the locale `{locale}` of database.locale ({why}){}; `locale -a` lists those of a machine, and `locale-gen` or a package of the system brings others",
        near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
    ))
}

/// The locales of this machine, as far as it tells.
fn here() -> Vec<String> {
    let told = std::process::Command::new("locale").arg("-a").output();
    let told = told.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    told.unwrap_or_default()
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Refuses a time zone that the server does not know.
pub async fn knows_zone(server: &Server, zone: &str) -> Result<(), WorldError> {
    let all: Vec<String> = sqlx::query_scalar("SELECT name FROM pg_timezone_names")
        .fetch_all(&server.admin)
        .await
        .map_err(WorldError::database("look for time zones"))?;
    if all.iter().any(|name| name.eq_ignore_ascii_case(zone)) {
        return Ok(());
    }
    let near = nearest(zone, all.iter().map(String::as_str));
    Err(WorldError::Unfit(format!(
        "it does not know the time zone `{zone}` of database.timezone{}",
        near.map_or_else(
            || "; write one like `Europe/Berlin`".to_owned(),
            |near| format!("; did you mean `{near}`?")
        )
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_that_is_not_there_is_named_with_what_to_do() {
        let said =
            "The files belong to\ninitdb: error: invalid locale name \"xx_XX\"\ninitdb: hint: x";
        let error = lacking("xx_XX", said).to_string();
        for part in [
            "`xx_XX`",
            "invalid locale name",
            "database.locale",
            "locale -a",
        ] {
            assert!(error.contains(part), "{part}: {error}");
        }
    }
}
