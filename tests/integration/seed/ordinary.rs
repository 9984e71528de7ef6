//! What is ordinary in schemas and easily left empty: transfers, trees, sums, overlaps, rare types, rows of nobody.

use super::driver::Ground;

#[tokio::test]
async fn ordinary_schemas_are_filled_for_every_tenant() {
    let ground = Ground::seeded(include_str!("ordinary.sql"), "").await;
    assert_eq!(ground.seeded.warnings, Vec::<String>::new());
    ground.check(&[]);
    // Not just a row or two: a table on probation, and writes that consume rows, need more.
    for table in ground.schema().tables.iter().map(|t| t.name.as_str()) {
        if ["orgs", "users"].contains(&table) {
            continue;
        }
        let counts = ground.counts(table);
        for tenant in ["acme", "globex", "initech"] {
            assert!(counts[tenant] >= 10, "{table}: {counts:?}");
        }
    }
    two_tenants_own_what_goes_from_one_to_the_other(&ground);
    rows_from_before_there_were_tenants_are_nobodys(&ground);
    // A tree has roots, which point to themselves, and more.
    for table in ["folders", "branches", "leaves"] {
        let tree = ground.table(table);
        let (id, parent) = (
            tree.column("id").unwrap(),
            tree.column("parent_id").unwrap(),
        );
        let roots = ground.rows.of(tree.id).filter(|(_, r)| r[id] == r[parent]);
        let roots = roots.count();
        assert!(
            roots >= 3 && roots < ground.rows.count(tree.id),
            "{table}: {roots}"
        );
    }
    ground.world.close().await.unwrap();
}

fn two_tenants_own_what_goes_from_one_to_the_other(ground: &Ground) {
    let crossing = |name: &str| {
        let table = ground.table(name);
        let two = |row: &_| ground.owners(table, row).0.len() == 2;
        let all = ground.rows.count(table.id);
        (
            ground.rows.of(table.id).filter(|(_, r)| two(r)).count(),
            all,
        )
    };
    let (two, all) = crossing("transfers");
    assert_eq!(two, all);
    let (two, all) = crossing("moves");
    assert!(two > 0 && two < all, "{two} of {all}");
}

fn rows_from_before_there_were_tenants_are_nobodys(ground: &Ground) {
    let presets = ground.table("presets");
    let org = presets.column("org_id").unwrap();
    let nobodys: Vec<_> = ground
        .rows
        .of(presets.id)
        .filter(|(_, row)| row[org].as_deref() == Some("0"))
        .collect();
    assert_eq!(nobodys.len(), 2);
    for (_, row) in nobodys {
        assert!(ground.owners(presets, row).is_global());
    }
    // A foreign key forbids it.
    assert!(!ground.values("tied", "org_id").contains(&Some("0".into())));
}
