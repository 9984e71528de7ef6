//! Snapshots of aggregates: written once verified, equal the second time, and never with another tenant's share in them.

use std::path::Path;

use super::driver::{Outcome, Place};

/// A route whose figures are checked by SQL, too.
const SERIES: &str = "GET /api/admin/analytics";

/// The description with these faults on.
fn described(place: &Place, faults: &str) {
    place.describe(|text| {
        text.replace(
            "[target.env]\n",
            &format!("[target.env]\nREFERENCE_APP_FAULTS = \"{faults}\"\n"),
        )
    });
}

/// Files of the folder of snapshots, by name and text.
fn files(folder: &Path) -> Vec<(String, String)> {
    let Ok(entries) = folder.read_dir() else {
        return Vec::new();
    };
    let files = entries.map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

fn kept(place: &Place) -> Vec<(String, String)> {
    files(&place.path().join("snapshots"))
}

fn accepted() -> Vec<(String, String)> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/reference/snapshots"))
}

fn accept_all(place: &Place) {
    let folder = place.path().join("snapshots");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in accepted() {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

fn said(run: &Outcome) -> String {
    format!("{}{}", run.out, run.err)
}

#[test]
fn the_accepted_snapshots_are_what_the_application_answers_each_time() {
    let place = Place::new();
    described(&place, "");
    accept_all(&place);
    for _ in 0..2 {
        let run = place.run(&["snapshot", "--check"]);
        assert_eq!(run.code, Some(0), "{}", said(&run));
        assert!(run.out.contains("0 new, 0 changed"), "{}", run.out);
    }
    assert_eq!(kept(&place), accepted());
}

#[test]
fn a_pipeline_writes_nothing_and_what_is_accepted_is_what_was_verified() {
    let place = Place::new();
    described(&place, "");
    let checked = place.run(&["snapshot", "--check", "--only", SERIES]);
    assert_eq!(checked.code, Some(3), "{}", said(&checked));
    assert_eq!(kept(&place), []);
    let took = place.run(&["snapshot", "--accept", "--only", SERIES]);
    assert_eq!(took.code, Some(0), "{}", said(&took));
    let series = |(name, _): &(String, String)| name.starts_with("get-api-admin-analytics@");
    let committed: Vec<_> = accepted().into_iter().filter(series).collect();
    assert_eq!(kept(&place), committed);
}

#[test]
fn one_open_month_of_all_tenants_is_named_whoever_accepted_it() {
    let place = Place::new();
    described(&place, "open-month-ignores-tenant");
    // Accepted by hand or not: what is compared is what this run has shown to be the tenant's own.
    accept_all(&place);
    let run = place.run(&["snapshot", "--accept", "--only", SERIES]);
    assert_eq!(run.code, Some(2), "{}", said(&run));
    assert!(run.out.contains("at 2026-0"), "no bucket in {}", run.out);
    assert_eq!(kept(&place), accepted());
}

#[test]
fn the_mean_of_all_tenants_in_place_of_none_shows_on_the_empty_tenant_alone() {
    let place = Place::new();
    described(&place, "empty-means-everybodys");
    let run = place.run(&["snapshot", "--only", "GET /api/admin/services/stats"]);
    assert_eq!(run.code, Some(2), "{}", said(&run));
    assert!(run.out.contains("/meanPrice is"), "{}", run.out);
    assert!(run.out.contains("1 not a tenant's own"), "{}", run.out);
    // The others have means of their own, which may be accepted.
    let pending = kept(&place);
    let others = |name: &str| name.ends_with(".snap.new") && !name.contains("@vacant");
    assert!(!pending.is_empty() && pending.iter().all(|(name, _)| others(name)));
}
