//! On which grounds each attack applies.

use std::collections::{BTreeMap, BTreeSet};

use crate::attack::ATTACKS;
use crate::attack::testing::{Set, grounds as all_grounds};

/// Where each attack must apply, by names of [`crate::attack::testing::grounds`]; it must apply nowhere else. `ALL` leaves out `bare`,
/// where nothing is known but the call; `READS` are those whose method is safe.
const EXPECTED: &[(&str, &str)] = &[
    ("plain.call", "ALL, bare"),
    ("plain.page", "list, header tenant"),
    ("plain.variant", "list, header tenant, create, bulk query"),
    ("plain.look-up", "list, header tenant"),
    ("plain.after-owner", "READS, bare"),
    (
        "plain.without-others",
        "bare, list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, file, create, create unique, action, switch, bulk ids, upsert, import",
    ),
    (
        "id.path",
        "get, put, patch, delete, numbered, path tenant, session tenant, public key, anonymous, file",
    ),
    ("id.nested-child", "nested get, nested delete"),
    ("id.nested-parent", "nested get, nested delete"),
    ("id.nested-both", "nested get, nested delete, create"),
    ("id.query", "list, header tenant"),
    ("id.body", "action, switch"),
    ("id.tenant-query", "ALL"),
    (
        "id.list",
        "list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, anonymous, file, create",
    ),
    ("id.cursor", "list, header tenant"),
    (
        "id.twice",
        "get, put, patch, delete, nested get, nested delete, numbered, path tenant, session tenant, public key, anonymous, file",
    ),
    (
        "id.head",
        "get, nested get, numbered, path tenant, session tenant, public key, anonymous, file",
    ),
    (
        "id.spelling",
        "get, put, patch, delete, nested get, nested delete, numbered, path tenant, session tenant, public key, anonymous, file",
    ),
    (
        "id.conditional",
        "get, nested get, numbered, path tenant, session tenant, public key, anonymous, file",
    ),
    (
        "id.after-owner",
        "list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, anonymous, file",
    ),
    ("id.neighbour", "numbered"),
    (
        "id.idempotency-key",
        "put, patch, create, create unique, action, switch, bulk ids, bulk filter, upsert, import",
    ),
    ("export.guessed-name", "file"),
    ("assign.reference", "create"),
    ("assign.tenant", "put, patch, create, create unique"),
    ("assign.id", "put, patch, create"),
    ("assign.owner", "put, patch, create, create unique"),
    ("assign.role", "put, patch, create, create unique"),
    ("assign.natural-key", "create, create unique"),
    ("bulk.mixed-ids", "bulk ids"),
    ("bulk.no-filter", "bulk filter, bulk query"),
    ("bulk.left-out", "bulk ids, bulk filter"),
    ("bulk.tenant-filter", "bulk filter, bulk query"),
    ("bulk.reference", "upsert"),
    ("bulk.empty-list", "bulk ids, upsert"),
    ("bulk.status-only", "bulk ids, bulk filter, bulk query"),
    ("bulk.reassign", "bulk ids, bulk filter"),
    ("bulk.upsert", "upsert"),
    ("bulk.import", "import, upsert"),
    ("filter.limit", "list, header tenant, bare"),
    ("filter.search", "list, header tenant"),
    ("filter.include", "READS"),
    ("filter.sort", "list, header tenant"),
    ("filter.operator", "READS, bulk filter"),
    ("host.other-tenant", "ADDRESSED"),
    ("host.shape", "ADDRESSED"),
    ("host.left-out", "header tenant"),
    ("host.apex", "HOSTS"),
    ("host.unknown", "ADDRESSED"),
    ("header.tenant", "ALL"),
    ("header.tenant-synonym", "ALL"),
    ("header.tenant-twice", "ALL"),
    ("header.tenant-case", "ALL"),
    ("header.tenant-padded", "ALL"),
    ("header.user", "MEMBERS"),
    ("header.forwarded-host", "HOSTS"),
    ("header.internal", "ALL, bare"),
    ("header.original-url", "ALL, bare"),
    (
        "header.method-override",
        "list, header tenant, get, put, patch, delete, nested get, nested delete, create, action, switch, bulk ids, \
         numbered, path tenant, session tenant, public key, anonymous, file",
    ),
    ("header.middleware-subrequest", "ALL, bare"),
    (
        "path.verb",
        "READS, put, patch, delete, nested delete, bulk filter, bulk query, bare",
    ),
    ("path.slash", "ALL, bare"),
    ("path.case", "ALL, bare"),
    ("path.suffix", "ALL, bare"),
    ("path.dots", "ALL, bare"),
    ("path.encoded", "ALL, bare"),
    ("cookie.tampered", "MEMBERS"),
    ("cookie.unsealed", "MEMBERS"),
    ("cookie.weak-secret", "MEMBERS"),
    ("cookie.twice", "MEMBERS"),
    ("cookie.encoded", "MEMBERS"),
    ("cookie.without-session", "MEMBERS"),
    (
        "cookie.replayed",
        "list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, file",
    ),
    (
        "cookie.seal-length",
        "list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, file",
    ),
    (
        "cookie.expired",
        "list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, file",
    ),
    (
        "session.after-delete",
        "get, put, patch, session tenant, public key, anonymous",
    ),
    (
        "session.suspended",
        "list, header tenant, get, nested get, numbered, path tenant, session tenant, public key, file",
    ),
    ("token.tampered-payload", "MEMBERS"),
    ("token.alg-none", "MEMBERS"),
    ("token.empty-signature", "MEMBERS"),
    ("token.weak-secret", "MEMBERS"),
    ("token.public-key", "public key"),
    ("token.kid", "MEMBERS"),
    ("token.jwk", "MEMBERS"),
    ("token.jku", "MEMBERS"),
    ("token.role", "MEMBERS"),
    ("token.claim-type", "ADDRESSED MEMBERS"),
    ("token.claim-twice", "MEMBERS"),
    ("token.claim-mismatch", "ADDRESSED MEMBERS"),
    ("token.expired", "MEMBERS"),
    ("token.not-yet-valid", "MEMBERS"),
    ("token.wrong-issuer", "MEMBERS"),
    ("token.wrong-audience", "MEMBERS"),
    ("token.before-switch", "list, header tenant"),
    ("token.ended-membership", "list, header tenant"),
];

