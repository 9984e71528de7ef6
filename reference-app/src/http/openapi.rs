//! The API document: what utoipa gathers from the handlers, and each list's filters and sort columns.
use utoipa::openapi::{
    OpenApi, Required,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Type},
    security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
};

use crate::resources::LISTED;

/// Finishes the document.
pub(crate) fn finish(mut api: OpenApi) -> OpenApi {
    api.info.title = "Accounting-firm portal".to_owned();
    api.info.description =
        Some("One firm a subdomain. Bearer tokens come from POST /api/auth/login.".to_owned());
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    api.components
        .get_or_insert_default()
        .security_schemes
        .insert("bearer".to_owned(), bearer.into());
    api.security = Some(vec![SecurityRequirement::new(
        "bearer",
        Vec::<String>::new(),
    )]);
    for (path, resource) in LISTED {
        let Some(operation) = api
            .paths
            .paths
            .get_mut(*path)
            .and_then(|item| item.get.as_mut())
        else {
            continue;
        };
        for column in resource.filters {
            add(
                operation,
                text(column)
                    .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
                    .build(),
            );
        }
        let orders = resource
            .sortable
            .iter()
            .flat_map(|column| [(*column).to_owned(), format!("-{column}")]);
        let order = ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(orders.collect::<Vec<_>>()));
        add(operation, text("sort").schema(Some(order)).build());
    }
    api
}

fn text(name: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
}

fn add(operation: &mut Operation, parameter: Parameter) {
    operation
        .parameters
        .get_or_insert_default()
        .push(parameter.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_document_their_order() {
        let text = crate::openapi_json();
        assert!(text.contains("\"-createdAt\""));
        assert!(text.starts_with("{\"openapi\":\"3.1"));
    }
}
