//! Forged cookies: a cookie that says which tenant its session is in, taken apart and put together otherwise.
//!
//! What the cookie says is found by the session's own tenant: its key or slug, as it is, in JSON, or in base64; what stands
//! behind it, set off by a separator and as long and random as a digest, is the seal.

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{percent_decode_str, utf8_percent_encode};
use serde_json::Value as Json;
use sha2::Sha256;

use super::placeholder::COMPONENT;
use crate::model::call::{CookieTampering, Seal, Sent};
use crate::model::facts::TenantCookie;
use crate::model::tenant::Tenant;

/// What sets off the parts of a cookie.
const SEPARATORS: &[char] = &['.', '|', ':', '!', '~'];

/// A key or slug of fewer letters also stands in longer texts by chance: `1`.
const TELLING: usize = 6;

/// A seal has as many characters: 12 bytes in base64.
const SHORTEST_SEAL: usize = 16;

/// What facts tell of a cookie; `None` where it does not say the tenant.
pub(crate) fn facts(name: &str, value: &str, own: &Tenant) -> Option<TenantCookie> {
    let value = decoded(value);
    let parts = Parts::of(&value, own)?;
    Some(TenantCookie {
        name: name.to_owned(),
        sealed: parts.seal.is_some(),
        by_sha256: parts.digest_like().is_some(),
    })
}

/// The value of the forged cookie, as sent; `None` where the cookie does not say the tenant `own`, or has no such seal.
pub(crate) fn forge(
    value: &str,
    tampering: &CookieTampering,
    own: &Tenant,
    other: Option<&Tenant>,
) -> Option<String> {
    let was_encoded = value.contains('%');
    let plain = decoded(value);
    let parts = Parts::of(&plain, own)?;
    let said = match other {
        Some(other) => format!("{}{}", parts.before, parts.said.renamed(own, other)?),
        None => plain[..parts.seal_from()].to_owned(),
    };
    let body = match other {
        Some(_) => said + parts.between,
        None => said,
    };
    let forged = match (&tampering.seal, parts.seal) {
        (Seal::Stale, None) | (Seal::Absent, Some(_)) => body,
        (_, None) | (Seal::Expired, _) => return None,
        (Seal::Stale, Some((separator, seal))) => format!("{body}{separator}{seal}"),
        (Seal::Half, Some((separator, seal))) => {
            format!("{body}{separator}{}", &seal[..seal.len() / 2])
        }
        (Seal::Extended, Some((separator, seal))) => format!("{body}{separator}{seal}0"),
        (Seal::Empty, Some((separator, _))) => format!("{body}{separator}"),
        (Seal::Secret(secret), Some((separator, _))) => {
            let write = parts.digest_like()?;
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
            mac.update(body.as_bytes());
            let seal = write(&mac.finalize().into_bytes());
            format!("{body}{separator}{seal}")
        }
    };
    Some(match tampering.sent {
        Sent::Quoted => format!("\"{forged}\""),
        Sent::Encoded => forged
            .split_inclusive(SEPARATORS)
            .map(encoded_end)
            .collect(),
        _ if was_encoded => utf8_percent_encode(&forged, COMPONENT).to_string(),
        _ => forged,
    })
}

/// A part whose last character, where it is a separator, is percent-encoded.
fn encoded_end(part: &str) -> String {
    let mut letters = part.chars();
    match letters.next_back().filter(|last| SEPARATORS.contains(last)) {
        Some(last) => format!("{}%{:02X}", letters.as_str(), u32::from(last)),
        None => part.to_owned(),
    }
}

fn decoded(value: &str) -> String {
    percent_decode_str(value.trim_matches('"'))
        .decode_utf8_lossy()
        .into_owned()
}

/// A cookie's value taken apart.
struct Parts<'a> {
    before: &'a str,
    said: Said<'a>,
    /// What stands between what it says and its seal: a time, with separators.
    between: &'a str,
    /// The separator and the seal.
    seal: Option<(&'a str, &'a str)>,
    whole: &'a str,
}

