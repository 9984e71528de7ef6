//! The dates of cookies, which servers write in many ways (RFC 6265, section 5.1.1).

use std::time::{Duration, SystemTime};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// A date in any of the forms that browsers accept; `None` where it is none.
pub(crate) fn parse_date(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    let is_delimiter = |c: char| !(c.is_ascii_alphanumeric() || c == ':');
    for token in text.split(is_delimiter).filter(|t| !t.is_empty()) {
        if time.is_none() && token.contains(':') {
            time = clock(token);
        } else if let (None, Some(index)) = (month, month_of(token)) {
            month = Some(index);
        } else if let Ok(number) = token.parse::<u64>() {
            if day.is_none() && token.len() <= 2 {
                day = Some(number);
            } else if year.is_none() {
                year = Some(full_year(number));
            }
        }
    }
    let (year, month, day) = (year?, month?, day?);
    let valid = year >= 1601 && (1..=31).contains(&day);
    let days = valid.then(|| days_from_epoch(year, month, day))?;
    // Every date before the epoch has passed, which is all that matters of it.
    let seconds = u64::try_from(days).map_or(0, |days| days * 86_400 + time.unwrap_or(0));
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

fn clock(token: &str) -> Option<u64> {
    let mut parts = token.splitn(3, ':').map(|p| p.parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

fn month_of(token: &str) -> Option<u64> {
    let token = token.get(..3)?.to_ascii_lowercase();
    (1..).zip(MONTHS).find(|(_, m)| *m == token).map(|(n, _)| n)
}

fn full_year(number: u64) -> u64 {
    match number {
        0..=69 => number + 2000,
        70..=99 => number + 1900,
        _ => number,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days_from_epoch(year: u64, month: u64, day: u64) -> i64 {
    // Years begin in March here, so that the leap day comes last.
    let shifted = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let in_year = (153 * from_march + 2) / 5 + day - 1;
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + in_year;
    i64::try_from(days).unwrap_or(i64::MAX) - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<u64> {
        let since = parse_date(text)?.duration_since(SystemTime::UNIX_EPOCH);
        since.ok().map(|d| d.as_secs())
    }

    #[test]
    fn reads_the_forms_in_use() {
        for text in [
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "Wednesday, 21-Oct-15 07:28:00 GMT",
            "Wed Oct 21 07:28:00 2015",
            "21 October 2015 07:28:00",
        ] {
            assert_eq!(seconds(text), Some(1_445_412_480), "{text}");
        }
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(
            seconds("Tue, 29 Feb 2028 00:00:00 GMT"),
            Some(1_835_395_200)
        );
        assert_eq!(seconds("Sat, 01 Jan 1601 00:00:00 GMT"), Some(0));
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in ["", "soon", "Oct 2015", "99 Oct 2015 07:28:00", "0"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
