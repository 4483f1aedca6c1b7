//! Causes as scripts and people get them: the hints that hold here, as JSON, and in words.

use super::Exit;
use crate::{
    config::{OwnHints, Paths},
    diagnosis::{Explained, Hint, Place, Rules},
    http::mask_text,
    salesforce::error::ApiError,
};
use serde_json::{Value, json};
use std::path::Path;

/// The built-in hints and the person's own, which stand beside the configuration; with what is wrong with the person's,
/// a sentence each. The configuration itself is not read.
pub(super) fn rules(asked: Option<&Path>) -> (Rules, Vec<String>) {
    let own = Paths::find(asked).map(|paths| OwnHints::read(&paths)).unwrap_or_default();
    let files = own.files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let (rules, wrong) = Rules::with_own(files);
    (rules, own.problems.into_iter().chain(wrong).collect())
}

/// Which kind of error it is, of those that exit codes tell apart.
pub(super) fn kind_of(place: Option<Place>) -> Exit {
    match place {
        Some(Place::Authorize | Place::Token | Place::UserInfo) => Exit::OAuth,
        Some(Place::Network) => Exit::Network,
        Some(Place::Rest | Place::Bulk | Place::Soap) | None => Exit::Api,
    }
}

/// An error as one object.
pub(super) fn error(kind: Exit, code: Option<&str>, description: Option<&str>, status: Option<u16>) -> Value {
    json!({ "kind": kind.kind(), "code": code, "description": description, "status": status })
}

/// A hint as one object.
pub(super) fn hint(hint: &Hint) -> Value {
    json!({
        "id": hint.id,
        "cause": hint.cause,
        "evidence": hint.evidence,
        "fix": hint.fix,
        "action": hint.action.as_ref().map(ToString::to_string),
        "confidence": hint.confidence.words(),
        "checks": hint.checks,
    })
}

/// The list of hints of an error.
pub(super) fn hints(of: &Explained) -> Vec<Value> {
    of.hints.iter().map(hint).collect()
}

/// What `parts` holds where an answer has several errors, or parts with names; else nothing.
pub(super) fn parts(all: &[Explained], kind: impl Fn(&Explained) -> Exit) -> Option<Value> {
    let has_parts = all.len() > 1 || all.iter().any(|one| !one.reference.is_empty());
    let part = |one: &Explained| {
        let error = said_json(one, kind(one));
        json!({ "reference": one.reference, "error": error, "hints": hints(one) })
    };
    has_parts.then(|| all.iter().map(part).collect())
}

/// The error that was explained, as one object.
pub(super) fn said_json(one: &Explained, kind: Exit) -> Value {
    let message = Some(mask_text(&one.error.message)).filter(|text| !text.is_empty());
    error(kind, one.error.code.as_deref(), message.as_deref(), one.status)
}

/// What was answered, in one line: status, code and description, as far as there are any.
pub(super) fn said(status: Option<u16>, error: &ApiError) -> String {
    let status = status.map(|status| status.to_string());
    let message = Some(mask_text(&error.message).into_owned());
    let parts = [status, error.code.clone(), message].into_iter().flatten().filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join(": ")
}
