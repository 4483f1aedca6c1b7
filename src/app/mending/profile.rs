//! Other values in a profile's fields: tried with a token request, saved when a token has come.

use super::{App, Case, Undo, token::is_sent_to_profile};
use crate::{
    app::{ConfigText, Effects, Errand, Now, Running, Task, Weight, panes::response::RecordId},
    config::{
        Environment, Flow, FormValue, Profile, ProfileField as F, ProfileForm, ProfileId, SecretField,
        SecretInput, VersionChoice, is_loopback, parse, upsert_profile,
    },
    diagnosis::Remedy,
    jobs::{Answers, Wanted, Wish},
    salesforce::{Session, Standing},
    secrets::{SecretRef, Shape},
    workspace::Draft,
};
use std::sync::Arc;
use url::Url;

/// A field, and the value it gets.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub field: F,
    /// The value.
    pub value: FormValue,
}

impl Change {
    pub(super) fn text(field: F, text: impl Into<String>) -> Self {
        Self { field, value: FormValue::Text(text.into()) }
    }

    fn flag(field: F, on: bool) -> Self {
        Self { field, value: FormValue::Flag(on) }
    }

    /// `Login URL → https://…`; never a secret.
    fn says(&self) -> String {
        let value = match &self.value {
            FormValue::Text(text) if text.is_empty() && self.field == F::LoginUrl => {
                "the environment's own".to_owned()
            }
            FormValue::Text(text) if text.is_empty() => "none".to_owned(),
            FormValue::Text(text) => text.clone(),
            FormValue::Flag(true) => "yes".to_owned(),
            FormValue::Flag(false) => "no".to_owned(),
            FormValue::Secret(_) => "tidied".to_owned(),
            FormValue::Pairs(_) => "changed".to_owned(),
        };
        format!("{} → {value}", self.field.label())
    }
}

/// Changes of a profile that are being tried.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The profile with them: what the token is asked for with.
    pub profile: Arc<Profile>,
    /// The profile without them.
    pub(super) before: Arc<Profile>,
    pub(super) changes: Vec<Change>,
    /// Where the error is told that it should mend.
    pub(super) record: Option<RecordId>,
}

impl Trial {
    /// The profile without the changes.
    pub fn before(&self) -> &Profile {
        &self.before
    }

    /// What is changed, in words.
    pub fn says(&self) -> String {
        match self.changes.as_slice() {
            [] => "the secrets freed of blanks".to_owned(),
            changes => changes.iter().map(Change::says).collect::<Vec<_>>().join(", "),
        }
    }
}

/// A token that came by a trial and waits until the file says what brought it.
#[derive(Debug)]
pub(in crate::app) struct Proven {
    job: Running,
    session: Arc<Session>,
    standing: Standing,
    /// What was typed for it.
    answers: Option<Answers>,
    /// What is said of it.
    done: String,
}

