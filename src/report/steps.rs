//! What people did in a browser, a line an action, for somebody who wants to do it again by hand.

use crate::model::browsing::{Action, Address};

use super::names::Names;

/// The actions in order.
pub fn steps(actions: &[Action], names: &Names<'_>) -> Vec<String> {
    actions.iter().map(|action| step(action, names)).collect()
}

fn step(action: &Action, names: &Names<'_>) -> String {
    match action {
        Action::Device(number) => format!("at device {}:", number + 1),
        Action::Tab(number) => format!("go to tab {}", number + 1),
        Action::LogIn { actor, tenant, at } => {
            let whose = match at {
                Address::Own => "its own address",
                Address::Shared => "the shared address",
            };
            format!("{actor} logs in to {}, at {whose}", names.tenant(tenant))
        }
        Action::LogOut => "log out".to_owned(),
        Action::Switch(tenant) => format!("switch to {}", names.tenant(tenant)),
        Action::SwitchForged(tenant) => format!(
            "switch to {}, which the page does not offer: the form's value is changed in the page",
            names.tenant(tenant)
        ),
        Action::Open { page, tenant } => {
            format!("open page {}{}", page + 1, of(tenant.as_deref(), names))
        }
        Action::Tour(tenant) => format!(
            "open every page{}, and some that they link to",
            of(tenant.as_deref(), names)
        ),
        Action::Draft => "keep a draft that says something of what is shown".to_owned(),
        Action::Fill(form) => format!("fill in form {}", form + 1),
        Action::Submit(form) => format!("send form {}", form + 1),
        Action::Back => "go back".to_owned(),
        Action::Forward => "go forward".to_owned(),
        Action::Reload => "load the page again".to_owned(),
        Action::Offline => "lose the network".to_owned(),
        Action::Online => "have the network again".to_owned(),
    }
}

fn of(tenant: Option<&str>, names: &Names<'_>) -> String {
    tenant.map_or_else(String::new, |key| {
        format!(" at {}'s address", names.tenant(key))
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn actions_name_actors_and_tenants_as_people_do() {
        let report = sample::report();
        let names = Names {
            schema: &report.schema,
            tenants: &report.tenants,
        };
        let tenant = &report.tenants[1];
        let told = steps(
            &[
                Action::Device(0),
                Action::LogIn {
                    actor: "acme.admin".into(),
                    tenant: tenant.key.clone(),
                    at: Address::Shared,
                },
                Action::Tour(Some(tenant.key.clone())),
                Action::Submit(0),
            ],
            &names,
        );
        let label = &tenant.label;
        assert_eq!(told[0], "at device 1:");
        assert_eq!(
            told[1],
            format!("acme.admin logs in to {label}, at the shared address")
        );
        assert_eq!(
            told[2],
            format!("open every page at {label}'s address, and some that they link to")
        );
        assert_eq!(told[3], "send form 1");
    }
}
