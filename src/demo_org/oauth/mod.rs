//! The OAuth endpoints: `token` with one file a grant, `revoke`, `introspect`, `userinfo`, and the identity URL.
//!
//! May know users, apps and sessions. May not know records.
//! A new grant is one file and one line in [`GRANTS`].

mod client_credentials;
mod identity;
mod password;
mod tokens;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::call::{Call, Content, Door, Reply};
use super::orgs::{AppSpec, OrgSpec, UserSpec};
use super::world::{Login, World};
use super::xml;

pub(super) use identity::identity;
pub(super) use password::wrong_password;

/// Every grant type that the token endpoint knows, with what serves it.
const GRANTS: &[(&str, Grant)] =
    &[("password", password::grant), ("client_credentials", client_credentials::grant)];

type Grant = fn(&Asked<'_>) -> Result<Granted, Refusal>;

/// Answers `/services/oauth2/…`; `None` if there is no such endpoint.
pub(super) fn answer(world: &World, call: &Call, endpoint: &str) -> Option<Reply> {
    let form = call.form();
    let asked = Asked { world, call, form: &form };
    let refused = |refusal: Refusal| refusal.reply(asked.format());
    Some(match endpoint {
        "token" => token(&asked).unwrap_or_else(refused),
        "revoke" => tokens::revoke(&asked),
        "introspect" => tokens::introspect(&asked).unwrap_or_else(refused),
        "userinfo" => identity::userinfo(world, call),
        _ => return None,
    })
}

/// A request to an OAuth endpoint.
struct Asked<'a> {
    world: &'a World,
    call: &'a Call,
    form: &'a [(String, String)],
}

/// Who may have a token.
struct Granted {
    user_id: String,
    app: AppSpec,
}

/// An OAuth error.
#[derive(Clone, Debug, PartialEq)]
struct Refusal {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
}

/// The formats of token answers.
#[derive(Clone, Copy)]
enum Format {
    Json,
    UrlEncoded,
    Xml,
}

fn token(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    if asked.call.method != Method::POST {
        return Err(Refusal::new("invalid_request", "must use HTTP POST"));
    }
    let wanted = asked.param("grant_type").unwrap_or_default();
    let grant = GRANTS.iter().find(|(name, _)| *name == wanted);
    let (_, grant) = grant.ok_or(Refusal::new("unsupported_grant_type", "grant type not supported"))?;
    let granted = grant(asked)?;
    Ok(data(asked.format(), "OAuth", StatusCode::OK, asked.open(&granted)))
}

impl<'a> Asked<'a> {
    fn param(&self, name: &str) -> Option<&'a str> {
        self.form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A parameter that must be there.
    fn required(&self, name: &str, missing: &'static str) -> Result<&'a str, Refusal> {
        self.param(name).ok_or(Refusal::new("invalid_request", missing))
    }

    fn org(&self) -> &'a OrgSpec {
        &self.world.org(self.call.door).spec
    }

    /// `format=` beats Accept.
    fn format(&self) -> Format {
        match self.param("format") {
            Some("urlencoded") => Format::UrlEncoded,
            Some("xml") => Format::Xml,
            Some(_) => Format::Json,
            None if self.call.wants_xml => Format::Xml,
            None if self.call.header("accept").is_some_and(|text| text.contains("urlencoded")) => {
                Format::UrlEncoded
            }
            None => Format::Json,
        }
    }

