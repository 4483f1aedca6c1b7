//! Error bodies in every shape the platform answers with, read into one.
//!
//! Source of the shapes: REST API Developer Guide, status codes; the public Salesforce Platform APIs collection; jsforce,
//! Force CLI and cirrus. GraphQL's and an sObject tree's, and the tags of an OAuth error in XML, are unconfirmed.

mod page;
mod parts;
mod said;
mod seen;

pub use page::Page;
pub use parts::{FailedPart, name_requests};
pub use said::Said;
pub use seen::{Seen, seen};

use http::StatusCode;
use quick_xml::{Reader, events::Event};
use serde_json::Value;

/// An error body larger than this is a page or data, not an error.
const LARGEST: usize = 1 << 20;

/// One error as the platform said it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiError {
    /// Its code: `INVALID_FIELD`, `invalid_grant`, …
    pub code: Option<String>,
    /// Its description.
    pub message: String,
    /// The fields it is about.
    pub fields: Vec<String>,
}

impl ApiError {
    /// Whether it only says that another part of the same request failed, or that all was rolled back with it.
    pub fn is_halted(&self) -> bool {
        const HALTED: &[&str] =
            &["PROCESSING_HALTED", "BATCH_PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"];
        self.code.as_deref().is_some_and(|code| HALTED.contains(&code))
    }
}

/// What the HTML page is that an answer's body holds; `None` if it is no HTML page.
pub fn page(status: Option<u16>, body: &[u8]) -> Option<Page> {
    let _ = (status, body);
    None
}

/// The rows of a Bulk API 2.0 job's failedResults: a CSV body with the column `sf__Error`.
pub fn failed_rows(csv: &[u8]) -> Vec<FailedPart> {
    let _ = csv;
    Vec::new()
}

/// The errors that an answer holds. Empty where the status is no error and nothing failed inside.
pub fn parse(status: StatusCode, body: &[u8]) -> Vec<ApiError> {
    if body.len() > LARGEST || !(status.is_client_error() || status.is_server_error()) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    match text.chars().next() {
        None => Vec::new(),
        Some('{' | '[') => {
            serde_json::from_str(text).map_or_else(|_| vec![plain(text)], |value| json(&value))
        }
        Some('<') => markup(text),
        Some(_) if text.starts_with("error=") => form(text),
        Some(_) => vec![plain(text)],
    }
}

/// Errors inside an answer of status 200: composites, collections, GraphQL. `path` tells whether to look.
pub fn failed_parts(path: &str, body: &[u8]) -> Vec<FailedPart> {
    let holds_parts = path.contains("/composite") || path.ends_with("/graphql");
    if !holds_parts || body.len() > LARGEST {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_slice(body) {
        collect_parts(&value, &mut found);
    }
    found.into_iter().map(|error| FailedPart { error, ..FailedPart::default() }).collect()
}

fn json(value: &Value) -> Vec<ApiError> {
    match value {
        Value::Array(items) => items.iter().flat_map(json).collect(),
        Value::Object(_) => object(value).into_iter().collect(),
        other => vec![plain(&other.to_string())],
    }
}

/// One object: OAuth's, REST's, SOAP-like, or one that only wraps a list of errors.
fn object(value: &Value) -> Option<ApiError> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let code = ["errorCode", "statusCode", "exceptionCode", "error"].into_iter().find_map(text);
    let message =
        ["message", "error_description", "exceptionMessage", "errorMessage"].into_iter().find_map(text);
    if code.is_none() && message.is_none() {
        return Some(plain(&value.to_string()));
    }
    let fields = value.get("fields").and_then(Value::as_array).into_iter().flatten();
    let fields = fields.filter_map(Value::as_str).map(str::to_owned).collect();
    Some(ApiError { code, message: message.unwrap_or_default(), fields })
}

fn collect_parts(value: &Value, found: &mut Vec<ApiError>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect_parts(item, found)),
        Value::Object(map) => {
            if let Some(Value::Array(errors)) = map.get("errors") {
                found.extend(errors.iter().filter_map(object));
            }
            let status = map.get("httpStatusCode").or(map.get("statusCode")).and_then(Value::as_u64);
            if status.is_some_and(|status| status >= 400) {
                found.extend(map.get("body").or(map.get("result")).map(json).unwrap_or_default());
                return;
            }
            for name in ["compositeResponse", "results", "graphs", "graphResponse"] {
                if let Some(inner) = map.get(name) {
                    collect_parts(inner, found);
                }
            }
        }
        _ => {}
    }
}

/// `<Errors><Error>…`, `<OAuth><error>…`, a SOAP fault, or an HTML page, of which only the title says something.
fn markup(text: &str) -> Vec<ApiError> {
    let start = text.get(..15).unwrap_or(text).to_ascii_lowercase();
    if start.starts_with("<!doctype") || start.starts_with("<html") {
        let title = element_texts(text, &["title"]).into_iter().next().map(|(_, title)| title);
        let message = match title {
            Some(title) if !title.is_empty() => format!("an HTML page: {title}"),
            _ => "an HTML page".to_owned(),
        };
        return vec![ApiError { message, ..ApiError::default() }];
    }
    let names = [
        "errorCode",
        "message",
        "fields",
        "error",
        "error_description",
        "exceptionCode",
        "exceptionMessage",
        "faultcode",
        "faultstring",
    ];
    let mut errors = Vec::new();
    let mut current = ApiError::default();
    for (name, text) in element_texts(text, &names) {
        let is_code = matches!(name.as_str(), "errorCode" | "error" | "exceptionCode" | "faultcode");
        let is_fields = name == "fields";
        let taken = if is_code { current.code.is_some() } else { !is_fields && !current.message.is_empty() };
        if taken {
            errors.push(std::mem::take(&mut current));
        }
        match (is_code, is_fields) {
            (true, _) => current.code = Some(text),
            (_, true) => current.fields.push(text),
            _ => current.message = text,
        }
    }
    if current.code.is_none() && current.message.is_empty() {
        return vec![plain(text)];
    }
    errors.push(current);
    errors
}

