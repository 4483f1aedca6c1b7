//! What errors most likely mean, with all that the screen knows beside them.

use super::{App, Kind, Now, Running, why::Told};
use crate::{
    config::{Profile, ProfileId},
    diagnosis::{Explained, Facts, Rules, explain_exchange},
    jobs::{Answer, Failure, JobId},
    salesforce::WhyQuestion,
};
use std::sync::{Arc, OnceLock};

/// Why a token request brought none, and what that most likely means.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What the worker said.
    pub failure: Failure,
    /// The causes; empty where the failure says all itself.
    pub hints: Vec<Explained>,
    /// Whose login it was, as the profile was then.
    pub profile: Arc<Profile>,
    /// In which job.
    pub(super) job: JobId,
    /// What an org is asked about it.
    pub(super) question: WhyQuestion,
    /// What one has said.
    pub(super) told: Option<Told>,
    /// Those whose token it was asked with in vain.
    pub(super) in_vain: Vec<ProfileId>,
}

impl Refused {
    /// The likeliest cause, or what the failure itself says, in a line.
    pub fn in_short(&self) -> &str {
        let cause = self.hints.first().map(|error| error.first().cause.as_str());
        cause.or(self.failure.fix.as_deref()).unwrap_or(&self.failure.message)
    }
}

/// The hints: the built-in ones and the person's own, read when the first error has to be explained.
#[derive(Debug, Default)]
pub(super) struct OwnRules {
    files: Vec<(String, String)>,
    read: OnceLock<(Rules, Vec<String>)>,
    /// What is wrong with the person's own was told.
    told: bool,
}

impl OwnRules {
    pub(super) fn new(files: Vec<(String, String)>) -> Self {
        Self { files, ..Self::default() }
    }

    fn rules(&self) -> &Rules {
        if self.files.is_empty() {
            return Rules::built_in();
        }
        let files = self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        &self.read.get_or_init(|| Rules::with_own(files)).0
    }
}

impl App {
    fn rules(&self) -> &Rules {
        self.rules.rules()
    }

    /// Says once what is wrong with the person's own hints, when they have been read.
    pub(super) fn tell_of_own_hints(&mut self, now: Now) {
        let problem = self.rules.read.get().and_then(|(_, problems)| problems.first()).cloned();
        if let (Some(problem), false) = (problem, self.rules.told) {
            self.rules.told = true;
            self.complain(format!("hints/{problem}"), now);
        }
    }

    /// What is known of a profile, whatever is asked for it.
    pub(super) fn facts_of(&self, profile: &Profile, now: Now) -> Facts {
        let mut facts = Facts::of_profile(profile);
        facts.known.profile_org = self.org_behind(profile).map(str::to_owned);
        facts.known.logged_in_here = self.has_logged_in(profile);
        facts.known.app_age_minutes = self.setups.minutes_since_saved(&profile.id, now);
        facts.known.ssh = self.surroundings.seat == super::Seat::Remote;
        facts
    }

    /// What an answer's errors most likely mean; nothing where nothing failed.
    pub(super) fn explain_answer(&self, job: &Running, answer: &Answer, now: Now) -> Vec<Explained> {
        let Some(profile) = &job.profile else { return Vec::new() };
        let mut facts = self.facts_of(profile, now);
        if let Kind::Call { session: Some(session), .. }
        | Kind::About { session, .. }
        | Kind::Limits { session } = &job.kind
        {
            facts = facts.with_session(session, now.wall);
        }
        explain_exchange(self.rules(), facts, &answer.exchange, &answer.said)
    }

    /// A failure with its causes: no token came for that profile by that job.
    pub(super) fn refused(
        &self,
        profile: &Arc<Profile>,
        job: &Running,
        failure: &Failure,
        now: Now,
    ) -> Refused {
        Refused {
            failure: failure.clone(),
            hints: failure.explain(self.rules(), self.facts_of(profile, now)),
            profile: Arc::clone(profile),
            job: job.id,
            question: super::why::question(profile, failure, job.elapsed(now), now.wall),
            told: None,
            in_vain: Vec::new(),
        }
    }

    /// The causes, with what an org has said of it.
    pub(super) fn explain_told(&self, refused: &Refused, told: &Told, now: Now) -> Vec<Explained> {
        let facts = self.facts_of(&refused.profile, now).with_login_why(&told.why, &told.org);
        refused.failure.explain(self.rules(), facts)
    }
}
