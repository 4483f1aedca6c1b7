//! What a person or a test may turn, under `/demo/…` of every host: the clock, and the making anew of the sandbox.
//!
//! ```text
//! POST /demo/clock?advance=900     puts the clock of all orgs forward, in seconds: codes and sessions expire
//! POST /demo/refresh-sandbox       the sandbox is made anew: same My Domain, another org id
//! ```

use http::Method;
use serde_json::json;

use super::call::{Call, Door, Reply};
use super::error::Fault;
use super::world::World;

/// The farthest that the clock goes at once: a year, in seconds.
const FARTHEST: i64 = 366 * 86_400;

/// Whether the path is one of these; the others under `/demo` misbehave.
pub(super) fn knows(call: &Call) -> bool {
    matches!(call.path.get(1).map(String::as_str), Some("clock" | "refresh-sandbox"))
}

/// Answers `/demo/WHAT`.
pub(super) fn answer(world: &World, call: &Call) -> Reply {
    if call.method != Method::POST {
        return Fault::wrong_method(&call.method, "POST").into();
    }
    match call.path.get(1).map(String::as_str) {
        Some("clock") => {
            let seconds = call.param("advance").and_then(|text| text.parse().ok()).unwrap_or(0);
            world.clock.advance(FARTHEST.min(seconds) * 1000);
            Reply::data("clock", json!({ "now": world.clock.now().text() }))
        }
        Some("refresh-sandbox") => match world.refresh(Door::Sandbox.org()) {
            Ok(id) => Reply::data("organization", json!({ "organization_id": id })),
            Err(fault) => fault.into(),
        },
        _ => Fault::not_found().into(),
    }
}
