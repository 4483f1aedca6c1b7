//! Username-password: the security token is appended to the password unless the caller's IP is trusted.
//!
//! Source: the public Salesforce Platform APIs collection (the request); Salesforce Help, Block Authorization Flows
//! (the org's switch); Force CLI (no external client apps).

use super::{Asked, Granted, Refusal};
use crate::demo_org::orgs::UserSpec;
use crate::demo_org::standing::INVALID_PASSWORD;

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    let app = asked.app()?;
    let username = asked.required("username", "missing required parameter: username")?;
    let password = asked.required("password", "missing required parameter: password")?;
    // A username of another org leaves no trace here: there is no user to whose history it would go.
    let user = asked.org().user(username).filter(|(user, _)| !user.site_member);
    let (user, user_id) = user.ok_or(Refusal::authentication_failure())?;
    let failure = Refusal::authentication_failure();
    if app.external_client_app || !app.allows("password") {
        return asked.fail(&user_id, app, "Username-Password Flow Disabled", failure);
    }
    let wrong = wrong_password(user, password);
    if let Some(status) = asked.world.org(asked.call.door).standings.password(user, &user_id, wrong) {
        return asked.fail(&user_id, app, status, failure);
    }
    asked.admit(user, &user_id, app)?;
    Ok(Granted::without_person(user_id, app, app.scopes.clone()))
}

/// The status that Login History gives a password that does not open the door.
pub(in crate::demo_org) fn wrong_password(user: &UserSpec, given: &str) -> Option<&'static str> {
    let Some(token) = given.strip_prefix(user.password.as_str()) else { return Some(INVALID_PASSWORD) };
    // From a trusted IP range the token may be left out.
    match token {
        "" if user.trusted_ip => None,
        "" => Some("Failed: API security token required"),
        token if token == user.security_token && !user.refuses_security_token => None,
        _ => Some(INVALID_PASSWORD),
    }
}
