//! JWT bearer: an app vouches for a user with a token that it signed. No secret, no refresh token.
//!
//! Source: Salesforce Help, OAuth 2.0 JWT Bearer Flow. An assertion that is past its time gets the words of a code
//! (simple-salesforce, issue 491); those for one that is good for too long are unconfirmed.

use super::{Asked, Granted, Refusal, assertions};
use crate::demo_org::jwt::Jwt;

/// The farthest that an assertion may end in the future, in milliseconds: documents say three minutes, practice five.
const LONGEST: i64 = 5 * 60 * 1000;

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    let invalid = Refusal::grant("invalid assertion");
    let text = asked.required("assertion", "missing required parameter: assertion")?;
    let token = Jwt::read(text).ok_or(invalid.clone())?;
    let app = asked.known(token.text("iss").unwrap_or_default())?;
    let key = app.public_key().filter(|_| app.allows("jwt_bearer"));
    let key = key.ok_or(Refusal::new("invalid_client", "invalid client credentials"))?;
    if !token.is_signed_by(&key) {
        return Err(invalid);
    }
    let accepted = assertions::audiences(asked);
    if !token.audiences().iter().any(|audience| accepted.iter().any(|one| one == audience)) {
        return Err(Refusal::grant("audience is invalid"));
    }
    let (now, ends) = (asked.world.clock.now().0, token.moment("exp").ok_or(invalid.clone())?.0);
    if ends <= now {
        return Err(Refusal::grant("expired authorization code"));
    }
    if ends > now + LONGEST {
        return Err(invalid);
    }
    if let Some(name) = token.text("jti") {
        let name = format!("{} {name}", app.consumer_key);
        if !asked.world.authorizations.used_assertions.put(name, ()) {
            return Err(Refusal::new("bad_jti_claim", "jti claim was used before"));
        }
    }
    // Older documents call the subject `prn`.
    let username = token.text("sub").or(token.text("prn")).ok_or(invalid)?;
    let (user_id, scopes) = assertions::admit(asked, app, username)?;
    Ok(Granted::without_person(user_id, app, scopes))
}
