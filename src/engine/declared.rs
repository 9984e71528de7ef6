//! What the description names, against what there is: a name that fits nothing would silently do nothing.

use std::collections::{BTreeSet, HashSet};

use crate::attack::ATTACKS;
use crate::model::knowledge::Expectation;
use crate::model::pattern;
use crate::model::route::Route;
use crate::model::schema::{ColumnRef, Schema, Table, TableId};
use crate::settings::{Settings, SettingsError};
use crate::target::description::Promise;
use crate::target::names::{nearest, suggestion};
use crate::target::route::select;

/// Fields that every user has, whatever its table: made up before its row is there.
const FIELDS: [&str; 9] = [
    "id",
    "email",
    "login",
    "password",
    "role",
    "username",
    "name",
    "first_name",
    "last_name",
];

/// Every promise is about some attack.
pub fn attacks(settings: &Settings) -> Result<(), SettingsError> {
    for name in settings.description.expect.keys() {
        if ATTACKS.iter().any(|a| pattern::glob(name, a.id())) {
            continue;
        }
        let families = ATTACKS.iter().filter_map(|a| a.id().split_once('.'));
        let families: Vec<String> = families.map(|(family, _)| format!("{family}.*")).collect();
        let known = ATTACKS.iter().map(|a| a.id());
        let near = nearest(name, known.chain(families.iter().map(String::as_str)));
        return Err(settings.error_at(
            &format!("expect.{name}"),
            format!("no attack is `{name}`"),
            Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`partywall list attacks` shows what there is".to_owned(),
            }),
        ));
    }
    Ok(())
}

/// Every route that a promise names is there.
pub fn routes(settings: &Settings, routes: &[Route]) -> Result<(), SettingsError> {
    for (name, promise) in &settings.description.expect {
        let Promise::Full { routes: wanted, .. } = promise else {
            continue;
        };
        for (index, wanted) in wanted.iter().enumerate() {
            select::check(routes, &format!("expect.{name}.routes[{index}]"), wanted)
                .map_err(|error| settings.route_error(&error))?;
        }
    }
    Ok(())
}

/// Every route that is named as an aggregate is there.
pub fn aggregates(settings: &Settings, routes: &[Route]) -> Result<(), SettingsError> {
    let analytics = &settings.description.analytics;
    let named = analytics.routes.iter().enumerate();
    let named = named.map(|(index, route)| (format!("analytics.routes[{index}]"), route));
    let checked = analytics.check.iter().enumerate();
    let checked = checked.map(|(i, check)| (format!("analytics.check[{i}].route"), &check.route));
    for (key, wanted) in named.chain(checked) {
        select::check(routes, &key, wanted).map_err(|error| settings.route_error(&error))?;
    }
    Ok(())
}

/// Every table, column and field of a user that the description names is there.
pub fn names(
    settings: &Settings,
    schema: &Schema,
    users: Option<TableId>,
) -> Result<(), SettingsError> {
    for (name, to) in &settings.description.routes.bind {
        if to.starts_with('=') {
            continue;
        }
        // Without a dot it was refused when the description was read.
        let Some((table, wanted)) = to.rsplit_once('.') else {
            continue;
        };
        let key = format!("routes.bind.{name}");
        column(
            settings,
            &key,
            table_of(settings, &key, schema, table)?,
            wanted,
        )?;
    }
    for (index, login) in settings.description.login.iter().enumerate() {
        let Some(api_key) = &login.api_key else {
            continue;
        };
        let at = format!("login[{index}].api_key");
        let table = table_of(settings, &format!("{at}.table"), schema, &api_key.table)?;
        for name in api_key.row.keys() {
            column(settings, &format!("{at}.row.{name}"), table, name)?;
        }
    }
    fields(settings, schema, users)
}

/// The tables of `tenant.columns` that are not there: the target may make them on first use.
pub fn awaited(settings: &Settings, schema: &Schema) -> BTreeSet<String> {
    let named = settings.description.tenant.columns.keys();
    named
        .filter(|name| schema.by_name(name).is_none())
        .cloned()
        .collect()
}

/// What is said of those that never came.
pub fn never_came(awaited: &BTreeSet<String>) -> impl Iterator<Item = String> {
    awaited.iter().map(|name| {
        format!(
            "`tenant.columns` names the table `{name}`, which was not there after seeding and did not come later, so that \
             line says nothing: correct the name, or take it out"
        )
    })
}

