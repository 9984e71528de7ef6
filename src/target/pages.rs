//! Pages: their addresses, and what is filled in on them.

use url::Url;

use super::address::Addressing;
use super::credential::user_values;
use super::description::{Browser, PageForm};
use super::error::TargetError;
use super::placeholder::{Values, fill};
use super::render::{Target, tenant_values};
use crate::model::browsing::{Address, Form};
use crate::model::tenant::{Actor, Tenant};

impl Target {
    /// How people use it in a browser, where that is described.
    pub fn browser(&self) -> Option<&Browser> {
        self.description.browser.as_ref()
    }

    /// Whether each tenant has a host of its own.
    pub fn has_own_hosts(&self) -> bool {
        matches!(self.addressing, Addressing::Host { .. })
    }

    /// The tenant whose own host an address has; none where tenants share one.
    pub fn tenant_at<'t>(&self, address: &Url, tenants: &'t [Tenant]) -> Option<&'t Tenant> {
        let mut tenants = tenants.iter().filter(|_| self.has_own_hosts());
        tenants.find(|tenant| {
            let own = self.page("/", tenant, Address::Own);
            own.is_ok_and(|own| own.origin() == address.origin())
        })
    }

    /// The address of a page, for people who work in a tenant.
    pub fn page(&self, page: &str, tenant: &Tenant, at: Address) -> Result<Url, TargetError> {
        let shared = self.browser().and_then(|b| b.shared.as_deref());
        let (key, template) = match (at, shared, &self.addressing) {
            (Address::Shared, Some(shared), _) => ("browser.shared", shared),
            (_, _, Addressing::Host { template }) => ("tenant.address", template.as_str()),
            _ => ("target", ""),
        };
        let values = self.values.clone();
        let values = values.with("slug", &*tenant.slug).with("key", &*tenant.key);
        let base = if template.is_empty() {
            self.base.clone()
        } else {
            fill(template, &values).map_err(TargetError::placeholder(key))?
        };
        let mut values = self.values.clone();
        values.extend(&tenant_values(tenant));
        let path = fill(page, &values).map_err(TargetError::placeholder("browser.pages"))?;
        let address = Url::parse(&base).and_then(|base| base.join(&path));
        address.map_err(|error| TargetError::Page {
            address: format!("{base}{path}"),
            problem: error.to_string(),
        })
    }

    /// A form, as somebody fills it in for a tenant; `text` is what is typed.
    pub fn filled(
        &self,
        form: &PageForm,
        actor: Option<&Actor>,
        tenant: &Tenant,
        text: &str,
    ) -> Result<Form, TargetError> {
        let mut values: Values = self.values.clone().with("text", text);
        values.extend(&tenant_values(tenant));
        if let Some(actor) = actor {
            values.extend(&user_values(self, actor));
        }
        let said =
            |template: &str| fill(template, &values).map_err(TargetError::placeholder("browser"));
        let fields = form.fill.iter();
        let fields = fields.map(|(name, value)| Ok((name.clone(), said(value)?)));
        Ok(Form {
            fill: fields.collect::<Result<_, TargetError>>()?,
            press: said(&form.press)?,
        })
    }
}
