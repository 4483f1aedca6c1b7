//! The setup guide's place in the app: opening it, what is ticked off, the clock until an app is known everywhere,
//! and trying when it has run.

use super::{
    Action, App, Copied, Effects, Notice, Now, Pane, Weight,
    overlays::{
        Overlay,
        editor::ProfileEditor,
        guide::{RowKind, SetupGuide, ValueState, Whose},
        picker::{Item, Picker},
    },
};
use crate::{
    config::{Flow, ProfileField, ProfileForm, ProfileId},
    jobs::Failure,
    workspace::guides::{AppKind, effect, guide, may_not_be_known_yet},
};
use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

/// How long the key row says that a clock has run.
const TOLD_FOR: Duration = Duration::from_secs(120);

/// What this run remembers of the setups: by profile, and of the one that has no profile yet.
#[derive(Debug, Default)]
pub struct Setups(HashMap<Option<ProfileId>, Setup>);

/// What this run remembers of one setup.
#[derive(Debug, Default)]
struct Setup {
    app: Option<AppKind>,
    done: HashSet<&'static str>,
    /// When everything was saved in Setup.
    saved: Option<Instant>,
    /// That the time has passed was told.
    told: bool,
}

/// The time since everything was saved in Setup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// It runs.
    Running {
        /// What has passed.
        passed: Duration,
        /// What is left.
        left: Duration,
    },
    /// It has run: the app should be known everywhere.
    Over,
}

impl Setup {
    fn clock(&self, now: Now) -> Option<Clock> {
        let passed = now.mono.saturating_duration_since(self.saved?);
        let left = effect().most.saturating_sub(passed);
        Some(if left.is_zero() { Clock::Over } else { Clock::Running { passed, left } })
    }
}

impl Setups {
    /// The clock of a profile's setup, if one was started.
    pub fn clock(&self, profile: Option<&ProfileId>, now: Now) -> Option<Clock> {
        self.0.get(&profile.cloned())?.clock(now)
    }

    /// How many minutes ago everything was saved in Setup, if that was told and no token has come since.
    pub(super) fn minutes_since_saved(&self, profile: &ProfileId, now: Now) -> Option<u64> {
        let saved = self.0.get(&Some(profile.clone()))?.saved?;
        Some(now.mono.saturating_duration_since(saved).as_secs() / 60)
    }

    /// A token came: whatever was waited for is there.
    pub(super) fn works(&mut self, profile: &ProfileId) {
        if let Some(setup) = self.0.get_mut(&Some(profile.clone())) {
            setup.saved = None;
        }
    }

    fn of(&mut self, profile: Option<ProfileId>) -> &mut Setup {
        self.0.entry(profile).or_default()
    }

    /// What was remembered of a profile belongs to it under its new name.
    fn rename(&mut self, old: Option<ProfileId>, new: ProfileId) {
        if old.as_ref() != Some(&new)
            && let Some(setup) = self.0.remove(&old)
        {
            self.0.insert(Some(new), setup);
        }
    }

    /// When the next clock will have run.
    fn next_end(&self) -> Option<Instant> {
        let waiting = self.0.values().filter(|setup| !setup.told);
        waiting.filter_map(|setup| Some(setup.saved? + effect().most)).min()
    }
}

/// Whether a refusal is what an app is answered that is not known everywhere yet: the clock is worth offering.
pub fn may_be_too_early(failure: &Failure) -> bool {
    let description = failure.description.as_deref().unwrap_or_default();
    failure.code.as_deref().is_some_and(|code| may_not_be_known_yet(code, description))
}

impl App {
    /// The guide of the chosen profile's flow, or of the form's; without either, of a flow to be chosen.
    pub(super) fn open_guide(&mut self) {
        let (whose, flow) = match self.overlays.last() {
            Some(Overlay::Editor(editor)) => (Whose::Form, editor.form.flow()),
            _ => match self.chosen_profile() {
                Some(profile) => (Whose::Profile(profile.id.clone()), Some(profile.flow)),
                None => (Whose::Nobody, None),
            },
        };
        match flow {
            Some(flow) => self.overlays.push(Overlay::Guide(SetupGuide::new(whose, flow))),
            None => self.choose_guide(),
        }
    }

    /// The guide of a flow, with nobody's values: it is read before there is a profile.
    pub(super) fn open_guide_of(&mut self, flow: Flow) {
        self.overlays.retain(|overlay| !matches!(overlay, Overlay::Guide(_)));
        self.overlays.push(Overlay::Guide(SetupGuide::new(Whose::Nobody, flow)));
    }

    pub(super) fn choose_guide(&mut self) {
        let shown = match self.overlays.last() {
            Some(Overlay::Guide(guide)) => Some(guide.flow),
            _ => None,
        };
        let at = Flow::ALL.iter().position(|flow| Some(*flow) == shown).unwrap_or(0);
        let items = Flow::ALL.iter().map(|flow| {
            Item::new(flow.label(), Action::OpenGuideOf(*flow)).detail(guide(*flow).about.clone())
        });
        let mut picker = Picker::menu("The setup guide of which flow?", items.collect()).at(at);
        picker.intro = vec!["What to switch on in Salesforce before the flow gives a token.".into()];
        self.overlays.push(Overlay::Picker(picker));
    }

