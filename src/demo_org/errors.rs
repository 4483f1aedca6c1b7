//! Errors on demand, from `assets/demo/errors.toml`: at `/demo/error/NAME`, and in place of the answer to any call with
//! the header `X-Demo-Error: NAME`. With a number behind the name, so many calls fail and the next one goes through.
//!
//! May know the file and the shapes of bodies. May not know orgs.

use std::collections::{BTreeMap, HashMap};
use std::sync::{LazyLock, Mutex, PoisonError};

use http::{HeaderName, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::call::{Call, Content, Reply};
use super::error::Fault;
use super::soap;

/// The header that asks for an error.
const HEADER: &str = "x-demo-error";

static ERRORS: LazyLock<Vec<Error>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        error: Vec<Error>,
    }
    let text = include_str!("../../assets/demo/errors.toml");
    toml::from_str::<File>(text).expect("the errors are read by a test").error
});

/// One row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Error {
    name: String,
    /// The name, where it is not given.
    code: Option<String>,
    status: u16,
    #[serde(default)]
    shape: Shape,
    #[serde(default)]
    message: String,
    /// The fields to blame.
    #[serde(default)]
    fields: Vec<String>,
    /// Of pages and plain text.
    #[serde(default)]
    body: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

/// The shapes of bodies.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Shape {
    #[default]
    Rest,
    Oauth,
    Bulk,
    Soap,
    Page,
    Text,
}

/// How often calls were made to fail that are to go through in the end, by what was asked.
#[derive(Default)]
pub(super) struct Stumbles(Mutex<HashMap<String, u32>>);

/// Whether the path asks for an error.
pub(super) fn knows(call: &Call) -> bool {
    call.path.get(1).is_some_and(|what| what == "error")
}

/// Answers `/demo/error`, which lists the names, and `/demo/error/NAME`.
pub(super) fn answer(name: Option<&str>) -> Reply {
    match name {
        None => {
            let names: Vec<&str> = ERRORS.iter().map(|error| error.name.as_str()).collect();
            Reply::data("errors", json!(names))
        }
        Some(name) => of(name),
    }
}

/// The error that a call's header asks for; `None` if it asks for none, or has failed as often as it asked to.
pub(super) fn asked_for(call: &Call, stumbles: &Stumbles) -> Option<Reply> {
    let text = call.header(HEADER)?.trim();
    let Some((name, times)) =
        text.rsplit_once(' ').and_then(|(name, times)| Some((name, times.parse().ok()?)))
    else {
        return Some(of(text));
    };
    let key = format!("{} {} {text}", call.method, call.path.join("/"));
    let mut all = stumbles.0.lock().unwrap_or_else(PoisonError::into_inner);
    let count = all.entry(key).or_default();
    if *count >= times {
        *count = 0;
        return None;
    }
    *count += 1;
    Some(of(name))
}

fn of(name: &str) -> Reply {
    match ERRORS.iter().find(|error| error.name.eq_ignore_ascii_case(name)) {
        Some(error) => error.reply(),
        None => {
            let message = format!("There is no demo error {name}: /demo/error lists them");
            Fault::new(StatusCode::NOT_FOUND, "NOT_FOUND", message).into()
        }
    }
}

impl Error {
    fn code(&'static self) -> &'static str {
        self.code.as_deref().unwrap_or(&self.name)
    }

    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST)
    }

    fn reply(&'static self) -> Reply {
        let reply = match self.shape {
            Shape::Rest => {
                Fault::new(self.status(), self.code(), &self.message).of_fields(&self.fields).into()
            }
            Shape::Oauth => {
                self.data("OAuth", json!({ "error": self.code(), "error_description": self.message }))
            }
            Shape::Bulk => {
                self.data("error", json!({ "exceptionCode": self.code(), "exceptionMessage": self.message }))
            }
            Shape::Soap => soap::fault(self.code(), &self.message),
            Shape::Page => Reply::text(self.status(), "text/html;charset=UTF-8", self.body.as_str()),
            Shape::Text => Reply::text(self.status(), "text/plain;charset=UTF-8", self.body.as_str()),
        };
        self.headers.iter().fold(reply, |reply, (name, value)| match name.parse::<HeaderName>() {
            Ok(name) if !reply.headers.iter().any(|(there, _)| *there == name) => reply.header(name, value),
            _ => reply,
        })
    }

    fn data(&self, root: &'static str, body: Value) -> Reply {
        Reply::with_status(self.status(), Content::Data(root, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_can_be_served() {
        for (place, error) in ERRORS.iter().enumerate() {
            assert!(!ERRORS[..place].iter().any(|other| other.name == error.name), "{} twice", error.name);
            assert!(StatusCode::from_u16(error.status).is_ok(), "{}", error.name);
            let is_plain = matches!(error.shape, Shape::Page | Shape::Text);
            assert_eq!(error.message.is_empty(), is_plain, "{}", error.name);
            assert!(error.headers.keys().all(|name| name.parse::<HeaderName>().is_ok()), "{}", error.name);
            assert_eq!(error.reply().status.as_u16(), error.status, "{}", error.name);
        }
    }
}
