//! What only a person has, asked for and tried: a security token, a pasted access token; and where a pasted token is at home.

use super::{App, Case, Change, Trial, profile::bare};
use crate::{
    app::{Effects, Errand, Now, Task, overlays::Overlay, overlays::ask::AskSecrets},
    config::{Flow, FormValue, Profile, ProfileField as F, SecretField, SecretInput, SecretKind},
    http::{Exchange, header_text},
    jobs::{Wanted, Wish},
    secrets::SecretRef,
    workspace::Draft,
};
use std::sync::Arc;
use url::Url;

/// So many characters of an org's id are in a token, and the same in its short and its long form.
const ORG: usize = 15;

impl App {
    /// Asks for a secret and tries with it. It is kept for this run, and the file says that it is asked for. One that
    /// is kept elsewhere is changed where it is kept.
    pub(super) fn ask_and_try(
        &mut self,
        field: SecretField,
        with: Vec<Change>,
        case: &Case,
        now: Now,
    ) -> Effects {
        let before = &case.profile;
        if !matches!(before.secret(field), None | Some(SecretRef::Ask | SecretRef::Plain(_))) {
            return self.edit_profile_at(F::of_secret(field), now);
        }
        let asked = FormValue::Secret(SecretInput::new(SecretKind::Ask, ""));
        let mut changes = vec![Change { field: F::of_secret(field), value: asked }];
        changes.extend(with);
        match self.with_changes(before, &changes) {
            Ok((_, profile)) => {
                let trial = Trial { profile, before: Arc::clone(before), changes, record: case.record };
                let wish = Wish { wanted: Wanted::Anew, ..Wish::default() };
                let then_send = case.draft.as_deref().cloned().map(Box::new);
                let task = Task::Token(Errand { wish, then_send, trial: Some(Box::new(trial)) });
                self.overlays.push(Overlay::Ask(AskSecrets::new(before.id.clone(), &[field], task)));
            }
            Err(problem) => self.complain(problem, now),
        }
        Effects::none()
    }

    /// The org's id that a profile's requests go to, as far as it or another profile of the same host says it.
    pub(in crate::app) fn org_behind<'a>(&'a self, profile: &'a Profile) -> Option<&'a str> {
        if let Some(org) = &profile.expected_org_id {
            return Some(org);
        }
        let host = profile.instance_url.as_ref()?.origin();
        let others = self
            .config
            .profiles
            .iter()
            .filter(|other| own_host(other).is_some_and(|url| url.origin() == host));
        others.filter_map(|other| other.expected_org_id.as_deref()).next()
    }

    /// What makes a pasted token's own instance that of its profile, where other profiles or tokens know it.
    pub(super) fn home_of_token(&self, case: &Case) -> Option<Vec<Change>> {
        let profile = &case.profile;
        let org = org_of_token(case.exchange.as_deref()?)?;
        let is_its = |id: &str| id.get(..ORG) == Some(org.as_str());
        let others = || self.config.profiles.iter().filter(|other| other.id != profile.id);
        let of_session = others().find_map(|other| {
            let session = self.sessions.get(&other.id)?;
            let id = session.org_id.as_ref()?;
            is_its(&id.0).then_some((other, &session.instance_url))
        });
        let of_profile = || {
            others().find_map(|other| {
                other.expected_org_id.as_deref().filter(|id| is_its(id))?;
                Some((other, own_host(other)?))
            })
        };
        let (other, home) = of_session.or_else(of_profile)?;
        let mut changes = vec![Change::text(F::InstanceUrl, bare(home))];
        if other.environment != profile.environment {
            changes.push(Change::text(F::Environment, other.environment.name()));
        }
        if profile.expected_org_id.as_deref().is_some_and(|id| !is_its(id)) {
            changes.push(Change::text(F::ExpectedOrgId, ""));
        }
        Some(changes)
    }
}

/// The host of its org alone, that calls of its API go to.
fn own_host(profile: &Profile) -> Option<&Url> {
    let of_login = profile.login_url.as_ref().filter(|_| profile.flow.needs_my_domain());
    profile.instance_url.as_ref().or(of_login)
}

/// Whether it is the profile that says where the request goes: a pasted token has no instance of its own.
pub(super) fn is_sent_to_profile(case: &Case) -> bool {
    let has_host = |draft: &Draft| draft.url.contains("://");
    case.profile.flow == Flow::AccessToken && !case.draft.as_deref().is_some_and(has_host)
}

/// The org whose token was sent: its id stands before the `!`, and is no secret.
fn org_of_token(exchange: &Exchange) -> Option<String> {
    let sent = header_text(exchange.request.headers.get("authorization")?);
    let org = sent.trim_start_matches("Bearer").trim_start().split('!').next()?;
    (org.len() == ORG && org.starts_with("00D")).then(|| org.to_owned())
}
