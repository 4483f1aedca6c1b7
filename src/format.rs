//! Numbers, sizes and times as people read them, and text in lines: the same on the screen and in messages.

use std::time::Duration;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// `1234567` → `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `49357` → `48.2 KB` (1 KB is 1,024 bytes).
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A short span: `142 ms`, `1.2 s`, `2:05 min`.
pub fn span(time: Duration) -> String {
    let ms = time.as_millis();
    match ms {
        0 => format!("{:.1} ms", time.as_secs_f64() * 1000.0),
        1..=999 => format!("{ms} ms"),
        1_000..=59_999 => format!("{:.1} s", time.as_secs_f64()),
        _ => format!("{}:{:02} min", time.as_secs() / 60, time.as_secs() % 60),
    }
}

/// What is left on a clock, in minutes and seconds: `7:05`; a part of a second counts as one.
pub fn clock(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// An age, to the unit that matters: `<1 min`, `18 min`, `3 h`, `2 days`.
pub fn age(time: Duration) -> String {
    match time.as_secs() {
        0..=59 => "<1 min".into(),
        s @ 60..=5_399 => format!("{} min", s / 60),
        s @ 5_400..=172_799 => format!("{} h", (s + 1_800) / 3_600),
        s => format!("{} days", s / 86_400),
    }
}

/// The beginning of a text, at most so many bytes of it, cut between characters.
pub fn beginning(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

/// The text in lines of at most `width` cells, broken at blanks where there are some.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let blank = usize::from(!line.is_empty());
        if line.width() + blank + word.width() <= width {
            line.extend(std::iter::repeat_n(' ', blank));
            line.push_str(word);
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        for piece in pieces(word, width) {
            let before = line.len();
            line.push_str(piece);
            // Measured together: a text can be wider than its characters one by one.
            if line.width() > width && before > 0 {
                line.truncate(before);
                lines.push(std::mem::replace(&mut line, piece.to_owned()));
            }
        }
    }
    lines.push(line);
    lines
}

/// What a line may be broken into: graphemes, but for those that are wider than the line.
fn pieces(word: &str, width: usize) -> impl Iterator<Item = &str> {
    word.graphemes(true).flat_map(move |grapheme| {
        let whole = grapheme.width() <= width;
        let parts = if whole { 1 } else { grapheme.chars().count() };
        let mut rest = grapheme;
        (0..parts).map(move |_| {
            let length = if whole { rest.len() } else { rest.chars().next().map_or(0, char::len_utf8) };
            let (part, after) = rest.split_at(length);
            rest = after;
            part
        })
    })
}

/// How many rows a text of several lines takes at that width.
pub fn rows_of(text: &str, width: u16) -> usize {
    text.split('\n').map(|line| wrap(line, usize::from(width)).len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(49_357), "48.2 KB");
        assert_eq!(bytes(1024 * 1024), "1.0 MB");
        assert_eq!(span(Duration::from_millis(142)), "142 ms");
        assert_eq!(span(Duration::from_millis(1_230)), "1.2 s");
        assert_eq!(span(Duration::from_secs(125)), "2:05 min");
        assert_eq!(clock(Duration::from_secs(600)), "10:00");
        assert_eq!(clock(Duration::from_millis(64_100)), "1:05");
        assert_eq!(age(Duration::from_secs(18 * 60)), "18 min");
    }
}
