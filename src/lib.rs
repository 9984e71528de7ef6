//! Partywall: can one tenant read, change, count, block or detect another tenant's data? With evidence.

pub mod attack;
pub mod model;
pub mod oracle;
<<<<<<< HEAD
pub mod seed;
=======
pub mod report;
>>>>>>> main
pub mod target;
