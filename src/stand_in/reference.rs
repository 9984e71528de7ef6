//! Stands in for the reference of `partywall.toml` until that room lands.
#![allow(missing_docs)]

pub fn schema() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(
        crate::target::description::Description
    ))
    .unwrap_or_default()
}

pub fn markdown() -> String {
    "# partywall.toml\n".to_owned()
}
