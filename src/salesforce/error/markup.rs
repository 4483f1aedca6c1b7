//! XML made into objects, lists and texts, so that an error is read in one way whatever it was written in.
//!
//! Local names only; attributes and comments are left out. As far as it can be read: what is cut keeps what came before.

use quick_xml::{Reader, events::Event};
use serde_json::{Map, Value};

/// Elements deeper than this are not read: no answer of the platform has so many.
const DEEPEST: usize = 64;

/// An element that is still open.
struct Open {
    name: String,
    inner: Map<String, Value>,
    text: String,
}

/// `<Errors><Error><errorCode>X</errorCode></Error></Errors>` as `{"Errors": {"Error": {"errorCode": "X"}}}`. Elements of the same
/// name side by side become a list.
pub(super) fn value(markup: &str) -> Value {
    let mut open = vec![Open { name: String::new(), inner: Map::new(), text: String::new() }];
    walk(markup, |piece| match piece {
        Piece::Start(name) if open.len() < DEEPEST => {
            open.push(Open { name, inner: Map::new(), text: String::new() });
            true
        }
        Piece::Start(_) => false,
        Piece::Text(part) => {
            if let Some(element) = open.last_mut() {
                element.text.push_str(part);
            }
            true
        }
        Piece::End => {
            close(&mut open);
            true
        }
    });
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().map_or(Value::Null, |root| Value::Object(root.inner))
}

/// Ends the innermost element; the root stays.
fn close(open: &mut Vec<Open>) {
    let Some(element) = (open.len() > 1).then(|| open.pop()).flatten() else { return };
    let value = match element.inner.is_empty() {
        true => Value::String(element.text.trim().to_owned()),
        false => Value::Object(element.inner),
    };
    let Some(parent) = open.last_mut() else { return };
    match parent.inner.get_mut(&element.name) {
        Some(Value::Array(items)) => items.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None => {
            parent.inner.insert(element.name, value);
        }
    }
}

/// The texts of the innermost elements of these local names, in order; as far as the markup can be read.
pub(in crate::salesforce) fn element_texts(text: &str, names: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    walk(text, |piece| {
        match piece {
            Piece::Start(name) => open = names.contains(&name.as_str()).then(|| (name, String::new())),
            Piece::Text(part) => {
                if let Some((_, text)) = &mut open {
                    text.push_str(part);
                }
            }
            Piece::End => found.extend(open.take().map(|(name, text)| (name, text.trim().to_owned()))),
        }
        true
    });
    found
}

enum Piece<'a> {
    /// The local name of an element that begins.
    Start(String),
    /// A piece of text, its references resolved.
    Text(&'a str),
    End,
}

/// Tells what stands in the markup, until it ends, cannot be read or `each` says no.
fn walk(markup: &str, mut each: impl FnMut(Piece<'_>) -> bool) {
    let mut reader = Reader::from_str(markup);
    reader.config_mut().check_end_names = false;
    loop {
        let go_on = match reader.read_event() {
            Ok(Event::Start(tag)) => {
                each(Piece::Start(String::from_utf8_lossy(tag.local_name().as_ref()).into_owned()))
            }
            Ok(Event::Empty(tag)) => {
                each(Piece::Start(String::from_utf8_lossy(tag.local_name().as_ref()).into_owned()))
                    && each(Piece::End)
            }
            Ok(Event::Text(part)) => part.decode().is_ok_and(|part| each(Piece::Text(&part))),
            Ok(Event::CData(part)) => part.decode().is_ok_and(|part| each(Piece::Text(&part))),
            Ok(Event::GeneralRef(part)) => part.decode().is_ok_and(|part| {
                let written = format!("&{part};");
                each(Piece::Text(&quick_xml::escape::unescape(&written).unwrap_or_default()))
            }),
            Ok(Event::End(_)) => each(Piece::End),
            Ok(Event::Eof) | Err(_) => false,
            Ok(_) => true,
        };
        if !go_on {
            return;
        }
    }
}
