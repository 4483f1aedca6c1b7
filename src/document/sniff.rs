//! What a body is, by its header and by its bytes; and its bytes as UTF-8.

use super::Kind;
use super::binary;
use super::json::{Fault, blanks_end};
use bytes::Bytes;

/// Bytes that decide whether something is text.
const SAMPLE: usize = 8 * 1024;

/// The body as UTF-8 where the header, a byte order mark or the pattern of its NULs says that it is another
/// encoding; without its byte order mark.
pub(crate) fn to_utf8(body: Bytes, content_type: Option<&str>) -> Bytes {
    match body[..] {
        [0xef, 0xbb, 0xbf, ..] => body.slice(3..),
        [0xff, 0xfe, ..] => utf16(&body[2..], u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(&body[2..], u16::from_be_bytes),
        [b'{' | b'[' | b'<' | b'"', 0, 1..=255, 0, ..] => utf16(&body, u16::from_le_bytes),
        [0, b'{' | b'[' | b'<' | b'"', 0, 1..=255, ..] => utf16(&body, u16::from_be_bytes),
        _ if is_latin1(content_type) && std::str::from_utf8(&body).is_err() => {
            Bytes::from(body.iter().map(|&b| char::from(b)).collect::<String>())
        }
        _ => body,
    }
}

fn utf16(bytes: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Bytes {
    let units = bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or(0)]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Bytes::from(text)
}

fn is_latin1(content_type: Option<&str>) -> bool {
    let header = content_type.unwrap_or_default().to_ascii_lowercase();
    ["iso-8859-1", "latin1", "windows-1252"].iter().any(|name| header.contains(name))
}

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Json,
    Xml,
    Html,
    Csv,
    /// Text of no kind we know.
    Text,
    /// Nothing, or what is used for anything.
    Nothing,
}

pub(crate) fn said(content_type: Option<&str>) -> Said {
    let header = content_type.unwrap_or_default();
    let kind = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match kind.as_str() {
        "text/html" | "application/xhtml+xml" => Said::Html,
        "text/csv" | "application/csv" | "text/tab-separated-values" => Said::Csv,
        kind if kind.contains("json") => Said::Json,
        kind if kind.ends_with("xml") => Said::Xml,
        kind if kind.starts_with("text/") => Said::Text,
        _ => Said::Nothing,
    }
}

/// The kinds worth trying, the likeliest first: the first that fits is taken, see [`super::build`].
pub(crate) fn candidates(bytes: &[u8], said: Said) -> Vec<Kind> {
    if bytes.is_empty() {
        return vec![Kind::Empty];
    }
    if binary::what(bytes).is_some() || !is_text(bytes, said) {
        return vec![Kind::Binary];
    }
    let shape = match bytes.get(blanks_end(bytes, 0)) {
        Some(b'{' | b'[') => Some(Kind::Json),
        Some(b'<') if is_page(bytes, said) => Some(Kind::Html),
        Some(b'<') => Some(Kind::Xml),
        _ => None,
    };
    let header = match said {
        Said::Json => Some(Kind::Json),
        Said::Xml => Some(Kind::Xml),
        Said::Html => Some(Kind::Html),
        Said::Csv => Some(Kind::Csv),
        Said::Text | Said::Nothing => None,
    };
    let mut kinds: Vec<Kind> = shape.into_iter().chain(header).collect();
    kinds.dedup();
    kinds.push(Kind::Text);
    kinds
}

/// Whether a parse that ended with `fault` shows that the body is of this kind all the same: the header said
/// so, or it is only cut off.
pub(crate) fn fits(kind: Kind, said: Said, fault: Option<&Fault>, body: usize, nodes: u32) -> bool {
    let named = matches!((kind, said), (Kind::Json, Said::Json) | (Kind::Xml, Said::Xml));
    match fault {
        None => true,
        Some(fault) => nodes > 0 && (named || (said == Said::Nothing && fault.at >= body)),
    }
}

/// Whether markup is a web page: by its first tag, or by the header unless it is declared to be XML.
fn is_page(bytes: &[u8], said: Said) -> bool {
    let start = blanks_end(bytes, 0);
    let begins = |tag: &str| {
        bytes.get(start..start + tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes()))
    };
    begins("<!doctype html") || begins("<html") || (said == Said::Html && !begins("<?xml"))
}

/// Text has few controls and few bytes that are not UTF-8; a header that says text makes more of them good.
fn is_text(bytes: &[u8], said: Said) -> bool {
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    let controls = sample.iter().filter(|b| matches!(b, 0..=8 | 14..=26 | 28..=31)).count();
    let foreign: usize = sample.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    let odd = controls + foreign.saturating_sub(3); // the sample may end inside a character
    if said == Said::Nothing { odd * 20 <= sample.len() } else { odd * 3 <= sample.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_encodings_become_utf8() {
        let utf8 = |body: &'static [u8], header| to_utf8(Bytes::from_static(body), header);
        assert_eq!(utf8(b"\xef\xbb\xbf{}", None), "{}");
        assert_eq!(utf8(b"\xff\xfe{\0}\0", None), "{}");
        assert_eq!(utf8(b"\0{\0}", None), "{}");
        assert_eq!(utf8(b"{\0\"\0", None), "{\"");
        assert_eq!(utf8(b"Z\xfcrich", Some("text/plain; charset=ISO-8859-1")), "Zürich");
        assert_eq!(utf8(b"Z\xc3\xbcrich", Some("text/plain; charset=ISO-8859-1")), "Zürich");
    }

    #[test]
    fn a_header_that_lies_is_seen_through() {
        let first = |body: &[u8], header| candidates(body, said(header))[0];
        assert_eq!(first(b"<!DOCTYPE html><html>", Some("application/json")), Kind::Html);
        assert_eq!(first(b" [{}]", Some("text/html")), Kind::Json);
        assert_eq!(first(b"<p>hi</p>", Some("text/html")), Kind::Html);
        assert_eq!(first(b"<?xml version='1.0'?><a/>", Some("text/html")), Kind::Xml);
        assert_eq!(first(b"Id,Name", Some("text/csv")), Kind::Csv);
        assert_eq!(first(b"hello", None), Kind::Text);
        assert_eq!(first(b"\x89PNG\r\n\x1a\n", Some("application/json")), Kind::Binary);
        assert_eq!(first(b"a\0\0\0b\x01\x02", None), Kind::Binary);
        assert_eq!(first(b"{\"a\":\"\0\"}", Some("application/json")), Kind::Json);
    }
}
