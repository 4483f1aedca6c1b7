//! Each ready profile does what its name says: those that begin with `demo-` get a token for the org they expect, the
//! others meet their trouble.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::browser::{Browser, parameters};
use super::saml::{Says, says, signed};
use super::*;
use crate::demo_org::jwt;
use crate::demo_org::keys::PrivateKey;
use crate::demo_org::profiles::{KEY_FILES, Ready, config_toml};

/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A profile, and the host that it logs in at.
struct Profile<'a> {
    world: &'a World,
    fields: &'a toml::Table,
    door: Door,
}

/// The org id of the token, or what was said instead.
type Outcome = Result<String, String>;

#[test]
fn each_profile_does_what_its_name_says() {
    let world = world();
    let ready = Ready::new(&world);
    let config: toml::Table = config_toml(&world, &ready, Path::new("/keys")).parse().unwrap();
    let troubles = [
        ("missing-security-token", "authentication failure"),
        ("sandbox-user-on-production", "authentication failure"),
        ("wrong-consumer-secret", "invalid client credentials"),
        ("inactive-user", "inactive user"),
        ("no-run-as-user", "no client credentials user enabled"),
        ("generic-host", "request not supported on this domain"),
        ("redirect-mismatch", "redirect_uri_mismatch"),
        ("pkce-missing", "missing required code challenge"),
        ("scope", "the requested scope is not allowed"),
        ("app-not-installed", "app%20must%20be%20installed%20into%20org"),
        ("app-blocked", "OAUTH_APP_BLOCKED"),
        ("user-not-approved", "user is not admin approved to access this app"),
        ("user-agent-off", "response type not supported"),
        ("device-off", "device flow is not enabled"),
        ("rotated-token", "expired access/refresh token"),
        ("jwt-not-approved", "user hasn't approved this consumer"),
        ("jwt-not-admin-approved", "user is not admin approved to access this app"),
        ("jwt-wrong-key", "invalid assertion"),
        ("jwt-audience", "audience is invalid"),
        ("headless-on-my-domain", "response type not supported"),
        ("exchange-generic-host", "request not supported on this domain"),
        ("exchange-not-approved", "user hasn't approved this consumer"),
        ("wrong-org", "another org"),
    ];
    let mut met = 0;
    for (name, fields) in config["profiles"].as_table().unwrap() {
        let fields = fields.as_table().unwrap();
        let login_url = fields["login_url"].as_str().unwrap();
        let door = Door::ALL.into_iter().find(|door| world.base(*door) == login_url).unwrap();
        let profile = Profile { world: &world, fields, door };
        let outcome = profile.outcome().and_then(|org_id| {
            let expected = profile.field("expected_org_id");
            if expected.starts_with(&org_id) { Ok(org_id) } else { Err("another org".to_owned()) }
        });
        match (name.strip_prefix("trouble-"), outcome) {
            (None, outcome) => assert!(name.starts_with("demo-") && outcome.is_ok(), "{name}: {outcome:?}"),
            (Some(trouble), outcome) => {
                let (_, said) = troubles.iter().find(|(name, _)| *name == trouble).unwrap();
                let answer = outcome.expect_err(name);
                assert!(answer.contains(said), "{name}: {answer}");
                met += 1;
            }
        }
    }
    assert_eq!(met, troubles.len());
    login_history_names_every_app(&world, &config);
}

/// Whoever got in, and many who did not, stand in the Login History of their org.
fn login_history_names_every_app(world: &World, config: &toml::Table) {
    let data = world.orgs[0].data().unwrap();
    let sql = "SELECT COUNT(*) FROM LoginHistory WHERE Application = ?1 AND Status = 'Success'";
    for (name, profile) in config["profiles"].as_table().unwrap() {
        let field = |key: &str| profile.get(key).and_then(toml::Value::as_str).unwrap_or_default();
        let Some(app) = world.orgs[0].spec.app(field("consumer_key")) else { continue };
        if name.starts_with("demo-") && !name.contains("sandbox") {
            let count: i64 = data.store.db().query_row(sql, [&app.name], |row| row.get(0)).unwrap();
            assert!(count > 0, "{name}");
        }
    }
}

impl Profile<'_> {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).and_then(toml::Value::as_str).unwrap_or_default()
    }

    fn outcome(&self) -> Outcome {
        match self.field("flow") {
            "access_token" => {
                let bearer = format!("Bearer {}", self.field("access_token"));
                let path = "/services/oauth2/userinfo";
                let answer = ask_of(self.world, self.door, "GET", path, &[("authorization", &bearer)], "");
                answer.json()["organization_id"].as_str().map(str::to_owned).ok_or(answer.text)
            }
            "authorization_code" | "user_agent" => self.by_browser(),
            "headless_code" => self.headless(),
            "device" => self.device(),
            "soap_login" => self.soap(),
            flow => self.token(flow),
        }
    }

    /// The grants that are one call.
    fn token(&self, flow: &str) -> Outcome {
        let assertion = match flow {
            "jwt_bearer" => self.jwt(),
            "saml_bearer" => self.saml(),
            _ => String::new(),
        };
        let password = format!("{}{}", self.field("password"), self.field("security_token"));
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
            (Some(_), Some(kind)) if kind.ends_with(":jwt") => Ok(self.world.org(self.door).id()),
            (Some(token), _) => Ok(token[..15].to_owned()),
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
        match (said.get("code"), said.get("access_token"), said.get("error_description")) {
            (Some(code), ..) => self.org_of(&self.ask(&[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", self.field("redirect_uri")),
                ("code_verifier", if has_pkce { VERIFIER } else { "" }),
            ])),
            (_, Some(token), _) => Ok(token[..15].to_owned()),
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
            "<Envelope><Body><login xmlns=\"urn:partner.soap.sforce.com\"><username>{}</username><password>{}{}</password></login></Body></Envelope>",
            self.field("username"),
            self.field("password"),
            self.field("security_token")
        );
        let path = format!("/services/Soap/u/{version}");
        let answer = ask_of(self.world, self.door, "POST", &path, &[("content-type", "text/xml")], &text);
        let token = answer.text.split("<sessionId>").nth(1).and_then(|rest| rest.get(..15));
        token.map(str::to_owned).ok_or(answer.text.clone())
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
