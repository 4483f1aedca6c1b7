//! A token that a person pasted, or that a command prints: no request at all.

use super::{Asking, Step, TokenError, Way, request::check_transport};
use crate::{
    config::SecretField,
    http::redact,
    salesforce::{Lifetime, OrgId, OrgReading, Session, SignatureCheck, TokenField},
    secrets::clean_pasted,
};
use std::time::{Duration, SystemTime};

/// The session that the token is, cleaned of what comes along when one copies it.
pub(super) struct Pasted;

impl Way for Pasted {
    fn begin(&mut self, asking: &Asking<'_>, now: SystemTime) -> Result<Step, TokenError> {
        Ok(Step::Have(Box::new(session(asking, now)?)))
    }
}

fn session(asking: &Asking<'_>, now: SystemTime) -> Result<Session, TokenError> {
    let Asking { profile, secrets, version, .. } = asking;
    let (token, cleaned) = clean_pasted(secrets.need(SecretField::AccessToken)?.expose());
    if token.is_empty() {
        return Err(TokenError::Missing("access_token"));
    }
    let instance_url = super::needed(profile.instance_url.clone(), "instance_url")?;
    check_transport(&instance_url)?;
    let field = |name: &str, value: String, meaning| TokenField { name: name.to_owned(), value, meaning };
    let mut fields = vec![
        field("access_token", redact::masked(&token), "bearer token, as pasted"),
        field("instance_url", super::shown(&instance_url), "base URL for every API call"),
    ];
    if !cleaned.is_empty() {
        let removed = cleaned.iter().map(|what| what.says()).collect::<Vec<_>>().join(", ");
        fields.push(field("cleaned", removed, "what was pasted along with the token and taken off"));
    }
    Ok(Session {
        profile: profile.id.clone(),
        org_id: super::response::org_in_token(&token).map(|id| OrgId(id.to_owned())),
        user_id: None,
        org: OrgReading::NotAsked,
        login_url: None,
        lifetime: super::response::jwt_end(&token).map_or(super::POLICY, Lifetime::Until),
        access_token: token,
        refresh_token: None,
        instance_url,
        api_version: *version,
        issued_at: now,
        signature: SignatureCheck::NotCheckable("a pasted token comes without a signature"),
        fields,
    })
}

/// How long a session lives idle where no policy says otherwise.
///
/// Unconfirmed: not read in a published source.
pub(super) const DEFAULT_IDLE: Duration = Duration::from_secs(2 * 60 * 60);
