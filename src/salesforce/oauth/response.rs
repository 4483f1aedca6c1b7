//! A token response, field by field.
//!
//! Source: the public Salesforce Platform APIs collection and Mobile SDK for Android (fields); Salesforce Help and cirrus
//! (signature); the Salesforce CLI (shape of the token).

use super::{Asking, POLICY, TokenError};
use crate::{
    config::{SecretField, host_and_port, is_loopback},
    http::redact,
    salesforce::{Lifetime, OrgId, OrgReading, Session, SignatureCheck, TokenField, UserId, host, ids},
    secrets::Secret,
};
use aws_lc_rs::hmac;
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::{Map, Value};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::Url;

/// What each field of a token response means, and whether it is a secret.
const FIELDS: &[(&str, bool, &str)] = &[
    ("access_token", true, "bearer token: sent as Authorization with every API call"),
    ("refresh_token", true, "gets new access tokens without a person"),
    ("id_token", true, "OpenID Connect token: who logged in, signed by Salesforce"),
    ("token_type", false, "how the token is used: as a bearer token"),
    ("instance_url", false, "base URL for every API call"),
    ("id", false, "identity URL: names the org and the user"),
    ("issued_at", false, "when the token was issued, in milliseconds since 1970"),
    ("signature", false, "proves with the consumer secret that id and issued_at are unaltered"),
    ("scope", false, "what the token may do"),
    ("state", false, "echo of the request's state"),
    ("sfdc_community_url", false, "the user's Experience Cloud site"),
    ("sfdc_community_id", false, "the id of the user's Experience Cloud site"),
    ("sfdc_site_url", false, "the user's Experience Cloud site"),
    ("sfdc_site_id", false, "the id of the user's Experience Cloud site"),
    ("api_instance_url", false, "base URL of the platform APIs on api.salesforce.com"),
    ("token_format", false, "whether the token is opaque or a JWT"),
    ("issued_token_type", false, "kind of token that an exchange issued"),
    ("expires_in", false, "seconds that the token lives"),
    ("csrf_token", true, "web session material of a hybrid flow"),
    ("lightning_domain", false, "where the Lightning session is good"),
    ("lightning_sid", true, "web session material of a hybrid flow"),
    ("visualforce_domain", false, "where the Visualforce session is good"),
    ("visualforce_sid", true, "web session material of a hybrid flow"),
    ("content_domain", false, "where the content session is good"),
    ("content_sid", true, "web session material of a hybrid flow"),
    ("parent_sid", true, "web session material of a hybrid flow"),
    ("sidCookieName", false, "name of the web session's cookie"),
    ("cookie-sid_Client", true, "web session material of a hybrid flow"),
    ("cookie-clientSrc", true, "web session material of a hybrid flow"),
];

/// An answer's names and values, in their order.
pub(super) type Answer = Map<String, Value>;

/// Reads the body of a token endpoint's 200.
pub(super) fn parse(body: &[u8]) -> Result<Answer, TokenError> {
    serde_json::from_slice(body).map_err(|_| not_json(body))
}

/// The session that an answer's fields make.
pub(super) fn session(asking: &Asking<'_>, answer: Answer, now: SystemTime) -> Result<Session, TokenError> {
    let Asking { profile, secrets, version, .. } = asking;
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let need = |name: &'static str| {
        text(name).filter(|t| !t.is_empty()).ok_or_else(|| {
            TokenError::Malformed(format!("the answer is not a token response: it has no `{name}`"))
        })
    };
    let access_token = bearer(need("access_token")?)?;
    let instance_url = instance(need("instance_url")?, profile.login_url.as_ref())?;
    let (org_id, user_id) = text("id").map(ids_of).unwrap_or_default();
    let issued_at = text("issued_at").and_then(millis);
    let consumer_secret = secrets.get(SecretField::ConsumerSecret);
    Ok(Session {
        profile: profile.id.clone(),
        refresh_token: text("refresh_token").filter(|token| !token.is_empty()).map(Secret::new),
        org_id: org_id.or_else(|| org_in_token(&access_token)).map(|id| OrgId(id.to_owned())),
        user_id: user_id.map(|id| UserId(id.to_owned())),
        org: OrgReading::NotAsked,
        login_url: profile.login_url.clone(),
        signature: check_signature(consumer_secret, text("id"), text("issued_at"), text("signature")),
        lifetime: lifetime(&access_token, answer.get("expires_in"), issued_at.unwrap_or(now)),
        fields: answer.iter().map(|(name, value)| field(name, value)).collect(),
        access_token,
        instance_url,
        api_version: *version,
        issued_at: issued_at.unwrap_or(now),
    })
}

/// A token that goes into a header, and that `orgdeck token` prints.
pub(super) fn bearer(text: &str) -> Result<Secret, TokenError> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let text = "the access token has characters that no token has; this is not Salesforce's answer";
        return Err(TokenError::Malformed(text.into()));
    }
    Ok(Secret::new(text))
}

fn not_json(body: &[u8]) -> TokenError {
    let text = String::from_utf8_lossy(&body[..body.len().min(200)]);
    let what = match text.trim_start().chars().next() {
        None => "is empty",
        Some('<') => "is a page, not JSON; is the login host right?",
        Some('{') => "is cut or damaged JSON",
        Some(_) => "is not JSON",
    };
    TokenError::Malformed(format!("the answer is not a token response: it {what}"))
}

