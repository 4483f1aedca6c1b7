//! The Data API: `/services/data/vNN.0/…` and Apex REST.
//!
//! One call holds its org's records until it is answered; composite calls answer their parts by the same
//! [`route`]. May know everything of the org. May not know sockets.

mod apex;
mod composite;
mod describe;
mod limits;
mod query;
mod rules;
mod search;
mod sobjects;
mod tooling;
mod versions;
mod write;

use http::{HeaderName, Method, StatusCode};

use super::call::{Call, Reply};
use super::clock::Moment;
use super::error::Fault;
use super::sessions::Session;
use super::sight::Sight;
use super::soql::View;
use super::world::{DAILY_CALLS, Org, OrgData, World};

/// What a handler may use.
struct Ctx<'a> {
    world: &'a World,
    org: &'a Org,
    data: &'a mut OrgData,
    session: &'a Session,
    /// API calls so far, this one included.
    used: u64,
    /// Records are saved although a duplicate rule warns.
    allows_duplicates: bool,
    /// What the user may see and change.
    sight: Sight,
    /// `v66.0`
    version: &'a str,
    /// A composite call inside a composite call is refused.
    inside_composite: bool,
}

impl Ctx<'_> {
    /// How queries see the records.
    fn view(&self, deleted: bool) -> View {
        let (user_id, sight) = (self.session.of.user_id.clone(), self.sight.clone());
        View { today: Moment::now().day(), user_id, sight, deleted }
    }

    /// The path of a resource of this version.
    fn url(&self, rest: &str) -> String {
        format!("/services/data/{}/{rest}", self.version)
    }
}

/// Answers a call below `/services/data`.
pub(super) fn answer(world: &World, call: &Call) -> Reply {
    if call.path.len() == 2 {
        return versions::list(world, call).unwrap_or_else(Reply::from);
    }
    with_session(world, call, |ctx, call| {
        let path: Vec<&str> = call.path[3..].iter().map(String::as_str).collect();
        route(ctx, call, &path)
    })
}

/// Answers a call below `/services/apexrest`.
pub(super) fn apex_rest(world: &World, call: &Call) -> Reply {
    with_session(world, call, |ctx, call| {
        let path: Vec<&str> = call.path[2..].iter().map(String::as_str).collect();
        apex::route(ctx, call, &path)
    })
}

fn with_session(
    world: &World,
    call: &Call,
    handler: impl FnOnce(&mut Ctx<'_>, &Call) -> Result<Reply, Fault>,
) -> Reply {
    let attempt = || -> Result<_, Fault> {
        let session = world.session(call)?;
        let org = &world.orgs[session.of.org];
        let version = match call.path.get(1).map(String::as_str) {
            Some("data") => versions::check(&org.spec, &call.path[2])?,
            _ => format!("v{}.0", org.spec.newest_version),
        };
        Ok((session, org, version))
    };
    let (session, org, version) = match attempt() {
        Ok(found) => found,
        Err(fault) => return fault.into(),
    };
    let Some(used) = org.count_call() else {
        return metered(no_calls_left().into(), DAILY_CALLS);
    };
    let mut data = match org.data() {
        Ok(data) => data,
        Err(fault) => return fault.into(),
    };
    let mut ctx = Ctx {
        world,
        org,
        data: &mut data,
        session: &session,
        used,
        allows_duplicates: allows_duplicates(call),
        sight: Sight::of(&org.spec, &session.of.user_id),
        version: &version,
        inside_composite: false,
    };
    let reply = handler(&mut ctx, call).unwrap_or_else(Reply::from);
    metered(reply, used)
}

/// With the header that tells how many calls were made today.
fn metered(reply: Reply, used: u64) -> Reply {
    reply.header(HeaderName::from_static("sforce-limit-info"), format!("api-usage={used}/{DAILY_CALLS}"))
}

fn no_calls_left() -> Fault {
    Fault::new(StatusCode::FORBIDDEN, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
}

/// Finds the handler of a resource; `path` is what follows the version.
fn route(ctx: &mut Ctx<'_>, call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    match path {
        [] => get(call).and_then(|()| versions::resources(ctx)),
        ["limits"] => get(call).map(|()| limits::all(ctx)),
        ["limits", "recordCount"] => get(call).and_then(|()| limits::record_count(ctx, call)),
        ["query"] => get(call).and_then(|()| query::query(ctx, call, false)),
        ["queryAll"] => get(call).and_then(|()| query::query(ctx, call, true)),
        ["query" | "queryAll", locator] => get(call).and_then(|()| query::more(ctx, locator)),
        ["search"] => get(call).and_then(|()| search::search(ctx, call)),
        ["parameterizedSearch"] => search::parameterized(ctx, call),
        ["recent"] => get(call).and_then(|()| search::recent(ctx, call)),
        ["sobjects"] => get(call).map(|()| describe::global(ctx)),
        ["sobjects", object, rest @ ..] => sobjects::route(ctx, call, object, rest),
        ["composite", rest @ ..] => composite::route(ctx, call, rest),
        ["tooling", rest @ ..] => tooling::route(ctx, call, rest),
        _ => Err(Fault::not_found()),
    }
}

/// `Sforce-Duplicate-Rule-Header: allowSave=true`.
///
/// Source: REST API Developer Guide, Duplicate Rule Header.
fn allows_duplicates(call: &Call) -> bool {
    let header = call.header("sforce-duplicate-rule-header").unwrap_or_default().to_ascii_lowercase();
    header.split([',', ';']).any(|option| option.trim() == "allowsave=true")
}

/// Refuses any method but GET and HEAD.
fn get(call: &Call) -> Result<(), Fault> {
    allow(call, "HEAD,GET")
}

/// Refuses methods that are not in the list, which is worded as the API words it.
fn allow(call: &Call, methods: &str) -> Result<(), Fault> {
    let method = if call.method == Method::HEAD { "GET" } else { call.method.as_str() };
    if methods.split(',').any(|allowed| allowed == method) {
        return Ok(());
    }
    Err(Fault::wrong_method(&call.method, methods))
}
