//! Log-ins and seeding steps as a state machine without I/O: it says what it needs next, and is given the answer.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use crate::model::call::Wire;
use crate::model::exchange::Response;
use crate::model::tenant::{Actor, Tenant};

use super::credential::{password_grant, user_values};
use super::description::{Login, Step};
use super::error::TargetError;
use super::forge::Signing;
use super::key;
use super::placeholder::{Values, fill, fill_escaped};
use super::render::{Target, tenant_values};
use super::session::{CsrfToken, Session};
use super::step::{self, Sources};

/// What a recipe needs next.
#[derive(Debug)]
pub enum Need {
    /// Send this, and give the response.
    Send(Wire),
    /// Ask the database for one text value. Holds values, and is not to be shown.
    Query(String),
    /// Run this in the database; the answer is `Value(None)`. May hold a credential, and is not to be shown.
    Execute(String),
    /// It is done. For seeding steps, what was taken is in `taken`.
    Done(Session),
}

/// The answer to a need.
#[derive(Debug)]
pub enum Answer {
    /// To `Send`.
    Response(Response),
    /// To `Query` and `Execute`.
    Value(Option<String>),
}

impl Answer {
    fn name(&self) -> &'static str {
        match self {
            Self::Response(_) => "a response",
            Self::Value(_) => "a value",
        }
    }
}

/// A log-in or a sequence of seeding steps under way.
#[derive(Clone)]
pub struct Recipe {
    pub(super) target: Target,
    pub(super) login: Login,
    /// What messages call it: `login[0]`, `step`.
    pub(super) at: String,
    pub(super) tenant: Option<Tenant>,
    pub(super) session: Session,
    pub(super) values: Values,
    pub(super) queue: VecDeque<Task>,
    pub(super) waiting: Waiting,
}

/// What is left to do.
#[derive(Clone)]
pub(super) enum Task {
    Jwt,
    Key,
    Basic,
    Step {
        step: Step,
        at: String,
    },
    Query {
        name: String,
        sql: String,
        at: String,
    },
    Cookie,
    Headers,
}

/// Which answer is awaited.
#[derive(Clone, Default)]
pub(super) enum Waiting {
    #[default]
    Nothing,
    Response(Box<Sent>),
    Value {
        name: String,
        at: String,
    },
    Executed,
}

/// A step whose call was sent.
#[derive(Clone)]
pub(super) struct Sent {
    step: Step,
    at: String,
    sources: Sources,
    wire: Wire,
}

impl fmt::Debug for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipe")
            .field("at", &self.at)
            .field("left", &self.queue.len())
            .finish_non_exhaustive()
    }
}

impl Recipe {
    /// The log-in of an actor at a tenant.
    pub fn login(
        target: &Target,
        login: &Login,
        actor: &Actor,
        tenant: Option<&Tenant>,
    ) -> Result<Self, TargetError> {
        let at = format!("login[{}]", index_of(target, login));
        let mut recipe = Self::new(target, login.clone(), at, tenant);
        recipe.values.extend(&user_values(target, actor));
        recipe.session.signing = recipe.signing()?;
        recipe.session.csrf = login
            .csrf
            .clone()
            .map(|rule| CsrfToken { rule, value: None });
        recipe.queue = recipe.tasks();
        Ok(recipe)
    }

