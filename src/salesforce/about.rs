//! What can be asked about a token, and done with it: whose it is, whether it lives, its end, a way into the org.
//!
//! Requests and answers; the worker carries them. Source: the public Salesforce Platform APIs collection (paths and
//! fields); Salesforce Help, token introspection, token revocation, and Generate a Frontdoor URL.

use super::{
    Session, host,
    oauth::{
        Asking, TokenError,
        request::{Form, as_the_app, check_transport, endpoint, form_request},
    },
    rest::{self, Refusal},
};
use crate::{
    config::host_and_port,
    http::{RequestBody, RequestSpec},
    secrets::Secret,
};
use http::{HeaderMap, HeaderValue, Method, header};
use serde_json::Value;
use url::Url;

/// Why something is not asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unaskable {
    /// The token may not go there.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The profile does not say enough.
    #[error(transparent)]
    Profile(#[from] TokenError),
    /// The ids of org and user are not known.
    #[error("the token came without an identity URL, so org and user are not known; userinfo tells them")]
    NoIdentity,
}

/// Whose the token is, by OpenID Connect's endpoint.
pub fn userinfo(session: &Session) -> Result<RequestSpec, Unaskable> {
    ask(session, Method::GET, endpoint(&session.instance_url, "userinfo"))
}

/// Whose the token is, by the identity URL. Asked of the instance by the same path: the host in the URL is the login
/// host, to which the token does not go.
pub fn identity(session: &Session) -> Result<RequestSpec, Unaskable> {
    let (Some(org), Some(user)) = (&session.org_id, &session.user_id) else {
        return Err(Unaskable::NoIdentity);
    };
    let mut url = session.instance_url.clone();
    url.set_path(&format!("/id/{org}/{user}"));
    url.set_query(Some("version=latest"));
    ask(session, Method::GET, url)
}

/// Whether the token lives, until when, and what it may do. The app asks, so the profile needs its key and secret.
pub fn introspect(asking: &Asking<'_>, session: &Session) -> Result<RequestSpec, Unaskable> {
    let mut form = Form::default();
    form.push_secret("token", &session.access_token);
    form.push("token_type_hint", "access_token");
    Ok(as_the_app(asking, endpoint(issuer(session)?, "introspect"), form)?)
}

/// That the token be dead. Where there is a refresh token it is that one: the access tokens it gave die with it.
///
/// Salesforce asks no app for this; the standard (RFC 7009) does, so the app says who it is where the profile knows.
pub fn revoke(asking: &Asking<'_>, session: &Session) -> Result<RequestSpec, Unaskable> {
    let mut form = Form::default();
    form.push_secret("token", session.refresh_token.as_ref().unwrap_or(&session.access_token));
    let url = endpoint(issuer(session)?, "revoke");
    Ok(match asking.profile.consumer_key {
        Some(_) => as_the_app(asking, url, form)?,
        None => form_request(url, &form),
    })
}

/// A link that opens the org in a browser, logged in; on a page of its own if `path` names one (`/lightning/…`).
/// The token itself goes into no URL.
pub fn single_access(session: &Session, path: Option<&str>) -> Result<RequestSpec, Unaskable> {
    let mut form = Form::default();
    if let Some(path) = path {
        form.push("redirect_uri", path);
    }
    let mut spec = form_request(endpoint(&session.instance_url, "singleaccess"), &form);
    rest::authorize(&mut spec, session)?;
    Ok(spec)
}

/// The link in the answer to [`single_access`]: a secret, because whoever opens it first is logged in. An error is a
/// sentence: a link to another place than the org is not opened.
pub fn org_link(session: &Session, body: &[u8]) -> Result<Secret, String> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let link = answer["frontdoor_uri"].as_str().unwrap_or_default();
    let Ok(url) = Url::parse(link) else {
        return Err("the org's answer holds no link (`frontdoor_uri`)".into());
    };
    let home = &session.instance_url;
    let hidden = !url.username().is_empty() || url.password().is_some();
    let safe = check_transport(&url).is_ok() && !hidden && host::same_org(home, &url);
    match safe && (url.port() == home.port() || url.port().is_none()) {
        true => Ok(Secret::new(link)),
        false => Err(format!("the org's link leads to {}, which is not the org", host_and_port(&url))),
    }
}

/// The host that issued the token; for a pasted one its instance, which is a login host too.
fn issuer(session: &Session) -> Result<&Url, Unaskable> {
    let issuer = session.login_url.as_ref().unwrap_or(&session.instance_url);
    check_transport(issuer)?;
    Ok(issuer)
}

