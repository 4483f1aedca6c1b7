//! An error as somebody saw it elsewhere: a log, a chat, Postman, `curl -i`. Finds what is in it.
//!
//! First what is printed of HTTP ([`dump`]), then what has a shape (pages, CSV, XML, JSON and what other languages make of
//! it, also inside strings), then addresses, then [`words`]. What is found first is believed.

mod dump;
mod literal;
mod words;

use super::{ApiError, FailedPart, LARGEST, Page, failed_rows, json, markup, page, parts};
use crate::http::redact::mask_text;
use dump::{Dump, fixed};
use regex::Regex;
use serde_json::Value;
use std::{ops::Range, sync::LazyLock};

/// The rest of the text is cut to so many characters.
const LONGEST_TEXT: usize = 500;

/// A log may be full of brackets that begin no value: so many are tried.
const MOST_STARTS: usize = 200;

/// Values in strings of values, and texts that were escaped more than once.
const DEEPEST: usize = 8;

/// What a pasted text says of an error. Nothing in it is a secret: what looks like one is masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The answer's HTTP status.
    pub status: Option<u16>,
    /// The answer's headers, as written.
    pub headers: Vec<(String, String)>,
    /// Method and path or URL of the request; the method is empty where only the address is told.
    pub request: Option<(String, String)>,
    /// The request's headers, as written; a value's line breaks stay.
    pub request_headers: Vec<(String, String)>,
    /// The errors. Where nothing is recognised, one without a code, whose message is the text; empty for a page, and
    /// where there is no text but the exchange's.
    pub errors: Vec<ApiError>,
    /// What failed inside an answer of status 200, or in rows.
    pub parts: Vec<FailedPart>,
    /// The HTML page that came in an answer's place.
    pub page: Option<Page>,
    /// The rest, at most 500 characters: what a person wrote beside it.
    pub text: String,
}

/// Reads an error as pasted. Never fails: what is not recognised is a description. Only the first megabyte is read.
pub fn seen(text: &str) -> Seen {
    let mut end = text.len().min(LARGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let dump = Dump::of(text[..end].trim_start_matches('\u{feff}'));
    let query = dump.request.as_ref().is_some_and(|(_, target)| !parts::may_hold_parts(target));
    let mut search = Search { status: dump.status, parts_too: !query, ..Search::default() };
    let mut rest = dump.rest;
    // The request's own body stands in the rest: it is looked at only if the answer has none.
    match dump.body.as_deref().map(str::trim).filter(|body| !body.is_empty()) {
        Some(body) => {
            let left = search.all(body);
            rest = format!("{}\n{}", rest.trim(), left.trim());
        }
        None => rest = search.all(&rest),
    }
    for (_, address) in dump.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("location")) {
        let _ = search.errors.is_empty() && search.address(address);
    }
    let request = dump.request.or(search.address.map(|address| (String::new(), address)));
    let text: String = mask_text(rest.trim_matches(is_blank)).chars().take(LONGEST_TEXT).collect();
    let mut errors: Vec<_> = search.errors.into_iter().map(ApiError::masked).collect();
    let read = || values(&rest).iter().any(|(_, value)| is_data(value)); // records, and no words of an error
    if errors.is_empty() && search.parts.is_empty() && search.page.is_none() && !text.is_empty() && !read() {
        errors.push(ApiError::said(text.clone()));
    }
    Seen {
        status: search.status,
        headers: dump.headers,
        request: request.map(|(method, target)| (method, mask_text(&target).into_owned())),
        request_headers: dump.request_headers,
        errors,
        parts: search.parts,
        page: search.page,
        text,
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// What has been found.
#[derive(Default)]
struct Search {
    status: Option<u16>,
    /// Whether an answer of the request may hold parts that failed; a query's may not.
    parts_too: bool,
    errors: Vec<ApiError>,
    parts: Vec<FailedPart>,
    page: Option<Page>,
    /// The address in which the error was.
    address: Option<String>,
}

static XML: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"<(?:\?xml|(?:[\w-]+:)?(?:Envelope|Fault)\b|Errors\b|Error>|error\b|OAuth\b|batchInfo\b|jobInfo\b|batchResults\b)",
    )
});

