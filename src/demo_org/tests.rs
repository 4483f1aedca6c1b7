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
    fn each_profile_of_the_demo_does_what_its_name_says() {
        let tokens = [0, 1].map(|org| crate::demo_org::profiles::ready_token(&WORLD, org));
        let config: toml::Table = crate::demo_org::profiles::config_toml(&WORLD, &tokens).parse().unwrap();
        let profiles = config["profiles"].as_table().unwrap();
        assert!(profiles.len() > 8);
        for (name, profile) in profiles {
            let field = |key: &str| profile.get(key).and_then(toml::Value::as_str).unwrap_or_default();
            let door = Door::ALL.into_iter().find(|door| WORLD.base(*door) == field("login_url")).unwrap();
            let answer = match field("flow") {
                "access_token" => {
                    let bearer = format!("Bearer {}", field("access_token"));
                    ask(door, "GET", "/services/data/v66.0/limits", &[("authorization", &bearer)], "")
                }
                flow => oauth(
                    door,
                    "token",
                    &[
                        ("grant_type", flow),
                        ("client_id", field("consumer_key")),
                        ("client_secret", field("consumer_secret")),
                        ("username", field("username")),
                        ("password", &format!("{}{}", field("password"), field("security_token"))),
                    ],
                ),
            };
            assert_eq!(answer.status.is_success(), name.starts_with("demo-"), "{name}: {}", answer.text);
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

mod records {
    use super::*;

    #[test]
    fn calls_need_a_live_token_of_this_org() {
        let path = "/services/data/v66.0/limits";
        let with = |door, header: Option<&str>| {
            let headers: Vec<(&str, &str)> = header.iter().map(|text| ("authorization", *text)).collect();
            let answer = ask(door, "GET", path, &headers, "");
            (answer.status.as_u16(), answer.code())
        };
        let bearer = format!("Bearer {}", token(Door::Production));
        let is = |status: u16, code: &str| (status, code.to_owned());
        assert_eq!(with(Door::Production, None), is(401, "INVALID_SESSION_ID"));
        assert_eq!(with(Door::Production, Some("Bearer nonsense")), is(401, "INVALID_SESSION_ID"));
        assert_eq!(with(Door::Production, Some("Bearer: x")), is(401, "INVALID_AUTH_HEADER"));
        assert_eq!(with(Door::Sandbox, Some(&bearer)), is(401, "INVALID_SESSION_ID"));
        assert_eq!(with(Door::Login, Some(&bearer)), is(400, "URL_NOT_RESET"));
        assert_eq!(with(Door::Production, Some(&format!("{bearer} "))), is(401, "INVALID_SESSION_ID"));
        let oauth_scheme = bearer.replace("Bearer", "OAuth");
        assert_eq!(ask(Door::Production, "GET", path, &[("authorization", &oauth_scheme)], "").status, 200);
    }

    #[test]
    fn some_tokens_open_no_api() {
        let org = &WORLD.orgs[0].spec;
        let (noapi, _) = org.user("noapi@nordlicht.example").unwrap();
        let whole = format!("{}{}", noapi.password, noapi.security_token);
        for (answer, status, code) in [
            (password(Door::Login, &org.apps[0], &noapi.username, &whole), 403, "API_CURRENTLY_DISABLED"),
            (
                password(
                    Door::Login,
                    app(org, "Sign-on Only"),
                    "kenji@nordlicht.example",
                    "Harbour&Crane=7%",
                ),
                401,
                "INVALID_SESSION_ID",
            ),
        ] {
            let bearer = format!("Bearer {}", answer.json()["access_token"].as_str().unwrap());
            let limits = ask(
                Door::Production,
                "GET",
                "/services/data/v66.0/limits",
                &[("authorization", &bearer)],
                "",
            );
            assert_eq!((limits.status.as_u16(), limits.code().as_str()), (status, code));
        }
    }

    #[test]
    fn versions_need_no_token() {
        let all = ask(Door::Sandbox, "GET", "/services/data/", &[], "").json();
        let newest = all.as_array().unwrap().last().unwrap();
        assert_eq!(newest, &json!({"label": "Summer '26", "url": "/services/data/v67.0", "version": "67.0"}));
        let old = call("GET", "/services/data/v20.0/limits", &Value::Null);
        assert_eq!((old.status, old.code().as_str()), (StatusCode::GONE, "UNSUPPORTED_API_VERSION"));
        assert_eq!(call("GET", "/services/data/v67.0/limits", &Value::Null).status, StatusCode::NOT_FOUND);
        assert_eq!(get("").json()["sobjects"], "/services/data/v66.0/sobjects");
    }

    #[test]
    fn each_call_counts() {
        let used = |answer: &Answer| {
            let text = answer.header("sforce-limit-info").unwrap().to_owned();
            text.strip_prefix("api-usage=").unwrap().strip_suffix("/15000").unwrap().parse::<u64>().unwrap()
        };
        let (one, two) = (get("limits"), get("limits"));
        assert!(used(&two) > used(&one));
        assert!(two.json()["DailyApiRequests"]["Remaining"].as_u64().unwrap() < 15_000);
    }

    #[test]
    fn a_record_lives_and_dies() {
        let made = call(
            "POST",
            "/services/data/v66.0/sobjects/contact",
            &json!({"FirstName": "Zoë", "LastName": "Ångström"}),
        );
        assert_eq!(made.status, StatusCode::CREATED);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(
            made.header("location"),
            Some(format!("/services/data/v66.0/sobjects/Contact/{id}").as_str())
        );
        let path = format!("/services/data/v66.0/sobjects/Contact/{id}");
        let read = get(&format!("sobjects/Contact/{}?fields=Name,Owner.Username", &id[..15])).json();
        assert_eq!(
            (&read["Name"], &read["Owner"]["Username"]),
            (&json!("Zoë Ångström"), &json!("ada@nordlicht.example"))
        );
        let changed =
            call("POST", &format!("{path}?_HttpMethod=PATCH"), &json!({"LastName": "Öberg", "Phone": ""}));
        assert_eq!((changed.status, changed.text.as_str()), (StatusCode::NO_CONTENT, ""));
        assert_eq!(get(&format!("sobjects/Contact/{id}")).json()["Name"], "Zoë Öberg");
        assert_eq!(call("DELETE", &path, &Value::Null).status, StatusCode::NO_CONTENT);
        let gone = call("GET", &path, &Value::Null);
        assert_eq!((gone.status, gone.code().as_str()), (StatusCode::NOT_FOUND, "ENTITY_IS_DELETED"));
        let query = form(&[("q", &format!("SELECT Id, IsDeleted FROM Contact WHERE Id = '{id}'"))]);
        assert_eq!(get(&format!("query?{query}")).json()["totalSize"], 0);
        assert_eq!(get(&format!("queryAll?{query}")).json()["records"][0]["IsDeleted"], true);
    }

    #[test]
    fn an_unchanged_record_is_not_sent_again() {
        let bearer = format!("Bearer {}", token(Door::Production));
        let path = "/services/data/v66.0/sobjects/Account/001gK000000000AQAQ";
        let first = ask(Door::Production, "GET", path, &[("authorization", &bearer)], "");
        let date = first.header("last-modified").unwrap().to_owned();
        let headers = [("authorization", bearer.as_str()), ("if-modified-since", &date)];
        assert_eq!(ask(Door::Production, "GET", path, &headers, "").status, StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn what_cannot_be_saved_says_why() {
        let post = |object: &str, body: Value| {
            call("POST", &format!("/services/data/v66.0/sobjects/{object}"), &body)
        };
        for (object, body, code, fields) in [
            ("Account", json!({}), "REQUIRED_FIELD_MISSING", json!(["Name"])),
            ("Account", json!({"Name": "x", "Nope": 1}), "INVALID_FIELD", Value::Null),
            ("Account", json!({"Name": "x".repeat(256)}), "STRING_TOO_LONG", json!(["Name"])),
            (
                "Account",
                json!({"Name": "x", "CreatedDate": "2026-01-01"}),
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                json!(["CreatedDate"]),
            ),
            ("Account", json!({"Name": "x", "ParentId": "nonsense"}), "MALFORMED_ID", json!(["ParentId"])),
            (
                "Account",
                json!({"Name": "x", "ParentId": "003gK0000000001QAA"}),
                "MALFORMED_ID",
                json!(["ParentId"]),
            ),
            (
                "Account",
                json!({"Name": "x", "ParentId": "001gK0zzzzzzzzz"}),
                "INVALID_CROSS_REFERENCE_KEY",
                json!(["ParentId"]),
            ),
            (
                "Account",
                json!({"Name": "x", "NumberOfEmployees": "many"}),
                "JSON_PARSER_ERROR",
                json!(["NumberOfEmployees"]),
            ),
            ("Account", json!({"Name": "x", "Active__c": null}), "JSON_PARSER_ERROR", json!(["Active__c"])),
            ("Account", json!({"Name": "x", "ERP_Id__c": "ERP-000001"}), "DUPLICATE_VALUE", Value::Null),
            ("Account", json!({"Name": "x", "Id": "001gK0000000001QAA"}), "INVALID_FIELD", json!(["Id"])),
            ("Contact", json!({"LastName": "x", "Email": "no"}), "INVALID_EMAIL_ADDRESS", json!(["Email"])),
            (
                "Invoice__c",
                json!({"Account__c": "001gK0000000001QAA", "Currency__c": "XXX"}),
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                json!(["Currency__c"]),
            ),
            (
                "Invoice__c",
                json!({"Account__c": "001gK0000000001QAA", "Amount__c": 1e20}),
                "NUMBER_OUTSIDE_VALID_RANGE",
                json!(["Amount__c"]),
            ),
        ] {
            let answer = post(object, body);
            assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, code), "{}", answer.text);
            assert_eq!(answer.json()[0]["fields"], fields, "{}", answer.text);
        }
        assert_eq!(post("Nothing__c", json!({})).code(), "NOT_FOUND");
        assert_eq!(
            call("PUT", "/services/data/v66.0/sobjects/Account", &json!({})).status,
            StatusCode::METHOD_NOT_ALLOWED
        );
    }

    #[test]
    fn bodies_that_are_no_json_are_refused_with_their_place() {
        let bearer = format!("Bearer {}", token(Door::Production));
        let send = |mime: &str, body: &str| {
            let headers = [("authorization", bearer.as_str()), ("content-type", mime)];
            ask(Door::Production, "POST", "/services/data/v66.0/sobjects/Account", &headers, body)
        };
        let broken = send("application/json", "{\"Name\":\"x\",\n}");
        assert_eq!(broken.code(), "JSON_PARSER_ERROR");
        assert!(broken.text.contains("[line:2, column:1]"), "{}", broken.text);
        assert_eq!(send("application/json", "").code(), "JSON_PARSER_ERROR");
        assert_eq!(send("application/json", "[]").code(), "JSON_PARSER_ERROR");
        assert_eq!(send("application/xml", "<Account><Name>").code(), "XML_PARSER_ERROR");
        assert_eq!(send("text/csv", "Name").status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }

    #[test]
    fn an_account_is_made_and_read_in_xml() {
        let bearer = format!("Bearer {}", token(Door::Production));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/xml"),
            ("accept", "application/xml"),
        ];
        let body = "<Account><Name>Tom &amp; Söhne</Name><NumberOfEmployees>12</NumberOfEmployees><Active__c>true</Active__c></Account>";
        let made = ask(Door::Production, "POST", "/services/data/v66.0/sobjects/Account", &headers, body);
        assert_eq!((made.status, made.mime), (StatusCode::CREATED, "application/xml;charset=UTF-8"));
        let id = made.text.split("<id>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let read = get(&format!("sobjects/Account/{id}.xml")).text;
        assert!(
            read.contains("<Name>Tom &amp; Söhne</Name>") && read.contains("<Active__c>true</Active__c>"),
            "{read}"
        );
        let missing = ask(Door::Production, "GET", "/services/data/v66.0/nothing", &headers, "").text;
        assert!(missing.contains("<Errors><Error><message>The requested resource does not exist</message><errorCode>NOT_FOUND</errorCode></Error></Errors>"), "{missing}");
    }

    #[test]
    fn external_ids_find_make_and_may_be_ambiguous() {
        let patch =
            |path: &str, body: Value| call("PATCH", &format!("/services/data/v66.0/sobjects/{path}"), &body);
        let path = "Account/ERP_Id__c/ERP-777001";
        let made = patch(path, json!({"Name": "New"}));
        assert_eq!((made.status, &made.json()["created"]), (StatusCode::CREATED, &json!(true)));
        let changed = patch(path, json!({"Name": "Newer"}));
        assert_eq!((changed.status, &changed.json()["created"]), (StatusCode::OK, &json!(false)));
        assert_eq!(get(&format!("sobjects/{path}")).json()["Name"], "Newer");
        let several = patch("Contact/Legacy_Id__c/L-00017", json!({"LastName": "x"}));
        assert_eq!(
            (several.status, several.json().as_array().unwrap().len()),
            (StatusCode::MULTIPLE_CHOICES, 5)
        );
        assert_eq!(patch("Account/Phone/1", json!({})).status, StatusCode::NOT_FOUND);
        let related = call(
            "POST",
            "/services/data/v66.0/sobjects/Contact",
            &json!({"LastName": "x", "Account": {"ERP_Id__c": "ERP-777001"}}),
        );
        let id = related.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(
            get(&format!("sobjects/Contact/{id}?fields=Account.Name")).json()["Account"]["Name"],
            "Newer"
        );
    }

    #[test]
    fn describe_tells_what_the_schema_knows() {
        let global = get("sobjects").json();
        let names: Vec<&str> =
            global["sobjects"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"Account") && names.contains(&"Invoice__c"));
        let invoice = get("sobjects/Invoice__c/describe").json();
        let field = |name: &str| {
            invoice["fields"].as_array().unwrap().iter().find(|field| field["name"] == name).unwrap().clone()
        };
        assert_eq!(field("Account__c")["relationshipName"], "Account__r");
        assert_eq!(field("Account__c")["referenceTo"], json!(["Account"]));
        assert_eq!(field("External_Id__c")["externalId"], true);
        assert_eq!(field("Status__c")["picklistValues"][0]["value"], "Draft");
        let account = get("sobjects/Account/describe").json();
        let children = account["childRelationships"].as_array().unwrap();
        assert!(children.iter().any(|child| child["relationshipName"] == "Invoices__r"));
    }

    #[test]
    fn apex_rest_and_anonymous_apex() {
        let list = call("GET", "/services/apexrest/AccountService?limit=3", &Value::Null);
        assert_eq!(list.json().as_array().unwrap().len(), 3);
        let made = call("POST", "/services/apexrest/AccountService", &json!({"name": "From Apex"}));
        assert_eq!(made.json()["name"], "From Apex");
        let broken = call("POST", "/services/apexrest/AccountService", &json!({}));
        assert_eq!((broken.status.as_u16(), broken.code().as_str()), (500, "APEX_ERROR"));
        assert_eq!(call("GET", "/services/apexrest/Nope", &Value::Null).status, StatusCode::NOT_FOUND);
        let ran =
            get(&format!("tooling/executeAnonymous?{}", form(&[("anonymousBody", "System.debug(1);")])));
        assert_eq!(ran.json()["success"], true);
        let classes = get(&format!(
            "tooling/query?{}",
            form(&[("q", "SELECT Name FROM ApexClass WHERE Name = 'AccountService'")])
        ));
        assert_eq!(classes.json()["totalSize"], 1);
    }

    #[test]
    fn a_search_finds_words_in_several_objects() {
        let find = |sosl: &str| get(&format!("search?{}", form(&[("q", sosl)])));
        let found =
            find("FIND {nordwind} IN NAME FIELDS RETURNING Account(Id, Name LIMIT 2), Lead LIMIT 2").json();
        let records = found["searchRecords"].as_array().unwrap();
        assert_eq!(records.len(), 2);
        assert!(records.iter().all(|record| record["Name"].as_str().unwrap().starts_with("Nordwind")));
        assert_eq!(find("FIND {x}").code(), "INVALID_SEARCH");
        assert_eq!(find("FIND nordwind").code(), "MALFORMED_SEARCH");
        let body = json!({"q": "d'andre", "in": "ALL", "sobjects": [{"name": "Contact", "fields": ["FirstName"], "limit": 1}]});
        let answer = call("POST", "/services/data/v66.0/parameterizedSearch", &body).json();
        assert_eq!(answer["searchRecords"][0]["FirstName"], "D'Andre");
    }
}

mod queries {
    use super::*;

    fn records(query: &str) -> Vec<Value> {
        let answer = soql(query);
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        answer.json()["records"].as_array().unwrap().clone()
    }

    fn count(query: &str) -> u64 {
        let answer = soql(query);
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        answer.json()["totalSize"].as_u64().unwrap()
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let bearer = format!("Bearer {}", token(Door::Production));
        let headers = [("authorization", bearer.as_str()), ("sforce-query-options", "batchSize=700")];
        let mut url = "/services/data/v66.0/query?q=SELECT+Id+FROM+Contact+WHERE+Legacy_Id__c+%3C+%27L-01000%27+LIMIT+2500".to_owned();
        let mut ids = Vec::new();
        let mut pages = 0;
        loop {
            let page = ask(Door::Production, "GET", &url, &headers, "").json();
            assert_eq!(page["totalSize"], 2500);
            ids.extend(
                page["records"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|record| record["Id"].as_str().unwrap().to_owned()),
            );
            pages += 1;
            match page["nextRecordsUrl"].as_str() {
                Some(next) => url = next.to_owned(),
                None => break,
            }
        }
        ids.sort();
        ids.dedup();
        assert_eq!((pages, ids.len()), (4, 2500));
        let other = get("query/01ggK0zzzzzzzzzQAA-2000");
        assert_eq!(other.code(), "INVALID_QUERY_LOCATOR");
        let headers = [("authorization", bearer.as_str()), ("sforce-query-options", "batchSize=5")];
        let answer =
            ask(Door::Production, "GET", "/services/data/v66.0/query?q=SELECT+Id+FROM+Account", &headers, "");
        assert_eq!(answer.code(), "INVALID_BATCH_SIZE");
    }

    #[test]
    fn parents_and_children_come_along() {
        let record = &records(
            "SELECT Name, Account.Owner.Profile.Name, (SELECT Subject FROM Cases) FROM Contact WHERE AccountId != null LIMIT 1",
        )[0];
        assert_eq!(record["Account"]["Owner"]["Profile"]["attributes"]["type"], "Profile");
        assert_eq!(record["Cases"], Value::Null);
        let account = &records(
            "SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 2) FROM Account WHERE Id IN (SELECT AccountId FROM Contact) LIMIT 1",
        )[0];
        assert_eq!(
            account["Contacts"]["totalSize"],
            account["Contacts"]["records"].as_array().unwrap().len()
        );
        let alone = records("SELECT Account.Name FROM Contact WHERE AccountId = null LIMIT 1");
        assert_eq!(alone[0]["Account"], Value::Null);
        let task =
            &records("SELECT What.Name, What.Type, Who.Id FROM Task WHERE What.Type = 'Case' LIMIT 1")[0];
        assert_eq!(
            (&task["What"]["Type"], task["What"]["Name"].as_str().map(str::len)),
            (&json!("Case"), Some(8))
        );
    }

    #[test]
    fn groups_are_counted() {
        let rows = records(
            "SELECT Industry, COUNT(Id) total, MAX(AnnualRevenue) FROM Account GROUP BY Industry HAVING COUNT(Id) > 1 ORDER BY Industry",
        );
        assert!(
            rows.len() > 5 && rows[0]["total"].as_u64() > Some(1) && rows[0]["expr0"].is_number(),
            "{rows:?}"
        );
        assert_eq!(rows[0]["attributes"], json!({"type": "AggregateResult"}));
        assert_eq!(count("SELECT COUNT() FROM User WHERE IsActive = false"), 1);
        assert_eq!(records("SELECT COUNT() FROM User").len(), 0);
        assert_eq!(records("SELECT COUNT_DISTINCT(Legacy_Id__c) n FROM Contact")[0]["n"], 4000);
    }

    #[test]
    fn each_filter_divides_the_records() {
        let all = count("SELECT COUNT() FROM Invoice__c");
        for filter in [
            "Status__c = 'Paid'",
            "Status__c IN ('Paid', 'Sent')",
            "Name LIKE 'INV-000_1%'",
            "Amount__c >= 20000.5",
            "Paid__c = true",
            "Issued_On__c < 2025-12-01",
            "CreatedDate > 2025-06-01T00:00:00+02:00",
            "CreatedDate = LAST_N_YEARS:3",
            "Contact__c = null",
            "CALENDAR_MONTH(Issued_On__c) = 11",
            "Account__r.Industry = 'Energy'",
            "Account__c IN (SELECT Id FROM Account WHERE Active__c = true)",
            "(Status__c = 'Paid' OR Status__c = 'Draft') AND Currency__c != 'EUR'",
        ] {
            let (with, without) = (
                count(&format!("SELECT COUNT() FROM Invoice__c WHERE {filter}")),
                count(&format!("SELECT COUNT() FROM Invoice__c WHERE NOT ({filter})")),
            );
            assert_eq!(with + without, all, "{filter}");
        }
        let accounts = count("SELECT COUNT() FROM Account");
        let (with, without) = (
            count(
                "SELECT COUNT() FROM Account WHERE Segments__c INCLUDES ('Export', 'Enterprise;Mid-Market')",
            ),
            count(
                "SELECT COUNT() FROM Account WHERE Segments__c EXCLUDES ('Export', 'Enterprise;Mid-Market')",
            ),
        );
        assert!(with > 0 && with + without == accounts);
    }

    #[test]
    fn values_never_become_sql() {
        assert_eq!(count(r"SELECT COUNT() FROM Account WHERE Name = '\'; DROP TABLE Account; --'"), 0);
        assert_eq!(count(r"SELECT COUNT() FROM Account WHERE Name LIKE '%\%%'"), 0);
        assert!(count(r#"SELECT COUNT() FROM Account WHERE Name LIKE '%"Big Sky"%'"#) > 0);
    }

    #[test]
    fn fields_of_all_kinds() {
        let all = &records("SELECT FIELDS(ALL) FROM Account LIMIT 1")[0];
        assert!(
            all["BillingAddress"]["city"].is_string()
                && all["Active__c"].is_boolean()
                && all["ERP_Id__c"].is_string()
        );
        let custom = &records("SELECT FIELDS(CUSTOM), Name FROM Account LIMIT 1")[0];
        assert_eq!(custom.as_object().unwrap().len(), 6);
        assert_eq!(soql("SELECT FIELDS(ALL) FROM Account").code(), "MALFORMED_QUERY");
    }

    #[test]
    fn mistakes_are_named() {
        for (query, code, text) in [
            ("SELECT Foo FROM Account", "INVALID_FIELD", "No such column 'Foo' on entity 'Account'"),
            ("SELECT Id FROM Accounts", "INVALID_TYPE", "sObject type 'Accounts' is not supported"),
            ("SELECT Id, Foo.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Foo'"),
            ("SELECT Id, (SELECT Id FROM Kids) FROM Account", "INVALID_TYPE", "relationship 'Kids'"),
            ("SELECT Id FORM Account", "MALFORMED_QUERY", "ERROR at Row:1:Column:16"),
            (
                "SELECT Id FROM Account WHERE CreatedDate > '2026-01-01'",
                "INVALID_FIELD",
                "must be of type dateTime and should not be",
            ),
            (
                "SELECT Id FROM Account WHERE Name = 5",
                "INVALID_FIELD",
                "must be of type string and should be enclosed",
            ),
            (
                "SELECT Id FROM Account WHERE Id = 'abc'",
                "INVALID_QUERY_FILTER_OPERATOR",
                "invalid ID field: abc",
            ),
            (
                "SELECT Id FROM Account WHERE AnnualRevenue LIKE '1%'",
                "INVALID_QUERY_FILTER_OPERATOR",
                "invalid operator",
            ),
            ("SELECT Id FROM Account WHERE Description LIKE 'a%'", "INVALID_FIELD", "can not be filtered"),
            ("SELECT Id FROM Account ORDER BY Segments__c", "INVALID_FIELD", "can not be sorted"),
            (
                "SELECT Name, COUNT(Id) FROM Account",
                "MALFORMED_QUERY",
                "Field must be grouped or aggregated: Name",
            ),
            ("SELECT Id n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
            ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
            (
                "SELECT Id FROM Account OFFSET 2001",
                "NUMBER_OUTSIDE_VALID_RANGE",
                "Maximum SOQL offset allowed is 2000",
            ),
            (
                "SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)",
                "MALFORMED_QUERY",
                "must be an ID",
            ),
        ] {
            let answer = soql(query);
            assert_eq!(
                (answer.status.as_u16(), answer.code().as_str()),
                (400, code),
                "{query}: {}",
                answer.text
            );
            assert!(answer.json()[0]["message"].as_str().unwrap().contains(text), "{query}: {}", answer.text);
        }
        assert_eq!(get("query").code(), "MALFORMED_QUERY");
    }

    #[test]
    fn a_plan_is_explained() {
        let explain =
            |query: &str| get(&format!("query?{}", form(&[("explain", query)]))).json()["plans"][0].clone();
        let by_index = explain("SELECT Id FROM Contact WHERE AccountId = '001gK0000000001QAA'");
        assert_eq!(
            (&by_index["leadingOperationType"], &by_index["fields"]),
            (&json!("Index"), &json!(["AccountId"]))
        );
        assert_eq!(
            explain("SELECT Id FROM Contact WHERE Title = 'CFO'")["leadingOperationType"],
            "TableScan"
        );
    }

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_salad_of_words_breaks_the_translation(words in proptest::collection::vec(prop::sample::select(vec![
            "Id", "Name", ",", "Account", "WHERE", "(", ")", "=", "!=", "LIKE", "'a%'", "IN", "NOT", "AND", "OR", "5",
            "Owner.Name", "TODAY", "null", "GROUP BY", "COUNT(Id)", "MAX(Name)", "ORDER BY", "LIMIT", "What.Name", "FIELDS(ALL)",
            "(SELECT Id FROM Contacts)", "CALENDAR_YEAR(CreatedDate)", "Parent.Parent.Name", "HAVING", "BillingAddress", "INCLUDES",
        ]), 0..8), tail in proptest::collection::vec(prop::sample::select(vec![
            "WHERE", "Name", "=", "'x'", "IN", "(", ")", "Id", "ORDER BY", "LIMIT", "3", "GROUP BY", "NOT", "OR", "Industry", ",",
            "HAVING", "COUNT(Id)", ">", "OFFSET", "null", "SELECT AccountId FROM Contact",
        ]), 0..10)) {
            let answer = soql(&format!("SELECT {} FROM Account {}", words.join(" "), tail.join(" ")));
            // A 500 would be SQL that SQLite does not take.
            prop_assert!(answer.status == 200 || answer.status == 400, "{}", answer.text);
        }
    }
}

mod several_at_once {
    use super::*;

    fn post(path: &str, body: Value) -> Answer {
        call("POST", &format!("/services/data/v66.0/composite{path}"), &body)
    }

    fn part(method: &str, path: &str, id: &str, body: Value) -> Value {
        json!({"method": method, "url": format!("/services/data/v66.0/{path}"), "referenceId": id, "body": body})
    }

    #[test]
    fn a_composite_refers_to_what_went_before() {
        let answer = post(
            "",
            json!({"compositeRequest": [
                part("POST", "sobjects/Account", "a", json!({"Name": "Composite"})),
                part("POST", "sobjects/Contact", "c", json!({"LastName": "Part", "AccountId": "@{a.id}"})),
                part("GET", "query?q=SELECT LastName FROM Contact WHERE AccountId = '@{a.id}'", "q", Value::Null),
                part("GET", "sobjects/Account/@{nope.id}", "x", Value::Null),
            ]}),
        );
        let parts = &answer.json()["compositeResponse"];
        assert_eq!(parts[0]["httpStatusCode"], 201);
        assert!(parts[0]["httpHeaders"]["Location"].is_string());
        assert_eq!(parts[2]["body"]["records"][0]["LastName"], "Part");
        assert_eq!(parts[3]["body"][0]["errorCode"], "PROCESSING_HALTED");
    }

    #[test]
    fn all_or_none_leaves_nothing() {
        let name = "All Or None";
        let body = json!({"allOrNone": true, "compositeRequest": [
            part("POST", "sobjects/Account", "a", json!({"Name": name})),
            part("POST", "sobjects/Contact", "c", json!({})),
        ]});
        let parts = &post("", body).json()["compositeResponse"];
        assert_eq!(parts[0]["body"][0]["errorCode"], "PROCESSING_HALTED");
        assert_eq!(parts[1]["body"][0]["errorCode"], "REQUIRED_FIELD_MISSING");
        let records = json!({"allOrNone": true, "records": [
            {"attributes": {"type": "Account"}, "Name": name},
            {"attributes": {"type": "Contact"}},
        ]});
        let results = post("/sobjects", records).json();
        assert_eq!(results[0]["errors"][0]["statusCode"], "ALL_OR_NONE_OPERATION_ROLLED_BACK");
        let tree = json!({"records": [{
            "attributes": {"type": "Account", "referenceId": "r1"}, "Name": name,
            "Contacts": {"records": [{"attributes": {"type": "Contact", "referenceId": "r2"}}]},
        }]});
        let answer = post("/tree/Account", tree);
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["results"][0]["referenceId"]),
            (400, &json!("r2"))
        );
        assert_eq!(
            soql(&format!("SELECT COUNT() FROM Account WHERE Name = '{name}'")).json()["totalSize"],
            0
        );
    }

    #[test]
    fn a_graph_holds_or_fails_as_a_whole() {
        let graph = |id: &str, body: Value| json!({"graphId": id, "compositeRequest": [part("POST", "sobjects/Account", "a", body)]});
        let answer = post(
            "/graph",
            json!({"graphs": [graph("g1", json!({"Name": "Graph"})), graph("g2", json!({}))]}),
        );
        let graphs = &answer.json()["graphs"];
        assert_eq!((&graphs[0]["isSuccessful"], &graphs[1]["isSuccessful"]), (&json!(true), &json!(false)));
    }

    #[test]
    fn a_batch_may_halt() {
        let requests = json!([{"method": "GET", "url": "v66.0/limits"}, {"method": "GET", "url": "v66.0/nope"}, {"method": "GET", "url": "v66.0/limits"}]);
        let answer = post("/batch", json!({"haltOnError": true, "batchRequests": requests})).json();
        let codes: Vec<u64> = answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["statusCode"].as_u64().unwrap())
            .collect();
        assert_eq!((codes, &answer["hasErrors"]), (vec![200, 404, 412], &json!(true)));
    }

    #[test]
    fn collections_answer_record_by_record() {
        let made = post(
            "/sobjects",
            json!({"records": [
                {"attributes": {"type": "Account"}, "Name": "One"},
                {"attributes": {"type": "Account"}},
                {"attributes": {"type": "Nope"}, "Name": "x"},
            ]}),
        );
        let results = made.json();
        assert_eq!((made.status.as_u16(), &results[0]["success"]), (200, &json!(true)));
        assert_eq!(results[1]["errors"][0]["statusCode"], "REQUIRED_FIELD_MISSING");
        assert_eq!(results[2]["errors"][0]["statusCode"], "INVALID_TYPE");
        let id = results[0]["id"].as_str().unwrap();
        let patch = json!({"records": [{"attributes": {"type": "Account"}, "id": id, "Name": "Two"}]});
        assert_eq!(
            call("PATCH", "/services/data/v66.0/composite/sobjects", &patch).json()[0]["success"],
            true
        );
        let read =
            post("/sobjects/Account", json!({"ids": [id, "001gK0zzzzzzzzz"], "fields": ["Name"]})).json();
        assert_eq!((&read[0]["Name"], &read[1]), (&json!("Two"), &Value::Null));
        let upsert = json!({"records": [{"attributes": {"type": "Account"}, "ERP_Id__c": "ERP-888001", "Name": "Up"}]});
        let path = "/services/data/v66.0/composite/sobjects/Account/ERP_Id__c";
        assert_eq!(call("PATCH", path, &upsert).json()[0]["created"], true);
        assert_eq!(call("PATCH", path, &upsert).json()[0]["created"], false);
        let gone = call(
            "DELETE",
            &format!("/services/data/v66.0/composite/sobjects?ids={id},001gK0zzzzzzzzz"),
            &Value::Null,
        )
        .json();
        assert_eq!(
            (&gone[0]["success"], &gone[1]["errors"][0]["statusCode"]),
            (&json!(true), &json!("INVALID_CROSS_REFERENCE_KEY"))
        );
        let many: Vec<Value> =
            (0..201).map(|_| json!({"attributes": {"type": "Account"}, "Name": "x"})).collect();
        assert_eq!(post("/sobjects", json!({"records": many})).code(), "EXCEEDED_ID_LIMIT");
    }
}

mod over_the_wire {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::super::{Demo, Options, start};

    /// Sends one request and reads until the server closes.
    fn exchange(base: &str, line: &str, header: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).unwrap();
        write!(stream, "{line} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n{header}\r\n").unwrap();
        let mut answer = Vec::new();
        // A cut answer ends in an error; what came before counts.
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    fn text(base: &str, line: &str) -> String {
        String::from_utf8_lossy(&exchange(base, line, "")).into_owned()
    }

    fn demo() -> Demo {
        start(Options::default()).unwrap()
    }

    #[test]
    fn each_host_answers_and_stops_when_dropped() {
        let demo = demo();
        let hosts =
            [demo.login_url(), demo.test_url(), demo.production_url(), demo.sandbox_url()].map(str::to_owned);
        for host in &hosts {
            assert!(text(host, "GET /services/data").contains("\"version\":\"66.0\""), "{host}");
        }
        drop(demo);
        for host in &hosts {
            assert!(TcpStream::connect(host.strip_prefix("http://").unwrap()).is_err(), "{host}");
        }
    }

    #[test]
    fn the_profiles_config_names_this_run() {
        let demo = demo();
        let config: toml::Table = demo.config_toml().parse().unwrap();
        let profiles = config["profiles"].as_table().unwrap();
        let field = |profile: &str, name: &str| profiles[profile][name].as_str().unwrap().to_owned();
        assert_eq!(field("demo-production", "login_url"), demo.login_url());
        let token = field("demo-pasted-token", "access_token");
        let header = format!("Authorization: Bearer {token}\r\n");
        let answer = exchange(
            demo.sandbox_url(),
            "GET /services/data/v66.0/query?q=SELECT+COUNT()+FROM+Account",
            &header,
        );
        assert!(String::from_utf8_lossy(&answer).contains("\"totalSize\":500,"));
        assert!(!demo.config_toml().contains("\"{"), "a place was not filled in");
        assert_eq!(demo.summary()["orgs"][1]["access_token"], token);
    }

    #[test]
    fn long_answers_are_packed_on_request() {
        let demo = demo();
        let answer = exchange(demo.login_url(), "GET /services/data", "Accept-Encoding: gzip\r\n");
        let split = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        assert!(String::from_utf8_lossy(&answer[..split]).contains("content-encoding: gzip"));
        let mut body = String::new();
        flate2::read::GzDecoder::new(&answer[split + 4..]).read_to_string(&mut body).unwrap();
        assert!(body.starts_with("[{\"label\""));
    }

    #[test]
    fn misbehaviour_is_served() {
        let demo = demo();
        let base = demo.production_url();
        let cut = text(base, "GET /demo/cut");
        assert!(cut.contains("content-length: 1000") && cut.ends_with("\"records\":["), "{cut}");
        assert!(text(base, "GET /demo/deep?levels=3").ends_with("[[[]]]"));
        assert!(text(base, "GET /demo/status/418").starts_with("HTTP/1.1 418"));
        assert!(
            text(base, "GET /demo/redirect?to=http://elsewhere.example/")
                .contains("location: http://elsewhere.example/")
        );
        let escape = exchange(base, "GET /demo/escape", "");
        assert!(escape.contains(&0x1b) && escape.contains(&0) && String::from_utf8(escape).is_err());
        let big = text(base, "GET /demo/big?megabytes=1");
        assert!(big.len() > 1_000_000 && big.contains("\"totalSize\":"));
        assert!(text(base, "GET /demo/nothing").contains("NOT_FOUND"));
        assert!(text(base, "POST /demo/expire-session").starts_with("HTTP/1.1 401"));
    }
}
