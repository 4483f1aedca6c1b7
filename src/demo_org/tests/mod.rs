//! The demo orgs as a client sees them: most tests ask [`respond`], a few go over a real connection.

mod assertions;
mod authorizing;
mod browser;
mod client;
mod devices;
mod exchanging;
mod failing;
mod logging_in;
mod over_the_wire;
mod profiles;
mod queries;
mod records;
mod renewing;
mod saml;
mod several_at_once;
mod single_access;
mod site;

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use crate::demo_org::call::{Call, Door};
use crate::demo_org::orgs::{AppSpec, OrgSpec};
use crate::demo_org::server::respond;
use crate::demo_org::world::World;

/// Records are never changed by two tests in ways that meet.
static WORLD: LazyLock<World> = LazyLock::new(world);

/// A world of a test's own, for what would meet: the clock, who is logged in, what was allowed.
fn world() -> World {
    let base = |name: &str| format!("http://{name}.demo");
    World::new(["login", "test", "production", "sandbox"].map(base), Duration::ZERO)
}

/// An answer taken apart.
struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    mime: &'static str,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn code(&self) -> String {
        self.json()[0]["errorCode"].as_str().unwrap_or_default().to_owned()
    }
}

fn ask(door: Door, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    ask_of(&WORLD, door, method, uri, headers, body)
}

fn ask_of(
    world: &World,
    door: Door,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        })
        .collect();
    let call = Call::new(door, method, &uri.parse().unwrap(), headers, Bytes::from(body.to_owned()));
    let call = world.entered(call);
    let reply = respond(world, &call);
    let (status, headers) = (reply.status, reply.headers.clone());
    let (mime, bytes) = reply.render(&call);
    Answer { status, headers, mime, text: String::from_utf8(bytes).unwrap() }
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn oauth(door: Door, endpoint: &str, pairs: &[(&str, &str)]) -> Answer {
    oauth_of(&WORLD, door, endpoint, pairs)
}

fn oauth_of(world: &World, door: Door, endpoint: &str, pairs: &[(&str, &str)]) -> Answer {
    ask_of(world, door, "POST", &format!("/services/oauth2/{endpoint}"), &[FORM], &form(pairs))
}

fn app<'a>(org: &'a OrgSpec, name: &str) -> &'a AppSpec {
    org.apps.iter().find(|app| app.name == name).unwrap()
}

fn password(door: Door, app: &AppSpec, username: &str, password: &str) -> Answer {
    oauth(
        door,
        "token",
        &[
            ("grant_type", "password"),
            ("client_id", &app.consumer_key),
            ("client_secret", &app.consumer_secret),
            ("username", username),
            ("password", password),
        ],
    )
}

/// A fresh token of the first user of an org.
fn token(door: Door) -> String {
    let spec = &WORLD.org(door).spec;
    let user = &spec.users[0];
    let answer =
        password(door, &spec.apps[0], &user.username, &format!("{}{}", user.password, user.security_token));
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// A data call to production with a token of its own.
fn call(method: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", token(Door::Production));
    let text = if body.is_null() { String::new() } else { body.to_string() };
    ask(
        Door::Production,
        method,
        path,
        &[("authorization", &bearer), ("content-type", "application/json")],
        &text,
    )
}

fn get(path: &str) -> Answer {
    call("GET", &format!("/services/data/v66.0/{path}"), &Value::Null)
}

fn soql(query: &str) -> Answer {
    get(&format!("query?{}", form(&[("q", query)])))
}

/// Status, error and description of an OAuth refusal.
fn refused(answer: &Answer) -> (u16, String, String) {
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text("error"), text("error_description"))
}
