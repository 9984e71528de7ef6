//! A suite: feature files, read and checked before anything starts.

use std::path::{Path, PathBuf};

use cucumber::feature::Ext as _;
use cucumber::gherkin::tagexpr::TagOperation;
use cucumber::gherkin::{Feature, GherkinEnv, Scenario, Step};
use cucumber::tag::Ext as _;

use super::phrase::find;
use crate::engine::trial::TrialError;

/// What is played, and what is written of it.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which scenarios, by their tags: `@phase1 and not @browser`.
    pub tags: Option<String>,
    /// A `JUnit` file.
    pub junit: Option<PathBuf>,
    /// A file of Cucumber's JSON.
    pub json: Option<PathBuf>,
}

/// Why a suite cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// A file cannot be read or written.
    #[error("{path}: {what}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Steps that no phrase fits, each with its place.
    #[error("{}", .0.join("\n"))]
    Steps(Vec<String>),
    /// The tags are no expression.
    #[error("`{0}` is no expression of tags; write `@phase1 and not @browser`")]
    Tags(String),
    /// The world did not come up, the target does not work, or has no such route.
    #[error(transparent)]
    Trial(#[from] TrialError),
    /// Nothing to play.
    #[error("no scenario below {path} {}", tags.as_ref().map_or_else(|| "was found".to_owned(), |tags| format!("fits `{tags}`")))]
    Nothing {
        /// Where features were looked for.
        path: PathBuf,
        /// What they should fit.
        tags: Option<String>,
    },
}

/// The features of a file, or of all files below a folder, checked: every step is one of the phrases, and some scenario fits.
pub fn check(path: &Path, options: &Options) -> Result<Suite, SuiteError> {
    let tags = match &options.tags {
        Some(text) => Some(text.parse().map_err(|_| SuiteError::Tags(text.clone()))?),
        None => None,
    };
    let mut files = Vec::new();
    collect(path, &mut files)?;
    files.sort();
    let mut suite = Suite {
        path: path.to_owned(),
        tags,
        scenarios: 0,
        routes: Vec::new(),
    };
    let mut wrong = Vec::new();
    for file in files {
        let unread = |what: String| SuiteError::File {
            path: file.clone(),
            what,
        };
        let feature = Feature::parse_path(&file, GherkinEnv::default())
            .map_err(|error| unread(error.to_string()))?
            .expand_examples()
            .map_err(|error| unread(error.to_string()))?;
        let own = backgrounds(&feature);
        let all = all_scenarios(&feature);
        let steps = own.chain(all.iter().flat_map(|scenario| &scenario.steps));
        let unknown = |step: &Step| {
            let problem = find(step).err()?;
            let line = step.position.line;
            Some(format!(
                "{}:{line}: {}\n  {problem}",
                file.display(),
                step.value
            ))
        };
        wrong.extend(steps.filter_map(unknown));
        let played = all.iter().filter(|s| suite.fits(&feature, s));
        let played: Vec<&&Scenario> = played.collect();
        suite.scenarios += played.len();
        let own = backgrounds(&feature);
        let steps = own.chain(played.iter().flat_map(|scenario| &scenario.steps));
        suite.routes.extend(steps.filter_map(route));
    }
    if !wrong.is_empty() {
        return Err(SuiteError::Steps(wrong));
    }
    if suite.scenarios == 0 {
        return Err(SuiteError::Nothing {
            path: path.to_owned(),
            tags: options.tags.clone(),
        });
    }
    Ok(suite)
}

/// Features that can be played.
#[derive(Debug, Clone)]
pub struct Suite {
    path: PathBuf,
    tags: Option<TagOperation>,
    /// How many scenarios fit.
    pub scenarios: usize,
    /// The routes that these name: of the others, those that write need not be tried.
    pub routes: Vec<String>,
}

/// The route that a step names.
fn route(step: &Step) -> Option<String> {
    let (phrase, named) = find(step).ok()?;
    let words = phrase.text.split('{').skip(1);
    let nth = words
        .enumerate()
        .find(|(_, word)| word.starts_with("route}"));
    nth.map(|(nth, _)| named.word(nth).to_owned())
}

