//! One node of an XML tree: a tag with its attributes, a text, a comment.

use super::outline::NodeId;
use super::row::{Role, Span};
use super::safe;
use super::tree::{Tree, push_decoded};
use super::xml::{decode, markup_end, tag_name, text_end};
use std::ops::Range;

/// Siblings counted for the position in an XPath; beyond, the path says `*[n]`.
const COUNTED: usize = 5_000;

/// What begins at a node.
enum What {
    Element,
    Remark,
    Text,
}

pub(crate) fn own_end(tree: &Tree, node: NodeId) -> usize {
    let start = tree.outline.start(node);
    match what(tree, node) {
        What::Text => text_end(tree.bytes, start),
        What::Element if tree.outline.container_id(node).is_none() => content(tree, node).end,
        _ => markup_end(tree.bytes, start),
    }
}

pub(crate) fn name(tree: &Tree, node: NodeId) -> Option<Vec<u8>> {
    Some(raw_name(tree, node).to_vec()).filter(|name| !name.is_empty())
}

/// The element's name and its attributes.
pub(crate) fn push_key(tree: &Tree, spans: &mut Vec<Span>, node: NodeId, room: usize) {
    let What::Element = what(tree, node) else { return };
    let (bytes, start) = (tree.bytes, tree.outline.start(node));
    let name = tag_name(bytes, start);
    let tag = &bytes[name.end..markup_end(bytes, start)];
    let attributes = tag.strip_suffix(b">").unwrap_or(tag);
    let attributes = attributes.strip_suffix(b"/").unwrap_or(attributes).trim_ascii();
    push_decoded(spans, &bytes[name], <[u8]>::to_vec, Role::Tag, room);
    if !attributes.is_empty() {
        spans.push(Span::new(" ", Role::Punctuation));
        push_decoded(spans, attributes, decode_attributes, Role::Attribute, room);
    }
}

/// Line breaks between attributes are no more than blanks.
fn decode_attributes(raw: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = raw.iter().map(|&b| if b.is_ascii_whitespace() { b' ' } else { b }).collect();
    decode(&spaced)
}

pub(crate) fn push_text(tree: &Tree, spans: &mut Vec<Span>, node: NodeId, room: usize) {
    let (bytes, start) = (tree.bytes, tree.outline.start(node));
    match what(tree, node) {
        What::Element => push_decoded(spans, &bytes[content(tree, node)], decode, Role::Text, room),
        What::Remark => {
            push_decoded(spans, &bytes[start..markup_end(bytes, start)], <[u8]>::to_vec, Role::Comment, room);
        }
        What::Text => {
            let raw = bytes[start..text_end(bytes, start)].trim_ascii();
            push_decoded(spans, raw, decode, Role::Text, room);
        }
    }
}

/// The text of an element that holds nothing else, or of a loose text.
pub(crate) fn text(tree: &Tree, node: NodeId) -> Option<Vec<u8>> {
    let start = tree.outline.start(node);
    match what(tree, node) {
        What::Element if tree.outline.container_id(node).is_none() => {
            Some(decode(&tree.bytes[content(tree, node)]))
        }
        What::Element => None,
        What::Remark => Some(tree.bytes[start..markup_end(tree.bytes, start)].to_vec()),
        What::Text => Some(decode(tree.bytes[start..text_end(tree.bytes, start)].trim_ascii())),
    }
}

/// The element as it was received.
pub(crate) fn subtree(tree: &Tree, node: NodeId, limit: usize) -> Option<Vec<u8>> {
    let start = tree.outline.start(node);
    let end = tree.outline.container(node).map_or_else(|| own_end(tree, node), |c| c.close as usize);
    (end - start <= limit).then(|| tree.bytes[start..end].to_vec())
}

/// One step of an XPath: `/records[2]`; the position only where siblings share the name.
pub(crate) fn step(tree: &Tree, node: NodeId) -> String {
    let name = match what(tree, node) {
        What::Element => raw_name(tree, node),
        What::Text => return "/text()".into(),
        What::Remark => return "/comment()".into(),
    };
    let shown = safe::safe(&String::from_utf8_lossy(name)).into_owned();
    let Some(parent) = tree.outline.parent(node) else { return format!("/{shown}") };
    if parent.count as usize > COUNTED {
        return format!("/*[{}]", tree.outline.ordinal(node) + 1);
    }
    let (mut same, mut position) = (0, 0);
    for (sibling, _) in tree.outline.children(parent) {
        same += usize::from(raw_name(tree, sibling) == name);
        if sibling == node {
            position = same;
        }
    }
    if same > 1 { format!("/{shown}[{position}]") } else { format!("/{shown}") }
}

/// The bytes of an element's name; nothing for what is no element.
fn raw_name<'a>(tree: &Tree<'a>, node: NodeId) -> &'a [u8] {
    match what(tree, node) {
        What::Element => &tree.bytes[tag_name(tree.bytes, tree.outline.start(node))],
        What::Text | What::Remark => &[],
    }
}

/// The bytes between the tags of an element without children.
fn content(tree: &Tree, node: NodeId) -> Range<usize> {
    let open = markup_end(tree.bytes, tree.outline.start(node));
    if tree.bytes[..open].ends_with(b"/>") { open..open } else { open..text_end(tree.bytes, open) }
}

fn what(tree: &Tree, node: NodeId) -> What {
    let rest = &tree.bytes[tree.outline.start(node)..];
    match rest {
        [b'<', b'!', b'[', ..] => What::Text, // a CDATA section
        [b'<', b'!' | b'?', ..] => What::Remark,
        [b'<', ..] => What::Element,
        _ => What::Text,
    }
}
