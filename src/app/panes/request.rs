//! The request pane: a draft being composed. Row 0 is the URL, the rows below belong to the tab.

use super::{Handled, moved, scrolled};
use crate::{
    app::{
        Action,
        field::{Edit, Field},
    },
    workspace::{self, BodyKind, Draft, DraftProblem, Entry},
};

/// How many earlier drafts are kept.
const SHELF: usize = 50;

/// A part of the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// Query parameters.
    #[default]
    Params,
    /// Headers.
    Headers,
    /// The body.
    Body,
    /// What will be sent, variables filled in.
    Preview,
}

impl Tab {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Params, Self::Headers, Self::Body, Self::Preview];

    /// The tab's label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Params => "Params",
            Self::Headers => "Headers",
            Self::Body => "Body",
            Self::Preview => "Preview",
        }
    }
}

/// The two cells of a table's row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Column {
    /// The name.
    #[default]
    Name,
    /// The value.
    Value,
}

/// What is being written.
#[derive(Clone, Debug)]
pub enum Writing {
    /// The URL or a table's cell; it goes into the draft with every key.
    Line(Box<Field>),
    /// The body, in its own editor.
    Body,
}

/// The pane's state.
#[derive(Debug)]
pub struct RequestPane {
    /// The request as it is written.
    pub draft: Draft,
    /// The part that is shown.
    pub tab: Tab,
    /// The row of the cursor; 0 is the URL.
    pub row: usize,
    /// The cell of the cursor in a table.
    pub column: Column,
    /// The first of the tab's rows on the screen.
    pub first: usize,
    /// What is being written.
    pub writing: Option<Writing>,
    /// The body's editor.
    pub body: Field,
    /// Why it was not sent.
    pub problems: Vec<DraftProblem>,
    /// Earlier drafts, newest first.
    pub shelf: Vec<Draft>,
    /// The draft changed since this was last looked at.
    pub changed: bool,
}

impl Default for RequestPane {
    fn default() -> Self {
        Self::new(Draft::new(), Vec::new())
    }
}

impl RequestPane {
    /// A pane on a draft.
    pub fn new(draft: Draft, shelf: Vec<Draft>) -> Self {
        Self {
            body: Field::lines_of(&draft.body),
            tab: first_tab(&draft),
            draft,
            row: 0,
            column: Column::Name,
            first: 0,
            writing: None,
            problems: Vec::new(),
            shelf,
            changed: false,
        }
    }

    /// Puts another draft here; the present one goes to the shelf if anything was written.
    pub fn open(&mut self, draft: Draft) {
        let mut shelf = std::mem::take(&mut self.shelf);
        let old = std::mem::take(&mut self.draft);
        shelf.retain(|kept| *kept != old && *kept != draft);
        if !old.url.is_empty() || !old.body.is_empty() {
            shelf.insert(0, old);
            shelf.truncate(SHELF);
        }
        *self = Self { changed: true, ..Self::new(draft, shelf) };
    }

    /// Changes the draft where it stands: tab and row stay, and it does not go to the shelf.
    pub fn change_to(&mut self, draft: Draft) {
        if draft.body != self.draft.body {
            self.body.paste_over(&draft.body);
        }
        self.draft = draft;
        self.writing = None;
        self.problems.clear();
        self.changed = true;
    }

    /// The table of the tab, if the tab is one.
    pub fn entries(&self) -> Option<&Vec<Entry>> {
        match (self.tab, self.draft.body_kind) {
            (Tab::Params, _) => Some(&self.draft.params),
            (Tab::Headers, _) => Some(&self.draft.headers),
            (Tab::Body, BodyKind::Form) => Some(&self.draft.form),
            _ => None,
        }
    }

    fn entries_mut(&mut self) -> Option<&mut Vec<Entry>> {
        match (self.tab, self.draft.body_kind) {
            (Tab::Params, _) => Some(&mut self.draft.params),
            (Tab::Headers, _) => Some(&mut self.draft.headers),
            (Tab::Body, BodyKind::Form) => Some(&mut self.draft.form),
            _ => None,
        }
    }

