//! A world with a schema in it, seeded, and what every seeded database must be.

use std::collections::{BTreeMap, BTreeSet};

use partywall::model::event::Silence;
use partywall::model::ownership::{Owners, Rule};
use partywall::model::rows::{Row, Rows};
use partywall::model::schema::{Schema, Table};
use partywall::seed::{self, Seeded};
use partywall::settings::{Overrides, Settings};
use partywall::world::World;

use super::target;

/// Settings for the tiny target, with a schema made before it starts, and whatever else a description says.
pub fn settings(sql: &str, more: &str) -> Settings {
    let text = format!(
        "[target]\nstart = {:?}\nready = \"/health\"\nenv = {{ TINY_TARGET_PORT = \"{{port}}\", TINY_TARGET_DATABASE = \
         \"{{database.app.url}}\" }}\n[database]\nsetup = [{:?}]\n{more}",
        target::start(),
        sql.replace('{', "{{"),
    );
    Settings::parse("partywall.toml", &text, Overrides::default(), &|_| None).unwrap()
}

/// A seeded database.
pub struct Ground {
    pub world: World,
    pub seeded: Seeded,
    pub rows: Rows,
}

impl Ground {
    /// Makes the schema and seeds it.
    pub async fn seeded(sql: &str, more: &str) -> Self {
        Box::pin(Self::make(sql, more)).await
    }

    async fn make(sql: &str, more: &str) -> Self {
        let settings = settings(sql, more);
        let mut world = World::up(&settings, &Silence).await.unwrap();
        let seeded = seed::run(&mut world, &settings, &[], &Silence)
            .await
            .unwrap_or_else(|e| panic!("{e}"));
        let rows = seed::read_rows(world.pool(), &seeded.schema).await.unwrap();
        Self {
            world,
            seeded,
            rows,
        }
    }

    pub fn schema(&self) -> &Schema {
        &self.seeded.schema
    }

    pub fn table(&self, name: &str) -> &Table {
        self.schema()
            .by_name(name)
            .unwrap_or_else(|| panic!("no table {name}"))
    }

    pub fn rule(&self, name: &str) -> &Rule {
        self.seeded.ownership.rule(self.table(name).id)
    }

    /// The values of a column, sorted.
    pub fn values(&self, table: &str, column: &str) -> Vec<Option<String>> {
        let table = self.table(table);
        let column = table.column(column).unwrap();
        let mut values: Vec<_> = self
            .rows
            .of(table.id)
            .map(|(_, row)| row[column].as_deref().map(str::to_owned))
            .collect();
        values.sort();
        values
    }

    pub fn owners(&self, table: &Table, row: &Row) -> Owners {
        self.seeded
            .ownership
            .owners(self.schema(), &self.rows, table.id, row)
    }

    /// How many rows of a table each tenant owns, by slug or by key where it has none.
    pub fn counts(&self, table: &str) -> BTreeMap<String, usize> {
        let table = self.table(table);
        let mut counts = BTreeMap::new();
        for (_, row) in self.rows.of(table.id) {
            for owner in self.owners(table, row).0 {
                let tenant = self.seeded.tenants.iter().find(|t| t.key == owner);
                *counts
                    .entry(tenant.map_or(owner.to_string(), |t| t.slug.clone()))
                    .or_default() += 1;
            }
        }
        counts
    }

    /// What must hold of every seeded database; `empty` are the tables that may stay so.
    pub fn check(&self, empty: &[&str]) {
        self.check_but(empty, &[]);
    }

    /// The same where the users of the control tenant need rows in some tables.
    pub fn check_but(&self, empty: &[&str], needed: &[&str]) {
        self.every_table_is_filled(empty);
        self.children_point_to_parents_of_the_same_tenant();
        self.the_control_tenant_has_no_rows(needed);
        self.canaries_stand_in_one_tenant_alone();
    }

    fn every_table_is_filled(&self, empty: &[&str]) {
        for table in &self.schema().tables {
            if empty.contains(&table.name.as_str()) {
                continue;
            }
            assert!(
                self.rows.count(table.id) > 0,
                "{table} is empty: {:?}",
                self.seeded.warnings
            );
            if *self.seeded.ownership.rule(table.id) == Rule::Global {
                continue;
            }
            let counts = self.counts(&table.name);
            for tenant in self.seeded.tenants.iter().filter(|t| !t.control) {
                assert!(
                    counts.get(&tenant.slug).is_some_and(|n| *n > 0),
                    "{table}: {counts:?} {:?}",
                    self.seeded.warnings
                );
            }
        }
    }

    fn children_point_to_parents_of_the_same_tenant(&self) {
        for table in &self.schema().tables {
            for (_, row) in self.rows.of(table.id) {
                let owners = self.owners(table, row);
                for key in &table.foreign_keys {
                    let values: Vec<_> = key.columns.iter().map(|&c| row[c].clone()).collect();
                    if values.iter().any(Option::is_none) || owners.is_global() {
                        continue;
                    }
                    let parent = self
                        .rows
                        .find(self.schema(), key.table, &key.references, &values);
                    let there = self.schema().table(key.table);
                    let Some(parent) = parent else {
                        panic!("{table} points to no row of {there}: {values:?}")
                    };
                    let above = self.owners(there, parent);
                    let shared =
                        above.is_global() || above.0.intersection(&owners.0).next().is_some();
                    assert!(
                        shared,
                        "{table} of {owners:?} points to {there} of {above:?}"
                    );
                }
            }
        }
    }

    fn the_control_tenant_has_no_rows(&self, needed: &[&str]) {
        let control = self
            .seeded
            .tenants
            .iter()
            .find(|t| t.control)
            .expect("a control tenant");
        let people = [
            Some(self.seeded.ownership.tenants),
            self.seeded.ownership.users,
            self.seeded.ownership.membership.as_ref().map(|m| m.table),
        ];
        for table in self
            .schema()
            .tables
            .iter()
            .filter(|t| !people.contains(&Some(t.id)) && !needed.contains(&t.name.as_str()))
        {
            let own = self
                .rows
                .of(table.id)
                .filter(|(_, row)| self.owners(table, row).includes(&control.key));
            assert_eq!(own.count(), 0, "{table} holds rows of the control tenant");
        }
    }

    fn canaries_stand_in_one_tenant_alone(&self) {
        let canaries = seed::canaries(
            self.schema(),
            &self.seeded.ownership,
            &self.rows,
            &self.seeded.tenants,
        );
        assert!(canaries.len() > 20, "only {} canaries", canaries.len());
        for table in &self.schema().tables {
            for (_, row) in self.rows.of(table.id) {
                let owners = self.owners(table, row);
                for value in row.iter().flatten() {
                    for hit in canaries.scan(value.as_bytes()) {
                        let known: BTreeSet<_> = hit
                            .provenance
                            .iter()
                            .flat_map(|p| p.owners.0.clone())
                            .collect();
                        assert_eq!(known, owners.0, "{table}: {value}");
                        assert_eq!(known.len(), 1);
                    }
                }
            }
        }
    }

    /// The names of the actors.
    pub fn actors(&self) -> Vec<&str> {
        self.seeded.actors.iter().map(|a| &*a.id.0).collect()
    }
}
