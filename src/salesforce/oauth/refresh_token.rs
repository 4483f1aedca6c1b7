//! Refresh: a new access token without a person, for any flow that gave a refresh token; and a refresh token that the
//! profile itself has.
//!
//! Source: Salesforce Help, OAuth 2.0 refresh token flow and refresh token rotation.

use super::{
    Asking, Reply, Step, TokenError, Way,
    request::{Form, token_request},
    token_in,
};
use crate::{
    config::SecretField,
    secrets::{Secret, clean_pasted},
};
use std::time::SystemTime;

/// The instance URL may have changed: the answer's is taken. Two refreshes of one token at the same time are
/// refused; whoever drives this sees to it.
#[derive(Default)]
pub(super) struct Refresh {
    /// The refresh token that is asked with; before the first step `None` for the profile's own.
    token: Option<Secret>,
}

impl Refresh {
    /// With a token that an earlier login gave.
    pub(super) fn with(token: &Secret) -> Self {
        Self { token: Some(token.clone()) }
    }
}

impl Way for Refresh {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let token = match self.token.take() {
            Some(token) => token,
            None => clean_pasted(asking.secrets.need(SecretField::RefreshToken)?.expose()).0,
        };
        let mut form = Form::grant("refresh_token");
        form.push_secret("refresh_token", &token);
        self.token = Some(token);
        token_request(asking, form)
    }

    /// Without rotation no refresh token comes back, and the old one stays good.
    fn answered(
        &mut self,
        asking: &Asking<'_>,
        reply: &Reply<'_>,
        now: SystemTime,
    ) -> Result<Step, TokenError> {
        let mut step = token_in(asking, reply, now)?;
        if let Step::Have(session) = &mut step
            && session.refresh_token.is_none()
        {
            session.refresh_token.clone_from(&self.token);
        }
        Ok(step)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{tests::*, *};
    use super::*;
    use crate::salesforce::tests::profile;
    use std::time::UNIX_EPOCH;

    const SECRET: (SecretField, &str) = (SecretField::ConsumerSecret, "s3cret");

    fn refreshed(body: &str) -> Session {
        let (profile, secrets) = (profile(Flow::AuthorizationCode), secrets(&[SECRET]));
        let token = Secret::new("5Aep.old==");
        let mut grant = Grant::refresh(asking(&profile, &secrets), &token, UNIX_EPOCH).unwrap().0;
        let reply = Reply { status: StatusCode::OK, location: None, body: body.as_bytes() };
        match grant.answered(&reply, UNIX_EPOCH).unwrap() {
            Step::Have(session) => *session,
            _ => panic!("a session was expected"),
        }
    }

    #[test]
    fn any_flow_s_refresh_token_is_sent() {
        let (profile, secrets) = (profile(Flow::AuthorizationCode), secrets(&[SECRET]));
        let token = Secret::new("5Aep.old==");
        let step = Grant::refresh(asking(&profile, &secrets), &token, UNIX_EPOCH).unwrap().1;
        assert_eq!(
            body(&spec(step).unwrap()),
            "grant_type=refresh_token&refresh_token=5Aep.old%3D%3D&client_id=3MVG9key&client_secret=s3cret"
        );
    }

    #[test]
    fn a_profile_s_own_refresh_token_is_cleaned_and_sent() {
        let mut profile = profile(Flow::RefreshToken);
        assert_eq!(asked(&profile, &secrets(&[])).err(), Some(TokenError::Missing("refresh_token")));
        profile.refresh_token = Some(crate::secrets::SecretRef::Ask);
        let pasted = secrets(&[(SecretField::RefreshToken, " \"5Aep.own\"\n")]);
        assert_eq!(
            body(&asked(&profile, &pasted).unwrap()),
            "grant_type=refresh_token&refresh_token=5Aep.own&client_id=3MVG9key"
        );
    }

    #[test]
    fn the_old_refresh_token_stays_unless_another_comes_back() {
        let answer =
            r#"{"access_token":"00D58000000arpq!AQ","instance_url":"https://moved.my.salesforce.com""#;
        let kept = refreshed(&format!("{answer}}}"));
        assert_eq!(kept.refresh_token.unwrap().expose(), "5Aep.old==");
        assert_eq!(kept.instance_url.as_str(), "https://moved.my.salesforce.com/");
        let rotated = refreshed(&format!(r#"{answer},"refresh_token":"5Aep.new"}}"#));
        assert_eq!(rotated.refresh_token.unwrap().expose(), "5Aep.new");
    }
}
