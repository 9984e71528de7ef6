//! Both sides of the wall on one route: values of own and of foreign rows for everything in a call that names one.

use std::sync::Arc;

use rand::Rng;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::baseline::{Working, hash};
use super::body;
use super::lab::Lab;
use super::missing;
use super::names::{is_key, stem, words};
use super::plan::{Concrete, is_pointed_to, rows_of};
use super::subject::table_of;
use crate::attack::{Absent, Slot};
use crate::model::call::SlotRef;
use crate::model::knowledge::Knowledge;
use crate::model::ownership::Rule;
use crate::model::reference::elements;
use crate::model::route::{Parameter, Place, Route};
use crate::model::rows::{Row, RowRef};
use crate::model::schema::{Column, ColumnRef, Kind, Table, TableId};
use crate::model::tenant::{Actor, Tenant};

/// How many values of each side a slot offers.
const VALUES: usize = 6;

/// Both sides of the wall.
pub struct Sides<'s> {
    /// The lab.
    pub lab: &'s Lab<'s>,
    /// The route.
    pub route: &'s Route,
    /// Who attacks.
    pub attacker: &'s Actor,
    /// The attacker's tenant.
    pub own: &'s Tenant,
    /// Who is attacked.
    pub victim: &'s Tenant,
    /// Who makes the victim's calls.
    pub victim_actor: &'s Actor,
}

