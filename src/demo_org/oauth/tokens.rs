//! What can be done with a token that is there: revoke it, ask about it.

use http::StatusCode;
use serde_json::{Map, json};

use super::{Asked, Format, Refusal, data};
use crate::demo_org::call::{Content, Reply};

/// How long a session lives, in milliseconds: the default of Session Settings.
const SESSION_MILLIS: i64 = 2 * 3600 * 1000;

/// 200 and nothing, or a form that says what is wrong.
pub(super) fn revoke(asked: &Asked<'_>) -> Reply {
    if asked.param("token").is_some_and(|token| asked.world.sessions.end(token)) {
        return Reply::with_status(StatusCode::OK, Content::Empty);
    }
    let format = if asked.param("format").is_some() { asked.format() } else { Format::UrlEncoded };
    Refusal::new("unsupported_token_type", "this token type is not supported").reply(format)
}

pub(super) fn introspect(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let app = asked.app().map_err(|refusal| Refusal { status: StatusCode::UNAUTHORIZED, ..refusal })?;
    let token = asked.required("token", "missing required parameter: token")?;
    let session = asked.world.sessions.get(token).filter(|session| session.org == asked.call.door.org());
    let mut body = Map::new();
    let mut put = |name: &str, value| body.insert(name.to_owned(), value);
    put("active", json!(session.is_some()));
    if let Some(session) = session {
        let org = asked.org();
        let username = org.user_of_id(&session.user_id).map(|user| user.username.as_str());
        let base = asked.world.base(asked.call.door);
        put("scope", json!(session.scopes.join(" ")));
        put("client_id", json!(session.consumer_key.as_deref().unwrap_or(&app.consumer_key)));
        put("username", json!(username));
        put("sub", json!(format!("{base}/id/{}/{}", org.id, session.user_id)));
        put("token_type", json!("access_token"));
        put("exp", json!((session.issued.0 + SESSION_MILLIS) / 1000));
        put("iat", json!(session.issued.0 / 1000));
        put("nbf", json!(session.issued.0 / 1000));
    }
    Ok(data(asked.format(), "introspection", StatusCode::OK, body))
}
