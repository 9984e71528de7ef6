//! Family `export`: files that are made for a tenant, and had by their name.

pub(super) mod guessed_name;
