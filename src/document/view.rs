//! Where a person is in a document: cursor, scroll, folds, search. Plain data for the app's state.

use super::folds::Folds;
use super::lines::{Lines, Wrap};
use super::outline::NodeId;
use super::scene::{Family, Scene, Window, line_spans, tree_row};
use super::search::{Matches, Search};
use super::target::Target;
use super::tree::Tree;
use super::{Content, Document, Role, Row, Span, opening, row};
use std::sync::Arc;

/// The largest value for the clipboard, in bytes of the body.
const COPIED: usize = 1 << 20;
/// Digits that line numbers have room for at least.
const LEAST_DIGITS: u16 = 3;
/// Cells of a row that are looked at to bring a match into sight.
const SOUGHT: u16 = 16 * 1024;

/// A document seen in one of two ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presentation {
    /// Made readable: JSON and XML as a tree, CSV in aligned columns, HTML as its text, a binary as a hex dump.
    Tree,
    /// The text as received (a BOM or UTF-16 decoded), long lines wrapped; a binary as a hex dump.
    Raw,
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
    left: usize,
    /// Of the tree, if there is one.
    folds: Option<Folds>,
    /// Of the lines shown, if there are any.
    wrap: Option<Wrap>,
    search: Option<Search>,
}

impl View {
    /// A view of `document` with the folds that read best at first: a query's records are open, the first
    /// record shown, the others folded; anything small is open.
    pub fn new(document: Arc<Document>) -> View {
        let folds = document.tree().map(opening::folds);
        let mut view = View {
            document,
            presentation: Presentation::Tree,
            width: 80,
            height: 24,
            cursor: 0,
            top: 0,
            left: 0,
            folds,
            wrap: None,
            search: None,
        };
        view.rewrap();
        view
    }

    /// The document looked at.
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// The size of the area drawn into, in cells, the [`gutter`](View::gutter) included: pages, wrapping and
    /// scrolling go by it. Costs nothing if it is what it was; a new width wraps long lines anew.
    pub fn set_size(&mut self, width: u16, height: u16) {
        if self.width != width {
            let at = self.place();
            self.width = width;
            self.rewrap();
            if self.wrap.is_some() {
                self.cursor = self.scene().row_of(at);
            }
        }
        self.height = height;
        self.follow();
    }

    /// Cells at the left of every row for its line number and a blank behind it; 0 where there are none.
    pub fn gutter(&self) -> u16 {
        let Some(most) = self.scene().numbers() else { return 0 };
        let digits = most.checked_ilog10().unwrap_or(0) as u16 + 1;
        (digits.max(LEAST_DIGITS) + 1).min(self.width / 2)
    }

    /// How the document is shown.
    pub fn presentation(&self) -> Presentation {
        self.presentation
    }

    /// Shows it the other way, the cursor staying at the same place of the body where there is one. A search
    /// begins anew there.
    pub fn set_presentation(&mut self, presentation: Presentation) {
        if self.presentation == presentation {
            return;
        }
        let at = self.place();
        self.presentation = presentation;
        self.rewrap();
        (self.left, self.top) = (0, 0);
        let page = matches!(self.document.content, Content::Page(_)); // its text is not the body's
        self.cursor = if page { 0 } else { self.scene().row_of(at) };
        self.follow();
        if let Some(search) = self.search.take() {
            self.search = Search::new(search.pattern(), self.scene().scope(), None);
            self.search_more();
        }
    }

    /// The rows on the screen, from the top: as many as fit, fewer at the end of the document.
    pub fn rows(&self) -> Vec<Row> {
        let window = Window {
            rows: self.top..self.top + u64::from(self.height),
            left: self.left,
            width: self.width - self.gutter(),
            cursor: self.cursor,
        };
        self.scene().draw(&window, self.search.as_ref())
    }