    /// Whether the tab is the body's editor.
    pub fn has_editor(&self) -> bool {
        self.tab == Tab::Body && !matches!(self.draft.body_kind, BodyKind::None | BodyKind::Form)
    }

    /// Rows of the cursor: the URL and the tab's. A table has one more, where a new row begins.
    pub fn rows(&self) -> usize {
        1 + self.entries().map_or(1, |entries| entries.len() + 1)
    }

    /// The line being written, if it is one.
    pub fn line(&self) -> Option<&Field> {
        match &self.writing {
            Some(Writing::Line(field)) => Some(field),
            _ => None,
        }
    }

    /// The text being written.
    pub fn field_mut(&mut self) -> Option<&mut Field> {
        match &mut self.writing {
            Some(Writing::Line(field)) => Some(field),
            Some(Writing::Body) => Some(&mut self.body),
            None => None,
        }
    }

    /// Carries out what concerns this pane alone.
    pub fn handle(&mut self, action: &Action, page: usize) -> Handled {
        if self.writing.is_some() {
            return self.handle_writing(action);
        }
        match action {
            Action::Left => self.column = Column::Name,
            Action::Right => self.column = Column::Value,
            Action::NextTab => self.turn(1),
            Action::PreviousTab => self.turn(Tab::ALL.len() - 1),
            Action::Tab(index) => self.show(Tab::ALL[(*index).min(Tab::ALL.len() - 1)]),
            Action::BeginEditing | Action::Enter => return self.begin(),
            Action::EditUrl => {
                self.row = 0;
                return self.begin();
            }
            Action::AddRow => self.add_row(),
            Action::DeleteRow => self.delete_row(),
            Action::ToggleRow => self.toggle_row(),
            Action::SetMethod(method) => self.change(|draft| draft.method.clone_from(method)),
            Action::SetBody(kind) => {
                self.change(|draft| draft.body_kind = *kind);
                self.show(Tab::Body);
            }
            _ => return self.travel(action, page),
        }
        Handled::Yes
    }

    fn travel(&mut self, action: &Action, page: usize) -> Handled {
        if self.tab == Tab::Preview && self.row > 0 {
            let line = match action {
                Action::Up if self.first == 0 => None,
                Action::Up => Some(self.first - 1),
                Action::Down => Some(self.first + 1),
                Action::PageUp => Some(self.first.saturating_sub(page)),
                Action::PageDown => Some(self.first + page),
                _ => None,
            };
            if let Some(line) = line {
                self.first = line;
                return Handled::Yes;
            }
        }
        let Some(row) = moved(self.row, self.rows(), page, action) else { return Handled::No };
        self.row = row;
        Handled::Yes
    }

    fn handle_writing(&mut self, action: &Action) -> Handled {
        match action {
            Action::Edit(edit) => self.edit(*edit),
            Action::Back => self.writing = None,
            Action::Enter if self.row > 0 && self.column == Column::Name && self.entries().is_some() => {
                self.write_cell(Column::Value);
            }
            Action::Enter => self.writing = None,
            Action::NextField => self.next_cell(),
            Action::PreviousField => self.previous_cell(),
            _ => return Handled::No,
        }
        Handled::Yes
    }

    fn edit(&mut self, edit: Edit) {
        if let Some(field) = self.field_mut() {
            field.edit(edit);
        }
        self.keep_text();
    }

    /// Puts a pasted text where the cursor is. False if it is too long for the editor.
    pub fn paste(&mut self, text: &str) -> bool {
        let fits = self.field_mut().is_none_or(|field| field.paste(text));
        self.keep_text();
        fits
    }

    /// Replaces the body by what an editor outside made of it.
    pub fn set_body(&mut self, text: &str) -> bool {
        let fits = self.body.paste_over(text);
        if fits {
            self.draft.body = self.body.text();
            self.changed = true;
        }
        fits
    }

