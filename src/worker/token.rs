//! Getting a token: a remembered one, by the kept refresh token, or by the profile's flow.

use super::{
    act::{Act, Halt},
    failure,
    keep::Turn,
    login::nonces,
    org::check_same,
    refusals::{ALONE_AFTER, ASKS_AFTER},
};
use crate::{
    config::{ApiVersion, Flow, Profile, ProfileField, SecretField, VersionChoice},
    http::{Purpose, RequestBody, RequestSpec, Transport},
    jobs::{Answers, Event, Failure, FailureKind, Kept, Progress, Wanted, Wish},
    salesforce::{
        OrgReading, Session, Standing, ids,
        oauth::{Asking, Credentials, FALLBACK_VERSION, Grant},
        rest,
    },
    secrets::{Secret, SecretRef, Slot, StoreError, resolve},
};
use http::{HeaderMap, HeaderValue, Method, header};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::io::AsyncReadExt;
use tokio_util::sync::CancellationToken;
use url::Url;

/// A refresh that has been sent is not torn off: the org may have replaced the refresh token already, and only the
/// answer has the new one. This long it is waited for after a person has given up.
const LAST_CHANCE: Duration = Duration::from_secs(10);

/// The same refresh token is at work for another program of the person's: how often, and after which pause, it is
/// tried again.
///
/// Source: n8n issue 32421 (the message); the figures are this program's own.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(400);

impl<T: Transport> Act<T> {
    /// A session for the profile, with the newest API version where it wants that, and how its org stands to the one
    /// known before.
    pub(super) async fn get_token(
        &self,
        profile: &Arc<Profile>,
        answers: &Answers,
        wish: &Wish,
    ) -> Result<(Arc<Session>, Standing), Halt> {
        if wish.wanted == Wanted::Any
            && let Some(session) = self.remembered(profile).await?
        {
            check_org(profile, &session)?;
            return Ok((Arc::new(session), Standing::AsBefore));
        }
        let pinned = match profile.api_version {
            VersionChoice::Pinned(version) => Some(version),
            VersionChoice::Latest => None,
        };
        let version = pinned.unwrap_or(FALLBACK_VERSION);
        let refreshed = match wish.wanted {
            Wanted::Anew => None,
            Wanted::Any | Wanted::Fresh => {
                self.refresh(profile, answers, wish.holding.as_deref(), version).await?
            }
        };
        let mut session = match refreshed {
            Some(session) => session,
            None => {
                let most = if wish.despite_lockout { usize::MAX } else { ASKS_AFTER };
                let got = self.by_flow(profile, answers, wish, version);
                self.counting(profile, most, got).await?
            }
        };
        if pinned.is_none()
            && let Some(version) = self.newest_version(profile, &session.instance_url).await?
        {
            session.api_version = version;
        }
        let standing = self.look_at_org(profile, &mut session).await?;
        if let (Standing::AsBefore, Some(facts)) = (&standing, session.org.facts()) {
            // The org may be the expected one, but the user was nobody's before.
            let _ = self.shared.keep.learn(profile, facts.clone()).await; // else it is learned the next time
        }
        let is_known = matches!(standing, Standing::AsBefore | Standing::Unchecked(_));
        if is_known && session.org != OrgReading::NotAsked {
            // Who gives up waiting for a store has the token all the same.
            let _ = self.unless_cancelled(self.keep(profile, &session)).await;
        }
        Ok((Arc::new(session), standing))
    }

    /// A session in the place of one that has expired, for a call that waits.
    pub(super) async fn renewed(
        &self,
        profile: &Arc<Profile>,
        answers: &Answers,
        expired: &Session,
    ) -> Result<Session, Halt> {
        self.shared.keep.drop_remembered(profile, expired).await;
        let refreshed = self.refresh(profile, answers, Some(expired), expired.api_version).await?;
        let mut session = match refreshed {
            Some(session) => session,
            None if renews_alone(profile, answers) => {
                let wish = Wish::default();
                let got = self.by_flow(profile, answers, &wish, expired.api_version);
                self.counting(profile, ALONE_AFTER, got).await?
            }
            None => return Err(failure::login_needed(profile).into()),
        };
        check_same(profile, expired, &session)?;
        match &expired.org {
            OrgReading::Read(_) => session.org = expired.org.clone(),
            // Nobody has seen which org the dead one was of.
            OrgReading::NotAsked | OrgReading::Unreadable(_) => {
                match self.look_at_org(profile, &mut session).await? {
                    Standing::AsBefore | Standing::Unchecked(_) => {}
                    Standing::First { .. } | Standing::Differs { .. } => {
                        return Err(failure::org_unseen(profile).into());
                    }
                }
            }
        }
        self.keep(profile, &session).await;
        Ok(session)
    }

