//! What answers and calls were found to hold, remembered while cases are judged on one state: the same few controls stand
//! in them all, and every oracle looks at them.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use bytes::Bytes;

use crate::model::knowledge::Knowledge;
use crate::model::rows::RowRef;
use crate::model::tenant::TenantKey;

/// A body by where it lies (it is kept, so that no other comes to lie there), and whose rows are looked for in it.
type Key = (usize, usize, Vec<TenantKey>);

#[derive(Default)]
struct Memory {
    /// The bodies looked through, each with what it showed.
    rows: HashMap<Key, (Bytes, BTreeSet<RowRef>)>,
    /// The values sent, each with the canaries that it holds.
    canaries: HashMap<String, Rc<[String]>>,
}

thread_local! {
    /// `None` where nobody promised that the state stays.
    static MEMORY: RefCell<Option<Memory>> = const { RefCell::new(None) };
}

/// Judges with a memory of the rows that answers show. What is known is borrowed meanwhile, so that it stays as it is.
pub fn remembering<T>(_: &Knowledge, judge: impl FnOnce() -> T) -> T {
    if MEMORY.with_borrow(Option::is_some) {
        return judge();
    }
    MEMORY.set(Some(Memory::default()));
    let judged = judge();
    MEMORY.set(None);
    judged
}

/// The rows of these tenants that a body shows: found once, where somebody remembers.
pub(super) fn rows(
    body: &Bytes,
    tenants: &[TenantKey],
    find: impl FnOnce() -> BTreeSet<RowRef>,
) -> BTreeSet<RowRef> {
    let key = (body.as_ptr() as usize, body.len(), tenants.to_vec());
    let known = MEMORY.with_borrow(|memory| {
        let (_, rows) = memory.as_ref()?.rows.get(&key)?;
        Some(rows.clone())
    });
    known.unwrap_or_else(|| {
        let rows = find();
        MEMORY.with_borrow_mut(|memory| {
            if let Some(memory) = memory {
                memory.rows.insert(key, (body.clone(), rows.clone()));
            }
        });
        rows
    })
}

/// The canaries that a value which was sent holds: found once, where somebody remembers.
pub(super) fn canaries(value: &str, find: impl FnOnce() -> Vec<String>) -> Rc<[String]> {
    let known = MEMORY.with_borrow(|memory| memory.as_ref()?.canaries.get(value).cloned());
    known.unwrap_or_else(|| {
        let found: Rc<[String]> = find().into();
        MEMORY.with_borrow_mut(|memory| {
            if let Some(memory) = memory {
                memory.canaries.insert(value.to_owned(), Rc::clone(&found));
            }
        });
        found
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

    #[test]
    fn what_was_sent_is_searched_once_while_somebody_remembers() {
        let world = World::new();
        let searched = std::cell::Cell::new(0);
        let look = |value: &str| {
            canaries(value, || {
                searched.set(searched.get() + 1);
                vec![value.to_uppercase()]
            })
        };
        remembering(&world.knowledge, || {
            assert_eq!(*look("a"), ["A"]);
            assert_eq!(*look("b"), ["B"]);
            assert_eq!(*look("a"), ["A"]);
        });
        assert_eq!(searched.get(), 2);
        look("a");
        assert_eq!(searched.get(), 3, "nobody remembers any more");
    }
}
