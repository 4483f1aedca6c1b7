//! The query of a URL: rows ↔ text, and percent-encoding of what people type there.
//!
//! People type SOQL as it is (`q=SELECT Id FROM Account`) and paste it as it travels (`q=SELECT+Id…`). What has
//! blanks is taken as it is and encoded; what has `+` or `%20` and no blanks is encoded already and is left so.

use super::{Entry, variables};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::{borrow::Cow, ops::Range};

/// What cannot stand in a URL at all.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'\\')
    .add(b'^');
/// What would change the meaning of a query if it stood there as it is.
const QUERY_DATA: &AsciiSet = &ILLEGAL.add(b'%').add(b'&').add(b'+').add(b';').add(b'[').add(b']');
/// The same, with what ends a name.
const QUERY_NAME: &AsciiSet = &QUERY_DATA.add(b'=');
/// What would change the meaning of a path; `/` may stay, since a variable may hold several segments.
const PATH_DATA: &AsciiSet = &ILLEGAL.add(b'%').add(b'?');

/// Takes the query off a URL as typed: the URL without it, and its parameters as rows, decoded.
/// Variables stay as they are.
pub fn split_query(url: &str) -> (String, Vec<Entry>) {
    let Some((base, _)) = url.split_once('?') else { return (url.to_owned(), Vec::new()) };
    let start = base.len() + 1;
    let rows = pairs(url, start)
        .into_iter()
        .filter(|pair| !pair.is_empty(url))
        .map(|pair| {
            let encoded = is_encoded(&url[pair.value.clone()]);
            Entry::new(decode(&url[pair.name.clone()], true), decode(&url[pair.value.clone()], encoded))
        })
        .collect();
    (base.to_owned(), rows)
}

/// Puts rows behind a URL as its query, as it travels; rows that are off are left out. [`split_query`] gives
/// the rows back. Variables stay as they are.
pub fn join_query(base: &str, rows: &[Entry]) -> String {
    let mut url = base.to_owned();
    let mut separator = if base.contains('?') { '&' } else { '?' };
    for row in rows.iter().filter(|row| row.on) {
        url.push(separator);
        url.push_str(&encode_around_variables(&row.name, QUERY_NAME));
        url.push('=');
        url.push_str(&encode_around_variables(&row.value, QUERY_DATA));
        separator = '&';
    }
    url
}

/// A parameter in a URL as typed, by byte ranges.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
}

impl Pair {
    pub(super) fn is_empty(&self, url: &str) -> bool {
        url[self.name.clone()].is_empty() && self.value.is_empty()
    }
}

/// The parameters of a URL as typed, whose query begins at `start`.
pub(super) fn pairs(url: &str, start: usize) -> Vec<Pair> {
    let ends = separators(&url[start..]).into_iter().map(|offset| start + offset).chain([url.len()]);
    let mut from = start;
    ends.map(|end| {
        let name_end = url[from..end].find('=').map_or(end, |offset| from + offset);
        let pair = Pair { name: from..name_end, value: (name_end + 1).min(end)..end };
        from = end + 1;
        pair
    })
    .collect()
}

/// Where `&` separates: everywhere, but not inside the quotes of SOQL typed as it is.
fn separators(query: &str) -> Vec<usize> {
    let every = query.match_indices('&').map(|(at, _)| at);
    if !has_blanks(query) {
        return every.collect();
    }
    let (mut outside, mut quoted, mut escaped) = (Vec::new(), false, false);
    for (at, byte) in query.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'\'' => quoted = !quoted,
            b'&' if !quoted => outside.push(at),
            _ => {}
        }
    }
    // An odd number of quotes: they are apostrophes, not SOQL's.
    if quoted { every.collect() } else { outside }
}

fn has_blanks(template: &str) -> bool {
    variables::texts_in(template).any(|text| text.contains(char::is_whitespace))
}

/// Whether a value is percent-encoded already: it has `+` or `%41`, and no blanks.
pub(super) fn is_encoded(template: &str) -> bool {
    !has_blanks(template)
        && variables::texts_in(template).any(|text| {
            text.contains('+')
                || text.match_indices('%').any(|(at, _)| is_percent_code(&text.as_bytes()[at..]))
        })
}

/// Encodes a name as typed in a URL or in a row.
pub(super) fn encode_name(text: &str) -> String {
    utf8_percent_encode(text, QUERY_NAME).to_string()
}

/// Encodes a value that is data: a variable's, a row's, or typed as it is.
pub(super) fn encode_data(text: &str) -> String {
    utf8_percent_encode(text, QUERY_DATA).to_string()
}

/// Encodes only what cannot stand in a URL, and leaves what is encoded already.
pub(super) fn encode_illegal(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        encoded.extend(utf8_percent_encode(&rest[..at], ILLEGAL));
        encoded.push_str(if is_percent_code(&rest.as_bytes()[at..]) { "%" } else { "%25" });
        rest = &rest[at + 1..];
    }
    encoded.extend(utf8_percent_encode(rest, ILLEGAL));
    encoded
}

/// Encodes a variable's value inside a path.
pub(super) fn encode_segment(text: &str) -> String {
    utf8_percent_encode(text, PATH_DATA).to_string()
}

fn is_percent_code(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

fn decode(text: &str, encoded: bool) -> String {
    if !encoded {
        return text.to_owned();
    }
    variables::map_texts(text, |plain| {
        let spaced = plain.replace('+', " ");
        let decoded =
            percent_decode_str(&spaced).decode_utf8().map_or_else(|_| plain.to_owned(), Cow::into_owned);
        decoded.replace("{{", "\\{{")
    })
}

fn encode_around_variables(text: &str, set: &'static AsciiSet) -> String {
    variables::map_texts(text, |plain| utf8_percent_encode(plain, set).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(url: &str) -> Vec<(String, String)> {
        split_query(url).1.into_iter().map(|row| (row.name, row.value)).collect()
    }

    fn one(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn a_typed_query_becomes_rows() {
        assert_eq!(split_query("limits"), ("limits".to_owned(), vec![]));
        assert_eq!(split_query("query?q=SELECT Id FROM Account").0, "query");
        let soql = "SELECT Id FROM Account WHERE Name = 'A&B' AND X > 1+1";
        assert_eq!(rows(&format!("query?q={soql}")), one("q", soql));
        assert_eq!(rows("query?q=SELECT+Id%2CName+FROM+Account"), one("q", "SELECT Id,Name FROM Account"));
        assert_eq!(rows("query?q=SELECT+Id+FROM+{{ object }}"), one("q", "SELECT Id FROM {{object}}"));
        assert_eq!(rows("a?x=1&y=&&z").len(), 3);
        assert_eq!(rows("search?q=O'Brien is&in=all")[1], ("in".to_owned(), "all".to_owned()));
    }

    proptest! {
        #[test]
        fn rows_survive_join_and_split(
            pairs in prop::collection::vec(("[^{}]{1,8}", "([^{}]|\\{\\{[a-z]{1,3}\\}\\}){0,12}"), 0..4)
        ) {
            let rows: Vec<Entry> = pairs.into_iter().map(|(name, value)| Entry::new(name, value)).collect();
            prop_assert_eq!(split_query(&join_query("query", &rows)), ("query".to_owned(), rows));
        }

        #[test]
        fn no_query_panics(url in "(?s)[?&='\\\\%+a {}\n]{0,24}") {
            let _ = split_query(&url);
        }
    }
}
