//! A client that does what a profile says, in process: gets the token by the profile's flow, then makes one call.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::browser::{Browser, parameters};
use super::saml::{Says, says, signed};
use super::*;
use crate::demo_org::jwt;
use crate::demo_org::keys::PrivateKey;
use crate::demo_org::profiles::KEY_FILES;

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// How long a person takes to copy a code out of an address.
const COPYING: i64 = 20_000;

/// A profile of the config, and the host that it logs in at.
pub(super) struct Profile<'a> {
    world: &'a World,
    fields: &'a toml::Table,
    door: Door,
}

/// A token and the org it is of.
pub(super) struct Token {
    pub(super) org_id: String,
    /// Empty where it is no key to the data: that of a device.
    value: String,
}

/// The token, or what was said instead.
pub(super) type Outcome = Result<Token, String>;

impl<'a> Profile<'a> {
    pub(super) fn new(world: &'a World, fields: &'a toml::Table) -> Self {
        let login_url = fields["login_url"].as_str().unwrap();
        let door = Door::ALL.into_iter().find(|door| world.base(*door) == login_url).unwrap();
        Self { world, fields, door }
    }

    pub(super) fn field(&self, name: &str) -> &str {
        self.fields.get(name).and_then(toml::Value::as_str).unwrap_or_default()
    }

    fn flag(&self, name: &str) -> bool {
        self.fields.get(name).and_then(toml::Value::as_bool).unwrap_or_default()
    }

    /// The token of the org that is expected, after a call with it was answered.
    pub(super) fn works(&self, resource: &str) -> Result<(), String> {
        let token = self.token()?;
        let expected = self.field("expected_org_id");
        if !expected.is_empty() && !expected.starts_with(&token.org_id) {
            return Err("another org".to_owned());
        }
        if token.value.is_empty() { Ok(()) } else { self.call(&token, resource) }
    }

    fn call(&self, token: &Token, resource: &str) -> Result<(), String> {
        let base = self.field("instance_url");
        let own = Door::instance_of(self.door.org());
        let door = Door::ALL.into_iter().find(|door| self.world.base(*door) == base).unwrap_or(own);
        let version = match self.field("api_version") {
            "" => "66.0",
            version => version,
        };
        let bearer = format!("Bearer {}", token.value);
        let path = format!("/services/data/v{version}/{resource}");
        let own = self.fields.get("headers").and_then(toml::Value::as_table).into_iter().flatten();
        let own = own.map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
        let headers: Vec<(&str, &str)> = own.chain([("authorization", bearer.as_str())]).collect();
        let answer = ask_of(self.world, door, "GET", &path, &headers, "");
        if answer.status == 200 { Ok(()) } else { Err(format!("{} {}", answer.status.as_u16(), answer.text)) }
    }

    pub(super) fn token(&self) -> Outcome {
        match self.field("flow") {
            "access_token" => Ok(of_value(self.field("access_token"))),
            "authorization_code" | "user_agent" => self.by_browser(),
            "headless_code" => self.headless(),
            "device" => self.device(),
            "soap_login" => self.soap(),
            flow => self.by_grant(flow),
        }
    }

    /// The password, and the security token behind it unless the address is trusted.
    fn password(&self) -> String {
        let token = if self.flag("trusted_ip") { "" } else { self.field("security_token") };
        format!("{}{token}", self.field("password"))
    }

