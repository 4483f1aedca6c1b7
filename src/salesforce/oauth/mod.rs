//! OAuth flows: from a profile and its secrets to a token request, and from the answer to a [`Session`].
//!
//! One file a flow. Knows HTTP bodies and Salesforce's answers; no pane, no file, no clock: the time comes in.

mod access_token;
mod assertion;
mod asset;
mod authorization_code;
mod browser;
mod client_credentials;
mod device;
mod error;
mod headless_code;
mod jwt_bearer;
mod password;
mod pkce;
mod private_key;
mod redirect;
mod refresh_token;
pub(super) mod request;
mod response;
mod saml_bearer;
mod slip;
mod soap_login;
mod token_exchange;
mod user_agent;

pub use assertion::audience;
pub use error::TokenError;
pub use private_key::check_private_key;
pub(super) use response::meaning;
pub use slip::{Slip, mended};

use super::{Lifetime, Session};
use crate::{
    config::{ApiVersion, Flow, Profile, ProfileField, SecretField},
    http::RequestSpec,
    secrets::{Secret, Shape, clean_refused},
};
use http::StatusCode;
use std::time::{Duration, SystemTime};
use url::Url;

/// The version that `{{version}}` stands for until the org has been asked for its newest one.
///
/// Source: Salesforce Inspector Reloaded, whose default it is too.
pub const FALLBACK_VERSION: ApiVersion = ApiVersion(66);

pub(super) const POLICY: Lifetime = Lifetime::Policy(access_token::DEFAULT_IDLE);

/// A profile's secrets, read and ready to be sent. No `Debug` beyond [`Secret`]'s own.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    secrets: Vec<(SecretField, Secret)>,
    private_key: Option<Secret>,
}

impl Credentials {
    /// Adds one.
    pub fn put(&mut self, field: SecretField, secret: Secret) {
        self.secrets.push((field, secret));
    }

    /// Adds the private key: the text of the profile's PEM file.
    pub fn put_private_key(&mut self, pem: Secret) {
        self.private_key = Some(pem);
    }

    /// One of them, if it is there.
    pub fn get(&self, field: SecretField) -> Option<&Secret> {
        self.secrets.iter().find(|(f, _)| *f == field).map(|(_, secret)| secret)
    }

    /// All of them, to be masked wherever they turn up. The private key is not among them: it never leaves.
    pub fn all(&self) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().map(|(_, secret)| secret)
    }

    /// What each looks like.
    pub fn shapes(&self) -> Vec<(SecretField, Vec<Shape>)> {
        self.secrets.iter().map(|(field, secret)| (*field, secret.shapes())).collect()
    }

    /// The same, freed of what comes along when a secret is copied: blanks, line ends, quotes.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        for (_, secret) in &mut self.secrets {
            *secret = clean_refused(secret.expose()).0;
        }
        self
    }

    fn need(&self, field: SecretField) -> Result<&Secret, TokenError> {
        self.get(field).filter(|secret| !secret.is_empty()).ok_or(TokenError::Missing(field.key()))
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

impl Asking<'_> {
    fn has(&self, field: SecretField) -> bool {
        self.secrets.get(field).is_some_and(|secret| !secret.is_empty())
    }
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
    /// The code was refused, and has a slip of copying: a person may give it once more, mended, to
    /// [`Grant::returned`]. Else the error ends it.
    GiveAgain(Box<TokenError>),
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

    /// The code that a login brought, once it is sent.
    fn sent_code(&self) -> Option<&Secret> {
        None
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
        // A secret that the profile has not may have been typed.
        let typed =
            |field| SecretField::ALL.iter().any(|s| ProfileField::of_secret(*s) == field && asking.has(*s));
        if let Some(field) = asking.profile.missing().into_iter().find(|field| !typed(*field)) {
            return Err(TokenError::Missing(field.key()));
        }
        let way: Box<dyn Way> = match asking.profile.flow {
            Flow::Password => Box::new(password::Password),
            Flow::ClientCredentials => Box::new(client_credentials::ClientCredentials),
            Flow::AccessToken => Box::new(access_token::Pasted),
            Flow::AuthorizationCode => Box::new(authorization_code::AuthorizationCode::default()),
            Flow::JwtBearer => Box::new(jwt_bearer::JwtBearer),
            Flow::Device => Box::new(device::Device::default()),
            Flow::SoapLogin => Box::new(soap_login::SoapLogin),
            Flow::RefreshToken => Box::new(refresh_token::Refresh::default()),
            Flow::HeadlessCode => Box::new(headless_code::HeadlessCode::default()),
            Flow::TokenExchange => Box::new(token_exchange::TokenExchange),
            Flow::SamlBearer => Box::new(saml_bearer::SamlBearer),
            Flow::Asset => Box::new(asset::Asset),
            Flow::UserAgent => Box::new(user_agent::UserAgent::default()),
        };
        Self::start(asking, way, now)
    }

    /// A new access token by a refresh token that an earlier login gave, whatever the profile's flow is. The session
    /// has the refresh token that is good from now on: the new one, or the old one where none came back.
    pub fn refresh(
        asking: Asking<'a>,
        refresh_token: &Secret,
        now: SystemTime,
    ) -> Result<(Self, Step), TokenError> {
        Self::start(asking, Box::new(refresh_token::Refresh::with(refresh_token)), now)
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

    /// The code that a login brought, once it is sent.
    pub fn sent_code(&self) -> Option<&Secret> {
        self.way.sent_code()
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
    refused(reply)?;
    response::session(asking, response::parse(reply.body)?, now)
}

/// What the answer says, where it says no.
fn refused(reply: &Reply<'_>) -> Result<(), TokenError> {
    if reply.status.is_success() {
        return Ok(());
    }
    let error = super::error::parse(reply.status, reply.body).into_iter().next().unwrap_or_default();
    Err(TokenError::Refused(error, reply.status))
}

fn needed<T>(value: Option<T>, name: &'static str) -> Result<T, TokenError> {
    value.ok_or(TokenError::Missing(name))
}

/// A base URL as people write it, without the slash that the type adds.
fn shown(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests;