    /// Carries out what concerns the guide on top. `None` if the action is no matter of it.
    pub(super) fn apply_in_guide(&mut self, action: &Action, now: Now) -> Option<Effects> {
        let Some(Overlay::Guide(guide)) = self.overlays.last() else { return None };
        let row = guide.row().cloned();
        let kind = row.as_ref().map(|row| row.kind);
        match (action, kind) {
            (Action::Enter, Some(RowKind::Value { field, state })) => {
                let is_there = matches!(state, ValueState::There | ValueState::Odd);
                let copies = is_there && row.is_some_and(|row| row.copy.is_some());
                return Some(match field.filter(|_| !copies) {
                    Some(field) => self.edit_from_guide(field, now),
                    None => self.copy(Copied::Guided, now),
                });
            }
            (Action::Enter, Some(RowKind::Step { .. })) | (Action::ToggleRow, _) => self.tick(now),
            (Action::Copy(Copied::Guided), _) => match row.and_then(|row| row.copy) {
                Some(_) => return Some(self.copy(Copied::Guided, now)),
                None => self.complain("there is nothing to copy in this row", now),
            },
            (Action::EditProfile, kind) => {
                let field = match kind {
                    Some(RowKind::Value { field: Some(field), .. }) => field,
                    _ => ProfileField::Flow,
                };
                return Some(self.edit_from_guide(field, now));
            }
            (Action::AppSaved, _) => self.app_saved(now),
            (Action::GetToken, _) => return Some(self.try_setup(now)),
            (Action::NextTab | Action::PreviousTab, _) => self.other_app(),
            (Action::Enter, _) => {}
            _ => return None,
        }
        Some(Effects::none())
    }

    /// What the row of the cursor has to copy, and its name.
    pub(super) fn guided_copy(&self) -> Option<(String, &'static str)> {
        match self.overlays.last() {
            Some(Overlay::Guide(guide)) => guide.row()?.copy.clone(),
            _ => None,
        }
    }

    /// Ticks the step of the cursor off, or takes that back; on a value it is the step that the value belongs to.
    fn tick(&mut self, now: Now) {
        let Some(Overlay::Guide(guide)) = self.overlays.last() else { return };
        let Some(RowKind::Step { id, done, counts }) = guide.step() else { return };
        let key = self.setup_key();
        let setup = self.setups.of(key);
        if done {
            setup.done.remove(id);
        } else {
            setup.done.insert(id);
        }
        match (counts, done) {
            (true, false) => self.app_saved(now),
            (true, true) => setup.saved = None,
            _ => {}
        }
    }

    /// All is saved in Setup: time counts from now on. Said again, it begins anew.
    pub(super) fn app_saved(&mut self, now: Now) {
        let key = self.setup_key();
        if key.is_none() && !matches!(self.overlays.last(), Some(Overlay::Guide(_))) {
            self.complain("no profile is in use: p chooses one, a in Profiles writes one", now);
            return;
        }
        let setup = self.setups.of(key);
        setup.saved = Some(now.mono);
        setup.told = false;
        self.say("the clock runs", now);
    }

    fn other_app(&mut self) {
        let Some(Overlay::Guide(shown)) = self.overlays.last() else { return };
        let apps = &guide(shown.flow).apps;
        let other = apps.iter().copied().find(|app| Some(*app) != shown.app);
        if other.is_some() {
            let key = self.setup_key();
            self.setups.of(key).app = other;
        }
    }

    /// Gets a token with the profile of the guide, which becomes the one in use.
    fn try_setup(&mut self, now: Now) -> Effects {
        let Some(Overlay::Guide(guide)) = self.overlays.last() else { return Effects::none() };
        match guide.whose.clone() {
            Whose::Profile(id) => {
                if self.profile.as_ref() != Some(&id) {
                    self.use_profile(&id, now);
                }
                self.get_token(now)
            }
            Whose::Form => {
                self.complain("the form is not saved yet: close the guide, and save it first", now);
                Effects::none()
            }
            Whose::Nobody => {
                self.complain("no profile has this flow yet: Enter on a missing value writes one", now);
                Effects::none()
            }
        }
    }

    /// The form with its cursor at a field: the one below the guide, the profile's, or a new one for the flow.
    fn edit_from_guide(&mut self, field: ProfileField, now: Now) -> Effects {
        let Some(Overlay::Guide(guide)) = self.overlays.last() else { return Effects::none() };
        let flow = guide.flow;
        match guide.whose.clone() {
            Whose::Form => {
                self.overlays.pop();
            }
            Whose::Profile(id) => match self.config.profile(&id).cloned() {
                Some(profile) => self.open_editor(ProfileEditor::new(Some(&profile)), now),
                None => self.complain(format!("{id} is no longer in the file"), now),
            },
            Whose::Nobody => self.open_editor(ProfileEditor::of_flow(flow), now),
        }
        if let Some(Overlay::Editor(editor)) = self.overlays.last_mut() {
            editor.go_to(field);
        }
        Effects::none()
    }

