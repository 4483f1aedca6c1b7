//! The demo orgs as a client sees them: most tests ask [`server::respond`], a few go over a real connection.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::call::{Call, Door};
use super::orgs::{AppSpec, OrgSpec};
use super::server::respond;
use super::world::World;

/// Records are never changed by two tests in ways that meet.
static WORLD: LazyLock<World> = LazyLock::new(|| {
    let base = |name: &str| format!("http://{name}.demo");
    World::new(["login", "test", "production", "sandbox"].map(base), Duration::ZERO)
});

/// An answer taken apart.
struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, String)>,
    mime: &'static str,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn code(&self) -> String {
        self.json()[0]["errorCode"].as_str().unwrap_or_default().to_owned()
    }
}

fn ask(door: Door, method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        })
        .collect();
    let call = Call::new(door, method, &uri.parse().unwrap(), headers, Bytes::from(body.to_owned()));
    let reply = respond(&WORLD, &call);
    let (status, headers) = (reply.status, reply.headers.clone());
    let (mime, bytes) = reply.render(&call);
    Answer { status, headers, mime, text: String::from_utf8(bytes).unwrap() }
}

fn form(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn oauth(door: Door, endpoint: &str, pairs: &[(&str, &str)]) -> Answer {
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    ask(door, "POST", &format!("/services/oauth2/{endpoint}"), &headers, &form(pairs))
}

fn app<'a>(org: &'a OrgSpec, name: &str) -> &'a AppSpec {
    org.apps.iter().find(|app| app.name == name).unwrap()
}

fn password(door: Door, app: &AppSpec, username: &str, password: &str) -> Answer {
    oauth(
        door,
        "token",
        &[
            ("grant_type", "password"),
            ("client_id", &app.consumer_key),
            ("client_secret", &app.consumer_secret),
            ("username", username),
            ("password", password),
        ],
    )
}

/// A fresh token of the first user of an org.
fn token(door: Door) -> String {
    let spec = &WORLD.org(door).spec;
    let user = &spec.users[0];
    let answer =
        password(door, &spec.apps[0], &user.username, &format!("{}{}", user.password, user.security_token));
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// A data call to production with a token of its own.
fn call(method: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", token(Door::Production));
    let text = if body.is_null() { String::new() } else { body.to_string() };
    ask(
        Door::Production,
        method,
        path,
        &[("authorization", &bearer), ("content-type", "application/json")],
        &text,
    )
}

fn get(path: &str) -> Answer {
    call("GET", &format!("/services/data/v66.0/{path}"), &Value::Null)
}

fn soql(query: &str) -> Answer {
    get(&format!("query?{}", form(&[("q", query)])))
}

fn refused(answer: &Answer) -> (u16, String, String) {
    let body = answer.json();
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), text("error"), text("error_description"))
}

mod logging_in {
    use super::*;

