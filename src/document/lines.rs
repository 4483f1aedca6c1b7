//! Text as lines, and long lines wrapped to a width: which bytes a row shows, which row shows a byte.

use bytes::Bytes;
use std::ops::Range;

/// Narrower than this a line is not wrapped: a character may take four bytes.
const LEAST_WIDTH: usize = 8;

/// Lines longer than this are listed, so that a screen at least as wide need look at no others.
const LONG: usize = 80;

/// A text and where its lines begin.
pub(crate) struct Lines {
    text: Bytes,
    starts: Vec<u32>,
    /// The lines of more than [`LONG`] bytes.
    long: Vec<u32>,
}

/// How the lines lie on a screen of some width. Rows are counted in bytes, not cells: a row shows at most
/// as many bytes as the screen is wide, which fills it where the text is ASCII, and no character is cut.
#[derive(Clone, Debug)]
pub(crate) struct Wrap {
    width: usize,
    /// The lines that take more than one row, and how many rows more all such lines before them take.
    broken: Vec<(u32, u32)>,
    rows: u64,
}

impl Lines {
    pub fn new(text: Bytes) -> Lines {
        let (mut starts, mut long, mut from) = (Vec::new(), Vec::new(), 0);
        for end in memchr::memchr_iter(b'\n', &text).chain([text.len()]) {
            if end - from > LONG {
                long.push(starts.len() as u32);
            }
            if from < text.len() {
                starts.push(from as u32);
            }
            from = (end + 1).min(text.len());
        }
        starts.shrink_to_fit();
        long.shrink_to_fit();
        Lines { text, starts, long }
    }

    /// A text whose lines nobody asks for.
    pub fn unbroken(text: Bytes) -> Lines {
        Lines { text, starts: Vec::new(), long: Vec::new() }
    }

    pub fn text(&self) -> &[u8] {
        &self.text
    }

    pub fn count(&self) -> usize {
        self.starts.len()
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
        let (mut broken, mut more) = (Vec::new(), 0);
        let mut look = |line: u32| {
            let rows = self.line(line as usize).len().div_ceil(width);
            if rows > 1 {
                broken.push((line, more));
                more += rows as u32 - 1;
            }
        };
        if width >= LONG {
            self.long.iter().for_each(|&line| look(line));
        } else {
            (0..self.starts.len() as u32).for_each(look);
        }
        Wrap { width, broken, rows: self.starts.len() as u64 + u64::from(more) }
    }

    pub fn rows(&self, wrap: &Wrap) -> u64 {
        wrap.rows
    }

    /// The line of a row, whether the row is its first, and the bytes it shows.
    pub fn row(&self, wrap: &Wrap, row: u64) -> (usize, bool, Range<usize>) {
        let next = wrap.broken.partition_point(|&(line, more)| u64::from(line) + u64::from(more) <= row);
        let (line, piece) = match next.checked_sub(1).map(|at| wrap.broken[at]) {
            None => (row as usize, 0),
            Some((line, more)) => {
                let (line, piece) = (line as usize, (row - u64::from(line) - u64::from(more)) as usize);
                let last = self.line(line).len().div_ceil(wrap.width) - 1;
                (line + piece.saturating_sub(last), if piece > last { 0 } else { piece })
            }
        };
        let bytes = self.line(line);
        if bytes.len() <= wrap.width {
            return (line, true, bytes);
        }
        let cut = |piece: usize| self.boundary(&bytes, bytes.start + piece * wrap.width);
        (line, piece == 0, cut(piece)..cut(piece + 1))
    }

    /// The row that shows byte `at`.
    pub fn row_of(&self, wrap: &Wrap, at: usize) -> u64 {
        let line = self.starts.partition_point(|&start| start as usize <= at).saturating_sub(1);
        let next = wrap.broken.partition_point(|&(broken, _)| broken as usize <= line);
        let Some((broken, more)) = next.checked_sub(1).map(|at| wrap.broken[at]) else { return line as u64 };
        let bytes = self.line(broken as usize);
        let last = bytes.len().div_ceil(wrap.width) - 1;
        let first = line as u64 + u64::from(more);
        if broken as usize != line {
            return first + last as u64;
        }
        let mut piece = (at - bytes.start) / wrap.width;
        if self.boundary(&bytes, bytes.start + (piece + 1) * wrap.width) <= at {
            piece += 1;
        }
        first + piece.min(last) as u64
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
        fn rows_cover_each_line_and_cut_no_character(
            text in "([a-zé東🚀]{0,40}\r?\n?){0,8}|([a-z]{70,90}\n){0,3}[a-zé]{0,300}\n[a-z]{0,10}\n[a-z]{170}",
            width in prop_oneof![8usize..20, 79usize..90],
        ) {
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
