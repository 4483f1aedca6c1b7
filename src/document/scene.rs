//! What a view shows, as rows: a tree, lines, a table or a hex dump. Says for each how many rows there are,
//! which byte a row begins with, and draws them.

use super::Document;
use super::folds::Folds;
use super::lines::{Lines, Wrap};
use super::outline::NodeId;
use super::row::{Fold, Role, Row, Span, clip_marked};
use super::search::{Scope, Search};
use super::table::Table;
use super::tree::Tree;
use super::{binary, safe};
use std::collections::HashMap;
use std::ops::Range;

/// One way of showing one document.
pub(crate) enum Scene<'a> {
    Tree(Tree<'a>, &'a Folds),
    Lines(&'a Lines, &'a Wrap),
    Table(&'a Table, &'a Document),
    /// The first row says what it is, if that is known.
    Hex(&'a [u8], Option<&'a str>),
}

/// Cells a level of a tree is indented by, and the levels it stops at.
const INDENT: u16 = 2;
const DEEPEST: u16 = 24;
/// Cells of a fold marker, with its blank.
const MARKER: u16 = 2;

/// What is drawn of a scene.
pub(crate) struct Window {
    pub rows: Range<u64>,
    pub left: usize,
    /// Cells for indent and spans; the line numbers have their own.
    pub width: u16,
    pub cursor: u64,
}

impl<'a> Scene<'a> {
    pub fn rows(&self) -> u64 {
        match self {
            Scene::Tree(_, folds) => u64::from(folds.rows()),
            Scene::Lines(lines, wrap) => lines.rows(wrap),
            Scene::Table(table, _) => table.rows(),
            Scene::Hex(bytes, what) => binary::rows(bytes) + u64::from(what.is_some()),
        }
    }

    /// The first byte of a row.
    pub fn byte_of(&self, row: u64) -> usize {
        if row >= self.rows() {
            return 0;
        }
        match self {
            Scene::Tree(tree, folds) => tree.outline.start(folds.node(row as u32)),
            Scene::Lines(lines, wrap) => lines.row(wrap, row).2.start,
            Scene::Table(table, _) => table.start(row),
            Scene::Hex(_, what) => binary::start(row.saturating_sub(u64::from(what.is_some()))),
        }
    }

    /// The row that shows byte `at`, or the fold it is hidden in.
    pub fn row_of(&self, at: usize) -> u64 {
        match self {
            Scene::Tree(tree, folds) => tree.outline.node_at(at).map_or(0, |node| u64::from(folds.row(node))),
            Scene::Lines(lines, wrap) => lines.row_of(wrap, at),
            Scene::Table(table, _) => table.row_of(at),
            Scene::Hex(_, what) => binary::row_of(at) + u64::from(what.is_some()),
        }
    }

    /// The greatest line number, where there are numbers.
    pub fn numbers(&self) -> Option<u64> {
        match self {
            Scene::Lines(lines, _) => Some(lines.count() as u64),
            Scene::Table(table, _) => Some(table.rows()),
            Scene::Tree(..) | Scene::Hex(..) => None,
        }
    }

