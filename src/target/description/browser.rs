//! What partywall cannot find out about a target's pages.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The target's pages, as people use them in a browser. Without this section no browser is started.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Browser {
    /// Paths of pages to visit; `{tenant.slug}` and `{tenant.key}` may stand in them.
    pub pages: Vec<String>,
    /// How many further pages that those link to are visited, too. Default 8.
    pub follow: Option<usize>,
    /// An address under which people of several tenants work, where there is one beside `tenant.address`:
    /// `http://localhost:{port}`.
    pub shared: Option<String>,
    /// How people log in.
    pub log_in: Option<PageForm>,
    /// How they log out.
    pub log_out: Option<PageForm>,
    /// How people of several tenants switch: `{tenant.slug}`, `{tenant.key}` and `{tenant.name}` stand for the other tenant.
    pub switch: Option<PageForm>,
    /// Forms whose content is kept in the browser alone; `{text}` stands for what is typed.
    pub draft: Vec<PageForm>,
    /// Forms whose content is stored; `{text}` stands for what is typed.
    pub write: Vec<PageForm>,
    /// How many random sequences of what people do are tried. Default 6.
    pub sequences: Option<usize>,
}

/// A form of a page.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PageForm {
    /// The path of its page.
    pub page: String,
    /// What is filled in, by the field's label, name, placeholder, or CSS selector.
    pub fill: BTreeMap<String, String>,
    /// The button or link that is pressed, by its text or CSS selector.
    pub press: String,
}
