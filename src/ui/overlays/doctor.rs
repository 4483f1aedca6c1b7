//! What a check-up has found.

use crate::{
    app::{
        layout::cut_top,
        overlays::{
            doctor::{DoctorPage, INDENT, Line, LineKind, Part},
            geometry::Parts,
        },
    },
    jobs::State,
    ui::{
        Look,
        theme::Theme,
        widgets::{mark_row, put, scrollbar, spinner},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Draws the page's inside.
pub fn draw(page: &DoctorPage, look: &Look<'_>, buffer: &mut Buffer, parts: Parts) {
    let (theme, list) = (look.theme, parts.list);
    draw_head(page, look, buffer, parts.head);
    if page.lines.is_empty() {
        let words = match page.job {
            Some(_) => "looking at the configuration…",
            None => "nothing was looked at: r looks again",
        };
        put(buffer, list.x + 1, list.y, list.width.saturating_sub(2), words, theme.muted);
    }
    let lines = page.lines.iter().skip(page.first).take(usize::from(list.height));
    for (y, line) in (list.y..).zip(lines) {
        let at = Rect { y, height: 1, ..list };
        draw_line(line, turning(page, look), theme, buffer, at);
        if matches!(line.kind, LineKind::Of(number, ..) if number == page.cursor) {
            mark_row(buffer, at, true, theme);
        }
    }
    scrollbar(buffer, list, page.first as u64, page.lines.len() as u64, theme);
}

fn turning(page: &DoctorPage, look: &Look<'_>) -> char {
    spinner(look.now.mono.saturating_duration_since(page.since))
}

/// How far it is, and what was found so far.
fn draw_head(page: &DoctorPage, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = look.theme;
    let (row, rule) = cut_top(area, 1);
    let tally = page.tally();
    let (done, all) = page.progress();
    let (words, style): (String, Style) = match page.job {
        Some(_) if all == 0 => (format!("{} looking", turning(page, look)), theme.accent.into()),
        Some(_) => (format!("{} {done} of {all} · {tally}", turning(page, look)), theme.accent.into()),
        None if tally.broken > 0 => (format!("✗ {tally}"), theme.bad.into()),
        None if tally.warnings > 0 => (format!("! {tally}"), theme.odd.into()),
        None => (format!("✓ {tally}"), theme.good.into()),
    };
    put(buffer, row.x + 1, row.y, row.width.saturating_sub(2), &words, style);
    if !rule.is_empty() {
        put(buffer, rule.x, rule.y, rule.width, &"┄".repeat(usize::from(rule.width)), theme.border);
    }
}

fn draw_line(line: &Line, turning: char, theme: &Theme, buffer: &mut Buffer, at: Rect) {
    let room = at.width.saturating_sub(line.x + 1);
    let (mark_style, style): (Style, Style) = match line.kind {
        LineKind::Blank => return,
        LineKind::Heading { under_way } => {
            let took = put(buffer, at.x + line.x, at.y, room, &line.text, theme.accent);
            if under_way {
                let x = at.x + line.x + took + 1;
                put(buffer, x, at.y, at.right().saturating_sub(x), &turning.to_string(), theme.muted);
            }
            return;
        }
        LineKind::Of(_, _, Part::Fix) => (theme.muted.into(), theme.key.into()),
        LineKind::Of(_, state, _) => (of_state(state, theme), text_of(state, theme)),
    };
    put(buffer, at.x + line.x, at.y, room, &line.text, style);
    if let LineKind::Of(_, state, Part::First(about)) = line.kind {
        put(buffer, at.x + INDENT - 2, at.y, 1, state.mark(), mark_style);
        let about = Rect { x: at.x + line.x, width: about.min(room), ..at };
        buffer.set_style(about, Style::from(theme.member));
    }
}

fn of_state(state: State, theme: &Theme) -> Style {
    match state {
        State::Ok => theme.good.into(),
        State::Warning => theme.odd.into(),
        State::Broken => theme.bad.into(),
    }
}

/// What is as it should be is read last.
fn text_of(state: State, theme: &Theme) -> Style {
    match state {
        State::Ok => theme.muted.into(),
        State::Warning | State::Broken => theme.text.into(),
    }
}
