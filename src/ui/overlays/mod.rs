//! What lies over the panes: one function each, all inside the parts that `app::overlays::geometry` gives.

mod doctor;
mod editor;
mod guide;
mod limits;
mod login;
mod page;

use super::{
    Look, status,
    theme::Theme,
    widgets::{boxed, mark_row, prompt, put, put_wrapped, scrollbar},
};
use crate::{
    app::{
        App,
        overlays::{
            Overlay, SaveBody,
            address::AddressBox,
            ask::AskSecrets,
            confirm::Confirm,
            geometry::{self, Parts},
            help::{Help, HelpLine},
            org::OrgBox,
            picker::{Item, Picker},
            vault::VaultBox,
        },
    },
    secrets::Masked,
};
use ratatui::{Frame, buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// Draws one overlay.
pub fn draw(app: &App, overlay: &Overlay, look: &Look<'_>, frame: &mut Frame<'_>) {
    let parts = geometry::parts(overlay, app.size);
    let buffer = frame.buffer_mut();
    let theme = look.theme;
    let production = look.production
        && match overlay {
            Overlay::Confirm(confirm) => confirm.production,
            _ => true,
        };
    let production = match overlay {
        Overlay::Org(org) => org.production,
        Overlay::Vault(_) | Overlay::Doctor(_) => false, // no org's
        _ => production,
    };
    boxed(buffer, parts.frame, &title(app, overlay), production, theme);
    match overlay {
        Overlay::Picker(picker) => draw_picker(picker, theme, buffer, parts),
        Overlay::Confirm(confirm) => draw_confirm(confirm, theme, buffer, parts),
        Overlay::Ask(ask) => draw_ask(ask, theme, buffer, parts),
        Overlay::Help(help) => draw_help(help, theme, buffer, parts),
        Overlay::Guide(shown) => guide::draw(app, shown, look, buffer, parts),
        Overlay::Doctor(page) => doctor::draw(page, look, buffer, parts),
        Overlay::Limits(shown) => limits::draw(app, shown, look, buffer, parts),
        Overlay::Editor(form) => editor::draw(app, form, theme, buffer, parts),
        Overlay::Login(waiting) => login::draw(app, waiting, look, buffer, parts),
        Overlay::Org(org) => draw_org(org, theme, buffer, parts),
        Overlay::Address(shown) => draw_address(shown, theme, buffer, parts),
        Overlay::Vault(vault) => draw_vault(app, vault, look, buffer, parts),
        Overlay::Search(field) => {
            prompt(buffer, parts.list, " / ", field, theme);
            let view = app.response.view();
            if let Some(words) = view.and_then(status::match_words) {
                let width = words.width() as u16 + 1;
                let x = parts.list.right().saturating_sub(width);
                put(buffer, x, parts.list.y, width, &words, theme.odd);
            }
        }
        Overlay::SaveBody(save) => draw_save(save, theme, buffer, parts),
    }
}

fn title(app: &App, overlay: &Overlay) -> String {
    match overlay {
        Overlay::Picker(picker) => picker.title.clone(),
        Overlay::Confirm(confirm) => confirm.title.clone(),
        Overlay::Ask(ask) => format!("Secrets of {}", ask.profile),
        Overlay::Help(help) => help.title.clone(),
        Overlay::Guide(shown) => guide::title(app, shown),
        Overlay::Doctor(_) => "Doctor".into(),
        Overlay::Limits(shown) => format!("Limits: {}", shown.profile.id),
        Overlay::Login(login) => format!("Log in: {}", login.profile.id),
        Overlay::Vault(vault) => vault.purpose.title().into(),
        Overlay::Org(org) if org.differs => format!("{}: another org or user", org.profile.id),
        Overlay::Org(org) => format!("{}: is this the right org?", org.profile.id),
        Overlay::Address(_) => "A page to be opened elsewhere".into(),
        Overlay::Search(_) => "Search: Enter keeps it, n and N go on, Esc ends it".into(),
        Overlay::SaveBody(_) => "Save the body to a file".into(),
        Overlay::Editor(editor) => match &editor.old {
            Some(id) => format!("Profile {id}"),
            None => "A new profile".into(),
        },
    }
}

fn draw_picker(picker: &Picker, theme: &Theme, buffer: &mut Buffer, parts: Parts) {
    let mut head = parts.head;
    for line in &picker.intro {
        let rows = put_wrapped(buffer, padded(head), line, theme.text);
        head = crate::app::layout::cut_top(head, rows).1;
    }
    if let Some(filter) = &picker.filter {
        let row = Rect { y: parts.head.bottom().saturating_sub(2), height: 1, ..parts.head };
        prompt(buffer, row, " › ", filter, theme);
        let rule = "─".repeat(usize::from(parts.head.width));
        put(buffer, row.x, row.y + 1, row.width, &rule, theme.border);
    }
    if picker.is_empty() {
        put(buffer, parts.list.x + 1, parts.list.y, parts.list.width, picker.empty, theme.muted);
    }
    let tags = picker.rows().map(|item| item.tag.width()).max().unwrap_or(0) as u16;
    let labels = picker.rows().map(|item| item.label.width()).max().unwrap_or(0) as u16;
    let labels = labels.min(parts.list.width * 3 / 5);
    for (line, (i, item)) in
        picker.rows().enumerate().skip(picker.first).take(usize::from(parts.list.height)).enumerate()
    {
        let row = Rect { y: parts.list.y + line as u16, height: 1, ..parts.list };
        draw_item(item, theme, buffer, row, tags, labels);
        if i == picker.cursor {
            mark_row(buffer, row, true, theme);
        }
    }
    scrollbar(buffer, parts.list, picker.first as u64, picker.len() as u64, theme);
}

fn draw_item(item: &Item, theme: &Theme, buffer: &mut Buffer, row: Rect, tags: u16, labels: u16) {
    let mut x = row.x + 1;
    let right = row.right().saturating_sub(1);
    if tags > 0 {
        put(buffer, x, row.y, tags.min(right - x), &item.tag, theme.accent);
        x += tags + 1;
    }
    let key_width = if item.key.is_empty() { 0 } else { item.key.width() as u16 + 1 };
    let room = right.saturating_sub(key_width);
    put(buffer, x, row.y, room.saturating_sub(x).min(labels), &item.label, theme.text);
    x += labels + 2;
    put(buffer, x.min(room), row.y, room.saturating_sub(x), &item.detail, theme.muted);
    put(buffer, room + 1, row.y, key_width, &item.key, theme.key);
}

fn padded(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

fn draw_confirm(confirm: &Confirm, theme: &Theme, buffer: &mut Buffer, parts: Parts) {
    let mut area = padded(parts.head);
    for line in &confirm.lines {
        let rows = put_wrapped(buffer, area, line, theme.text);
        area = crate::app::layout::cut_top(area, rows).1;
    }
    let foot = padded(parts.foot);
    if foot.is_empty() {
        return;
    }
    match &confirm.expected {
        Some(_) => {
            prompt(buffer, padded(parts.list), "› ", &confirm.typed, theme);
            let (words, style) = if confirm.agreed() {
                ("Enter sends it · Esc does not", Style::from(theme.bad))
            } else {
                ("Esc does not send it", theme.muted.into())
            };
            put(buffer, foot.x, foot.y, foot.width, words, style);
        }
        None => {
            put(buffer, foot.x, foot.y, foot.width, "Enter: yes · Esc: no", theme.key);
        }
    }
}

fn draw_ask(ask: &AskSecrets, theme: &Theme, buffer: &mut Buffer, parts: Parts) {
    put_wrapped(buffer, padded(parts.head), "Kept in memory for this run only, never written.", theme.muted);
    let fields = ask.fields.iter().map(|(field, text)| (field.label(), text));
    draw_masked_fields(fields, ask.at, ask.revealed, theme, buffer, parts.list);
    let foot = padded(parts.foot);
    match &ask.cleaned {
        Some(says) => put_wrapped(buffer, foot, &format!("cleaned: {says}"), theme.odd),
        None => put_wrapped(buffer, foot, "Enter goes on · Ctrl-R shows it · Esc gives up", theme.muted),
    };
}

/// Labels and what was typed beside each.
fn draw_masked_fields<'a>(
    fields: impl Iterator<Item = (&'static str, &'a Masked)>,
    at: usize,
    revealed: bool,
    theme: &Theme,
    buffer: &mut Buffer,
    area: Rect,
) {
    for (y, (i, (label, text))) in (area.y..area.bottom()).zip(fields.enumerate()) {
        let row = Rect { y, height: 1, ..area };
        put(buffer, row.x + 1, row.y, 18, label, theme.text);
        let value = crate::app::layout::cut_left(row, 20).1;
        draw_masked(text, i == at, revealed && i == at, theme, buffer, value);
        if i == at {
            put(buffer, row.x, row.y, 1, "▌", theme.accent);
        }
    }
}

fn draw_vault(app: &App, vault: &VaultBox, look: &Look<'_>, buffer: &mut Buffer, parts: Parts) {
    let theme = look.theme;
    put_wrapped(buffer, padded(parts.head), vault.purpose.says(), theme.muted);
    let fields = vault.fields.iter().map(|(label, text)| (*label, text));
    draw_masked_fields(fields, vault.at, vault.revealed, theme, buffer, parts.list);
    let foot = padded(parts.foot);
    let running = vault.job.and_then(|job| app.jobs.get(job));
    match (running, &vault.problem) {
        (Some(job), _) => {
            put_wrapped(buffer, foot, &status::running_words(job, look), theme.odd);
        }
        (None, Some(problem)) => {
            put_wrapped(buffer, foot, problem, theme.bad);
        }
        (None, None) => {
            put_wrapped(buffer, foot, "Enter goes on · Ctrl-R shows it · Esc gives up", theme.muted);
        }
    }
}

/// Dots, one a character, up to what there is room for; the text itself only when asked for.
fn draw_masked(text: &Masked, writing: bool, revealed: bool, theme: &Theme, buffer: &mut Buffer, row: Rect) {
    let room = usize::from(row.width.saturating_sub(2));
    let shown = if revealed { text.reveal().to_owned() } else { "•".repeat(text.len()) };
    let skip = text.cursor().saturating_sub(room);
    let visible: String = shown.chars().skip(skip).collect();
    put(buffer, row.x, row.y, row.width.saturating_sub(1), &visible, theme.text);
    if writing {
        let x = row.x + (text.cursor() - skip) as u16;
        buffer
            .set_style(Rect { x, width: 1.min(row.right().saturating_sub(x)), ..row }, theme.cursor.style());
    }
}

fn draw_org(org: &OrgBox, theme: &Theme, buffer: &mut Buffer, parts: Parts) {
    page::draw(&org.page, theme, buffer, parts.list);
    let sends = if org.then_send.is_some() { " and sends" } else { "" };
    let other = if org.asks_a_person() { "l logs in again" } else { "e changes the profile" };
    let words = format!("a accepts it for this profile{sends} · {other} · Esc: not now");
    let foot = crate::app::layout::cut_bottom(padded(parts.foot), 2).1;
    put_wrapped(buffer, foot, &words, theme.key);
}

fn draw_address(shown: &AddressBox, theme: &Theme, buffer: &mut Buffer, parts: Parts) {
    page::draw(&shown.page, theme, buffer, parts.list);
    let words = "y copies it again · u shows it alone, to be selected whole · Esc: close";
    let foot = crate::app::layout::cut_bottom(padded(parts.foot), 2).1;
    put_wrapped(buffer, foot, words, theme.key);
}

fn draw_help(help: &Help, theme: &Theme, buffer: &mut Buffer, parts: Parts) {
    for (y, line) in (parts.list.y..parts.list.bottom()).zip(help.lines.iter().skip(help.first)) {
        let (x, width) = (parts.list.x + 1, parts.list.width.saturating_sub(2));
        match line {
            HelpLine::Heading(text) => {
                put(buffer, x, y, width, text, theme.accent);
            }
            HelpLine::Text(text) => {
                put(buffer, x, y, width, text, theme.muted);
            }
            HelpLine::Keys(keys, says, name) => {
                let column = (width / 3).min(20);
                put(buffer, x + 1, y, column.saturating_sub(2), keys, theme.key);
                put(buffer, x + column + 1, y, width.saturating_sub(column + 1), says, theme.text);
                let name_width = name.width() as u16;
                if width > column + 4 + says.width() as u16 + name_width {
                    put(buffer, x + width - name_width, y, name_width, name, theme.muted);
                }
            }
        }
    }
    scrollbar(buffer, parts.list, help.first as u64, help.lines.len() as u64, theme);
}

fn draw_save(save: &SaveBody, theme: &Theme, buffer: &mut Buffer, parts: Parts) {
    let head = padded(parts.head);
    put(buffer, head.x, head.y, head.width, "File, from the folder where orgdeck was started:", theme.muted);
    prompt(buffer, padded(parts.list), "› ", &save.path, theme);
    let foot = padded(parts.foot);
    match &save.exists {
        Some(path) => {
            let text = format!("{} is already there. Enter once more replaces it.", path.display());
            put_wrapped(buffer, foot, &text, theme.bad)
        }
        None => put_wrapped(buffer, foot, "Enter saves it · Esc does not", theme.muted),
    };
}
