//! Small things that panes and overlays are drawn with.

mod chart;
mod editor;

pub use crate::format::wrap;
pub use chart::{columns, draw_columns, draw_meter, meter};
pub use editor::{Painted, draw_line, draw_lines};

use super::{Look, theme::Theme};
use crate::{app::field::Field, document::safe};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    symbols::border,
    widgets::{Block, BorderType, Clear, Widget},
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Puts text into a row, made safe and cut to `width` cells with `…`. Returns the cells it took.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, width: u16, text: &str, style: impl Into<Style>) -> u16 {
    if width == 0 || y >= buffer.area.bottom() || x >= buffer.area.right() {
        return 0;
    }
    let text = cut(&safe(text), usize::from(width));
    let (end, _) = buffer.set_stringn(x, y, text, usize::from(width), style.into());
    end - x
}

/// The text cut to `width` cells; a cut is marked by `…`.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    if width == 0 {
        return String::new();
    }
    let mut out = String::new();
    for grapheme in text.graphemes(true) {
        let before = out.len();
        out.push_str(grapheme);
        // Measured together: a text can be wider than its characters one by one.
        if out.width() >= width {
            out.truncate(before);
            break;
        }
    }
    out.push('…');
    out
}

/// Puts wrapped text into an area; returns the rows it took.
pub fn put_wrapped(buffer: &mut Buffer, area: Rect, text: &str, style: impl Into<Style>) -> u16 {
    let style = style.into();
    let mut y = area.y;
    let lines = text.split('\n').flat_map(|line| wrap(&safe(line), usize::from(area.width)));
    for line in lines {
        if y >= area.bottom() {
            break;
        }
        put(buffer, area.x, y, area.width, &line, style);
        y += 1;
    }
    y - area.y
}

/// A pane's border with its title. Production has double lines and the word; the focus has a marker and a
/// reversed title, so that neither hangs on colour.
pub fn frame(buffer: &mut Buffer, area: Rect, title: &str, right: &str, focused: bool, look: &Look<'_>) {
    let theme = look.theme;
    let style: Style = match (look.production, focused) {
        (true, _) => theme.production.into(),
        (false, true) => theme.border_focused.into(),
        (false, false) => theme.border.into(),
    };
    let kind = if look.production { BorderType::Double } else { BorderType::Rounded };
    Block::bordered().border_type(kind).border_style(style).render(area, buffer);
    if area.width < 4 {
        return;
    }
    let mut room = area.width - 3;
    let mut x = area.x + 1;
    if look.production {
        let took = put(buffer, x, area.y, room, " PROD ", theme.production_word);
        x += took;
        room -= took;
    }
    let title_style: Style = match (focused, look.production) {
        (true, _) => theme.title_focused.into(),
        (false, true) => theme.production.into(),
        (false, false) => theme.title.into(),
    };
    let title = if focused { format!("▸{title} ") } else { format!("─{title} ") };
    let took = put(buffer, x, area.y, room, &title, title_style);
    if !right.is_empty() && took < room {
        put(buffer, x + took, area.y, room - took, &format!("─ {right} "), style);
    }
}

/// Clears a box in the middle and draws its border.
pub fn boxed(buffer: &mut Buffer, area: Rect, title: &str, production: bool, theme: &Theme) {
    Clear.render(area, buffer);
    buffer.set_style(area, Style::from(theme.text));
    let style: Style = if production { theme.production.into() } else { theme.border_focused.into() };
    let set = if production { border::DOUBLE } else { border::ROUNDED };
    Block::bordered().border_set(set).border_style(style).render(area, buffer);
    if area.width < 4 {
        return;
    }
    let mut x = area.x + 1;
    if production {
        x += put(buffer, x, area.y, area.width - 2, " PRODUCTION ", theme.production_word);
    }
    put(buffer, x, area.y, area.right().saturating_sub(x + 1), &format!(" {title} "), theme.title_focused);
}

/// Marks the row of a list's cursor: a bar in front, and a look that does not hang on colour.
pub fn mark_row(buffer: &mut Buffer, row: Rect, focused: bool, theme: &Theme) {
    let look = if focused { theme.selected } else { theme.selected_unfocused };
    buffer.set_style(row, Style::from(look));
    put(buffer, row.x, row.y, 1, "▌", theme.accent);
}

/// A bar at the right edge that tells where in a long list the screen is.
pub fn scrollbar(buffer: &mut Buffer, area: Rect, first: u64, len: u64, theme: &Theme) {
    let height = u64::from(area.height);
    if len <= height || height < 2 || area.width == 0 {
        return;
    }
    let thumb = (height * height / len).clamp(1, height);
    let top = first * (height - thumb) / (len - height).max(1);
    for i in 0..area.height {
        let inside = u64::from(i) >= top && u64::from(i) < top + thumb;
        let (symbol, style) = if inside { ("┃", theme.accent) } else { ("│", theme.muted) };
        put(buffer, area.right() - 1, area.y + i, 1, symbol, style);
    }
}

/// A row of tabs; the chosen one is marked by brackets too.
pub fn tabs(buffer: &mut Buffer, row: Rect, names: &[&str], chosen: usize, theme: &Theme) {
    let widths: Vec<u16> = names.iter().map(|name| name.width() as u16).collect();
    for (i, area) in crate::app::layout::labels(row, &widths, chosen) {
        let (text, style) = if i == chosen {
            (format!("[{}]", names[i]), theme.tab_chosen)
        } else {
            (format!(" {} ", names[i]), theme.tab)
        };
        put(buffer, area.x, area.y, area.width, &text, style);
    }
}

/// A filter or a prompt: a mark, then the line being written.
pub fn prompt(buffer: &mut Buffer, row: Rect, mark: &str, field: &Field, theme: &Theme) {
    let took = put(buffer, row.x, row.y, row.width, mark, theme.accent);
    let rest = Rect { x: row.x + took, width: row.width.saturating_sub(took), ..row };
    draw_line(buffer, rest, field, theme, &|_| Vec::new());
}

/// The spinner's picture at a moment since the job began.
pub fn spinner(elapsed: std::time::Duration) -> char {
    const FRAMES: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
    FRAMES[(elapsed.as_millis() / 100) as usize % FRAMES.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(text: String, width in 0usize..40) {
            prop_assert!(cut(&text, width).width() <= width);
            for line in wrap(&text, width.max(2)) {
                prop_assert!(line.width() <= width.max(2));
            }
        }
    }

    #[test]
    fn a_cut_is_marked() {
        assert_eq!(cut("Salesforce", 6), "Sales…");
        assert_eq!(cut("日本語", 4), "日…");
    }
}
