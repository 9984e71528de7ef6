//! What becomes of a Compose file: the target's service gets our environment, network and port; fixed ports and names go.

use serde_yaml_ng::{Mapping, Value};

use crate::target::names::nearest;
use crate::world::container::LABEL;

/// What is put in.
#[derive(Debug)]
pub struct Rewrite<'a> {
    /// The target's service.
    pub service: &'a str,
    /// Its environment, over its own.
    pub env: Vec<(String, String)>,
    /// The network of the database's container, which it joins.
    pub network: &'a str,
    /// The run's prefix, a label of every service.
    pub prefix: &'a str,
    /// The port that it listens on.
    pub inside: u16,
    /// The port of 127.0.0.1 that leads there.
    pub outside: u16,
    /// What images are called that the file builds without naming them, but for `-SERVICE`.
    pub images: &'a str,
}

/// The network's name within the file.
const NETWORK: &str = "partywall";

/// The file as it is started; or what is wrong with it.
pub fn rewritten(text: &str, wanted: &Rewrite<'_>) -> Result<String, String> {
    let mut file: Mapping = serde_yaml_ng::from_str(text).map_err(|error| error.to_string())?;
    file.remove("name");
    for section in ["networks", "volumes"] {
        let named = file.get_mut(section).and_then(Value::as_mapping_mut);
        for (_, entry) in named.into_iter().flatten() {
            if let Some(entry) = entry.as_mapping_mut()
                && !entry.contains_key("external")
            {
                entry.remove("name");
            }
        }
    }
    let services = file
        .get_mut("services")
        .and_then(Value::as_mapping_mut)
        .ok_or("it has no services")?;
    let names: Vec<String> = services
        .keys()
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect();
    if !names.iter().any(|name| name == wanted.service) {
        let near = nearest(wanted.service, names.iter().map(String::as_str));
        let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        return Err(format!(
            "it has no service `{}`, but {}{near}",
            wanted.service,
            names.join(", ")
        ));
    }
    for (name, service) in services.iter_mut() {
        let (Some(name), Some(service)) = (name.as_str(), service.as_mapping_mut()) else {
            return Err("a service has no name, or says nothing".to_owned());
        };
        service.remove("ports");
        service.remove("container_name");
        put(service, "labels", LABEL, wanted.prefix);
        if service.contains_key("build") && !service.contains_key("image") {
            let image = format!("{}-{name}", wanted.images);
            service.insert("image".into(), image.into());
        }
        if name == wanted.service {
            ours(service, wanted);
        }
    }
    let networks = file
        .entry("networks".into())
        .or_insert_with(|| Mapping::new().into());
    let mut external = Mapping::new();
    external.insert("external".into(), true.into());
    external.insert("name".into(), wanted.network.into());
    if let Some(networks) = networks.as_mapping_mut() {
        networks.insert(NETWORK.into(), external.into());
    }
    serde_yaml_ng::to_string(&file).map_err(|error| error.to_string())
}

/// The target's service.
fn ours(service: &mut Mapping, wanted: &Rewrite<'_>) {
    for (name, value) in &wanted.env {
        put(service, "environment", name, value);
    }
    let port = format!("127.0.0.1:{}:{}", wanted.outside, wanted.inside);
    service.insert("ports".into(), vec![Value::from(port)].into());
    match service.get_mut("networks") {
        Some(Value::Mapping(networks)) => {
            networks.insert(NETWORK.into(), Value::Null);
        }
        Some(Value::Sequence(networks)) => networks.push(NETWORK.into()),
        _ => {
            let both = vec![Value::from("default"), Value::from(NETWORK)];
            service.insert("networks".into(), both.into());
        }
    }
}

/// Puts a name and a value into a section that is a mapping or a list of `NAME=VALUE`. A dollar sign would be a reference.
fn put(service: &mut Mapping, section: &str, name: &str, value: &str) {
    let value = value.replace('$', "$$");
    match service.get_mut(section) {
        Some(Value::Sequence(lines)) => {
            let own = |line: &Value| {
                let line = line.as_str().unwrap_or_default();
                line == name || line.starts_with(&format!("{name}="))
            };
            lines.retain(|line| !own(line));
            lines.push(format!("{name}={value}").into());
        }
        Some(Value::Mapping(entries)) => {
            entries.insert(name.into(), value.into());
        }
        _ => {
            let mut entries = Mapping::new();
            entries.insert(name.into(), value.into());
            service.insert(section.into(), entries.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(service: &str) -> Rewrite<'_> {
        Rewrite {
            service,
            env: vec![("DATABASE_URL".to_owned(), "postgres://a$b".to_owned())],
            network: "run-net",
            prefix: "run",
            inside: 3000,
            outside: 40001,
            images: "partywall/compose-shop",
        }
    }

    #[test]
    fn the_service_gets_our_database_network_and_port() {
        let before = "
services:
  web:
    build: .
    ports: ['8080:3000']
    container_name: web
    environment: [DATABASE_URL=postgres://db/own, KEPT=1]
  db: {image: 'postgres:17', ports: ['5432:5432']}
networks: {default: {name: shop_default}}
volumes: {data: {name: shop_data}, theirs: {external: true, name: theirs}}
";
        let after = rewritten(before, &wanted("web")).expect("rewritten");
        let after: Value = serde_yaml_ng::from_str(&after).expect("yaml");
        let web = &after["services"]["web"];
        let env = web["environment"].as_sequence().expect("a list");
        assert_eq!(env, &["KEPT=1", "DATABASE_URL=postgres://a$$b"]);
        assert_eq!(web["ports"][0], "127.0.0.1:40001:3000");
        assert_eq!(web["networks"][1], "partywall");
        assert_eq!(web["image"], "partywall/compose-shop-web");
        assert!(web.get("container_name").is_none());
        assert!(after["services"]["db"].get("ports").is_none());
        assert_eq!(after["services"]["db"]["labels"][LABEL], "run");
        assert_eq!(after["networks"]["partywall"]["name"], "run-net");
        assert!(after["networks"]["default"].get("name").is_none());
        assert!(after["volumes"]["data"].get("name").is_none());
        assert_eq!(after["volumes"]["theirs"]["name"], "theirs");
    }

    #[test]
    fn an_unknown_service_is_told_with_the_nearest() {
        let error = rewritten("services: {web: {image: a}}", &wanted("wbe")).expect_err("refused");
        assert!(error.contains("did you mean `web`"), "{error}");
        assert!(rewritten("networks: {}", &wanted("web")).is_err());
    }
}
