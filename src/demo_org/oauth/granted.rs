//! What was granted, and the token response that it becomes.
//!
//! Source: the public Salesforce Platform APIs collection; Salesforce Mobile SDK for Android (fields of sites).

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::authorizations::Authorization;
use super::{discovery, scopes};
use crate::demo_org::call::Door;
use crate::demo_org::orgs::AppSpec;
use crate::demo_org::sessions::Owner;
use crate::demo_org::world::World;

/// Who may have a token, for which app and how much of it.
pub(super) struct Granted {
    pub(super) user_id: String,
    pub(super) app: AppSpec,
    pub(super) scopes: Vec<String>,
    pub(super) renewal: Renewal,
    /// An id token goes along if the scopes have `openid`, with the nonce that was asked for.
    pub(super) id_token: Option<Nonce>,
    /// What sort of token was made of another one.
    pub(super) issued_token_type: Option<&'static str>,
}

/// What the client of the authorisation wants to see again in its id token.
pub(super) type Nonce = Option<String>;

/// Whether the session can be renewed.
pub(super) enum Renewal {
    /// The flow has no refresh tokens.
    Never,
    /// A new refresh token, if the scopes have one.
    New,
    /// It was renewed just now; the token is there if it was replaced.
    By(u64, Option<String>),
}

impl Granted {
    /// A grant without a person: all scopes of the app that such a flow can have.
    pub(super) fn without_person(user_id: String, app: &AppSpec, scopes: Vec<String>) -> Self {
        let scopes = scopes.into_iter().filter(|scope| !scopes::is_refresh(scope)).collect();
        Self { renewal: Renewal::Never, id_token: None, ..Self::by_person(user_id, app, scopes, None) }
    }

    /// A grant with a person: a refresh token and an id token, as far as the scopes go.
    pub(super) fn by_person(user_id: String, app: &AppSpec, scopes: Vec<String>, nonce: Nonce) -> Self {
        Self {
            user_id,
            app: app.clone(),
            scopes,
            renewal: Renewal::New,
            id_token: Some(nonce),
            issued_token_type: None,
        }
    }
}

/// Opens the session and words the token response.
pub(super) fn open(world: &World, door: Door, granted: Granted) -> Map<String, Value> {
    let Granted { user_id, app, scopes, renewal, id_token, issued_token_type } = granted;
    let (org, org_id) = (door.org(), world.org(door).id());
    let (authorization, refresh_token) = match renewal {
        Renewal::Never => (None, None),
        Renewal::By(authorization, replaced) => (Some(authorization), replaced),
        Renewal::New if scopes.iter().any(|scope| scopes::is_refresh(scope)) => {
            let (id, token) = world.authorizations.begin(Authorization {
                org,
                user_id: user_id.clone(),
                consumer_key: app.consumer_key.clone(),
                scopes: scopes.clone(),
            });
            (Some(id), Some(token))
        }
        Renewal::New => (None, None),
    };
    let owner = Owner {
        org,
        user_id: user_id.clone(),
        consumer_key: Some(app.consumer_key.clone()),
        scopes: scopes.clone(),
        authorization,
    };
    let session = world.sessions.open(&org_id, owner);
    let id = format!("{}/id/{org_id}/{user_id}", world.base(door));
    let issued_at = session.issued.0.to_string();
    let id_token = id_token.filter(|_| scopes.iter().any(|scope| scope == "openid"));
    let id_token =
        id_token.map(|nonce| discovery::id_token(world.base(door), &id, &app.consumer_key, nonce, &session));
    let mut answer = Map::new();
    let mut put = |name: &str, value: String| answer.insert(name.to_owned(), Value::String(value));
    put("access_token", session.token);
    if let Some(token) = refresh_token {
        put("refresh_token", token);
    }
    put("signature", signature(&app.consumer_secret, &id, &issued_at));
    put("scope", scopes.join(" "));
    if let Some(token) = id_token {
        put("id_token", token);
    }
    put("instance_url", world.base(Door::instance_of(org)).to_owned());
    put("id", id);
    put("token_type", "Bearer".to_owned());
    if let Some(kind) = issued_token_type {
        put("issued_token_type", kind.to_owned());
    }
    put("issued_at", issued_at);
    for (name, value) in site_fields(world, org, &user_id) {
        put(name, value);
    }
    answer
}

/// Where a member of a site is at home: the older names and the newer ones.
pub(super) fn site_fields(world: &World, org: usize, user_id: &str) -> Vec<(&'static str, String)> {
    let spec = &world.orgs[org].spec;
    let is_member = spec.user_of_id(user_id).is_some_and(|user| user.site_member);
    let Some(site) = spec.site.as_ref().filter(|_| is_member) else { return Vec::new() };
    let url = world.base(Door::Site).to_owned();
    vec![
        ("sfdc_community_url", url.clone()),
        ("sfdc_community_id", site.id.clone()),
        ("sfdc_site_url", url),
        ("sfdc_site_id", site.id.clone()),
    ]
}

/// Base64 of HMAC-SHA256 over identity URL and time, keyed with the consumer secret.
///
/// Source: Salesforce Help, and cirrus (a public client).
fn signature(consumer_secret: &str, id: &str, issued_at: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, consumer_secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, format!("{id}{issued_at}").as_bytes()))
}