    /// How many rows there are, folded ones left out.
    pub fn len(&self) -> u64 {
        self.scene().rows()
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
    pub fn move_by(&mut self, rows: i64) {
        self.go(self.cursor.saturating_add_signed(rows));
    }

    /// Moves by screens, down if positive.
    pub fn page(&mut self, pages: i64) {
        let rows = pages.saturating_mul(self.height.max(2) as i64 - 1); // one row stays in sight
        self.top = self.top.saturating_add_signed(rows);
        self.move_by(rows);
    }

    /// To the first row.
    pub fn to_start(&mut self) {
        self.go(0);
    }

    /// To the last row.
    pub fn to_end(&mut self) {
        self.go(u64::MAX);
    }

    /// Scrolls by rows (the mouse wheel), the cursor staying on the screen.
    pub fn scroll_by(&mut self, rows: i64) {
        let height = u64::from(self.height.max(1));
        self.top = self.top.saturating_add_signed(rows).min(self.len().saturating_sub(height));
        self.go(self.cursor.clamp(self.top, self.top + height - 1));
    }

    /// Scrolls sideways by cells, right if positive.
    pub fn scroll_sideways(&mut self, cells: i64) {
        self.left = (self.left as u64).saturating_add_signed(cells).min(u64::from(u32::MAX)) as usize;
    }

    /// Cells scrolled to the right.
    pub fn left(&self) -> usize {
        self.left
    }

    /// Puts the cursor on the `line`th row of the screen (a click), from 0. False if there is none.
    pub fn select(&mut self, line: u16) -> bool {
        let row = self.top + u64::from(line);
        let there = line < self.height && row < self.len();
        if there {
            self.go(row);
        }
        there
    }

    /// Folds or unfolds the cursor's row. False if there is nothing to fold.
    pub fn toggle_fold(&mut self) -> bool {
        let folded = self.fold_state();
        self.set_fold(folded.map(|folded| !folded))
    }

    /// To the right: unfolds the row, or goes to its first member.
    pub fn enter(&mut self) {
        match self.fold_state() {
            Some(true) => drop(self.set_fold(Some(false))),
            Some(false) => self.move_by(1),
            None => {}
        }
    }

    /// To the left: folds the row, or goes to what it is a member of.
    pub fn leave(&mut self) {
        if self.fold_state() == Some(false) {
            self.set_fold(Some(true));
        } else if let Some((tree, node)) = self.node()
            && let Some(parent) = tree.outline.parent(node).map(|parent| parent.node)
        {
            self.go_to_node(parent);
        }
    }

    /// Unfolds everything.
    pub fn expand_all(&mut self) {
        self.refold(|folds, _| folds.unfold_all());
    }

    /// Folds everything but the outermost value.
    pub fn collapse_all(&mut self) {
        self.refold(|folds, tree| folds.fold_all(tree.outline));
    }

    /// Searches for `pattern`, plain text, in keys and values (in lines: in the text); case counts only if
    /// the pattern has a capital letter. The cursor goes to the first match from where it is, folds opening
    /// as needed. An empty pattern ends the search.
    ///
    /// One call looks at some megabytes only; while [`Matches::running`], call
    /// [`search_more`](View::search_more) again and again, between frames.
    pub fn find(&mut self, pattern: &str) {
        let scene = self.scene();
        self.search = Search::new(pattern, scene.scope(), Some(scene.byte_of(self.cursor)));
        self.search_more();
    }

    /// Goes on with the search for about a millisecond or two. False when there is nothing left to do.
    pub fn search_more(&mut self) -> bool {
        let Some(mut search) = self.search.take() else { return false };
        let to = search.step(self.scene().scope());
        let more = search.matches().running;
        self.search = Some(search);
        if let Some(byte) = to {
            self.go_to_match(byte);
        }
        more
    }

    /// To the next match, from the end on to the first.
    pub fn next_match(&mut self) {
        self.seek(|search, here, after| {
            search.seek_next(search.current().filter(|_| here).map_or(after, |at| at + 1))
        });
    }

    /// To the previous match, from the first back to the last.
    pub fn previous_match(&mut self) {
        self.seek(|search, here, after| {
            search.seek_previous(search.current().filter(|_| here).unwrap_or(after))
        });
    }

    /// Ends the search; the cursor stays.
    pub fn clear_search(&mut self) {
        self.search = None;
    }

    /// How the search stands, if there is one.
    pub fn matches(&self) -> Option<Matches> {
        self.search.as_ref().map(Search::matches)
    }

    /// What is searched for, as typed: *not* safe to draw.
    pub fn pattern(&self) -> Option<&str> {
        self.search.as_ref().map(Search::pattern)
    }

    /// Where the cursor is: `.records[3].Owner.Name` as jq writes it, an XPath in XML. `None` in lines.
    /// Safe to draw.
    pub fn path(&self) -> Option<String> {
        self.node().map(|(tree, node)| tree.path(node))
    }

    /// The value under the cursor, for the clipboard, as received and *not* safe to draw: a string without
    /// its quotes, a container as indented JSON, an element as XML, a line. `None` if it is over 1 MB: that
    /// is for a file.
    pub fn value(&self) -> Option<String> {
        if let Some((tree, node)) = self.node() {
            return tree.value(node, COPIED);
        }
        let text = match self.scene() {
            Scene::Lines(lines, wrap) if self.cursor < self.len() => {
                &lines.text()[lines.line(lines.row(wrap, self.cursor).0)]
            }
            Scene::Table(table, document) if self.cursor < self.len() => {
                table.record(document.bytes(), self.cursor).trim_ascii_end()
            }
            _ => return None,
        };
        (text.len() <= COPIED).then(|| String::from_utf8_lossy(text).into_owned())
    }

    /// What the value under the cursor leads to; a record leads to its own URL.
    pub fn target(&self) -> Option<Target> {
        let (tree, node) = self.node()?;
        let text = match tree.outline.container(node) {
            None => tree.text(node)?,
            Some(record) => {
                let attributes = tree.outline.container(tree.member(record, b"attributes")?)?;
                tree.text(tree.member(attributes, b"url")?)?
            }
        };
        Target::of(std::str::from_utf8(&text).ok()?)
    }

    fn scene(&self) -> Scene<'_> {
        let document = &*self.document;
        match (&document.content, self.presentation) {
            (Content::Hex(what), _) => Scene::Hex(document.bytes(), what.as_deref()),
            (Content::Table(table), Presentation::Tree) => Scene::Table(table, document),
            _ => match (self.shown_lines(), &self.wrap, document.tree(), &self.folds) {
                (Some(lines), Some(wrap), ..) => Scene::Lines(lines, wrap),
                (_, _, Some(tree), Some(folds)) => Scene::Tree(tree, folds),
                _ => Scene::Hex(&[], None),
            },
        }
    }

