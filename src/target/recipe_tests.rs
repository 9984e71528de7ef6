//! Log-ins and seeding steps, driven by hand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value as Json;

use super::*;
use crate::target::address::Addressing;
use crate::target::mint;
use crate::target::testing::{PASSWORD, actor, by_host, header, response, target};

fn begin(toml: &str) -> (Target, Recipe) {
    let target = target(toml, by_host());
    let recipe = Recipe::login(
        &target,
        &target.description.login[0].clone(),
        &actor(),
        target.tenants.first(),
    )
    .unwrap();
    (target, recipe)
}

fn sent(need: Need) -> Wire {
    match need {
        Need::Send(wire) => wire,
        other => panic!("{other:?} is no call"),
    }
}

fn done(need: Need) -> Session {
    match need {
        Need::Done(session) => session,
        other => panic!("{other:?} is not the end"),
    }
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "`Recipe::next` takes it like this"
)]
fn answered(status: u16, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    Some(Answer::Response(response(status, headers, body)))
}

#[test]
fn a_json_log_in_yields_token_and_cookies() {
    let (target, mut recipe) = begin(
        r#"
        [[login]]
        signing = "{secret.jwt}"
        headers = { X-Client = "web {user.id}" }
        step = [{ call = "POST /login", json = { email = "{user.email}", password = "{user.password}", id = "{user.id:json}", firm = "{tenant.slug}" }, take = { bearer = "$.data.token" } }]
        "#,
    );
    let wire = sent(recipe.next(None).unwrap());
    assert_eq!(
        (wire.method.as_str(), wire.target.as_str()),
        ("POST", "/login")
    );
    assert_eq!(wire.host(), Some("acme.localhost:8080"));
    let body: Json = serde_json::from_slice(&wire.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"email": "ann@example.com", "password": PASSWORD, "id": 7, "firm": "acme"})
    );
    let need = recipe.next(answered(
        200,
        &[("set-cookie", "sid=s1; Path=/; Secure")],
        "{\"data\": {\"token\": \"t1\"}}",
    ));
    let session = done(need.unwrap());
    assert_eq!(session.bearer.as_deref(), Some("t1"));
    assert_eq!(session.jar.value("sid"), Some("s1"));
    assert_eq!(
        session.headers,
        [("X-Client".to_owned(), "web 7".to_owned())]
    );
    assert_eq!(session.tenant.as_deref(), Some("key-1"));
    assert_eq!(
        session.signing.as_ref().unwrap().secret.as_deref(),
        target.values.get("secret.jwt")
    );
    assert!(!format!("{session:?} {recipe:?}").contains("t1"));
}

#[test]
fn a_form_log_in_in_several_steps_with_csrf() {
    let (_, mut recipe) = begin(
        r#"
        [[login]]
        csrf = { from = "meta", to = "X-CSRF-Token" }
        [[login.step]]
        call = "GET /login"
        take = { csrf = "html:input[name=_csrf]" }
        [[login.step]]
        call = "POST /login"
        form = { _csrf = "{csrf}", user = "{user.login}", pass = "{user.password}" }
        headers = { Referer = "http://acme.localhost/login" }
        take = { link = "header:Location" }
        [[login.step]]
        call = "GET {link}"
        take = { meta = "regex:token=\"([^\"]+)\"", uid = "sql:SELECT id FROM users WHERE mail = '{user.email}' AND t = '{quoted}'", quoted = "cookie:q" }
        "#,
    );
    let first = sent(recipe.next(None).unwrap());
    assert_eq!(first.method, "GET");
    let page = "<form><input name=_csrf value='c&amp;1'></form>";
    let second = sent(
        recipe
            .next(answered(200, &[("set-cookie", "pre=1; Path=/")], page))
            .unwrap(),
    );
    assert_eq!(
        second.body,
        format!("_csrf=c%261&pass={PASSWORD}&user=ann%40example.com")
    );
    assert_eq!(
        header(&second, "cookie"),
        ["pre=1"],
        "a browser sends its cookies back"
    );
    assert_eq!(header(&second, "referer"), ["http://acme.localhost/login"]);
    let location = ("location", "http://acme.localhost:8080/home?a=1#x");
    let third = sent(
        recipe
            .next(answered(
                302,
                &[location, ("set-cookie", "q=o'k; Path=/")],
                "",
            ))
            .unwrap(),
    );
    assert_eq!(
        (third.target.as_str(), third.host()),
        ("/home?a=1", Some("acme.localhost:8080"))
    );
    let Need::Query(sql) = recipe.next(answered(200, &[], "<x token=\"m1\">")).unwrap() else {
        panic!("the query is next");
    };
    assert_eq!(
        sql,
        "SELECT id FROM users WHERE mail = 'ann@example.com' AND t = 'o''k'"
    );
    let session = done(recipe.next(Some(Answer::Value(Some("42".into())))).unwrap());
    assert_eq!(session.taken.get("uid"), Some("42"));
    assert_eq!(session.csrf_value().as_deref(), Some("m1"));
}

