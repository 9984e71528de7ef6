//! Made-up schemas whose owners are known by how they were made: detection must find them, and a wrong rule must show.

use proptest::prelude::*;

use super::*;
use crate::model::schema::TableId;
use crate::seed::names::words;

/// How one table is tied to its tenant.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Tie {
    Column { declared: bool },
    Parent { table: usize, declared: bool },
    Nothing,
}

#[derive(Debug, Clone)]
struct Plan {
    tenant: &'static str,
    style: u8,
    uuid: bool,
    ties: Vec<Tie>,
    rows: u8,
}

/// Names that no noun for tenants or people is among.
const THINGS: [&str; 8] = [
    "invoice", "ticket", "room", "parcel", "recipe", "vehicle", "sensor", "chapter",
];

fn plans() -> impl Strategy<Value = Plan> {
    let tie = |index: usize| {
        prop_oneof![
            3 => any::<bool>().prop_map(|declared| Tie::Column { declared }),
            4 => (0..index.max(1), any::<bool>()).prop_map(move |(table, declared)| {
                if index == 0 { Tie::Column { declared } } else { Tie::Parent { table, declared } }
            }),
            1 => Just(Tie::Nothing),
        ]
    };
    let ties = (0..THINGS.len()).map(tie).collect::<Vec<_>>();
    let tenants = prop::sample::select(vec![
        "tenant",
        "organisation",
        "organization",
        "workspace",
        "company",
        "club",
    ]);
    (tenants, 0..3_u8, any::<bool>(), ties, 1..5_u8).prop_map(
        |(tenant, style, uuid, mut ties, rows)| {
            // Something must point to the tenants, or nothing tells that they are.
            ties[0] = Tie::Column { declared: true };
            Plan {
                tenant,
                style,
                uuid,
                ties,
                rows,
            }
        },
    )
}

impl Plan {
    fn table(&self, one: &str) -> String {
        match self.style {
            0 => one.to_owned(),
            1 => cruet::to_plural(one),
            _ => one[..1].to_uppercase() + &one[1..],
        }
    }

    fn reference(&self, to: &str) -> String {
        let joined = if self.style == 2 {
            format!("{to}Id")
        } else {
            format!("{to}_id")
        };
        assert_eq!(words(&joined).len(), 2);
        joined
    }

    fn schema(&self) -> Schema {
        let kind = if self.uuid { Uuid } else { INT };
        let mut made = Made::default().table(
            &self.table(self.tenant),
            &[("id!", kind.clone()), ("name!", Text)],
        );
        for (index, tie) in self.ties.iter().enumerate() {
            let reference = match tie {
                Tie::Column { .. } => self.reference(self.tenant),
                Tie::Parent { table, .. } => self.reference(THINGS[*table]),
                Tie::Nothing => "weight".into(),
            };
            let name = format!("{reference}!");
            made = made.table(
                &self.table(THINGS[index]),
                &[
                    ("id!", kind.clone()),
                    (&name, kind.clone()),
                    ("label", Text),
                ],
            );
            let from = format!("{}.{reference}", self.table(THINGS[index]));
            made = match tie {
                Tie::Column { declared: true } => made.key(&from, &self.table(self.tenant)),
                Tie::Parent {
                    table,
                    declared: true,
                } => made.key(&from, &self.table(THINGS[*table])),
                _ => made,
            };
        }
        made.done()
    }

    /// Whose the row of that number is, by how it was made.
    fn truth(&self, table: usize, number: u8) -> Option<String> {
        match self.ties[table] {
            Tie::Column { .. } => Some(format!("t{}", number % 3)),
            Tie::Parent { table, .. } => self.truth(table, number),
            Tie::Nothing => None,
        }
    }

    fn rows(&self, schema: &Schema) -> Rows {
        let mut rows = Rows::empty(schema);
        for (table, tie) in self.ties.iter().enumerate() {
            for number in 0..self.rows {
                let points = match tie {
                    Tie::Column { .. } => format!("t{}", number % 3),
                    // Rows of one number hang together.
                    _ => format!("r{number}"),
                };
                put(
                    &mut rows,
                    schema,
                    &self.table(THINGS[table]),
                    &[&format!("r{number}"), &points, "x"],
                );
            }
        }
        rows
    }

    /// Whether every row is owned as it was made.
    fn agrees(&self, schema: &Schema, owners: &Ownership, rows: &Rows) -> Result<(), String> {
        for (table, thing) in THINGS.iter().enumerate() {
            let id = schema.by_name(&self.table(thing)).unwrap().id;
            for number in 0..self.rows {
                let at = RowRef {
                    table: id,
                    key: vec![Some(format!("r{number}").as_str().into())],
                };
                let found: Vec<String> = owners
                    .owners(schema, rows, id, rows.get(&at).unwrap())
                    .0
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                let truth: Vec<String> = self.truth(table, number).into_iter().collect();
                if found != truth {
                    return Err(format!(
                        "{at:?}: {found:?} is not {truth:?} ({})",
                        owners.reasons[id.0]
                    ));
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn rows_are_owned_as_they_were_made(plan in plans()) {
        let schema = plan.schema();
        let rows = plan.rows(&schema);
        let owners = ownership(&schema, &rows, &Description::default()).unwrap();
        prop_assert_eq!(&schema.table(owners.tenants).name, &plan.table(plan.tenant));
        prop_assert_eq!(plan.agrees(&schema, &owners, &rows), Ok(()));
    }

    /// The comparison is worth something: any rule that is wrong shows in it.
    #[test]
    fn a_wrong_rule_shows(plan in plans(), victim in 0..THINGS.len()) {
        let schema = plan.schema();
        let rows = plan.rows(&schema);
        let mut owners = ownership(&schema, &rows, &Description::default()).unwrap();
        let id = TableId(victim + 1);
        owners.rules[id.0] = match owners.rule(id) {
            Rule::Global => Rule::Columns { columns: vec![0] },
            _ => Rule::Global,
        };
        prop_assert!(plan.agrees(&schema, &owners, &rows).is_err());
    }
}
