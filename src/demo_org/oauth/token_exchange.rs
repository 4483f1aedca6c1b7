//! Token exchange: somebody else's token for one of ours, as an Apex handler of the org judges it. Only a My Domain or a
//! site serves it.
//!
//! Source: Salesforce Help, OAuth 2.0 Token Exchange Flow; the Apex enum `OAuth2TokenExchangeType`. The words for a
//! token or a handler that is not taken are unconfirmed.

use super::{Asked, Granted, Refusal, assertions, saml_bearer};
use crate::demo_org::jwt::Jwt;
use crate::demo_org::orgs::{AppSpec, HandlerSpec};

pub(super) const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// What types of tokens begin with.
pub(super) const TYPE: &str = "urn:ietf:params:oauth:token-type:";

/// The longest token of somebody else, in characters.
const LONGEST: usize = 10_000;

pub(super) fn grant(asked: &Asked<'_>) -> Result<Granted, Refusal> {
    if asked.call.door.is_generic() {
        return Err(Refusal::grant("request not supported on this domain"));
    }
    let app = asked.client(|app| app.secret_for_token_exchange)?;
    if !app.allows("token_exchange") {
        return Err(Refusal::new("oauth_flow_disabled", "token exchange flow is not enabled"));
    }
    let token = asked.required("subject_token", "missing required parameter: subject_token")?;
    let kind = asked.required("subject_token_type", "missing required parameter: subject_token_type")?;
    if token.len() > LONGEST {
        return Err(Refusal::new("invalid_request", "subject_token is too long"));
    }
    let handler = handler(asked, app)?;
    // The enum of Apex writes JWT, the standard jwt.
    let kind = kind.strip_prefix(TYPE).map(|kind| if kind == "JWT" { "jwt" } else { kind });
    let username = match kind {
        Some("access_token" | "refresh_token") => handler.opaque.get(token).cloned(),
        Some("id_token" | "jwt") => of_signed(asked, handler, token),
        Some("saml2") => of_assertion(asked, handler, token),
        _ => return Err(Refusal::new("invalid_request", "invalid subject_token_type")),
    };
    let username = username.ok_or(Refusal::grant("invalid subject token"))?;
    let (user_id, scopes) = assertions::admit(asked, app, &username)?;
    let issued_token_type = Some("urn:ietf:params:oauth:token-type:access_token");
    Ok(Granted { issued_token_type, ..Granted::by_person(user_id, app, scopes, None) })
}

/// The handler that is named, else the app's default.
fn handler<'a>(asked: &Asked<'a>, app: &AppSpec) -> Result<&'a HandlerSpec, Refusal> {
    let name = match asked.param("token_handler") {
        Some(name) => app.token_handlers.iter().find(|one| *one == name),
        None => app.token_handlers.first(),
    };
    let handler = name.and_then(|name| asked.org().token_handlers.iter().find(|one| one.name == *name));
    handler.ok_or(Refusal::new("invalid_request", "invalid token_handler"))
}

/// The username in a token that the identity provider signed and that is not past its time.
fn of_signed(asked: &Asked<'_>, handler: &HandlerSpec, token: &str) -> Option<String> {
    let token = Jwt::read(token)?;
    let is_good = token.is_signed_by(&handler.public_key()?)
        && token.text("iss") == Some(&handler.issuer)
        && token.moment("exp")? > asked.world.clock.now();
    is_good.then(|| token.text("email").map(str::to_owned)).flatten()
}

/// The username in an assertion of the identity provider that is not past its time.
fn of_assertion(asked: &Asked<'_>, handler: &HandlerSpec, text: &str) -> Option<String> {
    let assertion = saml_bearer::read(text)?;
    let is_good = assertion.is_signed_by(&handler.public_key()?)
        && assertion.issuer().as_ref() == Some(&handler.issuer)
        && assertion.span()?.1? > asked.world.clock.now();
    is_good.then(|| assertion.name_id()).flatten()
}
