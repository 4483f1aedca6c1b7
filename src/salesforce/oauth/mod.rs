//! OAuth flows: from a profile and its secrets to a token request, and from the answer to a [`Session`].
//!
//! One file a flow. Knows HTTP bodies and Salesforce's answers; no pane, no file, no clock: the time comes in.

mod access_token;
mod client_credentials;
mod password;
mod response;

use super::{Lifetime, Session, error::ApiError};
use crate::{
    config::{ApiVersion, ClientAuth, Flow, Profile, SecretField, host_and_port, is_loopback},
    http::{RequestBody, RequestSpec, redact},
    secrets::Secret,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use percent_encoding::utf8_percent_encode;
use std::time::SystemTime;
use url::Url;
use zeroize::Zeroizing;

/// The version that `{{version}}` stands for until the org has been asked for its newest one.
///
/// Source: Salesforce Inspector Reloaded, whose default it is too.
pub const FALLBACK_VERSION: ApiVersion = ApiVersion(66);

const POLICY: Lifetime = Lifetime::Policy(access_token::DEFAULT_IDLE);

/// A profile's secrets, read and ready to be sent. No `Debug` beyond [`Secret`]'s own.
#[derive(Clone, Debug, Default)]
pub struct Credentials(Vec<(SecretField, Secret)>);

impl Credentials {
    /// Adds one.
    pub fn put(&mut self, field: SecretField, secret: Secret) {
        self.0.push((field, secret));
    }

    /// One of them, if it is there.
    pub fn get(&self, field: SecretField) -> Option<&Secret> {
        self.0.iter().find(|(f, _)| *f == field).map(|(_, secret)| secret)
    }

    /// All of them, to be masked wherever they turn up.
    pub fn all(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter().map(|(_, secret)| secret)
    }

    fn need(&self, field: SecretField) -> Result<&Secret, TokenError> {
        self.get(field).filter(|secret| !secret.is_empty()).ok_or(TokenError::Missing(field.key()))
    }
}

/// What a flow begins with.
pub enum Begin {
    /// A request to the token endpoint.
    Ask(Box<RequestSpec>),
    /// Nothing: the token is there already.
    Have(Box<Session>),
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The profile lacks something; found before anything is sent.
    #[error("the profile has no `{0}`")]
    Missing(&'static str),
    /// A flow of a later version.
    #[error("this version of orgdeck does not carry out the flow `{0}` yet")]
    NotYet(&'static str),
    /// A flow that the generic login hosts do not serve.
    #[error("the flow needs the org's own host (My Domain); {host} does not serve it")]
    NeedsMyDomain {
        /// The host that the profile has.
        host: String,
    },
    /// Plain http to a host that is not this machine.
    #[error("credentials are not sent to {host} over plain http")]
    PlainHttp {
        /// Where they would have gone.
        host: String,
    },
    /// The token endpoint said no.
    #[error("{}", refusal(.0, *.1))]
    Refused(ApiError, StatusCode),
    /// The answer is no token response.
    #[error("{0}")]
    Malformed(String),
}

fn refusal(error: &ApiError, status: StatusCode) -> String {
    match (&error.code, error.message.as_str()) {
        (Some(code), "") => code.clone(),
        (Some(code), message) => format!("{code}: {message}"),
        (None, "") => format!("the token endpoint answered {status} without a word"),
        (None, message) => format!("the token endpoint answered {status} with {message}"),
    }
}

/// What to do for a token of this profile.
pub fn begin(
    profile: &Profile,
    secrets: &Credentials,
    version: ApiVersion,
    now: SystemTime,
) -> Result<Begin, TokenError> {
    if !profile.flow.is_available() {
        return Err(TokenError::NotYet(profile.flow.name()));
    }
    if let Some(field) = profile.missing().first() {
        return Err(TokenError::Missing(field.key()));
    }
    if profile.flow == Flow::AccessToken {
        return access_token::session(profile, secrets, version, now)
            .map(|session| Begin::Have(Box::new(session)));
    }
    let login = needed(profile.login_url.as_ref(), "login_url")?;
    check_transport(login)?;
    let mut form = Form::default();
    match profile.flow {
        Flow::Password => password::fields(profile, secrets, &mut form)?,
        Flow::ClientCredentials => client_credentials::fields(profile, login, &mut form)?,
        other => return Err(TokenError::NotYet(other.name())),
    }
    token_request(profile, login, secrets, form).map(|spec| Begin::Ask(Box::new(spec)))
}

/// The session that a token response makes, or why it makes none.
pub fn finish(
    profile: &Profile,
    secrets: &Credentials,
    version: ApiVersion,
    now: SystemTime,
    status: StatusCode,
    body: &[u8],
) -> Result<Session, TokenError> {
    if !status.is_success() {
        let error = super::error::parse(status, body).into_iter().next().unwrap_or_default();
        return Err(TokenError::Refused(error, status));
    }
    response::read(profile, secrets.get(SecretField::ConsumerSecret), version, now, body)
}

fn token_request(
    profile: &Profile,
    login: &Url,
    secrets: &Credentials,
    mut form: Form,
) -> Result<RequestSpec, TokenError> {
    let key = needed(profile.consumer_key.as_deref(), "consumer_key")?.trim();
    let secret = secrets.get(SecretField::ConsumerSecret).map(|secret| secret.expose().trim());
    let mut headers = HeaderMap::new();
    match (profile.client_auth, secret) {
        (ClientAuth::Basic, Some(secret)) => {
            let pair = Zeroizing::new(format!("{key}:{secret}"));
            let basic = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(pair.as_bytes())));
            let mut value = HeaderValue::from_str(&basic)
                .map_err(|_| TokenError::Malformed("unsendable header".into()))?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        (ClientAuth::Basic, None) => return Err(TokenError::Missing("consumer_secret")),
        (ClientAuth::Body, secret) => {
            form.push("client_id", key);
            if let Some(secret) = secret {
                form.push("client_secret", secret);
            }
        }
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    Ok(RequestSpec {
        method: Method::POST,
        url: endpoint(login, "token"),
        headers,
        body: RequestBody::Bytes(form.0.as_bytes().to_vec().into()),
    })
}

/// An OAuth endpoint of a login host; a site keeps its path prefix.
///
/// Source: the public Salesforce Platform APIs collection (paths); Salesforce Help, Headless Identity, and cirrus (sites).
fn endpoint(login: &Url, name: &str) -> Url {
    let mut url = login.clone();
    url.set_path(&format!("{}/services/oauth2/{name}", login.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// A form body, each value percent-encoded exactly once.
///
/// Source: the media type, application/x-www-form-urlencoded, in which a bare `+` is a space.
#[derive(Default)]
struct Form(Zeroizing<String>);

impl Form {
    fn push(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        for part in utf8_percent_encode(value, redact::UNRESERVED) {
            self.0.push_str(part);
        }
    }
}

fn needed<T>(value: Option<T>, name: &'static str) -> Result<T, TokenError> {
    value.ok_or(TokenError::Missing(name))
}

fn check_transport(url: &Url) -> Result<(), TokenError> {
    if url.scheme() == "https" || is_loopback(url) {
        return Ok(());
    }
    Err(TokenError::PlainHttp { host: host_and_port(url) })
}

fn check_instance(url: &Url) -> Result<(), TokenError> {
    check_transport(url).map_err(|_| {
        TokenError::Malformed(format!("the instance URL {url} is not https; no token is sent there"))
    })
}

/// A base URL as people write it, without the slash that the type adds.
fn shown(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests;
