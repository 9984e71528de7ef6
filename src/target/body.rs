//! Bodies as bytes, with the `Content-Type` that says how they are written.

use bytes::Bytes;
use url::form_urlencoded;

use crate::model::call::{Body, Part};

/// What parts stand between, unless one of them holds it.
const BOUNDARY: &str = "----partywall-boundary";

/// The `Content-Type` and the bytes of a body.
pub(crate) fn encode(body: &Body) -> (String, Bytes) {
    match body {
        Body::Json(json) => ("application/json".to_owned(), json.to_string().into()),
        Body::Form(fields) => {
            let mut text = form_urlencoded::Serializer::new(String::new());
            text.extend_pairs(fields);
            let content_type = "application/x-www-form-urlencoded".to_owned();
            (content_type, text.finish().into())
        }
        Body::Multipart(parts) => multipart(parts),
        Body::Text { content_type, text } => (content_type.clone(), text.clone().into()),
    }
}

fn multipart(parts: &[Part]) -> (String, Bytes) {
    let mut boundary = BOUNDARY.to_owned();
    while parts.iter().any(|p| p.text.contains(&boundary)) {
        boundary.push('x');
    }
    let mut text = String::new();
    for part in parts {
        let name = quoted(&part.name);
        text.extend([format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\""
        )]);
        if let Some(file) = &part.file_name {
            text.extend([format!("; filename=\"{}\"", quoted(file))]);
        }
        let content_type = part.content_type.as_deref();
        let content_type = content_type.or_else(|| {
            part.file_name
                .is_some()
                .then_some("application/octet-stream")
        });
        if let Some(content_type) = content_type {
            text.extend([format!("\r\nContent-Type: {content_type}")]);
        }
        text.extend([format!("\r\n\r\n{}\r\n", part.text)]);
    }
    text.extend([format!("--{boundary}--\r\n")]);
    (
        format!("multipart/form-data; boundary={boundary}"),
        text.into(),
    )
}

/// As browsers write names in `Content-Disposition`.
fn quoted(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, file: Option<&str>, text: &str) -> Part {
        Part {
            name: name.to_owned(),
            file_name: file.map(str::to_owned),
            content_type: None,
            text: text.to_owned(),
        }
    }

    #[test]
    fn forms_are_encoded_in_order() {
        let fields = vec![("b".into(), "1 2&".into()), ("a".into(), "é".into())];
        let (content_type, bytes) = encode(&Body::Form(fields));
        assert_eq!(content_type, "application/x-www-form-urlencoded");
        assert_eq!(bytes, "b=1+2%26&a=%C3%A9");
    }

    #[test]
    fn multipart_has_every_part_between_boundaries() {
        let parts = vec![
            part("name", None, "x"),
            part("fi\"le", Some("a.csv"), "a,b\r\n1,2"),
            part("trap", None, "----partywall-boundary"),
        ];
        let (content_type, bytes) = encode(&Body::Multipart(parts));
        let boundary = content_type.split_once("boundary=").unwrap().1;
        assert_eq!(boundary, "----partywall-boundaryx");
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(text.matches(&format!("--{boundary}\r\n")).count(), 3);
        assert!(text.ends_with(&format!("--{boundary}--\r\n")));
        assert!(text.contains("name=\"fi%22le\"; filename=\"a.csv\"\r\nContent-Type: application/octet-stream\r\n\r\na,b\r\n1,2\r\n"));
    }
}
