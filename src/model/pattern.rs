//! Patterns of routes: `GET /docs/*`, `/health`, `* /admin/*`.

use super::route::RouteId;

/// Whether a text fits a pattern in which `*` stands for anything, slashes too.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether a route fits: by its id, by its path alone where the pattern names no method. Names of path parameters may
/// differ, unless a star stands in the path: `*/{id}*` means those of that name.
pub fn matches(pattern: &str, id: &RouteId) -> bool {
    let whole = id.0.as_str();
    let path = whole.split_once(' ').map_or(whole, |(_, path)| path);
    let text = if pattern.starts_with('/') {
        path
    } else {
        whole
    };
    let within = pattern.split_once(' ').map_or(pattern, |(_, path)| path);
    glob(pattern, text) || (!within.contains('*') && glob(&anonymous(pattern), &anonymous(text)))
}

/// `/a/{b}/c` as `/a/{}/c`.
pub fn anonymous(template: &str) -> String {
    let mut text = String::with_capacity(template.len());
    let mut inside = false;
    for c in template.chars() {
        match c {
            '{' => inside = true,
            '}' => inside = false,
            _ if inside => continue,
            _ => {}
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, fits) in [
            ("GET /docs/*", "GET /docs/a/b", true),
            ("GET /docs/*", "POST /docs/a", false),
            ("*", "", true),
            ("a*a", "a", false),
            ("a*b*c", "aXbYc", true),
            ("a*b*c", "acb", false),
            ("plain", "plain", true),
            ("plain", "plainer", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} on {text}");
        }
    }

    #[test]
    fn routes_match_with_or_without_method_and_by_any_parameter_name() {
        let id = RouteId("GET /orgs/{org}/items/{id}".to_owned());
        for pattern in [
            "/orgs/*",
            "GET *",
            "* /orgs/{x}/items/{y}",
            "/orgs/{slug}/items/{id}",
            "*/{id}*",
        ] {
            assert!(matches(pattern, &id), "{pattern}");
        }
        for pattern in ["POST *", "/orgs/{org}", "/items/*", "*/items/{item}*"] {
            assert!(!matches(pattern, &id), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn patterns_match_as_expressions_do(pattern in "[ab*]{0,6}", text in "[ab]{0,8}") {
            let expression = format!("^{}$", pattern.replace('*', ".*"));
            let expected = regex::Regex::new(&expression).unwrap().is_match(&text);
            prop_assert_eq!(glob(&pattern, &text), expected);
        }

        #[test]
        fn a_star_in_place_of_any_part_matches(text in "[a-c/ ]{0,12}", from in 0_usize..12, to in 0_usize..12) {
            let (from, to) = (from.min(text.len()), to.min(text.len()));
            let (from, to) = (from.min(to), from.max(to));
            let pattern = format!("{}*{}", &text[..from], &text[to..]);
            prop_assert!(glob(&pattern, &text));
            let longer = format!("z{text}");
            prop_assert!(!glob(&text, &longer));
        }
    }
}
