//! Values of a column's shape that no row has: what a target refuses for their form alone would tell nothing.

use std::collections::BTreeSet;

use rand::{Rng, RngExt};

use crate::model::knowledge::Knowledge;
use crate::model::reference::elements;
use crate::model::schema::{ColumnRef, Kind};
use crate::seed::uuid;

/// How many values a slot is given.
const VALUES: usize = 2;

/// How many values are made up before the form is given more room.
const TRIES: usize = 64;

/// Values that no row has in that column, of the form of `like` where that is given: a foreign value that will be tried.
pub fn values(
    knowledge: &Knowledge,
    column: ColumnRef,
    like: Option<&str>,
    rng: &mut impl Rng,
) -> Vec<String> {
    let kind = &knowledge.schema.table(column.table).columns[column.column].kind;
    let rows = knowledge.rows.of(column.table);
    let stored = rows.filter_map(|(_, row)| row[column.column].as_ref());
    // Of lists one element is sent.
    let (kind, mut taken): (_, BTreeSet<String>) = match kind {
        Kind::Array(of) => {
            let each = stored.flat_map(elements).map(|v| v.to_string());
            (&**of, each.collect())
        }
        _ => (kind, stored.map(ToString::to_string).collect()),
    };
    let mut made = Vec::new();
    for _ in 0..VALUES {
        let Some(value) = value(kind, &taken, like, rng) else {
            break;
        };
        taken.insert(value.clone());
        made.push(value);
    }
    made
}

fn value(
    kind: &Kind,
    taken: &BTreeSet<String>,
    like: Option<&str>,
    rng: &mut impl Rng,
) -> Option<String> {
    match kind {
        Kind::Integer(_) | Kind::Numeric(_) => Some(number(taken, rng)),
        Kind::Uuid => Some(uuid(rng)),
        _ => {
            let sample = like.or_else(|| taken.first().map(String::as_str))?;
            if ::uuid::Uuid::parse_str(sample).is_ok() {
                return Some(uuid(rng));
            }
            text(sample, taken, rng)
        }
    }
}

/// A gap among the numbers, or one beyond them.
fn number(taken: &BTreeSet<String>, rng: &mut impl Rng) -> String {
    let numbers = taken.iter().filter_map(|v| v.parse::<i64>().ok());
    let most = numbers.max().unwrap_or(0);
    let gap = (1..most).rev().find(|n| !taken.contains(&n.to_string()));
    let beyond = most.saturating_add(rng.random_range(1..900));
    gap.filter(|_| rng.random_bool(0.5))
        .unwrap_or(beyond)
        .to_string()
}

/// Another text of the same form: what the values of its kind begin with stays, and so does their alphabet, as long as
/// there is a free one.
fn text(sample: &str, taken: &BTreeSet<String>, rng: &mut impl Rng) -> Option<String> {
    let kin = || taken.iter().filter(|v| word(v) == word(sample));
    let shared = kin()
        .filter(|v| *v != sample)
        .map(|v| shared(v, sample))
        .min();
    let letters = sample.chars().count();
    let most = shared.unwrap_or(letters).min(letters.saturating_sub(1));
    let alphabet: BTreeSet<char> = kin()
        .chain([&sample.to_owned()])
        .flat_map(|v| v.chars().skip(most))
        .collect();
    let rooms = (0..=most)
        .rev()
        .flat_map(|kept| [(kept, true), (kept, false)]);
    for (kept, narrow) in rooms {
        for _ in 0..TRIES {
            let characters = sample.chars().enumerate().map(|(n, c)| {
                if n < kept {
                    c
                } else {
                    other(c, &alphabet, narrow, rng)
                }
            });
            let value: String = characters.collect();
            if value != sample && !taken.contains(&value) {
                return Some(value);
            }
        }
    }
    None
}

/// The letters that a value begins with.
fn word(value: &str) -> &str {
    let end = value.find(|c: char| !c.is_alphabetic());
    &value[..end.unwrap_or(0)]
}

/// How many characters two values begin with alike.
fn shared(one: &str, other: &str) -> usize {
    one.chars()
        .zip(other.chars())
        .take_while(|(a, b)| a == b)
        .count()
}

/// Another character of the same class: of those that the values use, or any.
fn other(c: char, alphabet: &BTreeSet<char>, narrow: bool, rng: &mut impl Rng) -> char {
    let class = match c {
        '0'..='9' => '0'..='9',
        'a'..='z' => 'a'..='z',
        'A'..='Z' => 'A'..='Z',
        other => return other,
    };
    // Few numbers use few digits; letters may mean something.
    let all = class.filter(|l| !narrow || l.is_ascii_digit() || alphabet.contains(l));
    let all: Vec<char> = all.collect();
    if all.is_empty() {
        return c;
    }
    all[rng.random_range(0..all.len())]
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    fn made(values: &[&str], like: &str) -> Vec<String> {
        let taken: BTreeSet<String> = values.iter().map(|&v| v.to_owned()).collect();
        let each = |seed| text(like, &taken, &mut ChaCha8Rng::seed_from_u64(seed));
        let made: Vec<String> = (0..40).filter_map(each).collect();
        assert!(made.iter().all(|v| !taken.contains(v)), "{made:?}");
        made
    }

    #[test]
    fn what_numbers_of_documents_begin_with_stays() {
        let taken = [
            "INV-2024-0001",
            "INV-2024-0017",
            "INV-2023-0009",
            "RE-7",
            "credit",
        ];
        let made = made(&taken, "INV-2024-0017");
        assert_eq!(made.len(), 40);
        for value in made {
            let (head, digits) = value.split_at(7);
            assert_eq!(head, "INV-202", "{value}");
            assert!(digits.len() == 6 && digits.as_bytes()[1] == b'-', "{value}");
        }
    }

    #[test]
    fn hex_stays_hex() {
        let made = made(&["5f0c9ad2", "1be7730a", "00ffab12"], "1be7730a");
        let hex = |v: &String| v.len() == 8 && v.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(made.len() == 40 && made.iter().all(hex), "{made:?}");
    }

    #[test]
    fn a_value_alone_keeps_all_but_its_end_and_gets_more_room_where_none_is_free() {
        assert!(
            made(&["INV-7"], "INV-7")
                .iter()
                .all(|v| v.starts_with("INV-"))
        );
        let digits: Vec<String> = (0..10).map(|n| format!("K-{n}")).collect();
        let digits: Vec<&str> = digits.iter().map(String::as_str).collect();
        assert!(
            made(&digits, "K-3")
                .iter()
                .all(|v| v.ends_with(|c: char| c.is_ascii_digit()))
        );
        assert!(made(&["---"], "---").is_empty());
    }

    #[test]
    fn numbers_stay_in_the_live_range_or_just_beyond_it() {
        let taken: BTreeSet<String> = ["1", "2", "5"].map(str::to_owned).into();
        for seed in 0..20 {
            let value = number(&taken, &mut ChaCha8Rng::seed_from_u64(seed));
            assert!(!taken.contains(&value) && value.parse::<i64>().unwrap() < 1000);
        }
    }
}
