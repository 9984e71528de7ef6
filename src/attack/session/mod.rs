//! Family `session`: what must be over once it has ended. (Sessions after a log-out or a switch, and memberships that have
//! ended, are the family `token`'s.)

pub(super) mod after_delete;
pub(super) mod suspended;
