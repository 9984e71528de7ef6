//! Who is at hand for what is done in a browser.

use crate::attack::{Cast, Person, Several};
use crate::engine::lab::Lab;
use crate::model::browsing::Address;
use crate::model::tenant::{Actor, Standing, Tenant};

/// The people, chosen the same in every run; `None` where no two tenants have members.
pub fn cast<'l>(lab: &'l Lab<'_>) -> Option<Cast<'l>> {
    let pages = lab.target.browser()?;
    pages.log_in.as_ref()?;
    let tenants = &lab.knowledge.tenants;
    let mut people = tenants.iter().filter(|t| !t.control).filter_map(|tenant| {
        Some(Person {
            actor: strongest(lab, tenant)?,
            tenant,
        })
    });
    let (first, second) = (people.next()?, people.next()?);
    let several = lab.knowledge.actors.iter();
    let mut several = several.filter(|a| a.standing == Standing::Double);
    let several = several.find_map(|actor| several_of(lab, actor));
    let addresses = match &pages.shared {
        Some(_) if lab.target.has_own_hosts() => vec![Address::Shared, Address::Own],
        Some(_) => vec![Address::Shared],
        None => vec![Address::Own],
    };
    Some(Cast {
        first,
        second,
        several: several.filter(|_| pages.switch.is_some()),
        addresses,
        own_hosts: lab.target.has_own_hosts(),
        pages: pages.pages.len(),
        writes: pages.write.len(),
        leaves: pages.log_out.is_some(),
    })
}

/// The member of a tenant with the role that is named first.
fn strongest<'l>(lab: &'l Lab<'_>, tenant: &Tenant) -> Option<&'l Actor> {
    let roles = &lab.settings.description.user.roles;
    let rank = |actor: &&Actor| {
        let place = |role: &String| roles.iter().position(|r| r == role);
        actor.role.as_ref().and_then(place).unwrap_or(roles.len())
    };
    let members = lab.knowledge.actors.iter();
    let members = members.filter(|a| a.standing == Standing::Member);
    let members = members.filter(|a| a.tenant.as_ref() == Some(&tenant.key));
    members.min_by_key(rank)
}

fn several_of<'l>(lab: &'l Lab<'_>, actor: &'l Actor) -> Option<Several<'l>> {
    let tenants = &lab.knowledge.tenants;
    let rows = |t: &&Tenant| !t.control;
    let mut own = tenants
        .iter()
        .filter(rows)
        .filter(|t| actor.belongs_to(&t.key));
    let mut others = tenants
        .iter()
        .filter(rows)
        .filter(|t| !actor.belongs_to(&t.key));
    Some(Several {
        actor,
        here: own.next()?,
        there: own.next()?,
        elsewhere: others.next(),
    })
}
