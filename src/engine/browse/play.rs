//! Plays what people do: each action at its device, and a look at what is there after it.

use std::collections::BTreeSet;

use url::Url;

use super::desk::{Desk, noted};
use super::devices::Devices;
use super::sight::Sight;
use crate::browser::{BrowserError, Device, Seen};
use crate::engine::error::RunError;
use crate::engine::lab::Lab;
use crate::model::browsing::{Action, Address, Form, Script};
use crate::model::tenant::{ActorId, Tenant, TenantKey};
use crate::target::description::{Browser, PageForm};

/// So many pages that others link to are visited, where the description does not say.
const FOLLOW: usize = 8;

/// Words in the path of a link that leads out, or does something.
const LEAVING: [&str; 9] = [
    "logout", "log-out", "log_out", "signout", "sign-out", "sign_out", "delete", "switch", "export",
];

/// What came of a script.
pub enum Played {
    /// It was played to its end.
    Sights(Vec<Sight>),
    /// A page does not offer what it takes: what was missing.
    Stuck(String),
}

/// What to do about an action that a page does not offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The script ends there.
    Ends,
    /// It goes on without.
    Skipped,
}

/// Plays a script on cleared devices.
pub async fn play(
    lab: &mut Lab<'_>,
    devices: &mut Devices,
    script: &Script,
    missing: Missing,
) -> Result<Played, RunError> {
    devices.clear(lab).await?;
    lab.settle().await?;
    let mut player = Player {
        lab,
        devices,
        desks: Vec::new(),
        at: 0,
        sights: Vec::new(),
    };
    let mut stuck = None;
    for action in &script.actions {
        match Box::pin(player.act(action)).await {
            Ok(()) => {}
            Err(RunError::Browser(BrowserError::Form { .. } | BrowserError::Stuck(_)))
                if missing == Missing::Skipped => {}
            Err(RunError::Browser(
                error @ (BrowserError::Form { .. } | BrowserError::Stuck(_)),
            )) => {
                stuck = Some(Played::Stuck(format!("to {}: {error}", doing(action))));
                break;
            }
            Err(RunError::Browser(error)) if error.is_of_the_page() => {
                stuck = Some(Played::Stuck(format!("to {}: {error}", doing(action))));
                break;
            }
            Err(error) => return Err(error),
        }
    }
    let sights = std::mem::take(&mut player.sights);
    let changes = lab.settle().await?;
    lab.undo(&changes).await?;
    Ok(stuck.unwrap_or(Played::Sights(sights)))
}

struct Player<'p, 'l> {
    lab: &'p mut Lab<'l>,
    devices: &'p mut Devices,
    desks: Vec<Desk>,
    /// The device at which things are done now.
    at: usize,
    sights: Vec<Sight>,
}

impl Player<'_, '_> {
    fn desk(&mut self) -> &mut Desk {
        if self.desks.len() <= self.at {
            self.desks.resize(self.at + 1, Desk::default());
        }
        &mut self.desks[self.at]
    }

    async fn device(&mut self) -> Result<&mut Device, RunError> {
        Ok(self.devices.get(self.at, self.lab).await?)
    }

    fn pages(&self) -> Browser {
        self.lab.target.browser().cloned().unwrap_or_default()
    }

    fn tenant(&self, key: &str) -> Result<Tenant, RunError> {
        Ok(self.lab.target.tenant(key)?.clone())
    }

    /// The tenant that is named, else the one that the person works in; for nobody's work, the first.
    fn active(&mut self, named: Option<&TenantKey>) -> Result<Tenant, RunError> {
        let own = self.desk().active.clone();
        match named.or(own.as_ref()) {
            Some(key) => self.tenant(key),
            None => Ok(self.lab.knowledge.tenants[0].clone()),
        }
    }

