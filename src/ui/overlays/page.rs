//! A text to be read, in its area of a box.

use crate::{
    app::overlays::page::{Page, Tone},
    ui::{
        theme::Theme,
        widgets::{put, scrollbar},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Draws the rows that are on the screen.
pub fn draw(page: &Page, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let rows = page.rows(area.width);
    for (y, (tone, text)) in (area.y..area.bottom()).zip(rows.iter().skip(page.first)) {
        put(buffer, area.x + 1, y, area.width.saturating_sub(2), text, style(*tone, theme));
    }
    scrollbar(buffer, area, page.first as u64, rows.len() as u64, theme);
}

/// The look of a line.
pub fn style(tone: Tone, theme: &Theme) -> Style {
    match tone {
        Tone::Plain => theme.text.into(),
        Tone::Muted => theme.muted.into(),
        Tone::Strong => theme.accent.into(),
        Tone::Good => theme.good.into(),
        Tone::Odd => theme.odd.into(),
        Tone::Bad => theme.bad.into(),
        Tone::Production => theme.production_word.into(),
    }
}
