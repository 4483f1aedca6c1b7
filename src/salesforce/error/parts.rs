//! What failed inside an answer that says 200: parts of composites, rows of collections, queries of GraphQL, jobs,
//! deployments.
//!
//! Where to look is told by the request's path, and each shape is taken only if it is whole: records that a query
//! returns may have fields called `errors` and `success`, and are never looked at.

use super::{
    ApiError, LARGEST,
    json::{errors_of, flag, list, number, text},
    mask, structured, trimmed,
};
use serde_json::Value;

/// An answer larger than this is not looked through: it becomes some ten times as large in memory. A collection has at
/// most 200 rows, a composite 25 parts; what makes them large are records that were read.
const LARGEST_PARTS: usize = 8 * LARGEST;

/// One part of an answer that failed, while the answer as a whole says that all is well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedPart {
    /// Which part: its `referenceId`, `graphId.referenceId`, `[0]` for the first row of a collection, `r1[0]` for the
    /// first row of the collection that `r1` is, a component's file, a job's id. Empty where the answer is one part.
    pub reference: String,
    /// Its own HTTP status, where it has one.
    pub status: Option<u16>,
    /// The method that it was asked with, if known (see [`name_requests`]).
    pub method: Option<String>,
    /// The URL that it was asked at, if known (see [`name_requests`]).
    pub url: Option<String>,
    /// What is wrong. A part with several errors makes several of these, of the same reference; one that does not say
    /// what is wrong has an empty one.
    pub error: ApiError,
}

impl FailedPart {
    /// Whether it failed only because another part did.
    pub fn is_halted(&self) -> bool {
        self.error.is_halted()
    }
}

/// What adds the failed parts of a value.
type Look = fn(&Value, &str, &mut Vec<FailedPart>);

/// Which resources answer 200 although something failed, by the first word of their path behind the version, and the
/// shapes in which they tell.
const HOLDERS: &[(&str, &[Look])] = &[
    ("composite", &[composite, batch, rows]),
    ("sobjects", &[rows, batch]),
    ("ui-api", &[batch, rows]),
    ("connect", &[batch]),
    ("chatter", &[batch]),
    ("actions", &[rows]),
    ("quickActions", &[rows]),
    ("process", &[rows]),
    ("graphql", &[graphql]),
    ("jobs", &[job]),
    ("async", &[job]),
    ("metadata", &[deployment]),
    ("Soap", &[soap]),
];

