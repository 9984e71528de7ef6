//! A target that is a service of a Compose file.

use std::path::Path;

use super::driver::{Place, ROUTE};
use super::engine::{self, left, place, postgres_image};

/// A description of the service in the file that comes with the reference application.
fn describe(place: &Place, service: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = root.join("reference-app/compose.yaml");
    std::fs::copy(file, place.path().join("compose.yaml")).unwrap();
    let by = format!("compose = \"compose.yaml\"\nservice = \"{service}\"\nport = 8080");
    engine::describe(place, &by);
}

#[test]
fn a_service_is_tested_on_our_database_beside_another_run_of_the_same_file() {
    let places = [(); 2].map(|()| place(&postgres_image()));
    let runs = places.each_ref().map(|place| {
        describe(place, "app");
        place.start(&["run", "--only", ROUTE])
    });
    for run in runs {
        let pid = run.pid();
        let (code, said, _) = run.end();
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(left(pid), Vec::<String>::new());
    }
}

#[test]
fn a_service_that_the_file_does_not_have_is_told_with_the_nearest() {
    let place = place(&postgres_image());
    describe(&place, "ap");
    let run = place.run(&["run"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("did you mean `app`?"), "{}", run.err);
}