/// The texts of the innermost elements of these local names, in order; as far as the markup can be read.
pub(super) fn element_texts(text: &str, names: &[&str]) -> Vec<(String, String)> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                let name = String::from_utf8_lossy(tag.local_name().as_ref()).into_owned();
                open = names.contains(&name.as_str()).then(|| (name, String::new()));
            }
            Ok(Event::Text(part)) => {
                if let (Some((_, text)), Ok(part)) = (&mut open, part.decode()) {
                    text.push_str(&part);
                }
            }
            Ok(Event::GeneralRef(part)) => {
                if let (Some((_, text)), Ok(part)) = (&mut open, part.decode()) {
                    let written = format!("&{part};");
                    text.push_str(&quick_xml::escape::unescape(&written).unwrap_or_default());
                }
            }
            Ok(Event::CData(part)) => {
                if let (Some((_, text)), Ok(part)) = (&mut open, part.decode()) {
                    text.push_str(&part);
                }
            }
            Ok(Event::End(_)) => found.extend(open.take().map(|(name, text)| (name, text.trim().to_owned()))),
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// `error=invalid_grant&error_description=…`.
fn form(text: &str) -> Vec<ApiError> {
    let mut error = ApiError::default();
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        match name.as_ref() {
            "error" => error.code = Some(value.into_owned()),
            "error_description" => error.message = value.into_owned(),
            _ => {}
        }
    }
    vec![error]
}

/// Text of no known shape: a code if it is one word (`Bad_OAuth_Token`), else a message, cut.
fn plain(text: &str) -> ApiError {
    let word = text.len() <= 60 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let cut: String = text.chars().take(200).collect();
    match word {
        true => ApiError { code: Some(cut), ..ApiError::default() },
        false => ApiError { message: cut, ..ApiError::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(status: u16, body: &str) -> (Option<String>, String) {
        let errors = parse(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        let [error] = errors.as_slice() else { panic!("{errors:?}") };
        (error.code.clone(), error.message.clone())
    }

    fn said(code: &str, message: &str) -> (Option<String>, String) {
        (Some(code.to_owned()), message.to_owned())
    }

    #[test]
    fn every_shape_is_read() {
        let oauth = said("invalid_grant", "authentication failure");
        assert_eq!(
            one(400, r#"{"error":"invalid_grant","error_description":"authentication failure"}"#),
            oauth
        );
        assert_eq!(one(400, "error=invalid_grant&error_description=authentication+failure"), oauth);
        assert_eq!(
            one(
                400,
                "<OAuth><error>invalid_grant</error><error_description>authentication failure</error_description></OAuth>"
            ),
            oauth
        );
        assert_eq!(
            one(400, r#"[{"message":"No such column","errorCode":"INVALID_FIELD","fields":["X"]}]"#),
            said("INVALID_FIELD", "No such column")
        );
        assert_eq!(
            one(
                404,
                "<?xml version=\"1.0\"?><Errors><Error><errorCode>NOT_FOUND</errorCode><message>a &amp; b</message></Error></Errors>"
            ),
            said("NOT_FOUND", "a & b")
        );
        assert_eq!(one(403, "Bad_OAuth_Token"), said("Bad_OAuth_Token", ""));
        assert_eq!(
            one(503, "<!DOCTYPE html><html><head><title>Down for maintenance</title>"),
            (None, "an HTML page: Down for maintenance".to_owned())
        );
        assert_eq!(one(500, "{\"half\":"), (None, "{\"half\":".to_owned()));
    }

    #[test]
    fn a_good_answer_has_no_errors() {
        assert!(parse(StatusCode::OK, br#"[{"errorCode":"X","message":"y"}]"#).is_empty());
    }

    #[test]
    fn failures_inside_a_200_are_found() {
        let composite = br#"{"compositeResponse":[{"body":{"id":"001"},"httpStatusCode":201},
            {"body":[{"errorCode":"INVALID_FIELD","message":"m"}],"httpStatusCode":400}]}"#;
        let collection =
            br#"[{"success":false,"errors":[{"statusCode":"REQUIRED_FIELD_MISSING","message":"m"}]}]"#;
        let batch = br#"{"hasErrors":true,"results":[{"statusCode":404,"result":[{"errorCode":"NOT_FOUND","message":"m"}]}]}"#;
        let codes = |path: &str, body: &[u8]| -> Vec<_> {
            failed_parts(path, body).into_iter().filter_map(|part| part.error.code).collect()
        };
        assert_eq!(codes("/services/data/v66.0/composite", composite), ["INVALID_FIELD"]);
        assert_eq!(codes("/services/data/v66.0/composite/sobjects", collection), ["REQUIRED_FIELD_MISSING"]);
        assert_eq!(codes("/services/data/v66.0/composite/batch", batch), ["NOT_FOUND"]);
        assert!(codes("/services/apexrest/x", collection).is_empty());
    }

    proptest! {
        #[test]
        fn nothing_panics(start in "[{<\\[a]{0,3}", rest in ".{0,200}") {
            let body = format!("{start}{rest}");
            let _ = parse(StatusCode::BAD_REQUEST, body.as_bytes());
            let _ = failed_parts("/composite", body.as_bytes());
        }
    }
}
