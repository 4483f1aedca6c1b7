//! Tokens: who gets one, who does not and with which words.

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
    assert_eq!(password(Door::Production, good, "kenji@nordlicht.example", "Harbour&Crane=7%").status, 200);
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
        (client_credentials(Door::Production, app(org, "Half Set Up")), "no client credentials user enabled"),
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
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("authorization", &format!("Basic {basic}"))];
    let answer =
        ask(Door::Production, "POST", "/services/oauth2/token", &headers, "grant_type=client_credentials");
    assert_eq!(answer.status, StatusCode::OK);
}

#[test]
fn token_answers_come_in_three_formats() {
    let xml = oauth(Door::Login, "token", &[("grant_type", "x"), ("format", "xml")]);
    assert!(xml.text.contains("<error>unsupported_grant_type</error>"), "{}", xml.text);
    let form = oauth(Door::Login, "token", &[("grant_type", "x"), ("format", "urlencoded")]);
    assert_eq!(form.text, "error=unsupported_grant_type&error_description=grant+type+not+supported");
    assert_eq!(ask(Door::Login, "GET", "/services/oauth2/token", &[], "").json()["error"], "invalid_request");
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
    assert!(again.status == 400 && again.text.starts_with("error=unsupported_token_type"), "{}", again.text);
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
    let session_id = good.text.split("<sessionId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let logout = |session_id: &str| {
        let envelope = format!(
            "<Envelope><Header><SessionHeader><sessionId>{session_id}</sessionId></SessionHeader></Header><Body><logout/></Body></Envelope>"
        );
        ask(Door::Production, "POST", "/services/Soap/u/64.0", &headers, &envelope)
    };
    assert_eq!(logout(&session_id).status, 200);
    assert!(logout(&session_id).text.contains("sf:INVALID_SESSION_ID"));
    for (answer, code) in [
        (login("64.0", "Fjord-2026+lantern"), "LOGIN_MUST_USE_SECURITY_TOKEN"),
        (login("64.0", "no"), "INVALID_LOGIN"),
        (login("65.0", "no"), "UNSUPPORTED_API_VERSION"),
    ] {
        assert_eq!(answer.status, 500);
        assert!(answer.text.contains(&format!("<faultcode>sf:{code}</faultcode>")), "{}", answer.text);
    }
}
