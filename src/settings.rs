//! Settings: flags, environment, `partywall.toml` and defaults, merged once, in this order of precedence.

mod budget;
mod environment;
mod meaning;
mod placeholders;
mod problem;
mod shape;
mod source;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::model::pattern;
use crate::model::route::RouteId;
use crate::model::secret::Secrets;
use crate::model::verdict::Severity;
use crate::target::RouteError;
use crate::target::description::Description;
use crate::target::placeholder::Values;

pub use budget::{Budget, SEQUENCES};
pub use environment::parse_duration;
pub use problem::{Problem, SettingsError};
use source::Source;

/// The seed of a run that names none: the same run every time.
pub const DEFAULT_SEED: u64 = 1;

/// What the command line says. Empty and `None` leave a setting to the environment, the file and the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The seed of everything random.
    pub seed: Option<u64>,
    /// Only these attacks and routes.
    pub only: Vec<String>,
    /// Not these attacks and routes.
    pub skip: Vec<String>,
    /// How long attacks may go on, or how many sequences are explored.
    pub budget: Option<Budget>,
    /// Where Postgres comes from: `auto`, `local`, `container`, `url`, `download`.
    pub backend: Option<String>,
    /// The image of the backend `container`.
    pub postgres_image: Option<String>,
    /// The least severity that fails a run.
    pub fail_on: Option<Severity>,
    /// A Postgres server for the backend `url`.
    pub postgres_url: Option<String>,
    /// Inconclusive cases, in percent, above which a run exits with 3.
    pub max_inconclusive: Option<u8>,
    /// What the description says of a browser is left out.
    pub no_browser: bool,
}

/// What a run goes by. Its `Debug` output holds no value that may be a credential.
#[derive(Clone)]
pub struct Settings {
    /// The file that was read.
    pub path: PathBuf,
    /// Its folder: what other paths are relative to.
    pub dir: PathBuf,
    /// What it says, with flags and environment merged in and `{env.NAME}` filled.
    pub description: Description,
    /// The seed of everything random.
    pub seed: u64,
    /// Only these attacks and routes; all where empty.
    pub only: Vec<String>,
    /// Not these attacks and routes.
    pub skip: Vec<String>,
    /// How long attacks may go on, or how many sequences are explored; as long as the sweep needs, and [`SEQUENCES`], where
    /// absent.
    pub budget: Option<Budget>,
    /// The least severity that fails a run.
    pub fail_on: Severity,
    /// Inconclusive cases, in percent, above which a run exits with 3.
    pub max_inconclusive: u8,
    /// Routes in percent that may never work for their rightful tenants; beyond that a run exits with 3.
    pub max_unreached: u8,
    /// `secret.NAME` for every secret that the description names: from the environment (`PARTYWALL_SECRET_NAME`), else
    /// random, 48 letters and digits. World puts them among its values. And `env.NAME` for every variable that filled a
    /// placeholder and may hold a secret, so that it is masked.
    pub secrets: Values,
    pub(crate) source: Source,
}

impl Settings {
    /// Reads a description and merges everything. The first error that is met ends a stage; a stage tells all of its own.
    pub fn load(path: &Path, overrides: Overrides) -> Result<Self, SettingsError> {
        Self::load_with(path, overrides, &|name| std::env::var(name).ok())
    }

    /// The same with another environment.
    pub fn load_with(
        path: &Path,
        overrides: Overrides,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let file = if path.is_dir() {
            path.join("partywall.toml")
        } else {
            path.to_owned()
        };
        let text = std::fs::read_to_string(&file).map_err(|error| SettingsError::Read {
            path: file.clone(),
            error,
        })?;
        let dir = file.parent().unwrap_or(Path::new("")).to_owned();
        let dir = std::path::absolute(&dir).unwrap_or(dir);
        let mut settings = Self::parse(&file.display().to_string(), &text, overrides, environment)?;
        settings.path = file;
        settings.dir = dir;
        Ok(settings)
    }

