//! Who am I: userinfo and the identity URL. A bad token gets 403 and a word of plain text.
//!
//! Source: Salesforce Mobile SDK for Android (names of fields). Fields beyond those, and other words than
//! `Bad_OAuth_Token`, are unconfirmed.

use http::StatusCode;
use serde_json::{Value, json};

use crate::demo_org::call::{Bearer, Call, Door, Reply};
use crate::demo_org::clock::Moment;
use crate::demo_org::sessions::Session;
use crate::demo_org::world::World;

/// `/services/oauth2/userinfo`.
pub(super) fn userinfo(world: &World, call: &Call) -> Reply {
    match session(world, call) {
        Ok(session) => Reply::data("user", userinfo_of(world, &session, call)),
        Err(refused) => refused,
    }
}

/// `/id/ORG/USER`, on the login host and on the instance.
pub(in crate::demo_org) fn identity(world: &World, call: &Call, org_id: &str, user_id: &str) -> Reply {
    let session = match session(world, call) {
        Ok(session) => session,
        Err(refused) => return refused,
    };
    if !same(&world.org(call.door).id(), org_id) {
        return forbidden("Wrong_Org");
    }
    if !same(&session.of.user_id, user_id) {
        return forbidden("Bad_Id");
    }
    Reply::data("user", identity_of(world, &session, call))
}

/// Ids are the same in 15 and 18 characters.
fn same(id: &str, asked: &str) -> bool {
    asked.len() >= 15 && id.get(..15) == asked.get(..15)
}

/// The session whose token the header holds, else the query or the form.
pub(super) fn session(world: &World, call: &Call) -> Result<Session, Reply> {
    let form = call.form();
    let named = |name| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let token = match (call.bearer(), named("access_token").or(named("oauth_token"))) {
        (Bearer::Token(token), _) | (Bearer::Missing, Some(token)) => token,
        (Bearer::Missing, None) => return Err(forbidden("Missing_OAuth_Token")),
        (Bearer::Malformed, _) => return Err(forbidden("Bad_OAuth_Token")),
    };
    let session = world.sessions.get(token).filter(|session| session.of.org == call.door.org());
    session.ok_or_else(|| forbidden("Bad_OAuth_Token"))
}

fn forbidden(word: &'static str) -> Reply {
    Reply::text(StatusCode::FORBIDDEN, "text/html;charset=UTF-8", word)
}

fn userinfo_of(world: &World, session: &Session, call: &Call) -> Value {
    let org = &world.orgs[session.of.org].spec;
    let instance = world.base(Door::instance_of(session.of.org));
    let org_id = world.org(call.door).id();
    let id = format!("{}/id/{org_id}/{}", world.base(call.door), session.of.user_id);
    let Some(user) = org.user_of_id(&session.of.user_id) else { return json!({ "sub": id }) };
    json!({
        "sub": id,
        "user_id": session.of.user_id,
        "organization_id": org_id,
        "preferred_username": user.username,
        "nickname": user.first_name,
        "name": user.full_name(),
        "email": user.username,
        "email_verified": true,
        "given_name": user.first_name,
        "family_name": user.last_name,
        "zoneinfo": "Europe/Berlin",
        "photos": photos(instance),
        "profile": format!("{instance}/{}", session.of.user_id),
        "picture": format!("{instance}/profilephoto/005/F"),
        "address": {},
        "is_salesforce_integration_user": user.is_api_only(),
        "urls": urls(instance, &org_id, &session.of.user_id, None),
        "active": world.orgs[session.of.org].standings.of(&session.of.user_id).is_none_or(|now| now.active),
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_GB",
        "utcOffset": 3_600_000,
        "updated_at": Moment(crate::demo_org::seed::BASE.0).text(),
    })
}

fn identity_of(world: &World, session: &Session, call: &Call) -> Value {
    let org = &world.orgs[session.of.org].spec;
    let instance = world.base(Door::instance_of(session.of.org));
    let org_id = world.org(call.door).id();
    let id = format!("{}/id/{org_id}/{}", world.base(call.door), session.of.user_id);
    let Some(user) = org.user_of_id(&session.of.user_id) else { return json!({ "id": id }) };
    let version = match call.param("version") {
        Some("latest") => Some(format!("{}.0", org.newest_version)),
        other => other.map(str::to_owned),
    };
    json!({
        "id": id,
        "asserted_user": true,
        "user_id": session.of.user_id,
        "organization_id": org_id,
        "username": user.username,
        "nick_name": user.first_name,
        "display_name": user.full_name(),
        "email": user.username,
        "email_verified": true,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "timezone": "Europe/Berlin",
        "photos": photos(instance),
        "addr_street": null,
        "addr_city": null,
        "addr_state": null,
        "addr_country": "DE",
        "addr_zip": null,
        "mobile_phone": null,
        "mobile_phone_verified": false,
        "is_lightning_login_user": false,
        "status": { "created_date": null, "body": null },
        "urls": urls(instance, &org_id, &session.of.user_id, version.as_deref()),
        "active": world.orgs[session.of.org].standings.of(&session.of.user_id).is_none_or(|now| now.active),
        "user_type": "STANDARD",
        "language": "en_US",
        "locale": "en_GB",
        "utcOffset": 3_600_000,
        "last_modified_date": Moment(crate::demo_org::seed::BASE.0).text(),
    })
}

fn photos(instance: &str) -> Value {
    json!({ "picture": format!("{instance}/profilephoto/005/F"), "thumbnail": format!("{instance}/profilephoto/005/T") })
}

/// The word `{version}` stays unless the caller names one.
fn urls(instance: &str, org_id: &str, user_id: &str, version: Option<&str>) -> Value {
    let version = version.unwrap_or("{version}");
    let soap = |api: &str| format!("{instance}/services/Soap/{api}/{version}/{}", &org_id[..15]);
    let rest = |path: &str| format!("{instance}/services/data/v{version}/{path}");
    json!({
        "enterprise": soap("c"),
        "metadata": soap("m"),
        "partner": soap("u"),
        "rest": rest(""),
        "sobjects": rest("sobjects/"),
        "search": rest("search/"),
        "query": rest("query/"),
        "recent": rest("recent/"),
        "tooling_soap": soap("T"),
        "tooling_rest": rest("tooling/"),
        "profile": format!("{instance}/{user_id}"),
        "feeds": rest("chatter/feeds"),
        "groups": rest("chatter/groups"),
        "users": rest("chatter/users"),
        "feed_items": rest("chatter/feed-items"),
        "feed_elements": rest("chatter/feed-elements"),
        "custom_domain": instance,
    })
}