    /// Where to search.
    pub fn scope(&self) -> Scope<'a> {
        match *self {
            Scene::Tree(tree, _) => Scope::Tree(tree),
            Scene::Lines(lines, _) => Scope::Text(lines.text()),
            Scene::Table(_, document) => Scope::Text(document.bytes()),
            Scene::Hex(bytes, _) => Scope::Text(bytes),
        }
    }

    pub fn draw(&self, window: &Window, search: Option<&Search>) -> Vec<Row> {
        let rows = window.rows.start..window.rows.end.min(self.rows());
        let mut drawn = match self {
            Scene::Tree(tree, folds) => tree_rows(*tree, folds, rows.clone(), window),
            _ => rows.clone().map(|row| self.line(row)).collect(),
        };
        for (row, number) in drawn.iter_mut().zip(rows) {
            row.cursor = number == window.cursor;
            let mut spans = std::mem::take(&mut row.spans);
            if let Some(search) = search {
                spans = self.highlight(search, number, spans);
            }
            row.spans = clip_marked(spans, window.left, (window.width - row.indent).into());
        }
        drawn
    }

    /// Marks the matches in a row; the current one apart. In a tree a whole row is one match.
    pub fn highlight(&self, search: &Search, row: u64, spans: Vec<Span>) -> Vec<Span> {
        let here = search.current().filter(|&at| self.row_of(at) == row);
        match (self, here) {
            (_, None) => search.highlight(spans, |_| false),
            (Scene::Tree(..), Some(_)) => search.highlight(spans, |_| true),
            (_, Some(_)) => {
                let nth_current = search.before_current(self.byte_of(row));
                search.highlight(spans, |nth| nth == nth_current)
            }
        }
    }

    fn line(&self, row: u64) -> Row {
        let (spans, number) = match self {
            Scene::Tree(..) => (Vec::new(), None), // rows of a tree are drawn together
            Scene::Lines(lines, wrap) => {
                let (line, first, bytes) = lines.row(wrap, row);
                (line_spans(&lines.text()[bytes]), first.then_some(line as u64 + 1))
            }
            Scene::Table(table, document) => (table.spans(document.bytes(), row), Some(row + 1)),
            Scene::Hex(_, Some(what)) if row == 0 => (vec![Span::new(*what, Role::Key)], None),
            Scene::Hex(bytes, what) => (binary::spans(bytes, row - u64::from(what.is_some())), None),
        };
        Row { depth: 0, indent: 0, fold: Fold::None, spans, cursor: false, number }
    }
}

/// A line of text; a tab is four blanks.
pub(crate) fn line_spans(line: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    for (nth, part) in line.split(|&b| b == b'\t').enumerate() {
        if nth > 0 {
            safe::push(&mut spans, "    ", Role::Text);
        }
        safe::push_bytes(&mut spans, part, Role::Text);
    }
    spans
}

fn tree_rows(tree: Tree, folds: &Folds, rows: Range<u64>, window: &Window) -> Vec<Row> {
    if rows.is_empty() {
        return Vec::new();
    }
    let mut family = Family::default();
    let first = folds.node(rows.start as u32);
    let nodes = std::iter::successors(Some(first), |&node| folds.next(node));
    let nodes = nodes.take((rows.end - rows.start) as usize);
    nodes.map(|node| tree_row(tree, folds, node, (window.left, window.width), &mut family)).collect()
}

/// One row of a tree, not yet cut to the `width` cells from `left`.
pub(crate) fn tree_row(
    tree: Tree,
    folds: &Folds,
    node: NodeId,
    (left, width): (usize, u16),
    family: &mut Family,
) -> Row {
    let (label, ordinal) = family.of(tree, node);
    let fold = match tree.outline.container_id(node) {
        None => Fold::None,
        Some(id) if folds.is_folded(id) => Fold::Closed,
        Some(_) => Fold::Open,
    };
    let depth = u16::try_from(tree.outline.depth(node)).unwrap_or(u16::MAX);
    let indent = (INDENT * depth.min(DEEPEST) + MARKER).min(width / 2);
    let spans = tree.row(node, fold, label, ordinal, left + usize::from(width - indent));
    Row { depth, indent, fold, spans, cursor: false, number: None }
}

/// What siblings on the screen have in common, found once a frame.
#[derive(Default)]
pub(crate) struct Family {
    /// By the node they are in: the width of their keys, or the next one and its position.
    labels: HashMap<NodeId, usize>,
    positions: HashMap<NodeId, (NodeId, u32)>,
}

impl Family {
    /// The width of the keys of a named node; the position of one in an array.
    fn of(&mut self, tree: Tree, node: NodeId) -> (usize, u32) {
        let Some(parent) = tree.outline.parent(node) else { return (0, 0) };
        if parent.named {
            return (*self.labels.entry(parent.node).or_insert_with(|| tree.label_cells(parent)), 0);
        }
        let ordinal = match self.positions.get(&parent.node) {
            Some(&(next, ordinal)) if next == node => ordinal,
            _ => tree.outline.ordinal(node),
        };
        self.positions.insert(parent.node, (tree.outline.after(node), ordinal + 1));
        (0, ordinal)
    }
}