    #[test]
    fn a_password_gives_a_token_whose_signature_holds() {
        let org = &WORLD.orgs[0].spec;
        let user = &org.users[0];
        let app = app(org, "Orgdeck Workbench");
        let answer =
            password(Door::Login, app, &user.username, &format!("{}{}", user.password, user.security_token));
        assert_eq!(answer.status, StatusCode::OK);
        let body = answer.json();
        assert!(body["access_token"].as_str().unwrap().starts_with("00D7Q000001Nord!"));
        assert_eq!(body["instance_url"], "http://production.demo");
        assert_eq!(body["id"], format!("http://login.demo/id/{}/{}", org.id, org.user_id(0)));
        assert_eq!(body["token_type"], "Bearer");
        let issued_at = body["issued_at"].as_str().unwrap();
        assert_eq!(issued_at.len(), 13);
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, app.consumer_secret.as_bytes());
        let message = format!("{}{issued_at}", body["id"].as_str().unwrap());
        let expected = aws_lc_rs::hmac::sign(&key, message.as_bytes());
        let expected = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, expected);
        assert_eq!(body["signature"], expected);
    }

    #[test]
    fn each_trouble_has_its_own_answer() {
        let (production, sandbox) = (&WORLD.orgs[0].spec, &WORLD.orgs[1].spec);
        let good = app(production, "Orgdeck Workbench");
        let whole = |name: &str| {
            let user = production.user(name).unwrap().0;
            format!("{}{}", user.password, user.security_token)
        };
        let failure = (400, "invalid_grant".to_owned(), "authentication failure".to_owned());
        let ada = "ada@nordlicht.example";
        let wrong_secret = AppSpec { consumer_secret: "0".repeat(64), ..good.clone() };
        let unknown = AppSpec { consumer_key: "3MVG9unknown".to_owned(), ..good.clone() };
        let only_sandbox = app(sandbox, "UAT Sync");
        let says = |error: &str, text: &str| (400, error.to_owned(), text.to_owned());
        for (asked, expected) in [
            (
                password(Door::Login, &wrong_secret, ada, &whole(ada)),
                says("invalid_client", "invalid client credentials"),
            ),
            (
                password(Door::Login, &unknown, ada, &whole(ada)),
                says("invalid_client_id", "client identifier invalid"),
            ),
            (
                password(Door::Login, only_sandbox, ada, &whole(ada)),
                says("invalid_client_id", "client identifier invalid"),
            ),
            (password(Door::Login, good, ada, "Fjord-2026+lantern"), failure.clone()),
            (password(Door::Login, good, ada, "wrong"), failure.clone()),
            (password(Door::Login, good, "ada@nordlicht.example.uat", "Fjord-2026+lantern"), failure.clone()),
            (password(Door::Test, good, ada, &whole(ada)), failure.clone()),
            (password(Door::Login, app(production, "External Portal"), ada, &whole(ada)), failure.clone()),
            (
                password(Door::Login, good, "locked@nordlicht.example", &whole("locked@nordlicht.example")),
                failure.clone(),
            ),
            (
                password(Door::Login, good, "retired@nordlicht.example", &whole("retired@nordlicht.example")),
                says("invalid_grant", "inactive user"),
            ),
            (
                password(Door::Login, good, "remote@nordlicht.example", &whole("remote@nordlicht.example")),
                says("invalid_grant", "IP restricted or invalid login hours"),
            ),
            (
                oauth(Door::Login, "token", &[("grant_type", "passwort")]),
                says("unsupported_grant_type", "grant type not supported"),
            ),
        ] {
            assert_eq!(refused(&asked), expected);
        }
        // From a trusted network no security token is needed.
        assert_eq!(
            password(Door::Production, good, "kenji@nordlicht.example", "Harbour&Crane=7%").status,
            200
        );
        // The reason stands in Login History.
        let history =
            soql("SELECT Status FROM LoginHistory WHERE User.Username = 'locked@nordlicht.example'").json();
        assert_eq!(history["records"][0]["Status"], "Password lockout");
    }

    fn client_credentials(door: Door, app: &AppSpec) -> Answer {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", &app.consumer_key),
            ("client_secret", &app.consumer_secret),
        ];
        oauth(door, "token", &pairs)
    }

    #[test]
    fn client_credentials_need_a_my_domain_and_a_run_as_user() {
        let org = &WORLD.orgs[0].spec;
        let sync = app(org, "Nightly Sync");
        let granted = client_credentials(Door::Production, sync).json();
        assert_eq!(granted["id"], format!("http://production.demo/id/{}/{}", org.id, org.user_id(2)));
        for (answer, text) in [
            (client_credentials(Door::Login, sync), "request not supported on this domain"),
            (client_credentials(Door::Test, sync), "request not supported on this domain"),
            (
                client_credentials(Door::Production, app(org, "Half Set Up")),
                "no client credentials user enabled",
            ),
            (
                client_credentials(Door::Production, app(org, "Orgdeck Workbench")),
                "client credentials flow not enabled",
            ),
        ] {
            assert_eq!(refused(&answer), (400, "invalid_grant".to_owned(), text.to_owned()));
        }
    }

    #[test]
    fn client_credentials_may_come_by_basic() {
        let sync = app(&WORLD.orgs[0].spec, "Nightly Sync");
        let pair = format!("{}:{}", sync.consumer_key, sync.consumer_secret);
        let basic = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair);
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("authorization", &format!("Basic {basic}")),
        ];
        let answer = ask(
            Door::Production,
            "POST",
            "/services/oauth2/token",
            &headers,
            "grant_type=client_credentials",
        );
        assert_eq!(answer.status, StatusCode::OK);
    }

    #[test]
    fn token_answers_come_in_three_formats() {
        let xml = oauth(Door::Login, "token", &[("grant_type", "x"), ("format", "xml")]);
        assert!(xml.text.contains("<error>unsupported_grant_type</error>"), "{}", xml.text);
        let form = oauth(Door::Login, "token", &[("grant_type", "x"), ("format", "urlencoded")]);
        assert_eq!(form.text, "error=unsupported_grant_type&error_description=grant+type+not+supported");
        assert_eq!(
            ask(Door::Login, "GET", "/services/oauth2/token", &[], "").json()["error"],
            "invalid_request"
        );
    }

    #[test]
    fn a_token_says_whose_it_is_until_it_is_revoked() {
        let token = token(Door::Login);
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let (org, user) = (&WORLD.orgs[0].spec.id, WORLD.orgs[0].spec.user_id(0));
        let identity = format!("/id/{org}/{user}");
        for door in [Door::Login, Door::Production] {
            assert_eq!(ask(door, "GET", &identity, &headers, "").json()["username"], "ada@nordlicht.example");
            assert_eq!(ask(door, "GET", "/services/oauth2/userinfo", &headers, "").json()["user_id"], user);
        }
        assert_eq!(
            ask(Door::Login, "GET", &format!("/id/00D9O000002NordUAC/{user}"), &headers, "").text,
            "Wrong_Org"
        );
        let app = &WORLD.orgs[0].spec.apps[0];
        let about = [
            ("token", token.as_str()),
            ("client_id", &app.consumer_key),
            ("client_secret", &app.consumer_secret),
        ];
        assert_eq!(oauth(Door::Login, "introspect", &about).json()["username"], "ada@nordlicht.example");
        let revoked = oauth(Door::Login, "revoke", &[("token", &token)]);
        assert_eq!((revoked.status, revoked.text.as_str()), (StatusCode::OK, ""));
        assert_eq!(oauth(Door::Login, "introspect", &about).json(), json!({"active": false}));
        let dead = ask(Door::Login, "GET", "/services/oauth2/userinfo", &headers, "");
        assert_eq!((dead.status, dead.text.as_str()), (StatusCode::FORBIDDEN, "Bad_OAuth_Token"));
        assert_eq!(ask(Door::Login, "GET", &identity, &[], "").text, "Missing_OAuth_Token");
        let again = oauth(Door::Login, "revoke", &[("token", &token)]);
        assert!(
            again.status == 400 && again.text.starts_with("error=unsupported_token_type"),
            "{}",
            again.text
        );
    }

    #[test]
    fn soap_login_ends_with_version_64() {
        let envelope = |password: &str| {
            format!(
                r#"<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header/><se:Body><login xmlns="urn:partner.soap.sforce.com"><username>ada@nordlicht.example</username><password>{password}</password></login></se:Body></se:Envelope>"#
            )
        };
        let headers = [("content-type", "text/xml"), ("soapaction", "login")];
        let login = |version: &str, password: &str| {
            ask(Door::Login, "POST", &format!("/services/Soap/u/{version}"), &headers, &envelope(password))
        };
        let good = login("64.0", "Fjord-2026+lanternk3VnQx8TzRb0WmLcYp5HsJd1");
        assert!(
            good.status == 200
                && good.text.contains(
                    "<serverUrl>http://production.demo/services/Soap/u/64.0/00D7Q000001Nord</serverUrl>"
                ),
            "{}",
            good.text
        );
        for (answer, code) in [
            (login("64.0", "Fjord-2026+lantern"), "LOGIN_MUST_USE_SECURITY_TOKEN"),
            (login("64.0", "no"), "INVALID_LOGIN"),
            (login("65.0", "no"), "UNSUPPORTED_API_VERSION"),
        ] {
            assert_eq!(answer.status, 500);
            assert!(answer.text.contains(&format!("<faultcode>sf:{code}</faultcode>")), "{}", answer.text);
        }
    }
}
