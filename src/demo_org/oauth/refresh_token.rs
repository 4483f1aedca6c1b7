//! Refresh: a new session for an authorisation. With rotation the token is replaced each time, and whoever shows a
//! replaced one ends the whole authorisation.
//!
//! Source: Salesforce Help, Refresh Token Rotation, and the release note on simultaneous token requests.

use std::thread;

use super::authorizations::NotTaken;
use super::granted::{Granted, Renewal};
use super::{Asked, Refusal, scopes};
use crate::demo_org::call::Call;

const GRANT: &str = "refresh_token";

/// Whether the work itself takes the time that an answer is delayed by: two that use the same token at once must
/// be seen to.
pub(in crate::demo_org) fn takes_its_time(call: &Call) -> bool {
    matches!(call.path.as_slice(), [.., endpoint] if endpoint == "token")
        && call.form().iter().any(|(name, value)| name == "grant_type" && value == GRANT)
}

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    let app = asked.client(|app| app.secret_for_refresh)?;
    let token = asked.required("refresh_token", "missing required parameter: refresh_token")?;
    // Clients that keep sending the verifier of their login are told so (public reports about jsforce).
    if asked.param("code_verifier").is_some() {
        return Err(Refusal::grant("unexpected code verifier"));
    }
    let dead = Refusal::grant("expired access/refresh token");
    let all = &asked.world.authorizations;
    let held = match all.hold(token) {
        Ok(held) => held,
        Err(NotTaken::Busy) => {
            let status = "Failed: Token request is already being processed";
            if let Some((_, of)) = all.of_token(token) {
                asked.record(&of.user_id, status, app);
            }
            return Err(Refusal::grant("token request is already being processed"));
        }
        Err(NotTaken::Replaced(id)) => {
            all.revoke(id);
            asked.world.sessions.end_if(|owner| owner.authorization == Some(id));
            return Err(dead);
        }
        Err(NotTaken::Dead) => return Err(dead),
    };
    thread::sleep(asked.call.delay);
    if held.of.org != asked.call.door.org() || held.of.consumer_key != app.consumer_key {
        return Err(dead);
    }
    let user_id = held.of.user_id.clone();
    let lifetime = app.refresh_token_hours.map(|hours| hours * 3_600_000);
    if lifetime.is_some_and(|lifetime| held.issued.0 + lifetime <= asked.world.clock.now().0) {
        return asked.fail(&user_id, app, "Failed: Token expired", dead);
    }
    let user = asked.org().user_of_id(&user_id).ok_or(dead)?;
    let scopes = match asked.param("scope") {
        None => held.of.scopes.clone(),
        some => scopes::granted(app, some)?,
    };
    asked.admit(user, &user_id, app)?;
    let replaced = app.rotates_refresh_tokens.then(|| held.replace());
    let renewal = Renewal::By(held.id, replaced);
    Ok(Granted { renewal, ..Granted::by_person(user_id, app, scopes, None) })
}
