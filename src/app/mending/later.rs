//! Trying again after a while: a count-down in the key row, then the same once more. A refused password is never sent
//! again by itself: then it is only said that the time has come.

use super::{App, Case};
use crate::{
    app::{Effects, Now},
    config::Flow,
    workspace::guides::effect,
};
use std::time::{Duration, Instant};

/// How long is waited where the answer does not say.
const A_WHILE: Duration = Duration::from_secs(60);

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
        self.later = Some(Later { until: now.mono + after.unwrap_or(A_WHILE), case: case.clone() });
        Effects::none()
    }

    /// When a new app should be known everywhere.
    pub(super) fn try_when_app_is_known(&mut self, case: &Case, now: Now) {
        self.later = Some(Later { until: now.mono + effect().most, case: case.clone() });
    }

    /// The time has come.
    pub(in crate::app) fn try_if_due(&mut self, now: Now) -> Effects {
        if self.later.as_ref().is_none_or(|later| later.until > now.mono) {
            return Effects::none();
        }
        let Some(Later { case, .. }) = self.later.take() else { return Effects::none() };
        let is_password = matches!(case.profile.flow, Flow::Password | Flow::SoapLogin);
        let writes = case
            .exchange
            .as_ref()
            .is_some_and(|x| case.draft.is_some() && x.request.method != http::Method::GET);
        if (case.draft.is_none() && is_password) || writes {
            let key = if case.draft.is_some() { "s" } else { "t" };
            self.say(format!("{}: the time has come to try again: {key}", case.profile.id), now);
            return Effects::none();
        }
        if self.profile.as_ref() != Some(&case.profile.id) {
            self.say(format!("{}: the time has come to try again", case.profile.id), now);
            return Effects::none();
        }
        self.try_again(&case, now)
    }
}
