//! The ground of attacks: one route, an attacker's call that works, a victim's call that works, and what may be exchanged.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, RngExt};

use super::baseline::{Baseline, Working, hash};
use super::lab::Lab;
use super::names::{stem, words};
use super::plan::{Concrete, rows_of};
use crate::attack::{Facts, Ground, Slot};
use crate::model::call::SlotRef;
use crate::model::knowledge::Knowledge;
use crate::model::route::{Place, Route};
use crate::model::rows::{Row, RowRef};
use crate::model::schema::{ColumnRef, Kind};
use crate::model::tenant::{Actor, ActorId, Standing, Tenant};
use crate::target::address::Addressing;

/// A ground with everything owned, so that the lab stays free to make calls.
pub struct Prepared {
    /// The route.
    pub route: Route,
    /// Who attacks.
    pub attacker: Actor,
    /// Whose ids the attacker's own call carries.
    pub own: Tenant,
    /// Who is attacked.
    pub victim: Tenant,
    /// Who makes the victim's calls.
    pub victim_actor: Actor,
    /// The attacker's own call.
    pub own_call: Concrete,
    /// The victim's own call.
    pub victim_call: Concrete,
    /// What may be exchanged.
    pub slots: Vec<Slot>,
    /// The key of the route's table, which the body need not have.
    pub key: Option<Slot>,
    /// The foreign keys of the route's table, which the body need not have.
    pub references: Vec<Slot>,
    /// Facts, those of the route included.
    pub facts: Facts,
    /// A weaker member, whose legitimate calls alone are judged.
    pub plain_only: bool,
}

impl Prepared {
    /// As attacks see it.
    pub fn ground(&self) -> Ground<'_> {
        Ground {
            route: &self.route,
            attacker: &self.attacker,
            own: &self.own,
            victim: &self.victim,
            own_call: &self.own_call.call,
            victim_call: &self.victim_call.call,
            victim_actor: Some(&self.victim_actor),
            key: self.key.as_ref(),
            references: &self.references,
            slots: &self.slots,
            facts: &self.facts,
        }
    }
}

/// How many values of each side a slot offers.
const VALUES: usize = 6;

/// The grounds of one route: the strongest member against the next tenant, then those who belong to nobody or to several.
pub fn grounds(lab: &Lab<'_>, baseline: &Baseline, route: &Route) -> Vec<Prepared> {
    let Some(working) = baseline.working.get(&route.id) else {
        return Vec::new();
    };
    let tenants: Vec<&Tenant> = lab
        .knowledge
        .tenants
        .iter()
        .filter(|t| !t.control)
        .collect();
    let strongest = |t: &Tenant| baseline.strongest(lab, &route.id, &t.key).cloned();
    let fit: Vec<(&Tenant, Actor)> = tenants
        .iter()
        .filter_map(|t| Some((*t, strongest(t)?)))
        .collect();
    let [(own, member), (victim, victim_actor), ..] = &fit[..] else {
        return Vec::new();
    };
    let mut all = Vec::new();
    all.extend(prepare(
        lab,
        working,
        route,
        member.clone(),
        own,
        victim,
        victim_actor,
    ));
    for weaker in lab
        .knowledge
        .actors
        .iter()
        .filter(|a| a.standing == Standing::Member && a.id != member.id)
    {
        let home = tenants
            .iter()
            .find(|t| weaker.tenant.as_deref() == Some(&*t.key));
        let other = fit
            .iter()
            .find(|(t, _)| weaker.tenant.as_deref() != Some(&*t.key));
        if let (Some(home), Some((other, actor)), true) =
            (home, other, working.actors.contains(&weaker.id))
        {
            let ground = prepare(lab, working, route, weaker.clone(), home, other, actor);
            all.extend(ground.map(|g| Prepared {
                plain_only: true,
                ..g
            }));
        }
    }
    let anonymous = Actor::anonymous(Some(own.key.clone()));
    all.extend(prepare(
        lab,
        working,
        route,
        anonymous,
        own,
        victim,
        victim_actor,
    ));
    for outsider in &lab.knowledge.actors {
        match outsider.standing {
            Standing::Homeless | Standing::Ended if !lab.locked_out.contains_key(&outsider.id) => {
                let left = outsider
                    .tenant
                    .as_deref()
                    .and_then(|t| lab.knowledge.tenant(t))
                    .unwrap_or(own);
                all.extend(prepare(
                    lab,
                    working,
                    route,
                    outsider.clone(),
                    left,
                    victim,
                    victim_actor,
                ));
            }
            Standing::Double if !lab.locked_out.contains_key(&outsider.id) => {
                let third = fit.iter().find(|(t, _)| !outsider.belongs_to(&t.key));
                let home = outsider
                    .tenant
                    .as_deref()
                    .and_then(|t| lab.knowledge.tenant(t))
                    .unwrap_or(own);
                if let Some((third, actor)) = third {
                    all.extend(prepare(
                        lab,
                        working,
                        route,
                        outsider.clone(),
                        home,
                        third,
                        actor,
                    ));
                }
            }
            _ => {}
        }
    }
    all
}

