//! Failures of the lower layers, as a job reports them: a kind, a sentence, what to do.

use super::refusals::{ALONE_AFTER, ASKS_AFTER, WITHIN};
use crate::{
    config::{Flow, Profile, SecretField},
    http::{Exchange, Phase, TransportFailure},
    jobs::{Attempts, Failure, FailureKind},
    salesforce::{about::Unaskable, oauth::TokenError, rest::Refusal},
    secrets::{SecretError, StoreError},
};
use std::{sync::Arc, time::SystemTime};

/// No answer came.
pub(super) fn network(failure: &TransportFailure, exchange: &Arc<Exchange>) -> Failure {
    Failure {
        fix: fix_of(failure.phase).map(str::to_owned),
        exchange: Some(Arc::clone(exchange)),
        ..Failure::new(FailureKind::Network, failure.message.clone())
    }
}

/// What to do where it came no further than that.
pub(super) fn fix_of(phase: Phase) -> Option<&'static str> {
    match phase {
        Phase::Dns => {
            Some("check the spelling of the host; a new org's name can take minutes to be known everywhere")
        }
        Phase::Tls => {
            Some("where a company's proxy inspects TLS, set the profile's ca_file to its certificate")
        }
        Phase::Connect => Some("check the host, the proxy and the network"),
        Phase::Send | Phase::Wait | Phase::Receive => None,
    }
}

/// There is no token.
pub(super) fn token(error: &TokenError, profile: &Profile, exchange: Option<&Arc<Exchange>>) -> Failure {
    let mut failure = Failure::new(FailureKind::Config, error.to_string());
    failure.exchange = exchange.cloned();
    match error {
        TokenError::Missing(key) => {
            failure.fix = Some(format!("set `{key}` in the profile {}", profile.id));
        }
        TokenError::NeedsMyDomain { .. } => {
            failure.fix = Some("set login_url to https://….my.salesforce.com".into());
        }
        TokenError::NeedsSite { .. } => {
            failure.fix = Some("set login_url to the site, https://….my.site.com/PATH".into());
        }
        TokenError::PrivateKey(_) => {
            failure.fix = Some(format!("correct `jwt.private_key_file` in the profile {}", profile.id));
        }
        TokenError::SoapVersion(_) => failure.fix = Some("take soap_api_version out of the profile".into()),
        TokenError::CodeExpired => {
            failure.kind = FailureKind::OAuth;
            failure.fix = Some("get a token again: there will be a new code".into());
        }
        TokenError::PlainHttp { .. } => failure.fix = Some("write https:// in login_url".into()),
        TokenError::Refused(said, status) | TokenError::Miscopied(said, status, _) => {
            failure.kind = FailureKind::OAuth;
            failure.status = Some(status.as_u16());
            failure.code.clone_from(&said.code);
            failure.description = Some(said.message.clone()).filter(|text| !text.is_empty());
            if matches!(error, TokenError::Miscopied(..)) {
                failure.fix =
                    Some("log in again, and copy the address that the browser ends at, whole".into());
            }
        }
        TokenError::Denied(said) => {
            failure.kind = FailureKind::OAuth;
            failure.code.clone_from(&said.code);
            failure.description = Some(said.message.clone()).filter(|text| !text.is_empty());
        }
        TokenError::NotThisLogin(_) => {
            failure.kind = FailureKind::OAuth;
            failure.fix = Some("copy the address that the browser ends at, whole, or the code in it".into());
        }
        TokenError::ForeignInstance { .. } => {
            failure.kind = FailureKind::Guard;
            failure.fix = Some("check login_url, and that no proxy answers in the org's place".into());
        }
        TokenError::Malformed(_) => {
            failure.kind = FailureKind::OAuth;
            failure.status = exchange.and_then(|e| e.reply.as_ref().ok()).map(|reply| reply.status.as_u16());
        }
    }
    failure
}

/// A new token was asked for, and the one that has expired came.
pub(super) fn same_token(profile: &Profile) -> Failure {
    let (kind, message, fix) = match profile.flow {
        Flow::AccessToken => (
            FailureKind::Config,
            format!("the access token of the profile {} is still the one that has expired", profile.id),
            "put a new one where the profile's access_token comes from",
        ),
        _ => (
            FailureKind::OAuth,
            "the org gave the token again that it says has expired".into(),
            "end the user's session in the org, and get a token again",
        ),
    };
    Failure { fix: Some(fix.to_owned()), ..Failure::new(kind, message) }
}

/// A new token came whose org nobody has looked at.
pub(super) fn org_unseen(profile: &Profile) -> Failure {
    let message =
        format!("nobody has looked yet at which org the new token of the profile {} is of", profile.id);
    Failure { fix: Some("get a token and look".into()), ..Failure::new(FailureKind::Guard, message) }
}

/// The session has ended, and only a person can begin another.
pub(super) fn login_needed(profile: &Profile) -> Failure {
    let message = format!("a person has to log in again for the profile {}", profile.id);
    Failure { fix: Some("get a token".into()), ..Failure::new(FailureKind::PersonNeeded, message) }
}

