//! A tree to look at: an outline over its bytes, and what JSON and XML have in common when drawn. How each
//! reads a node is in `json_node` and `xml_node`.

use super::outline::{Container, NodeId, Outline};
use super::row::{Fold, Role, Span, cells};
use super::{json_node, safe, xml_node};
use std::ops::Range;

/// Keys are padded to the longest among the first siblings, up to this many cells.
const LABEL_LIMIT: usize = 28;
/// Siblings looked at for that.
const LABEL_SAMPLE: usize = 64;
/// Members tried for a preview, whatever the width.
const PREVIEW_MEMBERS: usize = 16;
/// Cells of one value in a preview.
const PREVIEW_VALUE: usize = 24;
/// Levels a path names; deeper ones lose their beginning.
const PATH_LEVELS: usize = 500;

/// What the bytes are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    Json,
    Xml,
}

/// An outline with the bytes it is of.
#[derive(Clone, Copy)]
pub(crate) struct Tree<'a> {
    pub grammar: Grammar,
    pub bytes: &'a [u8],
    pub outline: &'a Outline,
}

impl Tree<'_> {
    /// The spans of a row. `label` is the width its key is padded to, `ordinal` its position in an array,
    /// `room` the cells that can be seen.
    pub fn row(&self, node: NodeId, fold: Fold, label: usize, ordinal: u32, room: usize) -> Vec<Span> {
        let mut spans = Vec::with_capacity(6);
        match self.outline.parent(node).filter(|parent| !parent.named) {
            Some(_) => {
                spans.push(Span::new(ordinal.to_string(), Role::Index));
                spans.push(Span::new(" ", Role::Punctuation));
            }
            None => self.push_label(&mut spans, node, label),
        }
        if fold == Fold::None {
            self.push_value(&mut spans, node, room);
        } else if let Some(container) = self.outline.container(node) {
            self.push_container(&mut spans, container, fold, room);
        }
        if self.is_bookkeeping(node) {
            spans
                .iter_mut()
                .filter(|span| span.role != Role::Control)
                .for_each(|span| span.role = Role::Muted);
        }
        spans
    }

    /// The width that the keys in `container` are padded to.
    pub fn label_cells(&self, container: &Container) -> usize {
        let width = |(node, _)| {
            let mut spans = Vec::new();
            self.push_key(&mut spans, node, LABEL_LIMIT + 1);
            spans.iter().map(|span| cells(&span.text)).sum::<usize>()
        };
        let widths = self.outline.children(container).take(LABEL_SAMPLE).map(width);
        widths.filter(|&width| width <= LABEL_LIMIT).max().unwrap_or(0)
    }

    /// Where a search may match for `node`: its key and its scalar, or its start tag.
    pub fn own_bytes(&self, node: NodeId) -> Range<usize> {
        let end = match self.grammar {
            Grammar::Json => json_node::own_end(self, node),
            Grammar::Xml => xml_node::own_end(self, node),
        };
        self.outline.start(node)..end
    }

    /// Where the node is, from the root: as jq or XPath write it.
    pub fn path(&self, node: NodeId) -> String {
        let mut steps = vec![self.step(node)];
        let mut inner = node;
        while let Some(parent) = self.outline.parent(inner) {
            inner = parent.node;
            if steps.len() == PATH_LEVELS {
                steps.push("…".into());
                break;
            }
            steps.push(self.step(inner));
        }
        steps.reverse();
        match self.grammar {
            Grammar::Json => json_node::join(&steps),
            Grammar::Xml => steps.concat(),
        }
    }

    /// The value for a clipboard: a scalar's text, else the subtree; `None` if the subtree is over `limit`.
    pub fn value(&self, node: NodeId, limit: usize) -> Option<String> {
        let value = match (self.text(node), self.grammar) {
            (Some(text), _) => text,
            (None, Grammar::Json) => json_node::subtree(self, node, limit)?,
            (None, Grammar::Xml) => xml_node::subtree(self, node, limit)?,
        };
        Some(String::from_utf8_lossy(&value).into_owned())
    }

    /// The decoded text of a node without children.
    pub fn text(&self, node: NodeId) -> Option<Vec<u8>> {
        match self.grammar {
            Grammar::Json => json_node::text(self, node),
            Grammar::Xml => xml_node::text(self, node),
        }
    }

    /// The first child called `name`, among the first ones.
    pub fn member(&self, container: &Container, name: &[u8]) -> Option<NodeId> {
        let mut named = self.outline.children(container).take(LABEL_SAMPLE).map(|(node, _)| node);
        named.find(|&node| self.name(node).as_deref() == Some(name))
    }

    /// The decoded name of a member or element.
    pub fn name(&self, node: NodeId) -> Option<Vec<u8>> {
        match self.grammar {
            Grammar::Json => json_node::name(self, node),
            Grammar::Xml => xml_node::name(self, node),
        }
    }

    /// Whether the node is what Salesforce adds to every record: `attributes` with type and URL.
    pub fn is_bookkeeping(&self, node: NodeId) -> bool {
        self.grammar == Grammar::Json
            && self.outline.container_id(node).is_some()
            && self.name(node).as_deref() == Some(b"attributes")
    }

    fn step(&self, node: NodeId) -> String {
        match self.grammar {
            Grammar::Json => json_node::step(self, node),
            Grammar::Xml => xml_node::step(self, node),
        }
    }

    fn push_key(&self, spans: &mut Vec<Span>, node: NodeId, room: usize) {
        match self.grammar {
            Grammar::Json => json_node::push_key(self, spans, node, room),
            Grammar::Xml => xml_node::push_key(self, spans, node, room),
        }
    }

    fn push_label(&self, spans: &mut Vec<Span>, node: NodeId, label: usize) {
        self.push_key(spans, node, 4 * LABEL_LIMIT);
        let width: usize = spans.iter().map(|span| cells(&span.text)).sum();
        if width > 0 {
            spans.push(Span::new(" ".repeat(label.saturating_sub(width) + 2), Role::Punctuation));
        }
    }

    fn push_value(&self, spans: &mut Vec<Span>, node: NodeId, room: usize) {
        match self.grammar {
            Grammar::Json => json_node::push_scalar(self, spans, node, room),
            Grammar::Xml => xml_node::push_text(self, spans, node, room),
        }
    }

    fn push_container(&self, spans: &mut Vec<Span>, container: &Container, fold: Fold, room: usize) {
        if !container.named {
            return spans.push(Span::new(format!("[{}]", container.count), Role::Punctuation));
        }
        let root = self.outline.parent(container.node).is_none();
        let children = self.outline.children(container).take(PREVIEW_MEMBERS);
        let chosen: Vec<NodeId> = match fold {
            Fold::Open if root => children.filter(|(_, c)| c.is_none()).map(|(node, _)| node).collect(),
            Fold::Open => ["Id", "id", "Name", "name"]
                .iter()
                .find_map(|name| self.member(container, name.as_bytes()))
                .filter(|&node| self.outline.container_id(node).is_none())
                .into_iter()
                .collect(),
            _ => children.map(|(node, _)| node).filter(|&node| !self.is_bookkeeping(node)).collect(),
        };
        if chosen.is_empty() {
            return spans.push(Span::new(format!("{{{}}}", container.count), Role::Punctuation));
        }
        let identity = fold == Fold::Open && !root;
        let whole = identity || chosen.len() as u32 == container.count;
        self.push_preview(spans, &chosen, whole, room);
    }

    /// `{ Id: "001…", Name: "Acme", … }`, as much as fits into `room`.
    fn push_preview(&self, spans: &mut Vec<Span>, chosen: &[NodeId], whole: bool, room: usize) {
        let mut used: usize = spans.iter().map(|span| cells(&span.text)).sum::<usize>() + 5;
        let mut cut = !whole;
        spans.push(Span::new("{ ", Role::Punctuation));
        for (nth, &node) in chosen.iter().enumerate() {
            let mut member = Vec::with_capacity(4);
            self.push_brief(&mut member, node);
            used += member.iter().map(|span| cells(&span.text)).sum::<usize>() + 2;
            if nth > 0 && used > room {
                cut = true;
                break;
            }
            if nth > 0 {
                spans.push(Span::new(", ", Role::Punctuation));
            }
            spans.append(&mut member);
        }
        spans.push(Span::new(if cut { ", … }" } else { " }" }, Role::Punctuation));
    }

    fn push_brief(&self, spans: &mut Vec<Span>, node: NodeId) {
        let mut key = Vec::new();
        self.push_key(&mut key, node, PREVIEW_VALUE);
        spans.extend(shorten(key, PREVIEW_VALUE).into_iter().map(|mut span| {
            if span.role != Role::Control {
                span.role = Role::Muted;
            }
            span
        }));
        spans.push(Span::new(": ", Role::Punctuation));
        match self.outline.container(node) {
            Some(c) if c.named => spans.push(Span::new("{…}", Role::Punctuation)),
            Some(c) => spans.push(Span::new(format!("[{}]", c.count), Role::Punctuation)),
            None => {
                let mut value = Vec::new();
                self.push_value(&mut value, node, PREVIEW_VALUE + 1);
                spans.extend(shorten(value, PREVIEW_VALUE));
            }
        }
    }
}

/// The spans in no more than `limit` cells, the last being `…` if something was cut.
fn shorten(spans: Vec<Span>, limit: usize) -> Vec<Span> {
    if spans.iter().map(|span| cells(&span.text)).sum::<usize>() <= limit {
        return spans;
    }
    let mut kept = super::row::clip(spans, 0, limit - 1);
    if let Some(last) = kept.last_mut() {
        let quote = if last.role == Role::String { "…\"" } else { "…" };
        last.text.push_str(quote);
    }
    kept
}

/// Adds `raw` after decoding it, no more of it than can fill `room` cells: no escape or entity that JSON
/// and XML know is longer than 12 bytes a cell.
pub(crate) fn push_decoded(
    spans: &mut Vec<Span>,
    raw: &[u8],
    decode: impl Fn(&[u8]) -> Vec<u8>,
    role: Role,
    room: usize,
) {
    let seen = &raw[..raw.len().min(12 * (room + 8))];
    safe::push_bytes(spans, &decode(seen), role);
}
