//! The profile form.

use crate::{
    app::{
        App,
        overlays::{
            editor::{ProfileEditor, print_pairs},
            form_secrets::kind_of,
            geometry::Parts,
        },
        vaults::store_of,
    },
    config::{FieldKind, Flow, FormValue, ProfileField, SecretField, SecretKind},
    jobs::StoresState,
    secrets::{StoreKind, VaultState},
    ui::{
        theme::Theme,
        widgets::{draw_line, mark_row, put, put_wrapped, scrollbar},
    },
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// Where values begin.
const LABEL: u16 = 20;

/// Draws the form's inside.
pub fn draw(app: &App, form: &ProfileEditor, theme: &Theme, buffer: &mut Buffer, parts: Parts) {
    let rows = form.rows();
    let label = LABEL.min(parts.list.width / 2);
    let shown = rows.iter().enumerate().skip(form.first).take(usize::from(parts.list.height));
    for (line, (i, field)) in shown.enumerate() {
        let row = Rect { y: parts.list.y + line as u16, height: 1, ..parts.list };
        let needed = form.form.requires(*field);
        let name = if needed { format!("{} *", field.label()) } else { field.label().to_owned() };
        put(buffer, row.x + 1, row.y, label, &name, theme.muted);
        let value = crate::app::layout::cut_left(row, label + 2).1;
        let chosen = i == form.cursor;
        draw_value(form, *field, chosen, theme, buffer, value);
        if chosen && form.editing.is_none() {
            mark_row(buffer, row, true, theme);
        }
        if form.problem.as_ref().is_some_and(|(at, _)| *at == Some(*field)) {
            put(buffer, row.x, row.y, 1, "✗", theme.bad);
        }
    }
    scrollbar(buffer, parts.list, form.first as u64, rows.len() as u64, theme);
    draw_foot(app, form, theme, buffer, parts.foot);
}

fn draw_value(
    form: &ProfileEditor,
    field: ProfileField,
    chosen: bool,
    theme: &Theme,
    buffer: &mut Buffer,
    mut area: Rect,
) {
    area.width = area.width.saturating_sub(1);
    let text: Style = theme.text.into();
    let choice: Style = theme.accent.into();
    let mut before = String::new();
    let (shown, style) = match (form.form.get(field), field.kind()) {
        (FormValue::Flag(on), _) => ((if *on { "[x] yes" } else { "[ ] no" }).to_owned(), choice),
        (FormValue::Text(word), FieldKind::OneOf { .. }) => {
            (format!("‹ {} ›", word_shown(field, word)), choice)
        }
        (FormValue::Text(text_value), _) => (text_value.clone(), text),
        (FormValue::Secret(input), _) => {
            let label = match input.kind {
                SecretKind::None if form.form.requires(field) => "not kept: asked for when needed",
                kind => kind.label(),
            };
            before = format!("‹ {label} › ");
            let shown = if input.kind.has_text() { input.text.clone() } else { String::new() };
            (shown, text)
        }
        (FormValue::Pairs(pairs), _) => {
            (print_pairs(pairs).unwrap_or_else(|| "edit it in the file".to_owned()), text)
        }
    };
    // A secret that is being written gets the whole row.
    if let Some(text) = form.secrets.text().filter(|_| chosen) {
        return super::draw_masked(text, true, form.secrets.revealed, theme, buffer, area);
    }
    let took = put(buffer, area.x, area.y, area.width, &before, choice);
    let rest = Rect { x: area.x + took, width: area.width - took, ..area };
    if let FieldKind::Secret(secret) = field.kind()
        && store_of(kind_of(&form.form, secret)).is_some()
    {
        return draw_secret(form, secret, theme, buffer, rest);
    }
    match &form.editing {
        Some(writing) if chosen => draw_line(buffer, rest, writing, theme, &|_| Vec::new()),
        _ => {
            put(buffer, rest.x, rest.y, rest.width, &shown, style);
        }
    }
}

/// A secret that a store has or will have: dots for what was typed, else how it stands.
fn draw_secret(form: &ProfileEditor, field: SecretField, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    match form.secrets.typed(field) {
        Some(typed) => super::draw_masked(typed, false, false, theme, buffer, area),
        None => {
            put(buffer, area.x, area.y, area.width, form.untyped(field), theme.muted);
        }
    }
}

/// A flow by its name for people.
fn word_shown(field: ProfileField, word: &str) -> String {
    match Flow::parse(word).filter(|_| field == ProfileField::Flow) {
        Some(flow) => flow.label().to_owned(),
        None if word.is_empty() => "–".to_owned(),
        None => word.to_owned(),
    }
}

fn draw_foot(app: &App, form: &ProfileEditor, theme: &Theme, buffer: &mut Buffer, area: Rect) {
    if area.height < 2 {
        return;
    }
    let (rule, rest) = crate::app::layout::cut_top(area, 1);
    put(buffer, rule.x, rule.y, rule.width, &"┄".repeat(usize::from(rule.width)), theme.border);
    if let Some((_, problem)) = &form.problem {
        put_wrapped(buffer, rest, &format!("✗ {problem}"), theme.bad);
        return;
    }
    if let Some(said) = &form.said {
        put_wrapped(buffer, rest, &format!("! {said}"), theme.odd);
        return;
    }
    let Some(field) = form.field() else { return };
    let mut words = field.help().to_owned();
    if field == ProfileField::Flow
        && let Some(note) = form.form.flow().and_then(Flow::note)
    {
        words = note.to_owned();
    }
    if let FormValue::Secret(input) = form.form.get(field) {
        words = match (store_of(input.kind), &app.stores) {
            (None, _) if input.kind == SecretKind::None => format!("{words}; ← → choose where it is kept"),
            (None, _) => words,
            (Some(StoreKind::Keyring), Some(StoresState { keyring: Err(why), .. })) => {
                put_wrapped(buffer, rest, &format!("! {why}"), theme.odd);
                return;
            }
            (Some(StoreKind::Vault), Some(StoresState { vault: VaultState::Absent, .. })) => {
                format!("{words}; there is no vault yet: saving makes one")
            }
            (Some(_), _) => format!("{words}; typed here, it goes there before the file is written"),
        };
    }
    put_wrapped(buffer, rest, &words, theme.muted);
}