#[test]
fn refusals_and_missing_values_are_told_without_credentials() {
    let login = r#"
        [[login]]
        step = [{ call = "POST /login", json = { p = "{user.password}" }, take = { bearer = "$.acces_token" } }]
        "#;
    let (_, mut recipe) = begin(login);
    recipe.next(None).unwrap();
    let long = "x".repeat(60);
    let error = recipe
        .next(answered(401, &[], &format!("wrong {PASSWORD} {long}")))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "login[0].step[0]: `POST /login` was answered 401: wrong *** …"
    );
    let (_, mut recipe) = begin(login);
    recipe.next(None).unwrap();
    let error = recipe
        .next(answered(
            200,
            &[],
            "{\"access_token\": \"hidden\", \"user\": {\"id\": 1}}",
        ))
        .unwrap_err();
    let error = error.to_string();
    assert!(error.contains("login[0].step[0].take.bearer"), "{error}");
    assert!(
        error.contains("did you mean `$.access_token`?") && error.contains("$.user.id"),
        "{error}"
    );
    assert!(!error.contains("hidden"), "{error}");
}

#[test]
fn statuses_can_be_declared() {
    let login = "[[login]]\nstep = [{ call = \"POST /login\", status = [409] }]\n";
    let (_, mut recipe) = begin(login);
    recipe.next(None).unwrap();
    assert!(recipe.next(answered(200, &[], "")).is_err());
    let (_, mut recipe) = begin(login);
    recipe.next(None).unwrap();
    done(recipe.next(answered(409, &[], "")).unwrap());
}

#[test]
fn answers_out_of_order_are_refused() {
    let (_, mut recipe) = begin("[[login]]\nstep = [{ call = \"GET /\" }]\n");
    assert!(recipe.next(answered(200, &[], "")).is_err());
    let (_, mut recipe) = begin("[[login]]\nstep = [{ call = \"GET /\" }]\n");
    recipe.next(None).unwrap();
    let error = recipe
        .next(Some(Answer::Value(None)))
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "the recipe waits for a response, and was given a value"
    );
}

#[test]
fn the_password_grant_is_one_form_post() {
    let (_, mut recipe) = begin("[[login]]\noauth = \"/token\"\n");
    let wire = sent(recipe.next(None).unwrap());
    assert_eq!(
        wire.body,
        format!("grant_type=password&password={PASSWORD}&username=ann%40example.com")
    );
    let session = done(
        recipe
            .next(answered(200, &[], "{\"access_token\": \"t\"}"))
            .unwrap(),
    );
    assert_eq!(session.bearer.as_deref(), Some("t"));
}

