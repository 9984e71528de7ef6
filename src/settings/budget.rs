//! The budget: how long attacks may go on, or how many sequences explore plays.

use std::time::Duration;

use super::environment::parse_duration;

/// How many sequences explore plays where no budget is set.
pub const SEQUENCES: usize = 2000;

/// How much is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// Sweep and explore end after that time; explore goes on until then.
    Time(Duration),
    /// The sweep is whole, and explore plays so many sequences; with none, nothing is explored.
    Sequences(usize),
}

impl Budget {
    /// `90s`, `5m`, `1h` as a time that is not nothing; a bare number counts sequences.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(number) = text.trim().parse() {
            return Some(Self::Sequences(number));
        }
        let time = parse_duration(text).filter(|time| !time.is_zero())?;
        Some(Self::Time(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_time_or_a_number_of_sequences() {
        let minutes = Budget::Time(Duration::from_mins(5));
        assert_eq!(Budget::parse("5m"), Some(minutes));
        assert_eq!(Budget::parse("90"), Some(Budget::Sequences(90)));
        assert_eq!(Budget::parse("0"), Some(Budget::Sequences(0)));
        for wrong in ["", "0s", "soon", "1d", "-3"] {
            assert_eq!(Budget::parse(wrong), None, "{wrong}");
        }
    }
}
