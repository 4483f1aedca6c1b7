//! SAML bearer: an app vouches for a user with an assertion that it signed. No secret, no refresh token.
//!
//! Source: Salesforce Help, OAuth 2.0 SAML Bearer Assertion Flow and its errors. An assertion that is past its time gets
//! the words of a code (a public question of 2013); that each is taken once is unconfirmed.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{Asked, Granted, Refusal, assertions};
use crate::demo_org::saml::Assertion;

/// How far clocks may differ, in milliseconds.
const SKEW: i64 = 60_000;

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    let invalid = Refusal::grant("invalid assertion");
    let text = asked.required("assertion", "missing required parameter: assertion")?;
    let assertion = read(text).ok_or(invalid.clone())?;
    let app = asked.known(assertion.issuer().as_deref().unwrap_or_default())?;
    let key = app.public_key().filter(|_| app.allows("saml_bearer"));
    let key = key.ok_or(Refusal::new("invalid_client", "invalid client credentials"))?;
    if !assertion.is_signed_by(&key) {
        return Err(invalid);
    }
    let audiences = assertions::audiences(asked);
    if !assertion.audiences().iter().any(|audience| audiences.contains(audience)) {
        return Err(Refusal::grant("Audience validation failed"));
    }
    let (recipient, until) = assertion.recipient().ok_or(invalid.clone())?;
    if recipient
        .strip_suffix("/services/oauth2/token")
        .is_none_or(|base| !audiences.iter().any(|one| one == base))
    {
        return Err(invalid);
    }
    let (from, to) = assertion.span().ok_or(invalid.clone())?;
    let now = asked.world.clock.now();
    if until <= now || to.is_some_and(|to| to <= now) {
        return Err(Refusal::grant("expired authorization code"));
    }
    if from.is_some_and(|from| from.0 > now.0 + SKEW) {
        return Err(invalid);
    }
    let username = assertion.name_id().ok_or(invalid.clone())?;
    let name = assertion.id().map(|id| format!("{} saml {id}", app.consumer_key));
    if !name.is_some_and(|name| asked.world.authorizations.used_assertions.put(name, ())) {
        return Err(invalid);
    }
    let (user_id, scopes) = assertions::admit(asked, app, &username)?;
    Ok(Granted::without_person(user_id, app, scopes))
}

/// An assertion in base64url, or in plain base64, as many senders have it.
pub(super) fn read(text: &str) -> Option<Assertion> {
    let text: String = text.split_whitespace().collect();
    let text = text.trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text)).ok()?;
    Assertion::read(std::str::from_utf8(&bytes).ok()?)
}
