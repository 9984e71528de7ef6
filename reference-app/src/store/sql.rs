//! A statement under construction: text with placeholders, and its arguments. Values never get into the text.
use std::fmt::Write;

use sqlx::{AssertSqlSafe, PgExecutor, Postgres, postgres::PgArguments};

/// A statement and its arguments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sql {
    text: String,
    arguments: Vec<Option<String>>,
}

impl Sql {
    /// Starts with some text.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            arguments: Vec::new(),
        }
    }

    /// Adds text of ours.
    pub(crate) fn add(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds the name of a column or table of ours.
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        let _ = write!(self.text, "\"{name}\"");
        self
    }

    /// Adds a placeholder for a value.
    pub(crate) fn arg(&mut self, value: impl Into<String>) -> &mut Self {
        self.arguments.push(Some(value.into()));
        let _ = write!(self.text, "${}", self.arguments.len());
        self
    }

    /// Adds a placeholder for a value that may be null.
    pub(crate) fn maybe(&mut self, value: Option<impl Into<String>>) -> &mut Self {
        self.arguments.push(value.map(Into::into));
        let _ = write!(self.text, "${}", self.arguments.len());
        self
    }

    /// Adds `"column" = value`, compared as text, which serves enums and numbers alike.
    pub(crate) fn equals(&mut self, column: &str, value: &str) -> &mut Self {
        let cast = if column == "id" || column.ends_with("Id") {
            ""
        } else {
            "::text"
        };
        self.name(column).add(cast).add(" = ").arg(value)
    }

    /// Adds `column IN (values)`.
    pub(crate) fn any_of<'a>(
        &mut self,
        column: &str,
        values: impl Iterator<Item = &'a str>,
    ) -> &mut Self {
        self.name(column).add(" IN (NULL");
        for value in values {
            self.add(", ").arg(value);
        }
        self.add(")")
    }

    /// The first column of the first row, a text.
    pub(crate) async fn text<'e>(
        self,
        on: impl PgExecutor<'e>,
    ) -> Result<Option<String>, sqlx::Error> {
        let mut query = sqlx::query_scalar::<Postgres, Option<String>>(AssertSqlSafe(self.text));
        for argument in self.arguments {
            query = query.bind(argument);
        }
        Ok(query.fetch_optional(on).await?.flatten())
    }

    /// The first column of the first row, JSON.
    pub(crate) async fn json<'e>(
        self,
        on: impl PgExecutor<'e>,
    ) -> Result<Option<serde_json::Value>, sqlx::Error> {
        let text = self.text(on).await?;
        text.map(|text| {
            serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into()))
        })
        .transpose()
    }

    /// Runs it and counts the rows.
    pub(crate) async fn run<'e>(self, on: impl PgExecutor<'e>) -> Result<u64, sqlx::Error> {
        let mut query: sqlx::query::Query<'_, Postgres, PgArguments> =
            sqlx::query(AssertSqlSafe(self.text));
        for argument in self.arguments {
            query = query.bind(argument);
        }
        Ok(query.execute(on).await?.rows_affected())
    }
}
