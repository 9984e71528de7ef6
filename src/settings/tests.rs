//! What `partywall.toml` may say, and how it is told when it says something else.

use proptest::prelude::*;

use super::*;

const HEAD: &str = "[target]\nstart = \"app --port {port}\"\n";

fn nothing(_: &str) -> Option<String> {
    None
}

fn parse(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse("partywall.toml", text, Overrides::default(), &nothing)
}

/// The messages for a description that starts with [`HEAD`], which fills lines 1 and 2.
fn messages(text: &str) -> Vec<String> {
    match parse(&format!("{HEAD}{text}")) {
        Ok(_) => Vec::new(),
        Err(error) => error.problems().iter().map(ToString::to_string).collect(),
    }
}

fn message(text: &str) -> String {
    messages(text).first().cloned().unwrap_or_default()
}

#[test]
fn the_smallest_description_has_defaults() {
    let settings = parse(HEAD).unwrap();
    assert_eq!(settings.seed, DEFAULT_SEED);
    assert_eq!(settings.fail_on, Severity::Low);
    assert_eq!(settings.max_inconclusive, 100);
}

#[test]
fn unknown_keys_name_line_column_and_the_nearest() {
    assert_eq!(
        message("\n[routes]\n  opanapi = \"/x\"\n"),
        "partywall.toml:5:3: unknown key `opanapi` in `routes`; did you mean `openapi`?"
    );
    let login =
        "[[login]]\nheaders = { a = \"b\" }\n[[login]]\nstep = [{ call = \"GET /\", tak = {} }]\n";
    assert_eq!(
        message(login),
        "partywall.toml:6:27: unknown key `tak` in `login[1].step[0]`; did you mean `take`?"
    );
    let text = message("[target.ready]\nlogg = \"x\"\n");
    assert!(text.contains("did you mean `log`?"), "{text}");
    assert!(message("[zzzzzzzzzz]\n").contains("known keys are"));
    assert!(
        message("[expect]\n\"id.path\" = { stats = 404 }\n").contains("did you mean `status`?")
    );
}

#[test]
fn wrong_types_say_what_was_expected() {
    for (text, expected) in [
        (
            "[tenant]\ntable = 3\n",
            "4:9: `tenant.table` must be a text, and is a whole number",
        ),
        (
            "[routes]\npublic = \"x\"\n",
            "4:10: `routes.public` must be a list, and is a text",
        ),
        (
            "[limits]\nconcurrency = -1\n",
            "4:15: `limits.concurrency` must be at least 0",
        ),
        ("[expect]\n\"id.path\" = 99999\n", "must be from 0 to 65535"),
        (
            "[expect]\n\"id.path\" = \"no\"\n",
            "must be a whole number or a list or a table, and is a text",
        ),
        (
            "[[service]]\nname = \"x\"\n",
            "3:1: `service[0]` lacks the key `start`",
        ),
        (
            "[[login]]\nbasic = 1\n",
            "4:9: `login[0].basic` must be true or false",
        ),
    ] {
        assert!(
            message(text).contains(expected),
            "{text}: {:?}",
            messages(text)
        );
    }
    let severity = parse(&format!("fail_on = \"hihg\"\n{HEAD}"))
        .unwrap_err()
        .to_string();
    assert!(
        severity.contains("1:11: `fail_on` must be one of"),
        "{severity}"
    );
    assert!(severity.contains("did you mean \"high\"?"), "{severity}");
}

#[test]
fn broken_toml_has_a_place() {
    let text = message("[routes\n");
    assert!(text.starts_with("partywall.toml:3:"), "{text}");
}

#[test]
fn all_problems_are_told_in_order() {
    let found =
        messages("[tenant]\ntabel = \"x\"\n[routes]\npublik = []\n[seed]\nrows = \"many\"\n");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[0].contains("`tabel`")
            && found[1].contains("`publik`")
            && found[2].contains("seed.rows")
    );
}