impl<'a> Parts<'a> {
    fn of(value: &'a str, own: &Tenant) -> Option<Self> {
        if let Some(said) = Said::of(value, own) {
            // What is text as a whole may still end in a seal.
            if serde_json::from_str::<Json>(value).is_ok() || !value.contains(SEPARATORS) {
                return Some(Self {
                    before: "",
                    said,
                    between: "",
                    seal: None,
                    whole: value,
                });
            }
        }
        let mut start = 0;
        for segment in value.split(SEPARATORS) {
            let end = start + segment.len();
            if let Some(said) = Said::of(segment, own) {
                let rest = &value[end..];
                let seal = rest
                    .rfind(SEPARATORS)
                    .map(|at| (&rest[at..=at], &rest[at + 1..]))
                    .filter(|(_, seal)| is_seal(seal));
                let between = seal.map_or(rest, |(_, seal)| &rest[..rest.len() - seal.len() - 1]);
                return Some(Self {
                    before: &value[..start],
                    said,
                    between,
                    seal,
                    whole: value,
                });
            }
            start = end + 1;
        }
        None
    }

    /// Where the separator of the seal stands; the end where there is none.
    fn seal_from(&self) -> usize {
        let seal = self.seal.map_or(0, |(_, seal)| seal.len() + 1);
        self.whole.len() - seal
    }

    /// How a digest of 32 bytes is written here; `None` where the seal is no such digest.
    fn digest_like(&self) -> Option<fn(&[u8]) -> String> {
        let (_, seal) = self.seal?;
        let is_hex = seal.bytes().all(|b| b.is_ascii_hexdigit());
        match seal.len() {
            64 if is_hex => Some(|bytes| hex::encode(bytes)),
            44 if seal.contains(['+', '/']) => Some(|bytes| STANDARD.encode(bytes)),
            44 => Some(|bytes| URL_SAFE.encode(bytes)),
            43 if seal.contains(['+', '/']) => Some(|bytes| STANDARD_NO_PAD.encode(bytes)),
            43 => Some(|bytes| URL_SAFE_NO_PAD.encode(bytes)),
            _ => None,
        }
    }
}

fn is_seal(text: &str) -> bool {
    let letters = |b: u8| b.is_ascii_alphanumeric() || b"+/-_=".contains(&b);
    text.len() >= SHORTEST_SEAL && text.bytes().all(letters)
}

