//! Asking the org of a new token which one it is, and holding that against what was known.

use super::{
    Bodies,
    act::{Act, Halt},
};
use crate::{
    config::Profile,
    http::{Purpose, Transport},
    jobs::{Failure, FailureKind, Progress},
    salesforce::{OrgFacts, OrgReading, Session, Standing, ids, org, rest},
};

impl<T: Transport> Act<T> {
    /// Reads the org into the session, and says how it stands to the one known before.
    pub(super) async fn look_at_org(
        &self,
        profile: &Profile,
        session: &mut Session,
    ) -> Result<Standing, Halt> {
        let before = self.shared.keep.known(profile).await.org;
        // A script has no use for the edition; where the token itself names the known org and user, that will do.
        if self.shared.bodies == Bodies::PassedOn
            && let Some(known) = before.as_ref().filter(|known| is_of(session, known))
        {
            session.org =
                OrgReading::Read(OrgFacts { instance_url: session.instance_url.clone(), ..known.clone() });
            return Ok(Standing::AsBefore);
        }
        self.progress(Progress::ReadingOrg);
        session.org = self.read_org(profile, session).await?;
        match &session.org {
            OrgReading::NotAsked => match before.filter(|known| !is_of(session, known)) {
                Some(known) if session.org_id.is_some() => Err(another(profile, &known, session).into()),
                // The token is dead: what it is used for will say so, and bring a new one where that can be.
                _ => Ok(Standing::AsBefore),
            },
            OrgReading::Read(facts) => {
                let mut standing = org::standing(profile, before.as_ref(), facts);
                if let Standing::First { odd } = &mut standing {
                    odd.extend(self.shared.keep.damage().await);
                }
                Ok(standing)
            }
            OrgReading::Unreadable(why) => match before.filter(|known| !is_of(session, known)) {
                // The ids in the token response are enough to know that it is another one.
                Some(known) if session.org_id.is_some() => Err(another(profile, &known, session).into()),
                _ => Ok(Standing::Unchecked(why.clone())),
            },
        }
    }

    /// What the org says of itself and of the user. No answer is no failure: it is said.
    async fn read_org(&self, profile: &Profile, session: &Session) -> Result<OrgReading, Halt> {
        let mut bodies = Vec::new();
        for spec in org::questions(session) {
            let known = vec![session.access_token.clone()];
            match self.exchange(profile, spec, Purpose::Metadata, known, false).await {
                Ok(answered) => {
                    self.note_usage(profile, Some(session), &answered);
                    let body = answered.exchange.reply.as_ref().ok().map(|reply| reply.body.bytes().clone());
                    let body = body.unwrap_or_default();
                    if bodies.is_empty() && rest::is_session_expired(answered.status, &body) {
                        return Ok(OrgReading::NotAsked);
                    }
                    bodies.push((answered.status, body));
                }
                Err(Halt::Cancelled) => return Err(Halt::Cancelled),
                Err(Halt::Failed(failure)) => return Ok(OrgReading::Unreadable(failure.message)),
            }
        }
        Ok(match org::read(session, &bodies) {
            Ok(facts) => OrgReading::Read(facts),
            Err(why) => OrgReading::Unreadable(why),
        })
    }
}

fn is_of(session: &Session, known: &OrgFacts) -> bool {
    let org = session.org_id.as_ref().is_some_and(|id| ids::same(&id.0, &known.org_id.0));
    let user = session.user_id.as_ref().is_none_or(|id| ids::same(&id.0, &known.user_id.0));
    org && user
}

fn another(profile: &Profile, known: &OrgFacts, session: &Session) -> Failure {
    let got = session.org_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let message = format!(
        "the token belongs to the org {got}, which could not be asked; the profile {} was used with {} ({})",
        profile.id, known.name, known.org_id
    );
    Failure {
        fix: Some("get a token with prompt=login, or let the user read the org".into()),
        ..Failure::new(FailureKind::Guard, message)
    }
}

/// A renewed session must be of the same org and user as the one that has ended.
pub(super) fn check_same(profile: &Profile, before: &Session, now: &Session) -> Result<(), Halt> {
    let same = |a: Option<&str>, b: Option<&str>| match (a, b) {
        (Some(a), Some(b)) => ids::same(a, b),
        _ => true, // one of them does not say
    };
    let id = |session: &Session| session.org_id.as_ref().map(|id| id.0.clone());
    let user = |session: &Session| session.user_id.as_ref().map(|id| id.0.clone());
    if same(id(before).as_deref(), id(now).as_deref()) && same(user(before).as_deref(), user(now).as_deref())
    {
        return Ok(());
    }
    let message =
        format!("the new token is of another org or user than the one before; the profile {}", profile.id);
    let fix = "get a token and look at which org it is; a sandbox that was refreshed is taken with --new --accept-org";
    Err(Failure { fix: Some(fix.into()), ..Failure::new(FailureKind::Guard, message) }.into())
}