static ERROR_COLUMN: LazyLock<Regex> = LazyLock::new(|| fixed(r#"(?m)^.*\bsf__Error\b.*$"#));

impl Search {
    /// Looks through a text; what is left of it.
    fn all(&mut self, text: &str) -> String {
        if let Some(left) = self.page(text).or_else(|| self.rows(text)).or_else(|| self.shapes(text)) {
            self.status = self.status.or_else(|| words::status(&left));
            self.complete(&left);
            return left;
        }
        if self.status.is_some_and(|status| status < 400) {
            return text.to_owned(); // words of data, not of an error
        }
        self.status = self.status.or_else(|| words::status(text));
        let data = values(text).into_iter().filter(|(_, value)| is_data(value)).map(|(range, _)| range);
        let said = without(text, &data.collect::<Vec<_>>());
        if !self.address(&said) {
            self.errors = words::errors(&said);
        }
        text.to_owned()
    }

    /// Gives errors without a description the one that stands in the words around them: an exception's text before
    /// the exception's fields.
    fn complete(&mut self, left: &str) {
        if self.errors.iter().any(|error| error.message.is_empty()) {
            let told = words::errors(left);
            for error in self.errors.iter_mut().filter(|error| error.message.is_empty()) {
                let same = told.iter().find(|other| other.code == error.code);
                error.message = same.map(|other| other.message.clone()).unwrap_or_default();
            }
        }
    }

    /// Whether a text holds an address that an error stands in.
    fn address(&mut self, text: &str) -> bool {
        let found = words::in_address(text);
        let is_one = found.is_some();
        if let Some((error, address)) = found {
            self.errors.push(error);
            self.address = Some(address).filter(|address| address.contains(['?', '#']));
        }
        is_one
    }

    fn page(&mut self, text: &str) -> Option<String> {
        let lower = text.to_ascii_lowercase();
        let start = ["<!doctype html", "<html"].iter().filter_map(|start| lower.find(start)).min();
        let start = start.or_else(|| page::is_html(text.trim_start()).then_some(0))?;
        let end =
            lower.rfind("</html>").filter(|end| *end > start).map_or(text.len(), |end| end + "</html>".len());
        let (page, _) = page::read(self.status, &text[start..end])?;
        self.page = Some(page);
        self.errors.extend(words::in_page(&text[start..end]));
        Some(without(text, std::slice::from_ref(&(start..end))))
    }

    /// A failedResults file; the text before it stays.
    fn rows(&mut self, text: &str) -> Option<String> {
        let header = ERROR_COLUMN.find(text)?;
        self.parts = failed_rows(&text.as_bytes()[header.start()..]);
        (!self.parts.is_empty()).then(|| text[..header.start()].to_owned())
    }

    /// Values in the text as it stands, else in the text with its escapes undone, some times over.
    fn shapes(&mut self, text: &str) -> Option<String> {
        if let Some(left) = self.plain_shapes(text, 0) {
            return Some(left);
        }
        let mut plain = text.to_owned();
        for _ in 0..3 {
            plain = unescaped(&plain)?;
            if self.plain_shapes(&plain, 0).is_some() {
                return Some(text.to_owned());
            }
        }
        None
    }

    fn plain_shapes(&mut self, text: &str, depth: usize) -> Option<String> {
        if let Some(start) = XML.find(text).map(|found| found.start()) {
            let end = text.rfind('>').map_or(text.len(), |end| end + 1).max(start);
            if self.take(&markup::value(&text[start..end]), depth) {
                return Some(without(text, std::slice::from_ref(&(start..end))));
            }
        }
        let mut taken = Vec::new();
        let mut worded = Vec::new();
        for (range, value) in values(text) {
            if self.take(&value, depth) {
                taken.push(range);
            } else if has_object(&value) {
                let said = json::errors_of(&value);
                taken.extend((!said.is_empty()).then_some(range));
                worded.extend(said);
            }
        }
        // Objects with a message and no code: a log's, unless nothing else is there.
        if self.errors.is_empty() && self.parts.is_empty() {
            for error in worded {
                let told = words::errors(&error.message);
                self.add(if told.is_empty() { vec![error] } else { told });
            }
        }
        (!self.errors.is_empty() || !self.parts.is_empty()).then(|| without(text, &taken))
    }

    /// Whether a value is or holds errors that have codes, or parts that failed.
    fn take(&mut self, value: &Value, depth: usize) -> bool {
        if depth > DEEPEST || value.get("attributes").is_some() {
            return false;
        }
        let parts = if self.parts_too { parts::of_any(value) } else { Vec::new() };
        let coded: Vec<_> = match has_object(value) && parts.is_empty() {
            true => json::errors_of(value).into_iter().filter(|error| error.code.is_some()).collect(),
            false => Vec::new(),
        };
        if parts.iter().any(|part| part.error.code.is_some()) || (coded.is_empty() && !parts.is_empty()) {
            self.parts.extend(parts.into_iter().take(LARGEST / 1024));
            return true;
        }
        if !coded.is_empty() {
            self.status = self.status.or_else(|| told_status(value));
            self.add(coded);
            return true;
        }
        let mut any = false;
        match value {
            Value::Array(items) => {
                for item in items {
                    any |= self.take(item, depth + 1);
                }
            }
            Value::Object(map) => {
                let inner = map.iter().filter(|(name, _)| name.as_str() != "records");
                for (_, item) in inner {
                    any |= self.take(item, depth + 1);
                }
                if any {
                    self.status = self.status.or_else(|| told_status(value));
                }
            }
            Value::String(text) if text.contains(['{', '<']) => {
                any = self.plain_shapes(text, depth + 1).is_some();
            }
            _ => {}
        }
        any
    }

    /// Adds what is not there yet: a log says things twice.
    fn add(&mut self, errors: Vec<ApiError>) {
        for error in errors {
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
    }
}

/// Records that were read, or what else a good answer holds.
fn is_data(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(is_data),
        other => {
            ["records", "attributes", "access_token"].iter().any(|name| other.get(name).is_some())
                || other.get("success") == Some(&Value::Bool(true))
        }
    }
}

/// The status that an object tells beside its error.
fn told_status(value: &Value) -> Option<u16> {
    let names = ["statusCode", "status", "httpStatusCode", "status_code", "httpStatus"];
    names.iter().find_map(|name| json::number(value, name)).filter(|status| (400..600).contains(status))
}

fn has_object(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_object),
        other => other.is_object(),
    }
}

