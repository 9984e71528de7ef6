//! Decimal numbers, compared and added exactly: what SQL says and what an answer says of one figure.

use std::fmt;
use std::iter::Sum;

/// Digits behind the point that are kept; further ones are dropped on both sides.
const PLACES: usize = 12;

/// A decimal number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(i128);

impl Decimal {
    /// The number that a text is: `12`, `-3.50`, `1e3`; `None` where it is none, or too large.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all = [whole, part].concat();
        if all.is_empty() || !all.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        // How many of the digits stand before the point once the exponent is applied, and those that are kept.
        let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
        let kept = usize::try_from(point + i32::try_from(PLACES).ok()?).unwrap_or(0);
        let mut value: i128 = 0;
        for at in 0..kept {
            let digit = all.as_bytes().get(at).map_or(0, |b| b - b'0');
            value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
        }
        Some(Self(if negative { -value } else { value }))
    }
}

impl Sum for Decimal {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        Self(all.fold(0, |sum, one| sum.saturating_add(one.0)))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>1$}", self.0.unsigned_abs(), PLACES + 1);
        let (whole, part) = digits.split_at(digits.len() - PLACES);
        let sign = if self.0 < 0 { "-" } else { "" };
        match part.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            part => write!(f, "{sign}{whole}.{part}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_by_value_and_written_short() {
        for (text, written) in [
            ("12", "12"),
            ("12.50", "12.5"),
            ("-0.05", "-0.05"),
            ("1e3", "1000"),
            ("1.5E-2", "0.015"),
            ("0.00", "0"),
            ("83.3333333333333333", "83.333333333333"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), written);
        }
        assert_eq!(Decimal::parse("12.50"), Decimal::parse("12.5"));
        for text in ["", "x", "1,5", "-", "1e", &"9".repeat(40)] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn sums_are_exact() {
        let all = ["0.1", "0.2", "-1"].map(|t| Decimal::parse(t).unwrap());
        assert_eq!(all.into_iter().sum::<Decimal>().to_string(), "-0.7");
    }
}
