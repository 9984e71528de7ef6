//! Readable text with canaries in it, in the form that the column's name asks for.

use rand::{Rng, RngExt};

use super::word::one;
use super::{Spot, pattern, time, token};
use crate::model::schema::Column;
use crate::seed::check::ColumnLimits;
use crate::seed::names;

/// A text that meets the limits, with a canary where it fits.
pub fn text(column: &Column, limits: &ColumnLimits, spot: &Spot<'_>, rng: &mut impl Rng) -> String {
    let most = column
        .max_length
        .map_or(usize::MAX, |m| usize::try_from(m).unwrap_or(usize::MAX));
    let fits = |text: &String| text.chars().count() <= most && limits.allows(text);
    let token = token(rng);
    if let Some(form) = by_name(column, limits, spot, &token, rng)
        .into_iter()
        .find(|f| fits(f))
    {
        return form;
    }
    let word = one(spot.number);
    let general = [
        format!("{token} {} {word} {token}", subject(spot)),
        format!("{} {token}", capital(word)),
        token.clone(),
        token.to_uppercase(),
        format!(
            "{token}{}",
            "x".repeat(limits.min_length.unwrap_or(0).saturating_sub(token.len()))
        ),
    ];
    if let Some(text) = general.into_iter().find(|f| fits(f)) {
        return text;
    }
    for (wanted, _) in limits.patterns.iter().filter(|(_, positive)| *positive) {
        let tries = (0..20).filter_map(|_| pattern::matching(wanted.as_str(), rng));
        if let Some(text) = tries.collect::<Vec<_>>().into_iter().find(|f| fits(f)) {
            return text;
        }
    }
    short(column, limits, spot, most, rng)
}

/// What fits where no canary does: letters and digits at random, so that unique columns stay unique.
fn short(
    column: &Column,
    limits: &ColumnLimits,
    spot: &Spot<'_>,
    most: usize,
    rng: &mut impl Rng,
) -> String {
    let most = most.min(limits.max_length.unwrap_or(usize::MAX)).min(24);
    let least = limits.min_length.unwrap_or(1).max(1);
    let readable = format!("{}{}", one(spot.number), spot.number);
    if (least..=most).contains(&readable.len()) && limits.allows(&readable) && !is_key(column) {
        return readable;
    }
    let letters = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random: String = (0..most.max(least))
        .map(|_| char::from(letters[rng.random_range(0..letters.len())]))
        .collect();
    if limits.case == Some(true) {
        random.to_uppercase()
    } else {
        random
    }
}

fn is_key(column: &Column) -> bool {
    names::is_any(&column.name, &["id", "key", "code", "slug"])
}

/// A random version 4 UUID.
pub fn uuid(rng: &mut impl Rng) -> String {
    let mut bytes = [0_u8; 16];
    rng.fill_bytes(&mut bytes);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// What a text is about: its table.
fn subject(spot: &Spot<'_>) -> String {
    let words = names::table_words(spot.table);
    if words.is_empty() {
        "note".into()
    } else {
        words.join(" ")
    }
}

/// The forms that a column's name asks for, the richest first; none where the name asks for nothing.
fn by_name(
    column: &Column,
    limits: &ColumnLimits,
    spot: &Spot<'_>,
    token: &str,
    rng: &mut impl Rng,
) -> Vec<String> {
    let words = names::words(&column.name);
    let has = |of: &[&str]| words.iter().any(|w| of.contains(&w.as_str()));
    // Elements of an array are named by the plural.
    let last = words
        .last()
        .map_or_else(String::new, |w| names::singular(w));
    let last = if last == "ips" { "ip" } else { last.as_str() };
    let number = spot.number;
    let color = format!("#{:06x}", rng.random_range(0..0x0100_0000_u32));
    match last {
        _ if has(&["email", "mail"]) && !has(&["subject", "body", "template"]) => {
            vec![
                format!("{token}@example.com"),
                format!("u{number}@example.com"),
            ]
        }
        _ if has(&["phone", "mobile", "fax", "tel", "telephone"]) => {
            vec![
                format!("+1555{:07}", rng.random_range(0..10_000_000_u32)),
                format!("555{number:04}"),
            ]
        }
        _ if has(&["color", "colour"]) => vec![color, "red".into()],
        _ if has(&[
            "url",
            "uri",
            "href",
            "website",
            "webhook",
            "homepage",
            "avatar",
            "logo",
            "image",
            "photo",
            "thumbnail",
            "picture",
        ]) =>
        {
            vec![
                format!("https://example.com/{token}/{token}"),
                format!("https://example.com/{token}"),
                token.into(),
            ]
        }
        "link" | "endpoint" => vec![format!("https://example.com/{token}"), token.into()],
        "currency" => vec!["EUR".into(), "E".into()],
        "country" => vec![if column.max_length == Some(3) {
            "DEU".into()
        } else {
            "DE".into()
        }],
        "locale" | "language" | "lang" => vec!["en".into()],
        "timezone" | "tz" => vec!["UTC".into()],
        "zip" | "postcode" | "zipcode" => vec![format!("{:05}", 10_000 + number)],
        "ip" => vec![format!("198.51.100.{}", 1 + number % 250)],
        "address" if has(&["ip", "remote"]) => vec![format!("198.51.100.{}", 1 + number % 250)],
        "mime" | "mimetype" => vec!["text/plain".into()],
        "type" if has(&["mime", "content"]) => vec!["text/plain".into()],
        "version" => vec!["1.0.0".into()],
        "cron" | "schedule" => vec!["0 9 * * 1".into()],
        "uuid" | "guid" => vec![uuid(rng)],
        "number" | "no" | "slug" | "subdomain" | "handle" | "username" | "login" | "token"
        | "secret" | "key" | "nonce" | "code" | "sku" | "reference" | "ref" | "identifier"
        | "id" | "hash" | "digest" | "checksum" | "signature" | "prefix" | "etag" => {
            vec![token.into(), token.to_uppercase()]
        }
        "filename" => vec![format!("{token}.txt")],
        "path" | "file" | "filepath" => vec![format!("files/{token}.txt"), format!("{token}.txt")],
        "name" if has(&["file"]) => vec![format!("{token}.txt")],
        "agent" if has(&["user"]) => vec![format!("Mozilla/5.0 ({token})")],
        "domain" | "hostname" => vec![format!("{token}.example.com"), token.into()],
        "date" | "day" => vec![time::date(column, limits, spot).to_string()],
        "at" | "time" | "timestamp" if words.len() > 1 => {
            vec![time::timestamp(column, limits, spot).replace(' ', "T")]
        }
        "name" | "title" | "label" | "subject" | "headline" | "company" => {
            let word = capital(one(number));
            vec![
                format!("{token} {word} {token}"),
                format!("{word} {token}"),
                token.into(),
            ]
        }
        "first" | "last" | "firstname" | "lastname" | "surname" | "city" | "street" => {
            vec![token.into()]
        }
        _ => Vec::new(),
    }
}
