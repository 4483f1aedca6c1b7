//! Where a person types the code that a device shows, and allows it access.
//!
//! Unconfirmed: how Salesforce's page looks; only its address and the parameter `user_code` were read about.

use http::StatusCode;

use super::approval::{Policy, question};
use super::login::{self, STALE};
use super::pages::{error_page, notice, page, place};
use super::visits::Visit;
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::html::Html;
use crate::demo_org::oauth::Outcome;
use crate::demo_org::world::World;

const WRONG: &str = "The code you entered is incorrect or has expired.";

/// `GET /setup/connect`: asks for the code, or whether the device may have access.
pub(super) fn page_for(world: &World, call: &Call) -> Reply {
    let visit = world.browsers.visit(call);
    match call.param("confirmed") {
        Some(user_code) => ask(world, call, &visit, user_code),
        None => {
            visit.with(world, entry(world, call, &visit, call.param("user_code").unwrap_or_default(), ""))
        }
    }
}

/// `POST /setup/connect`: the code, or the person's answer.
pub(super) fn answer(world: &World, call: &Call) -> Reply {
    let (form, visit) = (call.form(), world.browsers.visit(call));
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if !visit.sent(&form) {
        return visit.with(world, notice(StatusCode::FORBIDDEN, "Try Again", STALE));
    }
    let Some(confirmed) = call.param("confirmed") else {
        let typed = field("user_code").unwrap_or_default().trim();
        let is_ours = world.authorizations.devices.typed(typed).is_some_and(|one| one.org == call.door.org());
        return if is_ours {
            Reply::redirect(world.path(call.door, &address(typed)))
        } else {
            visit.with(world, entry(world, call, &visit, typed, WRONG))
        };
    };
    let (Some(user_id), Some(device)) = (&visit.user_id, world.authorizations.devices.typed(confirmed))
    else {
        return notice(StatusCode::BAD_REQUEST, "Connect", WRONG);
    };
    let spec = &world.org(call.door).spec;
    let who = (spec.app(&device.consumer_key), spec.user_of_id(user_id));
    let (Some(app), Some(user)) = who else { return notice(StatusCode::BAD_REQUEST, "Connect", WRONG) };
    let allows = field("save").is_some() && Policy::of(app, user).is_none();
    let outcome = if allows { Outcome::Allowed(user_id.clone()) } else { Outcome::Denied };
    if !world.authorizations.devices.settle(confirmed, outcome) {
        return notice(StatusCode::BAD_REQUEST, "Connect", WRONG);
    }
    if allows {
        world.authorizations.approve(device.org, user_id, &app.consumer_key, &device.scopes);
        let message = format!("You’ve connected {}. You can go back to the device.", app.name);
        return notice(StatusCode::OK, "Connected", &message);
    }
    notice(StatusCode::OK, "Not Connected", "The device gets no access. You can close this page.")
}

/// The question, once it is known who answers.
fn ask(world: &World, call: &Call, visit: &Visit, user_code: &str) -> Reply {
    let device = world.authorizations.devices.typed(user_code).filter(|one| one.org == call.door.org());
    let Some(device) = device else {
        return visit.with(world, entry(world, call, visit, user_code, WRONG));
    };
    let action = world.path(call.door, &address(user_code));
    let spec = &world.org(call.door).spec;
    let user = visit.user_id.as_deref().and_then(|id| spec.user_of_id(id));
    let (Some(user), Some(app)) = (user, spec.app(&device.consumer_key)) else {
        return Reply::redirect(login::path_to(world, call.door, &action, None));
    };
    match Policy::of(app, user) {
        None => question(world, call, visit, &action, app, &device.scopes, user),
        Some(policy) => {
            world.authorizations.devices.settle(user_code, Outcome::Denied);
            error_page(policy.said())
        }
    }
}

fn entry(world: &World, call: &Call, visit: &Visit, typed: &str, error: &str) -> Reply {
    let template = include_str!("../../../assets/demo/pages/connect.html");
    let pieces = [
        ("action", Html::from(&world.path(call.door, "/setup/connect"))),
        ("csrf", (&visit.csrf).into()),
        ("code", typed.into()),
        ("error", error.into()),
    ];
    page(StatusCode::OK, "Connect a Device", &place(world, call.door), template, &pieces)
}

fn address(user_code: &str) -> String {
    let query =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("confirmed", user_code).finish();
    format!("/setup/connect?{query}")
}