#[test]
fn placeholders_that_nothing_fills_are_told_with_the_nearest() {
    let text =
        "[target]\nstart = \"app\"\nenv = { URL = \"{database.ap.url}\", A = \"{secret.x}\" }\n";
    let error = parse(text).unwrap_err().to_string();
    assert!(
        error.contains("3:15: nothing fills the placeholder `{database.ap.url}`"),
        "{error}"
    );
    assert!(
        error.contains("did you mean `{database.app.url}`?"),
        "{error}"
    );
    for (text, fails) in [
        (
            "[[login]]\n[[login.step]]\ncall = \"POST /l\"\njson = { a = \"{user.email}\", b = \"{bearer}\" }\n",
            false,
        ),
        (
            "[[login]]\n[[login.step]]\ncall = \"POST /l\"\njson = { a = \"{csfr}\" }\ntake = { csrf = \"$.c\" }\n",
            true,
        ),
        (
            "[[login]]\n[[login.step]]\ncall = \"GET /l\"\ntake = { a = \"regex:x{2}[{]y}\" }\n",
            false,
        ),
        (
            "[[login]]\n[[login.step]]\ncall = \"GET /l\"\ntake = { a = \"sql:SELECT '{usr.id}'\" }\n",
            true,
        ),
        (
            "[[login]]\njwt = { secret = \"{secret.jwt}\", claims = { exp = \"now+60\", a = \"{tenant.key:json}\" } }\n",
            false,
        ),
        (
            "[[login]]\njwt = { secret = \"{secret.jwt}\", claims = {}, header = \"X-T: {token}\" }\n",
            false,
        ),
        (
            "[[service]]\nname = \"mail\"\nstart = \"mail {port}\"\n[target.env]\nM = \"{service.mail.port}\"\n",
            false,
        ),
        (
            "[[service]]\nname = \"mail\"\nstart = \"m {port}\"\n[target.env]\nM = \"{service.mial.port}\"\n",
            true,
        ),
        (
            "[seed]\nsql = [\"insert into t values ('{}', '{\\\"a\\\": 1}')\"]\n",
            false,
        ),
        (
            "[seed]\nsql = [\"insert into t values ('{admin}')\"]\n",
            true,
        ),
        ("[seed]\nvalues = { \"a.b\" = \"{whatever}\" }\n", true),
        (
            "[seed]\nvalues = { \"a.b\" = \"{token} {number} {tenant.slug} {user.email} {secret.x}\" }\n",
            false,
        ),
        (
            "[[login]]\n[[login.step]]\ncall = \"POST /l\"\njson = { a = \"{tenant.slgu}\" }\n",
            true,
        ),
        ("[target.headers]\nX-Org = \"{tenant.slgu}\"\n", true),
    ] {
        assert_eq!(
            !messages(text).is_empty(),
            fails,
            "{text}: {:?}",
            messages(text)
        );
    }
}

#[test]
fn meanings_are_checked() {
    for (text, expected) in [
        (
            "[tenant]\naddress = \"subdomain\"\n",
            "4:11: tenant.address = \"subdomain\": write",
        ),
        (
            "[tenant]\naddress = \"http://x.localhost\"\n",
            "a host needs `{slug}` or `{key}`",
        ),
        ("[database]\nbackend = \"locl\"\n", "did you mean `local`?"),
        ("[database]\nbackend = \"url\"\n", "needs `database.url`"),
        (
            "[[login]]\nroles = [\"a\"]\n",
            "3:1: this log-in gives no credential",
        ),
        (
            "[[login]]\nstep = [{ call = \"/login\" }]\n",
            "`/login` is no call",
        ),
        (
            "[[login]]\nstep = [{ call = \"GET /\", take = { a = \"json:x\" } }]\n",
            "says nowhere to take from",
        ),
        (
            "[[login]]\nstep = [{ call = \"GET /\", take = { a = \"regex:(\" } }]\n",
            "`(` is no regular expression: unclosed group",
        ),
        (
            "[[login]]\njwt = { secret = \"x\", claims = {}, algorithm = \"RS256\" }\n",
            "none of HS256",
        ),
        (
            "[[login]]\nbasic = true\ncsrf = { from = \"tok\", to = \"X-T\" }\n",
            "no step takes `tok`",
        ),
        (
            "[routes]\nlist = [{ route = \"/x\" }]\n",
            "`/x` is no route",
        ),
        ("[target.ready]\nlog = \"(\"\n", "no regular expression"),
        ("[expect]\n\"id.*\" = []\n", "it promises nothing"),
        (
            "[expect]\n\"id.*\" = { routes = [\"/a\"] }\n",
            "it promises nothing",
        ),
        (
            "[expect]\nheader = 403\n",
            "write `family.name` or `header.*`",
        ),
        ("[tenant]\nmembership = \"member\"\n", "is no membership"),
        (
            "[seed]\nexisting = true\nadd_member = [{ call = \"POST /m\" }]\n",
            "4:12: `existing` takes tenants and users as they are, and `seed.add_member` makes some",
        ),
        ("[tenant]\nsees = \"children\"\n", "`sees` needs `parent`"),
        (
            "[seed]\nwords = { status = [\"a\"] }\n",
            "is no `table.column`",
        ),
    ] {
        assert!(
            message(text).contains(expected),
            "{text}: {:?}",
            messages(text)
        );
    }
}

