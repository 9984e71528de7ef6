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

#[cfg(test)]
mod tests {
    use crate::settings::{Overrides, Settings};

    /// What is said of a description with this section.
    fn said(section: &str) -> String {
        let text = format!("[target]\nstart = \"app\"\n{section}");
        match Settings::parse("p", &text, Overrides::default(), &|_| None) {
            Ok(_) => String::new(),
            Err(error) => format!("{:?}", error.problems()),
        }
    }

    fn check(more: &str) -> String {
        said(&format!(
            "[[analytics.check]]\nroute = \"GET /n\"\nvalue = \"$.n\"\n{more}\n"
        ))
    }

    #[test]
    fn figures_days_and_paths_are_checked() {
        assert_eq!(check("sql = \"SELECT n WHERE t = {tenant.key}\""), "");
        assert_eq!(check("conserve = \"SELECT sum(n) FROM t\""), "");
        assert!(check("").contains("it says nothing of the figure"));
        assert!(check("sql = \"SELECT 1\"").contains("it asks for no tenant"));
        assert!(check("sql = \"SELECT '{tenant.key}'\"").contains("without quotes"));
        assert!(check("sql = \"SELECT {tenant.kee}\"").contains("tenant.key"));
        let one = check("conserve = \"SELECT {tenant.key}\"");
        assert!(one.contains("all of them are meant"), "{one}");
        assert!(said("[analytics]\nnow = \"soon\"\n").contains("is no day"));
        assert!(said("[analytics]\nredact = [\"n\"]\n").contains("is no json path"));
    }
}
