//! The front door: logs a browser in with a one-time password, or with a session id in the address, as was usual before.
//!
//! Source: Salesforce Help, Generate a Frontdoor URL to Bridge into UI Sessions.

use super::login;
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::oauth::opens_pages;
use crate::demo_org::tickets::Found;
use crate::demo_org::world::World;

/// `/secur/frontdoor.jsp`; what is not taken ends at the login page.
pub(super) fn enter(world: &World, call: &Call) -> Reply {
    let start = login::own_path(call.param("startURL").or(call.param("retURL"))).unwrap_or(login::HOME);
    let start = world.path(call.door, start);
    let org = call.door.org();
    let by_password =
        call.param("otp").and_then(|text| match world.authorizations.one_time_passwords.take(text) {
            Found::Good(password) if password.org == org => Some(password.user_id),
            _ => None,
        });
    let by_session = || {
        let session = world.sessions.get(call.param("sid")?)?;
        (session.of.org == org && opens_pages(world, &session.of)).then_some(session.of.user_id)
    };
    let user_id = if call.door.is_generic() { None } else { by_password.or_else(by_session) };
    match user_id {
        Some(user_id) => {
            world.record(call.door, &user_id, "Success", "Application", "Browser");
            world.browsers.log_in(world, call.door, &user_id, Reply::redirect(start))
        }
        None => Reply::redirect(login::path_to(world, call.door, &start, None)),
    }
}
