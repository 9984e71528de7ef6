//! The scan against a naive search, and against searches with a fault planted, which these properties must catch.

use std::collections::BTreeSet;
use std::io::Write;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::model::ownership::Owners;
use crate::model::schema::TableId;

type Found = BTreeSet<String>;

fn index(values: &[String]) -> Canaries {
    let mut canaries = Canaries::default();
    for value in values {
        canaries.insert(Provenance {
            row: RowRef {
                table: TableId(0),
                key: vec![Some("1".into())],
            },
            column: 0,
            value: value.clone(),
            owners: Owners::default(),
        });
    }
    canaries
}

fn scan(canaries: &Canaries, text: &[u8]) -> Found {
    let hits = canaries.scan(text);
    hits.iter()
        .map(|h| h.provenance[0].value.to_lowercase())
        .collect()
}

/// How a value may be written into an answer.
#[derive(Debug, Clone, Copy)]
enum Form {
    Plain,
    Upper,
    Json,
    Xml,
    Percent,
    Base64,
    Base64Url,
    Hex,
    Zip,
    JsonInBase64,
}

const FORMS: [Form; 10] = [
    Form::Plain,
    Form::Upper,
    Form::Json,
    Form::Xml,
    Form::Percent,
    Form::Base64,
    Form::Base64Url,
    Form::Hex,
    Form::Zip,
    Form::JsonInBase64,
];

fn json(value: &str) -> String {
    let units: Vec<String> = value
        .encode_utf16()
        .map(|u| format!("\\u{u:04X}"))
        .collect();
    units.concat()
}

fn write(value: &str, form: Form) -> Vec<u8> {
    let sentence = format!("{}{value}.", &"Of: "[value.len() % 4..]);
    match form {
        Form::Plain => value.as_bytes().to_vec(),
        Form::Upper => value.to_uppercase().into_bytes(),
        Form::Json => json(value).into_bytes(),
        Form::Xml => value
            .bytes()
            .flat_map(|b| format!("&#{b};").into_bytes())
            .collect(),
        Form::Percent => value
            .bytes()
            .flat_map(|b| format!("%{b:02x}").into_bytes())
            .collect(),
        Form::Base64 => BASE64_STANDARD.encode(sentence).into_bytes(),
        Form::Base64Url => BASE64_URL_SAFE_NO_PAD.encode(sentence).into_bytes(),
        Form::Hex => hex::encode(value).into_bytes(),
        Form::Zip => zipped(value.as_bytes()),
        Form::JsonInBase64 => BASE64_STANDARD
            .encode(format!("Name {}", json(value)))
            .into(),
    }
}

fn zipped(content: &[u8]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file("a.csv", options).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().into_inner()
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9]{16}".prop_map(|tail| format!("{PREFIX}{tail}")),
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        "[A-Za-z0-9]{12,24}",
        "[a-z]{3,8}\\.[a-z0-9_-]{12,16}@[a-z]{3,6}\\.test",
    ]
}

/// Values, and a text that holds some of them in some form among words too short to be tokens.
fn planted() -> impl Strategy<Value = (Vec<String>, Vec<(usize, Form)>, Vec<String>)> {
    prop::collection::hash_set(value(), 1..12).prop_flat_map(|values| {
        let values: Vec<String> = values.into_iter().collect();
        let form = prop::sample::select(&FORMS[..]);
        let pieces = prop::collection::vec((0..values.len(), form), 0..6);
        let words = prop::collection::vec("[ ,\"<>=é\n]([a-zA-Z]{1,9}[ ,\"<>=é\n]{1,3})?", 7);
        (Just(values), pieces, words)
    })
}

/// What a search must find: every planted value, and nothing else. An archive is a body of its own.
fn agrees(
    search: impl Fn(&Canaries, &[u8]) -> Found,
    runner: &mut TestRunner,
) -> Result<(), String> {
    let property = |(values, pieces, words): (Vec<String>, Vec<(usize, Form)>, Vec<String>)| {
        let canaries = index(&values);
        let mut text = words[0].clone().into_bytes();
        let mut expected = Found::new();
        let mut found = Found::new();
        for ((which, form), word) in pieces.into_iter().zip(&words[1..]) {
            expected.insert(values[which].to_lowercase());
            let written = write(&values[which], form);
            if matches!(form, Form::Zip) {
                found.extend(search(&canaries, &written));
            } else {
                text.extend(written);
                text.extend(word.bytes());
            }
        }
        found.extend(search(&canaries, &text));
        prop_assert_eq!(found, expected);
        Ok(())
    };
    runner.run(&planted(), property).map_err(|e| e.to_string())
}

