//! A login in a browser, as it begins: the authorize URL. How it ends is in `redirect`.
//!
//! Source: Salesforce Help, OAuth 2.0 web server and user-agent flows; the public Salesforce Platform APIs collection.

use super::{Asking, Login, Nonces, Step, TokenError, needed, request};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use request::Form;

/// `prompt` where the profile says nothing: the browser may be logged in to another org, and would give its token.
const PROMPT: &str = "login";

/// What a login asks the org for.
pub(super) struct Wanted {
    /// `response_type`.
    pub(super) response_type: &'static str,
    /// The PKCE challenge, if there is to be one.
    pub(super) challenge: Option<String>,
    /// Whether the answer comes in the URL's fragment.
    pub(super) in_fragment: bool,
}

/// Sends the person to the login page.
pub(super) fn log_in(asking: &Asking<'_>, wanted: Wanted) -> Result<Step, TokenError> {
    let profile = asking.profile;
    let mut authorize = request::endpoint(request::login_host(asking)?, "authorize");
    let (redirect_uri, state) = (profile.callback().into_owned(), state(&asking.nonces));
    let mut query = Form::default();
    query.push("response_type", wanted.response_type);
    query.push("client_id", needed(profile.consumer_key.as_deref(), "consumer_key")?.trim());
    query.push("redirect_uri", &redirect_uri);
    query.push("state", &state);
    query.push_scopes(asking);
    if let Some(challenge) = &wanted.challenge {
        query.push("code_challenge", challenge);
        query.push("code_challenge_method", "S256");
    }
    if let Some(prompt) = prompt(profile.prompt.as_deref()) {
        query.push("prompt", prompt);
    }
    if let Some(username) = &profile.username {
        query.push("login_hint", username);
    }
    authorize.set_query(Some(query.text()));
    Ok(Step::LogIn(Box::new(Login { authorize, redirect_uri, state, in_fragment: wanted.in_fragment })))
}

/// `state` of this login: 22 characters that need no encoding.
pub(super) fn state(nonces: &Nonces) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(nonces.state)
}

fn prompt(chosen: Option<&str>) -> Option<&str> {
    match chosen.map_or(PROMPT, str::trim) {
        "" | "none" => None,
        prompt => Some(prompt),
    }
}
