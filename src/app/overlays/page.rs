//! A text to be read in a box: sentences of different weight and comparisons, wrapped, scrolled where there is
//! little room.

use crate::{
    app::{
        Action,
        panes::{moved, scrolled},
    },
    document::safe,
    format::wrap,
};
use unicode_width::UnicodeWidthStr;

/// What a line is worth, for its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As any text.
    Plain,
    /// Good to know.
    Muted,
    /// What is to be looked at first.
    Strong,
    /// As it should be.
    Good,
    /// Worth a second look.
    Odd,
    /// Not as it should be.
    Bad,
    /// A production org, by its word.
    Production,
}

/// One thing that is said.
#[derive(Clone, Debug)]
pub enum Line {
    /// A sentence; its own indent is kept in the rows that follow its first.
    Text(Tone, String),
    /// A name and what goes by it.
    Named(&'static str, Tone, String),
    /// What the columns of a comparison are called, where there are columns.
    Heads(&'static str, &'static str),
    /// Before and now: side by side where there is room. What differs is marked.
    Compared(&'static str, String, String),
}

/// Cells of the names in front.
const NAME: usize = 10;
/// Below this, what is compared stands one below the other.
const SIDE_BY_SIDE: usize = 60;

/// The lines and how far they are scrolled.
#[derive(Debug, Default)]
pub struct Page {
    /// What is said, each in as many rows as it needs.
    pub lines: Vec<Line>,
    /// The first row on the screen.
    pub first: usize,
}

impl Page {
    /// From its beginning.
    pub fn new(lines: Vec<Line>) -> Self {
        Self { lines, first: 0 }
    }

    /// The rows for an area of that width, safe to draw.
    pub fn rows(&self, width: u16) -> Vec<(Tone, String)> {
        // One cell at each side: a blank, and the scrollbar.
        let width = usize::from(width.saturating_sub(2));
        self.lines.iter().flat_map(|line| line.rows(width)).collect()
    }

    /// Scrolls. False if the action is no movement.
    pub fn handle(&mut self, action: &Action, width: u16, height: u16) -> bool {
        let last = self.rows(width).len().saturating_sub(usize::from(height));
        let first = moved(self.first, last + 1, usize::from(height), action);
        self.first = first.unwrap_or(self.first);
        first.is_some()
    }

    /// Keeps the scroll within the rows.
    pub fn settle(&mut self, width: u16, height: u16) {
        let rows = self.rows(width).len();
        self.first = scrolled(self.first, self.first, rows, usize::from(height.max(1)));
    }
}

impl Line {
    fn rows(&self, width: usize) -> Vec<(Tone, String)> {
        match self {
            Self::Text(tone, text) => {
                let indent = text.len() - text.trim_start_matches(' ').len();
                hanging(*tone, &" ".repeat(indent), &text[indent..], width)
            }
            Self::Named(name, tone, value) => hanging(*tone, &format!("{name:NAME$}"), value, width),
            Self::Heads(before, now) if width >= SIDE_BY_SIDE => columns(Tone::Muted, "", before, now, width),
            Self::Heads(..) => Vec::new(),
            Self::Compared(name, before, now) if width >= SIDE_BY_SIDE => {
                columns(tone_of(before, now), name, before, now, width)
            }
            Self::Compared(name, before, now) if before == now => {
                hanging(Tone::Plain, &format!("{name:NAME$}"), now, width)
            }
            Self::Compared(name, before, now) => {
                let before = hanging(Tone::Muted, &format!("{name:NAME$}"), before, width);
                let now = hanging(Tone::Odd, &format!("{:NAME$}", "  ≠ now"), now, width);
                before.into_iter().chain(now).collect()
            }
        }
    }
}

fn tone_of(before: &str, now: &str) -> Tone {
    if before == now { Tone::Plain } else { Tone::Odd }
}

/// A text behind something, its further rows below its first.
fn hanging(tone: Tone, front: &str, text: &str, width: usize) -> Vec<(Tone, String)> {
    let rows = wrap(&safe(text), width.saturating_sub(front.width()));
    let fronts = std::iter::once(front.to_owned()).chain(std::iter::repeat(" ".repeat(front.width())));
    fronts.zip(rows).map(|(front, row)| (tone, format!("{front}{row}"))).collect()
}

fn columns(tone: Tone, name: &str, before: &str, now: &str, width: usize) -> Vec<(Tone, String)> {
    let column = (width - NAME - 4) / 2;
    let [before, now] = [before, now].map(|text| wrap(&safe(text), column));
    let at = |rows: &[String], i: usize| rows.get(i).cloned().unwrap_or_default();
    (0..before.len().max(now.len()))
        .map(|i| {
            let name = if i == 0 { name } else { "" };
            let mark = if i == 0 && tone == Tone::Odd { "≠" } else { " " };
            let (left, right) = (at(&before, i), at(&now, i));
            let blank = " ".repeat(column.saturating_sub(left.width()));
            (tone, format!("{name:NAME$}{left}{blank} {mark} {right}"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(line: Line, width: usize) -> Vec<String> {
        line.rows(width).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn an_indent_is_kept_and_a_name_has_its_column() {
        assert_eq!(texts(Line::Text(Tone::Plain, "  one two".into()), 6), ["  one", "  two"]);
        assert_eq!(
            texts(Line::Named("Org", Tone::Plain, "one two".into()), 14),
            ["Org       one", "          two"]
        );
    }

    #[test]
    fn a_comparison_stands_side_by_side_where_there_is_room() {
        let line = || Line::Compared("Kind", "sandbox".into(), "PRODUCTION".into());
        assert_eq!(texts(line(), 64), ["Kind      sandbox                   ≠ PRODUCTION"]);
        assert_eq!(texts(line(), 36), ["Kind      sandbox", "  ≠ now   PRODUCTION"]);
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_its_area(a: String, b: String, width in 14usize..90) {
            for line in [
                Line::Text(Tone::Plain, a.clone()),
                Line::Named("Edition", Tone::Plain, a.clone()),
                Line::Compared("Edition", a.clone(), b.clone()),
            ] {
                for row in texts(line, width) {
                    prop_assert!(row.width() <= width, "{row:?}");
                }
            }
        }
    }
}
