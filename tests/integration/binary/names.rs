//! Names in a description that fit nothing: errors with their place, whenever that shows.

use super::driver::Place;

/// Changes the description, and expects a refusal with its line and these words.
fn refused(change: impl Fn(String) -> String, words: &[&str]) {
    let place = Place::new();
    place.describe(change);
    let run = place.run(&["token", "acme.admin"]);
    assert_eq!(run.code, Some(1), "{words:?}: {}{}", run.out, run.err);
    // Lines of a diagnostic are broken to the width.
    let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = said.replace("│ ", "");
    assert!(said.contains("partywall.toml:"), "{}", run.err);
    for word in words {
        assert!(said.contains(word), "no {word} in {}", run.err);
    }
}

#[test]
fn tables_and_columns_that_are_not_there() {
    let binding = "[routes.bind]\n\"GET /api/admin/services/{id}#id\" = \"Servce.id\"\n";
    refused(
        |text| text.replace("[routes.bind]\n", binding),
        &["no table is called `Servce`", "did you mean `Service`?"],
    );
    refused(
        |text| text.replace("\"Expense.category\"", "\"Expense.categry\""),
        &["seed.words.Expense.categry", "did you mean `category`?"],
    );
}

#[test]
fn promises_about_attacks_and_routes_that_are_not_there() {
    refused(
        |text| text.replace("\"header.user\"", "\"headr.user\""),
        &["no attack is `headr.user`", "did you mean `header.user`?"],
    );
    refused(
        |text| text.replace("\"*/{id}*\"", "\"GET /api/admin/servces/{id}\""),
        &[
            "no route is",
            "did you mean `GET /api/admin/services/{id}`?",
        ],
    );
}

#[test]
fn placeholders_and_addresses_that_lead_nowhere() {
    refused(
        |text| {
            text.replace(
                "email = \"{user.email}\", password = \"{user.password}\" }\ntake",
                "email = \"{user.emial}\", password = \"{user.password}\" }\ntake",
            )
        },
        &["`{user.emial}`", "did you mean `{user.email}`?"],
    );
    refused(
        |text| {
            text.replace(
                "POST /api/auth/login",
                "POST http://127.0.0.1:9/api/auth/login",
            )
        },
        &["login[0].step[0].call", "neither the target nor a service"],
    );
}

#[test]
fn a_document_of_routes_that_cannot_be_read() {
    refused(
        |text| text.replace("\"/openapi.json\"", "\"nowhere.json\""),
        &["nowhere.json cannot be read"],
    );
}
