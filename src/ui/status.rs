//! The status row on top and the key row at the bottom.

use super::{Look, widgets::put};
use crate::{
    app::{
        App, Running, Weight,
        footer::{self, News},
        pane_tabs,
    },
    document::View,
    format,
    jobs::Progress,
};
use ratatui::{Frame, buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// Who am I, where, how old is the token, how much of the API quota is used.
pub fn draw_status(app: &App, look: &Look<'_>, frame: &mut Frame<'_>, row: Rect) {
    let theme = look.theme;
    let buffer = frame.buffer_mut();
    buffer.set_style(row, Style::from(theme.status));
    let help = right_side(app);
    let room = row.right().saturating_sub(help.width() as u16);
    let mut x = row.x;
    let mut piece = |text: &str, style: Style| {
        let width = text.width() as u16;
        if x + width <= room {
            x += put(buffer, x, row.y, width, text, style);
        }
    };
    let plain = Style::from(theme.status);
    let wide = row.width >= 80;
    piece(if wide { " orgdeck │ " } else { " " }, plain);
    match app.active() {
        None => piece("no profile", plain),
        Some(profile) => {
            piece(profile.id.as_str(), theme.accent.into());
            piece(" ", plain);
            let word = format!(" {} ", app.org_word().unwrap_or_default());
            let style = if look.production { theme.production_word } else { theme.tag_safe };
            piece(&word, style.into());
            if profile.read_only {
                piece(" read-only", theme.odd.into());
            }
            let facts = app.session().and_then(|session| session.org.facts());
            if let Some(facts) = facts.filter(|_| wide) {
                piece(&format!("│ {} ", facts.name), plain);
            }
            let user = facts.map(|facts| &facts.username).or(profile.username.as_ref());
            if let Some(user) = user.filter(|_| row.width >= 100) {
                piece(&format!("│ {user} "), plain);
            }
            let words =
                if wide { format!("│ {} ", token_words(app, look)) } else { token_mark(app).into() };
            piece(&words, plain);
            if let Some((used, limit)) = app.usage.get(&profile.id) {
                let (used_text, limit_text) = (format::count(*used), format::count(*limit));
                let style = if used * 10 >= limit * 9 { theme.bad.into() } else { plain };
                piece(&format!("│ API {used_text} / {limit_text} "), style);
            }
            if let Some(session) = app.session() {
                piece(&format!("│ {} ", session.api_version), plain);
            }
        }
    }
    if app.demo {
        piece("│ demo orgs ", theme.odd.into());
    }
    put(buffer, room, row.y, row.right() - room, &help, plain);
}

fn right_side(app: &App) -> String {
    use crate::app::Action;
    let key = |action| app.keymap.key_of(&action).map_or_else(String::new, |key| key.to_string());
    if app.size.width < 60 {
        return format!("{} help ", key(Action::OpenHelp));
    }
    format!("{} help  {} palette ", key(Action::OpenHelp), key(Action::OpenPalette))
}

fn token_mark(app: &App) -> &'static str {
    match app.session() {
        Some(_) if app.active().is_some_and(|profile| app.is_org_open(&profile.id)) => " ? ",
        Some(_) => " ● ",
        None if app.token_failure().is_some() => " ✗ ",
        None => " ○ ",
    }
}

fn token_words(app: &App, look: &Look<'_>) -> String {
    let Some(session) = app.session() else {
        return if app.token_failure().is_some() { "no token: refused".into() } else { "no token".into() };
    };
    if app.active().is_some_and(|profile| app.is_org_open(&profile.id)) {
        return "token: right org?".into();
    }
    let age = look.now.wall.duration_since(session.issued_at).unwrap_or_default();
    format!("token {} old", format::age(age))
}

/// The panes' tabs, where one pane has the screen.
pub fn draw_pane_tabs(app: &App, look: &Look<'_>, frame: &mut Frame<'_>, row: Rect) {
    let labels = pane_tabs(row.width);
    let names: Vec<&str> = labels.iter().map(String::as_str).collect();
    super::widgets::tabs(frame.buffer_mut(), row, &names, app.focus as usize, look.theme);
}

/// What the keys do here and now; at the right end a message, or what runs.
pub fn draw_keys(app: &App, look: &Look<'_>, frame: &mut Frame<'_>, row: Rect) {
    let theme = look.theme;
    let buffer = frame.buffer_mut();
    for hint in footer::hints(app) {
        let took = put(buffer, hint.area.x, row.y, hint.area.width, &hint.key, theme.key);
        put(buffer, hint.area.x + took + 1, row.y, hint.area.width - took, hint.says, theme.muted);
    }
    match footer::news(app) {
        News::Notice(notice) => {
            let (mark, style) = match notice.weight {
                Weight::Error => ("✗", theme.bad),
                Weight::Info => ("·", theme.good),
            };
            put_right(buffer, row, &format!("{mark} {} ", notice.text), style.into());
        }
        News::Running(job) => {
            put_right(buffer, row, &format!("{} ", running_words(job, look)), theme.accent.into());
        }
        News::Nothing => {}
    }
}

fn put_right(buffer: &mut Buffer, row: Rect, text: &str, style: Style) {
    let width = (text.width() as u16).min(row.width);
    put(buffer, row.right() - width, row.y, width, text, style);
}

/// `⠹ GET query 1.2 s`.
pub fn running_words(job: &Running, look: &Look<'_>) -> String {
    let elapsed = job.elapsed(look.now);
    format!("{} {} {}", super::widgets::spinner(elapsed), job.title, format::span(elapsed))
}

/// How far a job is, in words.
pub fn progress_words(job: &Running) -> String {
    if job.cancelled {
        return "stopping…".into();
    }
    match &job.progress {
        Progress::Queued => "waiting for its turn".into(),
        Progress::ReadingSecret(field) => format!("reading the {}", field.label()),
        Progress::WaitingForKeyring => "waiting for the keyring, Esc gives up".into(),
        Progress::GettingToken => "getting a token".into(),
        Progress::ReadingOrg => "asking which org this is".into(),
        Progress::Sending => "waiting for the answer".into(),
        Progress::Receiving { bytes, of: Some(of) } => {
            format!("{} of {}", format::bytes(*bytes), format::bytes(*of))
        }
        Progress::Receiving { bytes, of: None } => format!("{} received", format::bytes(*bytes)),
        Progress::Indexing => "making it readable".into(),
    }
}

/// How a search stands: `match 3 of 17`.
pub fn match_words(view: &View) -> Option<String> {
    let matches = view.matches()?;
    let known = format::count(matches.known);
    let more = if matches.complete { "" } else { "+" };
    Some(match matches.current {
        Some(at) => format!("match {} of {known}{more} ", format::count(at)),
        None if matches.running => "searching… ".into(),
        None => "no match ".into(),
    })
}