/// What failed inside an answer, judged by the path of its request (or its URL) and its body. Empty where nothing did,
/// where the path is none of those that answer so, and where the body is larger than 8 MB.
pub fn failed_parts(path: &str, body: &[u8]) -> Vec<FailedPart> {
    let resource = resource(path);
    let Some((_, looks)) = HOLDERS.iter().find(|(name, _)| *name == resource) else { return Vec::new() };
    if body.len() > LARGEST_PARTS {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(body);
    structured(trimmed(&text)).map(|value| looked(&value, looks)).unwrap_or_default()
}

/// What failed in a value of which nobody knows what was asked.
pub(super) fn of_any(value: &Value) -> Vec<FailedPart> {
    let graphql: Look = if value.get("data").is_some() { graphql } else { |_, _, _| {} };
    looked(value, &[composite, batch, rows, deployment, job, soap, graphql])
}

/// Whether the path is one whose answers hold parts, or none of the API's, so that it tells nothing.
pub(super) fn may_hold_parts(path: &str) -> bool {
    let resource = resource(path);
    resource.is_empty() || HOLDERS.iter().any(|(name, _)| *name == resource)
}

fn looked(value: &Value, looks: &[Look]) -> Vec<FailedPart> {
    let mut found = Vec::new();
    for look in looks {
        look(value, "", &mut found);
        if !found.is_empty() {
            break;
        }
    }
    for part in &mut found {
        part.error = std::mem::take(&mut part.error).masked();
        mask(&mut part.reference);
    }
    found
}

/// `composite` of `/services/data/v66.0/tooling/composite/batch`; empty where it is no path of an API.
fn resource(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let Some((_, path)) = path.split_once("/services/") else { return "" };
    let mut words = path.split('/').filter(|word| !word.is_empty());
    match words.next() {
        Some("data") => {
            words.nth(1).map(|word| if word == "tooling" { words.next().unwrap_or(word) } else { word })
        }
        other => other,
    }
    .unwrap_or_default()
}

fn push(found: &mut Vec<FailedPart>, reference: &str, status: Option<u16>, errors: Vec<ApiError>) {
    let errors = if errors.is_empty() { vec![ApiError::default()] } else { errors };
    found.extend(errors.into_iter().map(|error| FailedPart {
        reference: reference.to_owned(),
        status,
        error,
        ..FailedPart::default()
    }));
}

/// `compositeResponse` and `graphs`.
fn composite(value: &Value, prefix: &str, found: &mut Vec<FailedPart>) {
    for (at, part) in list(value.get("compositeResponse")).enumerate() {
        let reference = text(part, "referenceId").map_or_else(|| format!("[{at}]"), str::to_owned);
        answer(part, "httpStatusCode", "body", &format!("{prefix}{reference}"), found);
    }
    for (at, graph) in list(value.get("graphs")).enumerate() {
        let id = text(graph, "graphId").map_or_else(|| format!("[{at}]"), str::to_owned);
        let before = found.len();
        if let Some(inner) = graph.get("graphResponse") {
            composite(inner, &format!("{id}."), found);
        }
        if flag(graph, "isSuccessful") == Some(false) && found.len() == before {
            push(found, &id, None, Vec::new());
        }
    }
}

/// One answer inside another: its status and its body.
fn answer(part: &Value, status: &str, body: &str, reference: &str, found: &mut Vec<FailedPart>) {
    let (status, body) = (number(part, status), part.get(body).unwrap_or(&Value::Null));
    if status.is_some_and(|status| status >= 400) {
        push(found, reference, status, errors_of(body));
    } else {
        rows(body, reference, found);
        batch(body, reference, found);
    }
}

/// `results`: a batch's answers, each with its status; or a tree's records, each with its errors.
fn batch(value: &Value, prefix: &str, found: &mut Vec<FailedPart>) {
    // XML has a root.
    let value = value.get("batchResults").or(value.get("SObjectTreeResponse")).unwrap_or(value);
    if value.get("hasErrors").is_none() {
        return;
    }
    for (at, part) in list(value.get("results")).enumerate() {
        if number(part, "statusCode").is_some() {
            answer(part, "statusCode", "result", &format!("{prefix}[{at}]"), found);
        } else if let Some(reference) = text(part, "referenceId") {
            let errors: Vec<_> = list(part.get("errors")).flat_map(errors_of).collect();
            if !errors.is_empty() {
                push(found, &format!("{prefix}{reference}"), None, errors);
            }
        }
    }
}

/// A collection's rows, or one result: `success` (an action's: `isSuccess`) is false, and there are `errors`.
fn rows(value: &Value, prefix: &str, found: &mut Vec<FailedPart>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                row(item, &format!("{prefix}[{at}]"), found);
            }
        }
        one => row(one, prefix, found),
    }
}

fn row(item: &Value, reference: &str, found: &mut Vec<FailedPart>) {
    let failed = flag(item, "success").or_else(|| flag(item, "isSuccess")) == Some(false);
    if failed && item.get("errors").is_some() && item.get("attributes").is_none() {
        push(found, reference, None, list(item.get("errors")).flat_map(errors_of).collect());
    }
}

/// GraphQL's `errors`, each with the path of what it is about.
fn graphql(value: &Value, _: &str, found: &mut Vec<FailedPart>) {
    let is_error = |error: &Value| text(error, "message").is_some();
    let is_answer = value.get("data").is_some() || value.get("success").is_none();
    for (at, error) in list(value.get("errors")).enumerate().filter(|(_, error)| is_answer && is_error(error))
    {
        let step = |step: &Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
        let path: Vec<_> = list(error.get("paths").or(error.get("path"))).map(step).collect();
        let reference = if path.is_empty() { format!("[{at}]") } else { path.join("/") };
        push(found, &reference, None, errors_of(error));
    }
}