    /// What is being written is in the draft after every key, so that nothing can be lost.
    fn keep_text(&mut self) {
        let text = match &self.writing {
            Some(Writing::Line(field)) => field.text(),
            Some(Writing::Body) => self.body.text(),
            None => return,
        };
        let (row, column, in_body) = (self.row, self.column, matches!(self.writing, Some(Writing::Body)));
        let slot = if in_body {
            Some(&mut self.draft.body)
        } else if row == 0 {
            Some(&mut self.draft.url)
        } else {
            self.entries_mut().and_then(|entries| entries.get_mut(row - 1)).map(|entry| match column {
                Column::Name => &mut entry.name,
                Column::Value => &mut entry.value,
            })
        };
        if let Some(slot) = slot
            && *slot != text
        {
            *slot = text;
            self.changed = true;
            self.problems.clear();
        }
    }

    fn change(&mut self, f: impl FnOnce(&mut Draft)) {
        f(&mut self.draft);
        self.changed = true;
        self.problems.clear();
    }

    fn turn(&mut self, by: usize) {
        let at = Tab::ALL.iter().position(|t| *t == self.tab).unwrap_or(0);
        self.show(Tab::ALL[(at + by) % Tab::ALL.len()]);
    }

    /// Shows a tab.
    pub fn show(&mut self, tab: Tab) {
        if self.tab != tab {
            self.tab = tab;
            self.row = self.row.min(1);
            self.first = 0;
        }
    }

    fn begin(&mut self) -> Handled {
        if self.row == 0 {
            self.writing = Some(Writing::Line(Box::new(Field::line(&self.draft.url))));
        } else if self.has_editor() {
            self.writing = Some(Writing::Body);
        } else if let Some(entries) = self.entries() {
            if self.row > entries.len() {
                self.add_row();
            } else {
                self.write_cell(self.column);
            }
        } else {
            return Handled::No;
        }
        Handled::Yes
    }

    fn write_cell(&mut self, column: Column) {
        self.column = column;
        let Some(entry) = self.entries().and_then(|entries| entries.get(self.row.checked_sub(1)?)) else {
            return;
        };
        let text = if column == Column::Name { &entry.name } else { &entry.value };
        self.writing = Some(Writing::Line(Box::new(Field::line(text))));
    }

    fn next_cell(&mut self) {
        if self.row == 0 {
            self.row = 1;
            self.column = Column::Name;
            self.writing = None;
            if self.entries().is_some_and(|e| !e.is_empty()) || self.has_editor() {
                self.begin();
            }
        } else if self.column == Column::Name {
            self.write_cell(Column::Value);
        } else if self.entries().is_some_and(|entries| self.row < entries.len()) {
            self.row += 1;
            self.write_cell(Column::Name);
        } else {
            self.writing = None;
        }
    }

    fn previous_cell(&mut self) {
        if self.row == 0 {
            self.writing = None;
        } else if self.has_editor() || (self.row == 1 && self.column == Column::Name) {
            self.row = 0;
            self.writing = None;
            self.begin();
        } else if self.column == Column::Value {
            self.write_cell(Column::Name);
        } else {
            self.row -= 1;
            self.write_cell(Column::Value);
        }
    }

    fn add_row(&mut self) {
        let Some(entries) = self.entries_mut() else { return };
        entries.push(Entry::new("", ""));
        self.row = entries.len();
        self.changed = true;
        self.write_cell(Column::Name);
    }

    fn delete_row(&mut self) {
        let row = self.row;
        let Some(entries) = self.entries_mut() else { return };
        if row > 0 && row <= entries.len() {
            entries.remove(row - 1);
            self.changed = true;
            self.problems.clear();
        }
    }

    fn toggle_row(&mut self) {
        let row = self.row;
        if let Some(entry) = self.entries_mut().and_then(|entries| entries.get_mut(row.checked_sub(1)?)) {
            entry.on = !entry.on;
            self.changed = true;
            self.problems.clear();
        }
    }