/// Where the token goes from now on: an answer names it, and must not name somebody else. Of the URL only scheme,
/// host and port are kept.
///
/// Salesforce's login hosts name Salesforce's hosts; what runs on this machine names what runs on this machine. A
/// host of any other name is the profile's own choice, and is believed.
pub(super) fn instance(text: &str, login: Option<&Url>) -> Result<Url, TokenError> {
    let url: Url = text
        .trim()
        .parse()
        .map_err(|_| TokenError::Malformed("the answer's instance_url is not a URL".into()))?;
    let foreign = |why| {
        let host = |url: &Url| format!("{}://{}", url.scheme(), host_and_port(url));
        let login = login.map_or_else(|| "the login host".to_owned(), host_and_port);
        Err(TokenError::ForeignInstance { login, instance: host(&url), why })
    };
    let from_here = login.is_some_and(is_loopback);
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return foreign("which is no address of a web server");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return foreign("written with a name before the host, as one does to hide the host");
    }
    if is_loopback(&url) != from_here {
        return foreign(match from_here {
            true => "which is not on this machine as the login host is",
            false => "which is this machine",
        });
    }
    if url.scheme() != "https" && !from_here {
        return foreign("which is not https");
    }
    if login.is_some_and(host::is_salesforce) {
        if !host::is_salesforce(&url) {
            return foreign("which is not one of Salesforce's hosts");
        }
        if url.port().is_some_and(|port| port != MUTUAL_TLS) {
            return foreign("at a port that Salesforce does not use");
        }
    }
    let origin = url.origin().ascii_serialization().parse();
    origin.map_err(|_| TokenError::Malformed("the answer's instance_url has no host".into()))
}

/// The port for clients that show a certificate of their own.
///
/// Source: Salesforce Help, mutual authentication.
const MUTUAL_TLS: u16 = 8443;

/// Org and user of an identity URL, `https://…/id/{org}/{user}`.
fn ids_of(identity: &str) -> (Option<&str>, Option<&str>) {
    let mut parts = identity.trim_end_matches('/').rsplit('/');
    let (user, org) = (parts.next(), parts.next());
    match (org.filter(|id| id.starts_with("00D") && ids::is_id(id)), parts.next()) {
        (Some(org), Some("id")) => (Some(org), user),
        _ => (None, None),
    }
}

/// The org's id in front of an opaque token's `!`.
pub(super) fn org_in_token(token: &Secret) -> Option<&str> {
    let (id, _) = token.expose().split_once('!')?;
    (id.starts_with("00D") && matches!(id.len(), 15 | 18)).then_some(id)
}

fn millis(text: &str) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(text.parse().ok()?))
}

fn lifetime(token: &Secret, expires_in: Option<&Value>, issued: SystemTime) -> Lifetime {
    let seconds = expires_in.and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
    let told = seconds.and_then(|s| issued.checked_add(Duration::from_secs(s)));
    jwt_end(token).or(told).map_or(POLICY, Lifetime::Until)
}

/// `exp` of a JWT access token, in seconds.
pub(super) fn jwt_end(token: &Secret) -> Option<SystemTime> {
    let claims = token.expose().split('.').nth(1).filter(|_| token.expose().starts_with("eyJ"))?;
    let claims: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    UNIX_EPOCH.checked_add(Duration::from_secs(claims.get("exp")?.as_u64()?))
}

/// `signature` is the HMAC-SHA256 of `id` and `issued_at`, both as received, under the consumer secret.
fn check_signature(
    secret: Option<&Secret>,
    id: Option<&str>,
    issued_at: Option<&str>,
    signature: Option<&str>,
) -> SignatureCheck {
    let Some(signature) = signature else {
        return SignatureCheck::NotCheckable("the answer has none");
    };
    let Some(secret) = secret else {
        return SignatureCheck::NotCheckable("no consumer secret");
    };
    let (Some(id), Some(issued_at)) = (id, issued_at) else {
        return SignatureCheck::NotCheckable("the answer has no id or no issued_at");
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().trim().as_bytes());
    let message = format!("{id}{issued_at}");
    let told = BASE64_STANDARD.decode(signature).unwrap_or_default();
    // Compares in constant time.
    match hmac::verify(&key, message.as_bytes(), &told) {
        Ok(()) => SignatureCheck::Valid,
        Err(_) => SignatureCheck::Invalid,
    }
}

fn field(name: &str, value: &Value) -> TokenField {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let known = FIELDS.iter().find(|(known, ..)| *known == name);
    let secret = known.map_or_else(|| may_be_secret(name), |(_, secret, _)| *secret);
    TokenField {
        name: name.to_owned(),
        value: if secret { redact::masked(&Secret::new(text)) } else { text },
        meaning: meaning(name),
    }
}

/// What a field of a token response means.
pub(in crate::salesforce) fn meaning(name: &str) -> &'static str {
    let known = FIELDS.iter().find(|(known, ..)| *known == name);
    known.map_or("not described in Salesforce's documentation", |(.., meaning)| meaning)
}

/// A field that nobody has described yet is hidden rather than shown by mistake.
fn may_be_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "secret", "sid", "password", "key", "cookie"].iter().any(|word| name.contains(word))
}
