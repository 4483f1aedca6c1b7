//! Limits: the gauge of API calls that every answer moves, what is said when much of them is used, and the list that an
//! org is asked for.

use super::{
    App, Effect, Effects, Kind, Now, Running,
    action::Action,
    overlays::{
        Overlay,
        limits::{LimitsBox, Problem},
    },
};
use crate::{
    config::ProfileId,
    http::Exchange,
    jobs::{Answer, Failure, Job, LimitsTold, Past},
    salesforce::{
        self,
        limits::{API_REQUESTS, Alert, ApiUsage, Level, Limit},
    },
};
use std::{collections::HashMap, sync::Arc};

/// How far below a threshold the use must fall before reaching it is news again: it goes up and down with the hours.
const SLACK: u64 = 5;

/// API calls of a profile, as its org said last.
#[derive(Clone, Debug)]
pub struct Gauge {
    /// How many.
    pub usage: ApiUsage,
    /// What was said of each.
    said: HashMap<String, Alert>,
}

impl Gauge {
    fn new(usage: ApiUsage) -> Self {
        Self { usage, said: HashMap::new() }
    }

    /// Takes new figures; the limit that has crossed a threshold since something was said of it, and what it is worth.
    fn take(&mut self, usage: ApiUsage, warning: u8) -> Option<(Limit, Alert)> {
        self.usage = usage;
        let mut crossed = None;
        for limit in self.usage.limits() {
            let now = limit.level.alert(warning);
            let said = self.said.entry(limit.key.clone()).or_insert(Alert::None);
            if now > *said {
                *said = now;
                crossed = Some((limit, now));
            } else if with_slack(limit.level).alert(warning) < *said {
                *said = now;
            }
        }
        crossed
    }
}

/// The same with a little more used.
fn with_slack(level: Level) -> Level {
    let slack = level.max.saturating_mul(SLACK as i64) / 100;
    Level { remaining: level.remaining.saturating_sub(slack), ..level }
}

impl App {
    /// Keeps what an exchange tells besides its answer.
    pub(super) fn learn_from(&mut self, profile: &ProfileId, exchange: &Exchange, now: Now) {
        let Ok(reply) = &exchange.reply else { return };
        if self.is_of_another_org(profile, exchange) {
            return;
        }
        let Some(usage) = salesforce::limits::api_usage(&reply.headers) else { return };
        let warning = self.config.settings.limit_warning;
        let gauge = self.usage.entry(profile.clone()).or_insert_with(|| Gauge::new(usage.clone()));
        let Some((limit, alert)) = gauge.take(usage, warning) else { return };
        let app = limit.key.strip_prefix(API_REQUESTS).and_then(|rest| rest.strip_prefix('/'));
        let whose = app.map_or_else(|| profile.to_string(), |app| format!("{app} in {profile}"));
        let (percent, max) = (limit.level.percent().unwrap_or(0), figure(limit.level.max));
        let text = format!("API calls of {whose}: {percent} % of {max} used");
        match alert {
            Alert::Alarm => self.complain(text, now),
            Alert::Warning | Alert::None => self.say(text, now),
        }
    }

    /// Whether an answer is of another org than the profile's token: a request with its own `Authorization` may go
    /// anywhere.
    fn is_of_another_org(&self, profile: &ProfileId, exchange: &Exchange) -> bool {
        let instance = self.sessions.get(profile).map(|session| session.instance_url.origin());
        instance.is_some_and(|instance| instance != exchange.request.url.origin())
    }

    /// The list of the limits of the org in use.
    pub(super) fn open_limits(&mut self, now: Now) -> Effects {
        let Some(profile) = self.active().cloned() else {
            self.complain("no profile is in use: p chooses one, a in Profiles writes one", now);
            return Effects::none();
        };
        if self.session().is_none() {
            let key =
                self.keymap.key_of(&Action::GetToken).map(|key| format!(" ({key})")).unwrap_or_default();
            self.complain(format!("limits are asked with a token: get a token first{key}"), now);
            return Effects::none();
        }
        if self.is_org_open(&profile.id) {
            self.ask_which_org(None, now);
            return Effects::none();
        }
        let warning = self.config.settings.limit_warning;
        self.overlays.push(Overlay::Limits(Box::new(LimitsBox::new(profile, warning))));
        self.ask_limits(now)
    }

    /// What in the list of limits is not the list's own matter. `None` if it is.
    pub(super) fn apply_in_limits(&mut self, action: &Action, now: Now) -> Option<Effects> {
        let Some(Overlay::Limits(shown)) = self.overlays.last() else { return None };
        match action {
            Action::AskAgain if shown.job.is_none() => Some(self.ask_limits(now)),
            Action::AskAgain => Some(Effects::none()),
            Action::GetToken => Some(self.get_token(now)),
            Action::Interrupt => Some(self.close_limits(now)),
            Action::Back if !shown.has_filter() => Some(self.close_limits(now)),
            _ => None,
        }
    }

