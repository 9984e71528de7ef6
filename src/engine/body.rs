//! Bodies that a route may accept, the likeliest first: declared, from an own stored row, from the schema's example, made up.

use rand::Rng;
use serde_json::{Map, Value as Json, json};

use super::bind::{self, Source};
use super::made;
use super::names::{is_key, likeness, stem, words};
use super::plan::rows_of;
use crate::model::call::{Body, Part, SlotRef, text};
use crate::model::canary;
use crate::model::knowledge::Knowledge;
use crate::model::ownership::Rule;
use crate::model::route::{BodySchema, Encoding, Place, Route};
use crate::model::rows::Row;
use crate::model::schema::{Column, ColumnRef, Kind, Table, TableId};
use crate::model::tenant::{Actor, TenantKey};
use crate::target::description::Routes;

/// A body and where in it keys of rows stand.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The body.
    pub body: Body,
    /// Slots in it.
    pub slots: Vec<(SlotRef, Source)>,
}

/// What a body is made for.
pub struct Purpose<'a> {
    /// What is known.
    pub knowledge: &'a Knowledge,
    /// What the description says of routes: what fields are bound to.
    pub section: &'a Routes,
    /// The route.
    pub route: &'a Route,
    /// Who sends it.
    pub actor: &'a Actor,
    /// For which tenant.
    pub tenant: Option<&'a TenantKey>,
    /// The table that the route is about, where known.
    pub table: Option<TableId>,
}

/// How much of a schema a made-up body fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Every property.
    All,
    /// Required properties, and the first free text where none is required.
    Required,
    /// Required properties and every one that holds a key.
    Keys,
    /// Every property that holds no key, and required ones.
    Plain,
}

/// Candidates, the likeliest first.
pub fn candidates(
    purpose: &Purpose<'_>,
    schema: &BodySchema,
    rng: &mut impl Rng,
) -> Vec<Candidate> {
    let mut all = Vec::new();
    for example in &schema.examples {
        all.push(made(purpose, schema.encoding, example));
    }
    let ways = [Fill::All, Fill::Keys, Fill::Plain, Fill::Required];
    // What looks like a log-in may be a registration, which wants a name that nobody has.
    let logs_in = is_log_in(&schema.schema);
    let known = logs_in.then_some((Fill::All, true));
    let ways = known.into_iter().chain(ways.map(|fill| (fill, false)));
    for (fill, asks_password) in ways {
        let mut maker = Maker {
            asks_password,
            purpose,
            fill,
            rng,
            slots: Vec::new(),
            changes: false,
        };
        let mut value = maker.object(&schema.schema, "", 0);
        if maker.is_as_stored(&value) {
            maker.changes = true;
            maker.slots.clear();
            value = maker.object(&schema.schema, "", 0);
        }
        let mut slots = maker.slots;
        if schema.encoding != Encoding::Json {
            for (at, _) in &mut slots {
                at.name = at.name.trim_start_matches('/').to_owned();
            }
        }
        let candidate = Candidate {
            body: encode(schema.encoding, &value),
            slots,
        };
        if !all.iter().any(|c: &Candidate| c.body == candidate.body) {
            all.push(candidate);
        }
    }
    all
}

/// A declared body: values that are keys of rows become slots.
fn made(purpose: &Purpose<'_>, encoding: Encoding, example: &Json) -> Candidate {
    let mut slots = Vec::new();
    if let Json::Object(map) = example {
        for (name, value) in map {
            let Some(column) = key_by_name(purpose, name) else {
                continue;
            };
            let many = value.as_array().map_or(0, Vec::len);
            let at = |pointer: String| SlotRef {
                place: Place::Body,
                name: pointer,
            };
            if many > 0 {
                slots.extend(
                    (0..many).map(|i| (at(format!("/{name}/{i}")), Source::Column(column))),
                );
            } else if !value.is_object() {
                let name = if encoding == Encoding::Json {
                    format!("/{name}")
                } else {
                    name.clone()
                };
                slots.push((at(name), Source::Column(column)));
            }
        }
    }
    Candidate {
        body: encode(encoding, example),
        slots,
    }
}

fn encode(encoding: Encoding, value: &Json) -> Body {
    let fields = || -> Vec<(String, String)> {
        value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(k, v)| (k.clone(), text(v)))
            .collect()
    };
    match encoding {
        Encoding::Json => Body::Json(value.clone()),
        Encoding::Form => Body::Form(fields()),
        Encoding::Multipart => Body::Multipart(fields().into_iter().map(part).collect()),
    }
}