    /// The byte the cursor stands for: the current match if it is in its row, else the row's first.
    fn place(&self) -> usize {
        let scene = self.scene();
        let matched = self.search.as_ref().and_then(Search::current);
        matched.filter(|&at| scene.row_of(at) == self.cursor).unwrap_or_else(|| scene.byte_of(self.cursor))
    }

    /// The lines shown, where it is lines that are shown.
    fn shown_lines(&self) -> Option<&Lines> {
        match (&self.document.content, self.presentation) {
            (Content::Hex(_), _) | (Content::Tree(..) | Content::Table(_), Presentation::Tree) => None,
            (Content::Page(text), Presentation::Tree) => Some(text),
            _ => Some(&self.document.raw),
        }
    }

    fn rewrap(&mut self) {
        // The gutter depends on the number of lines alone, so any wrap will do to ask for it.
        self.wrap = self.shown_lines().map(|lines| lines.wrap(usize::from(u16::MAX)));
        let width = self.width - self.gutter();
        self.wrap = self.shown_lines().map(|lines| lines.wrap(width.into()));
    }

    /// The node under the cursor, where a tree is shown.
    fn node(&self) -> Option<(Tree<'_>, NodeId)> {
        match self.scene() {
            Scene::Tree(tree, folds) if self.cursor < u64::from(folds.rows()) => {
                Some((tree, folds.node(self.cursor as u32)))
            }
            _ => None,
        }
    }

    fn go(&mut self, row: u64) {
        self.cursor = row.min(self.len().saturating_sub(1));
        self.follow();
    }

    fn go_to_node(&mut self, node: NodeId) {
        if let Some(folds) = &self.folds {
            self.go(folds.row(node).into());
        }
    }

