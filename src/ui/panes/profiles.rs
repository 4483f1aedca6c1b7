//! The profiles pane: environment, name, token state.

use crate::{
    app::{App, Weight},
    config::Profile,
    ui::{
        Look,
        widgets::{mark_row, put, put_wrapped, scrollbar},
    },
    workspace::guard::is_production,
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Draws the pane's inside.
pub fn draw(app: &App, look: &Look<'_>, buffer: &mut Buffer, area: Rect, focused: bool) {
    let theme = look.theme;
    let (list, below) = app.profiles_parts(area);
    if let Some((weight, text)) = app.config_message() {
        let style = if weight == Weight::Error { theme.bad } else { theme.odd };
        put_wrapped(buffer, below, &text, style);
    }
    if app.config.profiles.is_empty() && app.config_problem.is_none() {
        put_wrapped(buffer, list, "No profile yet.\na writes one.", theme.muted);
        return;
    }
    let rows = app.config.profiles.iter().enumerate().skip(app.profiles.first);
    for (line, (i, profile)) in rows.take(usize::from(list.height)).enumerate() {
        let row = Rect { y: list.y + line as u16, height: 1, ..list };
        draw_row(app, profile, look, buffer, row);
        if i == app.profiles.cursor {
            mark_row(buffer, row, focused, theme);
        }
    }
    scrollbar(buffer, list, app.profiles.first as u64, app.config.profiles.len() as u64, theme);
}

fn draw_row(app: &App, profile: &Profile, look: &Look<'_>, buffer: &mut Buffer, row: Rect) {
    let theme = look.theme;
    let active = app.profile.as_ref() == Some(&profile.id);
    let session = app.sessions.get(&profile.id);
    let production = is_production(profile, session.map(AsRef::as_ref));
    let tag = if production { "PROD" } else { profile.environment.tag() };
    let tag_style = if production { theme.production_word } else { theme.tag_safe };
    put(buffer, row.x + 1, row.y, row.width.saturating_sub(1), tag, tag_style);
    let name_style: Style = if active { theme.accent.into() } else { theme.text.into() };
    let mark = if active { "›" } else { " " };
    put(buffer, row.x + 6, row.y, 1, mark, theme.accent);
    let room = row.width.saturating_sub(10);
    let took = put(buffer, row.x + 7, row.y, room, profile.id.as_str(), name_style);
    // The org's own name, where there is room for more than a letter of it.
    if let Some(facts) = session.and_then(|session| session.org.facts()).filter(|_| room > took + 5) {
        put(buffer, row.x + 8 + took, row.y, room - took - 1, &facts.name, theme.muted);
    }
    let (symbol, style) = if app.jobs.token_of(&profile.id).is_some() {
        ("◐", theme.odd)
    } else if session.is_some() {
        if app.is_org_open(&profile.id) { ("?", theme.odd) } else { ("●", theme.good) }
    } else if app.token_failures.contains_key(&profile.id) {
        ("✗", theme.bad)
    } else {
        ("○", theme.muted)
    };
    put(buffer, row.right().saturating_sub(2), row.y, 1, symbol, style);
}
