//! Placeholders: what fills them, and what does not.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn values() -> Values {
    Values::new()
        .with("port", "8080")
        .with("user.email", "a+b@acme.test")
        .with("secret.jwt", "0123456789abcdef")
}

#[test]
fn fills_names_and_leaves_other_braces() {
    let filled = fill(
        "http://h:{port}/?e={user.email:url} {\"a\": {}} {2,3}",
        &values(),
    );
    assert_eq!(
        filled.as_deref(),
        Ok("http://h:8080/?e=a%2Bb%40acme.test {\"a\": {}} {2,3}")
    );
    assert_eq!(
        fill("{{port}} {port}", &values()).as_deref(),
        Ok("{port} 8080")
    );
    assert_eq!(
        fill("{\"a\":{\"b\":1}}", &values()).as_deref(),
        Ok("{\"a\":{\"b\":1}}")
    );
}

#[test]
fn names_the_nearest() {
    let error = fill("{usr.email}", &values()).unwrap_err();
    assert!(
        error.to_string().contains("did you mean `user.email`?"),
        "{error}"
    );
    let error = fill("{port:jsn}", &values()).unwrap_err();
    assert!(error.to_string().contains("port:json"), "{error}");
}

#[test]
fn json_numbers_can_be_inserted() {
    let template = json!({"id": "{port:json}", "list": ["{port}", 1, null]});
    let filled = fill_json(&template, &values()).unwrap();
    assert_eq!(filled, json!({"id": 8080, "list": ["8080", 1, null]}));
    let template = json!("{user.email:json}");
    assert!(matches!(
        fill_json(&template, &values()),
        Err(PlaceholderError::NotJson { .. })
    ));
}

#[test]
fn debug_and_redaction_hide_values() {
    let debug = format!("{:?}", values());
    assert!(debug.contains("secret.jwt") && !debug.contains("0123456789abcdef"));
    assert_eq!(
        values().redact("key 0123456789abcdef of a+b@acme.test at 8080"),
        "key *** of a+b@acme.test at 8080"
    );
}

#[test]
fn a_name_that_ends_openly_may_be_a_credentials_all_the_same() {
    for secret in [
        "api_key",
        "apiKey",
        "session_id",
        "sessionId",
        "key",
        "csrf",
        "user.session_id",
        "secret.host",
        "env.DB_USER",
        "login_token",
        "user.password",
        "database.app.password",
    ] {
        assert!(may_be_secret(secret), "{secret}");
    }
    for open in [
        "port",
        "base",
        "tenant.key",
        "tenant.slug",
        "user.email",
        "workspace_id",
        "workspaceId",
        "service.auth.port",
        "database.session.user",
    ] {
        assert!(!may_be_secret(open), "{open}");
    }
}

proptest! {
    #[test]
    fn text_without_braces_is_kept(text in "[^{}]*") {
        prop_assert_eq!(fill(&text, &Values::new()), Ok(text));
    }

    #[test]
    fn pieces_never_panic_and_doubling_escapes(text in "[a-z{}:.]*") {
        let _ = pieces(&text);
        let name = text.replace(['{', '}', ':'], "");
        let escaped = format!("{{{{{name}}}}}");
        prop_assert_eq!(fill(&escaped, &Values::new()), Ok(format!("{{{name}}}")));
    }
}