fn table_of<'a>(
    settings: &Settings,
    key: &str,
    schema: &'a Schema,
    name: &str,
) -> Result<&'a Table, SettingsError> {
    schema.by_name(name).ok_or_else(|| {
        let near = nearest(name, schema.tables.iter().map(|t| t.name.as_str()));
        let said = format!("no table is called `{name}`{}", suggestion(near));
        settings.error_at(key, said, None)
    })
}

fn column(settings: &Settings, key: &str, table: &Table, name: &str) -> Result<(), SettingsError> {
    if table.column(name).is_some() {
        return Ok(());
    }
    let near = nearest(name, table.columns.iter().map(|c| c.name.as_str()));
    let said = format!("{table} has no column `{name}`{}", suggestion(near));
    Err(settings.error_at(key, said, None))
}

/// `{user.COLUMN}` is a column of the table of users, or made up for everybody.
fn fields(
    settings: &Settings,
    schema: &Schema,
    users: Option<TableId>,
) -> Result<(), SettingsError> {
    let columns = users.into_iter().flat_map(|u| &schema.table(u).columns);
    let declared = settings.description.user.login.as_deref();
    let known: Vec<&str> = columns
        .map(|c| c.name.as_str())
        .chain(FIELDS)
        .chain(declared)
        .collect();
    for (key, name) in settings.placeholders() {
        let of_user = ["user.", "member.", "owner.", "first."]
            .iter()
            .find_map(|whose| Some((*whose, name.strip_prefix(whose)?)));
        let Some((whose, field)) = of_user.filter(|(_, field)| !known.contains(field)) else {
            continue;
        };
        let near = nearest(field, known.iter().copied()).map(|near| format!("{{{whose}{near}}}"));
        let said = format!(
            "nothing fills the placeholder `{{{name}}}`: users have no such column{}",
            suggestion(near.as_deref())
        );
        return Err(settings.error_at(&key, said, None));
    }
    Ok(())
}

/// The columns that patterns like `comments.parent_id` or `project*.lead_id` name; each must name one.
pub fn open_references(
    settings: &Settings,
    schema: &Schema,
) -> Result<HashSet<ColumnRef>, SettingsError> {
    let mut open = HashSet::new();
    for (nth, wanted) in settings
        .description
        .tenant
        .open_references
        .iter()
        .enumerate()
    {
        let before = open.len();
        for table in &schema.tables {
            let columns = table.columns.iter().enumerate();
            let named = columns
                .filter(|(_, c)| pattern::glob(wanted, &format!("{}.{}", table.name, c.name)));
            open.extend(named.map(|(column, _)| ColumnRef {
                table: table.id,
                column,
            }));
        }
        if open.len() == before {
            return Err(settings.error_at(
                &format!("tenant.open_references[{nth}]"),
                format!("`{wanted}` names no column of any table"),
                Some("write `table.column`; `*` stands for any letters".to_owned()),
            ));
        }
    }
    Ok(open)
}

/// What the description promises about answers.
pub fn expectations(settings: &Settings) -> Vec<Expectation> {
    let promise = |(attack, promise): (&String, &Promise)| match promise {
        Promise::Status(status) => Expectation {
            attack: attack.clone(),
            routes: Vec::new(),
            status: status.all().to_vec(),
            body: None,
        },
        Promise::Full {
            status,
            body,
            routes,
        } => Expectation {
            attack: attack.clone(),
            routes: routes.clone(),
            status: status.as_ref().map_or_else(Vec::new, |s| s.all().to_vec()),
            body: body.clone(),
        },
    };
    settings.description.expect.iter().map(promise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Overrides;

    fn settings(more: &str) -> Settings {
        let text = format!("[target]\nstart = \"app\"\n{more}");
        Settings::parse("p", &text, Overrides::default(), &|_| None).expect("a description")
    }

    fn refused(more: &str) -> String {
        attacks(&settings(more)).expect_err("refused").to_string()
    }

    #[test]
    fn a_promise_about_no_attack_is_told_with_the_nearest() {
        assert_eq!(
            refused("[expect]\n\"headr.*\" = 403\n"),
            "p:4:13: no attack is `headr.*`; did you mean `header.*`?"
        );
        assert!(refused("[expect]\n\"id.pth\" = 404\n").contains("did you mean `id.path`?"));
        for fine in ["*", "header.*", "id.path"] {
            attacks(&settings(&format!("[expect]\n\"{fine}\" = 404\n"))).expect("fine");
        }
    }
}
