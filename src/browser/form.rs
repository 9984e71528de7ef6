//! Forms as people see them: fields by label, buttons by text; or by name, placeholder or CSS selector.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::device::{BOUND, Device};
use super::error::BrowserError;
use crate::model::browsing::Form;

/// So often a page is asked again for a form that is not there yet.
const PAUSE: Duration = Duration::from_millis(100);

/// Finds a field or button by what people call it, gives it a value or presses it: `null`, or the names that there are.
const FORM: &str = include_str!("form.js");

impl Device {
    /// Fills in a form of the page in front; where it is forged, lists get values that they do not offer.
    pub async fn fill(&self, form: &Form, forged: bool) -> Result<(), BrowserError> {
        for (name, value) in &form.fill {
            self.at_form("field", name, Some(value), forged).await?;
        }
        Ok(())
    }

    /// Presses its button, and waits until what that loads is there.
    pub async fn press(&self, form: &Form) -> Result<(), BrowserError> {
        self.at_form("button", &form.press, None, false).await?;
        self.settled().await
    }

    async fn at_form(
        &self,
        kind: &str,
        name: &str,
        value: Option<&str>,
        forged: bool,
    ) -> Result<(), BrowserError> {
        let begun = Instant::now();
        let told = loop {
            let told = self
                .client()
                .execute(
                    FORM,
                    vec![json!(kind), json!(name), json!(value), json!(forged)],
                )
                .await
                .map_err(BrowserError::doing("use a form"))?;
            // Pages make their forms in their own time.
            if told.is_null() || begun.elapsed() > Duration::from_millis(BOUND) {
                break told;
            }
            tokio::time::sleep(PAUSE).await;
        };
        let Some(called) = told.as_array() else {
            return Ok(());
        };
        let called: Vec<&str> = called.iter().filter_map(Json::as_str).collect();
        Err(BrowserError::Form {
            page: self.address().await?,
            what: format!("{kind} {name:?}"),
            has: if called.is_empty() {
                "none at all".to_owned()
            } else {
                called.join(", ")
            },
        })
    }
}