fn prepare(
    lab: &Lab<'_>,
    working: &Working,
    route: &Route,
    attacker: Actor,
    own: &Tenant,
    victim: &Tenant,
    victim_actor: &Actor,
) -> Option<Prepared> {
    let knowledge = &lab.knowledge;
    let mut own_call = working
        .plan
        .call(knowledge, route, &attacker, Some(&own.key), 1)?;
    if attacker.standing == Standing::Homeless {
        own_call.call.tenant = Some(own.key.clone());
    }
    let victim_call = working
        .plan
        .call(knowledge, route, victim_actor, Some(&victim.key), 1)?;
    let mut facts = lab.facts.clone();
    facts.writable_names = writable_names(lab, route, working);
    facts.host_template = host_template(lab);
    let sides = Sides {
        lab,
        route,
        attacker: &attacker,
        own,
        victim,
        victim_actor,
    };
    let slots = sides.slots(&own_call, &victim_call);
    let (key, references) = sides.beside(working);
    facts.uniques = sides.uniques(working);
    Some(Prepared {
        route: route.clone(),
        attacker,
        own: own.clone(),
        victim: victim.clone(),
        victim_actor: victim_actor.clone(),
        own_call,
        victim_call,
        slots,
        key,
        references,
        facts,
        plain_only: false,
    })
}

/// How a tenant's host is built, without scheme and port.
fn host_template(lab: &Lab<'_>) -> Option<String> {
    let Addressing::Host { template } = &lab.target.addressing else {
        return None;
    };
    let host = template
        .split("://")
        .last()
        .unwrap_or(template)
        .split('/')
        .next()
        .unwrap_or_default();
    Some(host.split(':').next().unwrap_or(host).to_owned())
}

