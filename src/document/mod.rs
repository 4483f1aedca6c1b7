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

mod binary;
mod folds;
mod html;
mod json;
mod json_node;
mod lines;
#[cfg(test)]
mod measure;
mod opening;
mod outline;
mod row;
mod safe;
mod scene;
mod search;
mod sniff;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod tree;
mod view;
mod xml;
mod xml_node;

pub use row::{Fold, Role, Row, Span};
pub use safe::{is_hidden, safe};
pub use search::Matches;
pub use target::Target;
pub use view::{Presentation, View};

use bytes::Bytes;
use json::Fault;
use lines::Lines;
use outline::Outline;
use sniff::Said;
use std::fmt;
use table::Table;
use tree::{Grammar, Tree};

/// Offsets are 32 bits wide; of a body beyond, the beginning is shown.
const LONGEST: usize = u32::MAX as usize - 1;
/// Characters of a problem's message.
const MESSAGE: usize = 200;

/// A body and its index. Immutable; share it in an `Arc`.
pub struct Document {
    kind: Kind,
    received: u64,
    /// The body as UTF-8, by lines.
    raw: Lines,
    content: Content,
    problem: Option<Problem>,
    records: Option<Records>,
}

/// What a kind is shown by, besides its raw lines.
enum Content {
    Tree(Grammar, Outline),
    Table(Table),
    /// The readable text of a web page.
    Page(Lines),
    Lines,
    /// What the bytes are, if that is known.
    Hex(Option<String>),
}

impl Document {
    /// Indexes `body` (decoded, contiguous). `content_type` is the header as received; the body itself is
    /// looked at where it is missing or lies. Never fails: what cannot be parsed is shown as far as it goes,
    /// or as text or binary, with a [`problem`](Document::problem).
    ///
    /// Takes time in proportion to the body: call it off the screen's thread.
    pub fn build(body: Bytes, content_type: Option<&str>) -> Document {
        let received = body.len() as u64;
        let mut bytes = sniff::to_utf8(body, content_type);
        let cut = (bytes.len() > LONGEST).then(|| {
            bytes.truncate(LONGEST);
            Fault { at: LONGEST, message: "only the first 4 GB are shown".into() }
        });
        let (kind, content, fault) = parse(&bytes, sniff::said(content_type));
        let fault = cut.or(fault).or_else(|| foreign(kind, &bytes));
        let problem = fault.map(|fault| Problem::new(fault, &bytes));
        let raw = if kind == Kind::Binary { Lines::unbroken(bytes) } else { Lines::new(bytes) };
        let mut document = Document { kind, received, raw, content, problem, records: None };
        document.records = document.tree().and_then(opening::records);
        document
    }

    fn bytes(&self) -> &[u8] {
        self.raw.text()
    }

    fn tree(&self) -> Option<Tree<'_>> {
        match &self.content {
            Content::Tree(grammar, outline) => Some(Tree { grammar: *grammar, bytes: self.bytes(), outline }),
            _ => None,
        }
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

/// Tries the kinds that the header and the first bytes suggest, and takes the first that fits.
fn parse(bytes: &[u8], said: Said) -> (Kind, Content, Option<Fault>) {
    let mut reason = None;
    for kind in sniff::candidates(bytes, said) {
        let (content, fault) = match kind {
            Kind::Json => tree_of(Grammar::Json, json::index(bytes)),
            Kind::Xml => tree_of(Grammar::Xml, xml::index(bytes)),
            Kind::Html => (Content::Page(Lines::new(html::text(bytes).into())), None),
            Kind::Csv => {
                let (table, fault) = Table::new(bytes);
                return (kind, Content::Table(table), fault);
            }
            Kind::Binary => (Content::Hex(binary::what(bytes)), None),
            Kind::Text | Kind::Empty => return (kind, Content::Lines, reason),
        };
        let nodes = if let Content::Tree(_, outline) = &content { outline.len() } else { 1 };
        if sniff::fits(kind, said, fault.as_ref(), bytes.len(), nodes) {
            return (kind, content, fault);
        }
        if matches!((kind, said), (Kind::Json, Said::Json) | (Kind::Xml, Said::Xml)) {
            reason = fault; // the header promised it: say why it is shown as text
        }
    }
    (Kind::Text, Content::Lines, reason)
}

fn tree_of(grammar: Grammar, (outline, fault): (Outline, Option<Fault>)) -> (Content, Option<Fault>) {
    (Content::Tree(grammar, outline), fault)
}

/// Where a text is not UTF-8.
fn foreign(kind: Kind, bytes: &[u8]) -> Option<Fault> {
    let error = std::str::from_utf8(bytes).err().filter(|_| kind != Kind::Binary)?;
    Some(Fault { at: error.valid_up_to(), message: "not UTF-8 from here".into() })
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

impl Problem {
    fn new(fault: Fault, bytes: &[u8]) -> Problem {
        let before = &bytes[..fault.at.min(bytes.len())];
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let continues = |b: &&u8| **b & 0b1100_0000 == 0b1000_0000;
        let characters = before.len() - line_start - before[line_start..].iter().filter(continues).count();
        Problem {
            message: safe(&fault.message).chars().take(MESSAGE).collect(),
            line: memchr::memchr_iter(b'\n', before).count() as u64 + 1,
            column: characters as u64 + 1,
            byte: fault.at as u64,
        }
    }
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
