//! Types that nothing is known of: Postgres is asked which form of a value it takes.

use std::collections::BTreeSet;

use sqlx::PgPool;

use super::Generator;
use crate::model::schema::Kind;
use crate::seed::SeedError;
use crate::seed::check::ColumnLimits;
use crate::seed::rows::{literal, query};
use crate::seed::value::{self, Spot};

/// Forms that values of rare types have, the more telling first. `#` is the row's number, `##` the next.
const FORMS: &[&str] = &[
    "#",
    "[#,##)",
    "[2030-01-01 09:00:00,2030-01-01 10:00:00)",
    "[09:00:00,10:00:00)",
    "(#,##)",
    "[#,##]",
    "[#,##,3]",
    "POINT(# 1)",
    "a#",
    "#.0.0",
    "empty",
    "{}",
    "()",
    "",
];

impl Generator<'_> {
    /// Asks Postgres about the types of columns that no value is known for.
    pub async fn learn_types(&mut self, pool: &PgPool) -> Result<(), SeedError> {
        let spot = Spot {
            table: "",
            tenant: 0,
            number: 1,
            age: 1,
            today: self.today,
        };
        let schema = self.schema;
        let columns = schema.tables.iter().flat_map(|t| &t.columns);
        let rare: BTreeSet<&str> = columns
            .filter(|c| {
                matches!(
                    &c.kind,
                    Kind::Other(_) | Kind::Array(_) | Kind::Composite(_)
                )
            })
            .filter(|c| {
                let none = ColumnLimits::default();
                value::value(c, &none, None, &spot, &mut self.rng).is_none()
            })
            .map(|c| c.type_name.as_str())
            .collect();
        for name in rare {
            let mut connection = pool
                .acquire()
                .await
                .map_err(SeedError::database("connect"))?;
            for form in FORMS {
                let sql = format!("SELECT {}::{name}", literal(Some(&filled(form, 1))));
                match query(&mut connection, &sql).await {
                    Ok(_) => {
                        self.forms.insert(name.to_owned(), form);
                        break;
                    }
                    Err(sqlx::Error::Database(_)) => {}
                    Err(source) => {
                        return Err(SeedError::Database {
                            doing: format!("tell what values of {name} look like"),
                            source,
                        });
                    }
                }
            }
        }
        Ok(())
    }

    /// A value of a type that Postgres was asked about.
    pub(super) fn of_rare_type(&self, type_name: &str, number: usize) -> Option<String> {
        self.forms.get(type_name).map(|form| filled(form, number))
    }
}

fn filled(form: &str, number: usize) -> String {
    form.replace("##", &(number + 1).to_string())
        .replace('#', &number.to_string())
}
