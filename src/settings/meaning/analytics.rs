//! What a description says about aggregates: paths, days, queries.

use super::Check;
use crate::model::json_path::parse;
use crate::target::description::{Check as Figure, Description, day};

impl Check<'_> {
    pub(super) fn analytics(&mut self, description: &Description) {
        let analytics = &description.analytics;
        for (index, path) in analytics.redact.iter().enumerate() {
            self.json_path(&format!("analytics.redact[{index}]"), path);
        }
        let days = [
            ("analytics.now", &analytics.now),
            ("seed.now", &description.seed.now),
        ];
        for (key, text) in days {
            if let Some(text) = text.as_deref().filter(|text| day(text).is_none()) {
                self.say(key, format!("`{text}` is no day; write `2026-01-22`"));
            }
        }
        for (index, figure) in analytics.check.iter().enumerate() {
            self.figure(&format!("analytics.check[{index}]"), figure);
        }
    }

    fn figure(&mut self, key: &str, figure: &Figure) {
        self.json_path(&format!("{key}.value"), &figure.value);
        if let Some(path) = &figure.key {
            self.json_path(&format!("{key}.key"), path);
        }
        if figure.sql.is_none() && figure.conserve.is_none() {
            self.say(
                key,
                "it says nothing of the figure: give `sql` for one tenant, `conserve` for all of them, or both",
            );
        }
        let several = figure.value.contains("[*]") || figure.value.contains(".*");
        if several && figure.key.is_none() {
            self.say(
                &format!("{key}.value"),
                "several values have names: say with `key` where those stand",
            );
        }
        if let Some(sql) = &figure.sql {
            let key = format!("{key}.sql");
            if !["{tenant.key}", "{tenant.slug}"]
                .iter()
                .any(|t| sql.contains(t))
            {
                self.say(
                    &key,
                    "it asks for no tenant: `{tenant.key}` must stand in it",
                );
            }
            if ["'{tenant.", "\"{tenant."].iter().any(|t| sql.contains(t)) {
                self.say(
                    &key,
                    "the tenant is given as a value: write `{tenant.key}` without quotes",
                );
            }
        }
        if let Some(sql) = figure
            .conserve
            .as_deref()
            .filter(|s| s.contains("{tenant."))
        {
            let said = format!("`{sql}` asks for one tenant, and all of them are meant");
            self.say(&format!("{key}.conserve"), said);
        }
    }

    fn json_path(&mut self, key: &str, path: &str) {
        if let Err(problem) = parse(path) {
            self.say(key, format!("`{path}` is no json path: {problem}"));
        }
    }
}
