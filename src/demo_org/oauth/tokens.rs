//! What can be done with a token that is there: revoke it, ask about it.

use http::StatusCode;
use serde_json::{Map, json};

use super::refusal::{Format, Refusal, data};
use super::{Asked, authorizations::Authorization};
use crate::demo_org::call::{Content, Reply};
use crate::demo_org::sessions::Session;

/// 200 and nothing, or a form that says what is wrong. A refresh token takes its sessions along; an access token is
/// revoked alone. GET calls a JavaScript function if it names one.
///
/// Source: Salesforce Help, Revoke OAuth Tokens.
pub(super) fn revoke(asked: &Asked<'_>) -> Reply {
    if !asked.param("token").is_some_and(|token| ends(asked, token)) {
        let format = if asked.param("format").is_some() { asked.format() } else { Format::UrlEncoded };
        return Refusal::new("unsupported_token_type", "this token type is not supported").reply(format);
    }
    let is_name =
        |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._$".contains(&byte));
    match asked.param("callback").filter(is_name) {
        Some(function) if asked.call.method == http::Method::GET => {
            Reply::text(StatusCode::OK, "application/javascript", format!("{function}({{}});"))
        }
        _ => Reply::with_status(StatusCode::OK, Content::Empty),
    }
}

fn ends(asked: &Asked<'_>, token: &str) -> bool {
    let (sessions, all) = (&asked.world.sessions, &asked.world.authorizations);
    match all.of_token(token) {
        Some((id, _)) => {
            all.revoke(id);
            sessions.end_if(|owner| owner.authorization == Some(id));
            true
        }
        None => sessions.end(token),
    }
}

/// Whether a token lives, and whose it is. An app may ask about its own tokens only; any other is as good as dead.
///
/// Source: Salesforce Help, Token Introspection. That other apps' tokens are told as dead is unconfirmed.
pub(super) fn introspect(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let app = asked.app().map_err(|refusal| Refusal { status: StatusCode::UNAUTHORIZED, ..refusal })?;
    let token = asked.required("token", "missing required parameter: token")?;
    let is_own = |org: usize, key: Option<&str>| {
        org == asked.call.door.org() && key.is_none_or(|key| key == app.consumer_key)
    };
    let session = asked.world.sessions.peek(token);
    let session = session.filter(|session| is_own(session.of.org, session.of.consumer_key.as_deref()));
    let renewable = asked.world.authorizations.of_token(token).map(|(_, of)| of);
    let renewable = renewable.filter(|of| is_own(of.org, Some(&of.consumer_key)));
    let about = match (session, renewable) {
        (Some(session), _) => about_session(asked, &session, &app.consumer_key),
        (None, Some(of)) => about_renewable(asked, &of),
        (None, None) => Map::from_iter([("active".to_owned(), json!(false))]),
    };
    Ok(data(asked.format(), "introspection", StatusCode::OK, about))
}

fn about_session(asked: &Asked<'_>, session: &Session, key: &str) -> Map<String, serde_json::Value> {
    let mut about = about_user(asked, &session.of.user_id, &session.of.scopes, key);
    for (name, value) in [
        ("token_type", json!("access_token")),
        ("exp", json!(session.expires.0 / 1000)),
        ("iat", json!(session.issued.0 / 1000)),
        ("nbf", json!(session.issued.0 / 1000)),
    ] {
        about.insert(name.to_owned(), value);
    }
    about
}

fn about_renewable(asked: &Asked<'_>, of: &Authorization) -> Map<String, serde_json::Value> {
    let mut about = about_user(asked, &of.user_id, &of.scopes, &of.consumer_key);
    about.insert("token_type".to_owned(), json!("refresh_token"));
    about
}

fn about_user(
    asked: &Asked<'_>,
    user_id: &str,
    scopes: &[String],
    key: &str,
) -> Map<String, serde_json::Value> {
    let org_id = asked.world.org(asked.call.door).id();
    let username = asked.org().user_of_id(user_id).map(|user| user.username.as_str());
    Map::from_iter(
        [
            ("active", json!(true)),
            ("scope", json!(scopes.join(" "))),
            ("client_id", json!(key)),
            ("username", json!(username)),
            ("sub", json!(format!("{}/id/{org_id}/{user_id}", asked.base()))),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    )
}