/// The grounds that a word of the table stands for.
fn grounds_of(word: &str) -> BTreeSet<&'static str> {
    let is = |name: &str, set: &Set| {
        let ground = set.ground();
        let addressed = ground.is_addressed();
        let member = ground.has_credentials();
        match word {
            "ALL" => name != "bare",
            "READS" => name != "bare" && set.route.is_safe(),
            "HOSTS" => set.facts.tenant_in_host,
            "ADDRESSED" => addressed,
            "MEMBERS" => name != "bare" && member,
            "ADDRESSED MEMBERS" => addressed && member,
            exact => name == exact,
        }
    };
    all_grounds()
        .iter()
        .filter(|(name, set)| is(name, set))
        .map(|(name, _)| *name)
        .collect()
}

#[test]
fn each_attack_applies_where_the_table_says_and_nowhere_else() {
    let grounds = all_grounds();
    let table: BTreeMap<_, _> = EXPECTED.iter().copied().collect();
    let (browsed, called): (Vec<&&dyn crate::attack::Attack>, Vec<_>) =
        ATTACKS.iter().partition(|a| a.id().starts_with("browser."));
    for attack in browsed {
        // What these make of people is another table's.
        assert!(
            grounds
                .iter()
                .all(|(_, set)| attack.attempts(&set.ground()).is_empty())
        );
    }
    assert_eq!(table.len(), called.len());
    for attack in called {
        let words = table
            .get(attack.id())
            .unwrap_or_else(|| panic!("{}", attack.id()));
        let expected: BTreeSet<_> = words
            .split(',')
            .flat_map(|w| grounds_of(w.trim()))
            .collect();
        let found: BTreeSet<_> = grounds
            .iter()
            .filter(|(_, set)| !attack.attempts(&set.ground()).is_empty())
            .map(|(name, _)| *name)
            .collect();
        assert!(!found.is_empty(), "{} never applies", attack.id());
        assert_eq!(found, expected, "{}", attack.id());
    }
}
