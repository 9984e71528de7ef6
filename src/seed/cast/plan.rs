//! Who shall be there: by roles, and by what the schema allows.

use std::collections::BTreeMap;

use super::{Cast, CastActor, CastTenant};
use crate::model::ownership::Rule;
use crate::model::schema::{Kind, TableId, Unique};
use crate::model::tenant::{ActorId, Standing};
use crate::seed::generate::Generator;
use crate::seed::{login_column, names};
use crate::target::description::Description;

/// The tenants' slugs; the last is the control tenant.
const TENANTS: [&str; 4] = ["acme", "globex", "initech", "vacant"];

/// More ordinary roles than these are not played.
const MOST_ROLES: usize = 6;

/// Plans the cast.
pub fn plan(generator: &mut Generator<'_>, description: &Description) -> Cast {
    let mut cast = Cast::default();
    for slug in TENANTS {
        let name = format!("{} {}", capital(slug), generator.token());
        cast.tenants.push(CastTenant {
            slug: slug.into(),
            name,
            key: None,
            control: slug == "vacant",
        });
    }
    let Some(users) = generator.ownership.users else {
        return cast;
    };
    if users == generator.ownership.tenants {
        // Every user is a tenant of its own.
        for (index, slug_of) in TENANTS.iter().enumerate() {
            let id = format!("{slug_of}.member");
            cast.add(
                generator,
                description,
                &id,
                Standing::Member,
                Some(index),
                vec![index],
                None,
            );
        }
        return cast;
    }
    let roles = roles(generator, description);
    for (index, slug_of) in TENANTS.iter().enumerate() {
        for role in &roles {
            let id = format!("{}.{}", slug_of, slug(role));
            cast.add(
                generator,
                description,
                &id,
                Standing::Member,
                Some(index),
                vec![index],
                Some(role),
            );
        }
    }
    let strongest = roles.first().map(String::as_str);
    if separate_membership(generator, users) {
        cast.add(
            generator,
            description,
            "double",
            Standing::Double,
            Some(0),
            vec![0, 1],
            strongest,
        );
    }
    if homeless_allowed(generator, users) {
        if separate_membership(generator, users) {
            cast.add(
                generator,
                description,
                "ended",
                Standing::Ended,
                Some(0),
                Vec::new(),
                strongest,
            );
        }
        cast.add(
            generator,
            description,
            "homeless",
            Standing::Homeless,
            None,
            Vec::new(),
            None,
        );
    }
    for role in &description.user.privileged {
        // A role that the membership column holds needs a tenant to hold it in.
        let within = role_words(generator).is_some_and(|words| words.contains(role))
            || !homeless_allowed(generator, users);
        let (id, home, member) = if within {
            (format!("{}.{}", TENANTS[0], slug(role)), Some(0), vec![0])
        } else {
            (slug(role), None, Vec::new())
        };
        cast.add(
            generator,
            description,
            &id,
            Standing::Privileged,
            home,
            member,
            Some(role),
        );
    }
    bystanders(generator, description, &mut cast, roles.last());
    cast
}

/// One more user for each tenant that gets rows, in the weakest role.
fn bystanders(
    generator: &mut Generator<'_>,
    description: &Description,
    cast: &mut Cast,
    role: Option<&String>,
) {
    for (index, slug_of) in TENANTS.iter().enumerate().take(TENANTS.len() - 1) {
        cast.add(
            generator,
            description,
            &format!("{slug_of}.bystander"),
            Standing::Member,
            Some(index),
            vec![index],
            role.map(String::as_str),
        );
        if let Some(bystander) = cast.actors.last_mut() {
            bystander.bystander = true;
            share_address(generator, description, bystander);
        }
    }
}

/// The e-mail address that one user of every tenant has, where it need be unique within a tenant alone.
const SHARED_ADDRESS: &str = "office@example.com";

/// The same person, or so an application may think that looks at the address alone.
fn share_address(generator: &Generator<'_>, description: &Description, actor: &mut CastActor) {
    let Some(users) = generator.ownership.users else {
        return;
    };
    let table = generator.schema.table(users);
    let (Ok(Some(login)), Rule::Columns { columns } | Rule::Members { columns, .. }) = (
        login_column(table, description),
        generator.ownership.rule(users),
    ) else {
        return;
    };
    let holding = || table.uniques.iter().filter(|u| u.columns.contains(&login));
    let within =
        |u: &Unique| u.predicate.is_some() || u.columns.iter().any(|c| columns.contains(c));
    let is_address = names::has_any(&table.columns[login].name, &["email", "mail"]);
    if is_address && holding().next().is_some() && holding().all(within) {
        actor.fields.insert("email".into(), SHARED_ADDRESS.into());
    }
}

impl Cast {
    #[expect(clippy::too_many_arguments, reason = "one line of the list above each")]
    fn add(
        &mut self,
        generator: &mut Generator<'_>,
        description: &Description,
        id: &str,
        standing: Standing,
        home: Option<usize>,
        memberships: Vec<usize>,
        role: Option<&str>,
    ) {
        let fields = made_up(generator, description, id, role);
        let role = role.map(str::to_owned);
        self.actors.push(CastActor {
            id: ActorId::from(id),
            standing,
            home,
            memberships,
            role,
            fields,
            row: None,
            bystander: false,
        });
    }
}