/// A password is not sent, because too many were refused lately. Where nobody asked for a login, one is too many.
pub(super) fn lockout_near(attempts: Attempts, now: SystemTime, alone: bool) -> Failure {
    let Attempts { host, username, refused } = &attempts;
    let times = times(refused.len());
    let again = match alone {
        true => "; a request does not send its password again by itself",
        false => ", and is not sent again without a question",
    };
    let message =
        format!("the password of {username} was refused {times} at {host} within 15 minutes{again}");
    // The youngest of those that have to be forgotten until another one is safe.
    let last = refused.len().checked_sub(if alone { ALONE_AFTER } else { ASKS_AFTER });
    let safe = last.and_then(|at| (*refused.get(at)? + WITHIN).duration_since(now).ok()).unwrap_or_default();
    let minutes = safe.as_secs().div_ceil(60).max(1);
    let fix = format!(
        "orgs lock users out after 3, 5 or 10 wrong passwords (lockout): correct password and security token first; \
         in {minutes} min one more is as safe as the first"
    );
    Failure {
        fix: Some(fix),
        attempts: Some(Box::new(attempts)),
        ..Failure::new(FailureKind::LockoutNear, message)
    }
}

/// `twice`, `5 times`.
fn times(count: usize) -> String {
    match count {
        1 => "once".into(),
        2 => "twice".into(),
        _ => format!("{count} times"),
    }
}

/// Whether a refusal may be one that an org counts before it locks the user out. Many causes share one text; what names
/// another cause (an address, an hour, an approval, the app) was said after the password, or without looking at it.
///
/// Source: Salesforce Help, OAuth 2.0 Authorization Errors; SOAP API Developer Guide, ExceptionCode (the wordings).
pub(super) fn may_count_against_user(failure: &Failure) -> bool {
    const CODES: [&str; 3] = ["invalid_grant", "INVALID_LOGIN", "PASSWORD_LOCKOUT"];
    const WORDS: [&str; 5] = ["authentication failure", "invalid username", "password", "locked", "lockout"];
    let text = failure.description.as_deref().unwrap_or_default().to_lowercase();
    failure.code.as_deref().is_some_and(|code| CODES.contains(&code))
        && (text.is_empty() || WORDS.iter().any(|word| text.contains(word)))
}

/// A secret cannot be had.
pub(super) fn secret(error: &SecretError, profile: &Profile, field: SecretField) -> Failure {
    let (kind, fix) = match error {
        SecretError::PersonNeeded => (
            FailureKind::PersonNeeded,
            Some("without a screen, let it come from { env = \"NAME\" } or { command = [...] }"),
        ),
        SecretError::Store(StoreError::VaultLocked) => (FailureKind::VaultLocked, None),
        _ => (FailureKind::Config, None),
    };
    let message = format!("{} of the profile {}: {error}", field.key(), profile.id);
    Failure { fix: fix.map(str::to_owned), ..Failure::new(kind, message) }
}

/// The token is not sent there.
pub(super) fn refusal(error: &Refusal) -> Failure {
    let fix = match error {
        Refusal::OtherHost { .. } => Some(
            "send without a token, give the request its own Authorization header, or use the org's own URL",
        ),
        Refusal::PlainHttp { .. } => Some("use https"),
        Refusal::DamagedToken => Some("paste the token again"),
    };
    Failure { fix: fix.map(str::to_owned), ..Failure::new(FailureKind::Guard, error.to_string()) }
}

/// A store does not answer as it should.
pub(super) fn store(error: &StoreError, profile: &Profile, what: &str) -> Failure {
    let kind = match error {
        StoreError::VaultLocked => FailureKind::VaultLocked,
        _ => FailureKind::Config,
    };
    Failure::new(kind, format!("{what} of the profile {}: {error}", profile.id))
}

/// A question about a token cannot be asked.
pub(super) fn about(error: &Unaskable, profile: &Profile) -> Failure {
    match error {
        Unaskable::Refusal(refused) => refusal(refused),
        Unaskable::Profile(refused) => token(refused, profile, None),
        Unaskable::NoIdentity => Failure::new(FailureKind::Config, error.to_string()),
    }
}

/// The org says that the refresh token is at work for somebody else at this moment.
///
/// Source: n8n issue 32421.
pub(super) fn is_being_processed(failure: &Failure) -> bool {
    let text = failure.description.as_deref().unwrap_or_default();
    failure.code.as_deref() == Some("invalid_grant") && text.contains("already being processed")
}

/// The org does not take the refresh token, for whatever reason, so that a new login may help.
pub(super) fn is_refused_grant(failure: &Failure) -> bool {
    failure.code.as_deref() == Some("invalid_grant") && !is_being_processed(failure)
}

/// Whether the refresh token itself is dead, as far as the refusal says: one that names the user's address, hours or
/// account leaves it alive.
///
/// Source: Salesforce Help, OAuth 2.0 Authorization Errors (the wordings).
pub(super) fn is_dead_token(failure: &Failure) -> bool {
    const ALIVE: [&str; 3] = ["restricted", "inactive", "rate exceeded"];
    let text = failure.description.as_deref().unwrap_or_default().to_lowercase();
    is_refused_grant(failure) && !ALIVE.iter().any(|word| text.contains(word))
}
