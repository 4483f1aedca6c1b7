//! Where a person is in a document: cursor, scroll, folds, search. Plain data for the app's state.

use super::{Document, Fold, Role, Row, Span};
use std::sync::Arc;

/// A document seen in one of two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presentation {
    /// Made readable: JSON and XML as a tree, CSV in aligned columns, HTML as its text, a binary as a hex dump.
    Tree,
    /// The text as received (a BOM or UTF-16 decoded), long lines wrapped; a binary as a hex dump.
    Raw,
}

/// What the value under the cursor leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An absolute URL (`https://…`) or one relative to the instance (`/services/data/…`), as received.
    Url(String),
    /// A Salesforce Id: 18 characters with a right checksum, or 15 that look like one.
    Id(String),
}

/// How a search stands. In a tree a match is a row whose key or value holds the pattern; in lines each
/// occurrence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matches {
    /// The match the cursor was brought to, from 1; `None` before the first is found.
    pub current: Option<u64>,
    /// Matches known so far.
    pub known: u64,
    /// Whether `known` is all of them: false while the search runs, and where counting stopped at the limit
    /// of one million.
    pub complete: bool,
    /// Whether [`View::search_more`] has work to do.
    pub running: bool,
}

/// Cursor, scroll, folds and search in one document.
///
/// Tell it the size of its area with [`set_size`](View::set_size) whenever that changes; every other method
/// costs no more than the rows on the screen, whatever the size of the body.
#[derive(Clone, Debug)]
pub struct View {
    document: Arc<Document>,
    presentation: Presentation,
    width: u16,
    height: u16,
    cursor: u64,
    top: u64,
    left: u64,
}

impl View {
    /// A view of `document` with the folds that read best at first: a query's records are open, the first
    /// record shown, the others folded; anything small is open.
    pub fn new(document: Arc<Document>) -> View {
        View { document, presentation: Presentation::Tree, width: 80, height: 24, cursor: 0, top: 0, left: 0 }
    }

    /// The document looked at.
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// The size of the area drawn into, in cells (without frame): pages, wrapping and scrolling go by it.
    pub fn set_size(&mut self, width: u16, height: u16) {
        (self.width, self.height) = (width, height);
    }

    /// How the document is shown.
    pub fn presentation(&self) -> Presentation {
        self.presentation
    }

    /// Shows it the other way, the cursor staying at the same place of the body where there is one.
    pub fn set_presentation(&mut self, presentation: Presentation) {
        self.presentation = presentation;
    }

    /// The rows on the screen, from the top: as many as fit, fewer at the end of the document.
    pub fn rows(&self) -> Vec<Row> {
        vec![Row {
            depth: 0,
            fold: Fold::None,
            spans: vec![Span::new("", Role::Text)],
            cursor: true,
            number: None,
        }]
    }

    /// How many rows there are, folded ones left out.
    pub fn len(&self) -> u64 {
        1
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cursor's row, from 0.
    pub fn position(&self) -> u64 {
        self.cursor
    }

    /// The first row on the screen, from 0 (for a scrollbar).
    pub fn top(&self) -> u64 {
        self.top
    }

    /// Moves the cursor by rows, down if positive; it stops at the ends.
    pub fn move_by(&mut self, _rows: i64) {}

    /// Moves by screens, down if positive.
    pub fn page(&mut self, _pages: i64) {}

    /// To the first row.
    pub fn to_start(&mut self) {}

    /// To the last row.
    pub fn to_end(&mut self) {}

    /// Scrolls by rows (the mouse wheel), the cursor staying on the screen.
    pub fn scroll_by(&mut self, _rows: i64) {}

    /// Scrolls sideways by cells, right if positive. Nothing to do where lines are wrapped.
    pub fn scroll_sideways(&mut self, _cells: i64) {}

    /// Puts the cursor on the `line`th row of the screen (a click), from 0. False if there is none.
    pub fn select(&mut self, _line: u16) -> bool {
        false
    }

    /// Folds or unfolds the cursor's row. False if there is nothing to fold.
    pub fn toggle_fold(&mut self) -> bool {
        false
    }

    /// To the right: unfolds the row, or goes to its first member.
    pub fn enter(&mut self) {}

    /// To the left: folds the row, or goes to what it is a member of.
    pub fn leave(&mut self) {}

    /// Unfolds everything.
    pub fn expand_all(&mut self) {}

    /// Folds everything but the outermost value.
    pub fn collapse_all(&mut self) {}

    /// Searches for `pattern`, plain text, in keys and values (in lines: in the text); case counts only if
    /// the pattern has a capital letter. The cursor goes to the first match from where it is, folds opening
    /// as needed. An empty pattern ends the search.
    ///
    /// One call looks at some megabytes only; while [`Matches::running`], call
    /// [`search_more`](View::search_more) again and again, between frames.
    pub fn find(&mut self, _pattern: &str) {}

    /// Goes on with the search for about a millisecond or two. False when there is nothing left to do.
    pub fn search_more(&mut self) -> bool {
        false
    }

    /// To the next match, from the end on to the first.
    pub fn next_match(&mut self) {}

    /// To the previous match, from the first back to the last.
    pub fn previous_match(&mut self) {}

    /// Ends the search; the cursor stays.
    pub fn clear_search(&mut self) {}

    /// How the search stands, if there is one.
    pub fn matches(&self) -> Option<Matches> {
        None
    }

    /// Where the cursor is: `.records[3].Owner.Name` as jq writes it, an XPath in XML. `None` in lines.
    /// Safe to draw.
    pub fn path(&self) -> Option<String> {
        None
    }

    /// The value under the cursor, for the clipboard, as received and *not* safe to draw: a string without
    /// its quotes, a container as indented JSON, an element as XML, a line. `None` if it is over 8 MB: that
    /// is for a file.
    pub fn value(&self) -> Option<String> {
        None
    }

    /// What the value under the cursor leads to; a record leads to its own URL.
    pub fn target(&self) -> Option<Target> {
        None
    }
}
