//! OAuth errors, and the formats in which the endpoints answer.
//!
//! May know formats. May not know why something is refused, except what keeps a user out of all flows.

use http::{StatusCode, header};
use serde_json::{Map, Value, json};

use crate::demo_org::call::{Content, Reply};
use crate::demo_org::standing::Barrier;
use crate::demo_org::xml;

/// An OAuth error.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: &'static str,
    pub(super) description: &'static str,
}

/// The formats of token answers.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Json,
    UrlEncoded,
    Xml,
}

impl Refusal {
    pub(super) const fn new(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description }
    }

    /// What most grants are refused with.
    pub(super) const fn grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    /// The one text that stands for at least ten causes.
    pub(super) const fn authentication_failure() -> Self {
        Self::grant("authentication failure")
    }

    pub(super) fn reply(self, format: Format) -> Reply {
        let mut body = Map::new();
        body.insert("error".to_owned(), json!(self.error));
        body.insert("error_description".to_owned(), json!(self.description));
        data(format, "OAuth", self.status, body)
    }
}

/// An answer of the token endpoint and its like.
pub(super) fn data(
    format: Format,
    root: &'static str,
    status: StatusCode,
    body: Map<String, Value>,
) -> Reply {
    let content = match format {
        Format::Json => {
            Content::Text("application/json;charset=UTF-8", Value::Object(body).to_string().into())
        }
        Format::Xml => {
            Content::Text("application/xml;charset=UTF-8", xml::write(root, &Value::Object(body)).into())
        }
        Format::UrlEncoded => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in &body {
                form.append_pair(name, value.as_str().unwrap_or_default());
            }
            Content::Text("application/x-www-form-urlencoded;charset=UTF-8", form.finish().into())
        }
    };
    Reply::with_status(status, content)
        .header(header::CACHE_CONTROL, "no-cache,must-revalidate,max-age=0,no-store,private")
}

/// The words for what keeps a user out, whatever the flow.
pub(super) fn of_barrier(barrier: Barrier) -> Refusal {
    match barrier {
        Barrier::Inactive | Barrier::Frozen => Refusal::grant("inactive user"),
        Barrier::Locked => Refusal::authentication_failure(),
        Barrier::RestrictedIp => Refusal::grant("IP restricted or invalid login hours"),
    }
}
