//! A tiny target: answers every request with 200 and the path that was asked for.

use std::io::Write;

use crate::tiny;

/// The line that starts it.
pub fn start() -> String {
    tiny::start("world::target::serve")
}

#[test]
#[ignore = "not a test: the target of other tests"]
fn serve() {
    tiny::serve(|request| {
        // It outlives a run that is killed, and with it whoever reads this.
        let _unread = writeln!(std::io::stdout(), "asked for {}", request.path);
        (200, request.path.clone())
    });
}
