//! A flow's setup guide on the screen: cursor, scroll, and its rows as lines.
//!
//! What stands in the rows is `guide_rows`'; what is ticked and which clock runs the app remembers (`app::guides`).

use super::guide_rows::rows;
use crate::{
    app::{
        Action,
        panes::{moved_through, scrolled_to},
    },
    config::{Flow, ProfileField, ProfileForm, ProfileId},
    document::safe,
    format::wrap,
    workspace::guides::{AppKind, guide},
};
use std::{collections::HashSet, ops::Range};
use unicode_width::UnicodeWidthStr;

/// Where the texts of a guide begin: behind the box that is ticked.
pub const INDENT: u16 = 5;
/// The cells of a value's name, where the value stands beside it.
pub const LABEL: u16 = 18;

/// The guide on the screen.
#[derive(Debug)]
pub struct SetupGuide {
    /// For whom.
    pub whose: Whose,
    /// Of which flow.
    pub flow: Flow,
    /// With which kind of app; `None` where the flow needs none.
    pub app: Option<AppKind>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// The rows as lines of the screen's width.
    pub lines: Vec<Line>,
    /// The row of the cursor.
    pub cursor: usize,
    /// The first line on the screen.
    pub first: usize,
    /// The width that the lines are laid out for; nothing if the rows have changed since.
    laid_out: Option<usize>,
}

/// Whose values stand in a guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A profile's.
    Profile(ProfileId),
    /// Those of the form below it, saved or not.
    Form,
    /// Nobody's: it is read before there is a profile.
    Nobody,
}

/// One thing that the cursor can be on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The heading above it, where a part begins.
    pub heading: Option<&'static str>,
    /// What it is.
    pub kind: RowKind,
    /// In front of the text: the page of Setup, a field's name, a scope.
    pub lead: String,
    /// Its text.
    pub text: String,
    /// What one should know about it.
    pub why: Option<String>,
    /// What is copied here, and its name for the message.
    pub copy: Option<(String, &'static str)>,
}

/// What a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// What the flow is for.
    About,
    /// What stands against the flow or the kind of app.
    Warning,
    /// Something to do; it can be ticked off.
    Step {
        /// Its name.
        id: &'static str,
        /// It is ticked off.
        done: bool,
        /// From here on time counts.
        counts: bool,
    },
    /// Something to know.
    Know,
    /// A value of the profile, or a text to copy.
    Value {
        /// The profile's field.
        field: Option<ProfileField>,
        /// How it stands with it.
        state: ValueState,
    },
}

/// How it stands with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueState {
    /// It is there.
    There,
    /// The flow cannot do without it.
    Missing,
    /// It may be left out.
    Unset,
    /// It is there and cannot be right.
    Odd,
}

/// A line of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The row it belongs to.
    pub row: usize,
    /// Which of the row's lines.
    pub part: LinePart,
    /// Where its text begins.
    pub x: u16,
    /// The text, safe to draw.
    pub text: String,
    /// It begins within the quoted words of Setup.
    pub quoted: bool,
}

/// Which of a row's lines one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinePart {
    /// Between two parts of the guide.
    Blank,
    /// A part's heading.
    Heading,
    /// A value's name, where there is no room for both in one line.
    Label,
    /// The row's first line, with box and lead.
    First,
    /// A further one.
    More,
    /// What one should know.
    Why,
}

impl SetupGuide {
    /// A guide without its rows yet.
    pub fn new(whose: Whose, flow: Flow) -> Self {
        let (rows, lines) = (Vec::new(), Vec::new());
        Self { whose, flow, app: None, rows, lines, cursor: 0, first: 0, laid_out: None }
    }

    /// Puts the values and ticks in as they are now.
    pub fn fill(&mut self, form: &ProfileForm, app: Option<AppKind>, done: &HashSet<&'static str>) {
        let guide = guide(self.flow);
        self.app = app.filter(|app| guide.apps.contains(app)).or(guide.apps.first().copied());
        let first = self.rows.is_empty();
        let rows = rows(guide, self.app, form, done);
        if rows != self.rows {
            self.rows = rows;
            self.laid_out = None;
        }
        // Who comes back goes on where the work is.
        if first && self.progress().0 > 0 {
            let open = |row: &Row| matches!(row.kind, RowKind::Step { done: false, .. });
            self.cursor = self.rows.iter().position(open).unwrap_or(0);
        }
    }

    /// The row of the cursor.
    pub fn row(&self) -> Option<&Row> {
        self.rows.get(self.cursor)
    }

