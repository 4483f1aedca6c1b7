//! Actions: which pane or which part of the app carries them out.

use super::{
    Action, App, Chore, Copied, Effect, Effects, Now, Pane, Sequel, Task,
    field::Field,
    overlays::{
        Overlay,
        confirm::{Confirm, Then},
        vault::VaultBox,
    },
    panes::{Handled, token::RowKind},
    vaults::Next,
};
use crate::{
    config::{ProfileId, Theme},
    workspace::{Draft, ready_requests},
};

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

    pub(super) fn apply_anywhere(&mut self, action: Action, now: Now) -> Effects {
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
            Action::OpenDoctor => return self.open_doctor(now),
            Action::FreeMouse => return self.free_mouse(now),
            Action::NextTheme => self.next_theme(now),
            Action::OpenPalette => self.open_palette(),
            Action::OpenHelp => self.open_help(),
            Action::OpenHistory => self.open_history(now),
            Action::OpenLimits => return self.open_limits(now),
            Action::OpenCopyMenu => self.open_copy_menu(),
            Action::OpenTokenMenu => self.open_token_menu(),
            Action::OpenRequests => self.open_requests(),
            Action::ChooseMethod => self.open_methods(),
            Action::ChooseBody => self.open_body_kinds(),
            Action::SwitchProfile => self.open_profile_switcher(),
            Action::UseProfile(id) => self.use_profile(&ProfileId::new(id.as_str()), now),
            Action::GetToken => return self.get_token(now),
            Action::GetTokenBy { wanted, prompt } => return self.get_token_by(wanted, prompt, now),
            Action::ChoosePrompt => self.open_prompts(),
            Action::AskAbout(about) => return self.begin(Task::About(about), now),
            Action::Revoke => self.ask_to_revoke(now),
            Action::ShowOrg => self.ask_which_org(None, now),
            Action::OpenVault(purpose) => {
                self.overlays.push(Overlay::Vault(Box::new(VaultBox::new(purpose, Next::Nothing))));
            }
            Action::LockVault => {
                return self.start_chore(Chore::LockVault, Sequel::Say("the vault is locked".into()), now);
            }
            Action::KeepLogin => return self.keep_login(now),
            Action::DoNotKeepLogin => self.do_not_keep_login(now),
            Action::MoveSecret => return self.move_secret_of_row(now),
            Action::MoveSecretTo(field, to) => return self.move_secret(field, to, now),
            Action::GiveUp(job) => return self.give_up(job, now),
            Action::ForgetToken => return self.forget_token(now),
            Action::OpenGuide => self.open_guide(),
            Action::OpenGuideOf(flow) => self.open_guide_of(flow),
            Action::ChooseGuide => self.choose_guide(),
            Action::AppSaved => self.app_saved(now),
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
            Action::ShowHints => self.show_hints(now),
            Action::AskWhy => return self.ask_why(now),
            Action::UndoMending => return self.undo_mending(now),
            Action::EditExternally => return self.edit_externally(now),
            Action::ApplyFix => return self.apply_fix(now),
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
            Pane::Response if self.response.hints_mut().is_some() => return self.mend_chosen(now),
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
            Some(RowKind::Hint(index)) => self.mend_token(index, now),
            Some(RowKind::Warning(index)) => self.apply_token_fix(index, now),
            Some(RowKind::AskWhy) => self.ask_why(now),
            Some(RowKind::Clock) => self.apply_anywhere(Action::AppSaved, now),
            Some(RowKind::Answer) => self.copy(Copied::TokenField, now),
            Some(RowKind::WhichOrg) => {
                self.ask_which_org(None, now);
                Effects::none()
            }
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

    pub(super) fn use_profile(&mut self, id: &ProfileId, now: Now) {
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

    pub(super) fn open_draft(&mut self, draft: Draft) {
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
        if self.later.take().is_some() {
            self.say("it is not tried again by itself", now);
            return Effects::none();
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

    pub(super) fn quit(&mut self) -> Effects {
        // What is being stopped already is nothing to ask about.
        let running = self.jobs.all().iter().filter(|job| !job.cancelled);
        let mut lines: Vec<String> = running.map(|job| format!("· {}", job.title)).collect();
        if lines.is_empty() {
            return Effect::Quit.into();
        }
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
                if !self.request.set_body(text.strip_suffix('\n').unwrap_or(&text)) {
                    self.complain("too long for the editor (256 KB): the body stays as it was", now);
                }
            }
            Err(problem) => self.complain(problem, now),
        }
        Effects::none()
    }
}
