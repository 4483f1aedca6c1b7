//! Trying again after a while: a count-down in the key row, then the same once more. A refused password is never sent
//! again by itself: then it is only said that the time has come.

use super::{App, Case};
use crate::{
    app::{Effects, Now},
    config::{Flow, ProfileId},
    workspace::guides::effect,
};
use std::time::{Duration, Instant};

/// How long is waited where the answer does not say.
const A_WHILE: Duration = Duration::from_secs(60);

/// Nobody waits longer before the screen, whatever the answer says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How often is looked whether the screen is free.
const FREE: Duration = Duration::from_secs(1);

/// What is tried again, and when.
#[derive(Clone, Debug)]
pub struct Later {
    /// When.
    pub until: Instant,
    case: Case,
}

impl Later {
    /// What is left to wait.
    pub fn left(&self, now: Now) -> Duration {
        self.until.saturating_duration_since(now.mono)
    }
}

impl App {
    /// After what the answer says, or a while.
    pub(super) fn try_later(&mut self, case: &Case, now: Now) -> Effects {
        let after = case.exchange.as_ref().and_then(|exchange| {
            let headers = &exchange.reply.as_ref().ok()?.headers;
            headers.get("retry-after")?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
        });
        let after = after.unwrap_or(A_WHILE).min(LONGEST);
        self.later = Some(Later { until: now.mono + after, case: case.clone() });
        self.notice = None; // the count-down stands in its place
        Effects::none()
    }

    /// When a new app should be known everywhere.
    pub(super) fn try_when_app_is_known(&mut self, case: &Case, now: Now) {
        self.later = Some(Later { until: now.mono + effect().most, case: case.clone() });
    }

    /// The time has come. By itself only a request that reads is sent, or a token got without a password, and only for
    /// the profile that it was for; what a person has open or writes comes first.
    pub(in crate::app) fn try_if_due(&mut self, now: Now) -> Effects {
        let Some(later) = self.later.as_mut().filter(|later| later.until <= now.mono) else {
            return Effects::none();
        };
        if !self.overlays.is_empty() || self.request.writing.is_some() {
            later.until = now.mono + FREE;
            return Effects::none();
        }
        let Some(Later { case, .. }) = self.later.take() else { return Effects::none() };
        let id = &case.profile.id;
        let is_same = self.profile.as_ref() == Some(id)
            && self.active().is_some_and(|profile| profile.same_login(&case.profile));
        let alone = match &case.draft {
            Some(_) => !case.writes() && self.sessions.contains_key(id) && !self.doubted.contains(id),
            None => {
                !matches!(case.profile.flow, Flow::Password | Flow::SoapLogin | Flow::HeadlessCode)
                    && self.jobs.token_of(id).is_none()
            }
        };
        if !is_same || !alone {
            self.say(format!("{id}: the time has come to try again"), now);
            return Effects::none();
        }
        let focus = self.focus;
        let effects = self.try_again(&case, now);
        self.focus = focus; // nobody pressed a key
        effects
    }

    /// What a person does for a profile now takes the place of what waits for it.
    pub(in crate::app) fn forget_later_of(&mut self, profile: &ProfileId) {
        self.later.take_if(|later| later.case.profile.id == *profile);
    }
}
