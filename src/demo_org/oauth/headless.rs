//! Authorization Code and Credentials: no browser, no pages; the app sends the username and password of a site's member
//! and reads the code from the redirect. Only an Experience Cloud site serves it.
//!
//! Source: Salesforce Help, Headless Identity. That refusals come as JSON, and their words, are unconfirmed.

use http::Method;

use super::{Asked, Refusal};
use crate::demo_org::call::Door;
use crate::demo_org::orgs::AppSpec;
use crate::demo_org::standing::INVALID_PASSWORD;

/// What is asked for at `authorize`.
pub(super) const RESPONSE_TYPE: &str = "code_credentials";

/// Whether this host does it, for this app.
pub(super) fn is_served(asked: &Asked<'_>, app: &AppSpec) -> bool {
    asked.call.door == Door::Site && app.allows("code_credentials")
}

/// Whose credentials came along: in the header, else in the form.
pub(super) fn user_id(asked: &Asked<'_>, app: &AppSpec) -> Result<String, Refusal> {
    if asked.call.method != Method::POST {
        return Err(Refusal::new("invalid_request", "must use HTTP POST"));
    }
    if asked.call.header("auth-request-type") != Some("Named-User") {
        return Err(Refusal::new("invalid_request", "invalid Auth-Request-Type header"));
    }
    let in_form = || Some((asked.param("username")?.to_owned(), asked.param("password")?.to_owned()));
    let missing = Refusal::new("invalid_basic_auth_header", "invalid basic auth header");
    let (username, password) = asked.basic()?.or_else(in_form).ok_or(missing)?;
    let failure = Refusal::authentication_failure();
    let user = asked.org().user(&username).filter(|(user, _)| user.site_member);
    let (user, user_id) = user.ok_or(failure.clone())?;
    let wrong = (password != user.password).then_some(INVALID_PASSWORD);
    if let Some(status) = asked.world.org(asked.call.door).standings.password(user, &user_id, wrong) {
        return asked.fail(&user_id, app, status, failure);
    }
    asked.no_barrier(user, &user_id, app)?;
    Ok(user_id)
}