    async fn act(&mut self, action: &Action) -> Result<(), RunError> {
        let pages = self.pages();
        if self.desk().cannot(action) {
            return Ok(());
        }
        match action {
            Action::Device(number) => {
                self.at = *number;
                self.desk();
                return Ok(());
            }
            Action::Tab(number) => {
                self.desk().tab = *number;
                return Ok(self.device().await?.tab(*number).await?);
            }
            Action::LogIn { actor, tenant, at } => {
                self.log_in(&pages, actor, tenant, *at).await?;
            }
            Action::LogOut => {
                self.use_form(pages.log_out.as_ref(), None, false).await?;
                self.device().await?.at_rest().await?;
                let desk = self.desk();
                (desk.who, desk.active) = (None, None);
            }
            Action::Switch(tenant) => {
                let form = pages.switch.as_ref();
                self.use_form(form, Some(tenant), false).await?;
                let status = self.device().await?.look().await?.status;
                if status >= 400 {
                    let said = format!("the switch was answered {status}");
                    return Err(BrowserError::Stuck(said).into());
                }
                self.desk().active = Some(tenant.clone());
            }
            Action::SwitchForged(tenant) => {
                let form = pages.switch.as_ref();
                self.use_form(form, Some(tenant), true).await?;
            }
            Action::Open { page, tenant } => {
                let Some(path) = pages.pages.get(*page) else {
                    return Ok(());
                };
                self.open(path, tenant.as_ref()).await?;
            }
            Action::Tour(tenant) => return self.tour(&pages, tenant.as_ref()).await,
            Action::Draft => return self.draft(&pages).await,
            Action::Fill(form) => return self.fill(&pages, *form).await,
            Action::Submit(form) => return self.submit(&pages, *form).await,
            Action::Back => self.device().await?.back().await?,
            Action::Forward => self.device().await?.forward().await?,
            Action::Reload => self.device().await?.reload().await?,
            Action::Offline | Action::Online => {
                let online = *action == Action::Online;
                self.desk().offline = !online;
                self.device().await?.set_online(online);
                return Ok(());
            }
        }
        self.look().await.map(|_| ())
    }

    async fn look(&mut self) -> Result<Seen, RunError> {
        let desk = self.desk();
        desk.filled.remove(&desk.tab);
        let seen = self.device().await?.look().await?;
        let desk = self.desk().clone();
        let active = self.works_in(&desk, &seen);
        let sight = Sight {
            who: desk.who.unwrap_or_else(ActorId::anonymous),
            active: active.clone(),
            seen: seen.clone(),
            changes: Vec::new(),
        };
        if let (Some(active), true) = (&active, seen.address.is_some()) {
            let noted = noted(self.lab, &seen, active);
            self.desk().noted = noted.or(desk.noted);
        }
        self.sights.push(sight);
        Ok(seen)
    }

    /// The tenant that the person works in: the one of the address, where that is one of the person's, else the one of the desk.
    fn works_in(&self, desk: &Desk, seen: &Seen) -> Option<TenantKey> {
        let person = desk.who.as_ref().and_then(|who| self.lab.actor(who));
        let tenants = &self.lab.knowledge.tenants;
        let address = seen.address.as_ref();
        let here = address.and_then(|a| self.lab.target.tenant_at(a, tenants));
        let own = here.filter(|t| person.is_some_and(|p| p.belongs_to(&t.key)));
        own.map(|t| t.key.clone()).or_else(|| desk.active.clone())
    }

    /// The address of a page where the person at the device works, or at another tenant's.
    fn address(&mut self, page: &str, tenant: Option<&TenantKey>) -> Result<Url, RunError> {
        let at = match tenant {
            Some(_) => Address::Own,
            None => self.desk().at.unwrap_or(Address::Own),
        };
        let tenant = self.active(tenant)?;
        Ok(self.lab.target.page(page, &tenant, at)?)
    }

    async fn open(&mut self, page: &str, tenant: Option<&TenantKey>) -> Result<(), RunError> {
        let address = self.address(page, tenant)?;
        Ok(self.device().await?.open(&address).await?)
    }

    async fn log_in(
        &mut self,
        pages: &Browser,
        actor: &ActorId,
        tenant: &TenantKey,
        at: Address,
    ) -> Result<(), RunError> {
        let Some(form) = &pages.log_in else {
            return Ok(());
        };
        let tenant = self.tenant(tenant)?;
        let address = self.lab.target.page(&form.page, &tenant, at)?;
        let who = self.lab.actor(actor).cloned();
        let form = self.lab.target.filled(form, who.as_ref(), &tenant, "")?;
        self.lab.world.pace_login().await;
        let device = self.device().await?;
        device.open(&address).await?;
        device.fill(&form, false).await?;
        device.press(&form).await?;
        let tab = self.desk().tab;
        *self.desk() = Desk {
            who: Some(actor.clone()),
            active: Some(tenant.key),
            at: Some(at),
            tab,
            ..Desk::default()
        };
        Ok(())
    }

    /// Opens the page of a form, fills it in and presses its button.
    async fn use_form(
        &mut self,
        form: Option<&PageForm>,
        tenant: Option<&TenantKey>,
        forged: bool,
    ) -> Result<(), RunError> {
        let Some(form) = form else { return Ok(()) };
        let filled = self.ready(form, tenant, "", forged).await?;
        // What its page shows is still the one's who worked here.
        self.look().await?;
        Ok(self.device().await?.press(&filled).await?)
    }

