//! Names of tables and columns taken apart: words in any case style, singular forms, what a reference is named after.

use crate::target::names;

/// The words of a name in lower case: `organisationId`, `organisation_id` and `Organisation-ID` are the same two.
pub fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let letters: Vec<char> = name.chars().collect();
    for (i, &c) in letters.iter().enumerate() {
        let starts = c.is_uppercase()
            && i > 0
            && (letters[i - 1].is_lowercase()
                || letters[i - 1].is_ascii_digit()
                || letters.get(i + 1).is_some_and(|next| next.is_lowercase()));
        if (starts || !c.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// A word's singular: `companies` to `company`; `status` and `address` stay.
pub fn singular(word: &str) -> String {
    let stays = word.len() < 4
        || ["ss", "us", "is", "news"]
            .iter()
            .any(|end| word.ends_with(end));
    if stays || !word.is_ascii() {
        return word.to_owned();
    }
    if word == "people" {
        return "person".into();
    }
    cruet::to_singular(word)
}

/// Words that only say that a name belongs to the application.
const AFFIXES: &[&str] = &[
    "tbl", "app", "table", "t", "auth", "core", "public", "model",
];

/// The words of a table's name, the last one singular, affixes such as `tbl_` taken off.
pub fn table_words(name: &str) -> Vec<String> {
    let mut words = words(name);
    while words.len() > 1 && AFFIXES.contains(&words[0].as_str()) {
        words.remove(0);
    }
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words
}

/// What a reference is named after: `depends_on_issue_id` after `depends on issue`, `userid` after `user`; `None` for
/// names that are no reference's.
pub fn reference_words(column: &str) -> Option<Vec<String>> {
    let mut words = words(column);
    let last = words.last()?.clone();
    if ["id", "uuid", "guid", "fk"].contains(&last.as_str()) {
        words.pop();
    } else if let Some(stem) = last.strip_suffix("id").filter(|s| s.len() > 1) {
        // Unquoted camelCase is folded: `tenantId` is stored as `tenantid`.
        let stem = stem.to_owned();
        words.pop();
        words.push(stem);
    } else {
        return None;
    }
    if words.is_empty() { None } else { Some(words) }
}

/// Whether `name`, in any case style, is one of these words written together or apart.
pub fn is_any(name: &str, of: &[&str]) -> bool {
    let joined = words(name).concat();
    of.iter().any(|o| words(o).concat() == joined)
}

/// Whether any of a name's words is one of these.
pub fn has_any(name: &str, of: &[&str]) -> bool {
    words(name).iter().any(|w| of.contains(&w.as_str()))
}

/// The last word of a name.
pub fn last_word(name: &str) -> String {
    words(name).pop().unwrap_or_default()
}

/// `; did you mean X?` for the name nearest to one that does not exist, or nothing.
pub fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> String {
    names::suggestion(names::nearest(name, among))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_apart_in_any_style() {
        for name in [
            "organisationId",
            "organisation_id",
            "OrganisationID",
            "organisation-id",
        ] {
            assert_eq!(words(name), ["organisation", "id"], "{name}");
        }
        assert_eq!(words("HTTPServerUrl2"), ["http", "server", "url2"]);
        assert!(words("").is_empty());
    }

    #[test]
    fn plurals_become_singular_and_lookalikes_stay() {
        for (plural, one) in [
            ("companies", "company"),
            ("organisations", "organisation"),
            ("status", "status"),
            ("address", "address"),
            ("addresses", "address"),
            ("boxes", "box"),
            ("people", "person"),
            ("clubs", "club"),
            ("class", "class"),
            ("classes", "class"),
            ("expenses", "expense"),
            ("invoices", "invoice"),
            ("houses", "house"),
            ("analysis", "analysis"),
            ("users", "user"),
        ] {
            assert_eq!(singular(plural), one);
        }
        assert_eq!(table_words("tbl_ServiceRequests"), ["service", "request"]);
    }

    #[test]
    fn references_are_named_after_something() {
        assert_eq!(
            reference_words("depends_on_issue_id").unwrap(),
            ["depends", "on", "issue"]
        );
        assert_eq!(reference_words("tenantid").unwrap(), ["tenant"]);
        assert_eq!(reference_words("userUuid").unwrap(), ["user"]);
        assert_eq!(reference_words("id"), None);
        assert_eq!(reference_words("title"), None);
    }

    #[test]
    fn the_nearest_name_is_offered_only_where_it_is_near() {
        assert_eq!(
            nearest("organisation", ["organisations", "users"]),
            "; did you mean `organisations`?"
        );
        assert_eq!(nearest("zzz", ["organisations", "users"]), "");
    }
}
