//! Authorization code and credentials flow: name and password for a code, without a browser, on an Experience Cloud
//! site.
//!
//! Source: Salesforce Help, Headless Identity; the public Salesforce Platform APIs collection; Mobile SDK for Android.

use super::{
    Asking, Reply, Step, TokenError, Way, authorization_code, browser, needed, pkce, redirect, refused,
    request::{Form, basic, endpoint, form_request, login_host},
    token_in,
};
use crate::{
    config::{Environment, SecretField, host_and_port, is_loopback},
    salesforce::host,
    secrets::Secret,
};
use http::{HeaderValue, header};
use std::time::SystemTime;

/// Two requests: the first is answered by a redirect that nobody follows, or by the page that it leads to.
#[derive(Default)]
pub(super) struct HeadlessCode {
    /// The code is there; what comes next is the token response.
    exchanging: bool,
}

impl Way for HeadlessCode {
    fn begin(&mut self, asking: &Asking<'_>, _: SystemTime) -> Result<Step, TokenError> {
        let profile = asking.profile;
        let site = login_host(asking)?;
        let is_site = profile.environment == Environment::Site || host::is_site(site) || is_loopback(site);
        if !is_site {
            return Err(TokenError::NeedsSite { host: host_and_port(site) });
        }
        let username = needed(profile.username.as_deref(), "username")?.trim();
        let password = asking.secrets.need(SecretField::Password)?;
        let mut form = Form::default();
        form.push("response_type", "code_credentials");
        form.push("client_id", needed(profile.consumer_key.as_deref(), "consumer_key")?.trim());
        form.push("redirect_uri", &profile.callback());
        form.push("state", &browser::state(&asking.nonces));
        form.push_scopes(asking);
        if is_public(asking) {
            form.push("code_challenge", &pkce::challenge(&asking.nonces));
            form.push("code_challenge_method", "S256");
        }
        let mut spec = form_request(endpoint(site, "authorize"), &form);
        spec.headers.insert(header::AUTHORIZATION, basic(username, password.expose())?);
        spec.headers.insert("Auth-Request-Type", HeaderValue::from_static("Named-User"));
        Ok(Step::Ask(Box::new(spec)))
    }

    fn answered(
        &mut self,
        asking: &Asking<'_>,
        reply: &Reply<'_>,
        now: SystemTime,
    ) -> Result<Step, TokenError> {
        if self.exchanging {
            return token_in(asking, reply, now);
        }
        let code = code_in(reply)?;
        self.exchanging = true;
        authorization_code::exchange(asking, &code, is_public(asking))
    }
}

/// An app without a secret proves itself by PKCE.
fn is_public(asking: &Asking<'_>) -> bool {
    asking.secrets.get(SecretField::ConsumerSecret).is_none_or(Secret::is_empty)
}

/// The code in the address of the redirect, or in what the site's echo page shows of it. That page's form is
/// unconfirmed: JSON, a form, or an address somewhere in a page.
fn code_in(reply: &Reply<'_>) -> Result<Secret, TokenError> {
    if let Some(location) = reply.location {
        return redirect::own_code(location).map_err(not_by_a_person);
    }
    refused(reply)?;
    let text = String::from_utf8_lossy(reply.body);
    if let Ok(answer) = serde_json::from_str::<serde_json::Value>(&text)
        && let Some(code) = answer["code"].as_str().filter(|code| !code.is_empty())
    {
        return Ok(Secret::new(code));
    }
    let start = text.find("code=").ok_or_else(|| {
        TokenError::Malformed("the site answered without a code, and without a redirect that has one".into())
    })?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '&' | ')');
    let code = text[start..].split(ends).next().unwrap_or_default();
    redirect::own_code(code).map_err(not_by_a_person)
}

