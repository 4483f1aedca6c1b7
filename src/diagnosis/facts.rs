//! What was seen of an error and what is known beside it, as values: no I/O, and no secret in it.
//!
//! Of secrets only their [`Shape`] is here. What cannot be known stays `None`, and no hint may guess it.

use super::phrases::{comparable, tells};
use crate::{
    config::{Environment, Flow, is_generic_login, is_loopback},
    salesforce::error::{ApiError, Page},
    secrets::Shape,
};
use serde::{Deserialize, Deserializer};
use url::Url;

/// Of a request's body only so much is looked at, in bytes: each part of an answer is held against it anew.
pub(super) const LARGEST_BODY: usize = 8 * 1024;

/// Where an error came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The page where a person logs in, and the address it ends at.
    Authorize,
    /// The token endpoint, and those beside it: revocation, introspection, the poll of a device.
    Token,
    /// Userinfo and the identity URL.
    UserInfo,
    /// The REST APIs.
    Rest,
    /// Bulk API, old and new.
    Bulk,
    /// SOAP.
    Soap,
    /// Nobody answered, or not whole.
    Network,
}

impl Place {
    /// Every place with its word in data and arguments.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("authorize", Self::Authorize),
        ("token", Self::Token),
        ("userinfo", Self::UserInfo),
        ("rest", Self::Rest),
        ("bulk", Self::Bulk),
        ("soap", Self::Soap),
        ("network", Self::Network),
    ];

    /// The place of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, place)| *place)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, place)| *place == self).map_or("", |(name, _)| name)
    }

    /// Whose resource a path is.
    pub fn of_path(path: &str) -> Option<Self> {
        let path = path.to_ascii_lowercase();
        let has = |part: &str| path.contains(part);
        if has("/oauth2/authorize") || has("remoteaccesserrorpage") || has("/setup/connect") {
            Some(Self::Authorize)
        } else if has("/oauth2/userinfo") || path.starts_with("/id/") {
            Some(Self::UserInfo)
        } else if has("/oauth2/") {
            Some(Self::Token)
        } else if has("/services/async/") || has("/jobs/ingest") || has("/jobs/query") {
            Some(Self::Bulk)
        } else if has("/services/soap/") {
            Some(Self::Soap)
        } else if has("/services/data") || has("/services/apexrest") {
            Some(Self::Rest)
        } else {
            None
        }
    }
}

/// The request that was answered so.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Its method, upper case; empty where it is not known.
    pub method: String,
    /// The host it went to.
    pub host: Option<String>,
    /// Path and query, as sent.
    pub path: String,
    /// Header names, lower case, and values; that of `Authorization` only as far as its scheme.
    pub headers: Vec<(String, String)>,
    /// The body's beginning.
    pub body: String,
    /// The body is known, so that an empty one was sent so.
    pub knows_body: bool,
}

impl Asked {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Whether nothing was sent as a body; who only tells of a request may not tell its body.
    pub fn has_no_body(&self) -> bool {
        self.body.trim().is_empty() && (self.knows_body || self.header("content-length") == Some("0"))
    }
}

