//! Text as lines, and long lines wrapped to a width: which bytes a row shows, which row shows a byte.

use bytes::Bytes;
use std::ops::Range;

/// Narrower than this a line is not wrapped: a character may take four bytes.
const LEAST_WIDTH: usize = 8;

/// A text and where its lines begin.
pub(crate) struct Lines {
    text: Bytes,
    starts: Vec<u32>,
    /// Bytes of the longest line.
    longest: usize,
}

/// How the lines lie on a screen of some width. Rows are counted in bytes, not cells: a row shows at most
/// as many bytes as the screen is wide, which fills it where the text is ASCII, and no character is cut.
#[derive(Clone, Debug)]
pub(crate) struct Wrap {
    width: usize,
    /// Rows before each line, and at the end all rows; empty where every line is one row.
    before: Vec<u32>,
}

impl Lines {
    pub fn new(text: Bytes) -> Lines {
        let mut starts = Vec::new();
        let (mut from, mut longest) = (0, 0);
        for end in memchr::memchr_iter(b'\n', &text).chain([text.len()]) {
            if from < text.len() {
                starts.push(from as u32);
                longest = longest.max(end - from);
            }
            from = end + 1;
        }
        starts.shrink_to_fit();
        Lines { text, starts, longest }
    }

    /// A text whose lines nobody asks for.
    pub fn unbroken(text: Bytes) -> Lines {
        Lines { text, starts: Vec::new(), longest: 0 }
    }

    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The bytes of a line without its end, from 0.
    pub fn line(&self, line: usize) -> Range<usize> {
        let start = self.starts[line] as usize;
        let end = self.starts.get(line + 1).map_or(self.text.len(), |&next| next as usize);
        let text = &self.text[start..end];
        let text = text.strip_suffix(b"\r\n").or_else(|| text.strip_suffix(b"\n")).unwrap_or(text);
        start..start + text.len()
    }

    pub fn wrap(&self, width: usize) -> Wrap {
        let width = width.max(LEAST_WIDTH);
        let mut before = Vec::new();
        if self.longest > width {
            before.reserve_exact(self.starts.len() + 1);
            let mut sum = 0;
            for line in 0..self.starts.len() {
                before.push(sum);
                sum += self.line(line).len().div_ceil(width).max(1) as u32;
            }
            before.push(sum);
        }
        Wrap { width, before }
    }

    pub fn rows(&self, wrap: &Wrap) -> u64 {
        wrap.before.last().map_or(self.starts.len() as u64, |&rows| u64::from(rows))
    }

    /// The line of a row, whether the row is its first, and the bytes it shows.
    pub fn row(&self, wrap: &Wrap, row: u64) -> (usize, bool, Range<usize>) {
        if wrap.before.is_empty() {
            return (row as usize, true, self.line(row as usize));
        }
        let line = wrap.before.partition_point(|&before| u64::from(before) <= row) - 1;
        let piece = row as usize - wrap.before[line] as usize;
        let bytes = self.line(line);
        let cut = |piece: usize| self.boundary(&bytes, bytes.start + piece * wrap.width);
        (line, piece == 0, cut(piece)..cut(piece + 1))
    }

    /// The row that shows byte `at`.
    pub fn row_of(&self, wrap: &Wrap, at: usize) -> u64 {
        let line = self.starts.partition_point(|&start| start as usize <= at).saturating_sub(1);
        let Some(&before) = wrap.before.get(line) else { return line as u64 };
        let bytes = self.line(line);
        let pieces = bytes.len().div_ceil(wrap.width).max(1);
        let mut piece = (at - bytes.start) / wrap.width;
        if self.boundary(&bytes, bytes.start + (piece + 1) * wrap.width) <= at {
            piece += 1;
        }
        u64::from(before) + piece.min(pieces - 1) as u64
    }

    /// `at` or the start of the character it is inside of, within the line.
    fn boundary(&self, line: &Range<usize>, at: usize) -> usize {
        if at >= line.end {
            return line.end;
        }
        let inside = |at: usize| self.text[at] & 0b1100_0000 == 0b1000_0000;
        (at.saturating_sub(3).max(line.start)..=at).rev().find(|&at| !inside(at)).unwrap_or(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_ends_are_no_part_of_a_line() {
        let lines = Lines::new(Bytes::from_static(b"a\r\n\nbc\n"));
        let all: Vec<_> = (0..3).map(|n| lines.line(n)).collect();
        assert_eq!(all, [0..1, 3..3, 4..6]);
        assert_eq!(lines.rows(&lines.wrap(80)), 3);
    }

    #[test]
    fn nothing_has_no_lines() {
        let lines = Lines::new(Bytes::new());
        assert_eq!(lines.rows(&lines.wrap(80)), 0);
    }

    proptest! {
        #[test]
        fn rows_cover_each_line_and_cut_no_character(text in "([a-zé東🚀]{0,40}\r?\n?){0,8}", width in 8usize..20) {
            let lines = Lines::new(Bytes::from(text.clone()));
            let wrap = lines.wrap(width);
            let mut shown = String::new();
            for row in 0..lines.rows(&wrap) {
                let (line, first, bytes) = lines.row(&wrap, row);
                if first && line > 0 {
                    shown.push('\n');
                }
                prop_assert!(bytes.len() <= width + 3);
                for at in bytes.clone() {
                    prop_assert_eq!(lines.row_of(&wrap, at), row);
                }
                shown.push_str(std::str::from_utf8(&text.as_bytes()[bytes]).unwrap());
            }
            let expected = text.replace("\r\n", "\n");
            prop_assert_eq!(shown.as_str(), expected.strip_suffix('\n').unwrap_or(&expected));
        }
    }
}
