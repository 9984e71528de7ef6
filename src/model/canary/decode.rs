//! The ways in which a value may be wrapped on its way out: JSON, XML and percent escapes, base64, hexadecimal, archives.

use std::io::{Cursor, Read};

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode;

use super::tokens::{in_token, is_joint};

/// Takes any padding and ignores trailing bits: a run cut out of a text is rarely tidy.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// How many files of one archive are read.
const FILES: usize = 1000;

/// No escape of XML is longer, marks included: `&#x10FFFF;`, with two zeros in front.
const LONGEST_NAME: usize = 12;

/// The text with JSON escapes resolved; `None` where there are none.
pub(super) fn json_unescape(text: &[u8]) -> Option<Vec<u8>> {
    resolved(text, b'\\', json_escape)
}

/// The text with the escapes of XML and HTML resolved: numbers, and the names that XML has; `None` where there are none.
pub(super) fn xml_unescape(text: &[u8]) -> Option<Vec<u8>> {
    resolved(text, b'&', xml_escape)
}

/// The text with what `mark` begins resolved; `None` where there is nothing. `escape` resolves the escape that a text begins
/// with and says how long it was; a lone mark is kept.
fn resolved(text: &[u8], mark: u8, escape: fn(&[u8], &mut Vec<u8>) -> usize) -> Option<Vec<u8>> {
    memchr::memchr(mark, text)?;
    let mut rest = text;
    let mut out = Vec::new();
    let mut changed = false;
    while let Some(at) = memchr::memchr(mark, rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let taken = escape(rest, &mut out);
        changed |= taken > 1;
        rest = &rest[taken..];
    }
    out.extend_from_slice(rest);
    changed.then_some(out)
}

fn xml_escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let end = text.iter().take(LONGEST_NAME).position(|&b| b == b';');
    let named = end.and_then(|end| std::str::from_utf8(&text[1..end]).ok());
    if let (Some(end), Some(c)) = (end, named.and_then(character)) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        end + 1
    } else {
        out.push(b'&');
        1
    }
}

/// What a name of XML's, or the number of a character, stands for.
fn character(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').map(|number| {
        let digits = number.strip_prefix(['x', 'X']);
        digits.map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16))
    });
    match (number, name) {
        (Some(number), _) => char::from_u32(number.ok()?),
        (None, "amp") => Some('&'),
        (None, "lt") => Some('<'),
        (None, "gt") => Some('>'),
        (None, "quot") => Some('"'),
        (None, "apos") => Some('\''),
        (None, _) => None,
    }
}

fn json_escape(text: &[u8], out: &mut Vec<u8>) -> usize {
    let plain = match text.get(1) {
        Some(&b @ (b'"' | b'\\' | b'/')) => b,
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(b'u') => return unicode(text, out),
        _ => {
            out.push(b'\\');
            return 1;
        }
    };
    out.push(plain);
    2
}

