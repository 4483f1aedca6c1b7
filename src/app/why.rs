//! Asking an org why it refused a login: with whose token that can be done, and what becomes of the answer.
//!
//! Any profile that is logged in to the same org may ask. The one that was refused need not be among them.

use super::{Action, App, Effect, Effects, Kind, Now, Pane, Refused, Running};
use crate::{
    config::{Profile, ProfileField, ProfileId},
    diagnosis::Remedy,
    jobs::{Failure, FailureKind, Job},
    salesforce::{LoginWhy, Session, WhyQuestion, login_history},
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Refusals that come before any user is looked at: nothing of them is in a login history.
///
/// Source: Salesforce Help, OAuth 2.0 error codes; that the history has no row of them is this program's own judgement.
const OF_THE_APP: &[&str] = &[
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "redirect_uri",
    "unsupported_",
    "UNSUPPORTED_API_VERSION",
    "rate_limit",
];

/// Before the org's own words.
pub(super) const IN_HISTORY: &str = "Login History: ";

/// So many rows are shown.
const ROWS: usize = 3;

/// What an org has said of a refused login.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// Its name, with its kind.
    pub(super) org: String,
    /// With whose token it was asked.
    by: ProfileId,
    /// What it said.
    pub(super) why: LoginWhy,
}

/// Who can ask.
struct Witness {
    profile: Arc<Profile>,
    session: Arc<Session>,
}

/// What an org is asked about a login that was refused just now and took that long. The org's own clock counts, where
/// its answer told it. Of a login that was held back it is the last one that was refused.
pub(super) fn question(profile: &Profile, failure: &Failure, took: Duration, now: SystemTime) -> WhyQuestion {
    let username = profile.username.as_deref().filter(|_| profile.flow.needs().uses(ProfileField::Username));
    let held_back = failure.attempts.as_ref().filter(|_| failure.kind == FailureKind::LockoutNear);
    let last = held_back.and_then(|attempts| attempts.refused.iter().max());
    if let Some(last) = last {
        return WhyQuestion::new(username, *last, Duration::ZERO, false);
    }
    let reply = failure.exchange.as_ref().and_then(|exchange| exchange.reply.as_ref().ok());
    let date = reply.and_then(|reply| reply.headers.get("date")?.to_str().ok());
    let by_org = date.and_then(|date| httpdate::parse_http_date(date).ok());
    WhyQuestion::new(username, by_org.unwrap_or(now), took, by_org.is_some())
}

impl Refused {
    /// Whether the org can have noted why.
    fn may_be_noted(&self) -> bool {
        let Failure { kind, code, description, .. } = &self.failure;
        let code = code.as_deref().unwrap_or_default();
        match kind {
            FailureKind::LockoutNear => true,
            FailureKind::OAuth if code.is_empty() => description.is_some(),
            FailureKind::OAuth => !OF_THE_APP.iter().any(|start| code.starts_with(start)),
            _ => false,
        }
    }

    /// What an org has said of it, a line each: whom it was asked with, then what came.
    pub fn told_lines(&self) -> Vec<String> {
        let Some(Told { org, by, why }) = &self.told else { return Vec::new() };
        let mut lines = vec![format!("{org}, asked as {by}, says:")];
        let user = self.question.username.as_deref().unwrap_or("the user");
        if why.has_user == Some(false) {
            lines.push(format!("no user {user} is known here"));
        }
        let of_attempt = why.of_attempt();
        lines.extend(of_attempt.iter().take(ROWS).map(|row| format!("{IN_HISTORY}{}", row.in_words())));
        let flags = [
            (why.is_active == Some(false), "is not active"),
            (why.is_frozen == Some(true), "is frozen"),
            (why.is_locked == Some(true), "is locked out"),
        ];
        lines.extend(flags.iter().filter(|(is, _)| *is).map(|(_, what)| format!("{user} {what}")));
        if let (true, Some(rows)) = (of_attempt.is_empty(), &why.attempts) {
            lines.push("Login History has no refused login of that time; a row may come late".to_owned());
            let earlier = rows.iter().filter(|_| self.question.username.is_some()).take(ROWS - 1);
            lines.extend(earlier.map(|row| format!("before: {}", row.in_words())));
        }
        lines.extend(why.untold.iter().cloned());
        lines
    }
}

impl App {
    /// Those who can be asked about a refused login, the surest first. A token of an org that nobody has looked at is
    /// not used.
    fn witnesses(&self, refused: &Refused) -> Vec<Witness> {
        let own = self.sessions.get(&refused.profile.id).map(AsRef::as_ref);
        let mut found: Vec<_> = self
            .config
            .profiles
            .iter()
            .filter(|profile| !self.is_org_open(&profile.id))
            .filter_map(|profile| {
                let session = self.sessions.get(&profile.id)?;
                let reach = login_history::reach(&refused.profile, own, session)?;
                Some((reach, Witness { profile: Arc::clone(profile), session: Arc::clone(session) }))
            })
            .collect();
        found.sort_by_key(|(reach, _)| *reach);
        found.into_iter().map(|(_, witness)| witness).collect()
    }

    fn next_witness(&self, refused: &Refused) -> Option<Witness> {
        let mut all = self.witnesses(refused).into_iter();
        all.find(|witness| !refused.in_vain.contains(&witness.profile.id))
    }

    fn is_asking_why(&self, of: &ProfileId) -> bool {
        self.jobs.all().iter().any(|job| matches!(&job.kind, Kind::Why { of: asked, .. } if asked == of))
    }