/// A multipart field; `@name:content` is a file.
fn part((name, value): (String, String)) -> Part {
    match value.strip_prefix('@').and_then(|v| v.split_once(':')) {
        Some((file, content)) => Part {
            name,
            file_name: Some(file.to_owned()),
            content_type: Some("application/octet-stream".into()),
            text: content.to_owned(),
        },
        None => Part {
            name,
            file_name: None,
            content_type: None,
            text: value,
        },
    }
}

/// The column whose keys a field of that name holds: by a foreign key of the route's table, or by a table of that name.
pub fn key_by_name(purpose: &Purpose<'_>, field: &str) -> Option<ColumnRef> {
    match bind::declared(purpose.knowledge, purpose.section, purpose.route, field) {
        Some(Source::Column(column)) => return Some(column),
        Some(Source::Fixed(_) | Source::Own(_)) => return None,
        None => {}
    }
    let schema = &purpose.knowledge.schema;
    let wanted = words(field);
    let own = purpose.table.map(|t| schema.table(t));
    if let Some(table) = own {
        let declared = table.foreign_keys.iter().find_map(|key| {
            let at = key
                .columns
                .iter()
                .position(|&c| words(&table.columns[c].name) == wanted)?;
            (!leads_to_tenant(purpose, key.table)).then_some(ColumnRef {
                table: key.table,
                column: key.references[at],
            })
        });
        if declared.is_some() {
            return declared;
        }
    }
    if !is_key(field) {
        return None;
    }
    let about = stem(field);
    if about.is_empty() {
        // `ids`: the route's own rows; `id` alone is usually the row's own and is not sent.
        let table = own.filter(|_| field != "id")?;
        return Some(ColumnRef {
            table: table.id,
            column: table.single_key()?,
        });
    }
    let mut best: Option<(u32, &Table)> = None;
    for table in schema
        .tables
        .iter()
        .filter(|t| t.single_key().is_some() && !leads_to_tenant(purpose, t.id))
    {
        let score = likeness(&words(&table.name), &about);
        if score >= 2 && best.is_none_or(|(b, _)| score > b) {
            best = Some((score, table));
        }
    }
    let named = best.map(|(_, t)| t).or_else(|| people(purpose, &about));
    named.and_then(|t| {
        Some(ColumnRef {
            table: t.id,
            column: t.single_key()?,
        })
    })
}

/// The table of users, for fields that name a person by a part that people play.
fn people<'k>(purpose: &Purpose<'k>, about: &[String]) -> Option<&'k Table> {
    const PARTS: [&str; 17] = [
        "assignee",
        "owner",
        "author",
        "creator",
        "member",
        "lead",
        "reporter",
        "manager",
        "client",
        "approver",
        "reviewer",
        "recipient",
        "watcher",
        "follower",
        "participant",
        "attendee",
        "staff",
    ];
    let users = purpose.knowledge.ownership.users?;
    about.last().filter(|w| PARTS.contains(&w.as_str()))?;
    Some(purpose.knowledge.schema.table(users))
}

fn leads_to_tenant(purpose: &Purpose<'_>, table: TableId) -> bool {
    purpose.knowledge.ownership.tenants == table
}

struct Maker<'a, 'p, R> {
    purpose: &'a Purpose<'p>,
    asks_password: bool,
    fill: Fill,
    rng: &'a mut R,
    slots: Vec<(SlotRef, Source)>,
    /// Whether words, numbers and truth values are other than those stored: a write that changes nothing shows nothing.
    changes: bool,
}

impl<R: Rng> Maker<'_, '_, R> {
    /// Whether every field that a row of the route's table has, keys aside, is as an own row has it.
    fn is_as_stored(&self, body: &Json) -> bool {
        let fields = body.as_object().into_iter().flatten();
        let mut plain = fields
            .filter(|(name, _)| key_by_name(self.purpose, name).is_none())
            .filter_map(|(name, value)| Some((self.stored(name)?.1, value)))
            .peekable();
        plain.peek().is_some() && plain.all(|(stored, value)| is_text_of(value, &stored))
    }

    fn object(&mut self, schema: &Json, pointer: &str, depth: usize) -> Json {
        let mut object = Map::new();
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .collect();
        let Some(properties) = schema["properties"].as_object() else {
            return Json::Object(object);
        };
        let mut free_text = !required.is_empty();
        for (name, property) in properties {
            if property["readOnly"] == true {
                continue;
            }
            // The row that a create makes gets its key from the target; an own row's would name that row to everybody.
            if self.is_own_key(name) && !required.contains(&name.as_str()) {
                continue;
            }
            let key = key_by_name(self.purpose, name).is_some();
            let wanted = required.contains(&name.as_str())
                || match self.fill {
                    Fill::All => true,
                    Fill::Keys => key,
                    Fill::Plain => !key,
                    Fill::Required => !free_text && !key && is_text(property),
                };
            if !wanted {
                continue;
            }
            free_text |= is_text(property);
            if let Some(value) = self.value(name, property, &format!("{pointer}/{name}"), depth) {
                object.insert(name.clone(), value);
            }
        }
        Json::Object(object)
    }