fn ask(session: &Session, method: Method, url: Url) -> Result<RequestSpec, Unaskable> {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let mut spec = RequestSpec { method, url, headers, body: RequestBody::Empty };
    rest::authorize(&mut spec, session)?;
    Ok(spec)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{ApiVersion, ClientAuth, Flow, Profile, SecretField},
        salesforce::{
            OrgId, UserId,
            oauth::{Credentials, Nonces},
            tests::{profile, session},
        },
    };

    const HOME: &str = "https://acme.my.salesforce.com";

    fn known() -> Session {
        Session {
            org_id: Some(OrgId("00D58000000arpqEAA".into())),
            user_id: Some(UserId("005xx000001SwiUAAS".into())),
            login_url: Some("https://acme.my.site.com/shop".parse().unwrap()),
            ..session(HOME)
        }
    }

    /// Method, URL, body.
    fn wire(spec: RequestSpec) -> (String, String, String) {
        let body = match &spec.body {
            RequestBody::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            RequestBody::Empty => String::new(),
        };
        (spec.method.to_string(), spec.url.into(), body)
    }

    fn sent(method: &str, url: &str, body: &str) -> (String, String, String) {
        (method.into(), url.into(), body.into())
    }

    #[test]
    fn whose_a_token_is_is_asked_of_the_instance_with_the_token() {
        let asked = [userinfo(&known()).unwrap(), identity(&known()).unwrap()];
        for spec in &asked {
            assert_eq!(spec.headers["authorization"], "Bearer 00D58000000arpq!AQ.session");
        }
        let [userinfo, identity] = asked;
        assert_eq!(wire(userinfo), sent("GET", &format!("{HOME}/services/oauth2/userinfo"), ""));
        let path = "/id/00D58000000arpqEAA/005xx000001SwiUAAS?version=latest";
        assert_eq!(wire(identity), sent("GET", &format!("{HOME}{path}"), ""));
        assert_eq!(super::identity(&session(HOME)).err(), Some(Unaskable::NoIdentity));
    }

    #[test]
    fn the_issuer_is_asked_whether_a_token_lives() {
        let mut profile = profile(Flow::Password);
        let mut secrets = Credentials::default();
        secrets.put(SecretField::ConsumerSecret, Secret::new("s3cret"));
        let asked = |profile: &Profile, session: &Session| {
            let nonces = Nonces::default();
            introspect(&Asking { profile, secrets: &secrets, version: ApiVersion(66), nonces }, session)
        };
        assert_eq!(
            wire(asked(&profile, &known()).unwrap()),
            sent(
                "POST",
                "https://acme.my.site.com/shop/services/oauth2/introspect",
                "token=00D58000000arpq%21AQ.session&token_type_hint=access_token\
                 &client_id=3MVG9key&client_secret=s3cret"
            )
        );
        profile.client_auth = ClientAuth::Basic;
        let basic = asked(&profile, &session(HOME)).unwrap();
        assert!(basic.headers["authorization"].to_str().unwrap().starts_with("Basic "));
        let (_, url, body) = wire(basic);
        assert_eq!(
            url,
            format!("{HOME}/services/oauth2/introspect"),
            "a pasted token's issuer is its instance"
        );
        assert_eq!(body, "token=00D58000000arpq%21AQ.session&token_type_hint=access_token");
        profile.consumer_key = None;
        let missing = asked(&profile, &known()).err();
        assert_eq!(missing, Some(Unaskable::Profile(TokenError::Missing("consumer_key"))));
    }

    #[test]
    fn what_is_revoked_is_the_refresh_token_where_there_is_one() {
        let at = "https://acme.my.site.com/shop/services/oauth2/revoke";
        let no_app = Profile { consumer_key: None, ..profile(Flow::AccessToken) };
        let secrets = Credentials::default();
        let asking = |profile| Asking {
            profile,
            secrets: &secrets,
            version: ApiVersion(66),
            nonces: Nonces::default(),
        };
        let access = known();
        let asked = wire(revoke(&asking(&no_app), &access).unwrap());
        assert_eq!(asked, sent("POST", at, "token=00D58000000arpq%21AQ.session"));
        let both = Session { refresh_token: Some(Secret::new("5Aep==")), ..access };
        let app = profile(Flow::AuthorizationCode);
        let asked = wire(revoke(&asking(&app), &both).unwrap());
        assert_eq!(asked, sent("POST", at, "token=5Aep%3D%3D&client_id=3MVG9key"));
        let plain = Session { login_url: Some("http://acme.example".parse().unwrap()), ..both };
        assert!(matches!(
            revoke(&asking(&app), &plain),
            Err(Unaskable::Profile(TokenError::PlainHttp { .. }))
        ));
    }

    #[test]
    fn a_link_into_the_org_is_asked_for_without_the_token_in_a_url() {
        let spec = single_access(&known(), Some("/lightning/o/Account/list?a=b")).unwrap();
        assert_eq!(spec.headers["authorization"], "Bearer 00D58000000arpq!AQ.session");
        assert_eq!(
            wire(spec),
            sent(
                "POST",
                &format!("{HOME}/services/oauth2/singleaccess"),
                "redirect_uri=%2Flightning%2Fo%2FAccount%2Flist%3Fa%3Db"
            )
        );
        assert_eq!(wire(single_access(&known(), None).unwrap()).2, "");
    }

    #[test]
    fn only_a_link_to_the_org_itself_is_taken() {
        let link = |home: &str, link: &str| {
            let body = serde_json::json!({ "frontdoor_uri": link }).to_string();
            org_link(&session(home), body.as_bytes()).map(|link| link.expose().to_owned())
        };
        let door = "/secur/frontdoor.jsp?otp=x";
        for good in [HOME, "https://acme.lightning.force.com", "https://acme.my.salesforce.com:443"] {
            let good = format!("{good}{door}");
            assert_eq!(link(HOME, &good), Ok(good));
        }
        assert!(link("http://127.0.0.1:4001", &format!("http://localhost:4001{door}")).is_ok());
        for bad in [
            "http://acme.my.salesforce.com",
            "https://evil.example",
            "https://other.my.salesforce.com",
            "https://acme.my.salesforce.com@evil.example",
            "https://x:y@acme.my.salesforce.com",
            "https://acme.my.salesforce.com:8080",
            "http://127.0.0.1:4001",
            "javascript:alert(1)//acme.my.salesforce.com",
        ] {
            let error = link(HOME, &format!("{bad}{door}")).unwrap_err();
            assert!(!error.contains("otp") && !error.contains("x:y"), "{error}");
        }
        assert!(org_link(&session(HOME), b"<html>").unwrap_err().contains("no link"));
    }
}
