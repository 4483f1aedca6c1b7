//! A web page as text: its title, and a line for each block. Enough to read an error page, no browser.

use super::xml::{decode, markup_end, tag_name};

/// Elements whose content is no text for a reader.
const SILENT: &[&str] = &["script", "style", "template", "noscript", "svg"];
/// Elements that do not break the line.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "em", "font", "i", "kbd", "label", "mark", "q",
    "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
];

/// The readable text of a page, one block a line.
pub(crate) fn text(page: &[u8]) -> Vec<u8> {
    let (mut out, mut line, mut at) = (Vec::new(), Vec::new(), 0);
    while at < page.len() {
        let next = memchr::memchr(b'<', &page[at..]).map_or(page.len(), |n| at + n);
        line.extend_from_slice(&page[at..next]);
        if next == page.len() {
            break;
        }
        let after = page.get(next + 1).copied().unwrap_or(b' ');
        if !(after.is_ascii_alphabetic() || matches!(after, b'/' | b'!' | b'?')) {
            line.extend_from_slice(b"&lt;"); // a lone bracket is text
            at = next + 1;
            continue;
        }
        at = markup_end(page, next);
        let closing = usize::from(after == b'/');
        let name = page[tag_name(page, next + closing)].to_ascii_lowercase();
        let name = std::str::from_utf8(&name).unwrap_or_default();
        if SILENT.contains(&name) && closing == 0 {
            at = silent_end(page, at, name);
        } else if !INLINE.contains(&name) && !name.starts_with("!--") {
            flush(&mut out, &mut line);
        }
    }
    flush(&mut out, &mut line);
    out
}

/// The end of an element whose content is left out.
fn silent_end(page: &[u8], from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(step) = memchr::memmem::find(&page[at..], b"</") {
        let tag = at + step;
        let found = &page[tag_name(page, tag + 1)];
        at = markup_end(page, tag);
        if found.eq_ignore_ascii_case(name.as_bytes()) {
            return at;
        }
    }
    page.len()
}

/// Ends a line: blanks run together, empty lines are left out.
fn flush(out: &mut Vec<u8>, line: &mut Vec<u8>) {
    let text = decode(line);
    line.clear();
    let words: Vec<&[u8]> = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    if !words.is_empty() {
        out.extend_from_slice(&words.join(&b' '));
        out.push(b'\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_can_be_read() {
        let page = b"<!DOCTYPE html><html><head><title>Down for\n maintenance</title>\
            <style>p { color: red }</style><script>if (a<b) { '</p>' }</script></head>\
            <body><h1>We are <b>down</b></h1><!-- no --><p>Back at 5&nbsp;pm &amp; later<br>1 < 2</body>";
        let text = String::from_utf8(text(page)).unwrap();
        assert_eq!(text, "Down for maintenance\nWe are down\nBack at 5\u{a0}pm & later\n1 < 2\n");
    }

    #[test]
    fn a_page_that_is_cut_off_is_read_as_far_as_it_goes() {
        for page in ["<p>one</p><script>x", "<p>one<", "<p>one</p><a href='", "<p>one</p><!-- "] {
            assert!(text(page.as_bytes()).starts_with(b"one"), "{page}");
        }
    }
}
