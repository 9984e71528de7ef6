//! What a description's values must mean beyond their type: calls, sources, addresses, regular expressions, names.

mod analytics;
mod running;

use crate::target::address::check_address;
use crate::target::description::{Description, Login, Step};
use crate::target::route::parse_route;
use crate::target::take::check_source;

use super::problem::Problem;
use super::source::Source;

/// Algorithms that partywall signs tokens with.
const ALGORITHMS: [&str; 3] = ["HS256", "HS384", "HS512"];

/// Everything whose meaning is wrong.
pub(super) fn problems(description: &Description, source: &Source) -> Vec<Problem> {
    let mut check = Check {
        source,
        problems: Vec::new(),
    };
    check.target(description);
    check.database(description);
    check.routes(description);
    check.tenant(description);
    for (index, login) in description.login.iter().enumerate() {
        check.login(login, &format!("login[{index}]"));
    }
    check.seed(description);
    check.promises(description);
    check.analytics(description);
    check.bounds(description);
    check.problems
}

struct Check<'a> {
    source: &'a Source,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn say(&mut self, key: &str, message: impl Into<String>) {
        self.problems.push(self.source.problem(key, message, None));
    }

    fn routes(&mut self, description: &Description) {
        for (index, listed) in description.routes.list.iter().enumerate() {
            let key = format!("routes.list[{index}]");
            if parse_route(&listed.route).is_none() {
                let message = format!(
                    "`{}` is no route; write `METHOD /path/{{name}}`",
                    listed.route
                );
                self.say(&format!("{key}.route"), message);
            }
            let bodies = [
                listed.json.is_some(),
                listed.form.is_some(),
                listed.multipart.is_some(),
            ];
            if bodies.iter().filter(|b| **b).count() > 1 {
                self.say(&key, "a route has one body: `json`, `form` or `multipart`");
            }
        }
        for (name, to) in &description.routes.bind {
            if !to.starts_with('=') && !to.contains('.') {
                let message =
                    format!("`{to}` is neither `table.column` nor a fixed value written `={to}`");
                self.say(&format!("routes.bind.{name}"), message);
            }
        }
    }

    fn tenant(&mut self, description: &Description) {
        let tenant = &description.tenant;
        if let Some(Err(error)) = tenant.address.as_deref().map(check_address) {
            self.say("tenant.address", error.to_string());
        }
        if let Some(sees) = tenant.sees.as_deref().filter(|s| *s != "children") {
            self.say(
                "tenant.sees",
                format!("`{sees}` is unknown; `children` is what can be said"),
            );
        }
        if tenant.sees.is_some() && tenant.parent.is_none() {
            self.say(
                "tenant.sees",
                "`sees` needs `parent`, the column that names a tenant's parent",
            );
        }
        if let Some(membership) = &tenant.membership {
            let columns = membership
                .split_once('(')
                .and_then(|(_, rest)| rest.strip_suffix(')'));
            let count =
                columns.map_or(0, |c| c.split(',').filter(|c| !c.trim().is_empty()).count());
            if !(2..=3).contains(&count) {
                let message = format!(
                    "`{membership}` is no membership; write `table(user_column, tenant_column, role_column)`"
                );
                self.say("tenant.membership", message);
            }
        }
    }

    fn login(&mut self, login: &Login, key: &str) {
        let ways = login.jwt.is_some()
            || !login.step.is_empty()
            || login.oauth.is_some()
            || login.basic
            || login.api_key.is_some()
            || login.cookie.is_some()
            || !login.headers.is_empty();
        if !ways {
            self.say(
                key,
                "this log-in gives no credential; set `step`, `jwt`, `oauth`, `basic`, `api_key`, `cookie` or `headers`",
            );
        }
        self.steps(&login.step, &format!("{key}.step"));
        if let Some(jwt) = &login.jwt {
            let algorithm = jwt.algorithm.as_deref().unwrap_or("HS256");
            if !ALGORITHMS.contains(&algorithm) {
                let message = format!("`{algorithm}` is none of {}", ALGORITHMS.join(", "));
                self.say(&format!("{key}.jwt.algorithm"), message);
            }
            self.header(
                jwt.header.as_deref(),
                "{token}",
                &format!("{key}.jwt.header"),
            );
        }
        if let Some(api_key) = &login.api_key {
            self.header(
                api_key.header.as_deref(),
                "{key}",
                &format!("{key}.api_key.header"),
            );
        }
        if let Some(path) = login.oauth.as_deref().filter(|p| !is_target(p)) {
            self.say(
                &format!("{key}.oauth"),
                format!("`{path}` is no path; write `/oauth/token`"),
            );
        }
        if let Some(csrf) = &login.csrf {
            let taken = login.step.iter().any(|s| s.take.contains_key(&csrf.from));
            let from = csrf.from.as_str();
            if !(taken || from.starts_with("cookie:") || from.starts_with("header:")) {
                let message = format!(
                    "no step takes `{from}`; write `cookie:NAME`, `header:NAME`, or take it"
                );
                self.say(&format!("{key}.csrf.from"), message);
            }
        }
    }

    fn header(&mut self, header: Option<&str>, mark: &str, key: &str) {
        let fits = |h: &str| {
            h.split_once(':')
                .is_some_and(|(_, value)| value.contains(mark))
        };
        if let Some(header) = header.filter(|h| !fits(h)) {
            self.say(
                key,
                format!("`{header}` is no header; write `Name: {mark}`"),
            );
        }
    }

    fn steps(&mut self, steps: &[Step], key: &str) {
        for (index, step) in steps.iter().enumerate() {
            let key = format!("{key}[{index}]");
            let parts = step.call.trim().split_once(char::is_whitespace);
            let fits = parts.is_some_and(|(method, path)| {
                method.chars().all(|c| c.is_ascii_alphabetic()) && is_target(path.trim())
            });
            if !fits {
                let message = format!("`{}` is no call; write `METHOD /path`", step.call);
                self.say(&format!("{key}.call"), message);
            }
            if step.json.is_some() && step.form.is_some() {
                self.say(&key, "a step has one body: `json` or `form`");
            }
            for (name, from) in &step.take {
                if let Err(problem) = check_source(from) {
                    self.say(&format!("{key}.take.{name}"), problem);
                }
            }
            for (at, status) in step.status.iter().enumerate() {
                if !(100..600).contains(status) {
                    self.say(
                        &format!("{key}.status[{at}]"),
                        format!("{status} is no http status"),
                    );
                }
            }
        }
    }

    fn seed(&mut self, description: &Description) {
        let seed = &description.seed;
        self.steps(&seed.register, "seed.register");
        self.steps(&seed.create_tenant, "seed.create_tenant");
        self.steps(&seed.add_member, "seed.add_member");
        self.steps(&seed.calls, "seed.calls");
        let makes = [
            ("register", &seed.register),
            ("create_tenant", &seed.create_tenant),
            ("add_member", &seed.add_member),
        ];
        for (name, _) in makes.iter().filter(|(_, steps)| !steps.is_empty()) {
            if seed.existing {
                let message = format!(
                    "`existing` takes tenants and users as they are, and `seed.{name}` makes some: leave one of them out"
                );
                self.say("seed.existing", message);
            }
        }
        let keys = seed.words.keys().map(|k| ("seed.words", k));
        for (table, name) in keys.chain(seed.values.keys().map(|k| ("seed.values", k))) {
            if !name.contains('.') {
                self.say(
                    &format!("{table}.{name}"),
                    format!("`{name}` is no `table.column`"),
                );
            }
        }
        for (name, _) in seed.words.iter().filter(|(_, words)| words.is_empty()) {
            self.say(
                &format!("seed.words.{name}"),
                "a column needs at least one word",
            );
        }
    }

    fn promises(&mut self, description: &Description) {
        for (name, promise) in &description.expect {
            let key = format!("expect.{name}");
            if !name.contains('.') && name != "*" {
                let message = format!("`{name}` is no attack; write `family.name` or `{name}.*`");
                self.say(&key, message);
            }
            if promise.is_empty() {
                self.say(
                    &key,
                    "it promises nothing; give a `status`, or words of the `body`",
                );
            }
        }
    }

    fn bounds(&mut self, description: &Description) {
        if description
            .max_inconclusive
            .is_some_and(|percent| percent > 100)
        {
            self.say("max_inconclusive", "a percentage is at most 100");
        }
        if description
            .max_unreached
            .is_some_and(|percent| percent > 100)
        {
            self.say("max_unreached", "a percentage is at most 100");
        }
        if description.limits.concurrency == Some(0) {
            self.say("limits.concurrency", "at least one call must be in flight");
        }
        if description.limits.workers == Some(0) {
            self.say("limits.workers", "at least one target must be attacked");
        }
    }
}

/// A path, a URL, or a link that was taken.
fn is_target(text: &str) -> bool {
    text.starts_with('/') || text.starts_with('{') || text.contains("://")
}