impl Sides<'_> {
    /// The slots of the calls, with values of both sides.
    pub fn slots(
        &self,
        working: &Working,
        own_call: &Concrete,
        victim_call: &Concrete,
    ) -> Vec<Slot> {
        let lab = self.lab;
        let mut slots = Vec::new();
        let in_path = |p: &&str| self.route.template.contains(&format!("{{{p}}}"));
        if let Some(parameter) = lab.facts.tenant_in_path.as_deref().filter(in_path) {
            slots.push(tenant_slot(
                &lab.knowledge,
                parameter,
                self.own,
                self.victim,
                &mut self.rng(1),
            ));
        }
        for ((at, column, row), (_, _, foreign)) in own_call.named.iter().zip(&victim_call.named) {
            slots.push(self.slot(at.clone(), *column, Some(row), Some(foreign)));
        }
        slots.extend(self.filters(working, &slots));
        slots
    }

    /// What bodies and parameters of the own call are made for.
    fn purpose(&self, working: &Working) -> body::Purpose<'_> {
        body::Purpose {
            knowledge: &self.lab.knowledge,
            section: &self.lab.target.description.routes,
            route: self.route,
            actor: self.attacker,
            tenant: Some(&self.own.key),
            table: table_of(self.lab, self.route, working),
        }
    }

    /// Fields of the body that the call does without and that name rows.
    pub fn absent(&self, working: &Working) -> Vec<Absent> {
        let (Some(schema), Some(body)) = (&self.route.body, &working.plan.body) else {
            return Vec::new();
        };
        let fields = body::absent(&self.purpose(working), schema, body, &mut self.rng(2));
        let absent = fields.into_iter().map(|field| Absent {
            slot: self.slot(field.at, field.column, None, None),
            pointer: field.pointer,
            added: field.added,
        });
        absent.collect()
    }

    /// Parameters of the query that the call does without and that name rows.
    fn filters(&self, working: &Working, known: &[Slot]) -> Vec<Slot> {
        let purpose = self.purpose(working);
        let free = self.route.parameters_in(Place::Query).filter(|p| {
            let taken = |s: &&Slot| s.at.place == Place::Query && s.at.name == p.name;
            known.iter().find(taken).is_none()
        });
        let slot = |parameter: &Parameter| {
            let column = body::key(
                &purpose,
                &parameter.name,
                body::Form::of_schema(&parameter.schema),
            )
            .or_else(|| self.column_called(&parameter.name, purpose.table))?;
            let at = SlotRef {
                place: Place::Query,
                name: parameter.name.clone(),
            };
            Some(self.slot(at, column, None, None))
        };
        free.filter_map(slot).collect()
    }

    /// The column of that very name where it holds ids of something: in the route's table, else in the first that has it.
    fn column_called(&self, name: &str, table: Option<TableId>) -> Option<ColumnRef> {
        if !is_key(name) || stem(name).is_empty() {
            return None;
        }
        let knowledge = &self.lab.knowledge;
        let owned = |t: &&Table| *knowledge.ownership.rule(t.id) != Rule::Global;
        let tables = knowledge.schema.tables.iter().filter(owned);
        let mut columns = tables.filter_map(|t| {
            let same = |c: &Column| words(&c.name) == words(name);
            let column = t.columns.iter().position(same)?;
            Some(ColumnRef {
                table: t.id,
                column,
            })
        });
        let all: Vec<ColumnRef> = columns.by_ref().collect();
        let here = all.iter().find(|c| Some(c.table) == table);
        here.or_else(|| all.first()).copied()
    }

    /// The key and the foreign keys of the route's table, as fields that a body may be given.
    pub fn beside(&self, working: &Working) -> (Option<Slot>, Vec<Slot>) {
        let schema = &self.lab.knowledge.schema;
        let about = table_of(self.lab, self.route, working);
        let Some(table) = about.map(|t| schema.table(t)) else {
            return (None, Vec::new());
        };
        let field = |column: usize| {
            let name = self.field_name(&table.columns[column].name);
            SlotRef {
                place: Place::Body,
                name: format!("/{name}"),
            }
        };
        let key = table.single_key().map(|column| {
            self.slot(
                field(column),
                ColumnRef {
                    table: table.id,
                    column,
                },
                None,
                None,
            )
        });
        let keys = table
            .foreign_keys
            .iter()
            .filter(|k| k.table != self.lab.knowledge.ownership.tenants);
        let mut references: Vec<Slot> = keys
            .filter_map(|k| {
                let tenant_columns = |c: &usize| {
                    schema.tables[k.table.0].foreign_keys.iter().any(|p| {
                        p.table == self.lab.knowledge.ownership.tenants && p.columns.contains(c)
                    })
                };
                let (&from, &to) = k
                    .columns
                    .iter()
                    .zip(&k.references)
                    .find(|(_, to)| !tenant_columns(to))?;
                Some(self.slot(
                    field(from),
                    ColumnRef {
                        table: k.table,
                        column: to,
                    },
                    None,
                    None,
                ))
            })
            .collect();
        references.dedup_by(|a, b| a.at == b.at);
        (key, references)
    }

    /// Columns of the route's table whose values must be unique among all rows, or among those of one tenant.
    pub fn uniques(&self, working: &Working) -> Vec<Slot> {
        let schema = &self.lab.knowledge.schema;
        let about = table_of(self.lab, self.route, working);
        let Some(table) = about.map(|t| schema.table(t)) else {
            return Vec::new();
        };
        let left = table.uniques.iter().filter_map(|u| {
            let mut own = u.columns.iter().copied().filter(|&c| !table.is_key(c));
            own.next().filter(|_| own.next().is_none())
        });
        let columns: std::collections::BTreeSet<usize> = left.collect();
        let slot = |column: usize| {
            let name = format!("/{}", self.field_name(&table.columns[column].name));
            let at = SlotRef {
                place: Place::Body,
                name,
            };
            self.slot(
                at,
                ColumnRef {
                    table: table.id,
                    column,
                },
                None,
                None,
            )
        };
        columns.into_iter().map(slot).collect()
    }

    /// A column's name as the route's body spells its fields.
    fn field_name(&self, column: &str) -> String {
        let properties = self
            .route
            .body
            .as_ref()
            .and_then(|b| b.schema["properties"].as_object());
        let same = properties.and_then(|p| p.keys().find(|k| words(k) == words(column)));
        same.cloned().unwrap_or_else(|| column.to_owned())
    }

    fn slot(
        &self,
        at: SlotRef,
        column: ColumnRef,
        own: Option<&RowRef>,
        foreign: Option<&RowRef>,
    ) -> Slot {
        let knowledge = &self.lab.knowledge;
        let reads = self.route.method == "GET";
        let kind = &knowledge.schema.table(column.table).columns[column.column].kind;
        let is_list = matches!(kind, Kind::Array(_));
        let pool = |actor: &Actor, tenant: &Tenant, first: Option<&RowRef>| {
            let mut rows = rows_of(knowledge, actor, Some(&tenant.key), column.table, reads);
            if reads {
                rows.sort_by_key(|(_, row)| !is_pointed_to(knowledge, column.table, row));
            }
            values(&rows, column, is_list, first)
        };
        let mut mine = pool(self.attacker, self.own, own);
        let mut theirs = pool(self.victim_actor, self.victim, foreign);
        theirs.retain(|(value, row)| {
            !mine.iter().any(|(own, _)| own == value)
                && !knowledge.owners_of(row).includes(&self.own.key)
        });
        mine.truncate(VALUES);
        theirs.truncate(VALUES);
        let mut rng = self.rng(hash(&at.name));
        let like = theirs.first().map(|(value, _)| value.as_str());
        let missing = missing::values(knowledge, column, like, &mut rng);
        Slot {
            at,
            column,
            is_tenant: knowledge.ownership.tenants == column.table,
            own: mine,
            foreign: theirs,
            missing,
        }
    }

    fn rng(&self, salt: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(self.lab.settings.seed ^ hash(&self.route.id.0) ^ salt)
    }
}

