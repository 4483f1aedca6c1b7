//! Single access: a token becomes an address that logs a browser in, once.
//!
//! Source: Salesforce Help, Generate a Frontdoor URL to Bridge into UI Sessions. The words of refusals other than
//! `Bad_OAuth_Token` are unconfirmed.

use http::StatusCode;
use serde_json::{Map, Value};

use super::identity;
use super::refusal::data;
use super::{Asked, Refusal};
use crate::demo_org::call::Reply;
use crate::demo_org::sessions::{Owner, random_text};
use crate::demo_org::world::World;

/// Whom an address logs in.
#[derive(Clone)]
pub(in crate::demo_org) struct OneTimePassword {
    pub(in crate::demo_org) org: usize,
    pub(in crate::demo_org) user_id: String,
}

impl OneTimePassword {
    /// How long it is good.
    pub(super) const SECONDS: i64 = 60;
}

/// `/services/oauth2/singleaccess`.
pub(super) fn answer(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    if asked.call.door.is_generic() {
        return Err(Refusal::new("invalid_request", "request not supported on this domain"));
    }
    let session = match identity::session(asked.world, asked.call) {
        Ok(session) => session,
        Err(refused) => return Ok(refused),
    };
    if !opens_pages(asked.world, &session.of) {
        let forbidden = StatusCode::FORBIDDEN;
        let refusal = Refusal::new("invalid_scope", "the session has no access to pages");
        return Err(Refusal { status: forbidden, ..refusal });
    }
    let target =
        asked.param("redirect_uri").map(|path| format!("/{}", path.strip_prefix('/').unwrap_or(path)));
    if target.as_ref().is_some_and(|path| path.starts_with("//") || path.contains("://")) {
        return Err(Refusal::new("invalid_request", "redirect_uri must be a relative path"));
    }
    let password = random_text(64);
    let what = OneTimePassword { org: session.of.org, user_id: session.of.user_id.clone() };
    asked.world.authorizations.one_time_passwords.put(password.clone(), what);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("otp", &password);
    if let Some(path) = target {
        query.append_pair("startURL", &path);
    }
    let address = format!("{}/secur/frontdoor.jsp?{}", asked.base(), query.finish());
    let body = Map::from_iter([("frontdoor_uri".to_owned(), Value::String(address))]);
    Ok(data(asked.format(), "OAuth", StatusCode::OK, body))
}

/// Whether a session may become one of a browser: by its scopes, and not of a user for APIs only.
pub(in crate::demo_org) fn opens_pages(world: &World, of: &Owner) -> bool {
    let user = world.orgs[of.org].spec.user_of_id(&of.user_id);
    let has_scope = of.consumer_key.is_none() || of.has_scope(&["web", "full"]);
    has_scope && user.is_some_and(|user| !user.is_api_only())
}