    /// The step of the cursor; on a value, the one that it belongs to.
    pub fn step(&self) -> Option<RowKind> {
        let mut before = self.rows.iter().take(self.cursor + 1).rev().map(|row| row.kind);
        let own = before.find(|kind| !matches!(kind, RowKind::Value { .. }))?;
        matches!(own, RowKind::Step { .. }).then_some(own)
    }

    /// How many steps are ticked off, and how many there are.
    pub fn progress(&self) -> (usize, usize) {
        let steps = self.rows.iter().filter_map(|row| match row.kind {
            RowKind::Step { done, .. } => Some(done),
            _ => None,
        });
        steps.fold((0, 0), |(done, all), ticked| (done + usize::from(ticked), all + 1))
    }

    /// Moves the cursor; through a row that is higher than the screen it scrolls first. False if the action is no
    /// movement.
    pub fn handle(&mut self, action: &Action, height: usize) -> bool {
        let (at, row) = ((self.cursor, self.first), self.lines_of(self.cursor));
        match moved_through(at, row, self.rows.len(), height, action) {
            Some(to) => (self.cursor, self.first) = to,
            None => return false,
        }
        true
    }

    /// The row of a line of the screen.
    pub fn row_at(&self, line: usize) -> Option<usize> {
        self.lines.get(self.first + line).map(|line| line.row)
    }

    /// Lays the rows out in that width and keeps the row of the cursor on the screen.
    pub fn settle(&mut self, width: usize, height: usize) {
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
        if self.laid_out != Some(width) {
            self.lines = lines(&self.rows, width);
            self.laid_out = Some(width);
        }
        self.first = scrolled_to(self.first, self.lines_of(self.cursor), self.lines.len(), height);
    }

    fn lines_of(&self, row: usize) -> Range<usize> {
        let start = self.lines.iter().position(|line| line.row == row).unwrap_or(0);
        let len = self.lines[start.min(self.lines.len())..].iter().take_while(|line| line.row == row).count();
        start..start + len
    }
}

fn lines(rows: &[Row], width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let mut quoted = false;
        let mut line = |part, x, text: String| {
            let inside = quoted;
            quoted = quotes(&text, inside).last().map_or(inside, |(_, open)| *open);
            lines.push(Line { row: i, part, x, text, quoted: inside });
        };
        if let Some(heading) = row.heading {
            line(LinePart::Blank, 0, String::new());
            line(LinePart::Heading, 1, heading.to_owned());
        }
        let (x, text) = begin(row, width);
        if is_narrow(width) && matches!(row.kind, RowKind::Value { .. }) && !row.lead.is_empty() {
            line(LinePart::Label, INDENT, row.lead.clone());
        }
        // One cell for the cursor's mark, one for the scrollbar.
        let room = |x: u16| width.saturating_sub(usize::from(x) + 1).max(1);
        for (n, text) in wrap(&safe(&text), room(x)).into_iter().enumerate() {
            line(if n == 0 { LinePart::First } else { LinePart::More }, x, text);
        }
        let x = x.min(row_indent(row));
        for text in row.why.iter().flat_map(|why| wrap(&safe(why), room(x))) {
            line(LinePart::Why, x, text);
        }
    }
    lines
}

/// Where in a line the words of Setup begin and end, in cells: each place, and whether they begin there.
pub fn quotes(line: &str, inside: bool) -> Vec<(usize, bool)> {
    let mut out = vec![(0, inside)];
    for (at, c) in line.char_indices().filter(|(_, c)| matches!(c, '“' | '”')) {
        let end = if c == '“' { at } else { at + c.len_utf8() };
        out.push((line[..end].width(), c == '“'));
    }
    out
}

fn row_indent(row: &Row) -> u16 {
    match row.kind {
        RowKind::About | RowKind::Warning => 3,
        _ => INDENT,
    }
}

/// Where a row's text begins, and the text with what stands in front of it in the same line.
fn begin(row: &Row, width: usize) -> (u16, String) {
    match row.kind {
        RowKind::Value { .. } if is_narrow(width) => (INDENT, row.text.clone()),
        RowKind::Value { .. } if !row.lead.is_empty() => (INDENT + LABEL, row.text.clone()),
        _ if row.lead.is_empty() => (row_indent(row), row.text.clone()),
        _ => (row_indent(row), format!("{} {}", row.lead, row.text)),
    }
}

/// Whether values stand below their names.
pub fn is_narrow(width: usize) -> bool {
    width < 60
}

/// The cells of a first line that its lead takes.
pub fn lead_width(row: &Row, line: &Line) -> u16 {
    let is_inline = matches!(row.kind, RowKind::Step { .. } | RowKind::Know);
    let lead = if is_inline { row.lead.width() } else { 0 };
    lead.min(line.text.width()) as u16
}