/// Nobody can paste another address here.
fn not_by_a_person(error: TokenError) -> TokenError {
    match error {
        TokenError::NotThisLogin(text) => {
            TokenError::Malformed(format!("the site's answer to the login cannot be used: {text}"))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{tests::*, *};
    use crate::salesforce::tests::profile;
    use std::time::UNIX_EPOCH;

    const SITE: &str = "https://acme.my.site.com/shop";
    const PUBLIC: &[(SecretField, &str)] = &[(SecretField::Password, "p+w: é")];
    const PRIVATE: &[(SecretField, &str)] =
        &[(SecretField::Password, "p+w: é"), (SecretField::ConsumerSecret, "s3cret")];

    fn member(login: &str) -> Profile {
        let login_url = Some(login.parse().unwrap());
        Profile { login_url, ..profile(Flow::HeadlessCode) }
    }

    /// What follows on the answer to the first request.
    fn exchanged(
        given: &[(SecretField, &str)],
        status: u16,
        location: Option<&str>,
        text: &str,
    ) -> Result<String, TokenError> {
        let (profile, secrets) = (member(SITE), secrets(given));
        let mut grant = Grant::begin(asking(&profile, &secrets), UNIX_EPOCH)?.0;
        let status = StatusCode::from_u16(status).unwrap();
        let reply = Reply { status, location, body: text.as_bytes() };
        let sent = spec(grant.answered(&reply, UNIX_EPOCH)?)?;
        assert_eq!(sent.url.as_str(), "https://acme.my.site.com/shop/services/oauth2/token");
        Ok(body(&sent))
    }

    #[test]
    fn name_and_password_go_in_the_header_alone() {
        let sent = asked(&member(SITE), &secrets(PRIVATE)).unwrap();
        assert_eq!(sent.url.as_str(), "https://acme.my.site.com/shop/services/oauth2/authorize");
        assert_eq!(sent.headers["auth-request-type"], "Named-User");
        assert_eq!(sent.headers["authorization"], "Basic YWRhQGFjbWUuY29tOnArdzogw6k=");
        let private = "response_type=code_credentials&client_id=3MVG9key\
             &redirect_uri=https%3A%2F%2Facme.my.site.com%2Fshop%2Fservices%2Foauth2%2Fecho\
             &state=AAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(body(&sent), private);
        let public = asked(&member(SITE), &secrets(PUBLIC)).unwrap();
        let pkce = "&code_challenge=DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo&code_challenge_method=S256";
        assert_eq!(body(&public), format!("{private}{pkce}"));
    }

    #[test]
    fn hosts_that_are_no_sites_are_not_asked() {
        for host in ["https://login.salesforce.com", "https://acme.my.salesforce.com"] {
            let error = asked(&member(host), &secrets(PRIVATE)).err().unwrap();
            assert!(matches!(error, TokenError::NeedsSite { .. }), "{error}");
        }
        let own = Profile {
            environment: crate::config::Environment::Site,
            ..member("https://shop.acme.example/de")
        };
        assert!(asked(&own, &secrets(PRIVATE)).is_ok());
    }

    #[test]
    fn the_redirect_s_code_is_exchanged_with_secret_or_verifier() {
        let location = "https://acme.my.site.com/shop/services/oauth2/echo?code=aPrx.1%3D%3D&sfdc_community_id=0DB&state=AAAAAAAAAAAAAAAAAAAAAA";
        let start = "grant_type=authorization_code&code=aPrx.1%3D%3D\
             &redirect_uri=https%3A%2F%2Facme.my.site.com%2Fshop%2Fservices%2Foauth2%2Fecho";
        let private = exchanged(PRIVATE, 302, Some(location), "").unwrap();
        assert_eq!(private, format!("{start}&client_id=3MVG9key&client_secret=s3cret"));
        let public = exchanged(PUBLIC, 302, Some(location), "").unwrap();
        let verifier = "A".repeat(43);
        assert_eq!(public, format!("{start}&code_verifier={verifier}&client_id=3MVG9key"));
    }

    #[test]
    fn an_echo_page_s_code_is_found() {
        for page in [
            r#"{"code":"aPrx.1==","state":"x"}"#,
            "<html><a href=\"/echo?code=aPrx.1%3D%3D&amp;state=x\">go</a>",
            "code=aPrx.1%3D%3D&state=AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(exchanged(PRIVATE, 200, None, page).unwrap().contains("&code=aPrx.1%3D%3D&"), "{page}");
        }
        let none = exchanged(PRIVATE, 200, None, "<html>log in</html>").unwrap_err();
        assert!(matches!(none, TokenError::Malformed(_)));
    }

    #[test]
    fn a_refusal_is_read_from_the_redirect_and_from_the_body() {
        let stateless = exchanged(PRIVATE, 302, Some("/echo?code=aPrx%3D%3D"), "").unwrap();
        assert!(stateless.contains("&code=aPrx%3D%3D&"));
        let refused = exchanged(PRIVATE, 302, Some("/echo?error=invalid_grant&error_description=no"), "");
        assert!(matches!(refused, Err(TokenError::Denied(error)) if error.message == "no"));
        let body = r#"{"error":"invalid_grant","error_description":"authentication failure"}"#;
        let refused = exchanged(PRIVATE, 400, None, body).unwrap_err();
        assert_eq!(refused.to_string(), "invalid_grant: authentication failure");
        let elsewhere = exchanged(PRIVATE, 302, Some("https://acme.my.site.com/shop/login"), "");
        assert!(matches!(elsewhere, Err(TokenError::Malformed(_))));
    }
}
