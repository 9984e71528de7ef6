//! Values in HTML pages: `input[name=csrf]`, `meta[name=csrf-token]`, `a[href*=confirm]@href`, `#token`. Pages are
//! scanned for tags, not parsed: a log-in form needs no more.

use std::sync::LazyLock;

use regex::Regex;

/// Which element, and what of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selector {
    tag: Option<String>,
    conditions: Vec<(String, Operator, String)>,
    /// The attribute to take; its value, content or text where absent.
    attribute: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    Has,
    StartsWith,
    EndsWith,
    Contains,
    Word,
}

#[expect(
    clippy::unwrap_used,
    reason = "constant expressions, compiled by the tests below"
)]
mod patterns {
    use super::{LazyLock, Regex};

    /// Comments, and what scripts and styles hold, are no markup.
    pub(super) static NOISE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?is)<!--.*?-->|<script\b[^>]*>.*?</script\s*>|<style\b[^>]*>.*?</style\s*>")
            .unwrap()
    });
    pub(super) static TAG: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?s)<([a-zA-Z][\w:-]*)((?:[^>"']|"[^"]*"|'[^']*')*)>"#).unwrap()
    });
    pub(super) static ATTRIBUTE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(?s)([^\s"'>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?"#).unwrap()
    });
    pub(super) static SELECTOR: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\[\s*([\w:-]+)\s*(?:([\^$*~]?=)\s*(?:"([^"]*)"|'([^']*)'|([^\]]*?)))?\s*\]|#([\w:-]+)|\.([\w:-]+)"#)
            .unwrap()
    });
}

impl Selector {
    /// Reads a selector; the sentence says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (text, attribute) = match text.rsplit_once('@') {
            Some((text, name)) if !name.contains(']') => (text, Some(name.trim().to_owned())),
            _ => (text, None),
        };
        let text = text.trim();
        let end = text.find(['[', '#', '.']).unwrap_or(text.len());
        let (tag, rest) = text.split_at(end);
        let mut conditions = Vec::new();
        let mut read = 0;
        for found in patterns::SELECTOR.captures_iter(rest) {
            let whole = found.get(0).map_or(0..0, |m| m.range());
            if whole.start != read {
                break;
            }
            read = whole.end;
            conditions.push(condition(&found));
        }
        let is_tag = tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if read != rest.len() || !is_tag || (tag.is_empty() && conditions.is_empty()) {
            return Err(format!(
                "`{text}` is no selector that partywall knows; write `input[name=csrf]`, `#id`, `a[href*=part]@href`"
            ));
        }
        let tag = (!tag.is_empty()).then(|| tag.to_ascii_lowercase());
        Ok(Self {
            tag,
            conditions,
            attribute,
        })
    }

    /// The value of the first element that fits and has one.
    pub(crate) fn find(&self, page: &str) -> Option<String> {
        let page = patterns::NOISE.replace_all(page, "");
        patterns::TAG.captures_iter(&page).find_map(|found| {
            let tag = found[1].to_ascii_lowercase();
            let attributes = attributes(&found[2]);
            if !self.fits(&tag, &attributes) {
                return None;
            }
            let of = |name: &str| {
                attributes
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, v)| v.clone())
            };
            match &self.attribute {
                Some(name) => of(name),
                None => of("value").or_else(|| of("content")).or_else(|| {
                    let after = &page[found.get(0).map_or(0, |m| m.end())..];
                    let text = decode(after.split('<').next().unwrap_or_default().trim());
                    (!text.is_empty()).then_some(text)
                }),
            }
        })
    }

    fn fits(&self, tag: &str, attributes: &[(String, String)]) -> bool {
        self.tag.as_deref().is_none_or(|t| t == tag)
            && self.conditions.iter().all(|(name, operator, wanted)| {
                let value = attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v);
                value.is_some_and(|value| match operator {
                    Operator::Is => value == wanted,
                    Operator::Has => true,
                    Operator::StartsWith => value.starts_with(wanted.as_str()),
                    Operator::EndsWith => value.ends_with(wanted.as_str()),
                    Operator::Contains => value.contains(wanted.as_str()),
                    Operator::Word => value.split_whitespace().any(|w| w == wanted),
                })
            })
    }
}

