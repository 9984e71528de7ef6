//! Keys of partywall's own, for tokens that bring along what they are to be verified with. Nobody trusts them, so that they
//! are no secret: a run with the same seed signs the same.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::Value as Json;

use crate::model::call::OwnKey;

use super::super::error::TargetError;

/// The secret of an HMAC, and what the private keys of curves are made of.
const SEED: &[u8; 32] = b"partywall's own, trusted by none";

/// What stands before an Ed25519 key, and before one of P-256, in their usual structure (PKCS #8).
const BEFORE_ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIA==";
const BEFORE_P256: &str = "MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBCA=";

/// An RSA key (PKCS #1).
const RSA: &str = include_str!("own_rsa.pem");

/// A pair of keys.
pub(super) struct Pair {
    /// Signs.
    pub(super) private: EncodingKey,
    /// How.
    pub(super) algorithm: Algorithm,
    /// Verifies, as a JSON Web Key.
    pub(super) public: Json,
}

/// What a key goes by in a set of keys: `partywall-rsa`.
pub(super) fn name(public: &Json) -> String {
    let kind = public["kty"].as_str().unwrap_or_default();
    format!("partywall-{}", kind.to_ascii_lowercase())
}

/// The public keys of all kinds, by name.
pub(super) fn all() -> Result<Vec<Json>, TargetError> {
    let named = |alg| {
        let mut public = of(OwnKey::SameKind, Some(alg))?.public;
        public["kid"] = name(&public).into();
        if let Json::Object(fields) = &mut public {
            // One key signs by several algorithms.
            fields.shift_remove("alg");
        }
        Ok(public)
    };
    ["HS256", "RS256", "ES256", "EdDSA"]
        .into_iter()
        .map(named)
        .collect()
}

/// The pair of that kind, where the target's own tokens are signed by `alg`.
pub(super) fn of(kind: OwnKey, alg: Option<&str>) -> Result<Pair, TargetError> {
    let failed = |what: &dyn std::fmt::Display| TargetError::Forge(what.to_string());
    let same = alg.filter(|_| kind == OwnKey::SameKind);
    let algorithm = same.and_then(|alg| alg.parse().ok());
    // There is no key of its own on other curves.
    let algorithm = algorithm.filter(|a| *a != Algorithm::ES384);
    let algorithm = algorithm.unwrap_or(Algorithm::EdDSA);
    let decoded = |text: &str| STANDARD.decode(text).map_err(|e| failed(&e));
    let on_curve = |before| Ok::<_, TargetError>([decoded(before)?, SEED.to_vec()].concat());
    let private = match algorithm {
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => EncodingKey::from_secret(SEED),
        Algorithm::EdDSA => EncodingKey::from_ed_der(&on_curve(BEFORE_ED25519)?),
        Algorithm::ES256 => EncodingKey::from_ec_der(&on_curve(BEFORE_P256)?),
        _ => {
            let lines = RSA.lines().filter(|line| !line.starts_with("-----"));
            EncodingKey::from_rsa_der(&decoded(&lines.collect::<String>())?)
        }
    };
    let public = Jwk::from_encoding_key(&private, algorithm).map_err(|e| failed(&e))?;
    let public = serde_json::to_value(public).map_err(|e| failed(&e))?;
    Ok(Pair {
        private,
        algorithm,
        public,
    })
}
