//! The panes' own state and the keys that concern nothing else. What touches more than one pane is a method
//! of [`super::App`].

pub mod hints;
pub mod request;
pub mod response;
pub mod token;
mod token_request;

/// What became of an action that a pane was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled {
    /// The pane has done it.
    Yes,
    /// It means nothing here.
    No,
}

/// Cursor and scroll of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListCursor {
    /// The row of the cursor.
    pub cursor: usize,
    /// The first row on the screen.
    pub first: usize,
}

impl ListCursor {
    /// Moves as an action says, in a list of `len` rows.
    pub fn handle(&mut self, action: &super::Action, len: usize, page: usize) -> Handled {
        match moved(self.cursor, len, page, action) {
            Some(at) => {
                self.cursor = at;
                Handled::Yes
            }
            None => Handled::No,
        }
    }

    /// Keeps cursor and scroll within the list.
    pub fn settle(&mut self, len: usize, height: usize) {
        self.cursor = self.cursor.min(len.saturating_sub(1));
        self.first = scrolled(self.first, self.cursor, len, height);
    }
}

/// Moves an index in a list of `len` rows as an action says; `None` if the action is no movement.
pub fn moved(at: usize, len: usize, page: usize, action: &super::Action) -> Option<usize> {
    use super::Action;
    let last = len.saturating_sub(1);
    let page = page.max(1);
    Some(match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(last),
        Action::PageUp => at.saturating_sub(page),
        Action::PageDown => (at + page).min(last),
        Action::Top => 0,
        Action::Bottom => last,
        Action::Row(row) => (*row).min(last),
        _ => return None,
    })
}

/// Moves the cursor in a list whose rows have several lines; through a row that is higher than the screen it scrolls
/// first. `row` is the row of the cursor, in lines. Answers with cursor and first line; `None` if the action is no
/// movement.
pub fn moved_through(
    (at, first): (usize, usize),
    row: std::ops::Range<usize>,
    len: usize,
    height: usize,
    action: &super::Action,
) -> Option<(usize, usize)> {
    use super::Action;
    let step = height.saturating_sub(1).max(1);
    match action {
        Action::Down if row.end > first + height => Some((at, (first + step).min(row.end - height))),
        Action::Up if row.start < first => Some((at, first.saturating_sub(step).max(row.start))),
        _ => moved(at, len, (height / 3).max(1), action).map(|at| (at, first)),
    }
}

/// The first line on the screen that keeps a row of several lines on it; of one that is higher, a part.
pub fn scrolled_to(first: usize, row: std::ops::Range<usize>, lines: usize, height: usize) -> usize {
    if row.len() > height {
        return first.clamp(row.start, row.end - height);
    }
    let shown = scrolled(first, row.start, lines, height);
    scrolled(shown, row.end.saturating_sub(1), lines, height)
}

/// The first row on the screen that keeps row `at` on it.
pub fn scrolled(first: usize, at: usize, len: usize, height: usize) -> usize {
    let first = first.min(len.saturating_sub(height));
    if at < first { at } else { first.max((at + 1).saturating_sub(height)) }
}
