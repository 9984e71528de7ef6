//! A request as it may be shown to anybody: every part of the wire form, with credentials named and never given.

use serde::{Deserialize, Serialize};

use super::call::{CookieTampering, Tampering, Wire};
use super::tenant::ActorId;

/// A request without credentials in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Whose credentials it carries.
    pub actor: ActorId,
    /// The method.
    pub method: String,
    /// Base and request target, exactly as sent.
    pub url: String,
    /// The headers in order, `Host` among them; those left out that any client writes by itself.
    pub headers: Vec<(String, HeaderValue)>,
    /// The body, where it is text; `Err` with its length where it is not.
    pub body: Option<Result<String, usize>>,
    /// How the credential was bent, in a few words, where a command line cannot say it.
    pub bent: Option<String>,
}

/// What a header says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeaderValue {
    /// This.
    Plain(String),
    /// The actor's credential, behind this prefix (`Bearer `).
    Credential(String),
}

impl Shown {
    /// Shows `sent`, given `bare`: the same call rendered without a session. What only `sent` has is a credential.
    pub fn of(actor: &ActorId, sent: &Wire, bare: &Wire, tampering: &Tampering) -> Self {
        let headers = sent
            .headers
            .iter()
            .filter(|(name, _)| !is_framing(name))
            .map(|header| (header.0.clone(), shown_value(header, bare)))
            .collect();
        Self {
            actor: actor.clone(),
            method: sent.method.clone(),
            url: format!("{}{}", sent.base.trim_end_matches('/'), sent.target),
            headers,
            body: (!sent.body.is_empty()).then(|| {
                String::from_utf8(sent.body.to_vec()).map_err(|error| error.as_bytes().len())
            }),
            bent: bent(tampering),
        }
    }
}

/// Headers that a client writes by itself.
fn is_framing(name: &str) -> bool {
    [
        "content-length",
        "connection",
        "transfer-encoding",
        "user-agent",
    ]
    .iter()
    .any(|framing| name.eq_ignore_ascii_case(framing))
}

/// A header that the bare form has, too, is plain, and so is one that can be no secret.
fn shown_value(header: &(String, String), bare: &Wire) -> HeaderValue {
    let (name, value) = header;
    if bare.headers.contains(header) || name.eq_ignore_ascii_case("host") {
        return HeaderValue::Plain(value.clone());
    }
    let scheme = value
        .split_once(' ')
        .filter(|_| name.eq_ignore_ascii_case("authorization"));
    HeaderValue::Credential(scheme.map_or_else(String::new, |(scheme, _)| format!("{scheme} ")))
}

fn bent(tampering: &Tampering) -> Option<String> {
    let mut said = Vec::new();
    if let Some(token) = &tampering.token {
        let claims = token.claims.iter().map(|(name, value)| match value {
            Some(value) => format!("{name} = {value}"),
            None => format!("without {name}"),
        });
        let twice = token
            .twice
            .iter()
            .map(|(name, value)| format!("{name} = {value} a second time"));
        let all: Vec<String> = claims.chain(twice).collect();
        let claims = if all.is_empty() {
            String::new()
        } else {
            format!(" with {}", all.join(", "))
        };
        said.push(format!(
            "its token is forged{claims}, {}",
            signed(&token.signature)
        ));
    }
    said.extend(tampering.cookie.as_ref().map(CookieTampering::told));
    if let Some(session) = &tampering.session {
        said.push(format!(
            "its credential is that of an earlier session ({session})"
        ));
    }
    if tampering.suspended {
        said.push("its tenant is suspended meanwhile".to_owned());
    }
    (!said.is_empty()).then(|| said.join("; "))
}

fn signed(signature: &super::call::Signature) -> String {
    use super::call::Signature;
    match signature {
        Signature::Stale => "under the old signature".to_owned(),
        Signature::None(spelling) => format!("`alg` says {spelling:?}, signature empty"),
        Signature::Empty => "signature empty".to_owned(),
        Signature::Secret(secret) => format!("signed with the secret {secret:?}"),
        Signature::PublicKey => "signed with the public key as HMAC secret".to_owned(),
        Signature::Named { kid, secret } => {
            format!("`kid` says {kid:?}, signed with the secret {secret:?}")
        }
        Signature::Embedded(_) => "signed with a key of its own, which `jwk` holds".to_owned(),
        Signature::Fetched(_) => {
            "signed with a key of its own, which is served where `jku` says".to_owned()
        }
        Signature::Genuine => "genuinely signed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::model::call::{Signature, TokenTampering};

    fn wire(headers: &[(&str, &str)], body: &'static [u8]) -> Wire {
        Wire {
            base: "http://127.0.0.1:8080".into(),
            method: "PATCH".into(),
            target: "/items/7?x=1".into(),
            headers: headers
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            body: Bytes::from_static(body),
        }
    }

    #[test]
    fn what_only_the_session_adds_is_named_and_not_given() {
        let bare = wire(
            &[("Host", "a"), ("Origin", "b"), ("Content-Length", "2")],
            b"{}",
        );
        let sent = wire(
            &[
                ("Host", "a"),
                ("Authorization", "Bearer s3cret"),
                ("Cookie", "sid=s3cret"),
                ("Origin", "b"),
                ("Content-Length", "2"),
            ],
            b"{}",
        );
        let shown = Shown::of(&"acme.admin".into(), &sent, &bare, &Tampering::default());
        assert!(!format!("{shown:?}").contains("s3cret"));
        assert_eq!(shown.url, "http://127.0.0.1:8080/items/7?x=1");
        assert_eq!(
            shown.headers,
            [
                ("Host".to_owned(), HeaderValue::Plain("a".into())),
                (
                    "Authorization".to_owned(),
                    HeaderValue::Credential("Bearer ".into())
                ),
                ("Cookie".to_owned(), HeaderValue::Credential(String::new())),
                ("Origin".to_owned(), HeaderValue::Plain("b".into())),
            ]
        );
        assert_eq!(shown.body, Some(Ok("{}".into())));
    }

    #[test]
    fn a_forged_token_is_described() {
        let tampering = Tampering {
            token: Some(TokenTampering {
                claims: vec![("org".into(), Some("globex".into())), ("exp".into(), None)],
                twice: None,
                signature: Signature::None("none".into()),
            }),
            ..Tampering::default()
        };
        assert_eq!(
            bent(&tampering).as_deref(),
            Some(
                "its token is forged with org = \"globex\", without exp, `alg` says \"none\", signature empty"
            )
        );
        assert_eq!(bent(&Tampering::default()), None);
    }

    #[test]
    fn a_body_that_is_no_text_is_given_by_its_length() {
        let sent = wire(&[], b"\xff\xfe\x00");
        let shown = Shown::of(&"a".into(), &sent, &sent, &Tampering::default());
        assert_eq!(shown.body, Some(Err(3)));
    }
}
