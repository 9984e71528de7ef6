//! Columns of plain text that hold words of a list which only the application knows.

use crate::model::schema::{Column, Kind};
use crate::seed::names;

/// Last words of names of such columns.
const LISTS: &[&str] = &[
    "status",
    "state",
    "type",
    "kind",
    "role",
    "priority",
    "mode",
    "visibility",
    "level",
    "severity",
    "stage",
    "phase",
    "category",
    "plan",
    "tier",
    "gender",
    "sex",
    "provider",
    "source",
    "channel",
    "scope",
    "permission",
    "frequency",
    "interval",
    "unit",
    "strategy",
    "direction",
    "environment",
    "protocol",
    "action",
    "event",
    "method",
    "format",
    "theme",
    "period",
    "recurrence",
    "variant",
    "class",
    "result",
    "outcome",
    "decision",
    "access",
    "privacy",
    "section",
    "backend",
    "algorithm",
    "operation",
    "platform",
    "driver",
    "runtime",
    "engine",
    "policy",
    "behavior",
    "behaviour",
];

/// Whether a column of plain text looks like a list of words.
pub fn is_word_like(column: &Column) -> bool {
    matches!(column.kind, Kind::Text) && LISTS.contains(&names::last_word(&column.name).as_str())
}

/// The literal that the default is, where it is one: not what a function makes, and not empty.
pub fn literal_default(column: &Column) -> Option<String> {
    let default = column.default.as_deref()?.trim();
    let literal = if let Some(rest) = default.strip_prefix('\'') {
        let (text, cast) = rest.rsplit_once('\'')?;
        if !(cast.is_empty() || cast.starts_with("::")) {
            return None;
        }
        text.replace("''", "'")
    } else if matches!(default, "true" | "false") || default.parse::<f64>().is_ok() {
        default.to_owned()
    } else {
        return None;
    };
    Some(literal).filter(|l| !l.is_empty())
}

/// A word that means little, for a list that nothing tells.
pub fn plain(column: &Column) -> String {
    let word = match names::last_word(&column.name).as_str() {
        "status" | "state" => "active",
        "type" | "kind" | "category" | "class" | "variant" => "general",
        "role" => "member",
        "priority" | "severity" => "medium",
        "visibility" | "access" | "privacy" => "private",
        "level" | "tier" | "plan" | "stage" | "phase" => "basic",
        "action" | "event" | "operation" => "created",
        "method" => "manual",
        "provider" | "source" | "channel" | "backend" => "local",
        _ => "default",
    };
    let most = column
        .max_length
        .map_or(usize::MAX, |m| usize::try_from(m).unwrap_or(usize::MAX));
    word.chars().take(most).collect()
}

/// One plain word of a few, by number.
pub fn one(number: usize) -> &'static str {
    const WORDS: &[&str] = &[
        "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo",
        "juniper", "kestrel", "lagoon",
    ];
    WORDS[number % WORDS.len()]
}
