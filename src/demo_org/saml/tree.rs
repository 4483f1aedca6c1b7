//! An XML document as a tree that keeps what canonical XML needs: prefixes, namespaces in scope, text as it was meant.
//!
//! Refuses what an assertion has no business with: document types and with them entities, and great depth.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::demo_org::xml;

/// Elements inside each other before a document is refused.
const DEEPEST: usize = 64;

/// Always declared.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

pub(super) struct Element {
    pub(super) prefix: String,
    pub(super) local: String,
    namespace: String,
    pub(super) attributes: Vec<Attribute>,
    /// Namespaces by prefix, those of the ancestors too; the default one has the empty prefix.
    pub(super) scope: BTreeMap<String, String>,
    pub(super) nodes: Vec<Node>,
}

pub(super) struct Attribute {
    pub(super) prefix: String,
    pub(super) local: String,
    pub(super) namespace: String,
    pub(super) value: String,
}

pub(super) enum Node {
    Element(Element),
    Text(String),
    /// A processing instruction, without its marks.
    Instruction(String),
}

impl Element {
    pub(super) fn is(&self, namespace: &str, local: &str) -> bool {
        self.namespace == namespace && self.local == local
    }

    /// An attribute without a prefix.
    pub(super) fn attribute(&self, local: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|one| one.prefix.is_empty() && one.local == local);
        found.map(|one| one.value.as_str())
    }

    pub(super) fn children<'a>(
        &'a self,
        namespace: &'static str,
        local: &'static str,
    ) -> impl Iterator<Item = &'a Element> {
        let elements = self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        });
        elements.filter(move |element| element.is(namespace, local))
    }

    /// The child of that name, if there is exactly one.
    pub(super) fn child(&self, namespace: &'static str, local: &'static str) -> Option<&Element> {
        let mut found = self.children(namespace, local);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// The text in it, without blanks around it.
    pub(super) fn text(&self) -> String {
        let texts = self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect::<String>().trim().to_owned()
    }
}

/// Reads a document; `None` if it is not well-formed, or more than an assertion needs.
pub(super) fn read(text: &str) -> Option<Element> {
    // Line ends are one character in XML, however they were written.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().ok()?;
        match event {
            Event::Start(tag) => {
                if root.is_some() || open.len() >= DEEPEST {
                    return None;
                }
                open.push(element(&tag, open.last())?);
            }
            Event::Empty(tag) => {
                let made = element(&tag, open.last())?;
                close(made, &mut open, &mut root)?;
            }
            Event::End(_) => {
                let made = open.pop()?;
                close(made, &mut open, &mut root)?;
            }
            Event::Text(more) => add_text(&mut open, &more.decode().ok()?)?,
            Event::CData(more) => add_text(&mut open, std::str::from_utf8(&more).ok()?)?,
            Event::GeneralRef(name) => add_text(&mut open, &xml::resolve(&name.decode().ok()?)?)?,
            Event::PI(more) => {
                let text = std::str::from_utf8(&more).ok()?.to_owned();
                if let Some(parent) = open.last_mut() {
                    parent.nodes.push(Node::Instruction(text));
                }
            }
            Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) => return None,
            Event::Eof => return if open.is_empty() { root } else { None },
        }
    }
}

fn close(made: Element, open: &mut [Element], root: &mut Option<Element>) -> Option<()> {
    match open.last_mut() {
        Some(parent) => parent.nodes.push(Node::Element(made)),
        None if root.is_none() => *root = Some(made),
        None => return None,
    }
    Some(())
}

/// Text outside the root may only be blank.
fn add_text(open: &mut [Element], text: &str) -> Option<()> {
    match open.last_mut() {
        None => text.trim().is_empty().then_some(()),
        Some(parent) => {
            match parent.nodes.last_mut() {
                Some(Node::Text(before)) => before.push_str(text),
                _ => parent.nodes.push(Node::Text(text.to_owned())),
            }
            Some(())
        }
    }
}

fn element(tag: &BytesStart<'_>, parent: Option<&Element>) -> Option<Element> {
    let mut scope = parent.map(|parent| parent.scope.clone()).unwrap_or_default();
    let mut plain = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let (prefix, local) = split(attribute.key.as_ref())?;
        let value = attribute_value(std::str::from_utf8(&attribute.value).ok()?)?;
        match (prefix.as_str(), local.as_str()) {
            ("", "xmlns") => drop(scope.insert(String::new(), value)),
            ("xmlns", _) => drop(scope.insert(local, value)),
            _ => plain.push((prefix, local, value)),
        }
    }
    let namespace = |prefix: &str| match prefix {
        "xml" => Some(XML.to_owned()),
        "" => Some(scope.get("").cloned().unwrap_or_default()),
        prefix => scope.get(prefix).cloned(),
    };
    let attributes = plain.into_iter().map(|(prefix, local, value)| {
        // An attribute without a prefix has no namespace, whatever the default is.
        let namespace = if prefix.is_empty() { String::new() } else { namespace(&prefix)? };
        Some(Attribute { prefix, local, namespace, value })
    });
    let attributes = attributes.collect::<Option<Vec<_>>>()?;
    let (prefix, local) = split(tag.name().as_ref())?;
    let namespace = namespace(&prefix)?;
    Some(Element { prefix, local, namespace, attributes, scope, nodes: Vec::new() })
}

fn split(name: &[u8]) -> Option<(String, String)> {
    let name = std::str::from_utf8(name).ok()?;
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    (!local.is_empty()).then(|| (prefix.to_owned(), local.to_owned()))
}

/// An attribute's value as a parser hands it on: blanks for tabs and line ends, references resolved.
fn attribute_value(raw: &str) -> Option<String> {
    let raw = raw.replace(['\t', '\n'], " ");
    let mut parts = raw.split('&');
    let mut value = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = part.split_once(';')?;
        value.push_str(&xml::resolve(name)?);
        value.push_str(rest);
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_document_becomes_a_tree() {
        let root = read("<?xml version='1.0'?>\r\n<a:x xmlns:a='u' b='1&#9;&amp;\t2'><y xmlns='v'> t<![CDATA[<]]>&gt; </y></a:x>")
            .unwrap();
        assert!(root.is("u", "x"));
        assert_eq!(root.attribute("b"), Some("1\t& 2"));
        assert_eq!(root.child("v", "y").unwrap().text(), "t<>");
        assert!(root.child("u", "y").is_none());
    }

    #[test]
    fn what_an_assertion_does_not_need_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(DEEPEST + 1), "</a>".repeat(DEEPEST + 1));
        let bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
        for text in
            ["", "<a>", "<a/><b/>", "text", "<a/>text", "<p:a/>", "<a p:b='1'/>", "<a>&b;</a>", bomb, &deep]
        {
            assert!(read(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[<>/a:b='& x#;!\\[\\]-]{0,60}") {
            let _ = read(&text);
        }
    }
}