#[test]
fn basic_without_a_name_or_password_is_an_error() {
    let target = target("[[login]]\nbasic = true\n", by_host());
    let mut nobody = actor();
    nobody.fields.remove("password");
    let login = target.description.login[0].clone();
    let mut recipe = Recipe::login(&target, &login, &nobody, None).unwrap();
    let error = recipe.next(None).unwrap_err().to_string();
    assert!(
        error.contains("login[0].basic") && error.contains("{user.password}"),
        "{error}"
    );
}

#[test]
fn a_step_goes_to_the_target_or_to_a_companion_and_nowhere_else() {
    let sent = |call: &str| {
        let toml = format!("[[login]]\n[[login.step]]\ncall = \"{call}\"\n");
        let mut target = target(&toml, by_host());
        target.values.insert("service.idp.port", "9001");
        let login = target.description.login[0].clone();
        let mut recipe = Recipe::login(&target, &login, &actor(), None).unwrap();
        match recipe.next(None) {
            Ok(Need::Send(wire)) => Ok(wire.base),
            Ok(_) => panic!("no call"),
            Err(error) => Err(error.to_string()),
        }
    };
    let own = Ok("http://127.0.0.1:8080".to_owned());
    assert_eq!(sent("POST /login"), own);
    assert_eq!(sent("POST http://localhost:{port}/login"), own);
    let companion = sent("POST http://127.0.0.1:{service.idp.port}/token");
    assert_eq!(companion, Ok("http://127.0.0.1:9001".to_owned()));
    let astray = sent("POST https://idp.example.com/token").unwrap_err();
    assert!(
        astray.starts_with("login[0].step[0].call: `https://idp.example.com` is neither"),
        "{astray}"
    );
}

#[test]
fn basic_and_fixed_headers_need_no_call() {
    let (_, mut recipe) =
        begin("[[login]]\nbasic = true\nheaders = { X-Key = \"k-{tenant.slug}\" }\n");
    let session = done(recipe.next(None).unwrap());
    let expected = STANDARD.encode(format!("ann@example.com:{PASSWORD}"));
    assert_eq!(
        session.headers[0],
        ("Authorization".into(), format!("Basic {expected}"))
    );
    assert_eq!(session.headers[1], ("X-Key".into(), "k-acme".into()));
}

#[test]
fn tokens_are_minted_by_a_template() {
    let (target, mut recipe) = begin(
        r#"
        [[login]]
        [login.jwt]
        secret = "{secret.jwt}"
        algorithm = "HS512"
        header = "X-Auth: Token {token}"
        [login.jwt.claims]
        sub = "{user.id}"
        n = "{user.id:json}"
        iat = "now"
        exp = "now+3600"
        org = { id = "{tenant.key}", roles = ["{user.role}", 1, true] }
        "#,
    );
    let session = done(recipe.next(None).unwrap());
    let token = session.bearer.clone().unwrap();
    let key = DecodingKey::from_secret(target.values.get("secret.jwt").unwrap().as_bytes());
    let claims = jsonwebtoken::decode::<Json>(&token, &key, &Validation::new(Algorithm::HS512))
        .unwrap()
        .claims;
    assert_eq!(
        (&claims["sub"], &claims["n"]),
        (&Json::from("7"), &Json::from(7))
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );
    assert_eq!(
        claims["org"],
        serde_json::json!({"id": "key-1", "roles": ["admin", 1, true]})
    );
    assert_eq!(
        session.credential_headers("acme.localhost", "/"),
        [("X-Auth".to_owned(), format!("Token {token}"))]
    );
    assert!(session.signing.is_some(), "the secret is known");
}