    /// Whether a field of a create is the key of the route's table, and nothing binds it.
    fn is_own_key(&self, name: &str) -> bool {
        let purpose = self.purpose;
        let bound = bind::declared(purpose.knowledge, purpose.section, purpose.route, name);
        let table = purpose.table.map(|t| purpose.knowledge.schema.table(t));
        let key = table.and_then(|t| Some(&t.columns[t.single_key()?].name));
        purpose.route.method == "POST"
            && bound.is_none()
            && key.is_some_and(|key| words(key) == words(name))
    }

    fn value(&mut self, name: &str, schema: &Json, pointer: &str, depth: usize) -> Option<Json> {
        let schema = some_branch(schema);
        let purpose = self.purpose;
        if let Some(Source::Fixed(value)) =
            bind::declared(purpose.knowledge, purpose.section, purpose.route, name)
        {
            return Some(typed(&value, schema["type"].as_str()));
        }
        if let Some(fixed) = schema.get("const") {
            return Some(fixed.clone());
        }
        if let Some(own) = self.own_credential(name, pointer) {
            return Some(own);
        }
        if let Some(column) = self.tenant_column(name) {
            return self.tenant(column, pointer);
        }
        let stored = self.stored(name);
        if let Some(words) = schema["enum"].as_array() {
            let kept = stored
                .as_ref()
                .map(|(_, v)| Json::from(v.as_str()))
                .filter(|v| words.contains(v));
            let mut words = words.iter().filter(|w| !w.is_null());
            let other = |w: &&Json| Some(*w) != kept.as_ref();
            return match kept {
                Some(_) if self.changes => words.find(other).cloned().or(kept),
                Some(_) => kept,
                None => words.next().cloned(),
            };
        }
        let kind = schema["type"].as_str().map(str::to_owned).or_else(|| {
            schema["type"]
                .as_array()?
                .iter()
                .find_map(|t| t.as_str().filter(|t| *t != "null"))
                .map(str::to_owned)
        });
        if kind.as_deref() == Some("array") {
            return self.array(name, schema, pointer, depth);
        }
        if let Some(column) = key_by_name(self.purpose, name) {
            let row = self.own_key(column)?;
            self.slots.push((
                SlotRef {
                    place: Place::Body,
                    name: pointer.to_owned(),
                },
                Source::Column(column),
            ));
            return Some(typed(&row, kind.as_deref()));
        }
        if schema.get("properties").is_some() && depth < 4 {
            return Some(self.object(schema, pointer, depth + 1));
        }
        if kind.as_deref() == Some("object") && stored.is_none() {
            return Some(self.free_object(name, pointer));
        }
        if let Some((column, value)) = &stored
            && let Some(json) = self.like_stored(column, value, kind.as_deref(), schema)
        {
            return Some(json);
        }
        let example = schema
            .get("example")
            .or_else(|| schema["examples"].get(0))
            .or_else(|| schema.get("default"));
        if let Some(example) = example.filter(|e| !e.is_null()) {
            return Some(example.clone());
        }
        Some(made::made_up(name, kind.as_deref(), schema, self.rng))
    }

    /// The own tenant, by its key or its slug, as a slot.
    fn tenant(&mut self, column: usize, pointer: &str) -> Option<Json> {
        let tenants = ColumnRef {
            table: self.purpose.knowledge.ownership.tenants,
            column,
        };
        let own = self.own_key(tenants)?;
        self.slots.push((
            SlotRef {
                place: Place::Body,
                name: pointer.to_owned(),
            },
            Source::Column(tenants),
        ));
        Some(own.into())
    }

    /// The column of the tenant table that a field of that name holds: `tenantSlug`, `workspace_id`, `organisation`.
    fn tenant_column(&self, name: &str) -> Option<usize> {
        let ownership = &self.purpose.knowledge.ownership;
        let table = words(&self.purpose.knowledge.schema.table(ownership.tenants).name);
        let about = stem(name);
        if about.is_empty() || likeness(&about, &table) < 2 {
            return None;
        }
        let by_slug = words(name)
            .last()
            .is_some_and(|w| w == "slug" || w == "subdomain");
        if by_slug {
            ownership.slug
        } else {
            is_key(name).then_some(ownership.key)
        }
    }

