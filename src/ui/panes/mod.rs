//! One file a pane, each with one `draw`.

mod profiles;
mod request;
mod response;
mod token;

use super::{Look, widgets};
use crate::app::{App, Pane, layout};
use ratatui::{Frame, layout::Rect};

/// Draws a pane with its border.
pub fn draw(app: &App, pane: Pane, look: &Look<'_>, frame: &mut Frame<'_>, area: Rect) {
    let focused = app.focus == pane && app.overlays.is_empty();
    let (title, right) = match pane {
        Pane::Request => (app.request_title(), String::new()),
        Pane::Response => (String::new(), response::title(app)),
        Pane::Profiles | Pane::Token => (String::new(), String::new()),
    };
    let name = match title.as_str() {
        "" => format!("{} {}", pane.number(), pane.title()),
        title => format!("{} {} ─ {title}", pane.number(), pane.title()),
    };
    let buffer = frame.buffer_mut();
    widgets::frame(buffer, area, &name, &right, focused, look);
    let inside = layout::inside(area);
    if inside.is_empty() {
        return;
    }
    match pane {
        Pane::Profiles => profiles::draw(app, look, buffer, inside, focused),
        Pane::Token => token::draw(app, look, buffer, inside, focused),
        Pane::Request => request::draw(app, look, buffer, inside, focused),
        Pane::Response => response::draw(app, look, buffer, inside, focused),
    }
}
