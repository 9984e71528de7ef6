//! Pages for the words that output uses: its headings, and what it says of findings.

use super::{REASONS, reason_id};
use crate::cli::catalogue::Topic;

/// The id of the page that a word or a sentence of the output is about, as far as it is not that id itself.
pub fn id_of(said: &str) -> String {
    let said = said.trim().trim_end_matches([':', '.']).to_lowercase();
    if let Some(reason) = REASONS.into_iter().find(|r| r.to_string() == said) {
        return reason_id(reason).to_owned();
    }
    let id = said.split_whitespace().collect::<Vec<_>>().join("-");
    let page = match id.as_str() {
        "addressing" | "addressed" | "tenant-address" => "address",
        "inconclusive-reasons" | "reason" => "reasons",
        "unshown" => "not-shown",
        "severity" => "severities",
        "canaries" | "values-to-recognise" => "canary",
        "confirm" | "proof" => "confirmed",
        "advisory" => "advisories",
        "scenarios" | "regressions" | "replays" | "history" => "replay",
        _ => return id,
    };
    page.to_owned()
}

/// The pages.
pub fn pages() -> impl Iterator<Item = Topic> {
    PAGES.iter().map(|(id, title, body)| Topic {
        kind: "word",
        id: (*id).to_owned(),
        title: (*title).to_owned(),
        body: (*body).to_owned(),
    })
}

/// Id, title and body.
const PAGES: [(&str, &str, &str); 10] = [
    (
        "baseline",
        "Every route, called legitimately, before anything is attacked.",
        "\
Every actor calls every route on rows of its own tenant, in the ways that the document, the description and the stored rows \
suggest. What works is what attacks build on: a route that never worked for its rightful tenants is not tested, since a \
refusal there says nothing about the wall.

The table shows for how many actors a route worked, of how many that tried (`3/7`), the status of the last refusal, and why, \
or what its parameters were bound to. Where it says `0/…`, give the route an example body (`routes.list`), bind a parameter \
to another column (`routes.bind`), make rows in the state that it needs (`seed.words`, `seed.calls`), or leave it out \
(`routes.skip`). Where no route works the run ends with exit code 4; `max_unreached` says how many may not.

`partywall discover` makes the baseline and nothing else.",
    ),
    (
        "advisories",
        "What is worth knowing and is no failure.",
        "\
Evidence of the severity `info`: an id that nobody can guess can be told from a missing one, a tenant's name from a free one, \
a row that nobody owns was changed and no answer to another tenant was seen to change with it. It never gates, counts neither \
as a finding nor as inconclusive, and is said once, however often it was seen. The page of the oracle (`partywall explain \
existence`) says when it goes no further than that.",
    ),
    (
        "address",
        "How a call says which tenant it means.",
        "\
By the host (`http://{slug}.localhost:{port}`), by a segment of the path (`/orgs/{slug}/`, or `path:{org_id}` for the \
parameter of that name), by a header (`header:X-Org={slug}`), or by nothing but the credential (`session`). `{slug}` and \
`{key}` are the tenant's columns of these names. What is not declared as `tenant.address` is detected from the routes, and \
shown by `partywall discover` as `Addressing`.

Attacks of the family `host` exchange the address for another tenant's while the credential stays; those of the family \
`header` add a second one. A wrong address shows in the baseline: nothing works, or works for one tenant alone.",
    ),
    (
        "inconclusive",
        "Cases that show nothing either way.",
        "\
A case is held only where the owner's call worked, the attacker's same call on its own rows worked, and the victim's row \
still stood afterwards. Every other case in which nothing crossed is inconclusive, and counted by its reason: `partywall \
explain reasons` lists them, and each has a page that says what to do about it.

`max_inconclusive` says from how many in percent on a run ends with exit code 3. The JSON output counts the reasons by route \
(`inconclusive_by_route`), which tells where to begin.",
    ),
    (
        "held",
        "The wall was tried, and stood.",
        "\
Three things were seen in the same session and state: the owner's call returned or changed its own row; the attacker's same \
call, with only the foreign part exchanged for its own, succeeded; and the victim's row still stood afterwards. Then a \
refusal, or an answer without foreign values, says that the wall held. It is no proof that there is no other way through.",
    ),
    (
        "confirmed",
        "A finding that was shown by its cause, on fresh state.",
        "\
On a new clone of the seeded database, with the target started anew (of a target that runs already the rows are written \
back instead, and the finding says so), the calls were made again, and then the cause was changed: the foreign value was given another one, and the answer followed it; or the foreign row was taken away, and the \
effect was gone. What could not be shown like that is `suspected`.",
    ),
    (
        "suspected",
        "A finding that was seen, and could not be shown by its cause.",
        "\
The line below the finding says why: it did not show again on fresh state, the effect stayed when the foreign row was taken \
away, or there was nothing to change. Usual causes are state outside the database (a cache, a search index), values that \
change by themselves, and races. Suspected findings do not end a run with exit code 2, but with 3.",
    ),
    (
        "not-shown",
        "Routes that work, and on which not one case showed anything.",
        "\
The route worked in the baseline, so that it was attacked, but every case on it was inconclusive; the commonest reason stands \
beside it. Nothing is known about the wall there. Usual causes: its answers hold no values that can be traced to a row (an \
acknowledgement, a number), its rows are used up by one call, or only members of one tenant could call it.",
    ),
    (
        "canary",
        "A value that stands in one tenant's rows alone.",
        "\
Partywall fills rows with generated values, and takes random ids as they are: such a value, met in another tenant's answer, \
says where it came from. Dates, small numbers, words of a list, repeated values, and what the API document or the answers to \
a tenant without rows hold are none; such weak values count only where three of them coincide with one foreign row. The \
baseline tells on how many routes there are values to recognise.",
    ),
    (
        "replay",
        "A file that says who calls what, in order, and what must not come of it.",
        "\
`partywall run` writes one for each finding (`.partywall/replays/`), and keeps those of several steps beside the description \
(`scenarios/regressions/`). `partywall replay FILE` repeats it. Files of this kind in `scenarios/` and `scenarios/regressions/` are \
tried by every run before all else; they may be edited, and written by hand. It is JSON:

  format      `partywall.replay/1`
  attack      the attack's id; `variant` is for the reader
  oracle      who judges: `leak`, `write`, `reference` …; the file holds where that one has nothing to say
  attacker    an actor's name, as `discover` shows it; `attacker_tenants` are the keys of the tenants that it may see
  victim      the key of the tenant that is attacked
  tenants     slug to key: keys are put right where the world has other ones now
  slots       which parts of the attack name the victim's rows: `place` (path, query, body …) and `name`
  reached     those rows, by table and key; where they are gone, rows of the victim that fit take their place
  links       step number `to` says in its `slot` what step number `from` brought: its `origin` is a place in the answer, a
              column of the row that it made, or a slot of its own call
  shown_by    which step shows it: its purpose, and its number among those of that purpose
  steps       the calls in order, each with a `purpose`, what it was `answered` when it was recorded, and the `call`: route,
              method, template, actor, tenant, path, query, headers, body, tampering

A purpose is `owner-control` (the victim's own call: it must work, or nothing is shown), `own-control` (the attacker's own), `setup` \
(a legitimate step that comes first), `attack`, `still`, `missing`, `attacker-after`, `victim-before` or `victim-after`. A key that is not \
known, or a value of the wrong kind, is an error with its line.",
    ),
];
