//! `plain.page`: further pages, other page sizes.

use super::{Role, role, with_query};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Call;
use crate::model::route::{Parameter, Place};

/// Further pages, other page sizes.
pub(in crate::attack) struct Page;

/// Rows a page when further pages are asked for: few, so that there are some.
const SMALL: &str = "3";

const DOC: &str = "\
## What it does
Asks the own list for its second and third page, in pages of three rows and of the usual size, by page number, by offset and
by the cursor that came with the attacker's own first page, and for one and for a hundred rows. At most ten attempts.

## Why teams fall for it
The tenant's term stands in the query for the first page and was forgotten in the one for the rest, or in the one that
counts; a list that is scoped by loading it whole and filtering page by page runs out of own rows and goes on with others'.
Lists are tested with a handful of rows, so nobody turns the page. (Kin: RL-34, the verbs beside `list` do not inherit its
scope.)

## A correct target
Every page holds own rows only, and one after the last holds none.

## Example
    GET /services?limit=3&page=2
    Authorization: Bearer <own token>
";

impl Attack for Page {
    fn id(&self) -> &'static str {
        "plain.page"
    }

    fn title(&self) -> &'static str {
        "further pages and other page sizes of an own list"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        if !ground.route.is_safe() {
            return Vec::new();
        }
        let of = |wanted| {
            ground
                .route
                .parameters_in(Place::Query)
                .find(|p| role(p) == wanted)
        };
        pages(
            ground.own_call,
            of(Role::Size),
            of(Role::Page),
            of(Role::Offset),
        )
        .into_iter()
        .chain(by_cursor(ground))
        .filter(|(_, call)| call != ground.own_call)
        .map(|(variant, call)| Attempt::plain(variant, call))
        .collect()
    }
}

/// The page after the attacker's own first one, of few rows and of the usual size.
fn by_cursor(ground: &Ground<'_>) -> Vec<(String, Call)> {
    let given = ground.facts.cursor.as_ref();
    let Some(cursor) = given.filter(|_| ground.attacker.belongs_to(&ground.own.key)) else {
        return Vec::new();
    };
    let from = |call: &Call| with_query(call, &cursor.parameter, &cursor.own);
    let mut all = vec![("page after the cursor".to_owned(), from(ground.own_call))];
    if let Some((size, few)) = &cursor.small {
        let small = with_query(ground.own_call, size, few);
        all.push(("page of few after the cursor".to_owned(), from(&small)));
    }
    all
}

fn pages(
    own: &Call,
    size: Option<&Parameter>,
    page: Option<&Parameter>,
    offset: Option<&Parameter>,
) -> Vec<(String, Call)> {
    let small = size.map_or_else(|| own.clone(), |p| with_query(own, &p.name, SMALL));
    let mut all = Vec::new();
    if let Some(page) = page {
        all.push(("second page".to_owned(), with_query(own, &page.name, "2")));
        if size.is_some() {
            all.push((
                "second page of few".into(),
                with_query(&small, &page.name, "2"),
            ));
        }
        all.push((
            "third page of few".into(),
            with_query(&small, &page.name, "3"),
        ));
        all.push(("page zero".into(), with_query(own, &page.name, "0")));
    }
    if let Some(offset) = offset {
        all.push(("few skipped".into(), with_query(&small, &offset.name, "3")));
        all.push(("many skipped".into(), with_query(own, &offset.name, "20")));
    }
    if let Some(size) = size {
        all.push(("one row".into(), with_query(own, &size.name, "1")));
        all.push(("hundred rows".into(), with_query(own, &size.name, "100")));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::testing;

    #[test]
    fn the_own_cursor_is_followed_by_whom_it_was_given_to() {
        let mut set = testing::list();
        let after = |set: &testing::Set| {
            let attempts = Page.attempts(&set.ground());
            let cursors = attempts.into_iter().map(|a| a.call.query);
            let holds =
                |query: &Vec<(String, String)>| query.iter().any(|(_, v)| v == "own-cursor");
            cursors.filter(holds).count()
        };
        assert!(after(&set) >= 1);
        set.attacker.memberships.clear();
        assert_eq!(after(&set), 0);
    }
}
