//! A request as a `curl` command that anybody may paste: credentials are asked for, never given.

use std::path::Path;

use crate::model::shown::{HeaderValue, Shown};

/// The description that needs no naming.
const DEFAULT: &str = "partywall.toml";

/// The command's parts, the first with method and URL, one option each after it. `description` is named where it is not
/// the usual one.
pub fn parts(shown: &Shown, description: &Path) -> Vec<String> {
    let mut parts = vec![format!("curl -i{}", options(shown))];
    parts.push(quote(&shown.url));
    for (name, value) in &shown.headers {
        parts.push(header(shown, name, value, description));
    }
    match &shown.body {
        Some(Ok(text)) => {
            if !has(shown, "content-type") {
                parts.push("-H 'Content-Type:'".to_owned());
            }
            parts.push(format!("--data-raw {}", quote(text)));
        }
        Some(Err(length)) => parts.push(format!(
            "--data-binary @body-of-{length}-bytes  # no text: take it from the replay file"
        )),
        None => {}
    }
    parts
}

/// The command in one line.
pub fn line(shown: &Shown, description: &Path) -> String {
    parts(shown, description).join(" ")
}

fn options(shown: &Shown) -> String {
    let mut options = String::new();
    match (shown.method.as_str(), &shown.body) {
        ("GET", None) => {}
        ("HEAD", None) => options += " -I",
        (method, _) => options = format!("{options} -X {}", bare_or_quoted(method)),
    }
    if shown.url.contains("/.") {
        options += " --path-as-is";
    }
    if shown.url.contains(['[', ']', '{', '}']) {
        options += " -g";
    }
    options
}

fn has(shown: &Shown, name: &str) -> bool {
    shown
        .headers
        .iter()
        .any(|(n, _)| n.eq_ignore_ascii_case(name))
}

fn header(shown: &Shown, name: &str, value: &HeaderValue, description: &Path) -> String {
    match value {
        // curl drops a header without a value unless it ends with a semicolon.
        HeaderValue::Plain(value) if value.is_empty() => {
            format!("-H {}", quote(&format!("{name};")))
        }
        HeaderValue::Plain(value) => format!("-H {}", quote(&format!("{name}: {value}"))),
        HeaderValue::Credential(prefix) => {
            let mut command = "partywall token".to_owned();
            if description != Path::new(DEFAULT) {
                command = format!(
                    "{command} -c {}",
                    bare_or_quoted(&description.display().to_string())
                );
            }
            command = format!("{command} {}", bare_or_quoted(&shown.actor.to_string()));
            if !name.eq_ignore_ascii_case("authorization") {
                command = format!(
                    "{command} --header {}",
                    bare_or_quoted(&name.to_ascii_lowercase())
                );
            }
            format!("-H \"{name}: {prefix}$({command})\"")
        }
    }
}

/// A word as it is where a shell leaves it alone, else in quotes.
pub fn bare_or_quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        quote(word)
    }
}

/// Text in quotes that a POSIX shell takes literally; with control characters, in those of bash.
fn quote(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let escaped: String = text
        .chars()
        .map(|c| match c {
            '\n' => r"\n".to_owned(),
            '\r' => r"\r".to_owned(),
            '\t' => r"\t".to_owned(),
            '\'' => r"\'".to_owned(),
            '\\' => r"\\".to_owned(),
            c if c.is_control() => format!(r"\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("$'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(method: &str, url: &str, body: Option<&str>) -> Shown {
        Shown {
            actor: "acme.admin".into(),
            method: method.into(),
            url: url.into(),
            headers: vec![
                (
                    "Host".into(),
                    HeaderValue::Plain("acme.localhost:80".into()),
                ),
                (
                    "Authorization".into(),
                    HeaderValue::Credential("Bearer ".into()),
                ),
            ],
            body: body.map(|b| Ok(b.to_owned())),
            bent: None,
        }
    }

    #[test]
    fn credentials_are_asked_for() {
        let mut request = shown("GET", "http://127.0.0.1:1/a", None);
        request
            .headers
            .push(("Cookie".into(), HeaderValue::Credential(String::new())));
        assert_eq!(
            line(&request, Path::new("partywall.toml")),
            "curl -i 'http://127.0.0.1:1/a' -H 'Host: acme.localhost:80' \
             -H \"Authorization: Bearer $(partywall token acme.admin)\" \
             -H \"Cookie: $(partywall token acme.admin --header cookie)\""
        );
        assert!(line(&request, Path::new("x/y.toml")).contains("token -c x/y.toml acme.admin"));
    }

    #[test]
    fn what_curl_would_tidy_up_is_kept() {
        let line = line(
            &shown("GET", "http://h/a/../b?x[0]=1", None),
            Path::new("partywall.toml"),
        );
        assert!(
            line.starts_with("curl -i --path-as-is -g 'http://h/a/../b?x[0]=1'"),
            "{line}"
        );
    }

    #[test]
    fn bodies_survive_the_shell() {
        let line = line(
            &shown("PATCH", "http://h/", Some("{\"a\":\"it's\"}")),
            Path::new("partywall.toml"),
        );
        assert!(line.contains("curl -i -X PATCH"), "{line}");
        assert!(
            line.ends_with(r#"-H 'Content-Type:' --data-raw '{"a":"it'\''s"}'"#),
            "{line}"
        );
    }

    #[test]
    fn control_characters_are_written_as_bash_reads_them() {
        assert_eq!(quote("a\r\n'b\\\u{1}"), r"$'a\r\n\'b\\\u0001'");
    }

    /// The shell is asked what it reads: the only judge of quoting.
    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for text in [
            "plain",
            "it's",
            "a\nb",
            "$(x) `y` \"z\" \\n",
            "tab\tand 'quote'\r\n",
            "ü \u{7f}",
        ] {
            let output = std::process::Command::new("bash")
                .env("LC_ALL", "C.UTF-8")
                .args(["-c", &format!("printf %s {}", quote(text))])
                .output()
                .expect("bash runs");
            assert_eq!(String::from_utf8_lossy(&output.stdout), text);
        }
    }
}
