//! Token exchange: a token of an identity provider for one of Salesforce, by an Apex handler in the org.
//!
//! Source: Salesforce Help, OAuth 2.0 token exchange flow; RFC 8693.

use super::{
    Asking, Step, TokenError, Way,
    request::{Form, login_host, token_request},
};
use crate::{
    config::{SecretField, host_and_port, is_generic_login},
    secrets::clean_pasted,
};
use std::{borrow::Cow, time::SystemTime};

/// `grant_type`; the asset token flow has the same.
pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// What stands before the short name of a kind of token.
pub(super) const KIND: &str = "urn:ietf:params:oauth:token-type:";

/// Works on the org's own host or a site alone.
pub(super) struct TokenExchange;

impl Way for TokenExchange {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let login = login_host(asking)?;
        if is_generic_login(login) {
            return Err(TokenError::NeedsMyDomain { host: host_and_port(login) });
        }
        let profile = asking.profile;
        let (subject, _) = clean_pasted(asking.secrets.need(SecretField::SubjectToken)?.expose());
        let kind = profile.subject_token_type.as_deref().unwrap_or("access_token");
        let mut form = Form::grant(GRANT);
        form.push_secret("subject_token", &subject);
        form.push("subject_token_type", &urn(kind));
        if let Some(handler) = &profile.token_handler {
            form.push("token_handler", handler);
        }
        form.push_scopes(asking);
        token_request(asking, form)
    }
}

fn urn(kind: &str) -> Cow<'_, str> {
    match kind.starts_with("urn:") {
        true => kind.into(),
        false => format!("{KIND}{kind}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{tests::*, *};
    use crate::{salesforce::tests::profile, secrets::SecretRef};

    fn exchange_host() -> Option<Url> {
        Some("https://acme.my.salesforce.com".parse().unwrap())
    }

    fn exchanging(change: impl FnOnce(&mut Profile)) -> Result<RequestSpec, TokenError> {
        let mut profile = profile(Flow::TokenExchange);
        profile.subject_token = Some(SecretRef::Ask);
        profile.login_url = exchange_host();
        change(&mut profile);
        asked(&profile, &secrets(&[(SecretField::SubjectToken, "Bearer eyJ.idp.token\n")]))
    }

    #[test]
    fn the_other_token_goes_with_its_kind_and_its_handler() {
        let sent = exchanging(|_| {}).unwrap();
        assert_eq!(sent.url.as_str(), "https://acme.my.salesforce.com/services/oauth2/token");
        assert_eq!(
            body(&sent),
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=eyJ.idp.token\
             &subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token&client_id=3MVG9key"
        );
        let sent = exchanging(|p| {
            p.subject_token_type = Some("id_token".into());
            p.token_handler = Some("MyHandler".into());
            p.scopes = vec!["api".into()];
        });
        let text = body(&sent.unwrap());
        assert!(text.contains("token-type%3Aid_token&token_handler=MyHandler&scope=api&client_id"), "{text}");
        let whole = exchanging(|p| p.subject_token_type = Some("urn:x:y".into())).unwrap();
        assert!(body(&whole).contains("subject_token_type=urn%3Ax%3Ay&"));
    }

    #[test]
    fn it_is_not_sent_to_a_generic_host_or_without_a_token() {
        let generic = exchanging(|p| p.login_url = Some("https://test.salesforce.com".parse().unwrap()));
        assert!(matches!(generic, Err(TokenError::NeedsMyDomain { .. })));
        let profile = Profile { login_url: exchange_host(), ..profile(Flow::TokenExchange) };
        let missing = asked(&profile, &secrets(&[])).err();
        assert_eq!(missing, Some(TokenError::Missing("subject_token")));
    }
}
