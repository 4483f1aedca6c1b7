//! Salesforce's error bodies: an array of objects in JSON, `Errors/Error` in XML.
//!
//! Source: REST API Developer Guide, status codes; jsforce (XML).
//!
//! May know codes, texts and statuses. May not know what raised them.

use http::StatusCode;
use serde_json::{Value, json};

/// One error of the REST API.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    /// `INVALID_FIELD`, …
    pub(super) code: &'static str,
    pub(super) message: String,
    /// The fields to blame; sent only if there are some, or if the code always lists them.
    pub(super) fields: Vec<String>,
    /// What else the body tells.
    pub(super) more: Option<Box<(&'static str, Value)>>,
}

impl Fault {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), fields: Vec::new(), more: None }
    }

    /// A 400, as most of them are.
    pub(super) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// Names the fields to blame.
    pub(super) fn of_fields(mut self, fields: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Tells something else in the body.
    pub(super) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more = Some(Box::new((name, value)));
        self
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "The requested resource does not exist")
    }

    pub(super) fn dead_session() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "INVALID_SESSION_ID", "Session expired or invalid")
    }

    pub(super) fn wrong_method(method: &http::Method, allowed: &str) -> Self {
        let message = format!("HTTP Method '{method}' not allowed. Allowed are {allowed}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", message)
    }

    /// What the org says when it breaks itself.
    pub(super) fn unexpected() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "UNKNOWN_EXCEPTION",
            "An unexpected error occurred. Please include this ErrorId if you contact support: 1844407370-26041 (-1407370955)",
        )
    }

    /// The body of an answer that is this error.
    pub(super) fn body(&self) -> Value {
        let mut error = json!({ "message": self.message, "errorCode": self.code });
        if let Some((name, value)) = self.more.as_deref() {
            error[*name] = value.clone();
        }
        if !self.fields.is_empty() {
            error["fields"] = json!(self.fields);
        }
        Value::Array(vec![error])
    }

    /// The entry in the result of a collection: there it is `statusCode`, not `errorCode`.
    pub(super) fn row_error(&self) -> Value {
        json!({ "statusCode": self.code, "message": self.message, "fields": self.fields })
    }
}

/// The translated SOQL failed in SQLite: a bug here, which the caller sees as Salesforce's own.
impl From<rusqlite::Error> for Fault {
    fn from(_: rusqlite::Error) -> Self {
        Self::unexpected()
    }
}
