//! One node of a JSON tree: its key, its value, its place.

use super::json::{key, pretty, scalar, unescape};
use super::outline::NodeId;
use super::row::{Role, Span};
use super::safe;
use super::tree::{Tree, push_decoded};
use std::ops::Range;

pub(crate) fn own_end(tree: &Tree, node: NodeId) -> usize {
    let value = value_start(tree, node);
    if tree.outline.container_id(node).is_some() { value } else { scalar(tree.bytes, value).end }
}

pub(crate) fn name(tree: &Tree, node: NodeId) -> Option<Vec<u8>> {
    raw_key(tree, node).map(|raw| unescape(&tree.bytes[raw]))
}

pub(crate) fn push_key(tree: &Tree, spans: &mut Vec<Span>, node: NodeId, room: usize) {
    let Some(raw) = raw_key(tree, node) else { return };
    if raw.is_empty() {
        return spans.push(Span::new("\"\"", Role::Key)); // an empty name is a name
    }
    push_decoded(spans, &tree.bytes[raw], unescape, Role::Key, room);
}

pub(crate) fn push_scalar(tree: &Tree, spans: &mut Vec<Span>, node: NodeId, room: usize) {
    let token = &tree.bytes[scalar(tree.bytes, value_start(tree, node))];
    let role = match token.first() {
        Some(b'"') => Role::String,
        Some(b't' | b'f') => Role::Bool,
        Some(b'n') => Role::Null,
        Some(b'{') => return spans.push(Span::new("{}", Role::Punctuation)),
        Some(b'[') => return spans.push(Span::new("[]", Role::Punctuation)),
        _ => Role::Number,
    };
    push_decoded(spans, token, unescape, role, room);
}

/// A scalar's text, a string's without quotes. `None` for what has children, and for an empty container.
pub(crate) fn text(tree: &Tree, node: NodeId) -> Option<Vec<u8>> {
    if tree.outline.container_id(node).is_some() {
        return None;
    }
    match &tree.bytes[scalar(tree.bytes, value_start(tree, node))] {
        [b'{' | b'[', ..] => None,
        [b'"', inner @ ..] => Some(unescape(inner.strip_suffix(b"\"").unwrap_or(inner))),
        token => Some(token.to_vec()),
    }
}

pub(crate) fn subtree(tree: &Tree, node: NodeId, limit: usize) -> Option<Vec<u8>> {
    let start = value_start(tree, node);
    let end = match tree.outline.container(node) {
        Some(container) => container.close as usize,
        None => scalar(tree.bytes, start).end,
    };
    (end - start <= limit).then(|| pretty(&tree.bytes[start..end]))
}

/// One step of a path, as jq writes it: `.Name`, `["odd name"]`, `[3]`.
pub(crate) fn step(tree: &Tree, node: NodeId) -> String {
    let Some(raw) = raw_key(tree, node) else {
        return match tree.outline.parent(node) {
            None if tree.outline.after(0) == tree.outline.len() => String::new(),
            _ => format!("[{}]", tree.outline.ordinal(node)),
        };
    };
    let raw = &tree.bytes[raw];
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    if raw.iter().all(plain) && raw.first().is_some_and(|b| !b.is_ascii_digit()) {
        return format!(".{}", String::from_utf8_lossy(raw));
    }
    format!("[\"{}\"]", safe::safe(&String::from_utf8_lossy(raw)))
}

/// jq begins every path with a dot.
pub(crate) fn join(steps: &[String]) -> String {
    let path = steps.concat();
    if path.starts_with('.') || path.starts_with('…') { path } else { format!(".{path}") }
}

fn value_start(tree: &Tree, node: NodeId) -> usize {
    let start = tree.outline.start(node);
    if is_member(tree, node) { key(tree.bytes, start).1 } else { start }
}

fn raw_key(tree: &Tree, node: NodeId) -> Option<Range<usize>> {
    is_member(tree, node).then(|| key(tree.bytes, tree.outline.start(node)).0)
}

fn is_member(tree: &Tree, node: NodeId) -> bool {
    tree.outline.parent(node).is_some_and(|parent| parent.named)
}
