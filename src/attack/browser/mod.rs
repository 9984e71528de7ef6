//! `browser`: what people do in a browser, several of them, in two tenants. Nobody sends anything odd: what crosses is kept,
//! shown or sent by the pages themselves. Here: the people at hand, and what the pages offer them.

pub mod back;
pub mod in_turn;
pub mod next_person;
pub mod offline;
pub mod second_device;
pub mod stale_tab;
pub mod subdomain;
pub mod switch;
pub mod switch_tampered;

use crate::model::browsing::{Action, Address};
use crate::model::tenant::{Actor, Tenant};

/// Somebody in a tenant.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// Where.
    pub tenant: &'a Tenant,
}

/// Somebody who belongs to two tenants.
#[derive(Debug, Clone, Copy)]
pub struct Several<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// One of the tenants.
    pub here: &'a Tenant,
    /// The other one.
    pub there: &'a Tenant,
    /// A third one, where there is one, to which the person does not belong.
    pub elsewhere: Option<&'a Tenant>,
}

/// Who is at hand, and what pages offer.
#[derive(Debug, Clone)]
pub struct Cast<'a> {
    /// A member of one tenant: the strongest ordinary one.
    pub first: Person<'a>,
    /// A member of another.
    pub second: Person<'a>,
    /// Somebody of two tenants, where there is one and pages let people switch.
    pub several: Option<Several<'a>>,
    /// The addresses under which people work.
    pub addresses: Vec<Address>,
    /// Whether each tenant has a host of its own.
    pub own_hosts: bool,
    /// How many pages the description names.
    pub pages: usize,
    /// How many forms store something.
    pub writes: usize,
    /// Whether pages let people log out.
    pub leaves: bool,
}

impl<'a> Cast<'a> {
    /// Whether two people of different tenants work under one origin at that address.
    pub fn meet_at(&self, at: Address) -> bool {
        at == Address::Shared || !self.own_hosts
    }

    /// The address at which somebody of two tenants works: where both meet, if there is such a place.
    pub fn meeting_place(&self) -> Address {
        let mut all = self.addresses.iter().copied();
        all.find(|at| self.meet_at(*at)).unwrap_or(Address::Own)
    }

    /// The log-in of a person.
    pub fn log_in(person: Person<'a>, at: Address) -> Action {
        Action::LogIn {
            actor: person.actor.id.clone(),
            tenant: person.tenant.key.clone(),
            at,
        }
    }
}

impl<'a> Several<'a> {
    /// The person in one of the tenants.
    pub fn at_home(&self) -> Person<'a> {
        Person {
            actor: self.actor,
            tenant: self.here,
        }
    }
}

/// What an address is called in a variant's name.
fn called(at: Address) -> &'static str {
    match at {
        Address::Own => "own addresses",
        Address::Shared => "shared address",
    }
}