    /// The grants that are one call.
    fn by_grant(&self, flow: &str) -> Outcome {
        let assertion = match flow {
            "jwt_bearer" => self.jwt(),
            "saml_bearer" => self.saml(),
            _ => String::new(),
        };
        let password = self.password();
        let kind = match self.field("subject_token_type") {
            "" => "access_token",
            kind => kind,
        };
        let kind = format!("urn:ietf:params:oauth:token-type:{kind}");
        let exchange = [
            ("subject_token", self.field("subject_token")),
            ("subject_token_type", &kind),
            ("token_handler", self.field("token_handler")),
        ];
        let more = match flow {
            "password" => vec![("username", self.field("username")), ("password", password.as_str())],
            "client_credentials" => Vec::new(),
            "refresh_token" => vec![("refresh_token", self.field("refresh_token"))],
            "jwt_bearer" | "saml_bearer" => vec![("assertion", assertion.as_str())],
            "token_exchange" => exchange.to_vec(),
            "asset" => [
                &exchange[..2],
                &[
                    ("actor_token", self.field("actor_token")),
                    ("actor_token_type", "urn:ietf:params:oauth:token-type:jwt"),
                ],
            ]
            .concat(),
            other => panic!("no such flow: {other}"),
        };
        let grant = match flow {
            "jwt_bearer" => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "saml_bearer" => "urn:ietf:params:oauth:grant-type:saml2-bearer",
            "token_exchange" | "asset" => "urn:ietf:params:oauth:grant-type:token-exchange",
            same => same,
        };
        self.org_of(&self.ask(&[&[("grant_type", grant)], &more[..]].concat()))
    }

    /// A call of the token endpoint with the app's key, and its secret if the profile has it.
    fn ask(&self, pairs: &[(&str, &str)]) -> Answer {
        let client =
            [("client_id", self.field("consumer_key")), ("client_secret", self.field("consumer_secret"))];
        let pairs: Vec<(&str, &str)> =
            client.iter().chain(pairs).filter(|(_, value)| !value.is_empty()).copied().collect();
        let path = self.world.path(self.door, "/services/oauth2/token");
        let door = if self.door == Door::Site { Door::Production } else { self.door };
        ask_of(self.world, door, "POST", &path, &[FORM], &form(&pairs))
    }

    /// The org of a token; that of a device stands in no token but in who gave it.
    fn org_of(&self, answer: &Answer) -> Outcome {
        let body = answer.json();
        match (body["access_token"].as_str(), body["issued_token_type"].as_str()) {
            (Some(_), Some(kind)) if kind.ends_with(":jwt") => {
                Ok(Token { org_id: self.world.org(self.door).id(), value: String::new() })
            }
            (Some(token), _) => Ok(of_value(token)),
            (None, _) => Err(answer.text.clone()),
        }
    }

    fn username(&self) -> &str {
        match self.field("username") {
            "" => "ada@nordlicht.example",
            username => username,
        }
    }

