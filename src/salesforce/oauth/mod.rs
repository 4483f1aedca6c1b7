//! OAuth flows: from a profile and its secrets to a token request, and from the answer to a [`Session`].
//!
//! One file a flow. Knows HTTP bodies and Salesforce's answers; no pane, no file, no clock: the time comes in.

mod access_token;
mod client_credentials;
mod password;
mod response;

pub(super) use response::meaning;

use super::{Lifetime, Session, error::ApiError};
use crate::{
    config::{ApiVersion, ClientAuth, Flow, Profile, SecretField, host_and_port, is_loopback},
    http::{RequestBody, RequestSpec, redact},
    secrets::Secret,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use percent_encoding::utf8_percent_encode;
use std::time::{Duration, SystemTime};
use url::Url;
use zeroize::Zeroizing;

/// The version that `{{version}}` stands for until the org has been asked for its newest one.
///
/// Source: Salesforce Inspector Reloaded, whose default it is too.
pub const FALLBACK_VERSION: ApiVersion = ApiVersion(66);

pub(super) const POLICY: Lifetime = Lifetime::Policy(access_token::DEFAULT_IDLE);

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

/// Random values of one login, drawn by whoever starts it: nothing here draws lots.
#[derive(Clone, Default)]
pub struct Nonces {
    /// For `state`: ties the redirect to this login.
    pub state: [u8; 16],
    /// For the PKCE verifier.
    pub verifier: [u8; 32],
    /// For the id of an assertion.
    pub assertion: [u8; 16],
}

/// Whose token is asked for, with all that the question needs.
pub struct Asking<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// Its secrets.
    pub secrets: &'a Credentials,
    /// What the session's API version is to be.
    pub version: ApiVersion,
    /// Random values.
    pub nonces: Nonces,
}

/// What a grant wants to be done next.
pub enum Step {
    /// Send this, follow no redirect, and give the answer to [`Grant::answered`].
    Ask(Box<RequestSpec>),
    /// A person logs in in a browser; the address that the browser ends at goes to [`Grant::returned`].
    LogIn(Box<Login>),
    /// A person types a code elsewhere: show it, then [`Grant::go_on`].
    ShowCode(Box<DeviceCode>),
    /// Wait so long, then [`Grant::go_on`].
    Wait(Duration),
    /// There is a token.
    Have(Box<Session>),
}

/// A login in a browser.
#[derive(Clone, Debug)]
pub struct Login {
    /// Where the browser goes.
    pub authorize: Url,
    /// Where it comes back to: the callback URL exactly as it is registered.
    pub redirect_uri: String,
    /// `state`, by which the redirect is known to be this login's.
    pub state: String,
    /// The answer is in the URL's fragment, which no listener sees unless a page sends it on.
    pub in_fragment: bool,
}

/// A code that a person types elsewhere.
#[derive(Clone, Debug)]
pub struct DeviceCode {
    /// What is typed.
    pub user_code: String,
    /// Where.
    pub verification_uri: Url,
    /// How long it is good, from now.
    pub lives: Duration,
}

/// An answer, as far as a grant looks at it.
pub struct Reply<'a> {
    /// The status.
    pub status: StatusCode,
    /// The `Location` header, for the flow that is answered by a redirect.
    pub location: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// A way to a token, at work: a machine that says what is to be done and is told what came of it.
pub struct Grant<'a> {
    asking: Asking<'a>,
    way: Box<dyn Way>,
}

/// One flow. What it does not expect to be told is a bug of the caller's and ends as [`TokenError::Malformed`].
trait Way: Send + Sync {
    /// The first step.
    fn begin(&mut self, asking: &Asking<'_>, now: SystemTime) -> Result<Step, TokenError>;

    /// After [`Step::Ask`]. Most flows ask once, and the answer is a token response.
    fn answered(
        &mut self,
        asking: &Asking<'_>,
        reply: &Reply<'_>,
        now: SystemTime,
    ) -> Result<Step, TokenError> {
        token_in(asking, reply, now)
    }

    /// After [`Step::LogIn`].
    fn returned(&mut self, _: &Asking<'_>, _: &str) -> Result<Step, TokenError> {
        Err(out_of_turn())
    }

    /// After [`Step::ShowCode`] and [`Step::Wait`].
    fn go_on(&mut self, _: &Asking<'_>) -> Result<Step, TokenError> {
        Err(out_of_turn())
    }
}

fn out_of_turn() -> TokenError {
    TokenError::Malformed("the flow was told something it did not ask for".into())
}

impl<'a> Grant<'a> {
    /// The profile's own flow, and its first step.
    pub fn begin(asking: Asking<'a>, now: SystemTime) -> Result<(Self, Step), TokenError> {
        if let Some(field) = asking.profile.missing().first() {
            return Err(TokenError::Missing(field.key()));
        }
        let way: Box<dyn Way> = match asking.profile.flow {
            Flow::Password => Box::new(password::Password),
            Flow::ClientCredentials => Box::new(client_credentials::ClientCredentials),
            Flow::AccessToken => Box::new(access_token::Pasted),
            other => return Err(TokenError::NotYet(other.name())),
        };
        Self::start(asking, way, now)
    }

    fn start(asking: Asking<'a>, mut way: Box<dyn Way>, now: SystemTime) -> Result<(Self, Step), TokenError> {
        let step = way.begin(&asking, now)?;
        Ok((Self { asking, way }, step))
    }

    /// What follows on an answer.
    pub fn answered(&mut self, reply: &Reply<'_>, now: SystemTime) -> Result<Step, TokenError> {
        self.way.answered(&self.asking, reply, now)
    }

    /// What follows when the browser has come back, or a person has pasted the address it ended at (or the bare
    /// code). An error leaves the login waiting: another text may be given.
    pub fn returned(&mut self, text: &str) -> Result<Step, TokenError> {
        self.way.returned(&self.asking, text)
    }

    /// What follows when a code is shown, or a while has passed.
    pub fn go_on(&mut self) -> Result<Step, TokenError> {
        self.way.go_on(&self.asking)
    }
}

fn token_in(asking: &Asking<'_>, reply: &Reply<'_>, now: SystemTime) -> Result<Step, TokenError> {
    read(asking, reply, now).map(|session| Step::Have(Box::new(session)))
}

/// A token endpoint's answer: a session, or why there is none.
pub fn read(asking: &Asking<'_>, reply: &Reply<'_>, now: SystemTime) -> Result<Session, TokenError> {
    let Asking { profile, secrets, version, .. } = asking;
    if !reply.status.is_success() {
        let error = super::error::parse(reply.status, reply.body).into_iter().next().unwrap_or_default();
        return Err(TokenError::Refused(error, reply.status));
    }
    response::read(profile, secrets.get(SecretField::ConsumerSecret), *version, now, reply.body)
}

/// The login host of the profile, which credentials may be sent to.
fn login_host<'a>(asking: &Asking<'a>) -> Result<&'a Url, TokenError> {
    let login = needed(asking.profile.login_url.as_ref(), "login_url")?;
    check_transport(login)?;
    Ok(login)
}

/// A request to the token endpoint with the app's own key and secret beside `form`.
fn token_request(asking: &Asking<'_>, mut form: Form) -> Result<Step, TokenError> {
    let Asking { profile, secrets, .. } = asking;
    let login = login_host(asking)?;
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
    Ok(Step::Ask(Box::new(RequestSpec {
        method: Method::POST,
        url: endpoint(login, "token"),
        headers,
        body: RequestBody::Bytes(form.0.as_bytes().to_vec().into()),
    })))
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
