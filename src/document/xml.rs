//! XML by bytes: the outline, from quick-xml's events, and the readers for one tag or text where it is
//! drawn. quick-xml keeps its own list of open tags; nothing recurses.

use super::json::Fault;
use super::outline::{Builder, Outline};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::ops::Range;

/// Indexes a document. Stops where tags no longer fit each other, and keeps what came before.
///
/// An element whose only content is text is one node; other text is a node of its own if it is not blank.
pub(crate) fn index(bytes: &[u8]) -> (Outline, Option<Fault>) {
    let mut reader = Reader::from_reader(bytes);
    let (mut outline, mut pending) = (Builder::default(), None);
    let fault = loop {
        let at = reader.buffer_position() as usize;
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                let at = (reader.error_position() as usize).min(bytes.len());
                break Some(Fault { at, message: error.to_string() });
            }
        };
        match event {
            Event::Start(_) => {
                flush(&mut outline, bytes, &mut pending);
                outline.open(at, true);
            }
            Event::End(_) => {
                if !outline.is_fresh() {
                    flush(&mut outline, bytes, &mut pending);
                }
                pending = None;
                outline.close(reader.buffer_position() as usize);
            }
            Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {
                pending.get_or_insert(at);
            }
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {
                flush(&mut outline, bytes, &mut pending);
                outline.leaf(at);
            }
            Event::Eof if outline.depth() > 0 => {
                let message = "an element is not closed, but the body ends".into();
                break Some(Fault { at: bytes.len(), message });
            }
            Event::Eof => break None,
        }
    };
    if !outline.is_fresh() {
        flush(&mut outline, bytes, &mut pending);
    }
    (outline.finish(bytes.len()), fault)
}

fn flush(outline: &mut Builder, bytes: &[u8], pending: &mut Option<usize>) {
    let Some(at) = pending.take() else { return };
    if !bytes[at..text_end(bytes, at)].trim_ascii().is_empty() {
        outline.leaf(at);
    }
}

/// The end of the text at `at`, CDATA sections included: the next tag.
pub(crate) fn text_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(step) = bytes.get(at..).and_then(|rest| memchr::memchr(b'<', rest)) {
        at += step;
        if !bytes[at..].starts_with(b"<![CDATA[") {
            return at;
        }
        let inside = &bytes[at..];
        at += memchr::memmem::find(inside, b"]]>").map_or(inside.len(), |n| n + 3);
    }
    bytes.len()
}

/// The end of the tag, comment or instruction at `at`.
pub(crate) fn markup_end(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    let find = |end: &[u8]| memchr::memmem::find(rest, end).map_or(bytes.len(), |n| at + n + end.len());
    if rest.starts_with(b"<!--") {
        return find(b"-->");
    }
    if rest.starts_with(b"<?") {
        return find(b"?>");
    }
    let mut quote = None;
    for (n, &b) in rest.iter().enumerate() {
        match (quote, b) {
            (None, b'>') => return at + n + 1,
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(open), b) if b == open => quote = None,
            _ => {}
        }
    }
    bytes.len()
}

/// The name in the start tag at `at`.
pub(crate) fn tag_name(bytes: &[u8], at: usize) -> Range<usize> {
    let start = at + 1;
    let stop = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'>' | b'/');
    let size = bytes[start..].iter().position(stop).unwrap_or(bytes.len() - start);
    start..start + size
}

/// The text of `raw`: entities resolved, CDATA sections opened, tags and comments left out. What is no
/// entity stays as it is written.
pub(crate) fn decode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = memchr::memchr2(b'&', b'<', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at..];
        let used = if let Some(inside) = rest.strip_prefix(b"<![CDATA[") {
            let end = memchr::memmem::find(inside, b"]]>");
            out.extend_from_slice(&inside[..end.unwrap_or(inside.len())]);
            end.map_or(rest.len(), |end| 9 + end + 3)
        } else if rest[0] == b'<' {
            markup_end(rest, 0)
        } else {
            entity(rest, &mut out)
        };
        rest = &rest[used..];
    }
    out.extend_from_slice(rest);
    out
}

/// Resolves the entity at the start of `rest` into `out`; the bytes it takes.
fn entity(rest: &[u8], out: &mut Vec<u8>) -> usize {
    let name = rest[1..].iter().take(10).position(|&b| b == b';').map(|end| &rest[1..=end]);
    match name.and_then(|name| Some((name, character(std::str::from_utf8(name).ok()?)?))) {
        Some((name, c)) => {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            name.len() + 2
        }
        None => {
            out.push(b'&');
            1
        }
    }
}

/// The five of XML, numbers, and those that HTML pages use most.
fn character(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "copy" => '©',
        "reg" => '®',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "bull" => '•',
        "middot" => '·',
        "raquo" => '»',
        "laquo" => '«',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_sections_are_opened() {
        assert_eq!(
            decode(b"a &amp; b&#233;&#x1F680; <![CDATA[<c>&amp;]]> &nope; &"),
            "a & bé🚀 <c>&amp; &nope; &".as_bytes()
        );
    }

    #[test]
    fn a_quoted_bracket_does_not_end_a_tag() {
        let tag = br#"<a href="x>y" b='>'>text"#;
        assert_eq!(markup_end(tag, 0), tag.len() - 4);
        assert_eq!(&tag[tag_name(tag, 0)], b"a");
    }

    #[test]
    fn nodes_are_elements_and_loose_text() {
        let (outline, fault) =
            index(b"<?xml version='1.0'?>\n<a><b>x &amp; y</b> loose <c/><d><e>1</e></d></a>");
        assert_eq!(fault, None);
        assert_eq!(outline.len(), 7); // the declaration, a, b, the loose text, c, d, e
        assert_eq!(outline.containers().len(), 2);
    }

    #[test]
    fn a_wrong_end_tag_is_where_it_stops() {
        let (outline, fault) = index(b"<a><b>1</b><c>2</x></a>");
        assert_eq!(fault.map(|f| f.at), Some(15));
        assert_eq!(outline.len(), 3);
        let (_, fault) = index(b"<a><b>1</b>");
        assert_eq!(fault.map(|f| f.at), Some(11));
    }

    #[test]
    fn depth_is_no_danger() {
        let text = "<a>".repeat(100_000) + &"</a>".repeat(100_000);
        let (outline, fault) = index(text.as_bytes());
        assert_eq!(fault, None);
        assert_eq!(outline.len(), 100_000);
    }
}