    /// The app that calls: consumer key and secret from the body, else from Basic.
    ///
    /// Source: Salesforce Help, and cirrus (a public client) for the order.
    fn app(&self) -> Result<&'a AppSpec, Refusal> {
        let (key, secret) = match (self.param("client_id"), self.basic()?) {
            (Some(key), basic) => {
                (key.to_owned(), self.param("client_secret").map(str::to_owned).or(basic.map(|pair| pair.1)))
            }
            (None, Some((key, secret))) => (key, Some(secret)),
            (None, None) => (String::new(), None),
        };
        let app = self.org().app(&key);
        let app = app.ok_or(Refusal::new("invalid_client_id", "client identifier invalid"))?;
        if secret.as_deref() != Some(app.consumer_secret.as_str()) {
            return Err(Refusal::new("invalid_client", "invalid client credentials"));
        }
        Ok(app)
    }

    fn basic(&self) -> Result<Option<(String, String)>, Refusal> {
        let malformed = Refusal::new("invalid_basic_auth_header", "invalid basic auth header");
        let Some(header) = self.call.header("authorization") else { return Ok(None) };
        let Some(("Basic" | "basic", encoded)) = header.split_once(' ') else { return Ok(None) };
        let bytes = STANDARD.decode(encoded.trim()).map_err(|_| malformed.clone())?;
        let text = String::from_utf8(bytes).map_err(|_| malformed.clone())?;
        let (key, secret) = text.split_once(':').ok_or(malformed)?;
        Ok(Some((key.to_owned(), secret.to_owned())))
    }

    /// Writes a login, successful or not, to the user's Login History.
    fn record(&self, user_id: &str, status: &'static str, kind: &'static str, application: &str) {
        self.world.org(self.call.door).record(Login {
            user_id: user_id.to_owned(),
            status,
            kind,
            application: application.to_owned(),
            url: self.world.base(self.call.door).to_owned(),
            at: super::clock::Moment::now(),
        });
    }

    /// Opens the session and words the token response.
    ///
    /// Source: the public Salesforce Platform APIs collection.
    fn open(&self, granted: &Granted) -> Map<String, Value> {
        let (door, org) = (self.call.door, self.org());
        let key = Some(granted.app.consumer_key.clone());
        let scopes = granted.app.scopes.clone();
        let session = self.world.sessions.open(door.org(), &org.id, granted.user_id.clone(), key, scopes);
        let id = format!("{}/id/{}/{}", self.world.base(door), org.id, granted.user_id);
        let issued_at = session.issued.0.to_string();
        let mut answer = Map::new();
        let mut put = |name: &str, value: String| answer.insert(name.to_owned(), Value::String(value));
        put("access_token", session.token);
        put("signature", signature(&granted.app.consumer_secret, &id, &issued_at));
        put("scope", granted.app.scopes.join(" "));
        put("instance_url", self.world.base(Door::instance_of(door.org())).to_owned());
        put("id", id);
        put("token_type", "Bearer".to_owned());
        put("issued_at", issued_at);
        answer
    }
}

/// Base64 of HMAC-SHA256 over identity URL and time, keyed with the consumer secret.
///
/// Source: Salesforce Help, and cirrus (a public client).
fn signature(consumer_secret: &str, id: &str, issued_at: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, consumer_secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, format!("{id}{issued_at}").as_bytes()))
}

impl Refusal {
    const fn new(error: &'static str, description: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error, description }
    }

    /// The one text that stands for at least ten causes.
    const fn authentication_failure() -> Self {
        Self::new("invalid_grant", "authentication failure")
    }

    fn reply(self, format: Format) -> Reply {
        let mut body = Map::new();
        body.insert("error".to_owned(), json!(self.error));
        body.insert("error_description".to_owned(), json!(self.description));
        data(format, "OAuth", self.status, body)
    }
}

fn data(format: Format, root: &'static str, status: StatusCode, body: Map<String, Value>) -> Reply {
    let content = match format {
        Format::Json => {
            Content::Text("application/json;charset=UTF-8", Value::Object(body).to_string().into())
        }
        Format::Xml => {
            Content::Text("application/xml;charset=UTF-8", xml::write(root, &Value::Object(body)).into())
        }
        Format::UrlEncoded => {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in &body {
                form.append_pair(name, value.as_str().unwrap_or_default());
            }
            Content::Text("application/x-www-form-urlencoded;charset=UTF-8", form.finish().into())
        }
    };
    Reply::with_status(status, content)
        .header(http::header::CACHE_CONTROL, "no-cache,must-revalidate,max-age=0,no-store,private")
}

/// What is wrong with the user, whatever the flow; the word for Login History comes along.
fn trouble_with(user: &UserSpec) -> Option<(Refusal, &'static str)> {
    if !user.active {
        Some((Refusal::new("invalid_grant", "inactive user"), "User is frozen/inactive"))
    } else if user.locked {
        Some((Refusal::authentication_failure(), "Password lockout"))
    } else if user.ip_restricted {
        Some((Refusal::new("invalid_grant", "IP restricted or invalid login hours"), "Restricted IP"))
    } else {
        None
    }
}
