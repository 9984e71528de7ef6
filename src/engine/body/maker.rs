//! The maker: a body's values by the schema of each field, from the caller's own rows where they have such a column.

use rand::Rng;
use serde_json::{Map, Value as Json, json};

use super::{Fill, Form, Purpose, is_text, is_text_of, iso, key, some_branch, typed};
use crate::engine::bind::{self, Source};
use crate::engine::made;
use crate::engine::names::{is_key, likeness, stem, words};
use crate::engine::plan::rows_of;
use crate::model::call::SlotRef;
use crate::model::canary;
use crate::model::ownership::Rule;
use crate::model::route::Place;
use crate::model::rows::Row;
use crate::model::schema::{Column, ColumnRef, Kind, Table};

/// Makes one body.
pub(super) struct Maker<'a, 'p, R> {
    pub purpose: &'a Purpose<'p>,
    pub asks_password: bool,
    pub fill: Fill<'a>,
    pub rng: &'a mut R,
    pub slots: Vec<(SlotRef, Source)>,
    /// Whether words, numbers and truth values are other than those stored: a write that changes nothing shows nothing.
    pub changes: bool,
}

impl<R: Rng> Maker<'_, '_, R> {
    /// Whether every field that a row of the route's table has, keys aside, is as an own row has it.
    pub fn is_as_stored(&self, body: &Json) -> bool {
        let fields = body.as_object().into_iter().flatten();
        let mut plain = fields
            .filter(|(name, value)| key(self.purpose, name, Form::of_value(value)).is_none())
            .filter_map(|(name, value)| Some((self.stored(name)?.1, value)))
            .peekable();
        plain.peek().is_some() && plain.all(|(stored, value)| is_text_of(value, &stored))
    }

    pub fn object(&mut self, schema: &Json, pointer: &str, depth: usize) -> Json {
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
            let is_key = key(self.purpose, name, Form::of_schema(property)).is_some();
            let wanted = required.contains(&name.as_str())
                || match self.fill {
                    Fill::All => true,
                    Fill::Keys => is_key,
                    Fill::Plain => !is_key,
                    Fill::Required => !free_text && !is_key && is_text(property),
                    Fill::Toward(at) => leads_to(&format!("{pointer}/{name}"), at),
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

    pub fn value(
        &mut self,
        name: &str,
        schema: &Json,
        pointer: &str,
        depth: usize,
    ) -> Option<Json> {
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
        if let Some(column) = self.tenant_column(name, Form::of_schema(schema)) {
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
        if let Some(column) = key(self.purpose, name, Form::of_schema(schema)) {
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
    pub fn tenant_column(&self, name: &str, form: Form) -> Option<usize> {
        let ownership = &self.purpose.knowledge.ownership;
        let tenants = self.purpose.knowledge.schema.table(ownership.tenants);
        let about = stem(name);
        if about.is_empty() || likeness(&about, &words(&tenants.name)) < 2 {
            return None;
        }
        let by_slug = words(name)
            .last()
            .is_some_and(|w| w == "slug" || w == "subdomain");
        if by_slug {
            ownership.slug
        } else {
            let is_key = is_key(name) || form.fits(&tenants.columns[ownership.key].kind);
            is_key.then_some(ownership.key)
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
        if let Some(column) = key(self.purpose, name, Form::of_schema(schema)) {
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

/// Whether a pointer is another one, or leads to something around it.
fn leads_to(pointer: &str, at: &str) -> bool {
    at.strip_prefix(pointer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether values of a column must be unique, among all rows or among those of one tenant.
fn must_be_unique(table: &Table, column: &str) -> bool {
    let at = table.columns.iter().position(|c| c.name == column);
    at.is_some_and(|at| table.uniques.iter().any(|u| u.columns.contains(&at)))
}