    /// Brings the cursor onto the screen, and the end of the document to its bottom.
    fn follow(&mut self) {
        let height = u64::from(self.height.max(1));
        let lowest = self.len().saturating_sub(height);
        self.top = self.top.min(lowest).clamp((self.cursor + 1).saturating_sub(height), self.cursor);
    }

    /// Whether the cursor's row is folded; `None` if it cannot be.
    fn fold_state(&self) -> Option<bool> {
        let (tree, node) = self.node()?;
        let id = tree.outline.container_id(node)?;
        self.folds.as_ref().map(|folds| folds.is_folded(id))
    }

    fn set_fold(&mut self, fold: Option<bool>) -> bool {
        let (Some(fold), Some((_, node))) = (fold, self.node()) else { return false };
        self.refold(|folds, tree| match tree.outline.container_id(node) {
            Some(id) if fold => folds.fold(tree.outline, id),
            Some(id) => folds.unfold(tree.outline, id),
            None => {}
        });
        true
    }

    /// Changes the folds; the cursor stays with its node, or what hides it, and on its line of the screen.
    fn refold(&mut self, change: impl FnOnce(&mut Folds, Tree)) {
        let Some((_, node)) = self.node() else { return };
        let Some(mut folds) = self.folds.take() else { return };
        if let Some(tree) = self.document.tree() {
            change(&mut folds, tree);
        }
        let line = self.cursor - self.top;
        self.cursor = folds.row(node).into();
        self.top = self.cursor.saturating_sub(line);
        self.folds = Some(folds);
        self.follow();
    }

    /// Asks the search for another match; `ask` gets whether the cursor still stands at the current one, and
    /// the byte of the cursor's row.
    fn seek(&mut self, ask: impl FnOnce(&mut Search, bool, usize)) {
        let Some(mut search) = self.search.take() else { return };
        let scene = self.scene();
        let here = search.current().is_some_and(|at| scene.row_of(at) == self.cursor);
        ask(&mut search, here, scene.byte_of(self.cursor));
        let to = search.settle();
        self.search = Some(search);
        match to {
            Some(byte) => self.go_to_match(byte),
            None => drop(self.search_more()),
        }
    }

    fn go_to_match(&mut self, byte: usize) {
        let document = self.document.clone();
        let tree = document.tree().filter(|_| self.node().is_some());
        if let (Some(tree), Some(folds)) = (tree, &mut self.folds)
            && let Some(node) = tree.outline.node_at(byte)
        {
            folds.reveal(tree.outline, node);
        }
        self.go(self.scene().row_of(byte));
        self.show_match();
    }

    /// Scrolls sideways so that the match in the cursor's row can be seen.
    fn show_match(&mut self) {
        let Some(search) = &self.search else { return };
        let scene = self.scene();
        let spans: Vec<Span> = match (&scene, self.node()) {
            (Scene::Tree(_, folds), Some((tree, node))) => {
                tree_row(tree, folds, node, (0, SOUGHT), &mut Family::default()).spans
            }
            (Scene::Lines(lines, wrap), _) => {
                let bytes = lines.row(wrap, self.cursor).2;
                line_spans(&lines.text()[bytes])
            }
            (Scene::Table(table, document), _) => table.spans(document.bytes(), self.cursor),
            _ => return,
        };
        let marked = scene.highlight(search, self.cursor, spans);
        let found = marked.iter().position(|span| span.role == Role::CurrentMatch);
        let size = |spans: &[Span]| spans.iter().map(|span| row::cells(&span.text)).sum::<usize>();
        let (start, end) = match found {
            Some(at) => (size(&marked[..at]), size(&marked[..=at])),
            // Not among the cells looked at, or spelled otherwise than drawn: about there, byte for cell.
            None => {
                let at = search.current().unwrap_or(0).saturating_sub(scene.byte_of(self.cursor));
                (at, at)
            }
        };
        let width = usize::from((self.width - self.gutter()).max(8));
        if end <= width * 3 / 4 {
            self.left = 0;
        } else if start < self.left || end > self.left + width * 3 / 4 {
            self.left = end.saturating_sub(width / 2).min(start);
        }
    }
}
