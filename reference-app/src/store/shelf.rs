//! Things that live in this process alone, each with its owner: jobs, staged rows, codes. Beyond a bound, the oldest go.
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::Scope;

/// How many things of a kind are kept.
const MOST: usize = 1_000;

/// A thing, its name, and whose it is.
#[derive(Clone, Debug)]
pub(crate) struct Kept<T> {
    pub(crate) id: String,
    pub(crate) tenant: String,
    pub(crate) thing: T,
}

/// Things of one kind, the oldest first.
#[derive(Debug)]
pub(crate) struct Shelf<T>(Mutex<VecDeque<Kept<T>>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Shelf<T> {
    /// Keeps a thing of a tenant.
    pub(crate) fn put(&self, tenant: &str, id: String, thing: T) -> Kept<T> {
        let new = Kept {
            id,
            tenant: tenant.to_owned(),
            thing,
        };
        let mut kept = self.lock();
        if kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back(new.clone());
        new
    }

    /// A thing, if the scope has it.
    pub(crate) fn get(&self, scope: &Scope, id: &str) -> Option<Kept<T>> {
        self.change(scope, id, |_| {})
    }

    /// Changes a thing, if the scope has it, and answers it as it is then.
    pub(crate) fn change(
        &self,
        scope: &Scope,
        id: &str,
        change: impl FnOnce(&mut T),
    ) -> Option<Kept<T>> {
        let mut kept = self.lock();
        let found = kept.iter_mut().find(|kept| named(kept, scope, id))?;
        change(&mut found.thing);
        Some(found.clone())
    }

    /// Takes a thing off, if the scope has it.
    pub(crate) fn take(&self, scope: &Scope, id: &str) {
        self.lock().retain(|kept| !named(kept, scope, id));
    }

    /// All things of a scope, the newest first.
    pub(crate) fn all(&self, scope: &Scope) -> Vec<Kept<T>> {
        let kept = self.lock();
        let its = kept.iter().filter(|kept| scope.holds(&kept.tenant));
        its.rev().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn named<T>(kept: &Kept<T>, scope: &Scope, id: &str) -> bool {
    kept.id == id && scope.holds(&kept.tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(tenant: &str) -> Scope {
        Scope::Tenant(tenant.to_owned())
    }

    #[test]
    fn only_the_owner_finds_and_changes_a_thing() {
        let shelf = Shelf::default();
        shelf.put("acme", "1".to_owned(), 7);
        assert!(shelf.change(&scope("bolt"), "1", |n| *n = 8).is_none());
        shelf.take(&scope("bolt"), "1");
        assert_eq!(shelf.get(&scope("acme"), "1").unwrap().thing, 7);
        assert_eq!(shelf.all(&scope("bolt")).len(), 0);
        assert_eq!(shelf.all(&Scope::Everything).len(), 1);
        shelf.take(&scope("acme"), "1");
        assert_eq!(shelf.all(&Scope::Everything).len(), 0);
    }

    #[test]
    fn the_oldest_make_room() {
        let shelf = Shelf::default();
        for n in 0..=MOST {
            shelf.put("acme", n.to_string(), n);
        }
        assert!(shelf.get(&scope("acme"), "0").is_none());
        let all = shelf.all(&scope("acme"));
        assert_eq!((all.len(), all[0].thing), (MOST, MOST));
    }
}