fn tenant_slot(
    knowledge: &Knowledge,
    parameter: &str,
    own: &Tenant,
    victim: &Tenant,
    rng: &mut impl Rng,
) -> Slot {
    let ownership = &knowledge.ownership;
    let by_slug = stem(parameter).is_empty() && parameter.to_ascii_lowercase().contains("slug");
    let column = if by_slug {
        ownership.slug.unwrap_or(ownership.key)
    } else {
        ownership.key
    };
    let at = ColumnRef {
        table: ownership.tenants,
        column,
    };
    let side = |t: &Tenant| {
        let rows = knowledge.rows.of(ownership.tenants);
        let row = rows
            .filter(|(_, r)| r[ownership.key].as_deref() == Some(&*t.key))
            .map(|(at, _)| at.clone())
            .next();
        let value = if by_slug {
            t.slug.clone()
        } else {
            t.key.to_string()
        };
        row.map(|row| (value, row)).into_iter().collect::<Vec<_>>()
    };
    let like = if by_slug { &*victim.slug } else { &*victim.key };
    Slot {
        at: SlotRef {
            place: Place::Path,
            name: parameter.to_owned(),
        },
        column: at,
        is_tenant: true,
        own: side(own),
        foreign: side(victim),
        missing: missing::values(knowledge, at, Some(like), rng),
    }
}

/// Values of a column with their rows, the row that the call names first. Of a list each element: what filters by it takes
/// one.
fn values(
    rows: &[(&RowRef, &Row)],
    column: ColumnRef,
    is_list: bool,
    first: Option<&RowRef>,
) -> Vec<(String, RowRef)> {
    let mut all: Vec<(String, RowRef)> = rows
        .iter()
        .filter_map(|(at, row)| Some((at, row[column.column].as_ref()?)))
        .flat_map(|(at, value)| {
            let each = if is_list {
                elements(value)
            } else {
                vec![Arc::clone(value)]
            };
            each.into_iter().map(|v| (v.to_string(), (*at).clone()))
        })
        .collect();
    all.sort_by_key(|(_, at)| Some(at) != first);
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|(value, _)| seen.insert(value.clone()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{ACME, World};

    #[test]
    fn of_a_list_each_element_is_a_value_and_none_like_it_is_missing() {
        let world = World::new();
        let knowledge = &world.knowledge;
        let table = knowledge.schema.by_name("task").unwrap();
        let column = ColumnRef {
            table: table.id,
            column: table.column("related").unwrap(),
        };
        let rows: Vec<_> = knowledge.rows.of(table.id).collect();
        let all = values(&rows, column, true, None);
        assert!(
            all.iter().any(|(v, _)| *v == World::task_id(ACME, 1)),
            "{all:?}"
        );
        assert!(all.iter().all(|(v, _)| !v.starts_with('{')), "{all:?}");
        let like = all[0].0.as_str();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let missing = missing::values(knowledge, column, Some(like), &mut rng);
        assert_eq!(missing.len(), 2);
        assert!(missing.iter().all(|v| v.len() == like.len()), "{missing:?}");
    }
}
