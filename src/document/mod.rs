//! A response body as something to look at: rows, folds, search, paths.
//!
//! [`Document`] is the body with its index: built once, off the screen's thread, never changed. [`View`] is
//! where a person is in it: cursor, scroll, folds, search. Rows come out as plain data ([`Row`], [`Span`]),
//! safe to draw. No I/O, no clock, no terminal, and nothing else of this crate is used here.
//!
//! ```text
//! Bytes ─▶ Document::build ─▶ Arc<Document> ─▶ View::new ─▶ rows() ─▶ [Row]
//!          (worker)                            (screen: keys move, fold and search)
//! ```

mod folds;
mod json;
mod outline;
mod row;
mod safe;
mod view;

pub use row::{Fold, Role, Row, Span};
pub use safe::{is_hidden, safe};
pub use view::{Matches, Presentation, Target, View};

use bytes::Bytes;
use std::fmt;

/// A body and its index. Immutable; share it in an `Arc`.
pub struct Document {
    kind: Kind,
    received: u64,
    bytes: Bytes,
    problem: Option<Problem>,
    records: Option<Records>,
}

impl Document {
    /// Indexes `body` (decoded, contiguous). `content_type` is the header as received; the body itself is
    /// looked at where it is missing or lies. Never fails: what cannot be parsed is shown as far as it goes,
    /// or as text or binary, with a [`problem`](Document::problem).
    ///
    /// Takes time in proportion to the body: call it off the screen's thread.
    pub fn build(body: Bytes, content_type: Option<&str>) -> Document {
        let _ = content_type;
        Document { kind: Kind::Text, received: body.len() as u64, bytes: body, problem: None, records: None }
    }

    /// What the body is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes received.
    pub fn len(&self) -> u64 {
        self.received
    }

    /// Whether nothing was received.
    pub fn is_empty(&self) -> bool {
        self.received == 0
    }

    /// What is wrong with the body, if anything; the rows before that place are shown all the same.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// What the envelope of a query result says.
    pub fn records(&self) -> Option<&Records> {
        self.records.as_ref()
    }
}

/// Kind and size only: bodies hold what is nobody's business.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document").field("kind", &self.kind).field("bytes", &self.received).finish()
    }
}

/// What a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// JSON, one value or several after each other.
    Json,
    /// XML.
    Xml,
    /// Comma-separated values (or `;`, tab or `|`).
    Csv,
    /// A web page.
    Html,
    /// Any other text.
    Text,
    /// Not text.
    Binary,
    /// No bytes at all.
    Empty,
}

/// Where a body stops being what it says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A sentence for a person: lower case, no full stop, safe to draw.
    pub message: String,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// Offset in bytes, from 0 (of the body as UTF-8).
    pub byte: u64,
}

/// The envelope of a query result.
///
/// Source: REST API Developer Guide, Query: `totalSize`, `done`, `nextRecordsUrl`, `records`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// Records in this body.
    pub shown: u64,
    /// `totalSize`: how many the whole query finds.
    pub total: Option<u64>,
    /// `done`: whether this is the last page.
    pub done: Option<bool>,
    /// `nextRecordsUrl`, relative to the instance URL.
    pub next_records_url: Option<String>,
}
