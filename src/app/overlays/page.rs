//! A text to be read in a box: sentences of different weight, wrapped, scrolled where there is little room.

use crate::{
    app::{
        Action,
        panes::{moved, scrolled},
    },
    document::safe,
    format::wrap,
};

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

/// The lines and how far they are scrolled.
#[derive(Debug, Default)]
pub struct Page {
    /// What is said, each in as many rows as it needs.
    pub lines: Vec<(Tone, String)>,
    /// The first row on the screen.
    pub first: usize,
}

impl Page {
    /// From its beginning.
    pub fn new(lines: Vec<(Tone, String)>) -> Self {
        Self { lines, first: 0 }
    }

    /// The rows for an area of that width, safe to draw. A line's own indent is kept in the rows that follow its first.
    pub fn rows(&self, width: u16) -> Vec<(Tone, String)> {
        // One cell at each side: a blank, and the scrollbar.
        let width = width.saturating_sub(2);
        let rows = self.lines.iter().flat_map(|(tone, text)| {
            let text = safe(text);
            let indent = " ".repeat(text.len() - text.trim_start_matches(' ').len());
            let room = usize::from(width).saturating_sub(indent.len());
            let lines = wrap(text.trim_start_matches(' '), room);
            lines.into_iter().map(move |line| (*tone, format!("{indent}{line}"))).collect::<Vec<_>>()
        });
        rows.collect()
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