    /// What can be asked about a profile's refused login: `ask Acme (production) why, as acme-prod`. `None` where nobody
    /// can be asked, or all that can be known is told.
    pub fn why_offer(&self, of: &ProfileId) -> Option<String> {
        let refused = self.token_failures.get(of).filter(|refused| refused.may_be_noted())?;
        let is_told = refused.told.as_ref().is_some_and(|told| told.why.is_told());
        if is_told || self.is_asking_why(of) {
            return None;
        }
        // A row may come late: who has read the history without finding it may look once more.
        let once_more = || {
            refused.told.as_ref().filter(|told| told.why.attempts.is_some())?;
            self.witnesses(refused).into_iter().next()
        };
        let next = self.next_witness(refused);
        let what = if next.is_some() { "why" } else { "again" };
        let Witness { profile, session } = next.or_else(once_more)?;
        Some(format!("ask {} {what}, as {}", login_history::name_of(&session), profile.id))
    }

    /// What is offered for the refused login that is on the screen of the response pane.
    pub(super) fn why_offer_of_record(&self) -> Option<String> {
        let record = self.response.record().filter(|record| record.failure.is_some())?;
        self.token_failures.get(&record.profile).filter(|refused| refused.job == record.job)?;
        self.why_offer(&record.profile)
    }

    /// The profile whose refused login a person looks at: that of the answer on the screen, else the one in use.
    fn refused_in_sight(&self) -> Option<ProfileId> {
        let record = self.response.record().filter(|_| self.focus == Pane::Response);
        let shown = record.filter(|record| record.failure.is_some()).map(|record| &record.profile);
        let is_refused = |id: &&ProfileId| self.token_failures.contains_key(*id);
        shown.filter(is_refused).or(self.profile.as_ref().filter(is_refused)).cloned()
    }

    /// What the key offers now.
    pub fn why_offer_in_sight(&self) -> Option<String> {
        self.why_offer(&self.refused_in_sight()?)
    }

    /// The key: asks, or says why that cannot be done.
    pub(super) fn ask_why(&mut self, now: Now) -> Effects {
        let Some(of) = self.refused_in_sight() else {
            self.say("no login was refused that an org could be asked about", now);
            return Effects::none();
        };
        self.ask_why_of(&of, now).unwrap_or_else(|why_not| {
            self.complain(why_not, now);
            Effects::none()
        })
    }

    /// Asks about a profile's refused login.
    ///
    /// # Errors
    /// A sentence where that cannot be done.
    pub(super) fn ask_why_of(&mut self, of: &ProfileId, now: Now) -> Result<Effects, String> {
        let refused = self.token_failures.get(of).ok_or_else(|| format!("no login of {of} was refused"))?;
        if !refused.may_be_noted() {
            return Err("no login history has this: it failed before the org had looked at any user".into());
        }
        if self.is_asking_why(of) {
            return Err("it is being asked: Esc stops it".into());
        }
        // Who has been asked all round begins anew: a row may have come late.
        let next = self.next_witness(refused);
        let Some(Witness { profile, session }) = next.or_else(|| self.witnesses(refused).into_iter().next())
        else {
            return Err(format!(
                "nobody here is logged in to the org of {of}: get a token with a profile that is, and ask again"
            ));
        };
        let (job, question) = (refused.job, refused.question.clone());
        let answers = self.answers.get(&profile.id).cloned().unwrap_or_default();
        let kind = Kind::Why { of: of.clone(), refused: job, session: Arc::clone(&session) };
        let id = self.jobs.begin(kind, Some(Arc::clone(&profile)), "ask why".into(), now);
        Ok(Effect::Start(id, Box::new(Job::AskWhy { profile, session, answers, question })).into())
    }

    /// The org has told what it knows: the causes are weighed anew.
    pub(super) fn on_why(&mut self, job: &Running, why: LoginWhy, now: Now) {
        let (Kind::Why { of, refused: in_job, session }, Some(by)) = (&job.kind, &job.profile) else {
            return;
        };
        let Some(mut refused) = self.token_failures.remove(of) else {
            return self.say(format!("no login of {of} stands refused any more"), now);
        };
        if refused.job == *in_job {
            let told = Told { org: login_history::name_of(session), by: by.id.clone(), why };
            if !told.why.is_told() && !refused.in_vain.contains(&by.id) {
                refused.in_vain.push(by.id.clone());
            }
            refused.hints = self.explain_told(&refused, &told, now);
            refused.told = Some(told);
            let lines = refused.told_lines();
            self.response.explain_anew(*in_job, refused.hints.clone(), lines.clone());
            self.say(lines[1..].first().unwrap_or(&lines[0]).clone(), now);
        }
        self.token_failures.insert(of.clone(), refused);
        if self.profile.as_ref() == Some(of) {
            self.show_news_of_token(now);
        }
    }

    /// It could not be asked: the next one may be able to.
    pub(super) fn on_why_failed(&mut self, job: &Running, failure: &Failure, now: Now) {
        let (Kind::Why { of, refused: in_job, .. }, Some(by)) = (&job.kind, &job.profile) else { return };
        if let Some(refused) = self.token_failures.get_mut(of).filter(|refused| refused.job == *in_job) {
            refused.in_vain.push(by.id.clone());
        }
        self.complain(format!("not asked: {}", failure.message), now);
    }

    /// `W`, as the person has it.
    pub fn why_key(&self) -> String {
        self.keymap.key_of(&Action::AskWhy).map_or_else(String::new, |key| key.to_string())
    }
}

/// What `Enter` does about a cause, where this can be asked.
pub(super) fn enter_words(action: &Remedy, offer: Option<&str>) -> String {
    match (action, offer) {
        (Remedy::AskLoginHistory | Remedy::OpenLoginHistory, Some(offer)) => offer.to_owned(),
        (Remedy::AskLoginHistory, None) => Remedy::OpenLoginHistory.label(),
        _ => action.label(),
    }
}
