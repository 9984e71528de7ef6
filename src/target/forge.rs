//! Forged tokens: a JSON Web Token changed, and signed in ways that a careful server refuses. The libraries refuse to
//! make most of these, so that the segments are put together by hand.

mod key_server;
mod own_key;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Map, Value as Json};

use crate::model::call::{Signature, TokenTampering};

use super::error::TargetError;

/// How the target signs its tokens, as far as the description says.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Signing {
    /// The secret of its HMAC.
    pub secret: Option<String>,
    /// The public key in PEM, for the attack that uses it as an HMAC secret.
    pub public_key: Option<String>,
}

impl fmt::Debug for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signing")
            .field("secret", &self.secret.as_ref().map(|_| "***"))
            .field("public_key", &self.public_key.is_some())
            .finish()
    }
}

/// Whether a text is a signed JSON Web Token: three segments, the first two of them JSON objects.
pub fn is_jwt(text: &str) -> bool {
    decode(text).is_some()
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Option<Map<String, Json>> {
    decode(token).map(|decoded| decoded.claims)
}

struct Decoded<'a> {
    header_text: &'a str,
    payload_text: &'a str,
    signature: &'a str,
    header: Map<String, Json>,
    claims: Map<String, Json>,
}

fn decode(token: &str) -> Option<Decoded<'_>> {
    let [header_text, payload_text, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        return None;
    };
    let object = |segment: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(segment.trim_end_matches('=')).ok()?;
        serde_json::from_slice::<Map<String, Json>>(&bytes).ok()
    };
    let header = object(header_text).filter(|h| h.contains_key("alg"))?;
    Some(Decoded {
        header_text,
        payload_text,
        signature,
        header,
        claims: object(payload_text)?,
    })
}

/// Makes the forged token. `signing` is asked for only where the signature needs it.
pub fn forge(
    token: &str,
    tampering: &TokenTampering,
    signing: Option<&Signing>,
) -> Result<String, TargetError> {
    let decoded = decode(token)
        .ok_or_else(|| TargetError::Forge("it is no signed json web token".to_owned()))?;
    let payload = payload(&decoded, tampering);
    let alg = decoded.header.get("alg").and_then(Json::as_str);
    let untouched = || decoded.header_text.to_owned();
    let (header, key) = match &tampering.signature {
        Signature::Stale => {
            return Ok(format!("{}.{payload}.{}", untouched(), decoded.signature));
        }
        Signature::Empty => return Ok(format!("{}.{payload}.", untouched())),
        Signature::None(spelling) => {
            return Ok(format!(
                "{}.{payload}.",
                with_alg(&decoded.header, spelling)?
            ));
        }
        Signature::Secret(secret) => hmac(&decoded, alg, secret.as_bytes())?,
        Signature::PublicKey => {
            let key = signing.and_then(|s| s.public_key.as_ref());
            let key = key.ok_or_else(|| missing("the public key", "public_key"))?;
            let header = with_alg(&decoded.header, "HS256")?;
            (
                header,
                (EncodingKey::from_secret(key.as_bytes()), Algorithm::HS256),
            )
        }
        Signature::Named { kid, secret } => {
            let mut header = decoded.header.clone();
            header.insert("kid".to_owned(), kid.as_str().into());
            let algorithm = hmac_algorithm(alg);
            let header = with_alg(&header, &format!("{algorithm:?}"))?;
            (
                header,
                (EncodingKey::from_secret(secret.as_bytes()), algorithm),
            )
        }
        Signature::Embedded(kind) => {
            let own = own_key::of(*kind, alg)?;
            let mut header = decoded.header.clone();
            header.shift_remove("kid");
            header.insert("jwk".to_owned(), own.public);
            let header = with_alg(&header, &format!("{:?}", own.algorithm))?;
            (header, (own.private, own.algorithm))
        }
        Signature::Fetched(kind) => {
            let own = own_key::of(*kind, alg)?;
            let mut header = decoded.header.clone();
            header.insert("kid".to_owned(), own_key::name(&own.public).into());
            header.insert("jku".to_owned(), key_server::url()?.into());
            let header = with_alg(&header, &format!("{:?}", own.algorithm))?;
            (header, (own.private, own.algorithm))
        }
        Signature::Genuine => {
            let secret = signing.and_then(|s| s.secret.as_ref());
            let secret = secret.ok_or_else(|| missing("the signing secret", "signing"))?;
            let algorithm = parse_algorithm(alg.unwrap_or_default())?;
            (
                untouched(),
                (EncodingKey::from_secret(secret.as_bytes()), algorithm),
            )
        }
    };
    let message = format!("{header}.{payload}");
    let signature = crypto::sign(message.as_bytes(), &key.0, key.1)
        .map_err(|e| TargetError::Forge(e.to_string()))?;
    Ok(format!("{message}.{signature}"))
}

