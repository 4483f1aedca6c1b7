//! Errors in objects, whether they came as JSON or as XML that was made into the same: OAuth's, REST's, SOAP's, Bulk's,
//! UI API's, GraphQL's, and those of gateways in between.

use super::{
    ApiError,
    text::{self, plain_code},
};
use serde_json::Value;

/// What a code is called.
const CODES: &[&str] = &[
    "errorCode",
    "statusCode",
    "exceptionCode",
    "internalErrorCode",
    "error",
    "errorStatusCode",
    "ErrorType",
    "faultcode",
    "code",
];

/// What a description is called.
const MESSAGES: &[&str] = &[
    "message",
    "error_description",
    "exceptionMessage",
    "errorMessage",
    "stateMessage",
    "faultstring",
    "problem",
    "description",
    "detail",
];

/// What holds errors instead of being one.
const WRAPPERS: &[&str] = &[
    "Envelope",
    "Body",
    "Fault",
    "OAuth",
    "Errors",
    "Error",
    "errors",
    "error",
    "fault",
    "compositeResponse",
    "graphs",
    "graphResponse",
    "results",
    "result",
    "body",
];

/// The errors that a value is or holds, in order; empty if there is nothing of the kind.
pub(super) fn errors_of(value: &Value) -> Vec<ApiError> {
    match value {
        Value::Array(items) => items.iter().flat_map(errors_of).collect(),
        Value::String(words) if !words.trim().is_empty() => text::errors_of(words),
        // A record; it may have fields of any name.
        Value::Object(map) if !map.contains_key("attributes") => object(value),
        _ => Vec::new(),
    }
}

fn object(value: &Value) -> Vec<ApiError> {
    if value.get("faultcode").or(value.get("faultstring")).is_some() {
        return vec![fault(value)];
    }
    let specific = value.get("output").map(output).unwrap_or_default();
    if !specific.is_empty() {
        return specific;
    }
    let own = own(value);
    if own.as_ref().is_some_and(|error| error.code.is_some()) {
        return own.into_iter().collect();
    }
    let held = WRAPPERS.iter().filter_map(|name| value.get(name)).find_map(|inner| {
        // A word that is no code is not worth more than a description.
        let errors = if inner.is_string() { Vec::new() } else { errors_of(inner) };
        (!errors.is_empty()).then_some(errors)
    });
    match (own, held) {
        (Some(own), Some(held)) if held.iter().all(|error| error.code.is_none()) => vec![own],
        (_, Some(held)) => held,
        (own, None) => own.into_iter().collect(),
    }
}

/// The error that an object is by its own names.
fn own(value: &Value) -> Option<ApiError> {
    let code = code(value).or_else(|| code(value.get("extensions")?)).map(plain_code);
    // Some servers put HTTP's phrase, or a whole sentence, where OAuth has a code.
    let phrase = || text(value, "error").filter(|error| !is_code(error));
    let message = MESSAGES.iter().find_map(|name| text(value, name)).or_else(phrase);
    if code.is_none() && message.is_none() {
        return None;
    }
    let mut message = message.unwrap_or_default().to_owned();
    if let Some(more) = text(value, "error_uri") {
        message = format!("{message} ({more})").trim_start().to_owned();
    }
    let fields = list(value.get("fields").or(value.get("field")));
    let fields = fields.filter_map(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned);
    Some(ApiError { code, message, fields: fields.collect() })
}

fn code(value: &Value) -> Option<&str> {
    CODES.iter().filter_map(|name| text(value, name)).find(|code| is_code(code))
}

/// A code is one word, no number, and not the name that HTTP clients have for "it failed".
fn is_code(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && !text.starts_with("ERR_")
}

/// A SOAP fault says the same up to three times: in its own words, in `detail`, and the code again before the text.
///
/// Source: SOAP API Developer Guide, faults.
fn fault(value: &Value) -> ApiError {
    let detail = value.get("detail").and_then(|detail| {
        let inner = detail.as_object().into_iter().flat_map(|map| map.values());
        inner.chain([detail]).find(|inner| inner.get("exceptionCode").is_some()).and_then(own)
    });
    let own = own(value).unwrap_or_default();
    let ApiError { code, message, fields } = detail.unwrap_or_default();
    let message = if message.is_empty() { own.message } else { message };
    let said = text::coded(&message);
    match code.or(own.code) {
        // The envelope's own codes ("Client", "Server") say less than a code in the text.
        Some(code) if !matches!(code.as_str(), "Client" | "Server") || said.code.is_none() => {
            let message = if said.code.as_deref() == Some(&code) { said.message } else { message };
            ApiError { code: Some(code), message, fields }
        }
        _ => said,
    }
}

/// UI API's `output`: what is wrong with the record, and what with each field.
fn output(output: &Value) -> Vec<ApiError> {
    let mut errors = output.get("errors").map(errors_of).unwrap_or_default();
    for (name, said) in output.get("fieldErrors").and_then(Value::as_object).into_iter().flatten() {
        errors.extend(errors_of(said).into_iter().map(|mut error| {
            if error.fields.is_empty() {
                error.fields.push(name.clone());
            }
            error
        }));
    }
    errors
}

/// A text that is not empty.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A number; in XML it is a text.
pub(super) fn number(value: &Value, name: &str) -> Option<u16> {
    let value = value.get(name)?;
    value.as_u64().and_then(|n| n.try_into().ok()).or_else(|| value.as_str()?.trim().parse().ok())
}

/// Yes or no; in XML it is a text.
pub(super) fn flag(value: &Value, name: &str) -> Option<bool> {
    let value = value.get(name)?;
    value.as_bool().or_else(|| value.as_str()?.trim().parse().ok())
}

/// The items of a list; in XML a list of one is no list.
pub(super) fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (items, single) = match value {
        Some(Value::Array(items)) => (items.as_slice(), None),
        other => (&[][..], other.filter(|value| !value.is_null())),
    };
    items.iter().chain(single)
}