#[test]
fn api_keys_are_inserted_hashed() {
    let (target, mut recipe) = begin(
        r#"
        [[login]]
        [login.api_key]
        table = "auth.ApiKey"
        format = "pk_{random}"
        header = "X-Api-Key: {key}"
        [login.api_key.row]
        id = "{uuid}"
        hash = "{key.sha256}"
        mac = "{key.hmac-sha256:secret.pepper}"
        b64 = "{key.sha512.base64}"
        prefix = "{key.prefix:6}"
        owner = "it's {user.id}"
        expires = "sql:now() + interval '1 day' * length('{user.email}')"
        "#,
    );
    let Need::Execute(sql) = recipe.next(None).unwrap() else {
        panic!("the key is inserted first")
    };
    let session = done(recipe.next(Some(Answer::Value(None))).unwrap());
    let (name, key) = session.headers[0].clone();
    assert_eq!(name, "X-Api-Key");
    assert!(key.starts_with("pk_") && key.len() == 35, "{key}");
    let hash = hex::encode(mint::digest("sha256", &key).unwrap());
    let mac =
        hex::encode(mint::mac(None, target.values.get("secret.pepper").unwrap(), &key).unwrap());
    let wide = STANDARD.encode(mint::digest("sha512", &key).unwrap());
    assert!(sql.starts_with("INSERT INTO \"auth\".\"ApiKey\" (\"b64\", \"expires\", \"hash\", \"id\", \"mac\", \"owner\", \"prefix\") VALUES ("), "{sql}");
    for part in [
        format!("'{wide}'"),
        format!("'{hash}'"),
        format!("'{mac}'"),
        format!("'{}'", &key[..6]),
        "'it''s 7'".to_owned(),
        "now() + interval '1 day' * length('ann@example.com')".to_owned(),
    ] {
        assert!(sql.contains(&part), "{part} in {sql}");
    }
    assert!(!sql.contains(&key));
}

#[test]
fn a_pepper_that_is_not_there_is_named() {
    let (_, mut recipe) = begin(
        "[[login]]\napi_key = { table = \"k\", row = { h = \"{key.hmac-sha256:secret.peper}\" } }\n",
    );
    let error = recipe.next(None).unwrap_err().to_string();
    assert!(
        error.contains("login[0].api_key.row.h") && error.contains("did you mean `secret.pepper`?"),
        "{error}"
    );
}

#[test]
fn cookies_are_signed_by_a_format() {
    let (target, mut recipe) = begin(
        r#"
        [[login]]
        [login.cookie]
        name = "tenant"
        payload = "{tenant.key}|{user.id}"
        signs = "v1:{payload.base64url}"
        format = "v1.{payload.base64url}.{mac.hex}"
        secret = "{secret.jwt}"
        "#,
    );
    let session = done(recipe.next(None).unwrap());
    let value = session.jar.value("tenant").unwrap();
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode("key-1|7");
    let mac = mint::mac(
        None,
        target.values.get("secret.jwt").unwrap(),
        &format!("v1:{payload}"),
    )
    .unwrap();
    assert_eq!(value, format!("v1.{payload}.{}", hex::encode(mac)));
    assert_eq!(
        session
            .jar
            .header("acme.localhost:8080", "/", std::time::SystemTime::now())
            .unwrap(),
        format!("tenant={value}")
    );
    assert_eq!(
        session
            .jar
            .header("other.localhost", "/", std::time::SystemTime::now()),
        None
    );
}

