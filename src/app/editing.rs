//! Actions: who carries them out.

use super::{
    Action, App, Copied, Effect, Effects, Now, Pane, Secretable,
    field::Field,
    overlays::{
        Overlay, SaveBody,
        confirm::{Confirm, Then},
    },
    panes::{Handled, response::Face, token::RowKind},
};
use crate::{
    config::{ProfileId, Theme},
    document::Target,
    format,
    jobs::Answers,
    secrets::Secret,
    workspace::{Draft, ready_requests},
};
use std::path::PathBuf;

impl App {
    /// Carries an action out, in the overlay or the pane that has the keys.
    pub(super) fn apply(&mut self, action: Action, now: Now) -> Effects {
        if !self.overlays.is_empty() {
            return self.apply_in_overlay(action, now);
        }
        if self.apply_in_pane(&action) == Handled::Yes {
            return Effects::none();
        }
        self.apply_anywhere(action, now)
    }

    fn apply_in_pane(&mut self, action: &Action) -> Handled {
        let screen = self.screen();
        let page = screen.inside(self.focus).map_or(1, |area| usize::from(area.height));
        match (self.focus, action) {
            (Pane::Profiles, _) => self.profiles.handle(action, self.config.profiles.len(), page),
            (Pane::Token, _) => self.token.handle(action, usize::MAX, page),
            (Pane::Request, _) => self.request.handle(action, page.saturating_sub(2)),
            // Enter may be a link, which is no matter of this pane alone.
            (Pane::Response, Action::Enter) => Handled::No,
            (Pane::Response, _) => self.response.handle(action),
        }
    }

    fn apply_anywhere(&mut self, action: Action, now: Now) -> Effects {
        match action {
            Action::Focus(pane) => self.go_to(pane),
            Action::NextPane => self.go_to(Pane::ALL[(self.focus as usize + 1) % 4]),
            Action::PreviousPane => self.go_to(Pane::ALL[(self.focus as usize + 3) % 4]),
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::Back => return self.back(now),
            Action::Interrupt => return self.interrupt(now),
            Action::Quit => return self.quit(),
            Action::QuitAnyway => return Effect::Quit.into(),
            Action::Suspend => return Effect::Suspend.into(),
            Action::OpenDemo => return Effect::OpenDemo.into(),
            Action::FreeMouse => return self.free_mouse(now),
            Action::NextTheme => self.next_theme(now),
            Action::OpenPalette => self.open_palette(),
            Action::OpenHelp => self.open_help(),
            Action::OpenHistory => self.open_history(now),
            Action::OpenCopyMenu => self.open_copy_menu(),
            Action::OpenTokenMenu => self.open_token_menu(),
            Action::OpenRequests => self.open_requests(),
            Action::ChooseMethod => self.open_methods(),
            Action::ChooseBody => self.open_body_kinds(),
            Action::SwitchProfile => self.open_profile_switcher(),
            Action::UseProfile(id) => self.use_profile(&ProfileId::new(id.as_str()), now),
            Action::GetToken => return self.get_token(now),
            Action::ForgetToken => self.forget_token(now),
            Action::Send => return self.send(now),
            Action::NewRequest => self.open_draft(Draft::new()),
            Action::OpenReady(index) => {
                if let Some(ready) = ready_requests().get(index) {
                    self.open_draft(ready.draft.clone());
                }
            }
            Action::OpenDraft(index) => {
                if let Some(draft) = self.request.shelf.get(index).cloned() {
                    self.open_draft(draft);
                }
            }
            Action::ShowAnswer(_) | Action::AnswerBack | Action::AnswerForward => {
                self.response.handle(&action);
                self.go_to(Pane::Response);
            }
            Action::SetMethod(_) | Action::SetBody(_) | Action::EditUrl => {
                self.go_to(Pane::Request);
                self.request.handle(&action, 1);
            }
            Action::EditExternally => return self.edit_externally(now),
            Action::Enter => return self.enter(now),
            Action::Copy(what) => return self.copy(what, now),
            Action::Search => self.overlays.push(Overlay::Search(Field::line(""))),
            Action::FollowLink => self.follow_link(now),
            Action::SaveBody => self.ask_where_to_save(now),
            Action::AddProfile
            | Action::EditProfile
            | Action::DuplicateProfile
            | Action::DeleteProfile
            | Action::DeleteProfileNow(_)
            | Action::MoveProfileUp
            | Action::MoveProfileDown => return self.change_profiles(&action, now),
            _ => {}
        }
        Effects::none()
    }

