//! Keys, pastes and the mouse: what they mean here and now.

use super::{
    Action, App, Effects, Now, Pane,
    field::Edit,
    footer,
    keymap::{Key, Where},
    layout::{self, Mode},
    overlays::{Overlay, geometry},
    panes::response::Face,
};
use crossterm::event::{KeyEvent, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};
use std::time::Duration;

/// Two clicks on one cell within this are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);
/// Rows that one step of the wheel scrolls.
const WHEEL: i64 = 3;

impl App {
    pub(super) fn on_key(&mut self, event: KeyEvent, now: Now) -> Effects {
        // Windows reports releases too.
        if event.kind == KeyEventKind::Release {
            return Effects::none();
        }
        self.press(Key::from(event), now)
    }

    fn press(&mut self, key: Key, now: Now) -> Effects {
        let chain = self.chain();
        if let Some(action) = self.keymap.action(&chain, key).cloned() {
            if action != Action::Interrupt {
                self.interrupted = false;
            }
            return self.apply(action, now);
        }
        if let Some(c) = key.typed().filter(|_| chain.contains(&Where::Text)) {
            return self.apply(Action::Edit(Edit::Insert(c)), now);
        }
        // tmux and SSH can glue `Esc` and the next key together to `Alt` and that key.
        let Some(glued) = key.without_alt() else { return Effects::none() };
        let mut effects = self.apply(Action::Back, now);
        effects.extend(self.press(glued, now));
        effects
    }

    /// A paste is text, never keys: outside a text field it is refused.
    pub(super) fn on_paste(&mut self, text: &str, now: Now) -> Effects {
        let taken = match self.overlays.last_mut() {
            Some(overlay) => overlay.paste(text),
            None if self.focus == Pane::Request && self.request.writing.is_some() => {
                Some(self.request.paste(text))
            }
            None => None,
        };
        match taken {
            Some(true) => {}
            Some(false) => self.complain("too long for the editor (256 KB): nothing was pasted", now),
            None => self.complain("nothing is being written here: Enter on a field begins", now),
        }
        Effects::none()
    }

    pub(super) fn on_mouse(&mut self, event: MouseEvent, now: Now) -> Effects {
        let at = Position { x: event.column, y: event.row };
        match event.kind {
            MouseEventKind::Down(MouseButton::Left) => self.click(at, now),
            MouseEventKind::ScrollUp => self.wheel(at, -WHEEL, now),
            MouseEventKind::ScrollDown => self.wheel(at, WHEEL, now),
            _ => Effects::none(),
        }
    }

    fn click(&mut self, at: Position, now: Now) -> Effects {
        let double = self.last_click.is_some_and(|(when, x, y)| {
            (x, y) == (at.x, at.y) && now.mono.saturating_duration_since(when) < DOUBLE_CLICK
        });
        self.last_click = (!double).then_some((now.mono, at.x, at.y));
        let screen = self.screen();
        if screen.keys.contains(at) {
            let hint = footer::hints(self).into_iter().find(|hint| hint.area.contains(at));
            return hint.map_or_else(Effects::none, |hint| self.apply(hint.action, now));
        }
        if let Some(overlay) = self.overlays.last_mut() {
            let Some(row) = geometry::row_at(overlay, self.size, at) else { return Effects::none() };
            overlay.put_cursor(row);
            // A list's row is chosen by one click, as a menu's is anywhere; a form's by two.
            let choose = double || matches!(overlay, Overlay::Picker(_));
            return if choose { self.apply(Action::Enter, now) } else { Effects::none() };
        }
        if let Some(tabs) = screen.tabs.filter(|tabs| tabs.contains(at)) {
            let widths = pane_tabs(tabs.width).map(|label| label.len() as u16);
            let pane = hit(tabs, &widths, self.focus as usize, at).map(|i| Pane::ALL[i]);
            return pane.map_or_else(Effects::none, |pane| self.apply(Action::Focus(pane), now));
        }
        let Some(pane) = screen.pane_at(at.x, at.y).filter(|_| screen.mode != Mode::TooSmall) else {
            return Effects::none();
        };
        let mut effects = self.apply(Action::Focus(pane), now);
        for action in self.clicked(pane, screen.inside(pane).unwrap_or_default(), at, double) {
            effects.extend(self.apply(action, now));
        }
        effects
    }

    /// What a click in a pane means.
    fn clicked(&mut self, pane: Pane, inside: Rect, at: Position, double: bool) -> Vec<Action> {
        if !inside.contains(at) {
            return Vec::new();
        }
        let line = usize::from(at.y - inside.y);
        let enter = double.then_some(Action::Enter);
        match pane {
            Pane::Profiles if !self.profiles_parts(inside).0.contains(at) => Vec::new(),
            Pane::Profiles if self.profiles.first + line < self.config.profiles.len() => {
                [Action::Row(self.profiles.first + line)].into_iter().chain(enter).collect()
            }
            Pane::Token if layout::token_list(inside).contains(at) => {
                [Action::Row(self.token.first + line)].into_iter().chain(enter).collect()
            }
            Pane::Request => self.clicked_request(inside, at, enter),
            Pane::Response if line == 0 => {
                let widths = Face::ALL.map(|face| face.label().len() as u16);
                let chosen = self.response.record().map_or(0, |r| r.face as usize);
                hit(inside, &widths, chosen, at).map(Action::Tab).into_iter().collect()
            }
            Pane::Response => {
                let body = self.response_body(inside);
                if self.response.hints_mut().is_some() {
                    let row = [Action::Row(usize::from(at.y.saturating_sub(body.y)))].into_iter();
                    return row.filter(|_| body.contains(at)).chain(enter).collect();
                }
                let hit = body.contains(at)
                    && self.response.view_mut().is_some_and(|view| view.select(at.y - body.y));
                enter.filter(|_| hit).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn clicked_request(&mut self, inside: Rect, at: Position, enter: Option<Action>) -> Vec<Action> {
        match usize::from(at.y - inside.y) {
            0 if at.x < inside.x + 9 => vec![Action::ChooseMethod],
            0 => [Action::Row(0)].into_iter().chain(enter).collect(),
            1 => {
                let widths = self.request_tabs().map(|label| label.len() as u16);
                hit(inside, &widths, self.request.tab as usize, at).map(Action::Tab).into_iter().collect()
            }
            line if self.request.entries().is_some() => {
                [Action::Row(self.request.first + line - 1)].into_iter().chain(enter).collect()
            }
            _ => [Action::Row(1)].into_iter().chain(enter).collect(),
        }
    }

    fn wheel(&mut self, at: Position, rows: i64, now: Now) -> Effects {
        let step = if rows < 0 { Action::Up } else { Action::Down };
        if !self.overlays.is_empty() {
            return self.apply(step, now);
        }
        match self.screen().pane_at(at.x, at.y) {
            Some(Pane::Response) => {
                if let Some(view) = self.response.view_mut() {
                    view.scroll_by(rows);
                }
            }
            Some(pane) if pane == self.focus => return self.apply(step, now),
            _ => {}
        }
        Effects::none()
    }
}

/// The labels of the pane tabs in single mode.
pub fn pane_tabs(width: u16) -> [String; 4] {
    Pane::ALL.map(|pane| {
        let title = if width < 50 { pane.short_title() } else { pane.title() };
        format!("{} {title}", pane.number())
    })
}

fn hit(inside: Rect, widths: &[u16], chosen: usize, at: Position) -> Option<usize> {
    let row = Rect { y: at.y, height: 1, ..inside };
    layout::labels(row, widths, chosen).into_iter().find(|(_, area)| area.contains(at)).map(|(i, _)| i)
}
