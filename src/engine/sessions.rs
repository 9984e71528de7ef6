//! The sessions that stand, and the credentials of all that ever stood: an answer may hold one of a session long gone.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::secret::Secrets;
use crate::model::tenant::{ActorId, TenantKey};
use crate::target::session::Session;

/// Whose session it is, and where it was logged in.
pub type Whose = (ActorId, Option<TenantKey>);

/// The sessions that stand, and the credentials of all that ever stood.
#[derive(Default)]
pub struct Sessions {
    standing: HashMap<Whose, Arc<Session>>,
    credentials: Secrets,
}

impl Sessions {
    /// The session that stands.
    pub fn get(&self, whose: &Whose) -> Option<Arc<Session>> {
        self.standing.get(whose).cloned()
    }

    /// Takes in a session.
    pub fn keep(&mut self, whose: Whose, session: Session) -> Arc<Session> {
        self.credentials.extend(session.secrets());
        let session = Arc::new(session);
        self.standing.insert(whose, session.clone());
        session
    }

    /// Changes the session that stands, by what an answer brought.
    pub fn renew(&mut self, whose: &Whose, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.standing.get_mut(whose) {
            change(Arc::make_mut(session));
            self.credentials.extend(session.secrets());
        }
    }

    /// Forgets a session; false where none stood.
    pub fn remove(&mut self, whose: &Whose) -> bool {
        self.standing.remove(whose).is_some()
    }

    /// Forgets every session of an actor.
    pub fn forget(&mut self, actor: &ActorId) {
        self.standing.retain(|(whose, _), _| whose != actor);
    }

    /// Forgets all sessions.
    pub fn clear(&mut self) {
        self.standing.clear();
    }

    /// Notes credentials of sessions that others held.
    pub fn note(&mut self, credentials: &Secrets) {
        self.credentials.extend(credentials.iter());
    }

    /// The credentials of all sessions that ever stood.
    pub fn credentials(&self) -> &Secrets {
        &self.credentials
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(bearer: &str) -> Session {
        Session {
            bearer: Some(bearer.to_owned()),
            ..Session::default()
        }
    }

    #[test]
    fn a_credential_stays_a_secret_after_its_session() {
        let mut sessions = Sessions::default();
        let whose = |name: &str| (ActorId::from(name), None);
        sessions.keep(whose("a"), session("first-token"));
        sessions.keep(whose("a"), session("second-token"));
        sessions.keep(whose("b"), session("third-token"));
        sessions.renew(&whose("b"), |s| s.bearer = Some("fourth-token".into()));
        assert!(sessions.remove(&whose("a")) && !sessions.remove(&whose("a")));
        sessions.clear();
        assert!(sessions.get(&whose("b")).is_none());
        let said = "first-token second-token third-token fourth-token fifth-token";
        assert_eq!(
            sessions.credentials().scrub(said.to_owned()),
            "<secret> <secret> <secret> <secret> fifth-token"
        );
    }
}
