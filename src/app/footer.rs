//! The key row: what the keys do here and now, from the keymap, as far as there is room.

use super::{Action, App, Notice, Pane, Running, Weight, keymap::Where, mending::Later, overlays::Overlay};
use crate::config::ProfileField;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// One hint, where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Its cells.
    pub area: Rect,
    /// The key.
    pub key: String,
    /// What it does.
    pub says: &'static str,
    /// What a click on it does.
    pub action: Action,
}

/// The hints that fit into the key row.
pub fn hints(app: &App) -> Vec<Hint> {
    let row = app.screen().keys;
    // A blank stays free before the message.
    let room = match news_width(app) {
        0 => row.width,
        news => row.width.saturating_sub(news + 1),
    };
    let chain = app.chain();
    let mut out = Vec::new();
    let mut x = row.x + 1;
    let mut rows = app.keymap.reachable(&chain);
    // What is special here comes first; in a list, "leave" closes the row.
    rows.retain(|(binding, _)| !binding.hint.is_empty() && useful(app, &binding.action, binding.at));
    for (binding, key) in rows {
        let key = key.to_string();
        let says = hint_of(app, &binding.action, binding.at, binding.hint);
        let width = (key.width() + 1 + says.width()) as u16;
        if x + width > row.x + room {
            continue;
        }
        let area = Rect { x, width, ..row };
        out.push(Hint { area, key, says, action: binding.action.clone() });
        x += width + 3;
    }
    out
}

/// On a hint `Enter` folds nothing: it carries the hint's action out.
fn hint_of(app: &App, action: &Action, at: Where, says: &'static str) -> &'static str {
    if (action, at) == (&Action::Enter, Where::Response) && app.response.has_remedy() {
        "do it"
    } else {
        says
    }
}

/// Hints that would do nothing now are left out.
fn useful(app: &App, action: &Action, at: Where) -> bool {
    match (action, at) {
        (Action::DeleteRow | Action::ToggleRow | Action::AddRow, Where::Request) => {
            app.request.entries().is_some()
        }
        (Action::ApplyFix, _) => app.next_fix().is_some(),
        (Action::AskWhy, _) => app.why_offer_in_sight().is_some(),
        (Action::ForgetToken, _) => app.session().is_some(),
        (Action::MoveSecret, _) => super::panes::token::secret_of_row(app).is_some(),
        (Action::EditProfile, Where::Org) => !asks_a_person(app),
        (Action::EditProfile | Action::DuplicateProfile | Action::DeleteProfile, _) => {
            !app.config.profiles.is_empty()
        }
        (Action::Enter, Where::Response) => app.response.view().is_some() || app.response.has_remedy(),
        (Action::NextTab, Where::Response) => app.response.record().is_some(),
        (Action::Search | Action::SaveBody, Where::Response) => app.response.view().is_some(),
        (Action::FollowLink, _) => app.link().is_some(),
        (Action::BeginEditing, Where::Request) => {
            app.request.row == 0 || app.request.has_editor() || app.request.entries().is_some()
        }
        (Action::SaveForm, Where::Text) => {
            app.overlays.last().is_some_and(|o| matches!(o, Overlay::Editor(_)))
        }
        (Action::OpenGuide, Where::Form) => app.overlays.last().is_some_and(|overlay| match overlay {
            Overlay::Editor(editor) => editor.field().is_some_and(of_setup),
            _ => false,
        }),
        (Action::OpenGuide, _) => {
            app.focus == Pane::Token && app.active().is_some() && app.session().is_none()
        }
        (Action::NextTab, Where::Guide) => app.overlays.last().is_some_and(|overlay| match overlay {
            Overlay::Guide(guide) => crate::workspace::guides::guide(guide.flow).apps.len() > 1,
            _ => false,
        }),
        (Action::Enter | Action::ExplainErrorPage, Where::Login) => takes_text(app),
        (Action::MendCode, _) => miscopied(app),
        (Action::GetToken, Where::Limits) => app.session().is_none(),
        (Action::LogInAgain, _) => asks_a_person(app),
        (Action::CopyOther, _) => !takes_text(app),
        (Action::Send | Action::GetToken, Where::Anywhere) => app.active().is_some(),
        (Action::Send, Where::Text) => app.overlays.is_empty(),
        // The keys of writing are hints where a request is written; in an overlay they only fill the row.
        (Action::NextField, Where::Text) if takes_text(app) => false,
        (_, Where::Text) => {
            app.overlays.last().is_none_or(|o| matches!(o, Overlay::Editor(_) | Overlay::Login(_)))
        }
        _ => true,
    }
}

/// Whether a profile's field is one that the setup guide explains.
fn of_setup(field: ProfileField) -> bool {
    use ProfileField as F;
    matches!(
        field,
        F::Flow
            | F::LoginUrl
            | F::ConsumerKey
            | F::ConsumerSecret
            | F::RedirectUri
            | F::Scopes
            | F::PrivateKeyFile
    )
}

/// A login that is answered by a text, not one by a code that is typed elsewhere.
fn takes_text(app: &App) -> bool {
    matches!(app.overlays.last(), Some(Overlay::Login(login)) if login.takes_text())
}

/// A pasted code that looks miscopied.
fn miscopied(app: &App) -> bool {
    matches!(app.overlays.last(), Some(Overlay::Login(login)) if login.slip.is_some())
}

/// A token of another org would come by another login, not by another profile.
fn asks_a_person(app: &App) -> bool {
    matches!(app.overlays.last(), Some(Overlay::Org(org)) if org.asks_a_person())
}

/// What the right end of the key row tells.
#[derive(Clone, Copy, Debug)]
pub enum News<'a> {
    /// A message.
    Notice(&'a Notice),
    /// What runs.
    Running(&'a Running),
    /// What is tried again after a while.
    Later(&'a Later),
    /// Nothing.
    Nothing,
}

/// What runs is news until it ends; only what went wrong is more urgent.
pub fn news(app: &App) -> News<'_> {
    match (&app.notice, app.jobs.newest()) {
        (Some(notice), Some(_)) if notice.weight == Weight::Error => News::Notice(notice),
        (_, Some(job)) => News::Running(job),
        (Some(notice), None) => News::Notice(notice),
        (None, None) => app.later.as_ref().map_or(News::Nothing, News::Later),
    }
}

/// Cells at the right end that the news take.
fn news_width(app: &App) -> u16 {
    let row = app.screen().keys.width;
    match news(app) {
        News::Notice(notice) => (notice.text.width() as u16 + 3).min(row),
        News::Later(_) => 32.min(row / 2),
        News::Running(job) => (job.title.width() as u16 + 14).min(row / 2),
        News::Nothing => 0,
    }
}
