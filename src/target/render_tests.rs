//! Calls in their exact wire form.

use std::time::SystemTime;

use serde_json::json;

use super::*;
use crate::model::call::{Body, HostShape, Part, Signature, Tampering, TokenTampering};
use crate::model::route::RouteId;
use crate::target::description::Csrf;
use crate::target::session::CsrfToken;
use crate::target::testing::{by_host, header, target};

fn call(method: &str, template: &str) -> Call {
    Call {
        route: RouteId(format!("{method} {template}")),
        method: method.to_owned(),
        template: template.to_owned(),
        actor: "acme.admin".into(),
        tenant: Some("key-1".into()),
        path: std::collections::BTreeMap::new(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
        tampering: Tampering::default(),
    }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

fn session() -> Session {
    let mut session = Session {
        bearer: Some("secret-token".to_owned()),
        tenant: Some("key-1".into()),
        ..Session::default()
    };
    let now = SystemTime::now();
    session.jar.store(
        "sid=secret-cookie; Path=/; Secure; HttpOnly",
        "acme.localhost",
        "/",
        now,
    );
    session.jar.store(
        "wide=1; Path=/; Domain=localhost",
        "acme.localhost",
        "/",
        now,
    );
    session
}

#[test]
fn a_plain_call_has_host_credentials_and_cookies_in_order() {
    let target = target("", by_host());
    let mut call = call("GET", "/items/{id}");
    call.path.insert("id".into(), "a/b ü".into());
    call.query = pairs(&[("q", "x y&z"), ("q", "2")]);
    let wire = target.render(&call, Some(&session())).unwrap();
    assert_eq!(wire.base, "http://127.0.0.1:8080");
    assert_eq!(wire.target, "/items/a%2Fb%20%C3%BC?q=x%20y%26z&q=2");
    let names: Vec<&str> = wire.headers.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(
        names,
        ["Host", "User-Agent", "Accept", "Authorization", "Cookie"]
    );
    assert_eq!(wire.host(), Some("acme.localhost:8080"));
    assert_eq!(header(&wire, "authorization"), ["Bearer secret-token"]);
    assert_eq!(header(&wire, "cookie"), ["sid=secret-cookie; wide=1"]);
    let debug = format!("{wire:?} {:?} {target:?}", session());
    assert!(
        !debug.contains("secret-") && !debug.contains("0123456789abcdef"),
        "{debug}"
    );
}

#[test]
fn nobody_and_those_without_credentials_carry_none() {
    let target = target("", by_host());
    let bare = target.render(&call("GET", "/"), None).unwrap();
    let mut call = call("GET", "/");
    call.tampering.without_credentials = true;
    let same = target.render(&call, Some(&session())).unwrap();
    assert_eq!(bare, same);
    assert_eq!(
        header(&bare, "cookie").len() + header(&bare, "authorization").len(),
        0
    );
}

#[test]
fn another_tenants_host_gets_the_cookies_that_a_browser_sends_there_unless_told() {
    let target = target("", by_host());
    let mut call = call("GET", "/");
    call.tenant = Some("key-2".into());
    let wire = target.render(&call, Some(&session())).unwrap();
    assert_eq!(wire.host(), Some("other.localhost:8080"));
    assert_eq!(header(&wire, "cookie"), ["wide=1"]);
    call.tampering.keep_home_credentials = true;
    let wire = target.render(&call, Some(&session())).unwrap();
    assert_eq!(wire.host(), Some("other.localhost:8080"));
    assert_eq!(header(&wire, "cookie"), ["sid=secret-cookie; wide=1"]);
    call.tenant = None;
    assert_eq!(
        target.render(&call, None).unwrap().host(),
        Some("localhost:8080")
    );
    call.tenant = Some("key-9".into());
    assert_eq!(
        target.render(&call, None),
        Err(TargetError::UnknownTenant("key-9".into()))
    );
}

#[test]
fn a_bent_host_leaves_the_own_cookies() {
    let target = target("", by_host());
    let mut call = call("GET", "/");
    for (bent, expected) in [
        (HostTampering::Exact("x.test".into()), "x.test"),
        (HostTampering::Apex, "localhost:8080"),
        (
            HostTampering::Tenant {
                tenant: "key-2".into(),
                shape: HostShape::NestedReverse,
            },
            "other.acme.localhost:8080",
        ),
        (
            HostTampering::Tenant {
                tenant: "key-2".into(),
                shape: HostShape::Nested,
            },
            "acme.other.localhost:8080",
        ),
    ] {
        call.tampering.host = Some(bent);
        let wire = target.render(&call, Some(&session())).unwrap();
        assert_eq!(wire.host(), Some(expected));
        assert_eq!(header(&wire, "cookie"), ["sid=secret-cookie; wide=1"]);
    }
}

#[test]
fn tenants_in_paths_and_headers_are_filled_in_unless_the_call_says_otherwise() {
    let by_path = Addressing::Path {
        parameter: "ws".into(),
        by_slug: false,
    };
    let path_target = target("", by_path);
    let mut call = call("GET", "/ws/{ws}/items/{id}");
    let error = path_target.render(&call, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`/ws/{ws}/items/{id}` needs a value for `{id}`, and the call gives none"
    );
    call.path.insert("id".into(), "1".into());
    assert_eq!(
        path_target.render(&call, None).unwrap().target,
        "/ws/key-1/items/1"
    );
    assert_eq!(
        path_target.render(&call, None).unwrap().host(),
        Some("127.0.0.1:8080")
    );
    call.path.insert("ws".into(), "key-2".into());
    assert_eq!(
        path_target.render(&call, None).unwrap().target,
        "/ws/key-2/items/1"
    );
    let by_header = Addressing::Header {
        name: "X-Org".into(),
        by_slug: true,
    };
    let header_target = target("", by_header);
    let wire = header_target.render(&call, None).unwrap();
    assert_eq!(header(&wire, "x-org"), ["acme"]);
    call.headers = pairs(&[("x-org", "other"), ("X-ORG", "acme")]);
    let wire = header_target.render(&call, None).unwrap();
    assert_eq!(
        header(&wire, "x-org"),
        ["other", "acme"],
        "the call's own stand in place of the usual"
    );
}

#[test]
fn own_headers_keep_case_order_and_duplicates() {
    let target = target(
        "[target.headers]\nOrigin = \"http://{tenant.slug}.localhost:{port}\"\nAccept = \"text/html\"\n",
        by_host(),
    );
    let mut call = call("POST", "/");
    call.headers = pairs(&[
        ("x-A", "1"),
        ("Host", "first"),
        ("X-a", " 2 "),
        ("host", "second"),
        ("x-a ", "3"),
    ]);
    let wire = target.render(&call, None).unwrap();
    let all: Vec<(&str, &str)> = wire
        .headers
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(all[..2], [("Host", "first"), ("host", "second")]);
    assert_eq!(
        all[all.len() - 3..],
        [("x-A", "1"), ("X-a", " 2 "), ("x-a ", "3")]
    );
    assert_eq!(header(&wire, "origin"), ["http://acme.localhost:8080"]);
    assert_eq!(header(&wire, "accept"), ["text/html"]);
    assert_eq!(header(&wire, "content-length"), ["0"]);
    call.tenant = None;
    call.headers.clear();
    assert_eq!(
        header(&target.render(&call, None).unwrap(), "origin").len(),
        0
    );
}

#[test]
fn raw_targets_pass_untouched() {
    let target = target("", by_host());
    let mut call = call("GET", "/items/{id}");
    call.tampering.target = Some("/a/../%2e%2e//b\\c?x=%zz".into());
    assert_eq!(
        target.render(&call, None).unwrap().target,
        "/a/../%2e%2e//b\\c?x=%zz"
    );
}

#[test]
fn bodies_have_type_and_length() {
    let target = target("", by_host());
    let mut call = call("POST", "/");
    let part = Part {
        name: "f".into(),
        file_name: None,
        content_type: None,
        text: "x".into(),
    };
    for (body, content_type, bytes) in [
        (
            Body::Json(json!({"b": 1, "a": "ü"})),
            "application/json",
            "{\"b\":1,\"a\":\"ü\"}",
        ),
        (
            Body::Form(pairs(&[("a", "1 2")])),
            "application/x-www-form-urlencoded",
            "a=1+2",
        ),
        (
            Body::Text {
                content_type: "text/csv".into(),
                text: "a,b".into(),
            },
            "text/csv",
            "a,b",
        ),
        (
            Body::Multipart(vec![part]),
            "multipart/form-data; boundary=----partywall-boundary",
            "------partywall-boundary\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n------partywall-boundary--\r\n",
        ),
    ] {
        call.body = Some(body);
        let wire = target.render(&call, None).unwrap();
        assert_eq!(header(&wire, "content-type"), [content_type]);
        assert_eq!(header(&wire, "content-length"), [bytes.len().to_string()]);
        assert_eq!(wire.body, bytes);
    }
    call.headers = pairs(&[("content-type", "text/plain")]);
    let wire = target.render(&call, None).unwrap();
    assert_eq!(header(&wire, "content-type"), ["text/plain"]);
}

#[test]
fn csrf_tokens_go_with_unsafe_calls_only() {
    let target = target("", by_host());
    let mut session = session();
    session.jar.store(
        "XSRF-TOKEN=a%2Fb%3D; Path=/",
        "acme.localhost",
        "/",
        SystemTime::now(),
    );
    let rule = |from: &str, to: &str| {
        Some(CsrfToken {
            rule: Csrf {
                from: from.into(),
                to: to.into(),
            },
            value: None,
        })
    };
    session.csrf = rule("cookie:XSRF-TOKEN", "X-XSRF-TOKEN");
    let wire = target.render(&call("POST", "/"), Some(&session)).unwrap();
    assert_eq!(
        header(&wire, "x-xsrf-token"),
        ["a/b="],
        "decoded as scripts do"
    );
    assert_eq!(
        header(
            &target.render(&call("GET", "/"), Some(&session)).unwrap(),
            "x-xsrf-token"
        )
        .len(),
        0
    );
    session.taken.insert("tok", "t1");
    session.csrf = rule("tok", "field:_csrf");
    let wire = target.render(&call("DELETE", "/"), Some(&session)).unwrap();
    assert_eq!(wire.body, "_csrf=t1");
    let mut form = call("POST", "/");
    form.body = Some(Body::Form(pairs(&[("a", "1")])));
    assert_eq!(
        target.render(&form, Some(&session)).unwrap().body,
        "a=1&_csrf=t1"
    );
    form.body = Some(Body::Json(json!({})));
    assert_eq!(target.render(&form, Some(&session)).unwrap().body, "{}");
    session.csrf = rule("header:X-Next", "X-Csrf");
    let wire = target.render(&call("POST", "/"), Some(&session)).unwrap();
    let answer = crate::target::testing::response(
        200,
        &[("x-next", "n1"), ("set-cookie", "new=1; Path=/")],
        "",
    );
    session.absorb(&wire, &answer);
    let wire = target.render(&call("POST", "/"), Some(&session)).unwrap();
    assert_eq!(header(&wire, "x-csrf"), ["n1"]);
    assert!(header(&wire, "cookie")[0].ends_with("; new=1"));
}

#[test]
fn forged_tokens_stand_where_the_own_one_stood() {
    let target = target("", by_host());
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJ0IjoiYSJ9.c2ln";
    let mut call = call("GET", "/");
    call.tampering.token = Some(TokenTampering {
        claims: Vec::new(),
        twice: None,
        signature: Signature::Empty,
    });
    let opaque = target.render(&call, Some(&session())).unwrap_err();
    assert_eq!(
        opaque,
        TargetError::NoToken {
            actor: "acme.admin".into()
        }
    );
    let forged = "eyJhbGciOiJIUzI1NiJ9.eyJ0IjoiYSJ9.";
    let mut bearer = session();
    bearer.bearer = Some(jwt.into());
    let wire = target.render(&call, Some(&bearer)).unwrap();
    assert_eq!(header(&wire, "authorization"), [format!("Bearer {forged}")]);
    let custom = Session {
        headers: pairs(&[("X-Auth", &format!("Token {jwt}"))]),
        ..Session::default()
    };
    let wire = target.render(&call, Some(&custom)).unwrap();
    assert_eq!(header(&wire, "x-auth"), [format!("Token {forged}")]);
    let mut cookie = Session::default();
    cookie.jar.put("auth", jwt, "acme.localhost");
    let wire = target.render(&call, Some(&cookie)).unwrap();
    assert_eq!(header(&wire, "cookie"), [format!("auth={forged}")]);
    assert!(
        target.render(&call, None).is_ok(),
        "nobody has a token to forge"
    );
}

#[test]
fn credentials_can_be_named_for_a_command_line() {
    let session = session();
    assert_eq!(session.credential().as_deref(), Some("secret-token"));
    assert_eq!(
        session.credential_in("AUTHORIZATION").as_deref(),
        Some("secret-token")
    );
    assert_eq!(
        session.credential_in("cookie").as_deref(),
        Some("sid=secret-cookie; wide=1")
    );
    let basic = Session {
        headers: pairs(&[("Authorization", "Basic abcd"), ("X-Key", "k")]),
        ..Session::default()
    };
    assert_eq!(
        basic.credential_in("authorization").as_deref(),
        Some("abcd")
    );
    assert_eq!(basic.credential_in("x-key").as_deref(), Some("k"));
    assert!(basic.secrets().contains(&"abcd".to_owned()));
    assert_eq!(Session::default().credential(), None);
}
