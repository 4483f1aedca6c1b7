//! Requests to a login host: where they go, how the app says who it is, how a form is written.

use super::{Asking, Step, TokenError, needed};
use crate::{
    config::{ClientAuth, SecretField, host_and_port, is_loopback},
    http::{RequestBody, RequestSpec, redact},
    secrets::Secret,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, Method, header};
use percent_encoding::utf8_percent_encode;
use url::Url;
use zeroize::Zeroizing;

/// The login host of the profile, which credentials may be sent to.
pub(super) fn login_host<'a>(asking: &Asking<'a>) -> Result<&'a Url, TokenError> {
    let login = needed(asking.profile.login_url.as_ref(), "login_url")?;
    check_transport(login)?;
    Ok(login)
}

/// An OAuth endpoint of a login host; a site keeps its path prefix.
///
/// Source: the public Salesforce Platform APIs collection (paths); Salesforce Help, Headless Identity, and cirrus (sites).
pub(in crate::salesforce) fn endpoint(login: &Url, name: &str) -> Url {
    below(login, &format!("services/oauth2/{name}"))
}

/// A path below a login host or a site.
pub(in crate::salesforce) fn below(login: &Url, path: &str) -> Url {
    let mut url = login.clone();
    url.set_path(&format!("{}/{path}", login.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// A request to the token endpoint with the app's own key and secret beside `form`.
pub(super) fn token_request(asking: &Asking<'_>, form: Form) -> Result<Step, TokenError> {
    let url = endpoint(login_host(asking)?, "token");
    Ok(Step::Ask(Box::new(as_the_app(asking, url, form)?)))
}

/// A request in which the app says who it is: key and secret in the form or as Basic; an app without a secret
/// tells its key alone.
pub(in crate::salesforce) fn as_the_app(
    asking: &Asking<'_>,
    url: Url,
    mut form: Form,
) -> Result<RequestSpec, TokenError> {
    let Asking { profile, secrets, .. } = asking;
    let key = needed(profile.consumer_key.as_deref(), "consumer_key")?.trim();
    let secret = secrets.get(SecretField::ConsumerSecret).map(|secret| secret.expose().trim());
    let secret = secret.filter(|secret| !secret.is_empty());
    let mut credentials = None;
    match (profile.client_auth, secret) {
        (ClientAuth::Basic, Some(secret)) => credentials = Some(basic(key, secret)?),
        (_, secret) => {
            form.push("client_id", key);
            if let Some(secret) = secret {
                form.push("client_secret", secret);
            }
        }
    }
    let mut spec = form_request(url, &form);
    spec.headers.extend(credentials.map(|value| (header::AUTHORIZATION, value)));
    Ok(spec)
}

/// A form, sent as it is.
pub(in crate::salesforce) fn form_request(url: Url, form: &Form) -> RequestSpec {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let body = RequestBody::Bytes(form.text().as_bytes().to_vec().into());
    RequestSpec { method: Method::POST, url, headers, body }
}

/// `Basic`, for an app's key and secret or a user's name and password.
pub(super) fn basic(name: &str, secret: &str) -> Result<HeaderValue, TokenError> {
    let pair = Zeroizing::new(format!("{name}:{secret}"));
    let text = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
    let mut value =
        HeaderValue::from_str(&text).map_err(|_| TokenError::Malformed("unsendable header".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A form body or a query, each value percent-encoded exactly once.
///
/// Source: the media type, application/x-www-form-urlencoded, in which a bare `+` is a space.
#[derive(Default)]
pub(in crate::salesforce) struct Form(Zeroizing<String>);

impl Form {
    /// A form that asks for a grant.
    pub(super) fn grant(grant_type: &str) -> Self {
        let mut form = Self::default();
        form.push("grant_type", grant_type);
        form
    }

    /// Adds a field.
    pub(in crate::salesforce) fn push(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        for part in utf8_percent_encode(value, redact::UNRESERVED) {
            self.0.push_str(part);
        }
    }

    /// Adds a secret.
    pub(in crate::salesforce) fn push_secret(&mut self, name: &str, secret: &Secret) {
        self.push(name, secret.expose());
    }

    /// Adds the profile's scopes, if it names any: without, the app's own are meant.
    pub(super) fn push_scopes(&mut self, asking: &Asking<'_>) {
        if !asking.profile.scopes.is_empty() {
            self.push("scope", &asking.profile.scopes.join(" "));
        }
    }

    /// As it is sent.
    pub(super) fn text(&self) -> &str {
        &self.0
    }
}

/// Nothing secret goes over plain http but to this machine.
pub(in crate::salesforce) fn check_transport(url: &Url) -> Result<(), TokenError> {
    if url.scheme() == "https" || is_loopback(url) {
        return Ok(());
    }
    Err(TokenError::PlainHttp { host: host_and_port(url) })
}
