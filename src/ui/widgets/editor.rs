//! Draws the text of a [`Field`]: its lines, its selection, its cursor.
//!
//! The editing widget's own drawing is not used: it keeps scroll state between frames and cannot colour parts
//! of a line.

use super::put;
use crate::{
    app::field::{Field, cells_before},
    document::is_hidden,
    ui::theme::Theme,
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style},
};
use unicode_width::UnicodeWidthChar;

/// Characters of a line from one column up to another, and their style.
pub type Painted = (std::ops::Range<usize>, Style);

/// Draws a field of one line, with its cursor.
pub fn draw_line(
    buffer: &mut Buffer,
    row: Rect,
    field: &Field,
    theme: &Theme,
    paint: &dyn Fn(&str) -> Vec<Painted>,
) {
    let line = field.lines().first().map_or("", String::as_str);
    // The field keeps its scroll for the area the app gave it; what is drawn here may be narrower.
    let at = cells_before(line, field.cursor().1);
    let left = field.scroll.1.max((at + 1).saturating_sub(usize::from(row.width))).min(at);
    draw_text(buffer, row, line, left, theme, paint);
    draw_selection(buffer, row, field, 0, left, theme);
    draw_cursor(buffer, row, at, left, theme);
}

/// Draws a field of many lines with line numbers; the cursor only while it is being written.
pub fn draw_lines(
    buffer: &mut Buffer,
    area: Rect,
    field: &Field,
    writing: bool,
    theme: &Theme,
    paint: &dyn Fn(&str) -> Vec<Painted>,
) {
    const NUMBERS: u16 = 5;
    let (cursor_line, cursor_column) = field.cursor();
    let (top, left) = field.scroll;
    for (i, line) in field.lines().iter().enumerate().skip(top).take(usize::from(area.height)) {
        let y = area.y + (i - top) as u16;
        put(buffer, area.x, y, NUMBERS, &format!("{:>4} ", i + 1), theme.muted);
        let row = Rect { x: area.x + NUMBERS, y, width: area.width.saturating_sub(NUMBERS), height: 1 };
        draw_text(buffer, row, line, left, theme, paint);
        if writing {
            draw_selection(buffer, row, field, i, left, theme);
            if i == cursor_line {
                draw_cursor(buffer, row, cells_before(line, cursor_column), left, theme);
            }
        }
    }
}

fn draw_text(
    buffer: &mut Buffer,
    row: Rect,
    line: &str,
    left: usize,
    theme: &Theme,
    paint: &dyn Fn(&str) -> Vec<Painted>,
) {
    let painted = paint(line);
    let mut at = 0;
    for (i, c) in line.chars().enumerate() {
        let cells = c.width().unwrap_or(1);
        if at >= left && at + cells <= left + usize::from(row.width) {
            let x = row.x + (at - left) as u16;
            let style =
                painted.iter().find(|(range, _)| range.contains(&i)).map_or(Style::default(), |(_, s)| *s);
            let shown = if c == '\t' {
                ' '
            } else if is_hidden(c) {
                '�'
            } else {
                c
            };
            if let Some(cell) = buffer.cell_mut((x, row.y)).filter(|_| cells > 0) {
                cell.set_char(shown).set_style(style);
            }
        }
        at += cells;
        if at > left + usize::from(row.width) {
            let edge = row.right().saturating_sub(1);
            put(buffer, edge, row.y, 1, "…", theme.muted);
            break;
        }
    }
}

fn draw_selection(buffer: &mut Buffer, row: Rect, field: &Field, line: usize, left: usize, theme: &Theme) {
    let Some(((from_line, from), (to_line, to))) = field.selection() else { return };
    if line < from_line || line > to_line {
        return;
    }
    let text = &field.lines()[line];
    let start = if line == from_line { cells_before(text, from) } else { 0 };
    let end = if line == to_line { cells_before(text, to) } else { cells_before(text, usize::MAX) + 1 };
    let clip = |cell: usize| row.x + cell.saturating_sub(left).min(usize::from(row.width)) as u16;
    let (x, right) = (clip(start), clip(end));
    buffer.set_style(Rect { x, width: right - x, ..row }, Style::from(theme.selection));
}

/// The cursor is drawn, not the terminal's own: it is the same in every terminal and in every snapshot.
fn draw_cursor(buffer: &mut Buffer, row: Rect, at: usize, left: usize, theme: &Theme) {
    let Some(column) = at.checked_sub(left).filter(|c| *c < usize::from(row.width)) else { return };
    if let Some(cell) = buffer.cell_mut((row.x + column as u16, row.y)) {
        cell.modifier.remove(Modifier::REVERSED);
        cell.set_style(theme.cursor.style());
    }
}
