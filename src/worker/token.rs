//! Getting a token: read the secrets, ask the token endpoint, ask the org for its newest version.

use super::{
    act::{Act, Halt},
    failure,
    login::nonces,
};
use crate::{
    config::{ApiVersion, Profile, VersionChoice},
    http::{Purpose, RequestBody, RequestSpec, Transport},
    jobs::{Answers, Failure, FailureKind, Progress},
    salesforce::{
        Session, ids,
        oauth::{Asking, Credentials, FALLBACK_VERSION, Grant},
        rest,
    },
    secrets::resolve,
};
use http::{HeaderMap, HeaderValue, Method, header};
use std::{sync::Arc, time::SystemTime};
use url::Url;

impl<T: Transport> Act<T> {
    /// A session for the profile, with the newest API version where it wants that.
    pub(super) async fn get_token(&self, profile: &Profile, answers: &Answers) -> Result<Arc<Session>, Halt> {
        if let VersionChoice::Pinned(version) = profile.api_version {
            return self.get_token_for(profile, answers, version).await.map(Arc::new);
        }
        let mut session = self.get_token_for(profile, answers, FALLBACK_VERSION).await?;
        if let Some(version) = self.newest_version(profile, &session.instance_url).await? {
            session.api_version = version;
        }
        Ok(Arc::new(session))
    }

    /// A session whose API version is known already.
    pub(super) async fn get_token_for(
        &self,
        profile: &Profile,
        answers: &Answers,
        version: ApiVersion,
    ) -> Result<Session, Halt> {
        let secrets = self.read_secrets(profile, answers).await?;
        self.progress(Progress::GettingToken);
        let asking = Asking { profile, secrets: &secrets, version, nonces: nonces()? };
        let begun = Grant::begin(asking, SystemTime::now());
        let begun = begun.map_err(|error| failure::token(&error, profile, None))?;
        let session = self.carry_out(profile, &secrets, begun).await?;
        check_org(profile, &session)?;
        Ok(session)
    }

    async fn read_secrets(&self, profile: &Profile, answers: &Answers) -> Result<Credentials, Halt> {
        let mut secrets = Credentials::default();
        for field in profile.secrets_in_use() {
            let Some(reference) = profile.secret(field) else { continue };
            self.progress(Progress::ReadingSecret(field));
            let secret = self
                .unless_cancelled(resolve(reference, answers.get(field)))
                .await?
                .map_err(|error| failure::secret(&error, profile, field))?;
            secrets.put(field, secret);
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
