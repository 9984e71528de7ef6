//! Names: the nearest known one to a misspelt one, and the forms in which a table's name recurs in code.

use cruet::case::{camel::to_camel_case, kebab::to_kebab_case, snake::to_snake_case};
use cruet::string::singularize::to_singular;

/// How alike two names must be before one is offered for the other.
const ALIKE: f64 = 0.55;

/// The known name that is most like `wanted`, where one is alike at all.
pub fn nearest<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_ascii_lowercase();
    let likeness = |name: &str| {
        let name = name.to_ascii_lowercase();
        strsim::normalized_damerau_levenshtein(&wanted, &name)
            .max(strsim::jaro_winkler(&wanted, &name) - 0.2)
    };
    known
        .into_iter()
        .map(|name| (likeness(name), name))
        .filter(|(score, _)| *score >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// `; did you mean X?`, or nothing.
pub(crate) fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// `Organisations` → `organisation`, `OrgUsers` → `org_user`.
pub fn singular(name: &str) -> String {
    to_singular(&to_snake_case(name))
}

/// The name without a suffix that says that it is a key: `workspace_id`, `orgSlug` → `workspace`, `org`.
pub fn stem(name: &str) -> String {
    let snake = to_snake_case(name);
    let stem = ["_id", "_ids", "_slug", "_key", "_uuid", "_handle", "_pk"]
        .iter()
        .find_map(|suffix| snake.strip_suffix(suffix))
        .unwrap_or(&snake);
    to_singular(stem)
}

/// A snake-case name in the forms that code gives it: camel, snake, kebab.
pub fn forms(snake: &str) -> [String; 3] {
    [to_camel_case(snake), snake.to_owned(), to_kebab_case(snake)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_forgives_slips_and_refuses_strangers() {
        let known = ["openapi", "public", "skip"];
        assert_eq!(nearest("openapy", known), Some("openapi"));
        assert_eq!(nearest("opanapi", known), Some("openapi"));
        assert_eq!(nearest("Public", known), Some("public"));
        assert_eq!(nearest("zzzzzz", known), None);
    }

    #[test]
    fn stems_lose_the_suffix_and_the_plural() {
        assert_eq!(stem("workspace_id"), "workspace");
        assert_eq!(stem("orgSlug"), "org");
        assert_eq!(stem("tenantId"), "tenant");
        assert_eq!(stem("org"), "org");
        assert_eq!(singular("Organisations"), "organisation");
        assert_eq!(singular("companies"), "company");
    }

    #[test]
    fn forms_are_camel_snake_kebab() {
        assert_eq!(forms("tenant_id"), ["tenantId", "tenant_id", "tenant-id"]);
    }
}
