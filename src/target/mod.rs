//! What the application under test is: its description, routes, authentication and addresses. No I/O beyond reading the
//! description's own files: what must be sent or asked is returned, for `world` and `engine` to do.

pub mod description;
