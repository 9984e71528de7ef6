//! Small words: numbers, durations, lists, shortened values.

use std::time::Duration;

use crate::model::verdict::Severity;

/// `1,234,567`.
pub fn number(n: usize) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 case`, `2 cases`: an `s` is added for any number but one.
pub fn count(n: usize, one: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{} {one}s", number(n))
    }
}

/// `850 ms`, `12.3 s`, `4 min 5 s`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => format!("{} ms", time.as_millis()),
        1..60 => format!("{seconds}.{} s", time.subsec_millis() / 100),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// At most `limit` characters, the end cut off with `…`; control characters made visible.
pub fn shorten(value: &str, limit: usize) -> String {
    let visible: String = value
        .chars()
        .flat_map(|c| {
            let escaped: Vec<char> = if c.is_control() {
                c.escape_default().collect()
            } else {
                vec![c]
            };
            escaped
        })
        .collect();
    if visible.chars().count() <= limit {
        return visible;
    }
    visible
        .chars()
        .take(limit.saturating_sub(1))
        .chain(['…'])
        .collect()
}

/// A severity's word.
pub const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}

/// Every severity, the gravest first.
pub const SEVERITIES: [Severity; 5] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
    Severity::Info,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let seen: Vec<String> = [0, 999, 1000, 1_234_567].into_iter().map(number).collect();
        assert_eq!(seen, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn durations_are_as_exact_as_a_reader_needs() {
        let of = |ms| duration(Duration::from_millis(ms));
        assert_eq!(
            [of(7), of(12_345), of(245_000)],
            ["7 ms", "12.3 s", "4 min 5 s"]
        );
    }

    #[test]
    fn lists_end_with_and() {
        let of = |items: &[&str]| list(&items.iter().map(|&i| i.to_owned()).collect::<Vec<_>>());
        assert_eq!(
            [of(&[]), of(&["a"]), of(&["a", "b", "c"])],
            ["", "a", "a, b and c"]
        );
    }

    #[test]
    fn shortened_values_keep_to_the_limit_and_show_no_control_characters() {
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(shorten("a\u{1b}[31m\n", 20), "a\\u{1b}[31m\\n");
    }
}
