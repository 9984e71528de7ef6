//! Forged tokens, verified by a library that was not used to make them.

use jsonwebtoken::{DecodingKey, Header, Validation, decode as verify, encode};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::call::OwnKey;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn token() -> String {
    let claims = json!({"sub": "7", "tenantId": "a", "app": {"org/id": "a"}, "list": ["a", "b"], "exp": 4_000_000_000_u64});
    encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret(SECRET.as_bytes()),
    )
    .unwrap()
}

fn with(signature: Signature) -> TokenTampering {
    TokenTampering {
        claims: vec![("tenantId".into(), Some("b".into()))],
        twice: None,
        signature,
    }
}

fn signing() -> Signing {
    Signing {
        secret: Some(SECRET.into()),
        public_key: Some("-----BEGIN".into()),
    }
}

fn verified(token: &str, secret: &str) -> Option<Json> {
    let key = DecodingKey::from_secret(secret.as_bytes());
    verify::<Json>(token, &key, &Validation::new(Algorithm::HS256))
        .ok()
        .map(|d| d.claims)
}

fn header(token: &str) -> Json {
    let text = URL_SAFE_NO_PAD
        .decode(token.split('.').next().unwrap())
        .unwrap();
    serde_json::from_slice(&text).unwrap()
}

#[test]
fn a_stale_signature_no_longer_fits_and_a_genuine_one_does() {
    let stale = forge(&token(), &with(Signature::Stale), None).unwrap();
    assert_eq!(claims(&stale).unwrap()["tenantId"], "b");
    assert_eq!(stale.rsplit('.').next(), token().rsplit('.').next());
    assert_eq!(verified(&stale, SECRET), None);
    let genuine = forge(&token(), &with(Signature::Genuine), Some(&signing())).unwrap();
    assert_eq!(verified(&genuine, SECRET).unwrap()["tenantId"], "b");
    assert_eq!(verified(&genuine, SECRET).unwrap()["sub"], "7");
}

#[test]
fn unsigned_ones_say_so_or_not() {
    for spelling in ["none", "None", "NONE", "nOnE", ""] {
        let forged = forge(&token(), &with(Signature::None(spelling.into())), None).unwrap();
        assert_eq!(header(&forged)["alg"], spelling);
        assert_eq!(header(&forged)["typ"], "JWT");
        assert!(forged.ends_with('.'));
        assert_eq!(forged.matches('.').count(), 2);
    }
    let empty = forge(&token(), &with(Signature::Empty), None).unwrap();
    assert_eq!(header(&empty)["alg"], "HS256");
    assert!(empty.ends_with('.'));
}

#[test]
fn other_secrets_sign_too_even_the_empty_one() {
    for secret in ["", "secret", "changeme"] {
        let forged = forge(&token(), &with(Signature::Secret(secret.into())), None).unwrap();
        assert!(verified(&forged, secret).is_some(), "{secret:?}");
        assert_eq!(verified(&forged, SECRET), None);
    }
    let confused = forge(&token(), &with(Signature::PublicKey), Some(&signing())).unwrap();
    assert!(verified(&confused, "-----BEGIN").is_some());
}