    /// Says why it was not sent, and puts the cursor where that is.
    pub fn refuse(&mut self, problems: Vec<DraftProblem>) {
        self.writing = None;
        if let Some(first) = problems.first() {
            let (tab, row) = match first.field {
                workspace::Field::Param(i) => (Tab::Params, i + 1),
                workspace::Field::Header(i) => (Tab::Headers, i + 1),
                workspace::Field::FormRow(i) => (Tab::Body, i + 1),
                workspace::Field::Body => (Tab::Body, 1),
                _ => (self.tab, 0),
            };
            self.show(tab);
            self.row = row;
        }
        self.problems = problems;
    }

    /// What was wrong with a row.
    pub fn problem_at(&self, row: usize) -> Option<&DraftProblem> {
        self.problems.iter().find(|problem| match problem.field {
            workspace::Field::Param(i) => self.tab == Tab::Params && row == i + 1,
            workspace::Field::Header(i) => self.tab == Tab::Headers && row == i + 1,
            workspace::Field::FormRow(i) => self.tab == Tab::Body && row == i + 1,
            workspace::Field::Body => self.tab == Tab::Body && row == 1,
            _ => row == 0,
        })
    }

    /// What stops the sending, for the row of the cursor first.
    pub fn problem_text(&self) -> Option<String> {
        let problem = self.problem_at(self.row).or(self.problems.first())?;
        (self.tab != Tab::Preview).then(|| format!("✗ {problem}"))
    }

    /// Keeps cursor and scroll within what is shown; `height` is that of the tab's area.
    pub fn settle(&mut self, width: usize, height: usize, preview: usize) {
        self.row = self.row.min(self.rows() - 1);
        if self.tab == Tab::Preview {
            self.first = self.first.min(preview.saturating_sub(height));
        } else if self.entries().is_some() {
            self.first = scrolled(self.first, self.row.saturating_sub(1), self.rows() - 1, height);
        }
        if self.has_editor() {
            self.body.show_cursor(width.saturating_sub(5), height);
        }
    }
}

/// The part of a draft that a person wants to see first.
fn first_tab(draft: &Draft) -> Tab {
    if draft.body_kind != BodyKind::None { Tab::Body } else { Tab::Params }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pane: &mut RequestPane, text: &str) {
        for c in text.chars() {
            pane.handle(&Action::Edit(Edit::Insert(c)), 10);
        }
    }

    #[test]
    fn every_key_is_in_the_draft_at_once() {
        let mut pane = RequestPane::default();
        pane.handle(&Action::EditUrl, 10);
        typed(&mut pane, "limits");
        assert_eq!(pane.draft.url, "limits");
        assert!(pane.changed);
    }

    #[test]
    fn a_row_is_written_name_then_value() {
        let mut pane = RequestPane::default();
        pane.handle(&Action::AddRow, 10);
        typed(&mut pane, "q");
        pane.handle(&Action::Enter, 10);
        typed(&mut pane, "SELECT Id FROM Account");
        pane.handle(&Action::Enter, 10);
        assert_eq!(pane.draft.params, [Entry::new("q", "SELECT Id FROM Account")]);
        assert!(pane.writing.is_none());
    }

    #[test]
    fn another_draft_leaves_the_old_one_on_the_shelf_once() {
        let mut pane = RequestPane::default();
        let first = Draft { url: "limits".into(), ..Draft::new() };
        let second = Draft { url: "sobjects".into(), ..Draft::new() };
        pane.open(first.clone());
        pane.open(second.clone());
        pane.open(first);
        assert_eq!(pane.shelf, [second]);
    }

    #[test]
    fn a_deleted_row_takes_nothing_else_along() {
        let mut pane = RequestPane::default();
        pane.draft.params = vec![Entry::new("a", "1"), Entry::new("b", "2")];
        pane.row = 1;
        pane.handle(&Action::DeleteRow, 10);
        assert_eq!(pane.draft.params, [Entry::new("b", "2")]);
    }
}
