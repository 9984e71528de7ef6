//! A listener that is told no secrets: what a description takes from the environment may stand in any line that it says.

use crate::model::event::{Event, Listener};
use crate::model::secret::Secrets;
use crate::settings::Settings;

/// Passes events on with the settings' secrets masked.
pub struct Masked<'a> {
    listener: &'a dyn Listener,
    secrets: Secrets,
}

impl<'a> Masked<'a> {
    /// In front of a listener.
    pub fn new(listener: &'a dyn Listener, settings: &Settings) -> Self {
        Self {
            listener,
            secrets: settings.known_secrets(),
        }
    }
}

impl Listener for Masked<'_> {
    fn on(&self, event: &Event) {
        match event.masked(&self.secrets) {
            Some(masked) => self.listener.on(&masked),
            None => self.listener.on(event),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::settings::Overrides;

    #[derive(Default)]
    struct Heard(Mutex<Vec<String>>);

    impl Listener for Heard {
        fn on(&self, event: &Event) {
            if let Event::Note(said) | Event::Warning(said) = event {
                self.0.lock().expect("not poisoned").push(said.clone());
            }
        }
    }

    #[test]
    fn what_comes_from_the_environment_is_not_told() {
        let text = "[target]\nstart = \"app --licence {env.LICENCE} {port}\"\n";
        let environment = |name: &str| (name == "LICENCE").then(|| "lic-0123456789".to_owned());
        let settings = Settings::parse("p", text, Overrides::default(), &environment).unwrap();
        let heard = Heard::default();
        let masked = Masked::new(&heard, &settings);
        masked.on(&Event::Note("set-up: app lic-0123456789".into()));
        masked.on(&Event::Warning("nothing to hide".into()));
        let heard = heard.0.into_inner().expect("not poisoned");
        assert_eq!(heard, ["set-up: app <secret>", "nothing to hide"]);
    }
}