#[test]
fn how_the_target_runs_is_checked() {
    assert!(
        parse("")
            .unwrap_err()
            .to_string()
            .contains("how the target starts")
    );
    let both = "[target]\nstart = \"a\"\nurl = \"http://localhost:1\"\n";
    assert!(
        parse(both)
            .unwrap_err()
            .to_string()
            .contains("3:7: `target.url` excludes `target.start`")
    );
    for (text, expected) in [
        (
            "image = \"a\"\n[database]\nbackend = \"local\"\n",
            "does not reach a database of the backend `local`",
        ),
        ("compose = \"c.yaml\"\n", "set `target.service`"),
        ("start = \"a\"\nservice = \"web\"\n", "set `target.compose`"),
        (
            "start = \"a\"\nport = 80\n",
            "3:8: the port within a container",
        ),
        (
            "image = \"a\"\ncompose = \"c.yaml\"\nservice = \"web\"\n",
            "`target.compose` excludes",
        ),
    ] {
        let said = parse(&format!("[target]\n{text}")).unwrap_err().to_string();
        assert!(said.contains(expected), "{text}: {said}");
    }
    assert!(
        parse("[target]\nurl = \"localhost:1\"\n")
            .unwrap_err()
            .to_string()
            .contains("is no url")
    );
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let text = format!("fail_on = \"critical\"\nmax_inconclusive = 5\n{HEAD}");
    let environment = |name: &str| match name {
        "PARTYWALL_SEED" => Some("7".to_owned()),
        "PARTYWALL_FAIL_ON" => Some("high".to_owned()),
        "PARTYWALL_ONLY" => Some("id, header.*".to_owned()),
        "PARTYWALL_BUDGET" => Some("2m".to_owned()),
        "PARTYWALL_POSTGRES_URL" => Some("postgres://h/d".to_owned()),
        _ => None,
    };
    let flags = Overrides {
        seed: Some(9),
        ..Overrides::default()
    };
    let settings = Settings::parse("p", &text, flags, &environment).unwrap();
    assert_eq!(
        (settings.seed, settings.fail_on, settings.max_inconclusive),
        (9, Severity::High, 5)
    );
    assert_eq!(settings.only, ["id", "header.*"]);
    assert_eq!(settings.budget, Some(Budget::Time(Duration::from_mins(2))));
    assert_eq!(
        settings.description.database.backend.as_deref(),
        Some("url")
    );
    let flags = Overrides {
        only: vec!["bulk".into()],
        fail_on: Some(Severity::Info),
        ..Overrides::default()
    };
    let settings = Settings::parse("p", &text, flags, &environment).unwrap();
    assert_eq!((settings.seed, settings.fail_on), (7, Severity::Info));
    assert_eq!(settings.only, ["bulk"]);
}

#[test]
fn a_wrong_variable_is_named() {
    let environment = |name: &str| (name == "PARTYWALL_BUDGET").then(|| "soon".to_owned());
    let error = Settings::parse("p", HEAD, Overrides::default(), &environment).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the environment variable PARTYWALL_BUDGET is `soon`, and must be a time like `90s`, `5m` or `1h`, or a \
         number of sequences"
    );
}

