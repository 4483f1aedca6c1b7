//! The setup guide: kinds of app and progress on top, the steps with their values, below them the clock and what the
//! last attempt came to.

use crate::{
    app::{
        Action, App,
        guides::Clock,
        keymap::Where,
        layout::{cut_left, cut_top},
        overlays::{
            geometry::Parts,
            guide::{INDENT, Line, LinePart, Row, RowKind, SetupGuide, ValueState, lead_width, quotes},
        },
    },
    format,
    ui::{
        Look, status,
        theme::Theme,
        widgets::{mark_row, put, put_wrapped, scrollbar, tabs},
    },
    workspace::guides::{effect, guide},
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// The box's title.
pub fn title(app: &App, shown: &SetupGuide) -> String {
    let whose = app.key_of(&shown.whose).map(|id| format!(" · {id}")).unwrap_or_default();
    format!("Setup: {}{whose}", shown.flow.label())
}

/// Draws the guide's inside.
pub fn draw(app: &App, shown: &SetupGuide, look: &Look<'_>, buffer: &mut Buffer, parts: Parts) {
    let theme = look.theme;
    draw_head(shown, theme, buffer, parts.head);
    let list = parts.list;
    let lines = shown.lines.iter().skip(shown.first).take(usize::from(list.height));
    for (y, line) in (list.y..).zip(lines) {
        let at = Rect { y, height: 1, ..list };
        let Some(row) = shown.rows.get(line.row) else { continue };
        draw_line(row, line, theme, buffer, at);
        if line.row == shown.cursor && !matches!(line.part, LinePart::Blank | LinePart::Heading) {
            mark_row(buffer, at, true, theme);
        }
    }
    scrollbar(buffer, list, shown.first as u64, shown.lines.len() as u64, theme);
    draw_foot(app, shown, look, buffer, parts.foot);
}

fn draw_head(shown: &SetupGuide, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let (row, rule) = cut_top(area, 1);
    let (done, all) = shown.progress();
    let progress = if row.width < 60 { format!("{done}/{all} ") } else { format!("{done} of {all} done ") };
    let width = progress.width() as u16;
    let (kinds, right) = cut_left(row, row.width.saturating_sub(width));
    let style: Style = if done == all { theme.good.into() } else { theme.muted.into() };
    put(buffer, right.x, right.y, right.width, &progress, style);
    let apps = &guide(shown.flow).apps;
    let names: Vec<&str> = apps.iter().map(|app| app.label()).collect();
    match apps.iter().position(|app| Some(*app) == shown.app) {
        Some(chosen) => tabs(buffer, kinds, &names, chosen, theme),
        None => {
            put(buffer, kinds.x + 1, kinds.y, kinds.width, "no app is needed", theme.muted);
        }
    }
    draw_rule(theme, buffer, rule);
}

fn draw_line(row: &Row, line: &Line, theme: &Theme, buffer: &mut Buffer, at: Rect) {
    let room = at.width.saturating_sub(line.x + 1);
    let style: Style = match (line.part, row.kind) {
        (LinePart::Heading, _) => theme.accent.into(),
        (LinePart::Why | LinePart::Label, _) => theme.muted.into(),
        (_, RowKind::Warning) => theme.odd.into(),
        (_, RowKind::Step { done: true, .. } | RowKind::Know) => theme.muted.into(),
        (_, RowKind::Value { state, .. }) => value_style(state, theme),
        _ => theme.text.into(),
    };
    put(buffer, at.x + line.x, at.y, room, &line.text, style);
    if matches!(row.kind, RowKind::Step { .. } | RowKind::Know) {
        draw_quoted(line, theme, buffer, Rect { x: at.x + line.x, width: room, ..at });
    }
    if line.part != LinePart::First {
        return;
    }
    let (mark, mark_style): (&str, Style) = match row.kind {
        RowKind::Step { done: true, .. } => ("[✓]", theme.good.into()),
        RowKind::Step { .. } => ("[ ]", theme.accent.into()),
        RowKind::Know => (" · ", theme.muted.into()),
        RowKind::Warning => ("!", theme.odd.into()),
        RowKind::About | RowKind::Value { .. } => ("", theme.text.into()),
    };
    put(buffer, at.x + 1, at.y, 3, mark, mark_style);
    match row.kind {
        RowKind::Value { .. } => {
            let beside = line.x.saturating_sub(INDENT + 1);
            put(buffer, at.x + INDENT, at.y, beside, &row.lead, theme.muted);
        }
        _ => {
            let lead = Rect { x: at.x + line.x, width: lead_width(row, line).min(room), ..at };
            buffer.set_style(lead, Style::from(theme.member));
        }
    }
}

/// What stands in quotation marks is found in Setup in these words.
fn draw_quoted(line: &Line, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    let mut places = quotes(&line.text, line.quoted);
    places.push((line.text.width(), false));
    for pair in places.windows(2) {
        let [(start, true), (end, _)] = pair else { continue };
        let start = (*start as u16).min(area.width);
        let width = (*end as u16).min(area.width).saturating_sub(start);
        buffer.set_style(Rect { x: area.x + start, width, ..area }, Style::from(theme.member));
    }
}

fn draw_rule(theme: &Theme, buffer: &mut Buffer, area: Rect) {
    if !area.is_empty() {
        put(buffer, area.x, area.y, area.width, &"┄".repeat(usize::from(area.width)), theme.border);
    }
}

fn value_style(state: ValueState, theme: &Theme) -> Style {
    match state {
        ValueState::There => theme.string.into(),
        ValueState::Missing => theme.bad.into(),
        ValueState::Unset => theme.muted.into(),
        ValueState::Odd => theme.odd.into(),
    }
}

fn draw_foot(app: &App, shown: &SetupGuide, look: &Look<'_>, buffer: &mut Buffer, area: Rect) {
    let theme = look.theme;
    let (rule, rest) = cut_top(area, u16::from(area.height > 2));
    draw_rule(theme, buffer, rule);
    let rest = Rect { x: rest.x + 1, width: rest.width.saturating_sub(2), ..rest };
    let clock = draw_clock(app, shown, look);
    let attempt = attempt(app, shown, look);
    let (first, second) = match (rest.height, attempt) {
        // With one line to spare the news are worth more than the hint, and the clock more than old news.
        (0..=1, Some(attempt)) if attempt.fresh || clock.share.is_none() => (None, Some(attempt)),
        (0..=1, _) => (Some(clock), None),
        (_, attempt) => (Some(clock), attempt),
    };
    let mut left = rest;
    if let Some(clock) = first {
        let (row, below) = cut_top(rest, 1);
        let took = put(buffer, row.x, row.y, row.width, &clock.words, clock.style);
        if let Some(share) = clock.share {
            draw_bar(share, theme, buffer, cut_left(row, took + 2).1);
        }
        left = below;
    }
    if let Some(attempt) = second {
        put_wrapped(buffer, left, &attempt.words, attempt.style);
    }
}

/// How far the clock is, for the eyes.
fn draw_bar(share: f64, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    const LONGEST: u16 = 24;
    let width = area.width.min(LONGEST);
    if width < 8 {
        return;
    }
    let full = (share.clamp(0.0, 1.0) * f64::from(width)) as u16;
    let x = area.right() - width;
    put(buffer, x, area.y, full, &"━".repeat(usize::from(full)), theme.good);
    let rest = width - full;
    put(buffer, x + full, area.y, rest, &"┄".repeat(usize::from(rest)), theme.muted);
}

/// What the line of the clock says.
struct ClockLine {
    words: String,
    style: Style,
    /// What has passed of the whole; nothing if no clock runs.
    share: Option<f64>,
}

fn draw_clock(app: &App, shown: &SetupGuide, look: &Look<'_>) -> ClockLine {
    let theme = look.theme;
    let token = key(app, &Action::GetToken);
    let key_of_profile = app.key_of(&shown.whose);
    let times = effect();
    match app.setups.clock(key_of_profile.as_ref(), look.now) {
        Some(Clock::Running { passed, left }) => {
            let try_it =
                if passed < times.least { "tries now anyway" } else { "tries: it may be known already" };
            ClockLine {
                words: format!("◔ {} left · {token} {try_it}", format::clock(left)),
                style: theme.odd.into(),
                share: Some(passed.as_secs_f64() / times.most.as_secs_f64()),
            }
        }
        Some(Clock::Over) => ClockLine {
            words: format!("✓ ready: {token} gets the token"),
            style: theme.good.into(),
            share: Some(1.0),
        },
        None => {
            let saved = key(app, &Action::AppSaved);
            let words = match shown.app {
                Some(_) => format!("{saved} when all is saved in Setup · {token} gets a token"),
                None => format!("{token} gets a token"),
            };
            ClockLine { words, style: theme.muted.into(), share: None }
        }
    }
}

/// What the last attempt to get a token came to.
struct Attempt {
    words: String,
    style: Style,
    /// It is under way.
    fresh: bool,
}

fn attempt(app: &App, shown: &SetupGuide, look: &Look<'_>) -> Option<Attempt> {
    let theme = look.theme;
    let id = app.key_of(&shown.whose)?;
    if let Some(job) = app.jobs.token_of(&id) {
        let words = format!("{} · {}", status::running_words(job, look), status::progress_words(job));
        return Some(Attempt { words, style: theme.accent.into(), fresh: true });
    }
    if let Some(refused) = app.token_failures.get(&id) {
        let code = refused.failure.code.as_deref().unwrap_or("no token");
        let said = refused.in_short();
        return Some(Attempt { words: format!("✗ {code}: {said}"), style: theme.bad.into(), fresh: false });
    }
    app.sessions.get(&id).map(|_| Attempt {
        words: "✓ a token is there: the setup works".into(),
        style: theme.good.into(),
        fresh: false,
    })
}

/// The key of an action in a guide.
fn key(app: &App, action: &Action) -> String {
    let rows = app.keymap.reachable(&[Where::Guide]);
    let row = rows.into_iter().find(|(binding, _)| binding.action == *action);
    row.map_or_else(String::new, |(_, key)| key.to_string())
}
