//! What answers were found to show, remembered while cases are judged on one state: the same few controls stand in them all.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;

use crate::model::knowledge::Knowledge;
use crate::model::rows::RowRef;
use crate::model::tenant::TenantKey;

/// A body by where it lies (it is kept, so that no other comes to lie there), and whose rows are looked for in it.
type Key = (usize, usize, Vec<TenantKey>);

/// The bodies looked through, each with what it showed.
type Found = HashMap<Key, (Bytes, BTreeSet<RowRef>)>;

thread_local! {
    /// `None` where nobody promised that the state stays.
    static FOUND: RefCell<Option<Found>> = const { RefCell::new(None) };
}

/// Judges with a memory of the rows that answers show. What is known is borrowed meanwhile, so that it stays as it is.
pub fn remembering<T>(_: &Knowledge, judge: impl FnOnce() -> T) -> T {
    if FOUND.with_borrow(Option::is_some) {
        return judge();
    }
    FOUND.set(Some(HashMap::new()));
    let judged = judge();
    FOUND.set(None);
    judged
}

/// The rows of these tenants that a body shows: found once, where somebody remembers.
pub(super) fn rows(
    body: &Bytes,
    tenants: &[TenantKey],
    find: impl FnOnce() -> BTreeSet<RowRef>,
) -> BTreeSet<RowRef> {
    let key = (body.as_ptr() as usize, body.len(), tenants.to_vec());
    let known = FOUND.with_borrow(|found| {
        let (_, rows) = found.as_ref()?.get(&key)?;
        Some(rows.clone())
    });
    known.unwrap_or_else(|| {
        let rows = find();
        FOUND.with_borrow_mut(|found| {
            if let Some(found) = found {
                found.insert(key, (body.clone(), rows.clone()));
            }
        });
        rows
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::testing::{ACME, BOLT, World};

    #[test]
    fn the_same_body_is_searched_once_for_each_tenant_and_only_while_somebody_remembers() {
        let world = World::new();
        let row = world.row("task", &world.task(ACME, 0));
        let body = Bytes::from_static(b"{\"id\":1}");
        let searched = std::cell::Cell::new(0);
        let look = |tenant: &str| {
            rows(&body, &[tenant.into()], || {
                searched.set(searched.get() + 1);
                BTreeSet::from([row.clone()])
            })
        };
        remembering(&world.knowledge, || {
            assert_eq!(look(ACME), look(ACME));
            look(BOLT);
        });
        assert_eq!(searched.get(), 2);
        look(ACME);
        look(ACME);
        assert_eq!(searched.get(), 4, "nobody remembers any more");
    }
}