    /// Seeding steps, with the credentials of `session` and what earlier steps took as `values`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers make the values for this one use"
    )]
    pub fn steps(
        target: &Target,
        steps: &[Step],
        session: Option<Session>,
        values: Values,
        tenant: Option<&Tenant>,
    ) -> Self {
        let at = list_of(target, steps);
        let mut recipe = Self::new(target, Login::default(), at.to_owned(), tenant);
        recipe.values.extend(&values);
        recipe.session = session.unwrap_or_default();
        recipe.session.taken = Values::new();
        recipe.queue = numbered(steps, at);
        recipe
    }

    fn new(target: &Target, login: Login, at: String, tenant: Option<&Tenant>) -> Self {
        let mut values = target.values.clone();
        values.insert("random", key::random());
        values.insert("uuid", uuid::Uuid::new_v4().to_string());
        if let Some(tenant) = tenant {
            values.extend(&tenant_values(tenant));
        }
        let session = Session {
            tenant: tenant.map(|t| t.key.clone()),
            ..Session::default()
        };
        Self {
            target: target.clone(),
            login,
            at,
            tenant: tenant.cloned(),
            session,
            values,
            queue: VecDeque::new(),
            waiting: Waiting::Nothing,
        }
    }

    /// What partywall makes itself comes first, so that steps may use it; then calls; then what may use their results.
    fn tasks(&self) -> VecDeque<Task> {
        let mut tasks = VecDeque::new();
        let login = &self.login;
        tasks.extend(login.jwt.is_some().then_some(Task::Jwt));
        tasks.extend(login.api_key.is_some().then_some(Task::Key));
        tasks.extend(login.basic.then_some(Task::Basic));
        if let Some(path) = &login.oauth {
            let at = format!("{}.oauth", self.at);
            tasks.push_back(Task::Step {
                step: password_grant(path),
                at,
            });
        }
        tasks.extend(numbered(&login.step, &format!("{}.step", self.at)));
        tasks.extend(login.cookie.is_some().then_some(Task::Cookie));
        tasks.extend((!login.headers.is_empty()).then_some(Task::Headers));
        tasks
    }

    /// How the log-in's tokens are signed, as far as the description says.
    fn signing(&self) -> Result<Option<Signing>, TargetError> {
        let secret = self.login.signing.as_ref();
        let secret = secret.or(self.login.jwt.as_ref().map(|jwt| &jwt.secret));
        let filled = |template: Option<&String>, key: &str| {
            let wrap = TargetError::placeholder(format!("{}.{key}", self.at));
            template
                .map(|t| fill(t, &self.values))
                .transpose()
                .map_err(wrap)
        };
        let signing = Signing {
            secret: filled(secret, "signing")?,
            public_key: filled(self.login.public_key.as_ref(), "public_key")?,
        };
        Ok((signing != Signing::default()).then_some(signing))
    }

    /// Takes the answer to the last need (`None` at first), and says what is needed next.
    pub fn next(&mut self, answer: Option<Answer>) -> Result<Need, TargetError> {
        self.accept(answer)?;
        while let Some(task) = self.queue.pop_front() {
            if let Some(need) = self.perform(task)? {
                return Ok(need);
            }
        }
        self.session.expired_cookie = self.expired_cookie()?;
        Ok(Need::Done(self.session.clone()))
    }

    fn accept(&mut self, answer: Option<Answer>) -> Result<(), TargetError> {
        match (std::mem::take(&mut self.waiting), answer) {
            (Waiting::Nothing, None) | (Waiting::Executed, Some(Answer::Value(_))) => Ok(()),
            (Waiting::Response(sent), Some(Answer::Response(response))) => {
                let Sent {
                    step,
                    at,
                    sources,
                    wire,
                } = *sent;
                self.session.absorb(&wire, &response);
                step::check(&step, &at, &response, &self.values)?;
                let mut taken = BTreeMap::new();
                let queries =
                    step::take(&step, &sources, &at, &response, &self.session, &mut taken)?;
                for (name, value) in taken {
                    self.keep(&name, value);
                }
                for (name, sql) in queries.into_iter().rev() {
                    let at = format!("{at}.take.{name}");
                    self.queue.push_front(Task::Query { name, sql, at });
                }
                Ok(())
            }
            (Waiting::Value { name, .. }, Some(Answer::Value(Some(value)))) => {
                self.keep(&name, value);
                Ok(())
            }
            (Waiting::Value { at, .. }, Some(Answer::Value(None))) => Err(TargetError::Step {
                at,
                problem: "the query returned no value".to_owned(),
            }),
            (waiting, answer) => Err(TargetError::OutOfOrder {
                wanted: match waiting {
                    Waiting::Nothing => "nothing",
                    Waiting::Response(_) => "a response",
                    Waiting::Value { .. } | Waiting::Executed => "a value",
                },
                given: answer.as_ref().map_or("nothing", Answer::name),
            }),
        }
    }

    /// Keeps a value that a step took.
    pub(super) fn keep(&mut self, name: &str, value: String) {
        if name == "bearer" {
            self.session.bearer = Some(value.clone());
        }
        self.session.taken.insert(name, value.clone());
        self.values.insert(name, value);
    }

    fn perform(&mut self, task: Task) -> Result<Option<Need>, TargetError> {
        match task {
            Task::Jwt => self.mint()?,
            Task::Basic => self.basic()?,
            Task::Cookie => self.sign_cookie()?,
            Task::Headers => self.fill_headers()?,
            Task::Key => return self.insert_key(),
            Task::Query { name, sql, at } => {
                let quote = |value: &str| value.replace('\'', "''");
                let sql = fill_escaped(&sql, &self.values, &quote)
                    .map_err(TargetError::placeholder(&at))?;
                self.waiting = Waiting::Value { name, at };
                return Ok(Some(Need::Query(sql)));
            }
            Task::Step { step, at } => {
                let sources = step::sources(&step, &at, &self.values)?;
                let tenant = self.tenant.as_ref();
                let wire = step::wire(
                    &self.target,
                    &step,
                    &at,
                    tenant,
                    &self.session,
                    &self.values,
                )?;
                let sent = wire.clone();
                self.waiting = Waiting::Response(Box::new(Sent {
                    step,
                    at,
                    sources,
                    wire,
                }));
                return Ok(Some(Need::Send(sent)));
            }
        }
        Ok(None)
    }
}

/// Which of the description's log-ins it is: told by its content, for callers may hold a copy.
fn index_of(target: &Target, login: &Login) -> usize {
    let content = |login: &Login| serde_json::to_value(login).ok();
    let wanted = content(login);
    let same = |other: &Login| content(other) == wanted;
    target
        .description
        .login
        .iter()
        .position(same)
        .unwrap_or_default()
}

/// Which of the description's lists of seeding steps these are: told by their content, too.
fn list_of(target: &Target, steps: &[Step]) -> &'static str {
    let seed = &target.description.seed;
    let lists = [
        ("seed.register", &seed.register),
        ("seed.create_tenant", &seed.create_tenant),
        ("seed.add_member", &seed.add_member),
        ("seed.calls", &seed.calls),
    ];
    let wanted = serde_json::to_value(steps).ok();
    let same = |list: &&(&str, &Vec<Step>)| serde_json::to_value(list.1).ok() == wanted;
    lists.iter().find(same).map_or("step", |(at, _)| at)
}

fn numbered(steps: &[Step], at: &str) -> VecDeque<Task> {
    let steps = steps.iter().enumerate();
    steps
        .map(|(index, step)| Task::Step {
            step: step.clone(),
            at: format!("{at}[{index}]"),
        })
        .collect()
}

#[cfg(test)]
#[path = "recipe_tests.rs"]
mod tests;
