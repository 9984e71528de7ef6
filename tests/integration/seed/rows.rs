//! Generated rows: repeatable, and growing canaries from the row stream.

use partywall::model::event::Silence;
use partywall::model::ownership::Owners;
use partywall::model::rows::{Change, Operation};
use partywall::seed;
use partywall::world::World;

use super::driver::{Ground, settings};

const NOTES: &str = "
    CREATE TABLE tenants (id uuid PRIMARY KEY, slug text UNIQUE NOT NULL);
    CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text UNIQUE NOT NULL);
    CREATE TABLE notes (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, body text NOT NULL, amount numeric(8,2) NOT NULL)";

#[tokio::test]
async fn the_same_seed_makes_the_same_rows_and_another_makes_others() {
    let mut all = Vec::new();
    for seed in [7, 7, 8] {
        let settings = settings(NOTES, "");
        let world = World::up(&settings, &Silence).await.unwrap();
        let seeded = seed::run_rows(world.pool(), &settings.description, &[], seed)
            .await
            .unwrap();
        let rows = seed::read_rows(world.pool(), &seeded.schema).await.unwrap();
        let mut values: Vec<_> = rows
            .of(seeded.schema.by_name("notes").unwrap().id)
            .map(|(_, r)| r.clone())
            .collect();
        values.sort();
        all.push(values);
        world.close().await.unwrap();
    }
    assert_eq!(all[0], all[1]);
    assert_ne!(all[0], all[2]);
}

#[tokio::test]
async fn one_user_a_tenant_is_left_alone_and_shares_its_address_where_it_may() {
    let people = |unique: &str| {
        format!(
            "CREATE TABLE tenants (id uuid PRIMARY KEY, slug text UNIQUE NOT NULL);
             CREATE TABLE users (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants, email text NOT NULL, {unique});
             CREATE TABLE jobs (id uuid PRIMARY KEY, tenant_id uuid NOT NULL REFERENCES tenants,
               user_id uuid NOT NULL REFERENCES users, client_email text NOT NULL)"
        )
    };
    for (unique, shares) in [
        ("UNIQUE (tenant_id, email)", true),
        ("UNIQUE (email)", false),
    ] {
        let ground = Ground::seeded(&people(unique), "").await;
        let acting: Vec<&String> = ground
            .seeded
            .actors
            .iter()
            .filter_map(|a| a.fields.get("id"))
            .collect();
        let users = ground.table("users");
        let (id, email) = (users.column("id").unwrap(), users.column("email").unwrap());
        let alone: Vec<_> = ground
            .rows
            .of(users.id)
            .map(|(_, row)| row)
            .filter(|row| {
                !acting
                    .iter()
                    .any(|a| Some(a.as_str()) == row[id].as_deref())
            })
            .collect();
        assert_eq!(alone.len(), 3, "one for each tenant but the control tenant");
        let addresses: std::collections::BTreeSet<_> = alone.iter().map(|r| &r[email]).collect();
        assert_eq!(addresses.len() == 1, shares, "{addresses:?}");
        let named = ground.values("jobs", "user_id");
        let joined = ground.values("jobs", "client_email");
        for user in &alone {
            assert!(!named.iter().any(|n| n.as_deref() == user[id].as_deref()));
            assert!(
                joined
                    .iter()
                    .any(|j| j.as_deref() == user[email].as_deref())
            );
        }
        ground.world.close().await.unwrap();
    }
}

#[tokio::test]
async fn canaries_grow_from_row_changes() {
    let ground = Ground::seeded(NOTES, "").await;
    let Ground { seeded, rows, .. } = &ground;
    let (schema, ownership) = (&seeded.schema, &seeded.ownership);
    let mut canaries = seed::canaries(schema, ownership, rows, &seeded.tenants);
    let notes = ground.table("notes").id;
    let (acme, globex) = (seeded.tenants[0].key.clone(), seeded.tenants[1].key.clone());
    let fresh = |id: &str, tenant: &str, body: &str| Change {
        table: notes,
        operation: Operation::Insert,
        old: None,
        new: Some(vec![
            Some(id.into()),
            Some(tenant.into()),
            Some(body.into()),
            Some("1.00".into()),
        ]),
        xid: 1,
        owners_before: Owners::default(),
        owners_after: Owners([tenant.into()].into()),
    };
    let id = "3f2b8c1e-9d47-4a6b-8e05-7c1f2d9ab346";
    seed::grow(
        &mut canaries,
        schema,
        ownership,
        rows,
        &fresh(id, &acme, "a new note of plain words alone"),
    );
    assert_eq!(canaries.get(id).len(), 1);
    assert!(canaries.scan(b"a new note of plain words alone").is_empty());
    // A copy of a canary in another tenant's row makes it no less foreign.
    let stolen = canaries_of(&ground, &acme);
    seed::grow(
        &mut canaries,
        schema,
        ownership,
        rows,
        &fresh("8e05b346-9d47-4a6b-8e05-7c1f2d9ab3ff", &globex, &stolen),
    );
    assert!(
        canaries
            .get(&stolen)
            .iter()
            .all(|p| p.owners.includes(&acme))
    );
    // Tenant keys are no canaries, whatever row they stand in.
    assert!(canaries.get(&acme).is_empty());
    ground.world.close().await.unwrap();
}

/// A generated token in a note of that tenant.
fn canaries_of(ground: &Ground, tenant: &str) -> String {
    let notes = ground.table("notes");
    let (_, row) = ground
        .rows
        .of(notes.id)
        .find(|(_, r)| r[1].as_deref() == Some(tenant))
        .unwrap();
    row[2]
        .as_deref()
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .to_owned()
}
