//! Text from outside, made safe for a terminal: what would steer it, reorder it or hide in it is shown as
//! a visible symbol instead. The only place that decides which characters those are.

use super::row::{Role, Span};
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// Marks in a row that may sit on one character. Thai, Hebrew and Vietnamese need three; a tower of them
/// draws over other rows.
const MARKS: usize = 4;

/// `text` with every character that a terminal would obey, or that a person would not see, shown as a
/// symbol: `␛`, `␊`, `<U+202E>`. One line in, one line out; cuts nothing.
pub fn safe(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    pieces(text, |piece| match piece {
        Piece::Plain(plain) => out.push_str(plain),
        Piece::Hidden(c) => out.push_str(&symbol(c)),
    });
    Cow::Owned(out)
}

/// Whether `c` never reaches a terminal: controls, what changes direction, what has no width but is no
/// mark of a letter, line separators, private use.
pub fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' // C0, DEL, C1 (U+0085 is a line end)
        | '\u{ad}' | '\u{34f}' | '\u{61c}' // soft hyphen, grapheme joiner, Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' // invisible letters
        | '\u{180b}'..='\u{180f}' // Mongolian selectors
        | '\u{200b}'..='\u{200f}' // zero-width space and joiners, direction marks
        | '\u{2028}'..='\u{202e}' // line and paragraph separator, embeddings, overrides
        | '\u{2060}'..='\u{206f}' // word joiner, invisible operators, isolates
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' // selectors, BOM, annotations
        | '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' // private use
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' // invisible format controls
        | '\u{e0000}'..='\u{e0fff}' // tags, more selectors
    )
}

/// Adds `text` in `role`, its hidden characters as [`Role::Control`].
pub(crate) fn push(spans: &mut Vec<Span>, text: &str, role: Role) {
    if is_plain(text) {
        return append(spans, text, role);
    }
    pieces(text, |piece| match piece {
        Piece::Plain(plain) => append(spans, plain, role),
        Piece::Hidden(c) => append(spans, &symbol(c), Role::Control),
    });
}

/// As [`push`], for bytes that should be UTF-8; those that are not are shown as `\xNN`.
pub(crate) fn push_bytes(spans: &mut Vec<Span>, bytes: &[u8], role: Role) {
    for chunk in bytes.utf8_chunks() {
        push(spans, chunk.valid(), role);
        for byte in chunk.invalid() {
            append(spans, &format!("\\x{byte:02X}"), Role::Control);
        }
    }
}

fn append(spans: &mut Vec<Span>, text: &str, role: Role) {
    match spans.last_mut() {
        Some(last) if last.role == role => last.text.push_str(text),
        _ if text.is_empty() => {}
        _ => spans.push(Span::new(text, role)),
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, 0x20..=0x7e))
}

enum Piece<'a> {
    Plain(&'a str),
    Hidden(char),
}

fn pieces<'a>(text: &'a str, mut each: impl FnMut(Piece<'a>)) {
    let (mut from, mut marks) = (0, MARKS); // a mark at the start would settle on a neighbour
    for (at, c) in text.char_indices() {
        let is_mark = !c.is_ascii() && c.width() == Some(0);
        let hide = is_hidden(c) || (is_mark && marks >= MARKS);
        marks = match (hide, is_mark) {
            (true, _) => MARKS,
            (false, true) => marks + 1,
            (false, false) => 0,
        };
        if hide {
            if from < at {
                each(Piece::Plain(&text[from..at]));
            }
            each(Piece::Hidden(c));
            from = at + c.len_utf8();
        }
    }
    if from < text.len() {
        each(Piece::Plain(&text[from..]));
    }
}

fn symbol(c: char) -> String {
    match c {
        '\u{7f}' => "␡".into(),
        c if c < ' ' => char::from_u32(0x2400 + c as u32).map_or_else(String::new, String::from),
        c => format!("<U+{:04X}>", c as u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_steers_a_terminal_becomes_a_symbol() {
        assert_eq!(safe("a\u{1b}[31mb"), "a␛[31mb");
        assert_eq!(safe("\0\n\t\u{7f}"), "␀␊␉␡");
        assert_eq!(safe("x\u{202e}y\u{9b}z\u{200d}"), "x<U+202E>y<U+009B>z<U+200D>");
        assert_eq!(safe("a\u{2028}b\u{e000}"), "a<U+2028>b<U+E000>");
    }

    #[test]
    fn letters_stay_as_they_are() {
        for text in ["Acme", "Zürich", "東京", "e\u{301}", "ไม่ได้", "🚀"] {
            assert_eq!(safe(text), text);
        }
    }

    #[test]
    fn a_tower_of_marks_ends_and_none_stands_first() {
        let tower = format!("a{}", "\u{301}".repeat(6));
        assert_eq!(safe(&tower), "a\u{301}\u{301}\u{301}\u{301}<U+0301><U+0301>");
        assert_eq!(safe("\u{301}a"), "<U+0301>a");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_as_numbers() {
        let mut spans = Vec::new();
        push_bytes(&mut spans, b"a\xff\xc3b", Role::Text);
        assert_eq!(
            spans,
            [Span::new("a", Role::Text), Span::new("\\xFF\\xC3", Role::Control), Span::new("b", Role::Text)]
        );
    }

    proptest! {
        #[test]
        fn nothing_hidden_comes_out(text in any::<String>()) {
            prop_assert!(!safe(&text).chars().any(is_hidden));
        }

        #[test]
        fn no_byte_gets_through_hidden(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut spans = Vec::new();
            push_bytes(&mut spans, &bytes, Role::Text);
            prop_assert!(!spans.iter().any(|span| span.text.chars().any(is_hidden)));
        }

        #[test]
        fn making_safe_twice_is_making_safe_once(text in any::<String>()) {
            let once = safe(&text).into_owned();
            prop_assert_eq!(safe(&once), once.as_str());
        }
    }
}
