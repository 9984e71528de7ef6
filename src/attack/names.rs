//! Names under which a target may take a tenant or a user, taken apart into words and written as headers are.

use serde_json::Value as Json;

use super::Facts;
use crate::model::tenant::Tenant;

/// Last words of names that hold a key.
const KEY_WORDS: &[&str] = &["id", "key", "uuid", "uid", "guid", "no", "number"];

/// Last words of names that hold a slug.
const SLUG_WORDS: &[&str] = &[
    "slug",
    "name",
    "subdomain",
    "domain",
    "code",
    "handle",
    "host",
    "path",
];

/// Which value of a tenant a name holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Its key.
    Key,
    /// Its slug.
    Slug,
}

impl Holds {
    /// That value of a tenant.
    pub(super) fn of(self, tenant: &Tenant) -> &str {
        match self {
            Self::Key => &tenant.key,
            Self::Slug => &tenant.slug,
        }
    }

    /// How variants call it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Slug => "slug",
        }
    }
}

/// The lower-case words of a name in camel, snake or kebab case.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let starts = !before.is_alphanumeric() || (c.is_uppercase() && !before.is_uppercase());
        if c.is_alphanumeric() {
            if starts {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(c.to_lowercase());
            }
        }
        before = c;
    }
    words
}

/// What a name may hold, most likely first: a bare noun may hold either.
pub(super) fn holds(name: &str) -> &'static [Holds] {
    let words = words(name);
    let last = words.last().map_or("", String::as_str);
    if words.len() > 1 && SLUG_WORDS.contains(&last) || last == "subdomain" || last == "slug" {
        &[Holds::Slug]
    } else if KEY_WORDS.contains(&last) {
        &[Holds::Key]
    } else {
        &[Holds::Key, Holds::Slug]
    }
}

/// `tenantId` as `Tenant-Id`.
pub(super) fn header_case(name: &str) -> String {
    let capital = |word: String| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    words(name)
        .into_iter()
        .map(capital)
        .collect::<Vec<_>>()
        .join("-")
}

/// The names without those that differ only in how words are joined.
pub(super) fn distinct(names: &[String]) -> Vec<&str> {
    let mut seen = Vec::new();
    let mut kept = Vec::new();
    for name in names {
        let words = words(name);
        if !words.is_empty() && !seen.contains(&words) {
            seen.push(words);
            kept.push(name.as_str());
        }
    }
    kept
}

/// The names as fields of a body or of a query have them (no kebab case): each in its first form, the likeliest in every
/// form; then the other forms.
pub(super) fn fields(names: &[String]) -> Vec<&str> {
    let plain: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|name| !name.contains('-'))
        .collect();
    let likeliest = plain.first().map(|name| words(name));
    let mut seen = Vec::new();
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for name in plain {
        let words = words(name);
        if Some(&words) == likeliest.as_ref() || !seen.contains(&words) {
            first.push(name);
        } else {
            later.push(name);
        }
        seen.push(words);
    }
    first.extend(later);
    first
}

/// The headers that name a tenant by the target's own noun: `X-Tenant-Id` with the key, `X-Tenant-Slug` with the slug.
/// The noun is that of the likeliest name.
pub(super) fn tenant_headers(facts: &Facts) -> Vec<(String, Holds)> {
    let Some(noun) = facts.tenant_names.first().and_then(|name| noun(name)) else {
        return Vec::new();
    };
    let noun = header_case(&noun);
    [
        (format!("X-{noun}-Id"), Holds::Key),
        (format!("X-{noun}-Slug"), Holds::Slug),
    ]
    .into_iter()
    .filter(|(name, _)| !is_declared(facts, name))
    .collect()
}

/// Whether calls address their tenant by that header anyway.
pub(super) fn is_declared(facts: &Facts, header: &str) -> bool {
    facts
        .tenant_in_header
        .as_ref()
        .is_some_and(|declared| declared.eq_ignore_ascii_case(header))
}

/// `tenantId` without the word for what it holds: `tenant`. A name that is nothing but that word has no noun.
pub(super) fn noun(name: &str) -> Option<String> {
    let mut words = words(name);
    let last = words.last().map_or("", String::as_str);
    if KEY_WORDS.contains(&last) || SLUG_WORDS.contains(&last) {
        words.pop();
    }
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether a name of the target's (a claim, a column, a body field) names a tenant.
pub(super) fn is_tenant(facts: &Facts, name: &str) -> bool {
    let name = words(name);
    facts.tenant_names.iter().any(|n| words(n) == name)
}

/// A key as JSON: whole numbers become numbers.
pub(super) fn json(value: &str) -> Json {
    value
        .parse::<i64>()
        .ok()
        .filter(|n| n.to_string() == value)
        .map_or_else(|| value.into(), Json::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_every_case() {
        for name in [
            "tenantId",
            "tenant_id",
            "tenant-id",
            "TenantID",
            "X-Tenant-ID",
        ] {
            let words = words(name);
            assert!(
                words.ends_with(&["tenant".into(), "id".into()]),
                "{name}: {words:?}"
            );
        }
        assert_eq!(words("org"), ["org"]);
        assert!(words("--").is_empty());
    }

    #[test]
    fn names_tell_what_they_hold() {
        assert_eq!(holds("orgId"), [Holds::Key]);
        assert_eq!(holds("workspace_slug"), [Holds::Slug]);
        assert_eq!(holds("account_name"), [Holds::Slug]);
        assert_eq!(holds("account"), [Holds::Key, Holds::Slug]);
    }

    #[test]
    fn headers_use_the_targets_noun() {
        let facts = Facts {
            tenant_names: vec!["workspace_id".into(), "orgId".into()],
            ..Facts::default()
        };
        let names: Vec<_> = tenant_headers(&facts).into_iter().map(|h| h.0).collect();
        assert_eq!(names, ["X-Workspace-Id", "X-Workspace-Slug"]);
        let facts = Facts {
            tenant_in_header: Some("x-workspace-id".into()),
            ..facts
        };
        assert_eq!(
            tenant_headers(&facts).len(),
            1,
            "the declared one is left to the host family"
        );
    }

    #[test]
    fn fields_put_the_likeliest_in_every_form_before_the_rest() {
        let names = ["orgId", "org_id", "org-id", "org", "teamId", "team_id"].map(str::to_owned);
        assert_eq!(
            fields(&names),
            ["orgId", "org_id", "org", "teamId", "team_id"]
        );
    }

    #[test]
    fn numbers_stay_numbers() {
        assert_eq!(json("42"), Json::from(42));
        assert_eq!(json("042"), Json::from("042"));
        assert_eq!(json("a1"), Json::from("a1"));
    }
}