/// What is known beside the answer: of the profile, the token, the app, the org. The keys of the corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "each is named for what it says; units are in the names")]
pub struct Known {
    pub security_token: Option<bool>,
    pub security_token_in_password: bool,
    pub trusted_address: Option<bool>,
    pub consumer_secret: Option<bool>,
    pub callback: Option<String>,
    pub audience: Option<String>,
    pub scopes: Option<Vec<String>>,
    pub granted_scopes: Option<Vec<String>>,
    pub pkce: Option<bool>,
    pub environment: Option<String>,
    pub api_version: Option<String>,
    pub newest_version: Option<String>,
    pub soap_version: Option<String>,
    pub app_age_minutes: Option<u64>,
    pub logged_in_here: bool,
    #[serde(deserialize_with = "one_or_many")]
    pub consumer_key_shape: Vec<Shape>,
    #[serde(deserialize_with = "one_or_many")]
    pub consumer_secret_shape: Vec<Shape>,
    #[serde(deserialize_with = "one_or_many")]
    pub username_shape: Vec<Shape>,
    #[serde(deserialize_with = "one_or_many")]
    pub password_shape: Vec<Shape>,
    #[serde(deserialize_with = "one_or_many")]
    pub security_token_shape: Vec<Shape>,
    #[serde(deserialize_with = "one_or_many")]
    pub token_shape: Vec<Shape>,
    #[serde(deserialize_with = "one_or_many")]
    pub code_shape: Vec<Shape>,
    pub token_org: Option<String>,
    pub profile_org: Option<String>,
    pub token_age_minutes: Option<u64>,
    pub token_ended: bool,
    pub instance_host: Option<String>,
    pub code_age_minutes: Option<u64>,
    pub code_used: bool,
    pub clock_skew_seconds: Option<i64>,
    pub refused_attempts: u32,
    pub history: Vec<String>,
    pub no_login_history: bool,
    pub no_such_user: bool,
    pub user_inactive: bool,
    pub user_frozen: bool,
    pub user_locked: bool,
    pub asked_org: Option<String>,
    pub org_kind: Option<String>,
    pub edition: Option<String>,
    pub proxy: bool,
    pub ssh: bool,
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Shape>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(Shape),
        Many(Vec<Shape>),
    }
    Ok(match OneOrMany::deserialize(from)? {
        OneOrMany::One(shape) => vec![shape],
        OneOrMany::Many(shapes) => shapes,
    })
}

/// What was seen and what is known.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Where.
    pub place: Option<Place>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// What was said.
    pub error: ApiError,
    /// What kind of page came in place of an answer.
    pub page: Option<Page>,
    /// It is a part of an answer that holds several.
    pub is_part: bool,
    /// Header names of the answer, lower case, and values.
    pub reply: Vec<(String, String)>,
    /// By which flow a token was asked for.
    pub flow: Option<Flow>,
    /// Where one logs in.
    pub login: Option<Url>,
    /// As whom.
    pub username: Option<String>,
    /// What kind of org the profile says it is.
    pub environment: Option<Environment>,
    /// What was asked.
    pub asked: Option<Asked>,
    /// All else.
    pub known: Known,
    /// What a person adds, in free words.
    pub note: String,
}

impl Facts {
    /// The code, empty where there is none.
    pub fn code(&self) -> &str {
        self.error.code.as_deref().unwrap_or_default()
    }

