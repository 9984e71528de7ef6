//! The shape of `partywall.toml`: everything that partywall cannot find out about a target.

use crate::model::logged::LogPromise;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::verdict::Severity;

/// Sections that may hold a credential in plain text show none of their values in `Debug` output.
macro_rules! opaque {
    ($($section:ident),*) => {
        $(impl fmt::Debug for $section {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($section)).finish_non_exhaustive()
            }
        })*
    };
}

mod analytics;
mod browser;
mod login;
mod promise;
mod seed;

pub use analytics::{Analytics, Check};
pub use browser::{Browser, PageForm};
pub use login::{ApiKey, Csrf, Jwt, Login, SignedCookie, Step};
pub use promise::{Promise, Statuses};
pub use seed::{Seed, day};

opaque!(Description, Target, Service, Database);

/// A target description.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Description {
    /// How the target starts and what a correct request needs.
    pub target: Target,
    /// Programs that must run beside it.
    pub service: Vec<Service>,
    /// The database: where Postgres comes from, roles, set-up.
    pub database: Database,
    /// Its routes.
    pub routes: Routes,
    /// Where tenants live and how they are addressed.
    pub tenant: TenantSection,
    /// Where users live and which roles they have.
    pub user: UserSection,
    /// How actors get credentials; the first that fits an actor is used.
    pub login: Vec<Login>,
    /// Where rows come from.
    pub seed: Seed,
    /// How fast the target may be called.
    pub limits: Limits,
    /// Promises: attack id or `family.*` to what its calls are answered.
    pub expect: BTreeMap<String, Promise>,
    /// What the target promises to log of each request: a line of JSON that says whose it was.
    pub log: Option<LogPromise>,
    /// Its pages, as people use them in a browser.
    pub browser: Option<Browser>,
    /// Aggregates: which routes answer with them, and what they must be.
    pub analytics: Analytics,
    /// The severity that fails a run. Default `low`.
    pub fail_on: Option<Severity>,
    /// Inconclusive cases in percent of all that may be before the run exits with 3. Default 100: never.
    pub max_inconclusive: Option<u8>,
    /// Routes in percent that may never work for their rightful tenants before the run exits with 3. Default 50.
    pub max_unreached: Option<u8>,
}

/// How the target starts.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Target {
    /// What reports call it. Default: the folder's name.
    pub name: Option<String>,
    /// The folder that commands run in, relative to this file. Default: the file's own.
    pub dir: Option<PathBuf>,
    /// Commands run once, before the first start; skipped when `setup_done` exists.
    pub setup: Vec<String>,
    /// A path; where it exists, `setup` has been done.
    pub setup_done: Option<PathBuf>,
    /// The command that starts it; `{port}` is where it must listen. Split as a shell splits words, run without one.
    pub start: Option<String>,
    /// The image that it is started from, in place of a program of this machine; `start`, where given, is the command in the
    /// container, and `env` its environment. Postgres then runs in a container, too, on the same network.
    pub image: Option<String>,
    /// A Compose file one of whose services is the target, in place of `start`: that service gets `env` over its own, and our
    /// database with it; what it depends on is started beside it.
    pub compose: Option<PathBuf>,
    /// That service.
    pub service: Option<String>,
    /// The port that it listens on in its container. Default: it is told `{port}`.
    pub port: Option<u16>,
    /// The URL of a target that runs already, in place of `start`.
    pub url: Option<String>,
    /// When it is ready. Default: its port accepts connections.
    pub ready: Option<Ready>,
    /// How long that may take, in seconds. Default 60.
    pub ready_timeout: Option<u64>,
    /// Its environment: nothing is inherited but PATH, HOME, LANG and TZ.
    pub env: BTreeMap<String, String>,
    /// Headers that every correct request carries, e.g. `Origin`.
    pub headers: BTreeMap<String, String>,
    /// Hosts beside loopback that may be called. Anything else is refused.
    pub allow_hosts: Vec<String>,
}

impl Target {
    /// Whether it runs in a container, and reaches a database in another one alone.
    pub fn is_contained(&self) -> bool {
        self.image.is_some() || self.compose.is_some()
    }
}

/// A condition to wait for.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Ready {
    /// A path that answers below 500.
    Path(String),
    /// A line of its output that matches a regular expression.
    Log {
        /// The expression.
        log: String,
    },
}

/// A program that must run beside the target.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its name: `{service.NAME.port}` is its port.
    pub name: String,
    /// The command that starts it; `{port}` is where it must listen.
    pub start: String,
    /// When it is ready. Default: its port accepts connections.
    #[serde(default)]
    pub ready: Option<Ready>,
    /// Its environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// The database.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `auto` (default), `local`, `container`, `url`, `download`.
    pub backend: Option<String>,
    /// The image of the backend `container`. Default: the official one, `postgres:17`.
    pub image: Option<String>,
    /// A server for the backend `url`: a superuser's, or one who may create roles and databases.
    pub url: Option<String>,
    /// The oldest major version that the target works with.
    pub version: Option<u32>,
    /// Roles beside `app`. `app` is what the target connects as; a role with `owner = true` owns the database.
    pub roles: BTreeMap<String, Role>,
    /// SQL run as superuser in the new database before the target's first start.
    pub setup: Vec<String>,
    /// Extensions that must be there; created before the first start.
    pub extensions: Vec<String>,
    /// The locale that the target needs to sort and compare texts by, as the operating system names it: `de_DE.UTF-8`.
    /// Default: that of a server of yours; `C.UTF-8` on one that partywall starts.
    pub locale: Option<String>,
    /// The time zone of the target's sessions: `Europe/Berlin`. Default: that of a server of yours; `UTC` on one that
    /// partywall starts.
    pub timezone: Option<String>,
}