#[test]
fn a_cookie_of_long_ago_is_genuine_and_holds_a_time_that_is_past() {
    let described = |payload: &str| {
        let description = format!(
            r#"
            [[login]]
            [login.given_cookie]
            name = "tenant"
            payload = '{payload}'
            format = "{{payload}}.{{mac.hex}}"
            secret = "{{secret.jwt}}"
            "#
        );
        let (target, mut recipe) = begin(&description);
        (target, done(recipe.next(None).unwrap()))
    };
    let (target, session) = described(r#"{{"t":"{tenant.key}","e":{now+3600}}}"#);
    assert_eq!(session.jar.value("tenant"), None, "the target gives it");
    let (name, value) = session.expired_cookie.unwrap();
    let (said, seal) = value.rsplit_once('.').unwrap();
    let json: serde_json::Value = serde_json::from_str(said).unwrap();
    assert_eq!((&*name, &json["t"]), ("tenant", &"key-1".into()));
    let ended = mint::now() - json["e"].as_i64().unwrap();
    assert!(ended > 390 * 24 * 3600, "{ended}");
    let secret = target.values.get("secret.jwt").unwrap();
    assert_eq!(seal, hex::encode(mint::mac(None, secret, said).unwrap()));
    let (_, timeless) = described("{tenant.key}");
    assert_eq!(timeless.expired_cookie, None, "it cannot expire");
}

#[test]
fn times_are_counted_from_now() {
    assert_eq!(mint::time("now", 100), Some(100));
    assert_eq!(mint::time("now+60", 100), Some(160));
    assert_eq!(mint::time("now-60", 100), Some(40));
    assert_eq!(mint::time("now.ms+5", 100), Some(100_005));
    assert_eq!(mint::time("nowhere", 100), None);
    assert_eq!(mint::time("now+x", 100), None);
}

#[test]
fn seeding_steps_hand_on_what_they_take() {
    let target = target(
        r#"
        [[seed.calls]]
        call = "POST /orgs/{tenant.slug}/things?by={user.email}"
        json = { name = "x" }
        take = { thing = "$.id" }
        [[seed.calls]]
        call = "PUT /things/{thing}"
        form = { a = "{earlier}" }
        "#,
        Addressing::Session,
    );
    let values = Values::new()
        .with("earlier", "e1")
        .with("user.email", "a@b.c")
        .with("tenant.slug", "new firm");
    let session = Session {
        bearer: Some("t".into()),
        ..Session::default()
    };
    let mut recipe = Recipe::steps(
        &target,
        &target.description.seed.calls.clone(),
        Some(session),
        values,
        None,
    );
    let wire = sent(recipe.next(None).unwrap());
    assert_eq!(wire.target, "/orgs/new%20firm/things?by=a%40b.c");
    assert_eq!(header(&wire, "authorization"), ["Bearer t"]);
    let wire = sent(recipe.next(answered(201, &[], "{\"id\": 9}")).unwrap());
    assert_eq!(
        (wire.target.as_str(), &wire.body[..]),
        ("/things/9", &b"a=e1"[..])
    );
    let session = done(recipe.next(answered(204, &[], "")).unwrap());
    assert_eq!(session.taken.iter().collect::<Vec<_>>(), [("thing", "9")]);
    assert_eq!(session.bearer.as_deref(), Some("t"));
}

#[test]
fn the_host_of_a_step_can_be_said_and_is_the_apex_without_a_tenant() {
    let target = target(
        "[[seed.calls]]\ncall = \"GET http://auth.localhost:{port}\"\n[[seed.calls]]\ncall = \"GET /x\"\n",
        by_host(),
    );
    let mut recipe = Recipe::steps(
        &target,
        &target.description.seed.calls.clone(),
        None,
        Values::new(),
        None,
    );
    let wire = sent(recipe.next(None).unwrap());
    assert_eq!(
        (wire.host(), wire.target.as_str()),
        (Some("auth.localhost:8080"), "/")
    );
    assert_eq!(
        wire.base, "http://127.0.0.1:8080",
        "the connection stays with the target"
    );
    let wire = sent(recipe.next(answered(200, &[], "")).unwrap());
    assert_eq!(wire.host(), Some("localhost:8080"));
}

#[test]
fn the_first_log_in_that_fits_is_taken() {
    let target = target(
        "[[login]]\nroles = [\"root\"]\nbasic = true\n[[login]]\noauth = \"/t\"\n",
        by_host(),
    );
    assert_eq!(
        target.login_for(&actor()).unwrap().oauth.as_deref(),
        Some("/t")
    );
    assert!(target.login_for(&Actor::anonymous(None)).is_none());
    let recipe = Recipe::login(
        &target,
        &target.description.login[1].clone(),
        &actor(),
        None,
    )
    .unwrap();
    assert_eq!(recipe.at, "login[1]");
}
