//! Canonical XML: the one way of writing an element that a signature is made over. Without comments.
//!
//! Source: Canonical XML 1.0 and Exclusive XML Canonicalization 1.0 (W3C). `xml:` attributes of ancestors, which
//! inclusive canonicalisation would copy, are not copied: assertions have none.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Attribute, Element, Node};

/// Which namespaces an element shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Method {
    /// All that are in scope.
    Inclusive,
    /// Those it uses itself, and these prefixes besides.
    Exclusive(BTreeSet<String>),
}

/// Writes an element, without one of its descendants.
pub(super) fn write(element: &Element, method: &Method, without: Option<&Element>) -> String {
    let mut out = String::new();
    Writer { method, without }.element(&mut out, element, &BTreeMap::new());
    out
}

struct Writer<'a> {
    method: &'a Method,
    without: Option<&'a Element>,
}

impl Writer<'_> {
    fn element(&self, out: &mut String, element: &Element, shown: &BTreeMap<String, String>) {
        if self.without.is_some_and(|without| std::ptr::eq(without, element)) {
            return;
        }
        let name = qualified(&element.prefix, &element.local);
        out.push_str(&format!("<{name}"));
        let mut shown = shown.clone();
        for prefix in self.wanted(element) {
            let uri = element.scope.get(&prefix).cloned().unwrap_or_default();
            let before = shown.get(&prefix).cloned().unwrap_or_default();
            if uri == before {
                continue;
            }
            let colon = if prefix.is_empty() { "" } else { ":" };
            out.push_str(&format!(" xmlns{colon}{prefix}=\"{}\"", attribute_text(&uri)));
            shown.insert(prefix, uri);
        }
        let mut attributes: Vec<&Attribute> = element.attributes.iter().collect();
        attributes.sort_by(|one, two| (&one.namespace, &one.local).cmp(&(&two.namespace, &two.local)));
        for one in attributes {
            let name = qualified(&one.prefix, &one.local);
            out.push_str(&format!(" {name}=\"{}\"", attribute_text(&one.value)));
        }
        out.push('>');
        for node in &element.nodes {
            match node {
                Node::Element(inner) => self.element(out, inner, &shown),
                Node::Text(text) => out.push_str(&element_text(text)),
                Node::Instruction(text) => out.push_str(&format!("<?{text}?>")),
            }
        }
        out.push_str(&format!("</{name}>"));
    }

    /// The prefixes whose namespaces an element must show, unless an ancestor has shown them.
    fn wanted(&self, element: &Element) -> BTreeSet<String> {
        let mut wanted = match self.method {
            Method::Inclusive => element.scope.keys().cloned().collect(),
            Method::Exclusive(besides) => {
                let used = element.attributes.iter().map(|one| &one.prefix).filter(|one| !one.is_empty());
                let besides = besides.iter().filter(|prefix| element.scope.contains_key(*prefix));
                used.chain([&element.prefix]).chain(besides).cloned().collect::<BTreeSet<_>>()
            }
        };
        wanted.remove("xml");
        wanted
    }
}

fn qualified(prefix: &str, local: &str) -> String {
    if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
}

fn element_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#xD;")
}

fn attribute_text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
        .replace('\t', "&#x9;")
        .replace('\n', "&#xA;")
        .replace('\r', "&#xD;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo_org::saml::tree::read;

    fn exclusive(besides: &[&str]) -> Method {
        Method::Exclusive(besides.iter().map(|prefix| (*prefix).to_owned()).collect())
    }

    #[test]
    fn attributes_texts_and_empty_elements_have_one_form() {
        // After Canonical XML 1.0, sections 3.3 and 3.4.
        let root = read(
            "<doc><e2   /><e5 a:attr='out' b:attr=\"sorted\" attr2='all' attr='I&apos;m' xmlns:b='http://www.ietf.org' xmlns:a='http://www.w3.org'/><!-- c --><text>First&#x0d;&#10;Second &amp; &lt;\r\nThird ></text><value x='\"&#9;&#10;'/></doc>",
        )
        .unwrap();
        assert_eq!(
            write(&root, &Method::Inclusive, None),
            "<doc><e2></e2><e5 xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5><text>First&#xD;\nSecond &amp; &lt;\nThird &gt;</text><value x=\"&quot;&#x9;&#xA;\"></value></doc>"
        );
    }

    #[test]
    fn namespaces_are_shown_where_they_are_used_or_all() {
        // After Exclusive XML Canonicalization 1.0, section 2.2.
        let root = read("<n0:local xmlns:n0='foo:bar' xmlns:n3='ftp://example.org'><n1:elem2 xmlns:n1='http://example.net' xml:lang='en'><n3:stuff/></n1:elem2></n0:local>").unwrap();
        let inner = root.children("http://example.net", "elem2").next().unwrap();
        assert_eq!(
            write(inner, &exclusive(&[]), None),
            "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>"
        );
        assert_eq!(
            write(inner, &Method::Inclusive, None),
            "<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" xml:lang=\"en\"><n3:stuff></n3:stuff></n1:elem2>"
        );
        assert_eq!(
            write(inner, &exclusive(&["n0"]), None).split('>').next().unwrap(),
            "<n1:elem2 xmlns:n0=\"foo:bar\" xmlns:n1=\"http://example.net\" xml:lang=\"en\""
        );
    }

    #[test]
    fn a_default_namespace_comes_and_goes() {
        let root = read("<a xmlns='u'><b xmlns=''><c/></b><d/></a>").unwrap();
        let expected = "<a xmlns=\"u\"><b xmlns=\"\"><c></c></b><d></d></a>";
        assert_eq!(write(&root, &Method::Inclusive, None), expected);
        assert_eq!(write(&root, &exclusive(&[]), None), expected);
        let without = root.children("", "b").next();
        assert_eq!(write(&root, &exclusive(&[]), without), "<a xmlns=\"u\"><d></d></a>");
    }
}