#[test]
fn the_environment_fills_in_with_defaults() {
    let text = "[target]\nstart = \"app-{env.VERSION:1.0} {port} {env.BRACE}\"\nsetup_done = \"venv-{env.VERSION:1.0}\"\n";
    let environment = |name: &str| (name == "BRACE").then(|| "a{port}".to_owned());
    let settings = Settings::parse("p", text, Overrides::default(), &environment).unwrap();
    let target = &settings.description.target;
    assert_eq!(target.setup_done.as_deref(), Some(Path::new("venv-1.0")));
    let filled = crate::target::fill(
        target.start.as_deref().unwrap(),
        &Values::new().with("port", "1"),
    );
    assert_eq!(filled.as_deref(), Ok("app-1.0 1 a{port}"));
    let error = parse(text).unwrap_err().to_string();
    assert!(
        error.contains("p.toml")
            || error.contains("2:9: the environment variable `BRACE` is not set"),
        "{error}"
    );
}

#[test]
fn secrets_are_made_once_unless_given_and_never_shown() {
    let text = format!(
        "{HEAD}env = {{ A = \"{{secret.jwt}}\", B = \"x{{secret.cookie-key}}\", C = \"{{secret.jwt}}\" }}\n"
    );
    let environment =
        |name: &str| (name == "PARTYWALL_SECRET_COOKIE_KEY").then(|| "given-by-hand".to_owned());
    let settings = Settings::parse("p", &text, Overrides::default(), &environment).unwrap();
    assert_eq!(
        settings.secrets.get("secret.cookie-key"),
        Some("given-by-hand")
    );
    let made = settings.secrets.get("secret.jwt").unwrap();
    assert_eq!(made.len(), 48);
    assert!(made.chars().all(|c| c.is_ascii_alphanumeric()));
    let again = Settings::parse("p", &text, Overrides::default(), &environment).unwrap();
    assert_ne!(Some(made), again.secrets.get("secret.jwt"));
    let debug = format!("{settings:?}");
    assert!(
        !debug.contains(made) && !debug.contains("given-by-hand"),
        "{debug}"
    );
}

/// A version or the name of a program is no secret: masked, it would blank out reports.
#[test]
fn variables_that_may_hold_secrets_are_known() {
    let text = "[target]\nstart = \"{env.APP_PYTHON} app {env.RELEASE} {env.LICENCE} {env.TMP} {env.OTHER:by default}\"\n\
                [database]\nurl = \"postgres://u:{env.PASS}@localhost/d\"\n";
    let environment = |name: &str| {
        let value = match name {
            "APP_PYTHON" => "python3.12",
            "RELEASE" => "2.11.0-rc.1",
            "LICENCE" => "long-enough",
            "TMP" => "/",
            "PASS" => "p4ss-w0rd",
            _ => return None,
        };
        Some(value.to_owned())
    };
    let settings = Settings::parse("p", text, Overrides::default(), &environment).unwrap();
    let secrets = settings.known_secrets();
    let said = "python3.12 2.11.0-rc.1 long-enough p4ss-w0rd by default";
    assert_eq!(
        secrets.scrub(said.to_owned()),
        "python3.12 2.11.0-rc.1 <secret> <secret> by default"
    );
}

#[test]
fn attacks_and_routes_are_selected() {
    let with = |only: &[&str], skip: &[&str]| {
        let words = |w: &[&str]| w.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let flags = Overrides {
            only: words(only),
            skip: words(skip),
            ..Overrides::default()
        };
        Settings::parse("p", HEAD, flags, &nothing).unwrap()
    };
    let get = RouteId("GET /items/{id}".into());
    let post = RouteId("POST /orders".into());
    assert!(with(&[], &[]).selects("id.path", &get));
    assert!(with(&["id"], &[]).selects("id.path", &get));
    assert!(!with(&["header", "id.qu*"], &[]).selects("id.path", &get));
    let both = with(&["id", "GET /items/*"], &[]);
    assert!(
        both.selects("id.path", &get)
            && !both.selects("id.path", &post)
            && !both.selects("bulk.x", &get)
    );
    let less = with(&[], &["/orders", "token.*"]);
    assert!(
        less.selects("id.path", &get)
            && !less.selects("id.path", &post)
            && !less.selects("token.alg-none", &get)
    );
    assert!(with(&["GET *"], &[]).selects("id.path", &get));
    let fits = |word: &str| {
        let settings = with(&[word], &[]);
        let attacks = ["id.path", "token.alg-none"];
        let idle = settings.fits_nothing(&attacks, &[get.clone(), post.clone()]);
        idle.is_none()
    };
    for word in ["id", "token.*", "GET *", "*"] {
        assert!(fits(word), "{word}");
    }
    for word in ["PUT *", "/nowhere*", "ids", "header"] {
        assert!(!fits(word), "{word}");
    }
}