fn missing(what: &str, key: &str) -> TargetError {
    TargetError::Forge(format!(
        "the description does not give {what}; tell it as `{key}` of the `[[login]]`"
    ))
}

/// The header for an HMAC with that secret: kept where the token is signed by HMAC anyway.
fn hmac(
    decoded: &Decoded<'_>,
    alg: Option<&str>,
    secret: &[u8],
) -> Result<(String, (EncodingKey, Algorithm)), TargetError> {
    let algorithm = hmac_algorithm(alg);
    let header = if alg.is_some_and(|a| a.starts_with("HS")) {
        decoded.header_text.to_owned()
    } else {
        with_alg(&decoded.header, "HS256")?
    };
    Ok((header, (EncodingKey::from_secret(secret), algorithm)))
}

/// The HMAC that tokens of that algorithm are signed with, or the usual one.
fn hmac_algorithm(alg: Option<&str>) -> Algorithm {
    match alg {
        Some("HS384") => Algorithm::HS384,
        Some("HS512") => Algorithm::HS512,
        _ => Algorithm::HS256,
    }
}

fn with_alg(header: &Map<String, Json>, alg: &str) -> Result<String, TargetError> {
    let mut header = header.clone();
    header.insert("alg".to_owned(), alg.into());
    segment(&header)
}

fn segment(object: &Map<String, Json>) -> Result<String, TargetError> {
    let text = serde_json::to_vec(object).map_err(|e| TargetError::Forge(e.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(text))
}

/// The second segment: as it was where no claim changes.
fn payload(decoded: &Decoded<'_>, tampering: &TokenTampering) -> String {
    if tampering.claims.is_empty() && tampering.twice.is_none() {
        return decoded.payload_text.to_owned();
    }
    let mut claims = Json::Object(decoded.claims.clone());
    for (name, value) in &tampering.claims {
        set_claim(&mut claims, name, value.as_ref());
    }
    let mut text = claims.to_string();
    if let Some((name, value)) = &tampering.twice {
        // No library writes a name twice.
        text.pop();
        let comma = if text.len() > 1 { "," } else { "" };
        let name = Json::from(name.as_str());
        text = format!("{text}{comma}{name}:{value}}}");
    }
    URL_SAFE_NO_PAD.encode(text)
}

/// Sets or removes a claim; a name that starts with a slash and is no claim's own is a JSON pointer.
fn set_claim(claims: &mut Json, name: &str, value: Option<&Json>) {
    let nested = name.starts_with('/') && claims.get(name).is_none();
    let (parent, last) = match name.rsplit_once('/') {
        Some((parent, last)) if nested => (claims.pointer_mut(parent), last),
        _ => (Some(claims), name),
    };
    match parent {
        Some(Json::Object(map)) => {
            let last = if nested {
                last.replace("~1", "/").replace("~0", "~")
            } else {
                last.to_owned()
            };
            match value {
                Some(value) => {
                    map.insert(last, value.clone());
                }
                None => {
                    map.shift_remove(&last);
                }
            }
        }
        Some(Json::Array(items)) => {
            let index = last.parse::<usize>().ok().filter(|i| *i < items.len());
            match (index, value) {
                (Some(index), Some(value)) => items[index] = value.clone(),
                (Some(index), None) => {
                    items.remove(index);
                }
                (None, _) => {}
            }
        }
        _ => {}
    }
}

/// The HMAC algorithm of that name; tokens of other families cannot be signed here.
pub(crate) fn parse_algorithm(name: &str) -> Result<Algorithm, TargetError> {
    match name {
        "HS256" => Ok(Algorithm::HS256),
        "HS384" => Ok(Algorithm::HS384),
        "HS512" => Ok(Algorithm::HS512),
        other => Err(TargetError::Forge(format!(
            "partywall signs with `HS256`, `HS384` or `HS512`, and not with `{other}`"
        ))),
    }
}

#[cfg(test)]
mod tests {
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
}