fn unicode(text: &[u8], out: &mut Vec<u8>) -> usize {
    let unit = |at: usize| -> Option<u16> {
        let digits = text.get(at..at + 6)?;
        let digits = digits.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let Some(first) = unit(0) else {
        out.push(b'\\');
        return 1;
    };
    let pair = unit(6).filter(|_| (0xD800..0xDC00).contains(&first));
    let units: &[u16] = &[first, pair.unwrap_or_default()];
    let units = &units[..=usize::from(pair.is_some())];
    for decoded in char::decode_utf16(units.iter().copied()) {
        let c = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    6 * units.len()
}

/// The text with percent escapes resolved; `None` where there are none.
pub(super) fn percent(text: &[u8]) -> Option<Vec<u8>> {
    let first = memchr::memchr(b'%', text)?;
    let decoded: Vec<u8> = percent_decode(&text[first..]).collect();
    (decoded.len() != text.len() - first).then(|| [&text[..first], &decoded].concat())
}

/// The six bits that a character of base64 stands for, in either alphabet; 0 for others.
const SIX_BITS: [u8; 256] = {
    let mut bits = [0; 256];
    let alphabets = [
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    ];
    let mut six: u8 = 0;
    while six < 64 {
        bits[alphabets[0][six as usize] as usize] = six;
        bits[alphabets[1][six as usize] as usize] = six;
        six += 1;
    }
    bits
};

/// Whether a byte may be a part of a token, as it is or wrapped once more.
const WRAPPED: [bool; 256] = {
    let mut wrapped = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        wrapped[byte as usize] = in_token(byte) || is_joint(byte) || matches!(byte, b'\\' | b'%');
        byte += 1;
    }
    wrapped
};

/// Whether a run of base64 may hold a token or an archive. A token of twelve bytes fills three groups of three at least, so
/// that one of every three groups is looked at: bytes that no token has, encoded or not, rule it out.
pub(super) fn may_be_base64(run: &[u8]) -> bool {
    let mut may = false;
    // Without a branch a group: which of them may hold is as good as random.
    for groups in run.as_chunks::<12>().0 {
        let six = |at: usize| SIX_BITS[usize::from(groups[at])];
        let [a, b, c, d] = [six(8), six(9), six(10), six(11)];
        let (first, second, third) = (a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d);
        let wrapped = |byte: u8| WRAPPED[usize::from(byte)];
        may |= wrapped(first) & wrapped(second) & wrapped(third);
    }
    may || run.starts_with(b"H4sI") || run.starts_with(b"UEsD")
}

/// Decodes a run of base64; false where it is none. `url` chooses the alphabet.
pub(super) fn base64(run: &[u8], url: bool, into: &mut Vec<u8>) -> bool {
    let engine = if url { &URL_SAFE } else { &STANDARD };
    // A lone last character holds six bits: no byte.
    let run = if run.len() % 4 == 1 {
        &run[..run.len() - 1]
    } else {
        run
    };
    into.clear();
    engine.decode_vec(run, into).is_ok()
}

/// Decodes a run of hexadecimal digits; false where it is none.
pub(super) fn hexadecimal(run: &[u8], into: &mut Vec<u8>) -> bool {
    into.resize(run.len() / 2, 0);
    hex::decode_to_slice(run, into).is_ok()
}

/// The files of a ZIP archive or the content of a gzip file, `limit` bytes in all; `None` where the text is neither.
/// What is encrypted, or compressed by a method beside deflate, cannot be read and is left out.
pub(super) fn archive(text: &[u8], limit: usize) -> Option<Vec<Vec<u8>>> {
    if text.starts_with(b"\x1f\x8b") {
        return Some(vec![bounded(
            flate2::read::MultiGzDecoder::new(text),
            limit,
        )]);
    }
    if !text.starts_with(b"PK\x03\x04") {
        return None;
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(text)).ok()?;
    let mut left = limit;
    let mut files = Vec::new();
    for index in 0..archive.len().min(FILES) {
        if let Ok(file) = archive.by_index(index) {
            // A file's name is content, too: it may be made from a foreign row.
            files.push(file.name_raw().to_vec());
            let content = bounded(file, left);
            left = left.saturating_sub(content.len());
            files.push(content);
        }
    }
    Some(files)
}

/// What can be read before the limit or an error, whichever comes first.
fn bounded(from: impl Read, limit: usize) -> Vec<u8> {
    let mut content = Vec::new();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    // A stream that breaks off is judged by what came before the break: those bytes were sent.
    let _broken = from.take(limit).read_to_end(&mut content);
    content
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn json_escapes_are_resolved_as_a_parser_resolves_them(text in any::<String>()) {
            let units: Vec<String> = text.encode_utf16().map(|u| format!("\\u{u:04x}")).collect();
            let quoted = units.concat();
            let written = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(json_unescape(quoted.as_bytes()).unwrap_or_default(), text.as_bytes());
            let inner = &written.as_bytes()[1..written.len() - 1];
            prop_assert_eq!(json_unescape(inner).unwrap_or(inner.to_vec()), text.as_bytes());
        }
    }

    proptest! {
        /// Whatever stands before and after a token, it is tried; what holds none is hardly ever.
        #[test]
        fn base64_that_holds_a_token_is_tried(
            before in prop::collection::vec(any::<u8>(), 0..9),
            token in "[A-Za-z0-9_-]{12,20}|(\\\\u00[67][0-9a-f]){12}|(%[67][0-9A-F]){12}",
            after in prop::collection::vec(any::<u8>(), 0..9),
        ) {
            let text = [&before, token.as_bytes(), &after].concat();
            prop_assert!(may_be_base64(STANDARD.encode(&text).trim_end_matches('=').as_bytes()));
            prop_assert!(may_be_base64(URL_SAFE.encode(&text).trim_end_matches('=').as_bytes()));
        }
    }

    #[test]
    fn base64_that_holds_an_archive_is_tried_and_names_are_not() {
        assert!(may_be_base64(
            STANDARD.encode(b"\x1f\x8b\x08\x00").as_bytes()
        ));
        assert!(may_be_base64(STANDARD.encode(b"PK\x03\x04").as_bytes()));
        assert!(!may_be_base64(b"serviceRequestIdentifier"));
        assert!(!may_be_base64(b"tenant_memberships_of_user"));
    }

    proptest! {
        #[test]
        fn xml_escapes_are_resolved(text in any::<String>()) {
            let numbers: Vec<String> = text.chars().map(|c| format!("&#{};", u32::from(c))).collect();
            let hexadecimal: Vec<String> = text.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect();
            let named = text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            for written in [numbers.concat(), hexadecimal.concat(), named] {
                let resolved = xml_unescape(written.as_bytes());
                prop_assert_eq!(resolved.unwrap_or(written.into_bytes()), text.as_bytes());
            }
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(json_unescape(br"C:\Users\x").as_deref(), None);
        assert_eq!(
            json_unescape(br"a\u12g4\\b").as_deref(),
            Some(&br"a\u12g4\b"[..])
        );
        assert_eq!(percent(b"100% of 50%").as_deref(), None);
        assert_eq!(xml_unescape(b"?a=1&b=2&amp").as_deref(), None);
        assert_eq!(
            xml_unescape(b"R&D; &#xd800; &amp;lt; &#39;&apos;").as_deref(),
            Some(&b"R&D; &#xd800; &lt; ''"[..])
        );
    }
}
