//! A session as a text that a secret store can keep from one run to the next.
//!
//! The refresh token is not in it: that has a place of its own, because it is replaced on its own.

use super::{Lifetime, OrgFacts, OrgId, OrgReading, Session, SignatureCheck, TokenField, UserId, oauth};
use crate::{
    config::{ApiVersion, Profile},
    secrets::Secret,
};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::Url;
use zeroize::Zeroizing;

/// For which login something is kept: a profile that was changed meanwhile does not get it. Has no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginId {
    flow: String,
    login_url: Option<Url>,
    instance_url: Option<Url>,
    consumer_key: Option<String>,
    username: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    login: LoginId,
    access_token: std::borrow::Cow<'a, str>,
    instance_url: Url,
    login_url: Option<Url>,
    org_id: Option<OrgId>,
    user_id: Option<UserId>,
    org: Option<OrgFacts>,
    /// Why the org did not tell what it is, so that it goes on being held to be production.
    #[serde(default)]
    unreadable: Option<String>,
    api_version: u16,
    /// Milliseconds since 1970.
    issued_at: u64,
    /// The same; absent where only the org's policy knows.
    ends_at: Option<u64>,
    signature_valid: Option<bool>,
    /// Names and masked values.
    fields: Vec<(String, String)>,
}

/// The session as one text.
pub fn print(session: &Session, profile: &Profile) -> Secret {
    let kept = Kept {
        login: LoginId::of(profile),
        access_token: session.access_token.expose().into(),
        instance_url: session.instance_url.clone(),
        login_url: session.login_url.clone(),
        org_id: session.org_id.clone(),
        user_id: session.user_id.clone(),
        org: session.org.facts().cloned(),
        unreadable: match &session.org {
            OrgReading::Unreadable(why) => Some(why.clone()),
            OrgReading::Read(_) | OrgReading::NotAsked => None,
        },
        api_version: session.api_version.0,
        issued_at: millis(session.issued_at),
        ends_at: match session.lifetime {
            Lifetime::Until(end) => Some(millis(end)),
            Lifetime::Policy(_) => None,
        },
        signature_valid: match session.signature {
            SignatureCheck::Valid => Some(true),
            SignatureCheck::Invalid => Some(false),
            SignatureCheck::NotCheckable(_) => None,
        },
        fields: session.fields.iter().map(|field| (field.name.clone(), field.value.clone())).collect(),
    };
    Secret::new(serde_json::to_string(&kept).unwrap_or_default())
}

/// The session of a text, if it is one, of this login, and has not ended by its own word.
pub fn parse(text: &Secret, profile: &Profile, now: SystemTime) -> Option<Session> {
    let kept: Kept<'_> = serde_json::from_str(text.expose()).ok()?;
    let ends_at = kept.ends_at.and_then(time);
    if kept.login != LoginId::of(profile) || ends_at.is_some_and(|end| end <= now) {
        return None;
    }
    let access_token = Zeroizing::new(kept.access_token.into_owned());
    Some(Session {
        profile: profile.id.clone(),
        access_token: Secret::new(access_token.as_str()),
        refresh_token: None,
        instance_url: kept.instance_url,
        login_url: kept.login_url,
        org_id: kept.org_id,
        user_id: kept.user_id,
        org: match (kept.org, kept.unreadable) {
            (Some(facts), _) => OrgReading::Read(facts),
            (None, Some(why)) => OrgReading::Unreadable(why),
            (None, None) => OrgReading::NotAsked,
        },
        api_version: ApiVersion(kept.api_version),
        issued_at: time(kept.issued_at)?,
        signature: match kept.signature_valid {
            Some(true) => SignatureCheck::Valid,
            Some(false) => SignatureCheck::Invalid,
            None => SignatureCheck::NotCheckable("it could not be checked when the token was got"),
        },
        lifetime: ends_at.map_or(oauth::POLICY, Lifetime::Until),
        fields: kept.fields.into_iter().map(field).collect(),
    })
}

fn field((name, value): (String, String)) -> TokenField {
    TokenField { meaning: oauth::meaning(&name), name, value }
}

impl LoginId {
    /// That of a profile.
    pub fn of(profile: &Profile) -> Self {
        Self {
            flow: profile.flow.name().to_owned(),
            login_url: profile.login_url.clone(),
            instance_url: profile.instance_url.clone(),
            consumer_key: profile.consumer_key.clone(),
            username: profile.username.clone(),
        }
    }
}

fn millis(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn time(millis: u64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::Flow,
        salesforce::tests::{profile, session},
    };

    const HOME: &str = "https://acme.my.salesforce.com";

    #[test]
    fn a_session_survives_and_only_for_its_own_login() {
        let profile = profile(Flow::AuthorizationCode);
        let field = TokenField { name: "scope".into(), value: "api".into(), meaning: "" };
        let session = Session { fields: vec![field], ..session(HOME) };
        let text = print(&session, &profile);
        let back = parse(&text, &profile, UNIX_EPOCH).unwrap();
        assert_eq!(back.access_token, session.access_token);
        assert_eq!((back.issued_at, back.lifetime), (session.issued_at, session.lifetime));
        assert_eq!(back.fields[0].meaning, "what the token may do");
        let other = Profile { username: Some("eve@acme.com".into()), ..profile.clone() };
        assert!(parse(&text, &other, UNIX_EPOCH).is_none());
        assert!(parse(&Secret::new("{\"login\":"), &profile, UNIX_EPOCH).is_none());
    }

    #[test]
    fn one_that_has_ended_is_not_given_back() {
        let profile = profile(Flow::AuthorizationCode);
        let end = UNIX_EPOCH + Duration::from_secs(100);
        let text = print(&Session { lifetime: Lifetime::Until(end), ..session(HOME) }, &profile);
        assert!(parse(&text, &profile, end).is_none());
        assert_eq!(parse(&text, &profile, UNIX_EPOCH).unwrap().lifetime, Lifetime::Until(end));
    }
}
