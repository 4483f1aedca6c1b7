//! Errors in every shape the platform answers with, read into one: bodies, parts of answers that say 200, pages, and
//! texts as people paste them.
//!
//! A family of shapes has a file: [`json`] objects, [`markup`] (XML, SOAP faults), [`text`] (words, forms, rows of CSV),
//! [`page`]s in HTML, [`parts`] of composites and collections, [`seen`] for what comes from elsewhere. What looks like
//! a secret is masked in all of them. What an error means is told elsewhere.
//!
//! Source of the shapes: REST API Developer Guide, status codes; the public Salesforce Platform APIs collection; jsforce,
//! Force CLI and cirrus. GraphQL's, an sObject tree's, UI API's `output`, Metadata's and Data Cloud's, and the tags of
//! an OAuth error in XML, are unconfirmed.

mod json;
mod markup;
mod page;
mod parts;
mod said;
mod seen;
mod text;

pub(super) use markup::element_texts;
pub use page::Page;
pub use parts::{FailedPart, failed_parts, name_requests};
pub use said::Said;
pub use seen::{Seen, seen};
pub use text::failed_rows;
pub(super) use text::from_pairs;

use crate::{format, http::redact::mask_text};
use http::StatusCode;
use serde_json::Value;

/// An error body larger than this is a page or data, not an error. (Parts may be in larger ones: see [`failed_parts`].)
const LARGEST: usize = 1 << 20;

/// A code or a description is cut behind so many bytes.
const LONGEST: usize = 4 * 1024;

/// One error as the platform said it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiError {
    /// Its code: `INVALID_FIELD`, `invalid_grant`, … A SOAP fault's is without its prefix (`sf:`).
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

    fn said(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Without what looks like a secret, and cut: a description is read by a person, and held against every hint.
    fn masked(mut self) -> Self {
        for text in self.code.iter_mut().chain([&mut self.message]).chain(&mut self.fields) {
            mask(text);
            if text.len() > LONGEST {
                *text = format!("{}…", format::beginning(text, LONGEST));
            }
        }
        self
    }
}

fn mask(text: &mut String) {
    if let std::borrow::Cow::Owned(masked) = mask_text(text) {
        *text = masked;
    }
}

/// The errors that an answer holds. Empty where the status is no error.
pub fn parse(status: StatusCode, body: &[u8]) -> Vec<ApiError> {
    if body.len() > LARGEST || !(status.is_client_error() || status.is_server_error()) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(body);
    let text = trimmed(&text);
    if text.is_empty() {
        return Vec::new();
    }
    let errors = match page::read(Some(status.as_u16()), text) {
        Some((_, title)) if title.is_empty() => vec![ApiError::said("an HTML page")],
        Some((_, title)) => vec![ApiError::said(format!("an HTML page: {title}"))],
        None => structured(text).map(|value| json::errors_of(&value)).unwrap_or_default(),
    };
    let errors = if errors.is_empty() { text::errors_of(text) } else { errors };
    errors.into_iter().map(ApiError::masked).collect()
}

/// What the HTML page is that an answer's body holds; `None` if it is no HTML page.
pub fn page(status: Option<u16>, body: &[u8]) -> Option<Page> {
    if body.len() > LARGEST {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    page::read(status, trimmed(&text)).map(|(page, _)| page)
}

/// A body that is JSON or XML by its first character.
fn structured(text: &str) -> Option<Value> {
    match text.as_bytes().first()? {
        b'{' | b'[' | b'"' => serde_json::from_str(text).ok(),
        b'<' => Some(markup::value(text)),
        _ => None,
    }
}

/// Without the blanks around it, and without a byte order mark.
fn trimmed(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim()
}

#[cfg(test)]
mod tests;
