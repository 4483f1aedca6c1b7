//! The box of a job that waits for a person.

use super::{draw_masked, padded, page};
use crate::{
    app::{
        App,
        layout::{cut_bottom, cut_left, cut_top},
        overlays::{geometry::Parts, login::LoginBox},
    },
    ui::{
        Look,
        widgets::{put, put_wrapped, spinner},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use unicode_width::UnicodeWidthStr;

/// Draws its inside: how long is waited, what is said, and the field or the code.
pub fn draw(app: &App, login: &LoginBox, look: &Look<'_>, buffer: &mut Buffer, parts: Parts) {
    let head = padded(parts.head);
    if let Some(job) = app.jobs.get(login.job) {
        let mark = spinner(job.elapsed(look.now));
        let text = format!("{mark} {}", login.status(look.now.mono));
        put(buffer, head.x, head.y, head.width, &text, look.theme.odd);
    }
    page::draw(&login.page, look.theme, buffer, parts.list);
    let foot = cut_bottom(padded(parts.foot), 3).1;
    if login.takes_text() {
        draw_field(login, look, buffer, foot);
    } else {
        draw_code(login.other().0, look, buffer, foot);
    }
}

fn draw_field(login: &LoginBox, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = look.theme;
    let (row, below) = cut_top(area, 1);
    if row.is_empty() {
        return;
    }
    put(buffer, row.x, row.y, 2, "› ", theme.accent);
    let field = cut_left(row, 2).1;
    if login.typed.is_empty() && !login.writing {
        put(buffer, field.x, field.y, field.width, "nothing pasted yet", theme.muted);
    } else {
        draw_masked(&login.typed, login.writing, login.revealed, theme, buffer, field);
    }
    match &login.remark {
        Some((tone, text)) => put_wrapped(buffer, below, text, page::style(*tone, theme)),
        None => put_wrapped(buffer, below, login.field_help(), theme.muted),
    };
}

/// The code, with room between its letters and a frame around it: it is read here and typed elsewhere.
fn draw_code(code: &str, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = look.theme;
    let letters: String = code.chars().flat_map(|c| [c, ' ']).collect();
    let text = format!("  {letters} ");
    let width = text.width() + 2;
    if area.height < 3 || width > usize::from(area.width) {
        put_wrapped(buffer, area, code, theme.accent);
        return;
    }
    let x = area.x + (area.width - width as u16) / 2;
    let line = "━".repeat(width - 2);
    for (y, row) in (area.y..).zip([format!("┏{line}┓"), format!("┃{text}┃"), format!("┗{line}┛")])
    {
        put(buffer, x, y, width as u16, &row, theme.accent);
    }
}
