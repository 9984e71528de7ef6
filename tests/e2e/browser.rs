//! Chromium out of an image: what crosses in it is found, and nothing is left.

use super::driver::Place;
use super::engine::left;

/// A defect of the pages, and the attack that finds it.
const DEFECT: [&str; 4] = [
    "--fault",
    "state-of-last-visitor",
    "--only",
    "browser.in-turn",
];

/// The image with Chromium and its driver: the one that `containers/build chromium` makes, unless the environment names another.
fn image() -> String {
    let told = std::env::var("PARTYWALL_TEST_CHROMIUM_IMAGE");
    told.unwrap_or_else(|_| "partywall/chromium".to_owned())
}

#[test]
fn a_browser_in_a_container_finds_what_crosses_and_leaves_nothing() {
    let mut place = Place::new().env("PARTYWALL_NO_BROWSER", "false");
    place = place.env("PARTYWALL_CHROMIUM_IMAGE", &image());
    if let Ok(host) = std::env::var("DOCKER_HOST") {
        place = place.env("DOCKER_HOST", &host);
    }
    let mut run = place.start(&[&["demo", "--browser"][..], &DEFECT].concat());
    let pid = run.pid();
    run.until("Browser");
    let mut seen = Vec::new();
    while run.is_alive() {
        seen.extend(left(pid));
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let (code, said, _) = run.end();
    assert_eq!(code, Some(2), "{said}");
    assert!(
        seen.iter().any(|name| name.ends_with("-webdriver")),
        "{seen:?}"
    );
    assert_eq!(left(pid), Vec::<String>::new());
}
