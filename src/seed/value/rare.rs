//! Values of types that are neither plain nor common: bytes, bits, shapes, ranges, composites.

use rand::Rng;

use super::{Spot, token, value};
use crate::model::schema::Column;
use crate::seed::check::ColumnLimits;

/// Bytes that hold a canary where there is room for one.
pub fn bytes(limits: &ColumnLimits, rng: &mut impl Rng) -> String {
    let mut bytes = token(rng).into_bytes();
    while bytes.len() < limits.min_length.unwrap_or(0) {
        bytes.extend(token(rng).into_bytes());
    }
    let most = limits.max_length.unwrap_or(usize::MAX);
    let long = limits.min_length.map_or(bytes.len(), |m| m.max(20));
    bytes.truncate(most.min(long));
    format!("\\x{}", hex::encode(bytes))
}

/// A composite value: its fields in parentheses.
pub fn composite(fields: &[Column], spot: &Spot<'_>, rng: &mut impl Rng) -> Option<String> {
    let fields: Option<Vec<String>> = fields
        .iter()
        .map(|field| {
            let made = value(field, &ColumnLimits::default(), None, spot, rng);
            match made {
                Some(text) => Some(format!(
                    "\"{}\"",
                    text.replace('\\', "\\\\").replace('"', "\\\"")
                )),
                None => (!field.not_null).then(String::new),
            }
        })
        .collect();
    Some(format!("({})", fields?.join(",")))
}

/// Values by the type's name; `None` for what is not known.
pub fn other(name: &str, type_name: &str, spot: &Spot<'_>, rng: &mut impl Rng) -> Option<String> {
    let (n, tenant) = (spot.number, spot.tenant);
    if let Some(range) = name.strip_suffix("multirange") {
        return other(&format!("{range}range"), "", spot, rng).map(|range| format!("{{{range}}}"));
    }
    Some(match name {
        "hstore" => format!("\"note\"=>\"{}\"", token(rng)),
        "ltree" => format!("top.{}", token(rng)),
        "xml" => format!("<note>{}</note>", token(rng)),
        "tsvector" | "tsquery" => format!("'{}'", token(rng)),
        "macaddr" => format!("02:00:00:00:{:02x}:{:02x}", tenant % 256, n % 256),
        "macaddr8" => format!("02:00:00:ff:fe:00:{:02x}:{:02x}", tenant % 256, n % 256),
        "point" => format!("({},{n})", 10 + tenant),
        "box" | "lseg" | "path" | "polygon" => {
            let corners = format!("({},{n}),({},{})", 10 + tenant, 20 + tenant, n + 10);
            match name {
                "box" => corners,
                "lseg" => format!("[{corners}]"),
                _ => format!("({corners})"),
            }
        }
        "circle" => format!("<({},{n}),5>", 10 + tenant),
        "line" => format!("{{1,{},{n}}}", 1 + tenant),
        "int4range" | "int8range" | "numrange" => format!("[{},{})", 10 * n, 10 * n + 5),
        "daterange" => {
            let from = spot.today + chrono::Duration::days(i64::try_from(n).unwrap_or(0));
            format!("[{from},{})", from + chrono::Duration::days(1))
        }
        "tsrange" | "tstzrange" => {
            let from = spot.today + chrono::Duration::days(i64::try_from(n).unwrap_or(0));
            format!("[{from} 09:00:00,{from} 10:00:00)")
        }
        "bit" | "varbit" => bits(type_name, n),
        "oid" | "xid" => n.to_string(),
        "jsonpath" => format!("$.\"{}\"", token(rng)),
        "pg_lsn" => format!("0/{n:X}"),
        "geometry" | "geography" => format!("POINT({} {})", tenant % 90, n % 90),
        _ => return None,
    })
}

/// As many bits as `bit(8)` wants: the number's last ones.
fn bits(type_name: &str, number: usize) -> String {
    let width = type_name
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')')?.0.parse::<usize>().ok())
        .unwrap_or(1)
        .clamp(1, 64);
    let all = format!("{number:064b}");
    all[all.len() - width..].to_owned()
}