impl App {
    /// What changes the profile or how a token is got. `None` if the remedy is no matter of the profile.
    pub(super) fn mend_profile(&mut self, action: &Remedy, case: &Case, now: Now) -> Option<Effects> {
        let profile = &case.profile;
        let mut wish = Wish { wanted: Wanted::Anew, ..Wish::default() };
        let changes = match action {
            Remedy::UseProductionHost => self.to_host_of(profile, Environment::Production),
            Remedy::UseSandboxHost => self.to_host_of(profile, Environment::Sandbox),
            Remedy::UseMyDomain => match self.my_domain_of(profile) {
                Some(url) => vec![Change::text(F::LoginUrl, url)],
                None => return Some(self.edit_profile_at(F::LoginUrl, now)),
            },
            Remedy::UseHttps => {
                let url = profile.login_url.as_ref().map_or("", Url::as_str);
                vec![Change::text(F::LoginUrl, url.replacen("http://", "https://", 1).trim_end_matches('/'))]
            }
            Remedy::SendWithoutSecurityToken => vec![Change::flag(F::TrustedIp, true)],
            Remedy::TurnOnPkce => vec![Change::flag(F::Pkce, true)],
            // The profile's own version is too new or too old: the org is asked for its newest one.
            Remedy::UseNewestVersion if profile.api_version != VersionChoice::Latest => {
                wish.wanted = Wanted::Fresh;
                vec![Change::text(F::ApiVersion, "latest")]
            }
            Remedy::UseTokenInstance if is_sent_to_profile(case) => match self.home_of_token(case) {
                Some(changes) => changes,
                None => return Some(self.edit_profile_at(F::InstanceUrl, now)),
            },
            Remedy::UseSoapVersion => vec![Change::text(F::SoapApiVersion, "64.0")],
            Remedy::AddScope(scope) => {
                let mut scopes = profile.scopes.clone();
                scopes.push(scope.clone());
                vec![Change::text(F::Scopes, scopes.join(" "))]
            }
            Remedy::StripBlanks => {
                wish.tidied = true;
                tidied_fields(profile)
            }
            Remedy::SwapKeyAndSecret => match swapped(profile) {
                Some(changes) => changes,
                None => return Some(self.edit_profile_at(F::ConsumerKey, now)),
            },
            Remedy::EnterSecurityToken => {
                let with = vec![Change::flag(F::TrustedIp, false)];
                return Some(self.ask_and_try(SecretField::SecurityToken, with, case, now));
            }
            Remedy::LogInAgain => {
                wish.prompt = Some("login".into());
                return Some(self.get_token_for(profile, wish, case.draft.as_deref(), now));
            }
            Remedy::GetNewToken if profile.flow == Flow::AccessToken => {
                return Some(self.ask_and_try(SecretField::AccessToken, Vec::new(), case, now));
            }
            Remedy::GetNewToken => {
                wish.wanted = Wanted::Fresh;
                return Some(self.get_token_for(profile, wish, case.draft.as_deref(), now));
            }
            Remedy::CompleteCode | Remedy::DecodeCode => {
                return Some(self.get_token_for(profile, wish, None, now));
            }
            Remedy::Edit(field) => return Some(self.edit_profile_at(*field, now)),
            _ => return None,
        };
        Some(self.try_profile(case, changes, wish, now))
    }

    /// Gets a token for a profile as it is, and sends what had been asked for with it.
    fn get_token_for(
        &mut self,
        profile: &Arc<Profile>,
        wish: Wish,
        draft: Option<&Draft>,
        now: Now,
    ) -> Effects {
        self.doubted.remove(&profile.id);
        let then_send = draft.cloned().map(Box::new);
        self.begin(Task::Token(Errand { wish, then_send, trial: None }), now)
    }

    /// Asks for a token with other values in the profile, once.
    fn try_profile(&mut self, case: &Case, changes: Vec<Change>, wish: Wish, now: Now) -> Effects {
        let before = &case.profile;
        match self.with_changes(before, &changes) {
            Ok((_, profile)) => {
                let trial = Trial { profile, before: Arc::clone(before), changes, record: case.record };
                self.say(format!("trying: {}", trial.says()), now);
                let then_send = case.draft.as_deref().cloned().map(Box::new);
                self.begin(Task::Token(Errand { wish, then_send, trial: Some(Box::new(trial)) }), now)
            }
            Err(problem) => {
                self.complain(problem, now);
                Effects::none()
            }
        }
    }

    /// The file's text with the changes, and the profile that it then has.
    pub(super) fn with_changes(
        &self,
        profile: &Profile,
        changes: &[Change],
    ) -> Result<(String, Arc<Profile>), String> {
        let id = &profile.id;
        let current =
            self.config.profile(id).ok_or_else(|| format!("{id} is no longer in the configuration"))?;
        let mut form = ProfileForm::of(current);
        for change in changes {
            form.set(change.field, change.value.clone());
        }
        let text =
            upsert_profile(self.text_to_change(), Some(id), &form).map_err(|error| error.to_string())?;
        let config = parse(&text).map_err(|error| error.to_string())?;
        let changed =
            config.profile(id).cloned().ok_or_else(|| format!("{id} is no longer in the configuration"))?;
        Ok((text, changed))
    }