    /// The caller's own log-in name and password, in bodies that ask for a password.
    fn own_credential(&mut self, name: &str, pointer: &str) -> Option<Json> {
        let last = words(name).pop()?;
        let field = match last.as_str() {
            "password" if self.asks_password => "password",
            "email" | "username" | "login" if self.asks_password => "email",
            _ => return None,
        };
        let value = self.purpose.actor.fields.get(field)?.as_str().into();
        let at = SlotRef {
            place: Place::Body,
            name: pointer.to_owned(),
        };
        self.slots.push((at, Source::Own(field)));
        Some(value)
    }

    /// An object of any shape: what narrows is given the own tenant, what is written one free text of the route's table.
    fn free_object(&mut self, name: &str, pointer: &str) -> Json {
        const NARROWS: [&str; 6] = ["where", "filter", "query", "condition", "match", "selector"];
        const WRITES: [&str; 9] = [
            "data",
            "datum",
            "change",
            "value",
            "field",
            "attribute",
            "patch",
            "set",
            "update",
        ];
        let last = words(name).pop().unwrap_or_default();
        let knowledge = self.purpose.knowledge;
        let Some(table) = self.purpose.table.map(|t| knowledge.schema.table(t)) else {
            return json!({});
        };
        if NARROWS.contains(&last.as_str()) {
            let columns = match knowledge.ownership.rule(table.id) {
                Rule::Columns { columns } => columns.as_slice(),
                _ => &[],
            };
            let Some(&column) = columns.first() else {
                return json!({});
            };
            let field = table.columns[column].name.clone();
            let own = self.tenant(knowledge.ownership.key, &format!("{pointer}/{field}"));
            return json!({ field: own });
        }
        let free = table.columns.iter().find_map(|column| {
            let (_, value) = self.stored(&column.name)?;
            // What must be unique cannot be written to many rows.
            let free = column.kind == Kind::Text
                && value.contains(canary::PREFIX)
                && !must_be_unique(table, &column.name);
            free.then_some(column)
        });
        match free.filter(|_| WRITES.contains(&last.as_str())) {
            Some(column) => {
                json!({ column.name.clone(): crate::seed::fresh_value(column, None, self.rng) })
            }
            None => json!({}),
        }
    }

    fn array(&mut self, name: &str, schema: &Json, pointer: &str, depth: usize) -> Option<Json> {
        let items = some_branch(&schema["items"]);
        if items.get("properties").is_some() && depth < 4 {
            return Some(json!([self.object(
                items,
                &format!("{pointer}/0"),
                depth + 1
            )]));
        }
        if let Some(column) = key_by_name(self.purpose, name) {
            let row = self.own_key(column)?;
            self.slots.push((
                SlotRef {
                    place: Place::Body,
                    name: format!("{pointer}/0"),
                },
                Source::Column(column),
            ));
            return Some(json!([typed(&row, items["type"].as_str())]));
        }
        if let Some(words) = items["enum"].as_array() {
            return Some(Json::Array(words.iter().take(1).cloned().collect()));
        }
        if schema["minItems"].as_u64().unwrap_or(0) == 0 && items["type"] != "string" {
            return Some(json!([]));
        }
        Some(json!([made::made_up(
            name,
            items["type"].as_str(),
            items,
            self.rng
        )]))
    }

    /// The value of the like-named column in an own stored row.
    fn stored(&self, name: &str) -> Option<(Column, String)> {
        let knowledge = self.purpose.knowledge;
        let table = knowledge.schema.table(self.purpose.table?);
        let at = table
            .columns
            .iter()
            .position(|c| words(&c.name) == words(name))?;
        let rows = rows_of(
            knowledge,
            self.purpose.actor,
            self.purpose.tenant,
            table.id,
            false,
        );
        let value = rows
            .iter()
            .find_map(|(_, row): &(_, &Row)| row[at].clone())?;
        Some((table.columns[at].clone(), value.to_string()))
    }

    fn own_key(&self, column: ColumnRef) -> Option<String> {
        let knowledge = self.purpose.knowledge;
        let rows = rows_of(
            knowledge,
            self.purpose.actor,
            self.purpose.tenant,
            column.table,
            false,
        );
        rows.iter()
            .find_map(|(_, row): &(_, &Row)| row[column.column].as_ref().map(ToString::to_string))
    }

