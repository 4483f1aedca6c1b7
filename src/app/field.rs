//! Text being written: one line or many. The model is tui-textarea's (undo, selection, words); its drawing
//! and its own shortcuts are not used, so that the keymap's table is the only one.

use tui_textarea::{CursorMove, TextArea};

/// A body longer than this belongs in a file: the editor keeps every line apart and redraws by lines.
pub const LONGEST: usize = 256 * 1024;

/// A change of the text or of the cursor, as the keymap names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Put a character.
    Insert(char),
    /// Move the cursor; with `select`, take the text along.
    Move {
        /// Where to.
        to: Motion,
        /// Whether the selection grows.
        select: bool,
    },
    /// Delete up to there.
    Delete(Motion),
    /// Begin a new line.
    Newline,
    /// Put blanks up to the next stop.
    Indent,
    /// Take the last change back.
    Undo,
    /// Make it again.
    Redo,
    /// Put what was deleted last.
    Yank,
    /// Select everything.
    SelectAll,
}

/// A place relative to the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Motion {
    /// One character left.
    Left,
    /// One character right.
    Right,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// The beginning of the word.
    WordLeft,
    /// The beginning of the next word.
    WordRight,
    /// The beginning of the line.
    LineStart,
    /// The end of the line.
    LineEnd,
    /// The beginning of the text.
    Start,
    /// The end of the text.
    End,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
}

/// A text field.
#[derive(Clone, Debug)]
pub struct Field {
    area: TextArea<'static>,
    multiline: bool,
    /// First line and first column on the screen; kept by [`Field::show_cursor`].
    pub scroll: (usize, usize),
    rows: usize,
}

impl Field {
    /// A field of one line.
    pub fn line(text: &str) -> Self {
        Self::new(text, false)
    }

    /// A field of many lines.
    pub fn lines_of(text: &str) -> Self {
        Self::new(text, true)
    }

    fn new(text: &str, multiline: bool) -> Self {
        let lines = if multiline {
            text.split('\n').map(|line| line.trim_end_matches('\r').to_owned()).collect()
        } else {
            vec![one_line(text)]
        };
        let mut area = TextArea::new(lines);
        area.set_tab_length(2);
        if !multiline {
            area.move_cursor(CursorMove::End);
        }
        Self { area, multiline, scroll: (0, 0), rows: 1 }
    }

    /// The whole text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// The lines.
    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    /// The cursor's line and column, in characters.
    pub fn cursor(&self) -> (usize, usize) {
        let at = self.area.cursor();
        (at.0, at.1)
    }

