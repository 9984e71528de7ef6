//! What the application promises its tenants.

#[test]
fn promises_hold() {
    partywall::gherkin::assert_hold("partywall.toml", "features");
}
