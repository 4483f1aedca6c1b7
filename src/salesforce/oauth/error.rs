//! Why there is no token, one sentence each. What to do about it is said where the profile is known.

use super::{Slip, soap_login};
use crate::{config::ApiVersion, salesforce::error::ApiError};
use http::StatusCode;

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The profile lacks something; found before anything is sent.
    #[error("the profile has no `{0}`")]
    Missing(&'static str),
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
    /// A flow that Experience Cloud sites alone serve.
    #[error("the flow is for Experience Cloud sites only; {host} is none")]
    NeedsSite {
        /// The host that the profile has.
        host: String,
    },
    /// The private key cannot sign.
    #[error("the private key {0}")]
    PrivateKey(&'static str),
    /// A version of the SOAP API that has no `login()` any more.
    #[error("SOAP login() is not in API {}; {} is the last version that has it", .0, soap_login::LAST)]
    SoapVersion(ApiVersion),
    /// Nobody typed the code in time.
    #[error("the code has expired before anybody typed it")]
    CodeExpired,
    /// The login in the browser ended with a no: the person's, the org's or the app's.
    #[error("{}", said(.0, "the login ended without a word"))]
    Denied(ApiError),
    /// What was given is not what this login ends with; another text may be given.
    #[error("{0}")]
    NotThisLogin(&'static str),
    /// The token endpoint said no.
    #[error("{}", refusal(.0, *.1))]
    Refused(ApiError, StatusCode),
    /// It said no to a code that was miscopied.
    #[error("{}; {}", refusal(.0, *.1), .2)]
    Miscopied(ApiError, StatusCode, Slip),
    /// The answer would have the token sent to somebody else.
    #[error("{login} answered with the instance URL {instance}, {why}; the token was not used")]
    ForeignInstance {
        /// The host that answered.
        login: String,
        /// The host that it named.
        instance: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The answer is no token response.
    #[error("{0}")]
    Malformed(String),
}

fn refusal(error: &ApiError, status: StatusCode) -> String {
    match (&error.code, error.message.as_str()) {
        (None, "") => format!("the token endpoint answered {status} without a word"),
        (None, message) => format!("the token endpoint answered {status} with {message}"),
        (Some(_), _) => said(error, ""),
    }
}

fn said(error: &ApiError, nothing: &str) -> String {
    match (&error.code, error.message.as_str()) {
        (Some(code), "") => code.clone(),
        (Some(code), message) => format!("{code}: {message}"),
        (None, "") => nothing.to_owned(),
        (None, message) => message.to_owned(),
    }
}
