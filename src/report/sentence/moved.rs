//! What moves in an answer with the rows of others: by how much, and from what to what.

use crate::model::exchange::Purpose;
use crate::model::finding::Finding;
use crate::report::text;

/// By how much a number is higher, or lower, with rows than without them: `rises by 1`.
pub(super) fn rise(with: Option<&str>, without: Option<&str>) -> Option<String> {
    let number = |text: Option<&str>| text?.parse::<f64>().ok().filter(|n| n.is_finite());
    let rise = number(with)? - number(without)?;
    // Sums of decimals are not exact: `0.30000000000000004`.
    let by = format!("{:.6}", rise.abs());
    let by = by.trim_end_matches('0').trim_end_matches('.');
    match by {
        "0" => None,
        by if rise > 0.0 => Some(format!("rises by {by}")),
        by => Some(format!("falls by {by}")),
    }
}

/// What stood in the answer with and without the rows of `what`, `number` of them.
pub(super) fn facts(
    finding: &Finding,
    at: &str,
    (with, without): (&Option<String>, &Option<String>),
    what: &str,
    number: usize,
) -> Vec<(&'static str, String)> {
    let said = |value: &Option<String>| {
        value
            .as_ref()
            .map_or_else(|| "nothing".to_owned(), |v| text::shorten(v, super::VALUE))
    };
    let verb = if number == 1 { "is" } else { "are" };
    let made = finding.history.of(Purpose::Setup).next().is_some();
    let (first, when) = if made {
        let after = format!("{}, once {what} {verb} made", said(with));
        (without, ("after", after))
    } else {
        let away = format!("{}, while {what} {verb} away", said(without));
        (with, ("without", away))
    };
    vec![("moved", format!("{at} is {}", said(first))), when]
}

#[cfg(test)]
mod tests {
    use super::rise;

    #[test]
    fn numbers_rise_or_fall_and_nothing_else_does() {
        let told = |with, without| rise(Some(with), Some(without));
        assert_eq!(told("13", "12").as_deref(), Some("rises by 1"));
        assert_eq!(told("0.3", "0.1").as_deref(), Some("rises by 0.2"));
        assert_eq!(told("-2", "98").as_deref(), Some("falls by 100"));
        for (with, without) in [("12", "12.0"), ("a", "1"), ("NaN", "1"), ("inf", "1")] {
            assert_eq!(told(with, without), None, "{with} {without}");
        }
        assert_eq!(rise(Some("1"), None), None);
    }
}
