//! The API document: what utoipa gathers from the handlers, and each list's filters and sort columns.
use serde_json::{Value, json};
use utoipa::openapi::{
    InfoBuilder, OpenApi,
    security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

use crate::{resources::LISTED, store::Resource};

/// Finishes the document.
pub(crate) fn finish(mut api: OpenApi) -> String {
    let about = "One firm a subdomain. Bearer tokens come from POST /api/auth/login.";
    api.info = InfoBuilder::new()
        .title("Accounting-firm portal")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(about))
        .build();
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    api.components
        .get_or_insert_default()
        .security_schemes
        .insert("bearer".to_owned(), bearer.into());
    api.security = Some(vec![SecurityRequirement::new(
        "bearer",
        Vec::<String>::new(),
    )]);
    let mut document = serde_json::to_value(&api).unwrap_or_default();
    for (path, resource) in LISTED {
        let filters = filters(&document, path, resource);
        if let Some(Value::Array(parameters)) =
            document["paths"][*path]["get"].get_mut("parameters")
        {
            parameters.extend(filters);
        }
    }
    document.to_string()
}

/// A list's own parameters: its filters, typed as the columns of its rows, and its orders.
fn filters(document: &Value, path: &str, resource: &Resource) -> Vec<Value> {
    let page =
        document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            ["$ref"]
            .as_str();
    let row = page
        .and_then(|name| name.strip_prefix("#/components/schemas/Page_"))
        .unwrap_or_default();
    let columns = &document["components"]["schemas"][row]["properties"];
    let orders: Vec<_> = resource
        .sortable
        .iter()
        .flat_map(|column| [(*column).to_owned(), format!("-{column}")])
        .collect();
    let sort = ("sort", json!({ "type": "string", "enum": orders }));
    let own = resource
        .filters
        .iter()
        .map(|column| (*column, schema(&columns[*column])))
        .chain([sort]);
    own.map(|(name, schema)| json!({ "name": name, "in": "query", "required": false, "schema": schema })).collect()
}

/// A filter takes the words of an enum column, or any text.
fn schema(column: &Value) -> Value {
    let choices = column["oneOf"]
        .as_array()
        .map_or(std::slice::from_ref(column), Vec::as_slice);
    match choices.iter().find(|choice| choice.get("$ref").is_some()) {
        Some(reference) => reference.clone(),
        None if column["type"].to_string().contains("boolean") => json!({ "type": "boolean" }),
        None => json!({ "type": "string" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_3_1_and_knows_filters_and_orders() {
        let document: Value = serde_json::from_str(&crate::openapi_json()).unwrap();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        for (path, resource) in LISTED {
            let parameters = document["paths"][*path]["get"]["parameters"]
                .as_array()
                .unwrap_or_else(|| panic!("{path}"));
            for name in resource.filters.iter().chain(&["sort"]) {
                assert!(
                    parameters
                        .iter()
                        .any(|parameter| parameter["name"] == **name),
                    "{path} {name}"
                );
            }
        }
    }

    #[test]
    fn there_are_more_than_forty_operations() {
        let document: Value = serde_json::from_str(&crate::openapi_json()).unwrap();
        let operations: usize = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .map(|item| item.as_object().unwrap().len())
            .sum();
        assert!(operations >= 40, "{operations}");
    }
}
