//! Username-password: the security token is appended to the password unless the caller's IP is trusted.
//!
//! Source: the public Salesforce Platform APIs collection (the request); Salesforce Help, Block Authorization Flows
//! (the org's switch); Force CLI (no external client apps).

use super::{Asked, Granted, Refusal, trouble_with};
use crate::demo_org::orgs::UserSpec;

const KIND: &str = "Remote Access 2.0";

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    let app = asked.app()?;
    let username = asked.required("username", "missing required parameter: username")?;
    let password = asked.required("password", "missing required parameter: password")?;
    // A username of another org leaves no trace here: there is no user to whose history it would go.
    let (user, user_id) = asked.org().user(username).ok_or(Refusal::authentication_failure())?;
    let fail = |refusal, status| {
        asked.record(&user_id, status, KIND, &app.name);
        Err(refusal)
    };
    if app.external_client_app || !app.allows("password") {
        return fail(Refusal::authentication_failure(), "Username-Password Flow Disabled");
    }
    if let Some(status) = wrong_password(user, password) {
        return fail(Refusal::authentication_failure(), status);
    }
    if let Some((refusal, status)) = trouble_with(user) {
        return fail(refusal, status);
    }
    asked.record(&user_id, "Success", KIND, &app.name);
    Ok(Granted { user_id, app: app.clone() })
}

/// The status that Login History gives a password that does not open the door.
pub(in crate::demo_org) fn wrong_password(user: &UserSpec, given: &str) -> Option<&'static str> {
    let Some(token) = given.strip_prefix(user.password.as_str()) else { return Some("Invalid Password") };
    // From a trusted IP range the token may be left out.
    match token {
        "" if user.trusted_ip => None,
        "" => Some("Failed: API security token required"),
        token if token == user.security_token => None,
        _ => Some("Invalid Password"),
    }
}