    fn by_browser(&self) -> Outcome {
        let is_implicit = self.field("flow") == "user_agent";
        let scopes = self.fields.get("scopes").and_then(toml::Value::as_array);
        let scopes: Vec<&str> = scopes.into_iter().flatten().filter_map(toml::Value::as_str).collect();
        let scope = scopes.join(" ");
        let has_pkce = self.fields.get("pkce").and_then(toml::Value::as_bool).unwrap_or(true) && !is_implicit;
        let pairs: Vec<(&str, &str)> = [
            ("response_type", if is_implicit { "token" } else { "code" }),
            ("client_id", self.field("consumer_key")),
            ("redirect_uri", self.field("redirect_uri")),
            ("scope", &scope),
            ("code_challenge", if has_pkce { CHALLENGE } else { "" }),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect();
        let path = self.world.path(self.door, &format!("/services/oauth2/authorize?{}", form(&pairs)));
        let door = if self.door == Door::Site { Door::Production } else { self.door };
        let mut browser = Browser::at(self.world, door);
        let mut page = browser.get(&path);
        if page.text.contains("id=\"Login\"") {
            page = browser.log_in(&page, self.username());
        }
        if page.text.contains("oaapprove") {
            page = browser.allow(&page);
        }
        let back = page.header("location").ok_or(page.text.clone())?;
        let said = parameters(back);
        // Nobody listens at a page: a person copies the address.
        if !self.field("redirect_uri").contains("localhost") {
            self.world.clock.advance(COPYING);
        }
        match (said.get("code"), said.get("access_token"), said.get("error_description")) {
            (Some(code), ..) => self.org_of(&self.ask(&[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", self.field("redirect_uri")),
                ("code_verifier", if has_pkce { VERIFIER } else { "" }),
            ])),
            (_, Some(token), _) => Ok(of_value(token)),
            (.., error) => Err(error.cloned().unwrap_or_default()),
        }
    }

    fn headless(&self) -> Outcome {
        let pairs = [
            ("response_type", "code_credentials"),
            ("client_id", self.field("consumer_key")),
            ("redirect_uri", self.field("redirect_uri")),
            ("code_challenge", CHALLENGE),
        ];
        let pair = STANDARD.encode(format!("{}:{}", self.field("username"), self.field("password")));
        let basic = format!("Basic {pair}");
        let headers = [FORM, ("auth-request-type", "Named-User"), ("authorization", &basic)];
        let path = self.world.path(self.door, "/services/oauth2/authorize");
        let answer = ask_of(self.world, Door::Production, "POST", &path, &headers, &form(&pairs));
        let back = answer.header("location").ok_or(answer.text.clone())?;
        self.org_of(&self.ask(&[
            ("grant_type", "authorization_code"),
            ("code", &parameters(back)["code"]),
            ("redirect_uri", self.field("redirect_uri")),
            ("code_verifier", VERIFIER),
        ]))
    }

    fn device(&self) -> Outcome {
        let begun = self.ask(&[("response_type", "device_code")]);
        let body = begun.json();
        let Some(user_code) = body["user_code"].as_str() else { return Err(begun.text) };
        let mut browser = Browser::at(self.world, self.door);
        let page = browser.get("/setup/connect");
        let page = browser.submit(&page, &[("user_code", user_code)]);
        let page = browser.log_in(&page, self.username());
        browser.allow(&page);
        let code = body["device_code"].as_str().unwrap_or_default();
        self.org_of(&self.ask(&[("grant_type", "device"), ("code", code)]))
    }

    fn soap(&self) -> Outcome {
        let version = self.field("soap_api_version");
        let text = format!(
            "<Envelope><Body><login xmlns=\"urn:partner.soap.sforce.com\"><username>{}</username><password>{}</password></login></Body></Envelope>",
            self.field("username"),
            self.password()
        );
        let path = format!("/services/Soap/u/{version}");
        let answer = ask_of(self.world, self.door, "POST", &path, &[("content-type", "text/xml")], &text);
        let token = answer.text.split("<sessionId>").nth(1).and_then(|rest| rest.split('<').next());
        token.map(of_value).ok_or(answer.text.clone())
    }

    /// The key that the profile names, which must be one of those that are handed out.
    fn key(&self) -> &'static str {
        let file = self.fields["jwt"]["private_key_file"].as_str().unwrap().strip_prefix("/keys/").unwrap();
        KEY_FILES.iter().find(|(name, _)| *name == file).unwrap().1
    }

    fn jwt(&self) -> String {
        let generic = if self.world.org(self.door).spec.sandbox { "test" } else { "login" };
        let generic = format!("https://{generic}.salesforce.com");
        let audience = self.fields["jwt"].get("audience").and_then(toml::Value::as_str).unwrap_or(&generic);
        let claims = json!({
            "iss": self.field("consumer_key"),
            "sub": self.field("username"),
            "aud": audience,
            "exp": self.world.clock.now().0 / 1000 + 120,
        });
        jwt::sign(&PrivateKey::of_pem(self.key()).unwrap(), "1", &claims)
    }

    fn saml(&self) -> String {
        let app = self.world.org(self.door).spec.app(self.field("consumer_key")).unwrap();
        let says = Says { username: self.field("username"), key: self.key(), ..says(app) };
        URL_SAFE_NO_PAD.encode(signed(self.world, &says))
    }
}

fn of_value(token: &str) -> Token {
    Token { org_id: token[..15].to_owned(), value: token.to_owned() }
}
