//! OpenID Connect: the discovery document, the key of the orgs, and the id tokens that it signs.
//!
//! Source: OpenID Connect Core and Discovery; names of fields from live discovery documents.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::granted::Nonce;
use super::scopes::SCOPES;
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::jwt;
use crate::demo_org::keys::PrivateKey;
use crate::demo_org::sessions::Session;
use crate::demo_org::world::World;

/// What signs for both orgs.
static KEY: LazyLock<PrivateKey> = LazyLock::new(|| {
    let pem = include_str!("../../../assets/demo/keys/org-key.pem");
    PrivateKey::of_pem(pem).expect("the program's own key, read by a test")
});

const KEY_ID: &str = "248";

/// How long an id token is good, in seconds.
const ID_TOKEN_SECONDS: i64 = 120;

/// `/.well-known/openid-configuration`.
pub(in crate::demo_org) fn openid_configuration(world: &World, call: &Call) -> Reply {
    let issuer = world.base(call.door);
    let endpoint = |name: &str| format!("{issuer}/services/oauth2/{name}");
    let scopes: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
    Reply::data(
        "configuration",
        json!({
            "issuer": issuer,
            "authorization_endpoint": endpoint("authorize"),
            "token_endpoint": endpoint("token"),
            "revocation_endpoint": endpoint("revoke"),
            "userinfo_endpoint": endpoint("userinfo"),
            "jwks_uri": format!("{issuer}/id/keys"),
            "introspection_endpoint": endpoint("introspect"),
            "scopes_supported": scopes,
            "response_types_supported": ["code", "token", "token id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "display_values_supported": ["page", "popup", "touch"],
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "client_secret_basic", "private_key_jwt"],
            "claims_supported": ["active", "email", "email_verified", "family_name", "given_name", "name",
                "nickname", "organization_id", "preferred_username", "sub", "user_id", "user_type", "zoneinfo"],
        }),
    )
}

/// `/id/keys`.
pub(in crate::demo_org) fn keys() -> Reply {
    let (modulus, exponent) = KEY.public().numbers().unwrap_or_default();
    let [modulus, exponent] = [modulus, exponent].map(|number| URL_SAFE_NO_PAD.encode(number));
    let key =
        json!({ "kty": "RSA", "n": modulus, "e": exponent, "alg": "RS256", "use": "sig", "kid": KEY_ID });
    Reply::data("keys", json!({ "keys": [key] }))
}

/// Says who a session's user is.
pub(super) fn id_token(
    issuer: &str,
    subject: &str,
    audience: &str,
    nonce: Nonce,
    session: &Session,
) -> String {
    let issued = session.issued.0 / 1000;
    let hash = digest::digest(&digest::SHA256, session.token.as_bytes());
    let mut claims = json!({
        "iss": issuer,
        "sub": subject,
        "aud": audience,
        "iat": issued,
        "exp": issued + ID_TOKEN_SECONDS,
        "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = Value::String(nonce);
    }
    signed(&claims)
}

/// A token that the orgs sign.
pub(super) fn signed(claims: &Value) -> String {
    jwt::sign(&KEY, KEY_ID, claims)
}
