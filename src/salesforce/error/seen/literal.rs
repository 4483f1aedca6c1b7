//! Values as programs print them: JSON, Python's and Ruby's literals, JavaScript's `inspect`. One reader for all, for
//! what `serde_json` does not take: single quotes, bare names, `None`, `=>`, and an end that was cut off.

use serde_json::{Map, Value};

/// Deeper values are not read.
const DEEPEST: usize = 64;

/// The value that begins at the start of the text, which must be a list or an object, and how long it is.
pub(super) fn read(text: &str) -> Option<(Value, usize)> {
    let mut reader = Reader { text, at: 0, depth: 0 };
    let value = reader.value()?;
    (value.is_array() || value.is_object()).then_some((value, reader.at))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<Value> {
        self.blanks();
        self.skip_prefix();
        match self.peek()? {
            '{' => self.inside(Self::object),
            '[' => self.inside(|reader| reader.array(']')),
            '(' => self.inside(|reader| reader.array(')')),
            '"' | '\'' => self.string().map(Value::String),
            _ => self.word(),
        }
    }

    fn inside(&mut self, read: impl FnOnce(&mut Self) -> Option<Value>) -> Option<Value> {
        self.depth += 1;
        self.at += 1;
        let value = (self.depth <= DEEPEST).then(|| read(self)).flatten();
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Option<Value> {
        let mut map = Map::new();
        while !self.ended('}') {
            let Some(name) = self.name() else { break };
            self.blanks();
            if !["=>", ":"].iter().any(|sign| self.skip(sign)) {
                return self.at_end().then_some(Value::Object(map));
            }
            let value = self.value();
            if value.is_none() && !self.at_end() {
                return None;
            }
            map.insert(name, value.unwrap_or_default());
            self.blanks();
            if !self.skip(",") && !self.ended_before('}') {
                return None;
            }
        }
        Some(Value::Object(map)).filter(|_| self.closed('}'))
    }

    fn array(&mut self, close: char) -> Option<Value> {
        let mut items = Vec::new();
        while !self.ended(close) {
            let value = self.value();
            if value.is_none() && !self.at_end() {
                return None;
            }
            items.extend(value);
            self.blanks();
            if !self.skip(",") && !self.ended_before(close) {
                return None;
            }
        }
        Some(Value::Array(items)).filter(|_| self.closed(close))
    }

    /// Whether the list is over: at its end, which stays, or at the end of the text.
    fn ended(&mut self, close: char) -> bool {
        self.blanks();
        self.at_end() || self.peek() == Some(close)
    }

    fn ended_before(&self, close: char) -> bool {
        self.at_end() || self.peek() == Some(close)
    }

    /// Steps over the end; a text that was cut has none.
    fn closed(&mut self, close: char) -> bool {
        self.at_end() || (self.peek() == Some(close) && self.step())
    }

    fn name(&mut self) -> Option<String> {
        self.blanks();
        // Ruby's symbols.
        if self.peek() == Some(':') {
            self.step();
        }
        self.skip_prefix();
        if matches!(self.peek(), Some('"' | '\'')) { self.string() } else { self.bare() }
    }

    /// Python's `u'…'`.
    fn skip_prefix(&mut self) {
        let rest = &self.text[self.at..];
        let prefix = rest.starts_with(['u', 'b', 'r']) && rest[1..].starts_with(['"', '\'']);
        self.at += usize::from(prefix);
    }

    /// `True`, `null`, `1.5`.
    fn word(&mut self) -> Option<Value> {
        match self.bare()?.as_str() {
            "True" | "true" => Some(Value::Bool(true)),
            "False" | "false" => Some(Value::Bool(false)),
            "None" | "null" | "nil" | "undefined" => Some(Value::Null),
            number => number.parse::<serde_json::Number>().ok().map(Value::Number),
        }
    }

    fn bare(&mut self) -> Option<String> {
        let rest = &self.text[self.at..];
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | '+');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        self.at += length;
        (length > 0).then(|| rest[..length].to_owned())
    }

    /// A string in either quotes; one that was cut ends with the text.
    fn string(&mut self) -> Option<String> {
        let quote = self.peek()?;
        self.step();
        let mut text = String::new();
        let mut chars = self.text[self.at..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.at += at + 1;
                    return Some(text);
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, digits @ ('u' | 'x'))) => {
                        let length = if digits == 'u' { 4 } else { 2 };
                        let code: String = chars.by_ref().take(length).map(|(_, c)| c).collect();
                        text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                    }
                    Some((_, other)) => text.push(other),
                    None => {}
                },
                _ => text.push(c),
            }
        }
        self.at = self.text.len();
        Some(text)
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn skip(&mut self, sign: &str) -> bool {
        let is_there = self.text[self.at..].starts_with(sign);
        self.at += if is_there { sign.len() } else { 0 };
        is_there
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn step(&mut self) -> bool {
        self.at += self.peek().map_or(0, char::len_utf8);
        true
    }

    fn at_end(&self) -> bool {
        self.at >= self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn literals_of_other_languages_are_values() {
        let error = json!([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]);
        for text in [
            "[{'message': 'Session expired or invalid', 'errorCode': 'INVALID_SESSION_ID'}]",
            "[{u'message': u'Session expired or invalid', u'errorCode': u'INVALID_SESSION_ID'}]",
            "[ { message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' } ]",
            "[{\"message\"=>\"Session expired or invalid\", \"errorCode\"=>\"INVALID_SESSION_ID\"}]",
            "[{:message=>\"Session expired or invalid\", :errorCode=>\"INVALID_SESSION_ID\"}]",
            "[{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID\",},]",
            "[{\"message\":\"Session expired or invalid\",\"errorCode\":\"INVALID_SESSION_ID",
        ] {
            assert_eq!(read(text).map(|(value, _)| value), Some(error.clone()), "{text}");
        }
        let (value, length) =
            read("{'a': (None, True, -1.5), 'b': 'it\\'s \\u00fc\\x41\\n'} and more").unwrap();
        assert_eq!((value, length), (json!({"a": [null, true, -1.5], "b": "it's üA\n"}), 52));
    }

    #[test]
    fn prose_in_brackets_is_none() {
        for text in [
            "[main] started",
            "[see below",
            "{x}",
            "[2024-01-01 10:00]",
            "(a, b)",
            "[ERROR]",
            "{'a' 'b'}",
            "plain",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[\\[{(]{0,80}[\\[{(\\]}),:=>'\"a1 \\\\ü]{0,60}") {
            if let Some((_, length)) = read(&text) {
                prop_assert!(text.is_char_boundary(length));
            }
        }
    }
}