    /// A token came by a trial: what brought it is written, then the token is used. `false` where nothing has to be
    /// written, or can be.
    pub(in crate::app) fn on_proven(
        &mut self,
        job: &Running,
        trial: &Trial,
        session: &Arc<Session>,
        standing: &Standing,
        now: Now,
    ) -> Result<Effects, String> {
        let current = self.config.profile(&trial.before.id);
        if !current.is_some_and(|current| trial.before.same_login(current)) {
            return Err(format!("a token came for {}, which was changed meanwhile", trial.before.id));
        }
        // A pasted token comes from no org: only one that the org has answered to is one that works.
        if let (Flow::AccessToken, Standing::Unchecked(why)) = (trial.before.flow, standing) {
            return Err(format!("{why}; nothing was changed"));
        }
        let (text, _) = self.with_changes(&trial.before, &trial.changes)?;
        let (job, session, standing) = (job.clone(), Arc::clone(session), standing.clone());
        let answers = self.answers.get(&trial.before.id).cloned();
        if text == self.text_to_change().0 {
            // Nothing stands in the file that could be mended there.
            let done = "it works without the blanks: take them out where the secret is kept".to_owned();
            self.proven = Some(Proven { job, session, standing, answers, done });
            return Ok(Effects::none());
        }
        let form = ProfileForm::of(&trial.before);
        let old = trial
            .changes
            .iter()
            .map(|change| Change { field: change.field, value: form.get(change.field).clone() });
        let texts = Box::new([self.text_to_change().clone(), ConfigText(text.clone())]);
        self.undo = Some(Undo::Profile(trial.before.id.clone(), old.collect(), texts));
        let done = format!("it works, and is saved: {}{}", trial.says(), self.how_to_undo());
        self.proven = Some(Proven { job, session, standing, answers, done: done.clone() });
        Ok(self.save_config(Ok(text), done, now))
    }

    /// The file says by now what a trial proved: its token is used.
    pub(in crate::app) fn use_proven(&mut self, now: Now) -> Effects {
        let is_saved = |proven: &Proven| {
            let tried = proven.job.profile.as_deref();
            tried.is_some_and(|tried| {
                self.config.profile(&tried.id).is_some_and(|current| tried.same_login(current))
            })
        };
        if !self.proven.as_ref().is_some_and(is_saved) || !self.saves.is_empty() {
            return Effects::none();
        }
        let Some(Proven { mut job, session, standing, answers, done }) = self.proven.take() else {
            return Effects::none();
        };
        // Another host is another login, whose answers went with the old one: these have just worked.
        if let (Some(profile), Some(answers)) = (&job.profile, answers) {
            self.answers.insert(profile.id.clone(), answers);
        }
        if let crate::app::Kind::Token(errand) = &mut job.kind
            && let Some(trial) = errand.trial.take()
            && let Some(record) = trial.record
        {
            self.response.mend(record, trial.says());
        }
        let effects = self.on_token(&job, session, standing, now);
        // That there is a token is seen; that the file was changed, and how to take it back, is not.
        if self.notice.as_ref().is_none_or(|notice| notice.weight == Weight::Info) {
            self.say(done, now);
        }
        effects
    }

    /// The file could not be written: what was tried is not kept.
    pub(in crate::app) fn forget_proven(&mut self) {
        if self.proven.take().is_some() {
            self.undo = None;
        }
    }

    /// The file as it was, if nothing else was changed in it since; else the profile's values alone.
    pub(super) fn restore_profile(
        &mut self,
        id: &ProfileId,
        changes: &[Change],
        [before, after]: [ConfigText; 2],
        now: Now,
    ) -> Effects {
        self.proven = None;
        let Some(profile) = self.config.profile(id).cloned() else {
            self.complain(format!("{id} is no longer in the configuration"), now);
            return Effects::none();
        };
        let done = format!("{id} is as it was before");
        if *self.text_to_change() == after {
            return self.save_config(Ok(before.0), done, now);
        }
        match self.with_changes(&profile, changes) {
            Ok((text, _)) => self.save_config(Ok(text), done, now),
            Err(problem) => {
                self.complain(problem, now);
                Effects::none()
            }
        }
    }

