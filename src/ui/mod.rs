//! Drawing only: reads the state, decides nothing. The same state, time and size give the same cells.
//!
//! Where things are is decided in `app::layout`, which the mouse uses as well. Text from outside comes here
//! already safe from `document`; everything else that the outside had a hand in goes through
//! [`widgets::put`], which makes it safe.
#![deny(clippy::disallowed_methods)]

mod overlays;
mod panes;
mod status;
pub mod theme;
mod widgets;

use crate::app::{App, Now, Pane, layout::Mode};
use ratatui::{Frame, layout::Rect, style::Style};
use theme::Theme;

/// What drawing needs beside the state.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// Styles.
    pub theme: &'a Theme,
    /// The time, for ages and spinners.
    pub now: Now,
    /// The org in use is a production org: the whole frame says so.
    pub production: bool,
}

/// Draws the whole screen.
pub fn draw(app: &App, theme: &Theme, now: Now, frame: &mut Frame<'_>) {
    let look = Look { theme, now, production: app.is_production() };
    let area = frame.area();
    frame.buffer_mut().set_style(area, Style::from(theme.text));
    let screen = app.screen();
    if screen.mode == Mode::TooSmall {
        return too_small(app, frame, area);
    }
    status::draw_status(app, &look, frame, screen.status);
    if let Some(tabs) = screen.tabs {
        status::draw_pane_tabs(app, &look, frame, tabs);
    }
    for pane in Pane::ALL {
        if let Some(area) = screen.pane(pane) {
            panes::draw(app, pane, &look, frame, area);
        }
    }
    for overlay in &app.overlays {
        overlays::draw(app, overlay, &look, frame);
    }
    status::draw_keys(app, &look, frame, screen.keys);
}

fn too_small(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let smallest = crate::app::layout::SMALLEST;
    let text = format!(
        "orgdeck needs {}×{}, this is {}×{}",
        smallest.width, smallest.height, app.size.width, app.size.height
    );
    for (i, line) in widgets::wrap(&text, usize::from(area.width)).iter().enumerate() {
        let y = area.y + i as u16;
        if y < area.bottom() {
            widgets::put(frame.buffer_mut(), area.x, y, area.width, line, Style::default());
        }
    }
}