    /// A value like a stored one: free text is made anew, everything else is kept.
    fn like_stored(
        &mut self,
        column: &Column,
        value: &str,
        kind: Option<&str>,
        schema: &Json,
    ) -> Option<Json> {
        if column.kind == Kind::Json {
            return serde_json::from_str(value).ok();
        }
        // A word that must be unique is taken where it stands.
        let table = self
            .purpose
            .table
            .map(|t| self.purpose.knowledge.schema.table(t));
        let taken = table.is_some_and(|t| must_be_unique(t, &column.name));
        let plain_text = column.kind == Kind::Text
            && (taken || value.to_ascii_lowercase().contains(canary::PREFIX));
        if plain_text {
            let fresh = crate::seed::fresh_value(column, None, self.rng)?;
            return Some(Json::String(made::fitted(fresh, schema, self.rng)));
        }
        if column.kind == Kind::Timestamp && kind == Some("string") {
            return Some(Json::String(iso(value)));
        }
        Some(match typed(value, kind) {
            Json::Bool(b) if self.changes => Json::Bool(!b),
            Json::Number(n) if self.changes => n.as_i64().map_or(Json::Number(n), |n| {
                let most = schema["maximum"].as_i64();
                json!(if most.is_some_and(|most| n >= most) {
                    n - 1
                } else {
                    n + 1
                })
            }),
            as_stored => as_stored,
        })
    }
}

/// Whether values of a column must be unique, among all rows or among those of one tenant.
fn must_be_unique(table: &Table, column: &str) -> bool {
    let at = table.columns.iter().position(|c| c.name == column);
    at.is_some_and(|at| table.uniques.iter().any(|u| u.columns.contains(&at)))
}

/// Whether a body is a log-in's: a password, and little else.
fn is_log_in(schema: &Json) -> bool {
    let properties = schema["properties"].as_object();
    properties.is_some_and(|p| p.contains_key("password") && p.len() <= 3)
}

/// The first branch of `oneOf`/`anyOf` that is not null; `allOf` is merged when the document is read.
fn some_branch(schema: &Json) -> &Json {
    for word in ["anyOf", "oneOf"] {
        if let Some(branch) = schema[word]
            .as_array()
            .and_then(|b| b.iter().find(|s| s["type"] != "null"))
        {
            return some_branch(branch);
        }
    }
    schema
}

fn is_text(schema: &Json) -> bool {
    let schema = some_branch(schema);
    schema["type"] == "string" && schema.get("format").is_none() && schema.get("enum").is_none()
}

/// Whether a value of a body is what a column holds as `stored`.
pub fn is_text_of(value: &Json, stored: &str) -> bool {
    match value {
        Json::Bool(b) => *b == matches!(stored, "t" | "true"),
        Json::String(s) => s == stored || *s == iso(stored),
        Json::Object(_) | Json::Array(_) => {
            serde_json::from_str::<Json>(stored).is_ok_and(|s| s == *value)
        }
        Json::Null => false,
        Json::Number(_) => text(value) == stored,
    }
}

/// Text as JSON of the type that a schema asks for.
fn typed(value: &str, kind: Option<&str>) -> Json {
    match kind {
        Some("integer" | "number") => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
        Some("boolean") => Json::Bool(matches!(value, "t" | "true")),
        Some("string") | None => value.into(),
        Some(_) => serde_json::from_str(value).unwrap_or_else(|_| value.into()),
    }
}

/// Postgres' timestamp text as RFC 3339.
fn iso(value: &str) -> String {
    let text = value.replacen(' ', "T", 1);
    if text.ends_with("+00") {
        text.trim_end_matches("+00").to_owned() + "Z"
    } else {
        text + "Z"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_become_rfc_3339() {
        assert_eq!(iso("2026-01-02 03:04:05+00"), "2026-01-02T03:04:05Z");
        assert_eq!(iso("2026-01-02 03:04:05"), "2026-01-02T03:04:05Z");
    }

    #[test]
    fn values_are_compared_as_columns_hold_them() {
        for (value, stored) in [
            (json!("CLIENT"), "CLIENT"),
            (json!(true), "t"),
            (json!(7), "7"),
            (json!("2026-01-02T03:04:05Z"), "2026-01-02 03:04:05+00"),
            (json!({"a": 1}), "{\"a\":1}"),
        ] {
            assert!(is_text_of(&value, stored), "{value} is {stored}");
            assert!(!is_text_of(&value, "something else"), "{value}");
        }
        assert!(!is_text_of(&json!(null), ""));
    }

    #[test]
    fn nullable_branches_are_seen_through() {
        assert!(is_text(
            &json!({"anyOf": [{"type": "null"}, {"type": "string"}]})
        ));
    }
}
