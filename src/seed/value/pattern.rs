//! A text that a simple regular expression matches.

use rand::{Rng, RngExt};
use regex_syntax::hir::{Class, Hir, HirKind};

/// A text that matches, or `None` where the expression asks for more than a generator can give.
pub fn matching(source: &str, rng: &mut impl Rng) -> Option<String> {
    let hir = regex_syntax::parse(source).ok()?;
    let mut out = String::new();
    write(&hir, rng, &mut out)?;
    Some(out)
}

fn write(hir: &Hir, rng: &mut impl Rng, out: &mut String) -> Option<()> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).ok()?),
        HirKind::Class(class) => out.push(letter(class, rng)?),
        HirKind::Repetition(repetition) => {
            let most = repetition
                .max
                .unwrap_or(repetition.min + 8)
                .min(repetition.min + 8);
            for _ in 0..rng.random_range(repetition.min..=most.max(repetition.min)) {
                write(&repetition.sub, rng, out)?;
            }
        }
        HirKind::Capture(capture) => write(&capture.sub, rng, out)?,
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, rng, out)?;
            }
        }
        HirKind::Alternation(ways) => write(&ways[rng.random_range(0..ways.len())], rng, out)?,
    }
    Some(())
}

/// A character of a class, a plain one where the class has any.
fn letter(class: &Class, rng: &mut impl Rng) -> Option<char> {
    const PLAIN: &str = "abcdefghijkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ01";
    let holds = |c: char| match class {
        Class::Unicode(class) => class
            .ranges()
            .iter()
            .any(|r| (r.start()..=r.end()).contains(&c)),
        Class::Bytes(class) => u8::try_from(c).is_ok_and(|b| {
            class
                .ranges()
                .iter()
                .any(|r| (r.start()..=r.end()).contains(&b))
        }),
    };
    let plain: Vec<char> = PLAIN.chars().filter(|c| holds(*c)).collect();
    if !plain.is_empty() {
        return Some(plain[rng.random_range(0..plain.len())]);
    }
    match class {
        Class::Unicode(class) => class
            .ranges()
            .first()
            .map(regex_syntax::hir::ClassUnicodeRange::start),
        Class::Bytes(class) => class.ranges().first().map(|r| char::from(r.start())),
    }
}