    /// The environment and its login host. A host of its own gives way to that of another profile of the environment,
    /// where there is one of the same kind: the demo orgs are all on this machine.
    fn to_host_of(&self, profile: &Profile, environment: Environment) -> Vec<Change> {
        let here = profile.login_url.as_ref().is_some_and(is_loopback);
        let other =
            self.config.profiles.iter().filter(|other| other.environment == environment).find_map(|other| {
                let url = other.login_url.as_ref()?;
                (here && is_loopback(url)).then(|| bare(url))
            });
        let mut changes = vec![
            Change::text(F::Environment, environment.name()),
            Change::text(F::LoginUrl, other.unwrap_or_default()),
        ];
        // It will be another org: a person looks at it when the token is there.
        changes.extend(profile.expected_org_id.as_ref().map(|_| Change::text(F::ExpectedOrgId, "")));
        changes
    }

    /// The My Domain of the profile's org, as far as other profiles and tokens tell without doubt.
    fn my_domain_of(&self, profile: &Profile) -> Option<String> {
        if let Some(session) = self.sessions.get(&profile.id) {
            return Some(bare(&session.instance_url));
        }
        let here = profile.login_url.as_ref().is_some_and(is_loopback);
        let others = self
            .config
            .profiles
            .iter()
            .filter(|other| other.id != profile.id && other.flow.needs_my_domain());
        let of_this_kind = others.filter(|other| {
            other.environment == profile.environment || other.consumer_key == profile.consumer_key
        });
        let mut hosts: Vec<(bool, String)> = of_this_kind
            .filter_map(|other| {
                let url = other.login_url.as_ref().filter(|url| is_loopback(url) == here)?;
                let is_same_app = other.consumer_key == profile.consumer_key;
                (Some(url) != profile.login_url.as_ref()).then(|| (is_same_app, bare(url)))
            })
            .collect();
        if hosts.iter().any(|(same_app, _)| *same_app) {
            hosts.retain(|(same_app, _)| *same_app);
        }
        hosts.sort();
        hosts.dedup();
        match hosts.as_slice() {
            [(_, only)] => Some(only.clone()),
            _ => None,
        }
    }
}

pub(super) fn bare(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

/// What stands in the file with blanks in it or quotes around it, without them.
fn tidied_fields(profile: &Profile) -> Vec<Change> {
    let form = ProfileForm::of(profile);
    let tidied = |value: &FormValue| match value {
        FormValue::Text(text) => {
            // None of these fields has a blank inside.
            let dense: String = text.split_whitespace().collect();
            let clean = dense.trim_matches(['"', '\'', '“', '”']);
            (clean != text).then(|| FormValue::Text(clean.to_owned()))
        }
        FormValue::Secret(input) => input.tidied().map(FormValue::Secret),
        FormValue::Flag(_) | FormValue::Pairs(_) => None,
    };
    let fields = [F::ConsumerKey, F::Username, F::RedirectUri].into_iter();
    let secrets = profile.secrets_in_use().map(F::of_secret);
    fields
        .chain(secrets)
        .filter_map(|field| Some(Change { field, value: tidied(form.get(field))? }))
        .collect()
}

/// Key and secret in each other's place, where the secret stands in the file as plain text.
fn swapped(profile: &Profile) -> Option<Vec<Change>> {
    let Some(SecretRef::Plain(secret)) = &profile.consumer_secret else { return None };
    let key = profile.consumer_key.as_deref()?;
    // Else it may be a secret after all, and must not be shown.
    if !secret.shapes().contains(&Shape::ConsumerKey) {
        return None;
    }
    Some(vec![
        // It is no secret: it stands where the secret belongs.
        Change::text(F::ConsumerKey, secret.expose()),
        Change { field: F::ConsumerSecret, value: FormValue::Secret(SecretInput::plain(key)) },
    ])
}