    /// `Enter` in a list: what the row is for.
    fn enter(&mut self, now: Now) -> Effects {
        match self.focus {
            Pane::Profiles => {
                if let Some(profile) = self.config.profiles.get(self.profiles.cursor) {
                    let id = profile.id.clone();
                    self.use_profile(&id, now);
                }
            }
            Pane::Token => return self.enter_token_row(now),
            Pane::Response => {
                let folded = self.response.view_mut().is_some_and(|view| view.toggle_fold());
                if !folded {
                    self.follow_link(now);
                }
            }
            Pane::Request => {}
        }
        Effects::none()
    }

    fn enter_token_row(&mut self, now: Now) -> Effects {
        let rows = super::panes::token::rows(self, now);
        match rows.get(self.token.cursor).map(|row| row.kind) {
            Some(RowKind::Button) => self.get_token(now),
            Some(RowKind::Field(field) | RowKind::Missing(field)) => self.edit_profile_at(field, now),
            Some(RowKind::Answer) => self.copy(Copied::TokenField, now),
            _ => Effects::none(),
        }
    }

    /// Gives a pane the keys; what is being written is in the draft already.
    pub(super) fn go_to(&mut self, pane: Pane) {
        if pane != Pane::Request {
            self.request.writing = None;
        }
        if self.focus == Pane::Profiles && pane != Pane::Profiles {
            self.select_active();
        }
        self.focus = pane;
    }

    pub(super) fn select_active(&mut self) {
        let at = self.config.profiles.iter().position(|p| Some(&p.id) == self.profile.as_ref());
        self.profiles.cursor = at.unwrap_or(self.profiles.cursor);
    }

    fn use_profile(&mut self, id: &ProfileId, now: Now) {
        if self.config.profile(id).is_none() {
            return;
        }
        self.profile = Some(id.clone());
        self.token.cursor = 0;
        self.request.problems.clear();
        self.request.changed = true;
        self.select_active();
        if let Some(profile) = self.active() {
            let text = format!("{id} · {}", profile.environment.word());
            self.say(text, now);
        }
    }

    fn open_draft(&mut self, draft: Draft) {
        self.request.open(draft);
        self.go_to(Pane::Request);
    }

    /// `Esc` with no overlay and nothing being written: the search, then what runs.
    fn back(&mut self, now: Now) -> Effects {
        if self.response.searching() && self.focus == Pane::Response {
            if let Some(view) = self.response.view_mut() {
                view.clear_search();
            }
            return Effects::none();
        }
        if let Some(effects) = self.cancel_newest(now) {
            return effects;
        }
        self.notice = None;
        Effects::none()
    }

    /// `Ctrl-C`: what `Esc` does, and leaves if there was nothing to undo and it comes twice.
    fn interrupt(&mut self, now: Now) -> Effects {
        if self.request.writing.take().is_some() {
            return Effects::none();
        }
        if let Some(effects) = self.cancel_newest(now) {
            return effects;
        }
        if self.interrupted {
            return Effect::Quit.into();
        }
        self.interrupted = true;
        self.say("Ctrl-C once more leaves", now);
        Effects::none()
    }

    fn quit(&mut self) -> Effects {
        if self.jobs.all().is_empty() {
            return Effect::Quit.into();
        }
        let mut lines: Vec<String> = self.jobs.all().iter().map(|job| format!("· {}", job.title)).collect();
        lines.insert(0, "This still runs and would be stopped:".into());
        let confirm = Confirm::plain("Leave?", lines, Then::Do(Action::QuitAnyway));
        self.overlays.push(Overlay::Confirm(confirm));
        Effects::none()
    }

    fn free_mouse(&mut self, now: Now) -> Effects {
        self.mouse = !self.mouse;
        let text = if self.mouse { "the mouse is orgdeck's again" } else { "the mouse is the terminal's" };
        self.say(text, now);
        Effect::CaptureMouse(self.mouse).into()
    }

    fn next_theme(&mut self, now: Now) {
        let at = Theme::ALL.iter().position(|t| *t == self.theme).unwrap_or(0);
        self.theme = Theme::ALL[(at + 1) % Theme::ALL.len()];
        let text = if self.palette() == self.theme {
            format!("theme {} (for good: theme = \"{}\" in [settings])", self.theme.name(), self.theme.name())
        } else {
            "NO_COLOR is set: no theme has colours".to_owned()
        };
        self.say(text, now);
    }

    fn edit_externally(&mut self, now: Now) -> Effects {
        if !self.request.has_editor() {
            self.complain("there is no body to write: K chooses its kind", now);
            return Effects::none();
        }
        let ending = match self.request.draft.body_kind {
            crate::workspace::BodyKind::Json => "json",
            crate::workspace::BodyKind::Xml => "xml",
            _ => "txt",
        };
        Effect::EditExternally { text: self.request.body.text(), ending }.into()
    }