#[test]
fn a_key_that_the_header_names_or_holds_fits() {
    let named = Signature::Named {
        kid: "/dev/null".into(),
        secret: String::new(),
    };
    let forged = forge(&token(), &with(named), None).unwrap();
    assert_eq!(header(&forged)["kid"], "/dev/null");
    assert!(verified(&forged, "").is_some());
    for (alg, kind, signed) in [
        ("HS512", OwnKey::SameKind, Algorithm::HS512),
        ("RS256", OwnKey::SameKind, Algorithm::RS256),
        ("PS384", OwnKey::SameKind, Algorithm::PS384),
        ("ES256", OwnKey::SameKind, Algorithm::ES256),
        ("EdDSA", OwnKey::SameKind, Algorithm::EdDSA),
        ("HS256", OwnKey::Ed25519, Algorithm::EdDSA),
    ] {
        let header_of = json!({"alg": alg, "kid": "theirs"});
        let head = URL_SAFE_NO_PAD.encode(header_of.to_string());
        let theirs = format!("{head}.{}", token().split_once('.').unwrap().1);
        let forged = forge(&theirs, &with(Signature::Embedded(kind)), None).unwrap();
        let said = header(&forged);
        assert_eq!(said.get("kid"), None, "it would name another key");
        let fetched = forge(&theirs, &with(Signature::Fetched(kind)), None).unwrap();
        let named = header(&fetched);
        assert_eq!(named["kid"], own_key::name(&said["jwk"]), "{alg}");
        assert_eq!(named["jku"], key_server::url().unwrap());
        assert!(
            own_key::all()
                .unwrap()
                .iter()
                .any(|key| key["kid"] == named["kid"])
        );
        let public = serde_json::from_value(said["jwk"].clone()).unwrap();
        let key = DecodingKey::from_jwk(&public).unwrap();
        let claims = verify::<Json>(&forged, &key, &Validation::new(signed)).unwrap();
        assert_eq!(claims.claims["tenantId"], "b", "{alg}");
    }
}

#[test]
fn what_is_not_known_is_asked_for() {
    let error = forge(&token(), &with(Signature::Genuine), None).unwrap_err();
    assert!(
        error.to_string().contains("`signing` of the `[[login]]`"),
        "{error}"
    );
    let error = forge(&token(), &with(Signature::PublicKey), None).unwrap_err();
    assert!(error.to_string().contains("`public_key`"), "{error}");
    assert!(forge("opaque", &with(Signature::Stale), None).is_err());
    assert!(!is_jwt("a.b.c") && !is_jwt("eyJhbGciOiJIUzI1NiJ9.x.y.z.w"));
    assert!(!format!("{:?}", signing()).contains(SECRET));
}

#[test]
fn claims_are_set_removed_nested_retyped_and_doubled() {
    let forged = |claims: Vec<(&str, Option<Json>)>, twice: Option<(&str, Json)>| {
        let tampering = TokenTampering {
            claims: claims.into_iter().map(|(n, v)| (n.to_owned(), v)).collect(),
            twice: twice.map(|(n, v)| (n.to_owned(), v)),
            signature: Signature::Stale,
        };
        let token = forge(&token(), &tampering, None).unwrap();
        String::from_utf8(
            URL_SAFE_NO_PAD
                .decode(token.split('.').nth(1).unwrap())
                .unwrap(),
        )
        .unwrap()
    };
    let text = forged(
        vec![
            ("tenantId", None),
            ("sub", Some(json!(["7"]))),
            ("x", Some(Json::Null)),
        ],
        None,
    );
    assert!(
        !text.contains("tenantId")
            && text.contains("\"sub\":[\"7\"]")
            && text.contains("\"x\":null"),
        "{text}"
    );
    let text = forged(
        vec![
            ("/app/org~1id", Some(json!("b"))),
            ("/list/0", Some(json!("c"))),
        ],
        None,
    );
    assert!(
        text.contains("{\"org/id\":\"b\"}") && text.contains("[\"c\",\"b\"]"),
        "{text}"
    );
    let text = forged(vec![("/app/org~1id", None), ("/list/1", None)], None);
    assert!(
        text.contains("\"app\":{}") && text.contains("[\"a\"]"),
        "{text}"
    );
    let text = forged(Vec::new(), Some(("tenantId", json!("b"))));
    assert!(
        text.contains("\"tenantId\":\"a\"") && text.ends_with(",\"tenantId\":\"b\"}"),
        "{text}"
    );
}

proptest! {
    #[test]
    fn without_changes_the_genuine_token_is_itself(sub in ".*", n in any::<i64>()) {
        let claims = json!({"sub": sub, "n": n, "exp": 4_000_000_000_u64});
        let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
        let same = TokenTampering { claims: Vec::new(), twice: None, signature: Signature::Genuine };
        prop_assert_eq!(forge(&token, &same, Some(&signing())).unwrap(), token);
    }

    #[test]
    fn no_text_makes_it_panic(text in "[a-zA-Z0-9._-]{0,60}") {
        let _ = forge(&text, &with(Signature::Stale), None);
    }
}