/// Columns of the route's table that name tenants, people or other rows.
fn writable_names(lab: &Lab<'_>, route: &Route, working: &Working) -> Vec<String> {
    let Some(table) = super::baseline::about(lab, route, &working.plan.slots) else {
        return Vec::new();
    };
    let table = lab.knowledge.schema.table(table);
    let keyed = table
        .foreign_keys
        .iter()
        .flat_map(|k| k.columns.iter().copied());
    let mut names: Vec<String> = keyed
        .chain(table.primary_key.iter().copied())
        .map(|c| table.columns[c].name.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Both sides of the wall.
struct Sides<'s> {
    lab: &'s Lab<'s>,
    route: &'s Route,
    attacker: &'s Actor,
    own: &'s Tenant,
    victim: &'s Tenant,
    victim_actor: &'s Actor,
}

impl Sides<'_> {
    /// The slots of the calls, with values of both sides.
    fn slots(&self, own_call: &Concrete, victim_call: &Concrete) -> Vec<Slot> {
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
        slots
    }

    /// The key and the foreign keys of the route's table, as fields that a body may be given.
    fn beside(&self, working: &Working) -> (Option<Slot>, Vec<Slot>) {
        let schema = &self.lab.knowledge.schema;
        let about = super::baseline::about(self.lab, self.route, &working.plan.slots);
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
    fn uniques(&self, working: &Working) -> Vec<Slot> {
        let schema = &self.lab.knowledge.schema;
        let about = super::baseline::about(self.lab, self.route, &working.plan.slots);
        let Some(table) = about.map(|t| schema.table(t)) else {
            return Vec::new();
        };
        let keyed = |c: &usize| table.foreign_keys.iter().any(|k| k.columns.contains(c));
        let left = table.uniques.iter().filter_map(|u| {
            let mut own = u
                .columns
                .iter()
                .copied()
                .filter(|c| !keyed(c) && !table.primary_key.contains(c));
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
        let pool = |actor: &Actor, tenant: &Tenant, first: Option<&RowRef>| {
            let rows = rows_of(knowledge, actor, Some(&tenant.key), column.table);
            values(&rows, column, first)
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
        let missing = (0..2)
            .filter_map(|_| missing(knowledge, column, &mut rng))
            .collect();
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
    Slot {
        at: SlotRef {
            place: Place::Path,
            name: parameter.to_owned(),
        },
        column: at,
        is_tenant: true,
        own: side(own),
        foreign: side(victim),
        missing: (0..2).filter_map(|_| missing(knowledge, at, rng)).collect(),
    }
}

/// Values of a column with their rows, the row that the call names first.
fn values(
    rows: &[(&RowRef, &Row)],
    column: ColumnRef,
    first: Option<&RowRef>,
) -> Vec<(String, RowRef)> {
    let mut all: Vec<(String, RowRef)> = rows
        .iter()
        .filter_map(|(at, row)| Some((row[column.column].as_ref()?.to_string(), (*at).clone())))
        .collect();
    all.sort_by_key(|(_, at)| Some(at) != first);
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|(value, _)| seen.insert(value.clone()));
    all
}

/// A value of the column's shape that no row has.
fn missing(knowledge: &Knowledge, column: ColumnRef, rng: &mut impl Rng) -> Option<String> {
    let kind = &knowledge.schema.table(column.table).columns[column.column].kind;
    let taken: std::collections::BTreeSet<&str> = knowledge
        .rows
        .of(column.table)
        .filter_map(|(_, row)| row[column.column].as_deref())
        .collect();
    match kind {
        Kind::Integer(_) | Kind::Numeric(_) => {
            let most: i64 = taken
                .iter()
                .filter_map(|v| v.parse().ok())
                .max()
                .unwrap_or(0);
            let gap = (1..most)
                .rev()
                .find(|n| !taken.contains(n.to_string().as_str()));
            Some(
                gap.filter(|_| rng.random_bool(0.5))
                    .unwrap_or(most + rng.random_range(1..900))
                    .to_string(),
            )
        }
        Kind::Uuid => Some(uuid::Uuid::from_u128(uuid_bits(rng)).to_string()),
        _ => {
            let sample = taken.iter().next()?;
            let mut value: String = sample.to_string();
            if uuid::Uuid::parse_str(sample).is_ok() {
                value = uuid::Uuid::from_u128(uuid_bits(rng)).to_string();
            } else {
                while taken.contains(value.as_str()) {
                    value = value.chars().map(|c| other(c, rng)).collect();
                }
            }
            Some(value)
        }
    }
}

/// Random bits with the version and variant of a random uuid.
fn uuid_bits(rng: &mut impl Rng) -> u128 {
    let bits = (u128::from(rng.next_u64()) << 64) | u128::from(rng.next_u64());
    uuid::Builder::from_random_bytes(bits.to_be_bytes())
        .into_uuid()
        .as_u128()
}

/// Another character of the same class.
fn other(c: char, rng: &mut impl Rng) -> char {
    let pick = |from: &[u8], rng: &mut dyn FnMut(usize) -> usize| char::from(from[rng(from.len())]);
    let mut next = |n: usize| rng.random_range(0..n);
    match c {
        '0'..='9' => pick(b"0123456789", &mut next),
        'a'..='z' => pick(b"abcdefghijklmnopqrstuvwxyz", &mut next),
        'A'..='Z' => pick(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", &mut next),
        other => other,
    }
}

/// Reads that are known to show a table: route and the actor who makes them for that tenant.
pub fn reads_of(
    lab: &Lab<'_>,
    baseline: &Baseline,
    tables: &[crate::model::schema::TableId],
    tenant: &str,
) -> Vec<(Route, ActorId)> {
    let mut reads = Vec::new();
    for (id, working) in &baseline.working {
        let Some(route) = lab.route(id).filter(|r| r.method == "GET") else {
            continue;
        };
        let shown = tables.iter().any(|t| working.shows.contains(t));
        if shown && let Some(actor) = baseline.strongest(lab, id, tenant) {
            reads.push((route.clone(), actor.id.clone()));
        }
    }
    // The most specific first: a detail shows a change more surely than a long list.
    reads.sort_by_key(|(r, _)| {
        (
            std::cmp::Reverse(r.parameters_in(Place::Path).count()),
            r.id.clone(),
        )
    });
    reads
}
