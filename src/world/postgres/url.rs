//! The backend `url`: a server that the user names. Only scratch databases and roles of ours are made there, and dropped.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::server::Server;
use crate::world::error::WorldError;
use crate::world::guard;
use crate::world::owner;
use crate::world::run::Run;

/// Connects to a named server.
pub async fn connect(url: &str, allow_hosts: &[String], run: &Run) -> Result<Server, WorldError> {
    let (options, login) = parse(url)?;
    if options.get_socket().is_none() && !guard::allowed(options.get_host(), allow_hosts).await {
        return Err(WorldError::NotAllowed(format!(
            "the database server at {}",
            options.get_host()
        )));
    }
    let origin = format!(
        "the server at {}:{} that database.url names",
        options.get_host(),
        options.get_port()
    );
    Server::meet(options, login, owner::prefix(run), origin).await
}

/// Options and log-in out of a URL; the password is needed for replication, which another driver speaks.
pub fn parse(url: &str) -> Result<(PgConnectOptions, (String, String)), WorldError> {
    let options =
        PgConnectOptions::from_str(url).map_err(WorldError::database("read database.url"))?;
    let password = url::Url::parse(url)
        .ok()
        .and_then(|u| {
            let raw = u.password()?;
            let text = percent_encoding::percent_decode_str(raw).decode_utf8_lossy();
            Some(text.into_owned())
        })
        .or_else(|| std::env::var("PGPASSWORD").ok())
        .unwrap_or_default();
    let login = (options.get_username().to_owned(), password);
    Ok((options, login))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_in_is_decoded() {
        let (options, (user, password)) =
            parse("postgresql://some%20body:p%40ss@localhost:6543/x").unwrap();
        assert_eq!((user.as_str(), password.as_str()), ("some body", "p@ss"));
        assert_eq!(options.get_port(), 6543);
        assert!(parse("no url").is_err());
    }
}
