//! Pages in a trial: opened by somebody, or attacked, in a browser.

use super::error::unknown;
use super::{Attacked, Attempted, Trial, TrialError};
use crate::attack::{ATTACKS, Attack};
use crate::engine::browse::{self, Ended};
use crate::engine::judge::sentence;
use crate::engine::replay::pending;
use crate::engine::run::secrets;
use crate::model::browsing::{Action, Address};
use crate::model::call::Call;
use crate::model::exchange::Exchange;
use crate::model::pattern;
use crate::model::tenant::ActorId;

impl Trial {
    /// What an actor is shown who logs in at its tenant's address, and opens a page at that of another tenant or the same.
    pub async fn open_page(
        &mut self,
        actor: &str,
        page: &str,
        tenant: &str,
    ) -> Result<Exchange, TrialError> {
        let pages = self.lab.target.browser().map(|b| b.pages.clone());
        let pages = pages.unwrap_or_default();
        let number = pages.iter().position(|p| p == page);
        let number =
            number.ok_or_else(|| unknown("page", page, pages.iter().map(String::as_str)))?;
        let home = self.actor(actor)?.tenant.clone();
        let theirs = self.tenant(tenant)?.key.clone();
        let open = |tenant| Action::Open {
            page: number,
            tenant,
        };
        let actions = vec![
            Action::LogIn {
                actor: ActorId::from(actor),
                tenant: home.unwrap_or_else(|| theirs.clone()),
                at: Address::Own,
            },
            open(None),
            open(Some(theirs)),
        ];
        self.used = true;
        Ok(Box::pin(browse::shown(&mut self.lab, actions)).await?)
    }

    /// Tries every attack in a browser that fits a word (`browser`, `browser.back`).
    pub async fn attack_pages(&mut self, word: &str) -> Result<Attacked, TrialError> {
        let fits = |attack: &&&dyn Attack| {
            let id = attack.id();
            id.starts_with("browser.") && (word == "browser" || pattern::glob(word, id))
        };
        let wanted: Vec<&str> = ATTACKS.iter().filter(fits).map(|a| a.id()).collect();
        if wanted.is_empty() {
            let all = ATTACKS.iter().map(|a| a.id());
            return Err(unknown(
                "attack",
                word,
                all.filter(|id| id.starts_with("browser.")),
            ));
        }
        self.used = true;
        let made = Box::pin(browse::each(&mut self.lab, &wanted)).await?;
        if made.is_empty() {
            return Err(TrialError::NotApplicable {
                attack: word.to_owned(),
                route: "the pages".to_owned(),
            });
        }
        let mut all = Attacked::default();
        for (attack, variant, ended) in made {
            let name = format!("{attack} ({variant})");
            match ended {
                Ended::Held => all.held += 1,
                Ended::Crossed(found) => all.attempts.extend(found.into_iter().map(|(e, h)| {
                    let exchange = h.exchanges.first().map(|(_, e)| e.clone());
                    Attempted {
                        name: name.clone(),
                        exchange: exchange.unwrap_or_else(|| pending(page())),
                        crossed: vec![secrets(&self.lab).scrub(sentence(&e))],
                        reason: None,
                        requests: Vec::new(),
                    }
                })),
                Ended::Inconclusive(reason, why) => all.attempts.push(Attempted {
                    name: format!("{name}: {why}"),
                    exchange: pending(page()),
                    crossed: Vec::new(),
                    reason: Some(reason),
                    requests: Vec::new(),
                }),
            }
        }
        Ok(all)
    }
}

/// Stands for a page that nobody saw.
fn page() -> Call {
    Call::new("GET", "/", &ActorId::anonymous())
}
