//! Database roles: whom the target connects as. None is a superuser, and `app` never bypasses row-level security.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgPool};

use super::database::literal;
use super::server::Server;
use crate::model::schema::quote;
use crate::target::description::{self, Database};
use crate::target::placeholder::Values;
use crate::world::error::WorldError;
use crate::world::secret;

/// The role that the target connects as, unless its environment names another.
const APP: &str = "app";

/// A role that we made.
#[derive(Clone)]
pub struct Role {
    /// Its name in the description.
    pub key: String,
    /// Its name on the server.
    pub name: String,
    password: String,
    bypass_rls: bool,
}

/// The roles of a world.
#[derive(Clone)]
pub struct Roles {
    /// All of them, `app` among them.
    pub all: Vec<Role>,
    /// The server's name of the role that owns the database.
    pub owner: String,
}

impl std::fmt::Debug for Roles {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.all.iter().map(|r| &r.name))
            .finish()
    }
}

impl Roles {
    /// The roles that a description asks for, with new passwords.
    pub fn plan(database: &Database, prefix: &str) -> Result<Self, WorldError> {
        let mut wanted: BTreeMap<&str, description::Role> = database
            .roles
            .iter()
            .map(|(key, role)| (key.as_str(), role.clone()))
            .collect();
        let app = wanted.entry(APP).or_default();
        if app.bypass_rls {
            return Err(WorldError::Description(
                "database.roles.app must not bypass row-level security: every policy would be switched off, and the result worth nothing; declare another role for jobs"
                    .to_owned(),
            ));
        }
        let owners: Vec<&str> = wanted
            .iter()
            .filter(|(_, r)| r.owner)
            .map(|(k, _)| *k)
            .collect();
        let owner = match owners[..] {
            [] => APP,
            [one] => one,
            _ => {
                return Err(WorldError::Description(format!(
                    "only one of database.roles can own the database, not {}",
                    owners.join(" and ")
                )));
            }
        };
        let owner = role_name(prefix, owner);
        let all = wanted
            .into_iter()
            .map(|(key, role)| Role {
                key: key.to_owned(),
                name: role_name(prefix, key),
                password: secret::word(24),
                bypass_rls: role.bypass_rls,
            })
            .collect();
        Ok(Self { all, owner })
    }

    /// Makes them. Who is no superuser needs membership to own for one of them, and to drop what it owns.
    pub async fn create(&self, server: &Server) -> Result<(), WorldError> {
        for role in &self.all {
            let bypass = if role.bypass_rls { " BYPASSRLS" } else { "" };
            let sql = format!(
                "CREATE ROLE {} LOGIN PASSWORD {}{bypass}",
                quote(&role.name),
                literal(&role.password)
            );
            run(&server.admin, sql, &role.name).await?;
            if !server.powers.superuser {
                let sql = format!("GRANT {} TO CURRENT_USER", quote(&role.name));
                run(&server.admin, sql, &role.name).await?;
            }
        }
        Ok(())
    }

    /// Gives the new database's `public` schema to the owner, and what the owner makes to the others: without it, an
    /// application that migrates as its owner and serves as another could read nothing.
    pub async fn settle_in(&self, pool: &PgPool) -> Result<(), WorldError> {
        let owner = quote(&self.owner);
        let others = self.all.iter().filter(|r| r.name != self.owner);
        let grants = others.map(|role| {
            let role = quote(&role.name);
            format!(
                "GRANT USAGE ON SCHEMA public TO {role};
                 ALTER DEFAULT PRIVILEGES FOR ROLE {owner}
                   GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
                 ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT USAGE, SELECT ON SEQUENCES TO {role};"
            )
        });
        let own = format!("ALTER SCHEMA public OWNER TO {owner};");
        let all: Vec<String> = std::iter::once(own).chain(grants).collect();
        run(pool, all.concat(), &self.owner).await
    }

    /// What placeholders say about them, in the dialects that drivers want.
    pub fn values(&self, host: &str, port: u16, database: &str, into: &mut Values) {
        for role in &self.all {
            let (user, password) = (&role.name, &role.password);
            let rest = format!("{user}:{password}@{host}:{port}/{database}");
            let jdbc = format!(
                "jdbc:postgresql://{host}:{port}/{database}?user={user}&password={password}"
            );
            for (part, value) in [
                ("url", format!("postgresql://{rest}")),
                ("sqlx", format!("postgres://{rest}")),
                ("asyncpg", format!("postgresql+asyncpg://{rest}")),
                ("psycopg", format!("postgresql+psycopg://{rest}")),
                ("jdbc", jdbc),
                ("host", host.to_owned()),
                ("port", port.to_string()),
                ("name", database.to_owned()),
                ("user", user.clone()),
                ("password", password.clone()),
            ] {
                into.insert(format!("database.{}.{part}", role.key), value);
            }
        }
    }
}

fn role_name(prefix: &str, key: &str) -> String {
    format!("{prefix}_{key}")
}

async fn run(pool: &PgPool, sql: String, role: &str) -> Result<(), WorldError> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(pool)
        .await
        .map(|_| ())
        .map_err(WorldError::database(format!("make the role `{role}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(roles: &[(&str, bool, bool)]) -> Database {
        Database {
            roles: roles
                .iter()
                .map(|&(key, owner, bypass_rls)| {
                    (key.to_owned(), description::Role { owner, bypass_rls })
                })
                .collect(),
            ..Database::default()
        }
    }

    #[test]
    fn the_application_owns_unless_another_role_does() {
        let alone = Roles::plan(&database(&[]), "p").unwrap();
        assert_eq!((alone.owner.as_str(), alone.all.len()), ("p_app", 1));
        let two = Roles::plan(&database(&[("migrator", true, false)]), "p").unwrap();
        assert_eq!((two.owner.as_str(), two.all.len()), ("p_migrator", 2));
    }

    #[test]
    fn an_application_above_policies_and_two_owners_are_refused() {
        assert!(Roles::plan(&database(&[("app", false, true)]), "p").is_err());
        assert!(Roles::plan(&database(&[("a", true, false), ("b", true, false)]), "p").is_err());
        assert!(Roles::plan(&database(&[("jobs", false, true)]), "p").is_ok());
    }
}