    /// Puts the cursor on a line and a column, both in characters from nought; behind the last where there are fewer.
    pub fn go_to(&mut self, line: usize, column: usize) {
        let at = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(at(line), at(column)));
    }

    /// The selection's ends, in lines and characters.
    pub fn selection(&self) -> Option<((usize, usize), (usize, usize))> {
        self.area.selection_range()
    }

    /// Replaces the text; the change can be undone. False if it is over [`LONGEST`], and then nothing changes.
    pub fn paste_over(&mut self, text: &str) -> bool {
        if text.len() > LONGEST {
            return false;
        }
        self.area.select_all();
        self.insert(text);
        true
    }

    /// Puts a pasted text at the cursor; line ends become blanks in a field of one line. False if it would grow
    /// over [`LONGEST`], and then nothing changes.
    pub fn paste(&mut self, text: &str) -> bool {
        let have: usize = self.area.lines().iter().map(|line| line.len() + 1).sum();
        if have + text.len() > LONGEST {
            return false;
        }
        self.insert(text);
        true
    }

    fn insert(&mut self, text: &str) {
        let text =
            if self.multiline { text.replace("\r\n", "\n").replace('\r', "\n") } else { one_line(text) };
        if text.is_empty() {
            if self.area.is_selecting() {
                self.area.delete_char();
            }
        } else {
            self.area.insert_str(text);
        }
    }

    /// Carries out one edit. False if it means nothing in this field.
    pub fn edit(&mut self, edit: Edit) -> bool {
        match edit {
            Edit::Insert(c) => self.area.insert_char(c),
            Edit::Newline if self.multiline => self.area.insert_newline(),
            Edit::Indent if self.multiline => {
                self.area.insert_tab();
            }
            Edit::Newline | Edit::Indent => return false,
            Edit::Undo => {
                self.area.undo();
            }
            Edit::Redo => {
                self.area.redo();
            }
            Edit::Yank => {
                self.area.paste();
            }
            Edit::SelectAll => self.area.select_all(),
            Edit::Move { to, select } => self.go(to, select),
            Edit::Delete(to) => self.delete(to),
        }
        true
    }

    fn go(&mut self, to: Motion, select: bool) {
        match (select, self.area.is_selecting()) {
            (true, false) => self.area.start_selection(),
            (false, true) => self.area.cancel_selection(),
            _ => {}
        }
        let (line, column) = self.cursor();
        let page = |lines: usize| CursorMove::Jump(lines.min(usize::from(u16::MAX)) as u16, column as u16);
        self.area.move_cursor(match to {
            Motion::Left => CursorMove::Back,
            Motion::Right => CursorMove::Forward,
            Motion::Up => CursorMove::Up,
            Motion::Down => CursorMove::Down,
            Motion::WordLeft => CursorMove::WordBack,
            Motion::WordRight => CursorMove::WordForward,
            Motion::LineStart => CursorMove::Head,
            Motion::LineEnd => CursorMove::End,
            Motion::Start => CursorMove::Top,
            Motion::End => CursorMove::Bottom,
            Motion::PageUp => page(line.saturating_sub(self.rows)),
            Motion::PageDown => page(line + self.rows),
        });
    }

    fn delete(&mut self, to: Motion) {
        if self.area.is_selecting() {
            self.area.cut();
            return;
        }
        match to {
            Motion::Left => self.area.delete_char(),
            Motion::Right => self.area.delete_next_char(),
            Motion::WordLeft => self.area.delete_word(),
            Motion::WordRight => self.area.delete_next_word(),
            Motion::LineStart => self.area.delete_line_by_head(),
            Motion::LineEnd => self.area.delete_line_by_end(),
            _ => false,
        };
    }

    /// Scrolls so that the cursor is seen in an area of that size, in cells.
    pub fn show_cursor(&mut self, width: usize, height: usize) {
        self.rows = height.max(1);
        let (line, column) = self.cursor();
        let text = self.area.lines().get(line).map_or("", String::as_str);
        let at = cells_before(text, column);
        self.scroll.0 = keep(self.scroll.0, line, height.max(1));
        self.scroll.1 = keep(self.scroll.1, at, width.max(1));
    }
}

/// The cells that the first `column` characters of a line take.
pub fn cells_before(line: &str, column: usize) -> usize {
    use unicode_width::UnicodeWidthChar;
    line.chars().take(column).map(|c| c.width().unwrap_or(1)).sum()
}

fn keep(first: usize, at: usize, seen: usize) -> usize {
    if at < first { at } else { first.max((at + 1).saturating_sub(seen)) }
}

fn one_line(text: &str) -> String {
    let flat = text.trim_end_matches(['\r', '\n']).replace("\r\n", " ");
    flat.replace(['\r', '\n', '\t'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_a_line() {
        let mut field = Field::line("SELECT Id");
        field.paste("\r\nFROM Account\n");
        assert_eq!(field.text(), "SELECT Id FROM Account");
        assert!(!field.edit(Edit::Newline));
    }

    #[test]
    fn replacing_can_be_undone_and_empties() {
        let mut field = Field::lines_of("one\ntwo");
        field.paste_over("three");
        assert_eq!(field.text(), "three");
        field.edit(Edit::Undo);
        field.paste_over("");
        assert_eq!(field.text(), "");
    }

    #[test]
    fn what_is_too_long_changes_nothing() {
        let mut field = Field::lines_of("kept");
        assert!(!field.paste(&"x".repeat(LONGEST)));
        assert_eq!(field.text(), "kept");
    }

    #[test]
    fn the_cursor_is_always_seen() {
        let mut field = Field::line(&"日本語".repeat(40));
        field.show_cursor(10, 1);
        assert_eq!(field.scroll.1, 240 + 1 - 10);
        field.edit(Edit::Move { to: Motion::LineStart, select: false });
        field.show_cursor(10, 1);
        assert_eq!(field.scroll.1, 0);
    }
}
