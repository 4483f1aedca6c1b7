//! The REST API's XML: data trees written as XML, and records read from it.
//!
//! May know XML and JSON values. May not know objects or HTTP.

use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// Elements inside each other before a body is refused.
const DEEPEST: usize = 100;

/// Writes a data tree: arrays repeat their element, `attributes` become XML attributes.
pub(super) fn write(root: &str, value: &Value) -> String {
    let mut out = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    match value {
        Value::Array(items) => {
            let name = root.strip_suffix('s').unwrap_or(root);
            out.push_str(&format!("<{root}>"));
            items.iter().for_each(|item| element(&mut out, name, item, false));
            out.push_str(&format!("</{root}>"));
        }
        _ => element(&mut out, root, value, true),
    }
    out
}

fn element(out: &mut String, name: &str, value: &Value, top: bool) {
    let name = if valid_name(name) { name } else { "entry" };
    match value {
        Value::Array(items) => items.iter().for_each(|item| element(out, name, item, false)),
        Value::Null => out.push_str(&format!(r#"<{name} xsi:nil="true"/>"#)),
        Value::Object(fields) => {
            out.push_str(&format!("<{name}{}{}>", namespace(top), attributes(fields)));
            for (key, inner) in fields.iter().filter(|(key, _)| *key != "attributes") {
                element(out, key, inner, false);
            }
            out.push_str(&format!("</{name}>"));
        }
        Value::String(text) => out.push_str(&format!("<{name}>{}</{name}>", text_of(text))),
        other => out.push_str(&format!("<{name}>{other}</{name}>")),
    }
}

fn namespace(top: bool) -> &'static str {
    if top { r#" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance""# } else { "" }
}

fn attributes(fields: &Map<String, Value>) -> String {
    let Some(Value::Object(all)) = fields.get("attributes") else { return String::new() };
    let texts = all.iter().filter_map(|(key, value)| Some((key, value.as_str()?)));
    texts.map(|(key, text)| format!(r#" {key}="{}""#, text_of(text))).collect()
}

/// Escaped, and without the control characters that XML cannot hold.
pub(super) fn text_of(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect();
    escape(clean).into_owned()
}

fn valid_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Reads the children of the root element: texts as strings, elements with children as objects, empty ones
/// and those with `xsi:nil` as null, repeated ones as arrays.
pub(super) fn read(body: &[u8]) -> Result<Value, String> {
    let text =
        std::str::from_utf8(body).map_err(|_| "Invalid byte 1 of 1-byte UTF-8 sequence.".to_owned())?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, Map<String, Value>, String)> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(tag) => {
                if open.len() >= DEEPEST {
                    return Err("elements nested too deeply".to_owned());
                }
                open.push((local(tag.local_name().as_ref()), Map::new(), String::new()));
            }
            Event::Empty(tag) => match open.last_mut() {
                Some((_, fields, _)) => add(fields, local(tag.local_name().as_ref()), Value::Null),
                None => return Ok(Value::Object(Map::new())),
            },
            Event::Text(more) => {
                let more = more.decode().map_err(|error| error.to_string())?;
                if let Some((_, _, text)) = open.last_mut() {
                    text.push_str(&more);
                } else if !more.trim().is_empty() {
                    return Err("Content is not allowed in prolog.".to_owned());
                }
            }
            Event::GeneralRef(entity) => {
                let name = entity.decode().map_err(|error| error.to_string())?;
                let resolved = resolve(&name)
                    .ok_or_else(|| format!("The entity \"{name}\" was referenced, but not declared."))?;
                if let Some((_, _, text)) = open.last_mut() {
                    text.push_str(&resolved);
                }
            }
            Event::CData(more) => {
                if let Some((_, _, text)) = open.last_mut() {
                    text.push_str(&String::from_utf8_lossy(&more));
                }
            }
            Event::End(_) => {
                let Some((name, fields, text)) = open.pop() else {
                    return Err("unexpected end tag".to_owned());
                };
                let value = if !fields.is_empty() {
                    Value::Object(fields)
                } else if text.trim().is_empty() {
                    Value::Null
                } else {
                    Value::String(text)
                };
                match open.last_mut() {
                    Some((_, parent, _)) => add(parent, name, value),
                    None => return Ok(if value.is_object() { value } else { Value::Object(Map::new()) }),
                }
            }
            Event::Eof => return Err("Premature end of file.".to_owned()),
            _ => {}
        }
    }
}

fn local(name: &[u8]) -> String {
    String::from_utf8_lossy(name).into_owned()
}

/// The text of `&amp;`, `&#252;` and their like.
pub(super) fn resolve(name: &str) -> Option<String> {
    let number = |text: &str| match text.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    };
    if let Some(code) = name.strip_prefix('#') {
        return char::from_u32(number(code)?).map(String::from);
    }
    let text = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return None,
    };
    Some(text.to_owned())
}

/// A second element of the same name makes an array of both.
fn add(fields: &mut Map<String, Value>, name: String, value: Value) {
    match fields.get_mut(&name) {
        None => {
            fields.insert(name, value);
        }
        Some(Value::Array(items)) => items.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_record_becomes_xml() {
        let record =
            json!({"attributes": {"type": "Account", "url": "/a&b"}, "Name": "Tom & <Jerry>", "Fax": null});
        let text = write("Account", &record);
        assert!(
            text.contains(r#" type="Account" url="/a&amp;b"><Name>Tom &amp; &lt;Jerry&gt;</Name>"#),
            "{text}"
        );
        assert!(text.ends_with(r#"<Fax xsi:nil="true"/></Account>"#), "{text}");
    }

    #[test]
    fn a_record_is_read_from_xml() {
        let body = "<?xml version='1.0'?><sObject><Name>M&#252;ller &amp; S&#xF6;hne</Name><Fax/><a><b>1</b><b>2</b></a></sObject>";
        assert_eq!(
            read(body.as_bytes()).unwrap(),
            json!({"Name": "Müller & Söhne", "Fax": null, "a": {"b": ["1", "2"]}})
        );
        assert!(read(b"<sObject><Name>").is_err());
        assert!(read(b"{\"Name\":1}").is_err());
    }

    proptest! {
        #[test]
        fn texts_survive(text in "[^\\p{Cc}]*[a-z]") {
            let xml = write("Account", &json!({"Name": text}));
            prop_assert_eq!(read(xml.as_bytes()).unwrap(), json!({"Name": text}));
        }

        #[test]
        fn no_input_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&body);
        }
    }
}
