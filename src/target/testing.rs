//! A small target for the tests of this room.

use std::collections::BTreeMap;

use bytes::Bytes;

use crate::model::exchange::Response;
use crate::model::tenant::{Actor, Standing, Tenant};

use super::address::Addressing;
use super::description::Description;
use super::placeholder::Values;
use super::render::Target;

/// A password that must show nowhere.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

pub(crate) fn tenants() -> Vec<Tenant> {
    ["acme", "other"]
        .into_iter()
        .enumerate()
        .map(|(index, slug)| Tenant {
            key: format!("key-{}", index + 1).into(),
            slug: slug.to_owned(),
            name: slug.to_owned(),
            label: slug.to_owned(),
            control: false,
        })
        .collect()
}

pub(crate) fn by_host() -> Addressing {
    Addressing::Host {
        template: "http://{slug}.localhost:{port}".to_owned(),
    }
}

pub(crate) fn target(toml: &str, addressing: Addressing) -> Target {
    let description: Description = toml::from_str(toml).expect("a description");
    let values = Values::new()
        .with("port", "8080")
        .with("secret.jwt", "0123456789abcdef0123456789abcdef")
        .with("secret.pepper", "pepper-pepper-pepper");
    Target::new(
        description,
        "http://127.0.0.1:8080",
        8080,
        addressing,
        tenants(),
        values,
    )
}

pub(crate) fn actor() -> Actor {
    let fields = [
        ("id", "7"),
        ("email", "ann@example.com"),
        ("password", PASSWORD),
    ];
    Actor {
        id: "acme.admin".into(),
        standing: Standing::Member,
        tenant: Some("key-1".into()),
        role: Some("admin".to_owned()),
        memberships: vec!["key-1".into()],
        fields: fields
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
    }
}

pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    Response {
        status,
        headers: headers
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect(),
        body: Bytes::from(body.to_owned()),
        trailers: Vec::new(),
        truncated: false,
    }
}

/// The values of a header, in order.
pub(crate) fn header<'a>(wire: &'a crate::model::call::Wire, name: &str) -> Vec<&'a str> {
    let named = wire
        .headers
        .iter()
        .filter(|(n, _)| n.eq_ignore_ascii_case(name));
    named.map(|(_, v)| v.as_str()).collect()
}