/// What a user is called before it exists.
fn made_up(
    generator: &mut Generator<'_>,
    description: &Description,
    id: &str,
    role: Option<&str>,
) -> BTreeMap<String, String> {
    let token = generator.token();
    let secret = generator.token();
    let (first, last) = id.split_once('.').unwrap_or((id, "user"));
    let mut fields = BTreeMap::new();
    let mut set = |name: &str, value: String| fields.insert(name.to_owned(), value);
    let email = format!("{}.{token}@example.com", id.replace(['_', ' '], "-"));
    set("email", email.clone());
    set("password", format!("Aa1!{}", &secret[secret.len() - 12..]));
    set("username", token.clone());
    set(
        "name",
        format!("{} {} {token}", capital(first), capital(last)),
    );
    set("first_name", capital(first));
    set("last_name", token.clone());
    if let Some(role) = role {
        set("role", role.to_owned());
    }
    if let Some(login) = &description.user.login {
        let value = if names::has_any(login, &["email", "mail"]) {
            email
        } else {
            token
        };
        fields.entry(login.clone()).or_insert(value);
    }
    fields
}

/// The ordinary roles, strongest first.
fn roles(generator: &Generator<'_>, description: &Description) -> Vec<String> {
    if !description.user.roles.is_empty() {
        return description.user.roles.clone();
    }
    let privileged = &description.user.privileged;
    let mut words: Vec<String> = role_words(generator)
        .unwrap_or_default()
        .into_iter()
        .filter(|w| !privileged.contains(w))
        .collect();
    words.sort_by_key(|word| strength(word));
    words.truncate(MOST_ROLES);
    if words.is_empty() {
        vec!["member".into()]
    } else {
        words
    }
}

/// How strong a role sounds; unknown ones stand in the middle, in the order of their list.
fn strength(role: &str) -> usize {
    const KNOWN: &[&[&str]] = &[
        &["owner", "superadmin", "root"],
        &["admin", "administrator", "orgadmin", "tenantadmin"],
        &["manager", "director", "lead", "maintainer", "moderator"],
        &[
            "editor",
            "staff",
            "employee",
            "agent",
            "teacher",
            "developer",
            "accountant",
            "trainer",
            "operator",
        ],
        &[],
        &["member", "user", "contributor", "basic", "standard"],
        &["client", "customer", "student", "parent", "patient"],
        &[
            "viewer", "readonly", "guest", "observer", "external", "visitor", "reader",
        ],
    ];
    let word = names::words(role).concat();
    KNOWN
        .iter()
        .position(|group| group.contains(&word.as_str()))
        .unwrap_or(4)
}

/// The words of the role column: of the membership, else of the user; names of a role table's rows where it refers to one.
pub fn role_words(generator: &Generator<'_>) -> Option<Vec<String>> {
    let (table, column) = role_column(generator)?;
    let here = generator.schema.table(table);
    if let Some(key) = here.foreign_keys.iter().find(|k| k.columns == [column]) {
        let parent = generator.schema.table(key.table);
        let named = parent.columns.iter().position(|c| {
            matches!(c.kind, Kind::Text | Kind::Enum(_))
                && names::is_any(&c.name, &["name", "slug", "key", "code", "title"])
        })?;
        let words: Vec<String> = generator
            .store
            .of(key.table)
            .iter()
            .filter_map(|r| r[named].as_deref().map(str::to_owned))
            .collect();
        return (!words.is_empty()).then_some(words);
    }
    match here.columns[column].kind {
        Kind::Text | Kind::Enum(_) => generator.words_of(table, column),
        _ => None,
    }
}

/// The column that holds a user's role.
pub fn role_column(generator: &Generator<'_>) -> Option<(TableId, usize)> {
    let membership = generator.ownership.membership.as_ref()?;
    if let Some(role) = membership.role {
        return Some((membership.table, role));
    }
    let users = generator.ownership.users?;
    let table = generator.schema.table(users);
    let role = table
        .columns
        .iter()
        .position(|c| names::is_any(&c.name, &["role", "user_role", "role_id", "role_name"]))?;
    Some((users, role))
}

/// Whether memberships are a table of their own.
fn separate_membership(generator: &Generator<'_>, users: TableId) -> bool {
    generator
        .ownership
        .membership
        .as_ref()
        .is_some_and(|m| m.table != users)
}

/// Whether a user may be without any tenant: no column of its own demands one.
fn homeless_allowed(generator: &Generator<'_>, users: TableId) -> bool {
    let table = generator.schema.table(users);
    match generator.ownership.rule(users) {
        Rule::Columns { columns } | Rule::Members { columns, .. } => {
            columns.iter().all(|&c| !table.columns[c].not_null)
        }
        Rule::Global => true,
        _ => false,
    }
}

/// A role in ids: `Org Admin` is `org-admin`.
fn slug(role: &str) -> String {
    role.to_lowercase().replace([' ', '/', ':', '.'], "-")
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
