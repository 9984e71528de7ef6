//! The container engine that these tests need: the images that runs are made with, and what runs have left there.

use std::process::Command;

use super::driver::Place;

/// The images of Postgres that runs are made with, oldest first: the official ones, unless the environment names others.
pub fn postgres_images() -> Vec<String> {
    let told = std::env::var("PARTYWALL_POSTGRES_IMAGES").unwrap_or_default();
    let official = "postgres:15,postgres:17";
    let names = if told.is_empty() { official } else { &told };
    names
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect()
}

/// The newest of them.
pub fn postgres_image() -> String {
    postgres_images().pop().unwrap()
}

/// Where the program runs with containers of these images.
pub fn place(postgres: &str) -> Place {
    let mut place = Place::new().env("PARTYWALL_POSTGRES_IMAGE", postgres);
    for name in ["PARTYWALL_REFERENCE_IMAGE", "DOCKER_HOST"] {
        if let Ok(value) = std::env::var(name) {
            place = place.env(name, &value);
        }
    }
    place
}

/// Writes a description of the reference application that is started by these lines.
pub fn describe(place: &Place, by: &str) {
    place.describe(|text| {
        let lines = text.lines();
        let lines = lines.map(|line| if line.starts_with("start ") { by } else { line });
        lines.collect::<Vec<_>>().join("\n")
    });
}

/// What runs of a process have left in the engine: containers, networks and volumes with its number in their names.
pub fn left(pid: u32) -> Vec<String> {
    let lists: [&[&str]; 3] = [
        &["ps", "--all", "--format", "{{.Names}}"],
        &["network", "ls", "--format", "{{.Name}}"],
        &["volume", "ls", "--format", "{{.Name}}"],
    ];
    let names = lists.iter().flat_map(|list| {
        let listed = Command::new("docker").args(*list).output();
        let listed = listed.expect("a container engine: apt-get install docker.io");
        assert!(
            listed.status.success(),
            "the container engine does not answer: {}",
            String::from_utf8_lossy(&listed.stderr)
        );
        let text = String::from_utf8_lossy(&listed.stdout).into_owned();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    let mine = |name: &String| name.starts_with("partywall-") && name.contains(&format!("-{pid}-"));
    names.filter(mine).collect()
}