    pub(super) fn on_edited(&mut self, text: Result<String, String>, now: Now) -> Effects {
        match text {
            Ok(text) => {
                if !self.request.set_body(text.trim_end_matches('\n')) {
                    self.complain("too long for the editor (256 KB): the body stays as it was", now);
                }
            }
            Err(problem) => self.complain(problem, now),
        }
        Effects::none()
    }

    /// What the cursor of the response leads to: a link there, else the query's next page.
    pub fn link(&self) -> Option<String> {
        let view = self.response.view()?;
        match view.target() {
            Some(Target::Url(url)) => Some(url),
            _ => view.document().records().and_then(|records| records.next_records_url.clone()),
        }
    }

    fn follow_link(&mut self, now: Now) {
        match self.link() {
            Some(url) => {
                self.open_draft(Draft { url, ..Draft::new() });
                self.say("the link is the new request; s sends it, o has the old one", now);
            }
            None => self.complain("there is no link here", now),
        }
    }

    fn ask_where_to_save(&mut self, now: Now) {
        let record = self.response.record();
        let reply = record.and_then(|r| r.exchange.as_ref()).and_then(|x| x.reply.as_ref().ok());
        let (Some(document), Some(reply)) = (record.and_then(|r| r.document()), reply) else {
            self.complain("there is no body to save", now);
            return;
        };
        let ending = match document.kind() {
            crate::document::Kind::Json => "json",
            crate::document::Kind::Xml => "xml",
            crate::document::Kind::Csv => "csv",
            crate::document::Kind::Html => "html",
            crate::document::Kind::Text => "txt",
            _ => "bin",
        };
        let path = Field::line(&format!("response.{ending}"));
        let body = reply.body.0.clone();
        self.overlays.push(Overlay::SaveBody(SaveBody { path, body, exists: None }));
    }

    fn copy(&mut self, what: Copied, now: Now) -> Effects {
        let Some((text, name)) = self.copied(what, now) else {
            self.complain("there is nothing to copy here, or it is too large: S saves it to a file", now);
            return Effects::none();
        };
        Effect::Copy { text, what: name }.into()
    }

    fn copied(&self, what: Copied, now: Now) -> Option<(Secretable, &'static str)> {
        let plain = |text: Option<String>, name| text.map(|text| (Secretable::Plain(text), name));
        let view = self.response.view();
        match what {
            Copied::Value => plain(view?.value(), "the value"),
            Copied::Path => plain(view?.path(), "the path"),
            Copied::Body => plain(self.whole_body(), "the body"),
            Copied::Headers => plain(self.reply_headers(), "the headers"),
            Copied::Url => plain(self.final_url(), "the URL"),
            Copied::Token => {
                Some((Secretable::Secret(self.session()?.access_token.clone()), "the access token"))
            }
            Copied::Authorization => {
                let header = format!("Authorization: Bearer {}", self.session()?.access_token.expose());
                Some((Secretable::Secret(Secret::new(header)), "the Authorization header"))
            }
            Copied::InstanceUrl => {
                let url = self.session()?.instance_url.as_str().trim_end_matches('/').to_owned();
                plain(Some(url), "the instance URL")
            }
            Copied::OrgId => plain(self.session()?.org_id.as_ref().map(ToString::to_string), "the org id"),
            Copied::TokenField => {
                let rows = super::panes::token::rows(self, now);
                plain(rows.get(self.token.cursor).map(|row| row.value.clone()), "the field")
            }
        }
    }

    fn whole_body(&self) -> Option<String> {
        /// More than this no clipboard is for.
        const MOST: usize = 8 * 1024 * 1024;
        let exchange = self.response.record()?.exchange.as_ref()?;
        let body = &exchange.reply.as_ref().ok()?.body.0;
        (body.len() <= MOST).then(|| String::from_utf8(body.to_vec()).ok()).flatten()
    }

    fn reply_headers(&self) -> Option<String> {
        let exchange = self.response.record()?.exchange.as_ref()?;
        Some(super::wire::reply_head(exchange.reply.as_ref().ok()?))
    }

    fn final_url(&self) -> Option<String> {
        let profile = self.active()?;
        let scope = crate::workspace::Scope::new(profile, self.session().map(AsRef::as_ref));
        let prepared = self.request.draft.prepare(&scope, &profile.headers).ok()?;
        Some(prepared.url.to_string())
    }

    fn apply_in_overlay(&mut self, action: Action, now: Now) -> Effects {
        let size = self.size;
        let Some(overlay) = self.overlays.last_mut() else { return Effects::none() };
        if overlay.handle(&action, size) {
            self.search_as_typed();
            return Effects::none();
        }
        match action {
            Action::Back | Action::Interrupt => self.close_overlay(),
            Action::Enter | Action::SaveForm => self.accept_overlay(now),
            _ => Effects::none(),
        }
    }

