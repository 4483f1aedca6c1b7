//! The token pane: rows of label and value, and two lines that explain the chosen one.

use crate::{
    app::{
        App, layout,
        panes::token::{RowKind, TokenRow, rows},
    },
    ui::{
        Look, status,
        widgets::{mark_row, put, put_wrapped, scrollbar},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// Where values begin.
const LABEL: u16 = 11;

/// Draws the pane's inside.
pub fn draw(app: &App, look: &Look<'_>, buffer: &mut Buffer, area: Rect, focused: bool) {
    let theme = look.theme;
    let rows = rows(app, look.now);
    if rows.is_empty() {
        put_wrapped(buffer, area, "A token needs a profile.", theme.muted);
        return;
    }
    let list = layout::token_list(area);
    let answers = rows.iter().filter(|row| row.kind == RowKind::Answer);
    let answer_label =
        answers.map(|row| row.label.width() as u16 + 2).max().unwrap_or(LABEL).min(area.width / 2);
    let shown = rows.iter().enumerate().skip(app.token.first).take(usize::from(list.height));
    for (line, (i, row)) in shown.enumerate() {
        let at = Rect { y: list.y + line as u16, height: 1, ..list };
        draw_row(app, row, answer_label, look, buffer, at);
        if i == app.token.cursor {
            mark_row(buffer, at, focused, theme);
        }
    }
    scrollbar(buffer, list, app.token.first as u64, rows.len() as u64, theme);
    if list.height < area.height {
        let (_, foot) = layout::cut_top(area, list.height);
        explain(rows.get(app.token.cursor), look, buffer, foot);
    }
}

fn draw_row(app: &App, row: &TokenRow, answer_label: u16, look: &Look<'_>, buffer: &mut Buffer, at: Rect) {
    let theme = look.theme;
    let style: Style = match row.kind {
        RowKind::Field(_) | RowKind::Answer => theme.text.into(),
        RowKind::Button => theme.accent.into(),
        RowKind::Good => theme.good.into(),
        RowKind::Bad | RowKind::Missing(_) => theme.bad.into(),
        RowKind::Told => theme.text.into(),
        RowKind::AskWhy => theme.good.into(),
        RowKind::Odd | RowKind::Clock | RowKind::WhichOrg | RowKind::Warning(_) | RowKind::Hint(_) => {
            theme.odd.into()
        }
    };
    let right = at.right();
    let indent = match row.kind {
        RowKind::Good
        | RowKind::Bad
        | RowKind::Odd
        | RowKind::Clock
        | RowKind::Told
        | RowKind::AskWhy
        | RowKind::WhichOrg
        | RowKind::Warning(_)
        | RowKind::Hint(_) => 3,
        RowKind::Button => 1,
        RowKind::Answer => answer_label,
        RowKind::Field(_) | RowKind::Missing(_) => LABEL,
    };
    put(buffer, at.x + 1, at.y, indent.saturating_sub(1), &row.label, theme.muted);
    let x = at.x + indent;
    let took = put(buffer, x, at.y, right.saturating_sub(x + 1), &row.value, style);
    let running = app.profile.as_ref().and_then(|id| app.jobs.token_of(id));
    if let (RowKind::Button, Some(job)) = (row.kind, running) {
        let words = format!(" {} {}", status::running_words(job, look), status::progress_words(job));
        put(buffer, x + took, at.y, right.saturating_sub(x + took), &words, theme.odd);
    }
}

fn explain(row: Option<&TokenRow>, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let (line, text) = layout::cut_top(area, u16::from(area.height > 2));
    if !line.is_empty() {
        put(buffer, line.x, line.y, line.width, &"┄".repeat(usize::from(line.width)), look.theme.muted);
    }
    if let Some(row) = row {
        // What does not fit into the row is read here.
        let cut = row.value.width() + 12 > usize::from(area.width) && row.kind != RowKind::Button;
        let words = match row.kind {
            // What the key does comes first: there may be no room for the whole cause.
            RowKind::Hint(_) => format!("{} · {}", row.meaning, row.value),
            _ if cut => format!("{} · {}", row.value, row.meaning),
            _ => row.meaning.clone(),
        };
        put_wrapped(buffer, text, &words, look.theme.muted);
    }
}
