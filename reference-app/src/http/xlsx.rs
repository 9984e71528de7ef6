//! Rows as a workbook of one sheet, its texts in a table of their own, as spreadsheet programs write them.
use std::{collections::HashMap, fmt::Write};

use serde_json::Value;
use zip::result::ZipResult;

use super::packed;

/// What a workbook is called in an answer.
pub(crate) const CONTENT_TYPE: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
/// The namespace of sheets and texts.
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
/// The namespace of what leads from one part to another; the kinds of such leads begin with it.
const LINKS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// The namespace of the files that hold them.
const LINKED: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const KINDS: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/// A workbook whose one sheet, of that name, has a header line and the rows.
pub(crate) fn workbook(name: &str, columns: &[&str], rows: &[Value]) -> ZipResult<Vec<u8>> {
    let mut texts = Texts::default();
    let sheet = sheet(columns, rows, &mut texts);
    let name = escaped(name);
    packed::files(&[
        (
            "[Content_Types].xml",
            &format!(
                r#"{HEAD}<Types xmlns="{KINDS}"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{KIND}.worksheet+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="{KIND}.sharedStrings+xml"/></Types>"#
            ),
        ),
        (
            "_rels/.rels",
            &format!(
                r#"{HEAD}<Relationships xmlns="{LINKED}"><Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            &format!(
                r#"{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets><sheet name="{name}" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"{HEAD}<Relationships xmlns="{LINKED}"><Relationship Id="rId1" Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
            ),
        ),
        ("xl/worksheets/sheet1.xml", &sheet),
        ("xl/sharedStrings.xml", &texts.part()),
    ])
}

fn sheet(columns: &[&str], rows: &[Value], texts: &mut Texts) -> String {
    let mut part = format!(r#"{HEAD}<worksheet xmlns="{MAIN}"><sheetData>"#);
    let names: Vec<Value> = columns.iter().map(|name| Value::from(*name)).collect();
    line(&mut part, 1, names.iter(), texts);
    for (row, number) in rows.iter().zip(2..) {
        let cells = columns.iter().map(|column| &row[*column]);
        line(&mut part, number, cells, texts);
    }
    part.push_str("</sheetData></worksheet>");
    part
}

fn line<'a>(
    part: &mut String,
    number: usize,
    cells: impl Iterator<Item = &'a Value>,
    texts: &mut Texts,
) {
    let _ = write!(part, r#"<row r="{number}">"#);
    for (value, place) in cells.zip(0..) {
        let (kind, held) = match value {
            Value::Null => continue,
            Value::Bool(yes) => (r#" t="b""#, u8::from(*yes).to_string()),
            Value::Number(number) => ("", number.to_string()),
            Value::String(text) => (r#" t="s""#, texts.place(text).to_string()),
            other => (r#" t="s""#, texts.place(&other.to_string()).to_string()),
        };
        let column = letters(place);
        let _ = write!(part, r#"<c r="{column}{number}"{kind}><v>{held}</v></c>"#);
    }
    part.push_str("</row>");
}

/// What a column is called: `A` to `Z`, then `AA`.
fn letters(place: u32) -> String {
    let last = char::from_u32(u32::from(b'A') + place % 26).unwrap_or('A');
    let before = place / 26;
    let mut name = before.checked_sub(1).map_or_else(String::new, letters);
    name.push(last);
    name
}

/// The texts of a workbook, each one once; cells say which one they hold.
#[derive(Default)]
struct Texts {
    places: HashMap<String, usize>,
    items: String,
}

impl Texts {
    fn place(&mut self, text: &str) -> usize {
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let _ = write!(
            self.items,
            r#"<si><t xml:space="preserve">{}</t></si>"#,
            escaped(text)
        );
        let place = self.places.len();
        self.places.insert(text.to_owned(), place);
        place
    }

    fn part(&self) -> String {
        format!(r#"{HEAD}<sst xmlns="{MAIN}">{}</sst>"#, self.items)
    }
}

/// Text as XML holds it; what XML cannot hold, as workbooks write it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {
                let _ = write!(out, "_x{:04X}_", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use serde_json::json;

    use super::*;

    fn part(workbook: &[u8], name: &str) -> String {
        let mut files = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
        let mut text = String::new();
        let mut file = files.by_name(name).unwrap();
        file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn cells_hold_numbers_and_point_to_texts() {
        let rows = [
            json!({ "id": "a", "amount": 2.5, "paid": true, "tags": ["x"] }),
            json!({ "id": "a", "amount": null, "paid": false, "tags": "B & <C>\r" }),
        ];
        let made = workbook("bills", &["id", "amount", "paid", "tags"], &rows).unwrap();
        let texts = part(&made, "xl/sharedStrings.xml");
        let all: Vec<&str> = texts
            .split("preserve\">")
            .skip(1)
            .filter_map(|rest| rest.split("</t>").next())
            .collect();
        let tags = ["[&quot;x&quot;]", "B &amp; &lt;C&gt;_x000D_"];
        assert_eq!(all, ["id", "amount", "paid", "tags", "a", tags[0], tags[1]]);
        let sheet = part(&made, "xl/worksheets/sheet1.xml");
        for cell in [
            r#"<c r="D1" t="s"><v>3</v></c>"#,
            r#"<c r="B2"><v>2.5</v></c>"#,
            r#"<c r="A3" t="s"><v>4</v></c>"#,
            r#"<c r="C3" t="b"><v>0</v></c>"#,
        ] {
            assert!(sheet.contains(cell), "{cell} in {sheet}");
        }
        assert!(!sheet.contains("B3"));
        assert!(part(&made, "xl/workbook.xml").contains(r#"<sheet name="bills""#));
    }

    #[test]
    fn columns_have_names_of_letters() {
        assert_eq!(
            [0, 25, 26, 51, 52, 702].map(letters),
            ["A", "Z", "AA", "AZ", "BA", "AAA"]
        );
    }
}
