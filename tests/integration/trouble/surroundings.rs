//! A disk that is full, a clock that is set back.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::driver::Run;
use crate::binary::driver::Place;

#[test]
fn a_report_that_cannot_be_written_is_an_error() {
    let mut run = Run::new();
    run.arguments[3] = "/dev/full";
    let ended = run.alone();
    ended.is(1, "No space left on device");
}

/// Runs on a small disk of its own, whose folder is said to be the one for what is temporary.
fn on_a_disk_of(size: &str) -> Run {
    let disk =
        "mount -t tmpfs -o size=\"$0\" tmpfs /dev/shm && export TMPDIR=/dev/shm && exec \"$@\"";
    let place = Place::new().through(&["unshare", "--mount", "sh", "-c", disk, size]);
    Run::at(place)
}

#[test]
#[ignore = "mounts a file system for the run alone, for which it must be root"]
fn a_disk_that_is_full_ends_a_run_at_any_stage() {
    let ended = on_a_disk_of("20m").alone();
    ended.is(1, "No space left on device");
    on_a_disk_of("900m").alone().is(0, "HELD");
    // What fits is written all the same; a further copy of the database does not.
    for (stage, code, says) in [
        ("Freeze", 1, "No space left on device"),
        ("Sweep", 3, "the run broke off"),
    ] {
        let ended = on_a_disk_of("900m").once_said(stage, &|pid| {
            fill(&PathBuf::from(format!("/proc/{pid}/root/dev/shm")));
        });
        ended.is(code, says);
    }
}

/// Leaves no byte free.
fn fill(disk: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::create(disk.join("fill")).unwrap();
    for size in [1 << 20, 1] {
        let piece = vec![0; size];
        while file.write_all(&piece).is_ok() {}
    }
}

/// How long something takes is not read from a clock that somebody may set.
#[test]
#[ignore = "needs libfaketime, whose path FAKETIME_LIBRARY says"]
fn a_clock_that_is_set_back_changes_nothing() {
    let library = std::env::var("FAKETIME_LIBRARY").unwrap();
    let place = Place::new();
    let clock = place.path().join("clock").display().to_string();
    std::fs::write(&clock, "+0").unwrap();
    let place = place
        .env("LD_PRELOAD", &library)
        .env("FAKETIME_TIMESTAMP_FILE", &clock)
        .env("FAKETIME_NO_CACHE", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
    let said = |date: &[u8]| String::from_utf8_lossy(date).trim().parse::<i64>().unwrap();
    let now = |library: &str| {
        let mut date = Command::new("date");
        date.arg("+%s").env("LD_PRELOAD", library);
        let asked = date.env("FAKETIME_TIMESTAMP_FILE", &clock).output();
        said(&asked.unwrap().stdout)
    };
    std::fs::write(&clock, "-3d").unwrap();
    assert!(
        now(&library) < now("") - 200_000,
        "the clock stays as it is"
    );
    let run = Run::at(place);
    for stage in ["Baseline", "Sweep"] {
        std::fs::write(&clock, "+0").unwrap();
        let ended = run.while_calling(stage, &|_| std::fs::write(&clock, "-3d").unwrap());
        ended.is(0, "HELD");
    }
}
