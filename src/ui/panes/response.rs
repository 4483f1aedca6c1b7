//! The response pane: views of the answer, or what it waits for, or why there is none.

use crate::{
    app::{
        App, Running, layout,
        panes::{
            hints::{HintList, RowKind},
            response::{Face, Record},
        },
        wire,
    },
    diagnosis::Confidence,
    document::{Fold, Role, Row, View},
    format,
    jobs::{Failure, Progress},
    ui::{
        Look, status,
        theme::Theme,
        widgets::{mark_row, put, put_wrapped, scrollbar, tabs},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// What the pane's title says of the answer.
pub fn title(app: &App) -> String {
    if let Some(job) = app.response.waiting().and_then(|id| app.jobs.get(id)) {
        return job.title.clone();
    }
    app.response_title().unwrap_or_default()
}

/// Draws the pane's inside.
pub fn draw(app: &App, look: &Look<'_>, buffer: &mut Buffer, area: Rect, focused: bool) {
    if let Some(job) = app.response.waiting().and_then(|id| app.jobs.get(id)) {
        return draw_waiting(job, look, buffer, area);
    }
    match app.response.record() {
        None => draw_empty(app, look.theme, buffer, area),
        Some(record) => draw_record(record, look, buffer, area, focused),
    }
}

fn draw_empty(app: &App, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let key = |action| app.keymap.key_of(&action).map_or_else(String::new, |k| k.to_string());
    use crate::app::Action::{OpenRequests, Send};
    let text = format!(
        "No answer yet.\n{} sends the request (a token is got first), {} opens a ready one.",
        key(Send),
        key(OpenRequests)
    );
    put_wrapped(buffer, padded(area), &text, theme.muted);
}

fn padded(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

fn draw_waiting(job: &Running, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = look.theme;
    let area = padded(area);
    let mut y = area.y + (area.height / 3).min(3);
    let mut line = |text: &str, style: Style| {
        if y < area.bottom() {
            put(buffer, area.x, y, area.width, text, style);
            y += 1;
        }
    };
    line(&status::running_words(job, look), theme.accent.into());
    line(&status::progress_words(job), theme.text.into());
    if let Progress::Receiving { bytes, of: Some(of) } = job.progress
        && of > 0
    {
        let width = u64::from(area.width.min(50));
        let full = (bytes.min(of) * width / of) as usize;
        line(&format!("{}{}", "█".repeat(full), "░".repeat(width as usize - full)), theme.accent.into());
    }
    line("Esc stops it", theme.muted.into());
}

fn draw_record(record: &Record, look: &Look<'_>, buffer: &mut Buffer, area: Rect, focused: bool) {
    let theme = look.theme;
    let (tab_row, _) = layout::cut_top(area, 1);
    let names: Vec<&str> = Face::ALL.iter().map(|face| face.label()).collect();
    tabs(buffer, tab_row, &names, record.face as usize, theme);
    if record.face == Face::Hints {
        draw_hints(&record.hints, theme, buffer, layout::response_parts(area, false).1, focused);
        return draw_place_of_hint(&record.hints, theme, buffer, layout::cut_bottom(area, 1).1);
    }
    let note = record.note();
    let (note_area, body) = layout::response_parts(area, note.is_some());
    if let (Some(failure), Face::Tree | Face::Raw) = (&record.failure, record.face) {
        return draw_failure(record, failure, theme, buffer, padded(body));
    }
    if let Some(note) = note {
        put_wrapped(buffer, padded(note_area), &note, theme.odd);
    }
    match record.view() {
        Some(view) if !view.is_empty() => {
            draw_view(view, theme, buffer, body, focused);
            draw_place(view, theme, buffer, layout::cut_bottom(area, 1).1);
        }
        _ => {
            let text = match &record.exchange {
                Some(exchange) => match &exchange.reply {
                    Ok(reply) if reply.body.0.is_empty() => "The body is empty.".to_owned(),
                    Ok(_) => "Wire and Headers show this exchange.".to_owned(),
                    Err(failure) => wire::told(failure),
                },
                None => "Nothing was sent.".to_owned(),
            };
            put_wrapped(buffer, padded(body), &text, theme.muted);
        }
    }
}

fn draw_failure(record: &Record, failure: &Failure, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let mut rest = area;
    let mut part = |text: &str, style: Style| {
        let rows = put_wrapped(buffer, rest, text, style);
        rest = layout::cut_top(rest, rows).1;
    };
    part(&format!("✗ {}", failure.message), theme.bad.into());
    let code = match (&failure.code, failure.status) {
        (Some(code), Some(status)) => format!("{status} {code}"),
        (Some(code), None) => code.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => String::new(),
    };
    let facts: Vec<&str> = [code.as_str(), failure.description.as_deref().unwrap_or_default()]
        .into_iter()
        .filter(|t| !t.is_empty())
        .collect();
    if !facts.is_empty() {
        part(&facts.join(" · "), theme.text.into());
    }
    if let Some(cause) = record.hints.summary() {
        part("", theme.text.into());
        part(&format!("→ {cause}"), theme.odd.into());
    } else if let Some(fix) = &failure.fix {
        part("", theme.text.into());
        part(&format!("→ {fix}"), theme.odd.into());
    }
    if let Some(exchange) = &record.exchange {
        part("", theme.text.into());
        let took = format::span(exchange.timings.total);
        part(
            &format!("{} · {took} · Wire shows what went out and came back", record.title),
            theme.muted.into(),
        );
    }
}

/// The hints: the chosen one is marked and unfolded.
fn draw_hints(hints: &HintList, theme: &Theme, buffer: &mut Buffer, area: Rect, focused: bool) {
    if hints.is_empty() {
        put_wrapped(buffer, padded(area), "Nothing failed here.", theme.muted);
        return;
    }
    for (y, row) in (area.y..area.bottom()).zip(hints.rows()) {
        let style: Style = match row.kind {
            RowKind::Error => theme.bad.into(),
            RowKind::Cause(Confidence::AlmostCertain | Confidence::Likely) => theme.accent.into(),
            RowKind::Cause(_) => theme.text.into(),
            RowKind::Detail | RowKind::Gap => theme.muted.into(),
            RowKind::Fix => theme.odd.into(),
            RowKind::Told => theme.text.into(),
            RowKind::Key | RowKind::Offer | RowKind::Mended => theme.good.into(),
        };
        put(buffer, area.x + 1, y, area.width.saturating_sub(2), &row.text, style);
        if hints.is_chosen(&row) && matches!(row.kind, RowKind::Cause(_)) {
            mark_row(buffer, Rect { y, height: 1, ..area }, focused, theme);
        }
    }
    let (top, all) = hints.extent();
    scrollbar(buffer, area, top as u64, all as u64, theme);
}

/// The line below: which cause it is, and what `Enter` does where the row that says it is out of sight.
fn draw_place_of_hint(hints: &HintList, theme: &Theme, buffer: &mut Buffer, row: Rect) {
    let width = match hints.position() {
        (place, all @ 2..) => put_place(buffer, row, &format!("cause {place} / {all} "), theme),
        _ => 0,
    };
    if let Some(does) = hints.unseen_key() {
        let room = row.width.saturating_sub(width + 2);
        put(buffer, row.x + 1, row.y, room, &format!("Enter: {does}"), theme.good);
    }
}

fn draw_view(view: &View, theme: &Theme, buffer: &mut Buffer, area: Rect, focused: bool) {
    let gutter = view.gutter();
    for (y, row) in (area.y..area.bottom()).zip(view.rows()) {
        let line = Rect { y, height: 1, ..area };
        draw_row(&row, gutter, theme, buffer, line);
        if row.cursor {
            mark_row(buffer, line, focused, theme);
        }
    }
    scrollbar(buffer, area, view.top(), view.len(), theme);
}

/// A row: the cell of the cursor's mark, line number, indent with the fold marker at its end, text.
fn draw_row(row: &Row, gutter: u16, theme: &Theme, buffer: &mut Buffer, line: Rect) {
    let mut x = line.x + 1;
    let right = line.right().saturating_sub(1);
    if let Some(number) = row.number {
        let digits = usize::from(gutter.saturating_sub(1));
        put(buffer, x, line.y, gutter, &format!("{number:>digits$}"), theme.muted);
    }
    x = (x + gutter + row.indent).min(right);
    let fold = match row.fold {
        Fold::None => "",
        Fold::Open => "▾",
        Fold::Closed => "▸",
    };
    if row.indent >= 2 {
        put(buffer, x - 2, line.y, 1, fold, theme.accent);
    }
    for span in &row.spans {
        if x >= right {
            break;
        }
        x += put(buffer, x, line.y, right - x, &span.text, style_of(span.role, theme));
    }
}

fn style_of(role: Role, theme: &Theme) -> Style {
    match role {
        Role::Key | Role::Tag => theme.member,
        Role::String | Role::Attribute => theme.string,
        Role::Number => theme.number,
        Role::Bool => theme.boolean,
        Role::Null => theme.null,
        Role::Punctuation => theme.punctuation,
        Role::Index | Role::Muted | Role::Comment => theme.muted,
        Role::Text => theme.text,
        Role::Control => theme.control,
        Role::Match => theme.matched,
        Role::CurrentMatch => theme.matched_current,
    }
    .into()
}

/// At the right end; answers with its width.
fn put_place(buffer: &mut Buffer, row: Rect, text: &str, theme: &Theme) -> u16 {
    let width = (text.width() as u16).min(row.width);
    put(buffer, row.right() - width, row.y, width, text, theme.muted);
    width
}

/// The line below: where the cursor is, and how the search stands.
fn draw_place(view: &View, theme: &Theme, buffer: &mut Buffer, row: Rect) {
    let place = || format!("{} / {} ", format::count(view.position() + 1), format::count(view.len()));
    let width = put_place(buffer, row, &status::match_words(view).unwrap_or_else(place), theme);
    if let Some(path) = view.path() {
        put(buffer, row.x + 1, row.y, row.width.saturating_sub(width + 2), &path, theme.muted);
    }
}