/// The lists and objects in a text, and where they stand.
fn values(text: &str) -> Vec<(Range<usize>, Value)> {
    let mut found = Vec::new();
    let mut at = 0;
    for _ in 0..MOST_STARTS {
        let Some(start) = text[at..].find(['{', '[']).map(|start| at + start) else { break };
        at = start + 1;
        let mut json = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        let read = match json.next() {
            Some(Ok(value)) => Some((value, json.byte_offset())),
            _ => literal::read(&text[start..]),
        };
        if let Some((value, length)) = read {
            at = start + length;
            found.push((start..at, value));
        }
    }
    found
}

/// A text with one layer of escapes undone; `None` if it has none.
fn unescaped(text: &str) -> Option<String> {
    if text.contains("\\\"") || text.contains("\\'") {
        let mut plain = String::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n') => plain.push('\n'),
                    Some(other) => plain.push(other),
                    None => {}
                },
                _ => plain.push(c),
            }
        }
        return Some(plain);
    }
    if ["&quot;", "&lt;", "&#34;", "&#39;"].iter().any(|entity| text.contains(entity)) {
        let plain = quick_xml::escape::unescape(text).ok()?.into_owned();
        return (plain != text).then_some(plain);
    }
    None
}

/// The text without these parts of it.
fn without(text: &str, parts: &[Range<usize>]) -> String {
    let mut left = String::new();
    let mut at = 0;
    for part in parts {
        left.push_str(&text[at..part.start]);
        at = part.end;
    }
    left + &text[at..]
}

#[cfg(test)]
#[path = "seen_tests.rs"]
mod tests;