    fn ask_limits(&mut self, now: Now) -> Effects {
        let Some(Overlay::Limits(shown)) = self.overlays.last_mut() else { return Effects::none() };
        let profile = Arc::clone(&shown.profile);
        let Some(session) = self.sessions.get(&profile.id).cloned() else {
            shown.problem = Some(Problem::new("there is no token any more", "t gets one, then r asks again"));
            return Effects::none();
        };
        if self.is_org_open(&profile.id) {
            self.overlays.pop();
            self.ask_which_org(None, now);
            return Effects::none();
        }
        let answers = self.answers.get(&profile.id).cloned().unwrap_or_default();
        let kind = Kind::Limits { session: Arc::clone(&session) };
        let id = self.jobs.begin(kind, Some(Arc::clone(&profile)), "limits".into(), now);
        if let Some(Overlay::Limits(shown)) = self.overlays.last_mut() {
            shown.job = Some(id);
        }
        Effect::Start(id, Box::new(Job::Limits { profile, session, answers, past: Past::Thinned })).into()
    }

    fn close_limits(&mut self, now: Now) -> Effects {
        let Some(Overlay::Limits(shown)) = self.overlays.pop() else { return Effects::none() };
        shown.job.map_or_else(Effects::none, |job| self.cancel_job(job, now))
    }

    /// The list that waits for a job.
    fn limits_of(&mut self, job: &Running) -> Option<&mut LimitsBox> {
        self.overlays.iter_mut().find_map(|overlay| match overlay {
            Overlay::Limits(shown) if shown.job == Some(job.id) => Some(&mut **shown),
            _ => None,
        })
    }

    pub(super) fn on_limits(&mut self, job: &Running, told: LimitsTold) {
        if let Some(shown) = self.limits_of(job) {
            shown.take(told);
        }
    }

    /// The org has said no.
    pub(super) fn on_limits_refused(&mut self, job: &Running, answer: &Answer, now: Now) {
        let Ok(reply) = &answer.exchange.reply else { return };
        let status = super::wire::status(reply.status);
        let said = answer.said.errors.first();
        let message = said.map_or(status.clone(), |error| match &error.code {
            Some(code) => format!("{status}: {code}: {}", error.message),
            None => format!("{status}: {}", error.message),
        });
        let fix = match reply.status.as_u16() {
            401 => Some("the session has ended: t gets a token, then r asks again".to_owned()),
            _ => self.explain_answer(job, answer, now).first().map(|error| {
                let hint = error.first();
                format!("{}: {}", hint.cause, hint.fix)
            }),
        };
        if let Some(shown) = self.limits_of(job) {
            shown.fail(Problem { message, fix });
        }
    }

    /// There was no answer, or none that can be used.
    pub(super) fn on_limits_failed(&mut self, job: &Running, failure: Failure) {
        if let Some(shown) = self.limits_of(job) {
            shown.fail(Problem { message: failure.message, fix: failure.fix });
        }
    }

    /// It was given up.
    pub(super) fn on_limits_stopped(&mut self, job: &Running) {
        if let Some(shown) = self.limits_of(job) {
            shown.fail(Problem::new("stopped", "r asks again"));
        }
    }
}

/// A limit's figure as people read it; below nought only where an org counts backwards.
pub fn figure(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    format!("{sign}{}", crate::format::count(n.unsigned_abs()))
}

/// How much of a limit is used, in a few letters.
pub fn percent(level: Level) -> String {
    match level.percent() {
        None => "–".into(),
        Some(0) if level.used() > 0 => "<1 %".into(),
        Some(percent) => format!("{percent} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said when the org's use is this of a thousand, one after the other.
    fn said(used: &[i64]) -> Vec<Option<Alert>> {
        let usage = |used| ApiUsage { org: Level::used_of(used, 1000), app: None };
        let mut gauge = Gauge::new(usage(0));
        used.iter().map(|used| gauge.take(usage(*used), 80).map(|(_, alert)| alert)).collect()
    }

    #[test]
    fn a_threshold_is_said_once_when_it_is_crossed() {
        let (warning, alarm) = (Some(Alert::Warning), Some(Alert::Alarm));
        assert_eq!(
            said(&[799, 800, 801, 940, 950, 999, 1200]),
            [None, warning, None, None, alarm, None, None]
        );
        assert_eq!(said(&[990, 991]), [alarm, None], "a run may begin there");
        assert_eq!(said(&[800, 799, 800, 760, 800]), [warning, None, None, None, None], "up and down");
        assert_eq!(said(&[800, 740, 800]), [warning, None, warning], "the next day");
        assert_eq!(said(&[960, 930, 960, 880, 960]), [alarm, None, None, None, alarm]);
    }

    #[test]
    fn an_app_with_a_limit_of_its_own_is_said_by_its_name() {
        let usage = |app| ApiUsage {
            org: Level::used_of(10, 1000),
            app: Some(("Sync".into(), Level::used_of(app, 100))),
        };
        let mut gauge = Gauge::new(usage(0));
        assert_eq!(gauge.take(usage(79), 80), None);
        let (limit, alert) = gauge.take(usage(80), 80).unwrap();
        assert_eq!((limit.key.as_str(), alert), ("DailyApiRequests/Sync", Alert::Warning));
    }

    #[test]
    fn figures_are_for_people() {
        assert_eq!([figure(15_000), figure(-1_234), figure(0)], ["15,000", "-1,234", "0"]);
        let percent = |used, max| percent(Level::used_of(used, max));
        assert_eq!(
            [percent(0, 9), percent(1, 900), percent(9, 9), percent(0, 0)],
            ["0 %", "<1 %", "100 %", "–"]
        );
    }
}