    /// Whose ticks and clock: those of the guide on top, else of the profile in use.
    fn setup_key(&self) -> Option<ProfileId> {
        match self.overlays.last() {
            Some(Overlay::Guide(guide)) => self.key_of(&guide.whose),
            _ => self.profile.clone(),
        }
    }

    /// The profile that a guide is for, if there is one already.
    pub fn key_of(&self, whose: &Whose) -> Option<ProfileId> {
        match whose {
            Whose::Profile(id) => Some(id.clone()),
            Whose::Nobody => None,
            Whose::Form => self.overlays.iter().rev().find_map(|overlay| match overlay {
                Overlay::Editor(editor) => Some(editor.old.clone()),
                _ => None,
            })?,
        }
    }

    /// Puts values and ticks, as they are now, into the guide on top.
    pub(super) fn fill_guide(&mut self) {
        let key = self.setup_key();
        let Some((Overlay::Guide(guide), below)) = self.overlays.split_last_mut() else { return };
        let form = match (&guide.whose, below.last()) {
            // A profile that is being renamed is not there for a moment: what is shown stays.
            (Whose::Profile(id), _) => match self.config.profile(id) {
                Some(profile) => ProfileForm::of(profile),
                None => return,
            },
            (Whose::Form, Some(Overlay::Editor(editor))) => editor.form.clone(),
            (Whose::Form, _) => return,
            (Whose::Nobody, _) => ProfileEditor::of_flow(guide.flow).form,
        };
        guide.flow = form.flow().unwrap_or(guide.flow);
        let setup = self.setups.of(key);
        guide.fill(&form, setup.app, &setup.done);
    }

    /// The form was saved, perhaps under another name: its guides and what is remembered of them follow.
    pub(super) fn guides_follow(&mut self) {
        let saved = self.overlays.iter().rev().find_map(|overlay| match overlay {
            Overlay::Editor(editor) => {
                Some((editor.old.clone(), editor.form.text(ProfileField::Name).trim()))
            }
            _ => None,
        });
        let Some((old, name)) = saved else { return };
        let new = ProfileId::new(name);
        for overlay in &mut self.overlays {
            let Overlay::Guide(guide) = overlay else { continue };
            let is_its = match &guide.whose {
                Whose::Form => true,
                Whose::Nobody => old.is_none(),
                Whose::Profile(id) => old.as_ref() == Some(id),
            };
            if is_its {
                guide.whose = Whose::Profile(new.clone());
            }
        }
        self.setups.rename(old, new);
    }

    /// Closes the guides of profiles that are gone.
    pub(super) fn close_lost_guides(&mut self) {
        let config = &self.config;
        self.overlays.retain(|overlay| match overlay {
            Overlay::Guide(SetupGuide { whose: Whose::Profile(id), .. }) => config.profile(id).is_some(),
            _ => true,
        });
    }

    /// When a clock must move on the screen, or has run.
    pub(super) fn clock_wake(&self, now: Now) -> Option<Instant> {
        let second = self.clock_in_sight(now).map(|passed| {
            let part = Duration::from_nanos(passed.subsec_nanos().into());
            now.mono + (Duration::from_secs(1) - part)
        });
        [second, self.setups.next_end()].into_iter().flatten().min()
    }

    /// What has passed on the running clock that the screen shows.
    pub(super) fn clock_in_sight(&self, now: Now) -> Option<Duration> {
        let in_guide = matches!(self.overlays.last(), Some(Overlay::Guide(_)));
        let pane = self.screen().pane(Pane::Token);
        let in_pane =
            pane.is_some() && self.token_failure().is_some_and(|refused| may_be_too_early(&refused.failure));
        let key = self.setup_key();
        match self.setups.clock(key.as_ref(), now) {
            Some(Clock::Running { passed, .. }) if in_guide || in_pane => Some(passed),
            _ => None,
        }
    }

    /// Says that a clock has run; true if one has.
    pub(super) fn tell_clocks(&mut self, now: Now) -> bool {
        let over = |setup: &Setup| !setup.told && setup.clock(now) == Some(Clock::Over);
        let Some((key, setup)) = self.setups.0.iter_mut().find(|(_, setup)| over(setup)) else {
            return false;
        };
        setup.told = true;
        let whose = key.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
        let ready = format!("{whose}the app should be known by now");
        let key_of_token = self.keymap.key_of(&Action::GetToken);
        let text = match (key.as_ref() == self.profile.as_ref(), key_of_token) {
            (true, Some(key)) => format!("{ready}: {key} gets the token"),
            _ => ready,
        };
        self.notice = Some(Notice { text, weight: Weight::Info, until: now.mono + TOLD_FOR });
        true
    }
}
