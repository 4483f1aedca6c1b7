//! What a person or a test may turn, under `/demo/…` of every host.
//!
//! ```text
//! POST /demo/clock?advance=900     puts the clock of all orgs forward, in seconds: codes and sessions expire
//! POST /demo/clock?ahead=-600      sets it against this computer's; 0 makes them the same
//! POST /demo/limits?used=14900     that many API calls of the host's org were made today
//! POST /demo/setup?mend=NAME       does in Setup what an app (its name) or a user (the username) is in need of
//! POST /demo/refresh-sandbox       the sandbox is made anew: same My Domain, another org id
//! ```

use http::Method;
use serde_json::json;

use super::call::{Call, Door, Reply};
use super::error::Fault;
use super::world::{DAILY_CALLS, World};

/// The farthest that the clock goes at once: a year, in seconds.
const FARTHEST: i64 = 366 * 86_400;

/// Whether the path is one of these; the others under `/demo` misbehave.
pub(super) fn knows(call: &Call) -> bool {
    matches!(call.path.get(1).map(String::as_str), Some("clock" | "limits" | "refresh-sandbox" | "setup"))
}

/// Answers `/demo/WHAT`.
pub(super) fn answer(world: &World, call: &Call) -> Reply {
    if call.method != Method::POST {
        return Fault::wrong_method(&call.method, "POST").into();
    }
    let number = |name: &str| call.param(name).and_then(|text| text.parse::<i64>().ok());
    match call.path.get(1).map(String::as_str) {
        Some("clock") => {
            let within = |seconds: i64| seconds.clamp(-FARTHEST, FARTHEST) * 1000;
            if let Some(seconds) = number("ahead") {
                world.clock.set_ahead(within(seconds));
            }
            world.clock.advance(within(number("advance").unwrap_or(0)));
            Reply::data("clock", json!({ "now": world.clock.now().text() }))
        }
        Some("limits") => {
            let org = world.org(call.door);
            if let Some(used) = number("used") {
                org.set_calls(used.try_into().unwrap_or(0));
            }
            Reply::data("limits", json!({ "used": org.calls(), "allowed": DAILY_CALLS }))
        }
        Some("setup") => {
            let name = call.param("mend").unwrap_or_default();
            if world.org(call.door).spec.mend(name) {
                return Reply::data("setup", json!({ "mended": name }));
            }
            let message = format!("Setup has nothing to do for {name:?}: name an app or a username");
            Fault::new(http::StatusCode::NOT_FOUND, "NOT_FOUND", message).into()
        }
        Some("refresh-sandbox") => match world.refresh(Door::Sandbox.org()) {
            Ok(id) => Reply::data("organization", json!({ "organization_id": id })),
            Err(fault) => fault.into(),
        },
        _ => Fault::not_found().into(),
    }
}