/// The part that says the tenant.
enum Said<'a> {
    Plain(&'a str),
    /// In base64, the URL's alphabet and without padding or not.
    Base64(String, &'static GeneralPurpose),
}

impl<'a> Said<'a> {
    fn of(text: &'a str, own: &Tenant) -> Option<Self> {
        if names(text, own) {
            return Some(Self::Plain(text));
        }
        [&URL_SAFE_NO_PAD, &URL_SAFE, &STANDARD_NO_PAD, &STANDARD]
            .into_iter()
            .find_map(|engine| {
                let bytes = engine.decode(text).ok()?;
                let text = String::from_utf8(bytes).ok().filter(|t| names(t, own))?;
                Some(Self::Base64(text, engine))
            })
    }

    /// The same with another tenant.
    fn renamed(&self, own: &Tenant, other: &Tenant) -> Option<String> {
        match self {
            Self::Plain(text) => renamed(text, own, other),
            Self::Base64(text, engine) => Some(engine.encode(renamed(text, own, other)?)),
        }
    }
}

fn names(text: &str, tenant: &Tenant) -> bool {
    // Any other will do: only whether something changes is asked.
    let other = Tenant {
        key: "~".into(),
        slug: "~".into(),
        ..tenant.clone()
    };
    renamed(text, tenant, &other).is_some()
}

/// A text with another tenant in it; `None` where it does not say `own`.
fn renamed(text: &str, own: &Tenant, other: &Tenant) -> Option<String> {
    if let Ok(mut json @ (Json::Object(_) | Json::Array(_))) = serde_json::from_str(text) {
        return rename_leaves(&mut json, own, other).then(|| json.to_string());
    }
    for (mine, others) in [(&*own.key, &*other.key), (&own.slug, &other.slug)] {
        if text == mine {
            return Some(others.to_owned());
        }
        if mine.len() >= TELLING && text.contains(mine) {
            return Some(text.replace(mine, others));
        }
    }
    None
}

fn rename_leaves(json: &mut Json, own: &Tenant, other: &Tenant) -> bool {
    match json {
        Json::Object(map) => map
            .values_mut()
            .fold(false, |any, value| rename_leaves(value, own, other) | any),
        Json::Array(items) => items
            .iter_mut()
            .fold(false, |any, value| rename_leaves(value, own, other) | any),
        Json::String(text) => {
            let renamed = renamed(text, own, other);
            let any = renamed.is_some();
            if let Some(renamed) = renamed {
                *text = renamed;
            }
            any
        }
        Json::Number(number) if number.to_string() == *own.key => {
            *json = serde_json::from_str(&other.key).unwrap_or_else(|_| (*other.key).into());
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(key: &str, slug: &str) -> Tenant {
        Tenant {
            key: key.into(),
            slug: slug.into(),
            name: slug.into(),
            label: slug.into(),
            control: false,
        }
    }

    fn forged(value: &str, other: Option<&str>, seal: Seal, sent: Sent) -> Option<String> {
        let own = tenant("key-1", "acme");
        let other = other.map(|slug| tenant("key-2", slug));
        let tampering = CookieTampering {
            name: "t".into(),
            of: None,
            tenant: None,
            seal,
            sent,
        };
        forge(value, &tampering, &own, other.as_ref())
    }

    #[test]
    fn what_is_plain_is_renamed_and_other_cookies_are_left_alone() {
        let stale = |value| forged(value, Some("globex"), Seal::Stale, Sent::Alone);
        assert_eq!(stale("acme").as_deref(), Some("globex"));
        assert_eq!(stale("key-1").as_deref(), Some("key-2"));
        assert_eq!(
            stale("{%22t%22:%22key-1%22}").as_deref(),
            Some("%7B%22t%22%3A%22key-2%22%7D")
        );
        assert_eq!(stale("s1.acmeish.x"), None);
        assert_eq!(stale("deadbeefdeadbeefdeadbeef"), None);
        assert_eq!(
            forged("acme", Some("globex"), Seal::Empty, Sent::Alone),
            None
        );
    }

    #[test]
    fn a_seal_is_kept_cut_left_out_or_made() {
        let payload = URL_SAFE_NO_PAD.encode(r#"{"t":"key-1","u":"7"}"#);
        let other = URL_SAFE_NO_PAD.encode(r#"{"t":"key-2","u":"7"}"#);
        let seal = "ab".repeat(32);
        let value = format!("v1.{payload}.{seal}");
        let own = tenant("key-1", "acme");
        let found = facts("t", &value, &own).unwrap();
        assert!(found.sealed && found.by_sha256);
        let to = |seal, sent| forged(&value, Some("globex"), seal, sent).unwrap();
        assert_eq!(to(Seal::Stale, Sent::Alone), format!("v1.{other}.{seal}"));
        assert_eq!(to(Seal::Empty, Sent::Alone), format!("v1.{other}."));
        assert_eq!(to(Seal::Absent, Sent::Alone), format!("v1.{other}"));
        assert_eq!(
            to(Seal::Stale, Sent::Quoted),
            format!("\"v1.{other}.{seal}\"")
        );
        assert_eq!(
            to(Seal::Stale, Sent::Encoded),
            format!("v1%2E{other}%2E{seal}")
        );
        let made = to(Seal::Secret("secret".into()), Sent::Alone);
        let mut mac = Hmac::<Sha256>::new_from_slice(b"secret").unwrap();
        mac.update(format!("v1.{other}").as_bytes());
        assert_eq!(
            made,
            format!("v1.{other}.{}", hex::encode(mac.finalize().into_bytes()))
        );
        let same = |seal| forged(&value, None, seal, Sent::Alone).unwrap();
        assert_eq!(
            same(Seal::Half),
            format!("v1.{payload}.{}", "ab".repeat(16))
        );
        assert_eq!(same(Seal::Extended), format!("{value}0"));
    }

    #[test]
    fn a_time_between_stays_and_a_number_stays_a_number() {
        let own = tenant("4", "acme");
        let other = tenant("5", "globex");
        let value = format!(
            "{}:1700000000:{}",
            STANDARD.encode(r#"{"org":4,"n":44}"#),
            "x".repeat(27)
        );
        let tampering = CookieTampering {
            name: "t".into(),
            of: None,
            tenant: None,
            seal: Seal::Stale,
            sent: Sent::Alone,
        };
        let forged = forge(&value, &tampering, &own, Some(&other)).unwrap();
        let expected = STANDARD.encode(r#"{"org":5,"n":44}"#);
        assert_eq!(forged, format!("{expected}:1700000000:{}", "x".repeat(27)));
        let found = facts("t", &value, &own).unwrap();
        assert!(found.sealed && !found.by_sha256);
    }
}