fn condition(found: &regex::Captures<'_>) -> (String, Operator, String) {
    let text = |group: usize| found.get(group).map(|m| m.as_str().to_owned());
    if let Some(id) = text(6) {
        return ("id".to_owned(), Operator::Is, id);
    }
    if let Some(class) = text(7) {
        return ("class".to_owned(), Operator::Word, class);
    }
    let operator = match found.get(2).map(|m| m.as_str()) {
        None => Operator::Has,
        Some("^=") => Operator::StartsWith,
        Some("$=") => Operator::EndsWith,
        Some("*=") => Operator::Contains,
        Some("~=") => Operator::Word,
        Some(_) => Operator::Is,
    };
    let value = text(3).or_else(|| text(4)).or_else(|| text(5));
    (
        text(1).unwrap_or_default().to_ascii_lowercase(),
        operator,
        value.unwrap_or_default(),
    )
}

fn attributes(text: &str) -> Vec<(String, String)> {
    patterns::ATTRIBUTE
        .captures_iter(text)
        .map(|found| {
            let value = [2, 3, 4].iter().find_map(|g| found.get(*g));
            let value = value.map_or_else(String::new, |v| decode(v.as_str()));
            (found[1].to_ascii_lowercase(), value)
        })
        .collect()
}

/// Names of the fields and metas that a page holds, for messages.
pub(crate) fn outline(page: &str) -> Vec<String> {
    let page = patterns::NOISE.replace_all(page, "");
    let named = |found: regex::Captures<'_>| {
        let tag = found[1].to_ascii_lowercase();
        let name = attributes(&found[2])
            .into_iter()
            .find(|(n, _)| n == "name")?
            .1;
        Some(format!("{tag}[name={name}]"))
    };
    patterns::TAG
        .captures_iter(&page)
        .filter_map(named)
        .collect()
}

/// The entities that values are written with.
fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let entity = after
            .split_once(';')
            .and_then(|(name, after)| Some((entity(name)?, after)));
        let (c, after) = entity.unwrap_or(('&', after));
        decoded.push(c);
        rest = after;
    }
    decoded + rest
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<!doctype html><meta name="csrf-token" content="m&#43;&amp;1">
        <!-- <input name="csrf" value="no"> --><script>var x = '<input name="csrf" value="no2">';</script>
        <form><INPUT type=hidden value='a>b' name="csrf"><input name=plain value=v1 />
        <a class="btn big" href="/confirm?t=9&amp;u=1">go</a><span id="code"> 42 </span></form>"#;

    fn find(selector: &str) -> Option<String> {
        Selector::parse(selector).unwrap().find(PAGE)
    }

    #[test]
    fn finds_fields_metas_links_and_text() {
        assert_eq!(find("input[name=csrf]").as_deref(), Some("a>b"));
        assert_eq!(find("[name='plain']").as_deref(), Some("v1"));
        assert_eq!(find("meta[name=\"csrf-token\"]").as_deref(), Some("m+&1"));
        assert_eq!(
            find("a[href*=confirm]@href").as_deref(),
            Some("/confirm?t=9&u=1")
        );
        assert_eq!(
            find("a.btn[href^=/confirm]@href").as_deref(),
            Some("/confirm?t=9&u=1")
        );
        assert_eq!(find("#code").as_deref(), Some("42"));
        assert_eq!(find("input[name=other]"), None);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for selector in ["", "form > input", "input[name", "a:first"] {
            assert!(Selector::parse(selector).is_err(), "{selector}");
        }
        assert_eq!(
            outline(PAGE),
            [
                "meta[name=csrf-token]",
                "input[name=csrf]",
                "input[name=plain]"
            ]
        );
    }
}