impl Suite {
    /// Where the features are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether a scenario is to be played.
    pub fn fits(&self, feature: &Feature, scenario: &Scenario) -> bool {
        let rule = feature.rules.iter();
        let mut rule = rule.filter(|r| r.scenarios.iter().any(|s| s == scenario));
        let ruled = rule.next().into_iter().flat_map(|rule| &rule.tags);
        let tags = feature.tags.iter().chain(ruled).chain(&scenario.tags);
        self.tags.as_ref().is_none_or(|wanted| wanted.eval(tags))
    }
}

/// The steps before all scenarios, and before those of each rule.
fn backgrounds(feature: &Feature) -> impl Iterator<Item = &Step> {
    let ruled = feature.rules.iter().filter_map(|r| r.background.as_ref());
    let all = feature.background.iter().chain(ruled);
    all.flat_map(|background| &background.steps)
}

fn all_scenarios(feature: &Feature) -> Vec<&Scenario> {
    let ruled = feature.rules.iter().flat_map(|rule| &rule.scenarios);
    feature.scenarios.iter().chain(ruled).collect()
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) -> Result<(), SuiteError> {
    let failed = |error: std::io::Error| SuiteError::File {
        path: path.to_owned(),
        what: error.to_string(),
    };
    if !path.is_dir() {
        std::fs::metadata(path).map_err(failed)?;
        into.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?.path();
        if entry.is_dir() || entry.extension().is_some_and(|e| e == "feature") {
            collect(&entry, into)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEATURE: &str = "@phase1
Feature: One
  Scenario: Its own
    When acme.admin calls \"GET /a\"
    Then the answer is 200
  @later
  Scenario: All
    When \"GET /b/*\" is attacked with \"id\"
    Then the wall holds
";

    fn checked(text: &str, tags: Option<&str>) -> Result<Suite, SuiteError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("one.feature"), text).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "no feature").unwrap();
        let options = Options {
            tags: tags.map(str::to_owned),
            ..Options::default()
        };
        check(folder.path(), &options)
    }

    #[test]
    fn scenarios_are_chosen_by_tags_and_tell_their_routes() {
        let all = checked(FEATURE, None).unwrap();
        assert_eq!(
            (all.scenarios, &all.routes[..]),
            (2, &["GET /a".into(), "GET /b/*".into()][..])
        );
        let later = checked(FEATURE, Some("@phase1 and @later")).unwrap();
        assert_eq!(
            (later.scenarios, &later.routes[..]),
            (1, &["GET /b/*".into()][..])
        );
    }

    #[test]
    fn an_outline_stands_for_a_scenario_an_example() {
        let text = "Feature: Many
  Scenario Outline: <family>
    When \"GET /a\" is attacked with \"<family>\"
    Then the wall holds
    Examples:
      | family |
      | header |
      | token  |
";
        assert_eq!(checked(text, None).unwrap().scenarios, 2);
    }

    #[test]
    fn a_filter_that_fits_nothing_is_an_error() {
        let nothing = checked(FEATURE, Some("@phase7")).unwrap_err().to_string();
        assert!(nothing.contains("fits `@phase7`"), "{nothing}");
        assert!(checked("Feature: Empty\n", None).is_err());
        let wrong = checked(FEATURE, Some("phase1")).unwrap_err();
        assert!(matches!(wrong, SuiteError::Tags(_)), "{wrong}");
    }

    #[test]
    fn every_unknown_step_is_told_with_its_place() {
        let text = FEATURE
            .replace("the wall holds", "the walls hold")
            .replace("calls", "cals");
        let told = checked(&text, None).unwrap_err().to_string();
        assert!(told.contains("one.feature:4: acme.admin cals"), "{told}");
        assert!(told.contains("one.feature:9: the walls hold"), "{told}");
        assert!(told.contains("the nearest is `the wall holds`"), "{told}");
    }
}