/// A job or a batch of the Bulk APIs that failed as a whole.
fn job(value: &Value, _: &str, found: &mut Vec<FailedPart>) {
    // XML has a root.
    let value = value.get("jobInfo").or(value.get("batchInfo")).unwrap_or(value);
    let said = ["errorMessage", "stateMessage"].iter().find_map(|name| text(value, name));
    if text(value, "state") == Some("Failed") && (said.is_some() || text(value, "id").is_some()) {
        let errors = said.map(|said| vec![super::text::coded(said)]).unwrap_or_default();
        push(found, text(value, "id").unwrap_or_default(), None, errors);
    }
}

/// A deployment of metadata: components and tests that failed.
fn deployment(value: &Value, _: &str, found: &mut Vec<FailedPart>) {
    let Some(result) = value.get("deployResult") else { return };
    deployed(result, found);
}

fn deployed(result: &Value, found: &mut Vec<FailedPart>) {
    let before = found.len();
    let details = result.get("details").unwrap_or(&Value::Null);
    for failure in list(details.get("componentFailures")) {
        if text(failure, "problemType") == Some("Warning") {
            continue;
        }
        let file = text(failure, "fileName").or(text(failure, "fullName")).unwrap_or_default();
        let place = |name: &str| number(failure, name).map(|place| format!(":{place}")).unwrap_or_default();
        let reference = format!("{file}{}{}", place("lineNumber"), place("columnNumber"));
        let problem = text(failure, "problem").unwrap_or_default();
        push(found, &reference, None, vec![ApiError::said(problem)]);
    }
    for failure in list(details.get("runTestResult").and_then(|tests| tests.get("failures"))) {
        let name = [text(failure, "name"), text(failure, "methodName")];
        let name: Vec<_> = name.into_iter().flatten().collect();
        let message = text(failure, "message").unwrap_or_default();
        push(found, &name.join("."), None, vec![super::text::coded(message)]);
    }
    if text(result, "status") == Some("Failed") && found.len() == before {
        push(found, text(result, "id").unwrap_or_default(), None, errors_of(result));
    }
}

/// What a SOAP call returned for each record, or a deployment.
fn soap(value: &Value, _: &str, found: &mut Vec<FailedPart>) {
    let body = value.get("Envelope").and_then(|envelope| envelope.get("Body")?.as_object());
    for result in body.into_iter().flat_map(|body| body.values()).map(|answer| answer.get("result")) {
        let several = result.is_some_and(Value::is_array);
        for (at, result) in list(result).enumerate() {
            row(result, &if several { format!("[{at}]") } else { String::new() }, found);
            if result.get("details").is_some() {
                deployed(result, found);
            }
        }
    }
}

/// Fills in the methods and URLs of the parts from the request's body: a composite's, a batch's or graphs'.
pub fn name_requests(parts: &mut [FailedPart], request_body: &[u8]) {
    if parts.is_empty() || request_body.len() > LARGEST_PARTS {
        return;
    }
    let Ok(asked) = serde_json::from_slice::<Value>(request_body) else { return };
    let mut requests = Vec::new();
    requests.extend(list(asked.get("compositeRequest")).map(|request| (String::new(), request)));
    requests.extend(list(asked.get("batchRequests")).map(|request| (String::new(), request)));
    for graph in list(asked.get("graphs")) {
        let prefix = format!("{}.", text(graph, "graphId").unwrap_or_default());
        requests.extend(list(graph.get("compositeRequest")).map(|request| (prefix.clone(), request)));
    }
    for (at, (prefix, request)) in requests.into_iter().enumerate() {
        let name =
            text(request, "referenceId").map_or_else(|| format!("[{at}]"), |id| format!("{prefix}{id}"));
        let is_of = |part: &&mut FailedPart| {
            part.reference.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        };
        for part in parts.iter_mut().filter(is_of) {
            let masked = |name: &str| {
                text(request, name).map(|text| crate::http::redact::mask_text(text).into_owned())
            };
            (part.method, part.url) = (masked("method"), masked("url"));
        }
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