    /// Reads a description from its text; `name` is what messages call it.
    pub fn parse(
        name: &str,
        text: &str,
        overrides: Overrides,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        let source = Source::read(name, text)?;
        let (description, given) =
            placeholders::fill_environment(&source.description()?, &source, environment)?;
        let overrides = overrides.or(environment::overrides(environment)?);
        let description = overrides.merged_into(description);
        let mut problems = meaning::problems(&description, &source);
        problems.extend(placeholders::problems(&description, &source));
        SettingsError::of(problems)?;
        let mut secrets = placeholders::secrets(&description, environment);
        secrets.extend(&given);
        Ok(Self {
            path: PathBuf::from(name),
            dir: PathBuf::new(),
            seed: overrides.seed.unwrap_or(DEFAULT_SEED),
            only: overrides.only,
            skip: overrides.skip,
            budget: overrides.budget,
            fail_on: description.fail_on.unwrap_or(Severity::Low),
            max_inconclusive: description.max_inconclusive.unwrap_or(100),
            max_unreached: description.max_unreached.unwrap_or(50),
            secrets,
            description,
            source,
        })
    }

    /// Whether `--only` and `--skip` let that attack run on that route.
    ///
    /// Words with a slash or a blank are routes (`GET /items/*`, `PUT *`), others attacks (`header`, `id.path`, `token.*`). Where both kinds
    /// are wanted, both must fit.
    pub fn selects(&self, attack: &str, route: &RouteId) -> bool {
        let fits = |word: &String| {
            if is_route(word) {
                pattern::matches(word, route)
            } else {
                fits_attack(word, attack)
            }
        };
        let (routes, attacks): (Vec<_>, Vec<_>) = self.only.iter().partition(|w| is_route(w));
        let wanted = |words: &[&String]| words.is_empty() || words.iter().any(|w| fits(w));
        wanted(&routes) && wanted(&attacks) && !self.skip.iter().any(fits)
    }

    /// Whether `--only` and `--skip` let an attack run that is made on no route, but in a browser.
    pub fn selects_attack(&self, attack: &str) -> bool {
        let fits = |word: &&String| !is_route(word) && fits_attack(word, attack);
        let mut attacks = self.only.iter().filter(|w| !is_route(w)).peekable();
        (attacks.peek().is_none() || attacks.any(|w| fits(&w)))
            && !self.skip.iter().any(|w| fits(&w))
    }

    /// The first word of `--only` or `--skip` that fits none of these attacks and routes: a slip of the pen, most likely.
    pub fn fits_nothing(&self, attacks: &[&str], routes: &[RouteId]) -> Option<&str> {
        let mut words = self.only.iter().chain(&self.skip);
        let idle = |word: &&String| {
            if is_route(word) {
                !routes.iter().any(|route| pattern::matches(word, route))
            } else {
                !attacks.iter().any(|attack| fits_attack(word, attack))
            }
        };
        words.find(idle).map(String::as_str)
    }

    /// How long sweep and explore may take together; no limit where absent.
    pub fn time_limit(&self) -> Option<Duration> {
        match self.budget {
            Some(Budget::Time(time)) => Some(time),
            Some(Budget::Sequences(_)) | None => None,
        }
    }

    /// How many sequences are explored; as many as the time allows where absent.
    pub fn sequences(&self) -> Option<usize> {
        match self.budget {
            Some(Budget::Time(_)) => None,
            Some(Budget::Sequences(number)) => Some(number),
            None => Some(SEQUENCES),
        }
    }