#[test]
fn later_errors_point_into_the_file() {
    let settings = parse(&format!(
        "{HEAD}[routes]\npublic = [\"GET /a\", \"GET /b\"]\n"
    ))
    .unwrap();
    let error = RouteError::NoSuchRoute {
        key: "routes.public[1]".into(),
        pattern: "GET /b".into(),
        nearest: Some("GET /c".into()),
    };
    let told = settings.route_error(&error).to_string();
    let start = "partywall.toml:4:21: routes.public[1]: no route is `GET /b`; did you mean `GET /c`? only routes";
    assert!(told.starts_with(start), "{told}");
    assert!(told.contains("`[[routes.list]]`"), "{told}");
    let told = settings
        .error_at("routes.bind.x", "no such table", None)
        .to_string();
    assert!(
        told.starts_with("partywall.toml:3:2: no such table"),
        "{told}"
    );
}

#[test]
fn diagnostics_show_the_line() {
    let error = parse(&format!("{HEAD}[routes]\nopanapi = \"/x\"\n")).unwrap_err();
    let mut shown = String::new();
    let handler =
        miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
    handler.render_report(&mut shown, &error).unwrap();
    assert!(
        shown.contains("partywall.toml:4:1") && shown.contains("opanapi = \"/x\""),
        "{shown}"
    );
    assert!(shown.contains("did you mean `openapi`?"), "{shown}");
}

#[test]
fn times_are_read() {
    let seconds = |text| parse_duration(text).map(|d| d.as_secs());
    assert_eq!(seconds("90"), Some(90));
    assert_eq!(seconds("5 m"), Some(300));
    assert_eq!(seconds("1h"), Some(3600));
    assert_eq!(seconds("h"), None);
    assert_eq!(seconds("1d"), None);
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[\\[\\]a-z{}\"'=.\\n 0-9]{0,80}") {
        let _ = parse(&text);
        let _ = parse(&format!("{HEAD}{text}"));
    }
}

#[test]
fn every_description_in_scenarios_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut loaded = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path().join("partywall.toml");
        if file.exists() {
            let settings = Settings::load_with(&file, Overrides::default(), &nothing);
            let settings = settings.unwrap_or_else(|error| panic!("{error}"));
            assert!(settings.description.target.start.is_some());
            assert!(!settings.secrets.is_empty());
            assert_eq!(settings.dir, file.parent().unwrap());
            loaded += 1;
        }
    }
    assert!(loaded >= 2, "only {loaded} were found");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error =
        Settings::load(Path::new("/nowhere/partywall.toml"), Overrides::default()).unwrap_err();
    assert!(
        error.to_string().contains("/nowhere/partywall.toml"),
        "{error}"
    );
}

#[test]
fn what_a_description_holds_shows_in_no_debug_output() {
    let hidden = "hidden-by-hand";
    let text = format!(
        "{HEAD}env = {{ A = \"{hidden}\" }}\n[database]\nurl = \"postgres://u:{hidden}@h\"\n[[login]]\n\
         headers = {{ K = \"{hidden}\" }}\njwt = {{ secret = \"{hidden}\", claims = {{}} }}\n"
    );
    let settings = parse(&text).unwrap();
    let description = &settings.description;
    let shown = format!(
        "{settings:?} {description:?} {:?} {:?}",
        description.login, description.database
    );
    assert!(
        shown.contains("Login") && !shown.contains(hidden),
        "{shown}"
    );
    let error = parse(&format!("{text}nope = 1\n")).unwrap_err();
    assert!(
        !error.to_string().contains(hidden) && !format!("{error:?}").contains(hidden),
        "{error:?}"
    );
}