fn runner() -> TestRunner {
    TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn the_scan_finds_what_was_planted_and_nothing_else() {
    agrees(scan, &mut runner()).unwrap();
}

#[test]
fn a_search_with_a_planted_fault_is_caught() {
    let none = |_: &Canaries, _: &[u8]| Found::new();
    let everything =
        |c: &Canaries, _: &[u8]| -> Found { c.table.iter().map(|e| e.value.to_string()).collect() };
    let raw_only = |c: &Canaries, text: &[u8]| -> Found {
        let hits = c.scan(text);
        let plain = hits.iter().filter(|h| h.writing == Writing::Plain);
        plain
            .map(|h| h.provenance[0].value.to_lowercase())
            .collect()
    };
    let case_sensitive = |c: &Canaries, text: &[u8]| -> Found {
        let same = |v: &String| memchr::memmem::find(text, v.as_bytes()).is_some();
        scan(c, text).into_iter().filter(same).collect()
    };
    assert!(agrees(none, &mut runner()).is_err());
    assert!(agrees(everything, &mut runner()).is_err());
    assert!(agrees(raw_only, &mut runner()).is_err());
    assert!(agrees(case_sensitive, &mut runner()).is_err());
}

proptest! {
    /// Few letters, so that near misses, overlaps and longer words around a canary are common.
    #[test]
    fn raw_hits_are_whole_tokens_or_generated(
        values in prop::collection::hash_set("[ab]{12,13}|zqpw[ab]{16}", 1..6),
        text in "([ab]{11,14}|(z?zqpw|ZQPW)[abAB]{15,18}|[-_]|[ ./]){0,12}",
    ) {
        let values: Vec<String> = values.into_iter().collect();
        let canaries = index(&values);
        let text = text.as_str();
        let lower = text.to_lowercase();
        let whole: Vec<&str> = lower
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'))
            .collect();
        let naive: Found = values
            .iter()
            .filter(|v| whole.contains(&v.as_str()) || (v.starts_with(PREFIX) && lower.contains(v.as_str())))
            .cloned()
            .collect();
        prop_assert_eq!(scan(&canaries, text.as_bytes()), naive);
    }
}

#[test]
fn odd_places_are_found() {
    let uuid = "7f3a9c52-1b44-4e0d-9a6e-0c2d3e4f5a6b".to_owned();
    let made = format!("{PREFIX}0123456789abcdef");
    let canaries = index(&[uuid.clone(), made.clone()]);
    let found = |text: &str| scan(&canaries, text.as_bytes());
    let only = |value: &String| Found::from([value.clone()]);
    assert_eq!(found("urn:7F3A9C521B444E0D9A6E0C2D3E4F5A6B"), only(&uuid));
    assert_eq!(found(&format!("report-{made}_final.pdf")), only(&made));
    assert_eq!(found(&format!("\\\\x{}", hex::encode(&made))), only(&made));
    assert_eq!(found(&format!("/a/b%2F{made}%20x")), only(&made));
    assert_eq!(found(&format!("a\\n{uuid}\\n")), only(&uuid));
    let token = BASE64_URL_SAFE_NO_PAD.encode(format!("{{\"sub\":\"{uuid}\"}}"));
    assert_eq!(
        found(&format!("eyJhbGciOiJIUzI1NiJ9.{token}.c2lnbmF0dXJl")),
        only(&uuid)
    );
    assert!(found("7f3a9c52-1b44-4e0d-9a6e-0c2d3e4f5a6c").is_empty());
}

/// A workbook keeps its texts in a file of XML, apart from the cells.
#[test]
fn texts_of_a_workbook_are_found() {
    let made = format!("{PREFIX}0123456789abcdef");
    let name = "Margaret-Anne O'Neill & <Sons>".to_owned();
    let canaries = index(&[made.clone(), name.clone()]);
    let escaped = "Margaret-Anne O&#39;Neill &amp; &lt;Sons&gt;";
    let texts = format!(
        "<sst><si><t>id</t></si><si><t>Of: {made}</t></si><si><t xml:space=\"preserve\">{escaped}</t></si></sst>"
    );
    assert_eq!(
        scan(&canaries, &zipped(texts.as_bytes())),
        Found::from([made, name.to_lowercase()])
    );
    let hits = canaries.scan(texts.as_bytes());
    let writings: Vec<Writing> = hits.iter().map(|h| h.writing).collect();
    assert_eq!(writings, [Writing::Plain, Writing::XmlEscaped]);
    assert!(scan(&canaries, b"Margaret-Anne O&#39;Neill &amp; &lt;Son").is_empty());
}

#[test]
fn an_archive_that_explodes_is_bounded() {
    let made = format!("{PREFIX}0123456789abcdef");
    let canaries = index(std::slice::from_ref(&made));
    let member = |content: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    let blank = member(&vec![b' '; 1 << 20]).repeat(1000);
    let bomb = [member(made.as_bytes()), blank].concat();
    let before = std::time::Instant::now();
    assert_eq!(scan(&canaries, &bomb), Found::from([made]));
    assert!(before.elapsed() < std::time::Duration::from_secs(20));
}
