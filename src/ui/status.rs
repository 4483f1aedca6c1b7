//! The status row on top and the key row at the bottom.

use super::{
    Look,
    widgets::{cut, put},
};
use crate::{
    app::{
        App, Running, Weight,
        footer::{self, News},
        limits::{figure, percent},
        pane_tabs,
    },
    document::{View, safe},
    format,
    jobs::Progress,
    salesforce::limits::Alert,
};
use ratatui::{Frame, buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

/// A part of the status row; where there is little room, the parts with the highest rank go first.
struct Piece {
    rank: u8,
    text: String,
    style: Style,
}

/// Who am I, where, how old is the token, how much of the API quota is used.
pub fn draw_status(app: &App, look: &Look<'_>, frame: &mut Frame<'_>, row: Rect) {
    let buffer = frame.buffer_mut();
    buffer.set_style(row, Style::from(look.theme.status));
    let help = right_side(app);
    let room = row.width.saturating_sub(help.width() as u16);
    let mut x = row.x;
    for piece in fitting(pieces(app, look, row.width), usize::from(room)) {
        x += put(buffer, x, row.y, row.x + room - x, &piece.text, piece.style);
    }
    put(buffer, row.x + room, row.y, row.width - room, &help, look.theme.status);
}

/// The pieces that there is room for, in their order. The name and the kind of org stay, the name cut if it must be.
fn fitting(mut pieces: Vec<Piece>, room: usize) -> Vec<Piece> {
    let mut ranks: Vec<(u8, usize)> = pieces.iter().map(|piece| (piece.rank, piece.text.width())).collect();
    ranks.sort_unstable();
    let mut taken = 0;
    ranks.retain(|(rank, width)| {
        let fits = *rank < 2 || taken + width <= room;
        taken += if fits { *width } else { 0 };
        fits
    });
    pieces.retain(|piece| ranks.iter().any(|(rank, _)| *rank == piece.rank));
    let over = taken.saturating_sub(room);
    if let Some(name) = pieces.iter_mut().find(|piece| piece.rank == 0).filter(|_| over > 0) {
        let left = name.text.width().saturating_sub(over + 1);
        name.text = format!("{} ", cut(&safe(&name.text), left));
    }
    pieces
}

fn pieces(app: &App, look: &Look<'_>, width: u16) -> Vec<Piece> {
    let theme = look.theme;
    let plain = Style::from(theme.status);
    let piece = |rank, text: &str, style: Style| Piece { rank, text: text.to_owned(), style };
    let wide = width >= 80;
    let mut pieces = Vec::new();
    pieces.extend(wide.then(|| piece(7, " orgdeck │", plain)));
    let Some(profile) = app.active() else {
        pieces.push(piece(0, " no profile ", plain));
        pieces.extend(app.demo.then(|| piece(3, "│ demo orgs ", theme.odd.into())));
        return pieces;
    };
    let word = format!(" {} ", app.org_word().unwrap_or_default());
    let style = if look.production { theme.production_word } else { theme.tag_safe };
    pieces.push(piece(0, &format!(" {} ", profile.id), theme.accent.into()));
    pieces.push(piece(1, &word, style.into()));
    if profile.read_only {
        pieces.push(piece(2, " read-only", theme.odd.into()));
    }
    let session = app.session();
    let facts = session.and_then(|session| session.org.facts());
    if let Some(facts) = facts.filter(|_| wide) {
        pieces.push(piece(9, &format!("│ {} ", facts.name), plain));
    }
    let user = facts.map(|facts| &facts.username).filter(|user| !user.is_empty());
    if let Some(user) = user.or(profile.username.as_ref()).filter(|_| width >= 100) {
        pieces.push(piece(10, &format!("│ {user} "), plain));
    }
    let token = if wide { format!("│ {} ", token_words(app, look)) } else { token_mark(app).into() };
    pieces.push(piece(4, &token, plain));
    pieces.extend(gauge(app, look, width));
    if let Some(session) = session {
        pieces.push(piece(8, &format!("│ {} ", session.api_version), plain));
    }
    pieces.extend(app.demo.then(|| piece(6, "│ demo orgs ", theme.odd.into())));
    pieces
}

/// How much of the API calls is used: a bar and figures, or what there is room for. From the warning on it yields to
/// nothing but the name and the kind of org.
fn gauge(app: &App, look: &Look<'_>, width: u16) -> Option<Piece> {
    let gauge = app.usage.get(app.profile.as_ref()?)?;
    let (level, whose) = gauge.usage.tighter();
    let alert = level.alert(app.config.settings.limit_warning);
    let (rank, style): (u8, Style) = match alert {
        Alert::None => (5, look.theme.status.into()),
        Alert::Warning => (3, look.theme.odd.into()),
        Alert::Alarm => (3, look.theme.bad.into()),
    };
    let (bar, empty) = super::widgets::meter(level.share(), 8);
    let percent = percent(level);
    let name = if whose.is_some() { "API of the app" } else { "API" };
    let mark = if alert == Alert::None { String::new() } else { format!("{} ", alert.mark()) };
    let (used, max) = (figure(level.used()), figure(level.max));
    let text = match width {
        140.. => format!("│ {name} {bar}{empty} {used} / {max} {mark}"),
        100.. => format!("│ {name} {used} / {max} {mark}"),
        80.. => format!("│ API {percent} {mark}"),
        _ => format!(" API {}{} ", percent.replace(' ', ""), alert.mark()),
    };
    Some(Piece { rank, text, style })
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
        News::Later(later) => {
            let text = format!("tries again in {}, Esc stops it ", format::clock(later.left(look.now)));
            put_right(buffer, row, &text, theme.odd.into());
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
    if job.waits {
        return "waiting for you".into();
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
