//! A password that was refused so often that one more may lock the user out: asked before it is sent.

use super::{
    App, Effects, Errand, Now,
    overlays::{
        Overlay,
        confirm::{Confirm, Then},
    },
};
use crate::{
    config::Profile,
    format::age,
    jobs::{Attempts, Failure, FailureKind, Wish},
};
use std::sync::Arc;

/// A token that was asked for and not got, because its password may lock the user out.
#[derive(Clone, Debug)]
pub struct HeldBack {
    /// With which profile: as it was then, or as it was being tried.
    profile: Arc<Profile>,
    errand: Errand,
    attempts: Attempts,
}

impl App {
    /// Notes that a person has to be asked.
    pub(super) fn hold_back(&mut self, profile: &Arc<Profile>, errand: &Errand, failure: &Failure) {
        if let (FailureKind::LockoutNear, Some(attempts)) = (failure.kind, &failure.attempts) {
            let (profile, attempts) = (Arc::clone(profile), Attempts::clone(attempts));
            self.held_back = Some(HeldBack { profile, errand: errand.clone(), attempts });
        }
    }

    /// Asks, once nothing else is open and nobody is writing: a key that was meant for something else must not send
    /// a password. Where another profile is in use by then, nobody wants it any more.
    pub(super) fn ask_about_lockout_where_free(&mut self, now: Now) {
        if !self.overlays.is_empty() || self.request.writing.is_some() {
            return;
        }
        let Some(held) = self.held_back.take().filter(|held| self.profile.as_ref() == Some(&held.profile.id))
        else {
            return;
        };
        let Attempts { host, username, refused } = &held.attempts;
        let ago = refused.iter().map(|at| age(now.wall.duration_since(*at).unwrap_or_default()));
        let lines = vec![
            format!("The password of {username}"),
            format!("was refused {} times within 15 minutes at {host}", refused.len()),
            format!("({} ago).", ago.collect::<Vec<_>>().join(", ")),
            "Orgs lock users out after 3, 5 or 10 refusals. Correct password and security token first, or wait."
                .into(),
            "Enter sends it all the same.".into(),
        ];
        let mut confirm = Confirm::plain("Risk a lockout?", lines, Then::SendPassword(Box::new(held)));
        confirm.production = self.is_production();
        self.overlays.push(Overlay::Confirm(confirm));
    }

    /// The person has said yes: it is sent, if the profile is still the same.
    pub(super) fn send_despite_lockout(&mut self, held: HeldBack, now: Now) -> Effects {
        let HeldBack { profile, mut errand, .. } = held;
        let before = errand.trial.as_ref().map_or(&*profile, |trial| trial.before());
        let current = self.config.profile(&profile.id);
        if !current.is_some_and(|current| before.same_login(current)) {
            self.complain(format!("not sent: {} was changed meanwhile", profile.id), now);
            return Effects::none();
        }
        if self.jobs.token_of(&profile.id).is_some() {
            self.complain("the token is still being got: Esc stops it", now);
            return Effects::none();
        }
        errand.wish = Wish { despite_lockout: true, ..errand.wish };
        let answers = self.answers.get(&profile.id).cloned().unwrap_or_default();
        self.start_token(profile, answers, errand, now)
    }
}