    async fn by_flow(
        &self,
        profile: &Profile,
        answers: &Answers,
        wish: &Wish,
        version: ApiVersion,
    ) -> Result<Session, Halt> {
        let read = self.read_secrets(profile, answers, profile.secrets_in_use()).await?;
        let secrets = if wish.tidied { read.tidied() } else { read };
        let wished =
            wish.prompt.as_ref().map(|prompt| Profile { prompt: Some(prompt.clone()), ..profile.clone() });
        let asking = Asking {
            profile: wished.as_ref().unwrap_or(profile),
            secrets: &secrets,
            version,
            nonces: nonces()?,
        };
        let begun = Grant::begin(asking, SystemTime::now());
        let begun = begun.map_err(|error| failure::token(&error, profile, None))?;
        let session = self.carry_out(profile, &secrets, begun).await.map_err(|halt| halt.with(&secrets))?;
        check_org(profile, &session)?;
        Ok(session)
    }

    /// A session by the refresh token, one job and one program at a time; `None` where there is none, or the org
    /// takes it no more. A new refresh token is saved before this returns.
    async fn refresh(
        &self,
        profile: &Arc<Profile>,
        answers: &Answers,
        holding: Option<&Session>,
        version: ApiVersion,
    ) -> Result<Option<Session>, Halt> {
        if !profile.flow.may_give_refresh_token() {
            return Ok(None);
        }
        let keep = self.shared.keep.clone();
        let turn = self.unless_cancelled(keep.turn(profile)).await?;
        let mut turn = turn.map_err(|why| Failure::new(FailureKind::Config, why))?;
        let kept = self.unless_cancelled(turn.refresh_token()).await?;
        let kept = match kept {
            Ok(kept) => kept,
            // A login by the flow needs no store; a locked vault is unlocked first.
            Err(error) if profile.flow != Flow::RefreshToken && !matches!(error, StoreError::VaultLocked) => {
                self.tell(Event::Kept(self.id, Kept::NotSaved(error.to_string()))).await;
                None
            }
            Err(error) => return Err(failure::store(&error, profile, "the kept refresh token").into()),
        };
        let held = kept.or_else(|| holding.and_then(|session| session.refresh_token.clone()));
        let is_the_flow = profile.flow == Flow::RefreshToken;
        let fields =
            [SecretField::ConsumerSecret].into_iter().chain(is_the_flow.then_some(SecretField::RefreshToken));
        let secrets = self.read_secrets(profile, answers, fields).await?;
        // A token that the org has put in the place of the profile's own comes first.
        let own = secrets.get(SecretField::RefreshToken).cloned();
        let mut tokens: Vec<Secret> = held.into_iter().chain(own).collect();
        tokens.dedup();
        let refreshed = self.not_torn_off(|act| async move {
            let mut dead = None;
            for token in tokens {
                let session = act.try_refresh(profile, &secrets, &token, version).await;
                match act.settle_turn(&mut turn, &token, session).await? {
                    Ok(session) => return Ok(Some(session)),
                    Err(failure) => {
                        act.tell(Event::Kept(act.id, Kept::Refused(failure.message.clone()))).await;
                        dead = Some(failure);
                    }
                }
            }
            // Where the refresh token is the flow there is no other way to a token.
            dead.filter(|_| is_the_flow).map_or(Ok(None), |failure| Err(Halt::Failed(failure)))
        });
        let Some(session) = refreshed.await? else { return Ok(None) };
        check_org(profile, &session)?;
        Ok(Some(session))
    }

