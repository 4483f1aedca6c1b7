//! What stands between an app's request and its answer: somebody to log in, then the question whether the app may have
//! access.
//!
//! Source: Salesforce Help, OAuth 2.0 Web Server Flow (`prompt`, `immediate`); what an app that is not installed gets:
//! the addresses of such error pages in public issues.

use http::StatusCode;

use super::login::{self, STALE};
use super::pages::{notice, page, place};
use super::visits::Visit;
use crate::demo_org::call::{Call, Reply};
use crate::demo_org::html::Html;
use crate::demo_org::oauth::{Pending, label};
use crate::demo_org::orgs::{AppSpec, UserSpec};
use crate::demo_org::tickets::Found;
use crate::demo_org::world::World;

const PAGE: &str = "/setup/secur/RemoteAccessAuthorizationPage.apexp";

/// Goes one step on with a request that waits: a browser with a session passes straight through, unless the request
/// wants something asked.
pub(in crate::demo_org) fn proceed(world: &World, call: &Call, source: &str) -> Reply {
    match world.authorizations.pending.look(source) {
        Found::Good(pending) if pending.org == call.door.org() => step(world, call, source, &pending),
        _ => gone(),
    }
}

fn step(world: &World, call: &Call, source: &str, pending: &Pending) -> Reply {
    let unsuccessful = || pending.refused(("immediate_unsuccessful", "immediate unsuccessful"));
    let visit = world.browsers.visit(call);
    let start = world.path(call.door, &address(source));
    let spec = &world.org(call.door).spec;
    let user_id = visit.user_id.clone().filter(|_| !pending.prompt.login);
    let (Some(user_id), Some(app)) = (user_id, spec.app(&pending.consumer_key)) else {
        if pending.immediate {
            return unsuccessful();
        }
        return Reply::redirect(login::path_to(world, call.door, &start, pending.login_hint.as_deref()));
    };
    let Some(user) = spec.user_of_id(&user_id) else { return gone() };
    if pending.prompt.select_account {
        return selection(world, call, &visit, &start, user);
    }
    if let Some(policy) = Policy::of(app, user) {
        return policy.reply(world, call, pending);
    }
    let approved =
        world.authorizations.has_approved(pending.org, &user_id, &app.consumer_key, &pending.scopes);
    if !pending.prompt.consent && (approved || app.pre_authorizes(user)) {
        return finish(world, source, |pending| pending.allowed(world, call.door, &user_id));
    }
    if pending.immediate {
        return unsuccessful();
    }
    question(world, call, &visit, &start, app, &pending.scopes, user)
}

/// `POST` of the approval page or of the selection.
pub(super) fn answer(world: &World, call: &Call) -> Reply {
    let (form, visit) = (call.form(), world.browsers.visit(call));
    let source = call.param("source").unwrap_or_default();
    let Some(user_id) = visit.user_id.clone().filter(|_| visit.sent(&form)) else {
        return notice(StatusCode::FORBIDDEN, "Try Again", STALE);
    };
    let Found::Good(pending) = world.authorizations.pending.look(source) else { return gone() };
    let has = |name: &str| form.iter().any(|(key, _)| key == name);
    if has("select") {
        world.authorizations.pending.change(source, |pending| pending.prompt.select_account = false);
        return proceed(world, call, source);
    }
    if pending.org != call.door.org() || pending.prompt.login || pending.prompt.select_account {
        return proceed(world, call, source);
    }
    if !has("save") {
        let denied = ("access_denied", "end-user denied authorization");
        return finish(world, source, |pending| pending.refused(denied));
    }
    let spec = &world.org(call.door).spec;
    let who = (spec.app(&pending.consumer_key), spec.user_of_id(&user_id));
    let (Some(app), Some(user)) = who else { return gone() };
    match Policy::of(app, user) {
        Some(policy) => policy.reply(world, call, &pending),
        None => finish(world, source, |pending| pending.allowed(world, call.door, &user_id)),
    }
}

/// Uses the request up, so that one answer is all it gets.
fn finish(world: &World, source: &str, with: impl FnOnce(&Pending) -> Reply) -> Reply {
    match world.authorizations.pending.take(source) {
        Found::Good(pending) => with(&pending),
        _ => gone(),
    }
}

/// What the org's policies say against a user with an app.
#[derive(Clone, Copy)]
pub(super) enum Policy {
    Blocked,
    NotInstalled,
    NotApproved,
}

impl Policy {
    pub(super) fn of(app: &AppSpec, user: &UserSpec) -> Option<Self> {
        if app.blocked {
            Some(Self::Blocked)
        } else if !app.installed && !user.approves_uninstalled {
            Some(Self::NotInstalled)
        } else {
            (app.admin_approved_only && !app.pre_authorizes(user)).then_some(Self::NotApproved)
        }
    }

    /// Error and description.
    pub(super) fn said(self) -> (&'static str, &'static str) {
        match self {
            Self::Blocked => ("app_blocked", "app is blocked by admin"),
            Self::NotInstalled => ("invalid_client", "app must be installed into org"),
            Self::NotApproved => ("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app"),
        }
    }

    /// The app hears of a user that is not approved; an app that may not be used at all hears nothing.
    fn reply(self, world: &World, call: &Call, pending: &Pending) -> Reply {
        if let Self::NotApproved = self {
            return pending.refused(self.said());
        }
        let (error, description) = self.said();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("error", error), ("error_description", description)])
            .finish();
        let path = format!("/setup/secur/RemoteAccessErrorPage.apexp?{query}");
        Reply::redirect(world.path(call.door, &path))
    }
}

/// Asks whether an app may have access; the answer goes to `action`.
pub(super) fn question(
    world: &World,
    call: &Call,
    visit: &Visit,
    action: &str,
    app: &AppSpec,
    scopes: &[String],
    user: &UserSpec,
) -> Reply {
    let template = include_str!("../../../assets/demo/pages/approval.html");
    let scopes = scopes.iter().map(|scope| {
        let pieces = [("label", label(scope).into()), ("scope", scope.into())];
        Html::fill("<li>{{label}} ({{scope}})</li>", &pieces)
    });
    let pieces = [
        ("app", (&app.name).into()),
        ("scopes", Html::all(scopes)),
        ("username", (&user.username).into()),
        ("other", (&different(world, call, action)).into()),
        ("action", action.into()),
        ("csrf", (&visit.csrf).into()),
    ];
    page(StatusCode::OK, "Allow Access?", &place(world, call.door), template, &pieces)
}

fn selection(world: &World, call: &Call, visit: &Visit, action: &str, user: &UserSpec) -> Reply {
    let template = include_str!("../../../assets/demo/pages/select_account.html");
    let pieces = [
        ("username", (&user.username).into()),
        ("other", (&different(world, call, action)).into()),
        ("action", action.into()),
        ("csrf", (&visit.csrf).into()),
    ];
    page(StatusCode::OK, "Choose a Username", &place(world, call.door), template, &pieces)
}

/// Leads to the login page, and back here as somebody else.
fn different(world: &World, call: &Call, start: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("startURL", start).finish();
    world.path(call.door, &format!("/secur/logout.jsp?{query}"))
}

fn address(source: &str) -> String {
    format!("{PAGE}?source={source}")
}

fn gone() -> Reply {
    let message =
        "This request has been answered, or it waited for too long. Go back to the app and start again.";
    notice(StatusCode::BAD_REQUEST, "Authorization Error", message)
}
