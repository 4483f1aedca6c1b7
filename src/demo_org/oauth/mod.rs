//! The OAuth endpoints: `authorize`, `token` with one file a grant, and what can be done with a token.
//!
//! May know users, apps, sessions and browsers. May not know records.
//! A new grant is one file and one line in [`GRANTS`].
//!
//! ```text
//! authorize ─▶ pending ─▶ browser pages ─▶ redirect with a code (or with the tokens themselves)
//! token     ─▶ GRANTS ─▶ Granted ─▶ granted::open ─▶ session, refresh token, id token
//! ```

mod asked;
mod assertions;
mod asset;
mod authorization_code;
mod authorizations;
mod authorize;
mod client_credentials;
mod device;
mod discovery;
mod granted;
mod headless;
mod identity;
mod jwt_bearer;
mod password;
mod pkce;
mod refresh_token;
mod refusal;
mod saml_bearer;
mod scopes;
mod single_access;
mod token_exchange;
mod tokens;

use http::{Method, StatusCode};

use super::call::{Call, Reply};
use super::world::World;
use asked::Asked;
use granted::Granted;
use refusal::{Refusal, data};

pub(super) use authorizations::Authorizations;
pub(super) use authorize::Pending;
pub(super) use device::Outcome;
pub(super) use discovery::{keys, openid_configuration};
pub(super) use identity::identity;
pub(super) use password::wrong_password;
pub(super) use refresh_token::takes_its_time;
pub(super) use scopes::label;
pub(super) use single_access::opens_pages;

/// Every grant type that the token endpoint knows, with what serves it.
const GRANTS: &[(&str, Grant)] = &[
    ("password", password::grant),
    ("client_credentials", client_credentials::grant),
    ("authorization_code", authorization_code::grant),
    ("refresh_token", refresh_token::grant),
    ("urn:ietf:params:oauth:grant-type:jwt-bearer", jwt_bearer::grant),
    ("urn:ietf:params:oauth:grant-type:saml2-bearer", saml_bearer::grant),
    ("device", device::grant),
    (token_exchange::GRANT, token_exchange::grant),
];

type Grant = fn(&Asked<'_>) -> Result<Granted, Refusal>;

/// Answers `/services/oauth2/…`; `None` if there is no such endpoint.
pub(super) fn answer(world: &World, call: &Call, endpoint: &str) -> Option<Reply> {
    let form = call.form();
    let asked = Asked { world, call, form: &form };
    let refused = |refusal: Refusal| refusal.reply(asked.format());
    Some(match endpoint {
        "authorize" => authorize::start(&asked),
        "token" => token(&asked).unwrap_or_else(refused),
        "revoke" => tokens::revoke(&asked),
        "introspect" => tokens::introspect(&asked).unwrap_or_else(refused),
        "singleaccess" => single_access::answer(&asked).unwrap_or_else(refused),
        "userinfo" => identity::userinfo(world, call),
        "success" => authorize::success_page(),
        "echo" => authorize::echo(call),
        _ => return None,
    })
}

fn token(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    if asked.call.method != Method::POST {
        return Err(Refusal::new("invalid_request", "must use HTTP POST"));
    }
    if asked.param("response_type") == Some("device_code") {
        return Ok(data(asked.format(), "OAuth", StatusCode::OK, device::begin(asked)?));
    }
    let wanted = asked.param("grant_type").unwrap_or_default();
    if wanted == token_exchange::GRANT && asked.param("actor_token").is_some() {
        return Ok(data(asked.format(), "OAuth", StatusCode::OK, asset::token(asked)?));
    }
    let grant = GRANTS.iter().find(|(name, _)| *name == wanted);
    let (_, grant) = grant.ok_or(Refusal::new("unsupported_grant_type", "grant type not supported"))?;
    let granted = grant(asked)?;
    Ok(data(asked.format(), "OAuth", StatusCode::OK, granted::open(asked.world, asked.call.door, granted)))
}