    /// Opens the page of a form and fills it in.
    async fn ready(
        &mut self,
        form: &PageForm,
        tenant: Option<&TenantKey>,
        text: &str,
        forged: bool,
    ) -> Result<Form, RunError> {
        self.open(&form.page, None).await?;
        let tenant = self.active(tenant)?;
        let who = self
            .desk()
            .who
            .clone()
            .and_then(|who| self.lab.actor(&who).cloned());
        let form = self.lab.target.filled(form, who.as_ref(), &tenant, text)?;
        self.device().await?.fill(&form, forged).await?;
        Ok(form)
    }

    /// Every page, and pages that those link to, each kind once before any twice.
    async fn tour(&mut self, pages: &Browser, tenant: Option<&TenantKey>) -> Result<(), RunError> {
        let mut links: Vec<Url> = Vec::new();
        let mut been = BTreeSet::new();
        for page in &pages.pages {
            self.open(page, tenant).await?;
            let seen = self.look().await?;
            been.extend(seen.address.map(|a| a.path().to_owned()));
            links.extend(seen.links);
        }
        let out = pages.log_out.as_ref().map(|form| form.page.clone());
        let here = self.address("/", tenant)?.origin();
        let mut kinds = BTreeSet::new();
        let mut left = pages.follow.unwrap_or(FOLLOW);
        // Each kind once before any twice.
        let again = links.clone();
        let firsts = links.len();
        for (nth, link) in links.into_iter().chain(again).enumerate() {
            let path = link.path().to_ascii_lowercase();
            let leaves = LEAVING.iter().any(|word| path.contains(word))
                || out
                    .as_deref()
                    .is_some_and(|page| path == page && !pages.pages.iter().any(|p| p == page));
            let kind = path.rsplit_once('/').map(|(above, _)| above.to_owned());
            if left == 0
                || leaves
                || link.origin() != here
                || been.contains(link.path())
                || !(kinds.insert(kind) || nth >= firsts)
            {
                continue;
            }
            been.insert(link.path().to_owned());
            left -= 1;
            self.device().await?.open(&link).await?;
            self.look().await?;
        }
        Ok(())
    }

    /// Types a value of what was shown into every form that keeps it in the browser.
    async fn draft(&mut self, pages: &Browser) -> Result<(), RunError> {
        let Some(text) = self.desk().noted.clone() else {
            return Ok(());
        };
        // No page shows this already, so that what is kept of pages is not taken for the draft.
        let typed = format!("about {text}");
        for form in &pages.draft {
            let form = self.ready(form, None, &typed, false).await?;
            self.device().await?.press(&form).await?;
            if !self.device().await?.keeps(&typed).await? {
                let said = "nothing of what was typed is kept in the browser".to_owned();
                return Err(BrowserError::Stuck(said).into());
            }
            self.device().await?.at_rest().await?;
            self.look().await?;
        }
        Ok(())
    }

    async fn fill(&mut self, pages: &Browser, number: usize) -> Result<(), RunError> {
        let (Some(form), Some(active)) = (pages.write.get(number), self.desk().active.clone())
        else {
            return Ok(());
        };
        self.ready(form, None, "written before the switch", false)
            .await?;
        let desk = self.desk();
        desk.filled.insert(desk.tab, (number, active));
        Ok(())
    }

    /// Sends what was filled in; the rows that it changes are judged by the tenant that it was filled in for.
    async fn submit(&mut self, pages: &Browser, number: usize) -> Result<(), RunError> {
        let desk = self.desk();
        let filled = desk.filled.get(&desk.tab).cloned();
        let (Some(form), Some((_, tenant))) =
            (pages.write.get(number), filled.filter(|f| f.0 == number))
        else {
            return Ok(());
        };
        let press = self
            .lab
            .target
            .filled(form, None, &self.tenant(&tenant)?, "")?
            .press;
        self.lab.settle().await?;
        let form = Form {
            fill: Vec::new(),
            press,
        };
        self.device().await?.press(&form).await?;
        let changes = self.lab.settle().await?;
        let seen = self.look().await?;
        let who = self.desk().who.clone();
        self.sights.push(Sight {
            who: who.unwrap_or_else(ActorId::anonymous),
            active: Some(tenant),
            seen: Seen {
                page: serde_json::Value::Null,
                kept: serde_json::Value::Null,
                ..seen
            },
            changes: changes.clone(),
        });
        self.lab.undo(&changes).await
    }
}

/// What an action is for, in few words.
fn doing(action: &Action) -> &'static str {
    match action {
        Action::LogIn { .. } => "log in",
        Action::LogOut => "log out",
        Action::Switch(_) | Action::SwitchForged(_) => "switch",
        Action::Draft => "keep a draft",
        Action::Fill(_) | Action::Submit(_) => "store something",
        _ => "go on",
    }
}