    /// The code that the description implies, where the error has none of its own; else empty.
    pub(super) fn implied_code(&self) -> &'static str {
        if self.code().is_empty() { super::implied::code(&self.says()) } else { "" }
    }

    /// The description in lower case, blanks and apostrophes made alike.
    pub fn says(&self) -> String {
        plain_words(&self.error.message)
    }

    /// A header of the answer.
    pub fn reply_header(&self, name: &str) -> Option<&str> {
        self.reply.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The login host's name.
    pub fn login_name(&self) -> Option<&str> {
        self.login.as_ref()?.host_str()
    }

    /// Whether one logs in at a host for production orgs: by its name, where that says it, else by the profile.
    pub fn is_production_login(&self) -> Option<bool> {
        let by_name =
            self.login.as_ref().filter(|url| !is_loopback(url)).and_then(|url| match url.host_str()? {
                "login.salesforce.com" => Some(true),
                "test.salesforce.com" => Some(false),
                _ if crate::config::is_production_host(url) => Some(true),
                host if host.contains("--") || host.contains(".sandbox.") || host.contains(".scratch.") => {
                    Some(false)
                }
                _ => None,
            });
        by_name.or_else(|| match self.environment? {
            Environment::Production => Some(true),
            Environment::Sandbox | Environment::Scratch => Some(false),
            _ => None,
        })
    }

    /// Whether that host is one of the two generic ones. On this machine (the demo orgs) nothing tells.
    pub fn is_generic_login(&self) -> bool {
        self.login.as_ref().is_some_and(is_generic_login)
    }

    /// The path of the request, with its query.
    pub fn path(&self) -> &str {
        self.asked.as_ref().map_or("", |asked| &asked.path)
    }

    /// Fills in what the rest tells: the place, the flow, the status.
    pub(super) fn infer(&mut self) {
        self.take_named_hosts();
        self.take_note();
        if self.place.is_none() {
            self.place = self.inferred_place();
        }
        if self.flow.is_none() {
            self.flow = self.inferred_flow();
        }
    }

    fn inferred_place(&self) -> Option<Place> {
        if let Some(place) = self.asked.as_ref().and_then(|asked| Place::of_path(&asked.path)) {
            return Some(place);
        }
        let code = if self.code().is_empty() { self.implied_code() } else { self.code() };
        if matches!(code, "Bad_OAuth_Token" | "Missing_OAuth_Token") {
            return Some(Place::UserInfo);
        }
        let has = |test: fn(u8) -> bool| code.bytes().any(test);
        if code.is_empty() {
            None
        } else if code.contains('_') && !has(|b| b.is_ascii_uppercase()) {
            Some(if self.flow.is_none() && self.status == Some(302) {
                Place::Authorize
            } else {
                Place::Token
            })
        } else if !has(|b| b.is_ascii_lowercase()) {
            (!code.starts_with("OAUTH_")).then_some(Place::Rest)
        } else if has(|b| b.is_ascii_uppercase()) {
            Some(Place::Bulk)
        } else {
            None
        }
    }

    /// The flow that a form body names, or a note.
    fn inferred_flow(&self) -> Option<Flow> {
        const GRANTS: &[(&str, Flow)] = &[
            ("grant_type=password", Flow::Password),
            ("grant_type=client_credentials", Flow::ClientCredentials),
            ("grant_type=authorization_code", Flow::AuthorizationCode),
            ("grant_type=refresh_token", Flow::RefreshToken),
            ("jwt-bearer", Flow::JwtBearer),
            ("saml2-bearer", Flow::SamlBearer),
            ("token-exchange", Flow::TokenExchange),
            ("grant_type=device", Flow::Device),
            ("response_type=device_code", Flow::Device),
        ];
        const WORDS: &[(&str, Flow)] = &[
            ("username password", Flow::Password),
            ("password flow", Flow::Password),
            ("client credentials", Flow::ClientCredentials),
            ("jwt bearer", Flow::JwtBearer),
            ("jwt flow", Flow::JwtBearer),
            ("jwt login", Flow::JwtBearer),
            ("jwt auth", Flow::JwtBearer),
            ("jwt assertion", Flow::JwtBearer),
            ("use jwt", Flow::JwtBearer),
            ("using jwt", Flow::JwtBearer),
            ("saml bearer", Flow::SamlBearer),
            ("device flow", Flow::Device),
            ("refresh token", Flow::RefreshToken),
            ("web server flow", Flow::AuthorizationCode),
            ("authorization code", Flow::AuthorizationCode),
        ];
        // The Salesforce CLI's words for what it tried.
        const SAID: &[(&str, Flow)] = &[
            ("with auth code", Flow::AuthorizationCode),
            ("with jwt config", Flow::JwtBearer),
            ("with the refresh token", Flow::RefreshToken),
        ];
        let asked =
            self.asked.as_ref().map(|asked| format!("{} {}", asked.path, asked.body)).unwrap_or_default();
        let note = comparable(&self.note);
        let find = |table: &[(&str, Flow)], holds: &dyn Fn(&str) -> bool| {
            table.iter().find(|(word, _)| holds(word)).map(|(_, flow)| *flow)
        };
        find(GRANTS, &|word| asked.contains(word))
            .or_else(|| find(SAID, &|word| self.says().contains(word)))
            .or_else(|| find(WORDS, &|phrase| tells(&note, phrase)))
    }
}

/// Text to be compared: lower case, one blank for many, straight apostrophes.
pub(super) fn plain_words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.extend(
            word.chars().map(|c| if matches!(c, '’' | '‘') { '\'' } else { c }).flat_map(char::to_lowercase),
        );
    }
    out
}