/// A database role.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Role {
    /// It owns the database and its `public` schema. Without any owner among the roles, `app` is the owner.
    pub owner: bool,
    /// It may bypass row-level security.
    pub bypass_rls: bool,
}

/// The target's routes.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Routes {
    /// An OpenAPI document (3.0 or 3.1, JSON or YAML): a path of the running target, a URL, or a file.
    pub openapi: Option<String>,
    /// Routes that no document tells, or that it tells wrongly: these win.
    pub list: Vec<ListedRoute>,
    /// Route ids or patterns (`GET /docs/*`) whose answers anybody may see.
    pub public: Vec<String>,
    /// Route ids or patterns to leave out, e.g. those that stop the target.
    pub skip: Vec<String>,
    /// What a parameter holds where guessing fails: `issue_id` or `GET /x/{id}#id` to `table.column`, or to a fixed value
    /// written `=value`, in which `{tenant.slug}` and `{tenant.key}` may stand where it is for a path or a query.
    pub bind: BTreeMap<String, String>,
}

/// A route of the list.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListedRoute {
    /// `METHOD /path/{name}`.
    pub route: String,
    /// Query parameters with an example value each.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// An example JSON body.
    #[serde(default)]
    pub json: Option<serde_json::Value>,
    /// Example form fields.
    #[serde(default)]
    pub form: Option<BTreeMap<String, String>>,
    /// Example multipart fields; a value that starts with `@name:` is a file of that name.
    #[serde(default)]
    pub multipart: Option<BTreeMap<String, String>>,
}

/// Where tenants live.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TenantSection {
    /// The tenant table. Default: detected by name and by how many tables point to it.
    pub table: Option<String>,
    /// Its column that tenant columns hold. Default: the primary key.
    pub key: Option<String>,
    /// Its column that addresses hold. Default: `slug`, `subdomain`, `domain`, `handle` where one exists and is unique.
    pub slug: Option<String>,
    /// How calls address a tenant: `http://{slug}.localhost:{port}`, `/orgs/{slug}/…` or `path:{workspace_id}` (the path
    /// parameter of that name, by key or slug), `header:X-Org={slug}`, or `session` (the credential alone). Default: detected.
    pub address: Option<String>,
    /// Table to tenant column or columns (`"transfers" = "from_org, to_org"`), to `global`, or to a foreign-key column that
    /// leads to the owner (`via:issue_id`). What is not said is detected. A table that the target makes on first use may be
    /// named, too.
    pub columns: BTreeMap<String, String>,
    /// The membership table as `table(user_column, tenant_column, role_column)`. Default: detected.
    pub membership: Option<String>,
    /// Rows that anybody may see: `tenant.name`, `post where published`.
    pub public: Vec<String>,
    /// Tables whose rows some tenants share.
    pub share: Vec<Share>,
    /// Columns that may point to rows of any tenant, because somebody has looked and takes it so:
    /// `projects.lead_id`, `comment*.parent_id`.
    pub open_references: Vec<String>,
    /// `children`: a tenant sees the rows of tenants below it.
    pub sees: Option<String>,
    /// The column of the tenant table that names its parent.
    pub parent: Option<String>,
    /// How a tenant is suspended: what is set in its row of the tenant table, in SQL (`status = 'SUSPENDED'`). Set while
    /// `session.suspended` makes a call, and taken back at once.
    pub suspend: Option<String>,
    /// Sessions are bound to one tenant: members of two tenants see one of them at a time.
    pub bound_sessions: bool,
}

/// A table whose rows some tenants share.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The table.
    pub table: String,
    /// The slug of the tenant whose rows they are; all where absent.
    #[serde(default)]
    pub from: Option<String>,
    /// The slug of the tenant that may see them; all where absent.
    #[serde(default)]
    pub to: Option<String>,
    /// SQL over the table's columns; all rows where absent.
    #[serde(rename = "where", default)]
    pub condition: Option<String>,
}

/// Where users live.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UserSection {
    /// The table of users. Default: detected.
    pub table: Option<String>,
    /// Ordinary roles, strongest first, as the database spells them. Default: the words of the role column.
    pub roles: Vec<String>,
    /// Roles that may see more than their tenant: never attackers.
    pub privileged: Vec<String>,
    /// The column that holds the log-in name. Default: `email`, `username`, `login`.
    pub login: Option<String>,
    /// The column that holds the password's hash. Default: detected.
    pub password: Option<String>,
}

/// How fast the target may be called.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls a minute.
    pub requests_per_minute: Option<u32>,
    /// Log-ins a minute.
    pub logins_per_minute: Option<u32>,
    /// Calls in flight. Default 4.
    pub concurrency: Option<usize>,
    /// How many targets are attacked side by side, each on a clone of its own: at most one a processor. They share the
    /// target's folder. Default 1.
    pub workers: Option<usize>,
    /// Seconds before a call counts as unanswered. Default 10.
    pub timeout: Option<u64>,
    /// Bytes of a body that are read. Default 8 MiB.
    pub body: Option<usize>,
}
