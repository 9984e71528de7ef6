//! `browser.second-device`: a switch at another device.

use super::Cast;
use crate::attack::{Attack, Scope};
use crate::model::browsing::{Action, Script};

/// Somebody of two tenants switches at one device and goes on at the other.
pub struct SecondDevice;

const DOC: &str = r"## What it does
A member of two tenants works in one of them at two devices, switches at the second, and goes on at the first, which must go
on in the tenant that it shows.

## Why teams fall for it
The active tenant is one value of the user's row, for all tabs and devices (RL-84).

## A correct target
Keeps the active tenant in the session, or in the address.

## Example
    GET /dashboard     at the desk, after the telephone has switched to bolt: bolt's
";

impl Attack for SecondDevice {
    fn id(&self) -> &'static str {
        "browser.second-device"
    }

    fn title(&self) -> &'static str {
        "somebody of two tenants switches at one device and goes on at the other"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn scripts(&self, cast: &Cast<'_>) -> Vec<Script> {
        let several = cast.several.iter();
        let script = several.map(|several| {
            let log_in = Cast::log_in(several.at_home(), cast.meeting_place());
            Script {
                variant: "a switch at the other".to_owned(),
                victim: several.there.key.clone(),
                actions: vec![
                    Action::Device(0),
                    log_in.clone(),
                    Action::Tour(None),
                    Action::Device(1),
                    log_in,
                    Action::Switch(several.there.key.clone()),
                    Action::Tour(None),
                    Action::Device(0),
                    Action::Tour(None),
                ],
            }
        });
        script.collect()
    }
}