    /// The search goes along with every key.
    fn search_as_typed(&mut self) {
        if let Some(Overlay::Search(field)) = self.overlays.last() {
            let pattern = field.text();
            if let Some(view) = self.response.view_mut() {
                view.find(&pattern);
            }
        }
    }

    fn close_overlay(&mut self) -> Effects {
        match self.overlays.last() {
            Some(Overlay::Picker(picker)) if picker.stays => return self.quit(),
            Some(Overlay::Editor(editor)) if editor.changed() => {
                let lines = vec!["What was written in the form is not saved.".to_owned()];
                let confirm = Confirm::plain("Close without saving?", lines, Then::CloseEditor);
                self.overlays.push(Overlay::Confirm(confirm));
                return Effects::none();
            }
            Some(Overlay::Search(_)) => {
                if let Some(view) = self.response.view_mut() {
                    view.clear_search();
                }
            }
            _ => {}
        }
        self.overlays.pop();
        Effects::none()
    }

    fn accept_overlay(&mut self, now: Now) -> Effects {
        match self.overlays.last_mut() {
            Some(Overlay::Picker(picker)) => {
                let Some(action) = picker.chosen().cloned() else { return Effects::none() };
                // The start page stays below a form, so that closing the form leads back to it.
                if picker.stays {
                    return self.apply_anywhere(action, now);
                }
                self.overlays.pop();
                self.apply(action, now)
            }
            Some(Overlay::Confirm(confirm)) if confirm.agreed() => {
                let Some(Overlay::Confirm(confirm)) = self.overlays.pop() else { return Effects::none() };
                self.confirmed(confirm.then, now)
            }
            Some(Overlay::Search(_)) => {
                self.overlays.pop();
                Effects::none()
            }
            Some(Overlay::SaveBody(save)) => {
                let path = PathBuf::from(save.path.text());
                if path.as_os_str().is_empty() {
                    return Effects::none();
                }
                let overwrite = save.exists.as_ref() == Some(&path);
                Effect::SaveBody { path, body: save.body.clone(), overwrite }.into()
            }
            Some(Overlay::Ask(_)) => self.take_answers(now),
            Some(Overlay::Editor(_)) => self.save_profile(now),
            _ => Effects::none(),
        }
    }

    fn confirmed(&mut self, then: Then, now: Now) -> Effects {
        match then {
            Then::Do(action) => self.apply_anywhere(action, now),
            Then::Send(ready) => self.send_confirmed(*ready, now),
            Then::CloseEditor => {
                self.overlays.pop();
                Effects::none()
            }
        }
    }

    /// Keeps what was typed for this run and goes on with what needed it.
    fn take_answers(&mut self, now: Now) -> Effects {
        let Some(Overlay::Ask(ask)) = self.overlays.last_mut() else { return Effects::none() };
        if ask.step(true) {
            return Effects::none();
        }
        if let Some(empty) = ask.fields.iter().position(|(_, text)| text.is_empty()) {
            ask.at = empty;
            return Effects::none();
        }
        let Some(Overlay::Ask(ask)) = self.overlays.pop() else { return Effects::none() };
        let known = self.answers.entry(ask.profile.clone()).or_default();
        let typed = ask.fields.into_iter().map(|(field, mut text)| (field, text.take()));
        let mut all: Vec<_> = known.0.drain(..).collect();
        for (field, secret) in typed {
            all.retain(|(f, _)| *f != field);
            all.push((field, secret));
        }
        *known = Answers(all);
        self.doubted.remove(&ask.profile);
        if self.profile.as_ref() == Some(&ask.profile) {
            return self.begin_token(ask.then_send, now);
        }
        Effects::none()
    }

    /// The summary in the response's title.
    pub fn response_title(&self) -> Option<String> {
        let record = self.response.record()?;
        let exchange = record.exchange.as_ref()?;
        let reply = exchange.reply.as_ref().ok()?;
        let (wire, whole) = (reply.wire_len, reply.body.0.len() as u64);
        let mut title = format!(
            "{} · {} · {}",
            super::wire::status(reply.status),
            format::span(exchange.timings.total),
            format::bytes(whole)
        );
        if wire < whole {
            title.push_str(&format!(" ({} gzip)", format::bytes(wire)));
        }
        if let Some(records) = record.document().and_then(|document| document.records()) {
            let total = records.total.unwrap_or(records.shown);
            title.push_str(&format!(
                " · {} of {} records",
                format::count(records.shown),
                format::count(total)
            ));
        }
        if exchange.replayed {
            title.push_str(" · sent again with a new token");
        }
        Some(title)
    }

    /// Whether the shown face has the body in it.
    pub fn shows_body(&self) -> bool {
        self.response.record().is_some_and(|r| matches!(r.face, Face::Tree | Face::Raw))
    }
}