    /// What must not be printed, as far as it is known before anything runs.
    pub fn known_secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.extend(self.secrets.secrets());
        // A brace that the environment filled in stands doubled in the description.
        secrets.extend(self.secrets.secrets().map(|s| s.replace('{', "{{")));
        let named = self.description.database.url.as_deref();
        let named = named.and_then(|url| url::Url::parse(url).ok());
        secrets.extend(named.as_ref().and_then(url::Url::password));
        secrets
    }

    /// Every placeholder of the description, with the key where it stands.
    pub fn placeholders(&self) -> Vec<(String, String)> {
        placeholders::all(&self.description)
    }

    /// What reports call the target: its declared name, else the folder's.
    pub fn target_name(&self) -> String {
        let folder = || {
            self.dir
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
        };
        let declared = self.description.target.name.clone();
        declared
            .or_else(folder)
            .unwrap_or_else(|| "target".to_owned())
    }

    /// An error about a key of the description (`tenant.table`, `routes.skip[1]`) that only shows later in a run, with
    /// file, line and column. A key that does not stand there points to the nearest table above it.
    pub fn error_at(
        &self,
        key: &str,
        message: impl Into<String>,
        help: Option<String>,
    ) -> SettingsError {
        SettingsError::Invalid {
            first: Box::new(self.source.problem(key, message, help)),
            rest: Vec::new(),
        }
    }

    /// Seeds around the day that `analytics.now` says, and gives the target the environment that stops its clock.
    pub fn stop_the_clock(&mut self) {
        let analytics = &mut self.description.analytics;
        if let Some(now) = analytics.now.clone() {
            self.description.seed.now = Some(now);
        }
        let env = std::mem::take(&mut analytics.env);
        self.description.target.env.extend(env);
    }

    /// A routes error with the place of the key that is to blame, where one is.
    pub fn route_error(&self, error: &RouteError) -> SettingsError {
        self.error_at(
            error.key().unwrap_or("routes.openapi"),
            error.to_string(),
            error.help().map(str::to_owned),
        )
    }
}

fn is_route(word: &str) -> bool {
    word.contains(['/', ' '])
}

/// Whether a word of `--only` or `--skip` means that attack: its id, its family, or a pattern of ids.
fn fits_attack(word: &str, attack: &str) -> bool {
    let family = attack.split_once('.').map_or(attack, |(family, _)| family);
    word == family || pattern::glob(word, attack)
}

impl Overrides {
    /// These, and `others` where these say nothing.
    fn or(self, others: Self) -> Self {
        let first = |mine: Vec<String>, other| if mine.is_empty() { other } else { mine };
        Self {
            seed: self.seed.or(others.seed),
            only: first(self.only, others.only),
            skip: first(self.skip, others.skip),
            budget: self.budget.or(others.budget),
            backend: self.backend.or(others.backend),
            postgres_image: self.postgres_image.or(others.postgres_image),
            fail_on: self.fail_on.or(others.fail_on),
            postgres_url: self.postgres_url.or(others.postgres_url),
            max_inconclusive: self.max_inconclusive.or(others.max_inconclusive),
            no_browser: self.no_browser || others.no_browser,
        }
    }

    /// The description with what it can hold of these put in place of its own.
    fn merged_into(&self, mut description: Description) -> Description {
        if let Some(url) = &self.postgres_url {
            description.database.url = Some(url.clone());
            // Who names a server wants it used.
            description.database.backend = Some("url".to_owned());
        }
        if let Some(backend) = &self.backend {
            description.database.backend = Some(backend.clone());
        }
        if let Some(image) = &self.postgres_image {
            description.database.image = Some(image.clone());
        }
        if self.no_browser {
            description.browser = None;
        }
        description.fail_on = self.fail_on.or(description.fail_on);
        description.max_inconclusive = self.max_inconclusive.or(description.max_inconclusive);
        description
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("path", &self.path)
            .field("seed", &self.seed)
            .field("only", &self.only)
            .field("skip", &self.skip)
            .field("budget", &self.budget)
            .field("fail_on", &self.fail_on)
            .field("max_inconclusive", &self.max_inconclusive)
            .field("max_unreached", &self.max_unreached)
            .field("secrets", &self.secrets)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
