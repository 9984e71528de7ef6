//! `token.claim-type`: a genuine token whose tenant claim is missing or of another type.

use serde_json::{Value as Json, json};

use super::{Claims, can_compare, tenant_claims, with_token};
use crate::attack::{Attack, Attempt, Ground, Scope};
use crate::model::call::Signature;

/// A genuine token whose tenant claim is missing or of another type.
pub(in crate::attack) struct ClaimType;

/// How many of the values are tried at the victim's address, too.
const AT_VICTIM: usize = 3;

const DOC: &str = r#"## What it does
Where the description gives the secret and calls say which tenant they address, makes genuine tokens whose tenant claim is
missing, null, empty, zero, an empty list, an empty object, or true: at the own address, with foreign ids where the path has
any; missing, null and empty at the victim's address with the victim's ids, too.

## Why teams fall for it
`if (mine && row.tenant !== mine) deny`: a caller whose tenant is null skips the guard (RL-04); no tenant means no filter
(RL-08), tenant 0 means all (RL-26). Such tokens are real: a user without a home, an API key, an old client.

## A correct target
Refuses, or answers as to somebody who belongs nowhere.

## Example
    GET /services/<foreign id>
    Host: own.example.com
    Authorization: Bearer <genuine token with "tenantId": null>
"#;

impl Attack for ClaimType {
    fn id(&self) -> &'static str {
        "token.claim-type"
    }

    fn title(&self) -> &'static str {
        "a genuine token whose tenant claim is missing or of another type"
    }

    fn doc(&self) -> &'static str {
        DOC
    }

    fn scope(&self) -> Scope {
        Scope::Middleware
    }

    fn attempts(&self, ground: &Ground<'_>) -> Vec<Attempt> {
        let names = tenant_claims(ground.facts);
        if !can_compare(ground) || names.is_empty() {
            return Vec::new();
        }
        let values = [
            ("missing", None),
            ("null", Some(Json::Null)),
            ("empty", Some(json!(""))),
            ("zero", Some(json!(0))),
            ("empty list", Some(json!([]))),
            ("empty object", Some(json!({}))),
            ("true", Some(json!(true))),
        ];
        let mut all = Vec::new();
        for (index, (variant, value)) in values.iter().enumerate() {
            let claims: Claims = names.iter().map(|n| (n.clone(), value.clone())).collect();
            if index < ground.afford(values.len()) {
                let attempt = with_token(ground.base(), claims.clone(), Signature::Genuine);
                all.push(attempt.titled(variant));
            }
            if index < AT_VICTIM {
                let attempt = with_token(ground.as_victim(), claims, Signature::Genuine);
                all.push(attempt.named(format!("{variant}, victim's address")));
            }
        }
        all
    }
}
