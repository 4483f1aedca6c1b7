//! The request pane: method and URL, tabs, and the tab's table, editor or preview.

use crate::{
    app::{
        App, PreviewPart, Weight, layout,
        panes::request::{Column, RequestPane, Tab, Writing},
    },
    ui::{
        Look,
        theme::Theme,
        widgets::{Painted, draw_line, draw_lines, mark_row, put, put_wrapped, scrollbar, tabs},
    },
    workspace::{BodyKind, Entry},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Draws the pane's inside.
pub fn draw(app: &App, look: &Look<'_>, buffer: &mut Buffer, area: Rect, focused: bool) {
    let pane = &app.request;
    let (top, rest) = layout::cut_top(area, 1);
    draw_url(app, look.theme, buffer, top, focused);
    let (tab_row, _) = layout::cut_top(rest, 1);
    let (body, below) = app.request_parts(area);
    draw_tabs(app, look.theme, buffer, tab_row);
    match (pane.tab, pane.entries()) {
        (Tab::Preview, _) => draw_preview(app, look.theme, buffer, body),
        (_, Some(entries)) => draw_table(pane, entries, look.theme, buffer, body, focused),
        (_, None) if pane.has_editor() => draw_body(pane, look.theme, buffer, body, focused),
        (_, None) => {
            put_wrapped(
                buffer,
                shifted(body),
                "No body. K chooses its kind: JSON, XML, form, raw.",
                look.theme.muted,
            );
            if pane.row == 1 {
                mark_row(buffer, Rect { height: 1.min(body.height), ..body }, focused, look.theme);
            }
        }
    }
    if let Some((weight, text)) = app.request_note() {
        let style = if weight == Weight::Error { look.theme.bad } else { look.theme.odd };
        put_wrapped(buffer, below, &text, style);
    }
}

fn shifted(area: Rect) -> Rect {
    layout::cut_left(area, 1).1
}

fn draw_url(app: &App, theme: &Theme, buffer: &mut Buffer, row: Rect, focused: bool) {
    let pane = &app.request;
    put(buffer, row.x + 1, row.y, 7, &pane.draft.method, theme.accent);
    if app.is_url_marked() {
        put(buffer, row.x + 8, row.y, 1, "!", theme.odd);
    }
    let url = layout::cut_left(row, 9).1;
    match pane.line() {
        Some(field) if pane.row == 0 => draw_line(buffer, url, field, theme, &|line| braces(line, theme)),
        _ if pane.draft.url.is_empty() => {
            put(buffer, url.x, url.y, url.width, "u writes the URL; o opens a ready request", theme.muted);
        }
        _ => {
            put(buffer, url.x, url.y, url.width, &pane.draft.url, theme.text);
            paint_braces(buffer, url, &pane.draft.url, theme);
        }
    }
    if pane.row == 0 && pane.writing.is_none() {
        mark_row(buffer, row, focused, theme);
    }
}

fn draw_tabs(app: &App, theme: &Theme, buffer: &mut Buffer, row: Rect) {
    let pane = &app.request;
    let labels = app.request_tabs();
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    let chosen = Tab::ALL.iter().position(|tab| *tab == pane.tab).unwrap_or(0);
    tabs(buffer, row, &names, chosen, theme);
    let facts = [
        on(&pane.draft.params).map(|n| format!("{n} param{}", if n == 1 { "" } else { "s" })),
        on(&pane.draft.headers).map(|n| format!("{n} header{}", if n == 1 { "" } else { "s" })),
        (pane.draft.body_kind != BodyKind::None).then(|| format!("{} body", pane.draft.body_kind.label())),
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let width = facts.chars().count() as u16 + 1;
    if row.width > 42 + width {
        put(buffer, row.right() - width, row.y, width, &facts, theme.muted);
    }
}

fn on(entries: &[Entry]) -> Option<usize> {
    let n = entries.iter().filter(|entry| entry.on).count();
    (n > 0).then_some(n)
}

fn draw_table(
    pane: &RequestPane,
    entries: &[Entry],
    theme: &Theme,
    buffer: &mut Buffer,
    area: Rect,
    focused: bool,
) {
    let name_width = (area.width / 3).clamp(8, 32);
    let lines = entries.len() + 1;
    for (line, i) in (pane.first..lines).take(usize::from(area.height)).enumerate() {
        let row = Rect { y: area.y + line as u16, height: 1, ..area };
        let name = Rect { x: row.x + 5, width: name_width.min(row.width.saturating_sub(5)), ..row };
        let value = layout::cut_left(row, name_width + 6).1;
        let chosen = pane.row == i + 1;
        match entries.get(i) {
            Some(entry) => {
                let style = if entry.on { theme.text } else { theme.muted };
                put(buffer, row.x + 1, row.y, 3, if entry.on { "[x]" } else { "[ ]" }, style);
                cell(pane, chosen, Column::Name, &entry.name, theme, buffer, name, style.into());
                cell(pane, chosen, Column::Value, &entry.value, theme, buffer, value, style.into());
            }
            None => {
                put(buffer, row.x + 1, row.y, row.width.saturating_sub(1), "+   a new row", theme.muted);
            }
        }
        if chosen && pane.writing.is_none() {
            mark_row(buffer, row, focused, theme);
            if focused && entries.get(i).is_some() {
                let cell = if pane.column == Column::Name { name } else { value };
                buffer.set_style(cell, Style::from(theme.tab_chosen));
            }
        }
    }
    scrollbar(buffer, area, pane.first as u64, lines as u64, theme);
}

#[expect(clippy::too_many_arguments, reason = "a cell is what it is: its place, its text, its look")]
fn cell(
    pane: &RequestPane,
    chosen: bool,
    column: Column,
    text: &str,
    theme: &Theme,
    buffer: &mut Buffer,
    area: Rect,
    style: Style,
) {
    match pane.line() {
        Some(field) if chosen && pane.column == column => {
            draw_line(buffer, area, field, theme, &|line| braces(line, theme));
        }
        _ => {
            put(buffer, area.x, area.y, area.width, text, style);
            paint_braces(buffer, area, text, theme);
        }
    }
}

fn draw_body(pane: &RequestPane, theme: &Theme, buffer: &mut Buffer, area: Rect, focused: bool) {
    let writing = matches!(pane.writing, Some(Writing::Body));
    draw_lines(buffer, area, &pane.body, writing, theme, &|line| braces(line, theme));
    if pane.row == 1 && !writing {
        mark_row(buffer, Rect { height: 1.min(area.height), ..area }, focused, theme);
    }
}

fn draw_preview(app: &App, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let lines = app.preview(area.width);
    for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(app.request.first)) {
        let style = match line.part {
            PreviewPart::Request => theme.accent,
            PreviewPart::Header => theme.member,
            PreviewPart::Body => theme.text,
            PreviewPart::Problem => theme.bad,
        };
        put(buffer, area.x + 1, y, area.width.saturating_sub(2), &line.text, style);
    }
    scrollbar(buffer, area, app.request.first as u64, lines.len() as u64, theme);
}

/// Where `{{variables}}` are, in characters.
fn braces(line: &str, theme: &Theme) -> Vec<Painted> {
    let mut out = Vec::new();
    let mut rest = line;
    let mut at = 0;
    while let Some(open) = rest.find("{{") {
        let Some(length) = rest[open..].find("}}") else { break };
        let start = at + rest[..open].chars().count();
        let end = start + rest[open..open + length].chars().count() + 2;
        out.push((start..end, Style::from(theme.odd)));
        rest = &rest[open + length + 2..];
        at = end;
    }
    out
}

fn paint_braces(buffer: &mut Buffer, area: Rect, text: &str, theme: &Theme) {
    for (range, style) in braces(text, theme) {
        let cells = |n: usize| crate::app::field::cells_before(text, n).min(usize::from(area.width)) as u16;
        let (from, to) = (cells(range.start), cells(range.end));
        buffer.set_style(Rect { x: area.x + from, width: to - from, ..area }, style);
    }
}
