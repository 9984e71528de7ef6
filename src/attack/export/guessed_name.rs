//! `export.guessed-name`: a file name of the own with the victim in it.

use crate::attack::craft::named_row;
use crate::attack::{Attack, Attempt, Ground, Scope, Slot};
use crate::model::call::SlotRef;
use crate::model::route::Place;
use crate::model::rows::RowRef;

/// A file name of the own with the victim in it.
pub(in crate::attack) struct GuessedName;

/// So many names are tried.
const MOST: usize = 6;

const DOC: &str = "\
## What it does
Where a text in the path or the query holds the own tenant's slug or key, or an id of the own call's, within a longer one
(`own/2024/report-17.pdf`), puts the victim's there; and names the victim's file by way of the own folder, where names begin
with one (`own/../victim/...`).

## Why teams fall for it
Who makes the file asks for rights, and who hands it out goes by its name: the folder is named after the tenant (RL-72), the
name is fixed (RL-71), the key is one that the client says (RL-73). What begins with the own folder is taken for the own.

## A correct target
Looks up whose file it is, and answers as for a name that nobody has.

## Example
    GET /exports/victim-services.csv
    Host: own.example.com
    Authorization: Bearer <own token>
";

/// A text of the own call, and where it stands.
struct Name<'a> {
    at: SlotRef,
    text: &'a str,
}

impl Attack for GuessedName {
    fn id(&self) -> &'static str {
        "export.guessed-name"
    }

    fn title(&self) -> &'static str {
        "a file name of the own with the victim in it"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Handler
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let mut all = Vec::new();
        for name in names(ground) {
            let slot = ground.slots.iter().find(|s| s.at == name.at);
            for (how, guess, reaches) in guesses(ground, &name, slot) {
                let call = ground.own_call.clone().with_slot(&name.at, &guess);
                // What an id can be exchanged for is tried by `id.*`.
                if slot.and_then(Slot::stranger).map(|(v, _)| v) == Some(&guess) {
                    continue;
                }
                let label = name_of(&name.at);
                all.push(Attempt {
                    slots: vec![name.at.clone()],
                    reaches,
                    ..Attempt::plain(format!("{label}, {how}"), call)
                });
            }
        }
        all.truncate(MOST);
        all
    }
}

/// The texts of the own call's path and query, that of the address left out.
fn names<'a>(ground: &Ground<'a>) -> Vec<Name<'a>> {
    let address = ground.facts.tenant_in_path.as_ref();
    let path = ground.own_call.path.iter();
    let path = path
        .filter(|(name, _)| Some(*name) != address)
        .map(|(name, text)| (Place::Path, name, text));
    let query = ground.own_call.query.iter();
    let query = query.map(|(name, text)| (Place::Query, name, text));
    path.chain(query)
        .map(|(place, name, text)| Name {
            at: SlotRef {
                place,
                name: name.clone(),
            },
            text,
        })
        .collect()
}

fn name_of(at: &SlotRef) -> String {
    let place = if at.place == Place::Path {
        "path"
    } else {
        "query"
    };
    format!("{place} {}", at.name)
}

/// What the victim's files may be called, each with how it was guessed and the rows that it names.
fn guesses(
    ground: &Ground<'_>,
    name: &Name<'_>,
    slot: Option<&Slot>,
) -> Vec<(&'static str, String, Vec<RowRef>)> {
    let rows = |guess: &str| slot.map_or_else(Vec::new, |slot| named_row(slot, guess));
    let (own, victim) = (ground.own, ground.victim);
    let mut all = Vec::new();
    let tenants = [(&*own.slug, &*victim.slug), (&*own.key, &*victim.key)];
    for (mine, other) in tenants {
        let Some(guess) = renamed(name.text, mine, other) else {
            continue;
        };
        let there = slot.and_then(Slot::stranger).map_or(&guess, |(v, _)| v);
        let around = format!("{mine}/../{there}");
        let begins = name.text.starts_with(&format!("{mine}/"));
        let reached = rows(there);
        all.push(("its tenant exchanged", guess.clone(), rows(&guess)));
        if begins {
            all.push(("by way of the own folder", around, reached));
        }
    }
    for id in ground.ids().into_iter().filter(|id| id.at != name.at) {
        let mine = ground.own_call.slot(&id.at);
        let (Some(mine), Some((other, row))) = (mine, id.stranger()) else {
            continue;
        };
        if let Some(guess) = renamed(name.text, &mine, other) {
            all.push(("its id exchanged", guess, vec![row.clone()]));
        }
    }
    let mut seen = Vec::new();
    all.retain(|(how, ..)| {
        let new = !seen.contains(how);
        seen.push(*how);
        new
    });
    all
}

/// The text with `other` wherever `mine` stands in it as a word of its own; `None` where it stands nowhere, or alone.
fn renamed(text: &str, mine: &str, other: &str) -> Option<String> {
    if mine.is_empty() || text == mine {
        return None;
    }
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut renamed = String::new();
    let mut from = 0;
    for (at, _) in text.match_indices(mine) {
        let end = at + mine.len();
        if letter(text[..at].chars().next_back()) || letter(text[end..].chars().next()) {
            continue;
        }
        renamed.push_str(&text[from..at]);
        renamed.push_str(other);
        from = end;
    }
    (from > 0).then(|| renamed + &text[from..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::testing::{Set, file};
    use crate::model::call::Call;

    fn guessed(set: &Set) -> Vec<(String, String)> {
        let attempts = GuessedName.attempts(&set.ground());
        let name = |call: &Call| call.path["name"].clone();
        attempts
            .into_iter()
            .map(|a| (a.variant, name(&a.call)))
            .collect()
    }

    #[test]
    fn words_are_renamed_and_parts_of_words_are_not() {
        assert_eq!(
            renamed("acme-acme2.csv", "acme", "bolt").unwrap(),
            "bolt-acme2.csv"
        );
        assert_eq!(renamed("1/17-1", "1", "2").unwrap(), "2/17-2");
        for (text, mine) in [("acmes", "acme"), ("acme", "acme"), ("x-y", "")] {
            assert_eq!(renamed(text, mine, "bolt"), None, "{text}");
        }
    }

    #[test]
    fn the_victims_file_is_named_from_the_own_one_and_through_the_own_folder() {
        let found = guessed(&file());
        let expected = [
            ("path name, its tenant exchanged", "victimslug/own-1.pdf"),
            (
                "path name, by way of the own folder",
                "ownslug/../victimslug/foreign-2.pdf",
            ),
        ];
        let expected = expected.map(|(v, n)| (v.to_owned(), n.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_an_exchanged_id_names_already_is_left_to_it() {
        let mut set = file();
        set.slots[0].foreign[0].0 = "victimslug/own-1.pdf".into();
        assert_eq!(guessed(&set)[0].1, "ownslug/../victimslug/own-1.pdf");
    }
}