    async fn try_refresh(
        &self,
        profile: &Profile,
        secrets: &Credentials,
        token: &Secret,
        version: ApiVersion,
    ) -> Result<Session, Halt> {
        let mut tries = 1;
        loop {
            let asking = Asking { profile, secrets, version, nonces: nonces()? };
            let begun = Grant::refresh(asking, token, SystemTime::now());
            let begun = begun.map_err(|error| failure::token(&error, profile, None))?;
            match self.carry_out(profile, secrets, begun).await {
                Err(Halt::Failed(failure)) if failure::is_being_processed(&failure) && tries < TRIES => {
                    tokio::time::sleep(PAUSE * tries).await;
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    /// Saves the new refresh token, or gives the dead one up: then why it is dead.
    async fn settle_turn(
        &self,
        turn: &mut Turn<'_>,
        token: &Secret,
        refreshed: Result<Session, Halt>,
    ) -> Result<Result<Session, Box<Failure>>, Halt> {
        match refreshed {
            Ok(mut session) => {
                let new = session.refresh_token.get_or_insert_with(|| token.clone()).clone();
                if new != *token {
                    self.tell(Event::Kept(self.id, turn.save(&new, session.issued_at).await)).await;
                }
                Ok(Ok(session))
            }
            Err(Halt::Failed(failure)) if failure::is_refused_grant(&failure) => {
                if failure::is_dead_token(&failure) {
                    turn.discard().await;
                }
                Ok(Err(failure))
            }
            Err(halt) => Err(halt),
        }
    }

    /// Does what must not stop half-way; a person who gives up waits a little longer.
    async fn not_torn_off<'a, F, A>(&'a self, act: A) -> F::Output
    where
        F: Future,
        A: FnOnce(Self) -> F,
        Self: 'a,
    {
        let stop = CancellationToken::new();
        let work = act(self.unheard(stop.clone()));
        let patience = async {
            self.stop.cancelled().await;
            tokio::time::sleep(LAST_CHANCE).await;
            stop.cancel();
            std::future::pending().await
        };
        tokio::select! {
            done = work => done,
            never = patience => never,
        }
    }

    /// Keeps what outlives the run, and says so.
    pub(super) async fn keep(&self, profile: &Arc<Profile>, session: &Session) {
        let keep = self.shared.keep.clone();
        if let Some(token) = &session.refresh_token {
            let kept = match keep.turn(profile).await {
                Ok(mut turn) => turn.save(token, session.issued_at).await,
                Err(why) => Kept::NotSaved(why),
            };
            self.tell(Event::Kept(self.id, kept)).await;
        }
        if let Some(kept) = keep.remember(profile, session).await {
            self.tell(Event::Kept(self.id, kept)).await;
        }
    }

    /// A person has looked at the org of a session: it is the profile's from now on, and so are its tokens.
    pub(super) async fn accept_org(&self, profile: &Arc<Profile>, session: &Session) -> Result<(), Halt> {
        if let Some(facts) = session.org.facts() {
            let before = self.shared.keep.known(profile).await.org;
            if before.is_some_and(|before| !before.is_same_login(facts)) {
                // What is kept is of the org or the user that it was before.
                self.forget(profile, false).await?;
            }
            let learned = self.shared.keep.learn(profile, facts.clone()).await;
            learned.map_err(|why| Failure::new(FailureKind::Config, why))?;
        }
        self.keep(profile, session).await;
        Ok(())
    }

    /// Forgets what is kept of the profile's tokens.
    pub(super) async fn forget(&self, profile: &Profile, all: bool) -> Result<(), Halt> {
        let forgotten = self.unless_cancelled(self.shared.keep.forget(&profile.id, all)).await?;
        forgotten.map_err(|error| failure::store(&error, profile, "the kept tokens").into())
    }

    async fn remembered(&self, profile: &Profile) -> Result<Option<Session>, Halt> {
        let remembered = self.unless_cancelled(self.shared.keep.remembered(profile)).await?;
        // A store that does not answer is no reason not to get a token.
        Ok(remembered.unwrap_or_default())
    }

    pub(super) async fn read_secrets(
        &self,
        profile: &Profile,
        answers: &Answers,
        fields: impl IntoIterator<Item = SecretField>,
    ) -> Result<Credentials, Halt> {
        let mut secrets = Credentials::default();
        for field in fields {
            let Some(reference) = profile.secret(field) else {
                // The profile says nowhere where it is; what it needs, a person has typed.
                answers.get(field).cloned().into_iter().for_each(|typed| secrets.put(field, typed));
                continue;
            };
            self.progress(match reference {
                SecretRef::Keyring => Progress::WaitingForKeyring,
                _ => Progress::ReadingSecret(field),
            });
            let slot = Slot::new(profile.id.as_str(), field.key());
            let stores = &self.shared.keep.stores;
            let secret = self
                .unless_cancelled(resolve(reference, &slot, answers.get(field), stores))
                .await?
                .map_err(|error| failure::secret(&error, profile, field))?;
            secrets.put(field, secret);
        }
        if let Some(file) = profile.jwt.private_key_file.as_ref().filter(|_| uses_key(profile)) {
            secrets.put_private_key(read_private_key(file).await?);
        }
        Ok(secrets)
    }

    /// `None` where the org does not say: a call can still be made.
    async fn newest_version(&self, profile: &Profile, instance: &Url) -> Result<Option<ApiVersion>, Halt> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let url = rest::versions_url(instance);
        let spec = RequestSpec { method: Method::GET, url, headers, body: RequestBody::Empty };
        match self.exchange(profile, spec, Purpose::Metadata, Vec::new(), false).await {
            Ok(answered) => {
                let body = answered.exchange.reply.as_ref().ok().map(|reply| reply.body.bytes());
                Ok(body.and_then(|body| rest::newest_version(body)))
            }
            Err(Halt::Cancelled) => Err(Halt::Cancelled),
            Err(Halt::Failed(_)) => Ok(None),
        }
    }
}

/// Whether the flow gets a token without a person: all its secrets can be had, and nobody has to log in elsewhere.
fn renews_alone(profile: &Profile, answers: &Answers) -> bool {
    !profile.flow.waits_for_person() && profile.needs_person(|field| answers.get(field).is_some()).is_empty()
}

fn uses_key(profile: &Profile) -> bool {
    profile.flow.needs().uses(ProfileField::PrivateKeyFile)
}

/// The text of the PEM file; larger than any key it is not read.
pub(super) async fn read_private_key(file: &Path) -> Result<Secret, Halt> {
    const LARGEST: u64 = 64 * 1024;
    let failed = |why: String| {
        let message = format!("the private key file {} cannot be read: {why}", file.display());
        let fix =
            Some("check `jwt.private_key_file`; it is the PEM file whose certificate the app has".into());
        Halt::from(Failure { fix, ..Failure::new(FailureKind::Config, message) })
    };
    let opened = tokio::fs::File::open(file).await.map_err(|error| failed(error.to_string()))?;
    let mut text = Vec::new();
    opened.take(LARGEST + 1).read_to_end(&mut text).await.map_err(|error| failed(error.to_string()))?;
    if text.len() as u64 > LARGEST {
        return Err(failed("it is longer than any key".into()));
    }
    let text = String::from_utf8(text).map_err(|_| failed("it is not PEM text".into()))?;
    Ok(Secret::new(text))
}

/// A token of another org than the profile is for is not used, nor one that may be.
fn check_org(profile: &Profile, session: &Session) -> Result<(), Halt> {
    let Some(expected) = &profile.expected_org_id else { return Ok(()) };
    let (message, fix) = match &session.org_id {
        Some(got) if ids::same(expected, &got.0) => return Ok(()),
        Some(got) => (
            format!("the token belongs to the org {got}, but the profile {} expects {expected}", profile.id),
            "check the username and the login host, or correct expected_org_id",
        ),
        None => (
            format!(
                "the answer does not say which org this is; the profile {} expects {expected}",
                profile.id
            ),
            "take expected_org_id out of the profile to use the token unchecked",
        ),
    };
    Err(Failure { fix: Some(fix.to_owned()), ..Failure::new(FailureKind::Guard, message) }.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Flow,
        salesforce::{
            OrgId,
            tests::{profile, session},
        },
    };

    #[test]
    fn an_expected_org_must_be_told_and_be_the_one() {
        let check = |expected: Option<&str>, got: Option<&str>| {
            let profile = Profile { expected_org_id: expected.map(Into::into), ..profile(Flow::Password) };
            let org_id = got.map(|id| OrgId(id.into()));
            match check_org(&profile, &Session { org_id, ..session("https://acme.my.salesforce.com") }) {
                Ok(()) => None,
                Err(Halt::Failed(failure)) => Some((failure.kind, failure.message)),
                Err(Halt::Cancelled) => unreachable!(),
            }
        };
        let acme = Some("00D58000000arpq");
        for fine in [(None, None), (None, acme), (acme, acme), (acme, Some("00D58000000arpqEAA"))] {
            assert_eq!(check(fine.0, fine.1), None, "{fine:?}");
        }
        for (got, says) in [(Some("00D000000000001"), "belongs to the org"), (None, "does not say which org")]
        {
            let (kind, message) = check(acme, got).unwrap();
            assert_eq!(kind, FailureKind::Guard);
            assert!(message.contains(says), "{message}");
        }
    }
}
