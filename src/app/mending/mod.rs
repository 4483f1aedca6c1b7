//! One key that mends: what the action of a hint changes. It is tried once; a change of the profile is written to the
//! file only when it has brought a token; one key takes it back.
//!
//! `profile` tries other profile fields, `token` what a person types and where a token belongs, `request` other requests,
//! `elsewhere` is what a person does in Salesforce.

mod elsewhere;
mod later;
mod profile;
mod request;
mod token;

pub use later::Later;
pub(super) use profile::Proven;
pub use profile::{Change, Trial};

use super::{Action, App, ConfigText, Effects, Now, Pane, panes::response::RecordId};
use crate::{
    config::{Profile, ProfileId},
    diagnosis::{Explained, Remedy},
    http::Exchange,
    workspace::Draft,
};
use std::sync::Arc;

/// What was mended last, to be taken back.
#[derive(Clone, Debug)]
pub enum Undo {
    /// The profile had these values; the file's text before and after.
    Profile(ProfileId, Vec<Change>, Box<[ConfigText; 2]>),
    /// The composer held this draft.
    Draft(Box<Draft>),
}

/// What an action is applied to: whose error it is, and what had been asked.
#[derive(Clone, Debug)]
pub(super) struct Case {
    profile: Arc<Profile>,
    /// The profile as it was when the request was sent: what is sent again must not go elsewhere.
    sent_as: Option<Arc<Profile>>,
    /// The error; none for what is seen before anything is sent.
    error: Option<Explained>,
    /// The request as it was written; `None` where it was for a token.
    draft: Option<Arc<Draft>>,
    /// What was sent and answered.
    exchange: Option<Arc<Exchange>>,
    /// Where it is told.
    record: Option<RecordId>,
}

/// A request that was sent again: where its error is told, and what is to be said there when it works.
#[derive(Debug)]
pub(super) struct Resent {
    record: RecordId,
    draft: Draft,
    says: String,
}

impl App {
    /// `Enter` on a hint of the answer.
    pub(super) fn mend_chosen(&mut self, now: Now) -> Effects {
        let Some(record) = self.response.record() else { return Effects::none() };
        let Some(action) = record.hints.chosen().and_then(|hint| hint.action.clone()) else {
            self.say("nothing here can be done by a key: the arrow says what to do", now);
            return Effects::none();
        };
        let Some(profile) = self.config.profile(&record.profile).cloned() else {
            self.complain(format!("{} is no longer in the configuration", record.profile), now);
            return Effects::none();
        };
        let error = record.hints.chosen_error().cloned();
        let (draft, exchange) = (record.draft.clone(), record.exchange.clone());
        let sent_as = record.sent_as.clone();
        let case = Case { profile, sent_as, error, draft, exchange, record: Some(record.id) };
        self.carry_out_remedy(&action, &case, now)
    }

    /// `Enter` on a cause in the token pane.
    pub(super) fn mend_token(&mut self, index: usize, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else { return Effects::none() };
        let Some(refused) = self.token_failure() else { return Effects::none() };
        let error = refused.hints.first().cloned();
        let action = error.as_ref().and_then(|error| error.hints.get(index)?.action.clone());
        let exchange = refused.failure.exchange.clone();
        let is_it = |of: &Option<Arc<Exchange>>| {
            of.as_ref().zip(exchange.as_ref()).is_some_and(|(a, b)| a.id == b.id)
        };
        let record = self.response.records.iter().rev().find(|record| is_it(&record.exchange)).map(|r| r.id);
        match action {
            Some(action) => {
                let case = Case { profile, sent_as: None, error, draft: None, exchange, record };
                self.carry_out_remedy(&action, &case, now)
            }
            None => {
                self.show_hints(now);
                Effects::none()
            }
        }
    }

    /// Carries a remedy out for the profile in use and what stands in the composer: what is warned of before sending.
    pub(super) fn mend_before(&mut self, action: &Remedy, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else { return Effects::none() };
        self.carry_out_remedy(
            action,
            &Case { profile, sent_as: None, error: None, draft: None, exchange: None, record: None },
            now,
        )
    }

    /// Changes what stands in the composer and does not send it; one key takes it back.
    pub(super) fn mend_draft(&mut self, change: impl FnOnce(&mut Draft) -> bool, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else { return Effects::none() };
        let case = Case { profile, sent_as: None, error: None, draft: None, exchange: None, record: None };
        self.send_changed(&case, change, String::new(), now)
    }

    /// Carries a remedy out. Another profile than the one in use becomes it first: what follows happens in its panes.
    fn carry_out_remedy(&mut self, action: &Remedy, case: &Case, now: Now) -> Effects {
        if self.profile.as_ref() != Some(&case.profile.id) {
            self.use_profile(&case.profile.id, now);
        }
        self.mend_profile(action, case, now)
            .or_else(|| self.mend_request(action, case, now))
            .unwrap_or_else(|| self.mend_elsewhere(action, case, now))
    }

    /// `; Z takes it back`.
    fn how_to_undo(&self) -> String {
        let key = self.keymap.key_of(&Action::UndoMending);
        key.map_or_else(String::new, |key| format!("; {key} takes it back"))
    }

    /// Sends a request again that had failed; what mended it is said at its error when it works.
    fn send_again(&mut self, case: &Case, draft: Draft, says: String, now: Now) -> Effects {
        if case.sent_as.as_ref().is_some_and(|sent| !sent.same_login(&case.profile)) {
            self.complain(format!("not sent: {} was changed since", case.profile.id), now);
            return Effects::none();
        }
        self.resent = case.record.map(|record| Resent { record, draft: draft.clone(), says });
        self.send_draft(draft, now)
    }

    /// An answer without an error: if it is that of a request that was sent again, its error is mended.
    pub(super) fn take_success(&mut self, draft: Option<&Draft>) {
        if let Some(Resent { record, says, .. }) = self.resent.take_if(|resent| draft == Some(&resent.draft))
        {
            self.response.mend(record, says);
        }
    }

    /// Takes the last mending back.
    pub(super) fn undo_mending(&mut self, now: Now) -> Effects {
        match self.undo.take() {
            Some(Undo::Profile(id, changes, texts)) => self.restore_profile(&id, &changes, *texts, now),
            Some(Undo::Draft(draft)) => {
                self.request.open(*draft);
                self.say("the request is as it was before", now);
                Effects::none()
            }
            None => {
                self.say("there is nothing to take back", now);
                Effects::none()
            }
        }
    }

    /// Goes to the hints of the newest answer that has some; of the answer on the screen, if that has.
    pub(super) fn show_hints(&mut self, now: Now) {
        let shown = self.response.record().filter(|record| !record.hints.is_empty()).map(|record| record.id);
        let newest = || self.response.records.iter().rev().find(|r| !r.hints.is_empty()).map(|r| r.id);
        let found: Option<RecordId> = shown.or_else(newest);
        match found {
            Some(id) => {
                self.response.show_hints(id);
                self.go_to(Pane::Response);
            }
            None => self.say("no answer of this run has failed", now),
        }
    }
}
