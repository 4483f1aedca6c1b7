//! Asset tokens: a user's access token and a device's own description become a token of the device.
//!
//! Source: the public Salesforce Platform APIs collection (parameters). Claims and refusals are unconfirmed.

use serde_json::{Map, Value, json};

use super::token_exchange::TYPE;
use super::{Asked, Refusal, discovery};
use crate::demo_org::jwt::Jwt;
use crate::demo_org::sessions::random_text;

/// How long an asset token is good, in seconds.
const LIFETIME: i64 = 30 * 86_400;

/// Claims of the device that are passed on.
const PASSED_ON: [&str; 7] =
    ["did", "Name", "AssetNumber", "SerialNumber", "ProductCode", "AccountId", "cnf"];

/// The answer with the asset token.
pub(super) fn token(asked: &Asked<'_>) -> Result<Map<String, Value>, Refusal> {
    let invalid = |text| Refusal::new("invalid_request", text);
    if asked.param("subject_token_type").and_then(|kind| kind.strip_prefix(TYPE)) != Some("access_token") {
        return Err(invalid("invalid subject_token_type"));
    }
    if asked.param("actor_token_type").and_then(|kind| kind.strip_prefix(TYPE)) != Some("jwt") {
        return Err(invalid("invalid actor_token_type"));
    }
    let token = asked.required("subject_token", "missing required parameter: subject_token")?;
    let session = asked.world.sessions.get(token);
    let session = session.filter(|session| session.of.org == asked.call.door.org());
    let session = session.ok_or(Refusal::grant("invalid subject token"))?;
    let app = session.of.consumer_key.as_deref().and_then(|key| asked.org().app(key));
    let app = app.filter(|app| app.allows("asset"));
    let app = app.ok_or(Refusal::new("oauth_flow_disabled", "asset tokens are not enabled"))?;
    // The device need not sign: what it says is believed as far as the user's token goes.
    let device = asked.param("actor_token").and_then(Jwt::read).ok_or(Refusal::grant("invalid assertion"))?;
    device.text("did").ok_or(Refusal::grant("invalid assertion"))?;
    let now = asked.world.clock.now().0 / 1000;
    let mut claims = json!({
        "iss": asked.base(),
        "sub": session.of.user_id,
        "aud": app.consumer_key,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": random_text(20),
    });
    for name in PASSED_ON.iter().filter(|name| !device.claims[**name].is_null()) {
        claims[*name] = device.claims[*name].clone();
    }
    asked.record(&session.of.user_id, "Success", app);
    Ok([
        ("access_token", discovery::signed(&claims)),
        ("issued_token_type", format!("{TYPE}jwt")),
        ("token_type", "Bearer".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), Value::String(value)))
    .collect())
}
