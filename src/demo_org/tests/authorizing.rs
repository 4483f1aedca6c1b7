//! The browser flows: who is asked what, what the app gets, how codes and refresh tokens end.

use super::browser::{Browser, parameters};
use super::*;

const ADA: &str = "ada@nordlicht.example";
const KENJI: &str = "kenji@nordlicht.example";
const CALLBACK: &str = "http://localhost:1717/OauthRedirect";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(super) fn authorize(app: &AppSpec, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", app.consumer_key.as_str()),
        ("redirect_uri", CALLBACK),
        ("state", "a b&c"),
    ];
    if app.requires_pkce {
        pairs.push(("code_challenge", CHALLENGE));
    }
    for (name, value) in more {
        pairs.retain(|(key, _)| key != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    format!("/services/oauth2/authorize?{}", form(&pairs))
}

/// Exchanges a code as the app does; an empty value leaves a parameter out.
pub(super) fn exchange(
    world: &World,
    door: Door,
    app: &AppSpec,
    code: &str,
    more: &[(&str, &str)],
) -> Answer {
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("client_id", &app.consumer_key),
        ("redirect_uri", CALLBACK),
    ];
    pairs.push(if app.requires_pkce {
        ("code_verifier", VERIFIER)
    } else {
        ("client_secret", &app.consumer_secret)
    });
    for (name, value) in more {
        pairs.retain(|(key, _)| key != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    oauth_of(world, door, "token", &pairs)
}

pub(super) fn refresh(world: &World, door: Door, app: &AppSpec, token: &str) -> Answer {
    let secret = if app.secret_for_refresh { app.consumer_secret.as_str() } else { "" };
    oauth_of(
        world,
        door,
        "token",
        &[
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &app.consumer_key),
            ("client_secret", secret),
        ],
    )
}

pub(super) fn code_of(address: &str) -> String {
    parameters(address).remove("code").unwrap_or_else(|| panic!("no code: {address}"))
}

pub(super) fn text(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_else(|| panic!("no {name}: {}", answer.text)).to_owned()
}

pub(super) fn works(world: &World, door: Door, token: &str) -> bool {
    let bearer = format!("Bearer {token}");
    ask_of(world, door, "GET", "/services/data/v66.0/limits", &[("authorization", &bearer)], "").status == 200
}

pub(super) fn grant(description: &str) -> (u16, String, String) {
    (400, "invalid_grant".to_owned(), description.to_owned())
}

#[test]
fn a_person_logs_in_and_allows() {
    let world = world();
    let app = app(&world.orgs[0].spec, "Browser Login");
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get(&authorize(app, &[("login_hint", ADA)]));
    for part in
        ["id=\"username\"", "id=\"password\"", "id=\"Login\"", &format!("value=\"{ADA}\""), "mydomainLink"]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let wrong = browser.submit(&page, &[("username", ADA), ("pw", "wrong")]);
    assert!(wrong.text.contains("Please check your username and password."), "{}", wrong.text);
    let page = browser.log_in(&wrong, ADA);
    for part in
        ["Browser Login", "Manage user data via APIs", "Perform requests at any time", "id=\"oadeny\""]
    {
        assert!(page.text.contains(part), "{part}: {}", page.text);
    }
    let back = browser.allow(&page);
    let address = back.header("location").unwrap();
    assert!(address.starts_with(&format!("{CALLBACK}?code=aPrx")), "{address}");
    assert!(address.contains("%3D%3D&state=a+b%26c"), "{address}");
    let answer = exchange(&world, Door::Login, app, &code_of(address), &[]);
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(text(&answer, "scope"), "api id openid web refresh_token");
    assert!(text(&answer, "refresh_token").starts_with("5Aep"));
    assert!(works(&world, Door::Production, &text(&answer, "access_token")));
    // The page that has been answered is no second answer.
    assert_eq!(browser.allow(&page).status, 400);
}

#[test]
fn a_browser_with_a_session_passes_through_unless_asked_to_log_in() {
    let world = world();
    let app = app(&world.orgs[0].spec, "Browser Login");
    let mut browser = Browser::at(&world, Door::Login);
    browser.authorizes(&authorize(app, &[]), KENJI);
    // Whoever is meant: the session that is there answers, and nobody is asked.
    let straight = browser.get(&authorize(app, &[("login_hint", ADA)]));
    let code = code_of(straight.header("location").unwrap());
    let id = text(&exchange(&world, Door::Login, app, &code, &[]), "id");
    assert!(id.ends_with(&world.orgs[0].spec.user(KENJI).unwrap().1), "{id}");
    // With prompt=login the page comes, and what is allowed is for who logs in there.
    let page = browser.get(&authorize(app, &[("prompt", "login"), ("login_hint", ADA)]));
    let page = browser.log_in(&page, ADA);
    let back = browser.allow(&page);
    let code = code_of(back.header("location").unwrap());
    let id = text(&exchange(&world, Door::Login, app, &code, &[]), "id");
    assert!(id.ends_with(&world.orgs[0].spec.user(ADA).unwrap().1), "{id}");
    // The session of one host is none on another.
    let elsewhere = browser.goes_to(Door::Test).get(&authorize(app, &[]));
    assert!(elsewhere.text.contains("id=\"Login\""));
    browser.goes_to(Door::Login);
    let asked = browser.get(&authorize(app, &[("prompt", "consent")]));
    assert!(asked.text.contains("oaapprove") && asked.text.contains(ADA));
    let chosen = browser.get(&authorize(app, &[("prompt", "select_account")]));
    assert!(chosen.text.contains("id=\"current\""), "{}", chosen.text);
    let back = browser.submit(&chosen, &[("select", "current")]);
    assert!(back.header("location").unwrap().contains("code="));
    // "Log In with a Different Username" forgets the session.
    let other = chosen.text.split("id=\"different\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = browser.get(&other.replace("&amp;", "&"));
    assert!(page.text.contains("id=\"Login\""));
}

#[test]
fn what_a_person_refuses_is_told_to_the_app() {
    let world = world();
    let app = app(&world.orgs[0].spec, "Browser Login");
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get(&authorize(app, &[]));
    let page = browser.log_in(&page, ADA);
    let back = browser.deny(&page);
    assert_eq!(
        back.header("location").unwrap(),
        format!(
            "{CALLBACK}?error=access_denied&error_description=end-user+denied+authorization&state=a+b%26c"
        )
    );
}

#[test]
fn a_form_from_elsewhere_does_nothing() {
    let world = world();
    let app = app(&world.orgs[0].spec, "Browser Login");
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get(&authorize(app, &[]));
    let approval = browser.log_in(&page, ADA);
    let forged = |page: &Answer| {
        let start = page.text.find("name=\"csrf\" value=\"").unwrap() + 19;
        let mut text = page.text.clone();
        text.replace_range(start..start + 32, &"x".repeat(32));
        Answer { status: page.status, headers: Vec::new(), mime: page.mime, text }
    };
    assert_eq!(browser.allow(&forged(&approval)).status, 403);
    let mut other = Browser::at(&world, Door::Login);
    let login = other.get("/");
    let again = other.log_in(&forged(&login), ADA);
    assert!(again.text.contains("open for too long") && again.text.contains("id=\"Login\""));
}

#[test]
fn a_login_page_shows_what_it_is_given_as_text() {
    let world = world();
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get("/?startURL=%2Fx%3F%22%3E%3Cscript%3E&un=%22%3E%3Cscript%3E");
    assert!(!page.text.contains("<script>"), "{}", page.text);
    let error =
        browser.get("/setup/secur/RemoteAccessErrorPage.apexp?error=%3Cscript%3E&error_description=%3Cb%3E");
    assert!(!error.text.contains("<script>") && !error.text.contains("<b>"), "{}", error.text);
}

#[test]
fn users_who_may_not_log_in_stay_on_the_login_page() {
    let world = world();
    let app = app(&world.orgs[0].spec, "Browser Login");
    for (username, status) in [
        ("retired@nordlicht.example", "User is frozen/inactive"),
        ("locked@nordlicht.example", "Password lockout"),
        ("remote@nordlicht.example", "Restricted IP"),
        ("expired@nordlicht.example", "Password expired"),
    ] {
        let mut browser = Browser::at(&world, Door::Login);
        let page = browser.get(&authorize(app, &[]));
        assert!(browser.log_in(&page, username).text.contains("id=\"error\""), "{username}");
        let data = world.orgs[0].data().unwrap();
        let found: i64 = data
            .store
            .db()
            .query_row(
                "SELECT COUNT(*) FROM LoginHistory WHERE Status = ?1 AND LoginType = 'Application'",
                [status],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(found, 1, "{username}");
    }
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get("/");
    let wrong_place =
        browser.submit(&page, &[("username", "partner@agentur.example"), ("pw", "Vitrine-du-Port-7")]);
    assert!(wrong_place.text.contains("id=\"error\""));
}

#[test]
fn a_custom_domain_leads_to_the_orgs_own_login_page() {
    let world = world();
    let app = app(&world.orgs[0].spec, "Browser Login");
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get(&authorize(app, &[]));
    let link = page.text.split("id=\"mydomainLink\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = browser.get(&link.replace("&amp;", "&"));
    let unknown = browser.submit(&page, &[("mydomain", "elsewhere")]);
    assert!(unknown.text.contains("find that domain"));
    let there = browser.submit(&page, &[("mydomain", "Nordlicht")]);
    let address =
        there.header("location").unwrap().strip_prefix("http://production.demo").unwrap().to_owned();
    let page = browser.goes_to(Door::Production).get(&address);
    assert!(!page.text.contains("mydomainLink"));
    let approval = browser.log_in(&page, ADA);
    let back = browser.allow(&approval);
    let code = code_of(back.header("location").unwrap());
    assert_eq!(exchange(&world, Door::Login, app, &code, &[]).status, 200);
}

#[test]
fn what_cannot_go_back_to_the_app_is_shown_to_the_person() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let login = app(spec, "Browser Login");
    let mut browser = Browser::at(&world, Door::Login);
    for (more, said) in [
        (
            ("client_id", "3MVG9unknown"),
            "error=invalid_client_id&amp;error_description=client%20identifier%20invalid",
        ),
        (("redirect_uri", ""), "error=redirect_uri_missing&amp;"),
        (
            ("redirect_uri", "http://localhost:1717/OauthRedirect/"),
            "error=redirect_uri_mismatch&amp;error_description=redirect_uri%20must%20match%20configuration",
        ),
        (("redirect_uri", "http://127.0.0.1:1717/OauthRedirect"), "redirect_uri_mismatch"),
        (("redirect_uri", "https://localhost:1717/OauthRedirect"), "redirect_uri_mismatch"),
        (("redirect_uri", "http://localhost:1717@evil.example/OauthRedirect"), "redirect_uri_mismatch"),
        (("redirect_uri", "http://localhost:99999/OauthRedirect"), "redirect_uri_mismatch"),
    ] {
        let page = browser.get(&authorize(login, &[more]));
        assert_eq!(page.status, 400, "{more:?}");
        assert!(page.text.contains(said), "{more:?}: {}", page.text);
    }
    for (name, said) in [
        (
            "Never Installed",
            "error=invalid_client&amp;error_description=app%20must%20be%20installed%20into%20org",
        ),
        ("Blocked App", "OAUTH_APP_BLOCKED"),
    ] {
        let mut browser = Browser::at(&world, Door::Login);
        let page = browser.get(&authorize(app(spec, name), &[]));
        let page = browser.log_in(&page, ADA);
        assert!(page.text.contains(said), "{name}: {}", page.text);
    }
    let page = browser.get(&authorize(app(spec, "Never Installed"), &[]));
    assert!(browser.log_in(&page, KENJI).text.contains("oaapprove"), "kenji may approve it");
}

#[test]
fn what_is_wrong_with_a_request_goes_back_to_the_app() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let [login, implicit] = ["Browser Login", "Implicit Viewer"].map(|name| app(spec, name));
    let mut browser = Browser::at(&world, Door::Login);
    for (app, more, error, description) in [
        (login, ("code_challenge", ""), "invalid_request", "missing required code challenge"),
        (login, ("code_challenge", "short"), "invalid_request", "invalid code challenge"),
        (login, ("code_challenge_method", "plain"), "invalid_request", "invalid code challenge method"),
        (login, ("scope", "api full"), "invalid_scope", "the requested scope is not allowed"),
        (login, ("scope", "api,id"), "invalid_scope", "the requested scope is not allowed"),
        (login, ("response_type", "token"), "unsupported_response_type", "response type not supported"),
        (login, ("response_type", ""), "unsupported_response_type", "response type not supported"),
        (implicit, ("response_type", "code"), "unsupported_response_type", "response type not supported"),
        (login, ("immediate", "true"), "immediate_unsuccessful", "immediate unsuccessful"),
    ] {
        let back = browser.get(&authorize(app, &[more]));
        let said = parameters(back.header("location").unwrap());
        assert_eq!(
            (said["error"].as_str(), said["error_description"].as_str()),
            (error, description),
            "{more:?}"
        );
        assert_eq!(said["state"], "a b&c");
    }
    // Policies are asked when it is known who it is.
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get(&authorize(app(spec, "Finance Reports"), &[]));
    let back = browser.log_in(&page, KENJI);
    let said = parameters(back.header("location").unwrap());
    assert_eq!(said["error_description"], "user is not admin approved to access this app");
    let back = browser.get(&authorize(app(spec, "Finance Reports"), &[("prompt", "login")]));
    let back = browser.log_in(&back, ADA);
    assert!(back.header("location").unwrap().contains("code="), "who was approved is not asked");
}

#[test]
fn a_code_is_good_once_for_its_app_its_callback_and_its_verifier() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let [login, secret] = ["Browser Login", "Browser Login with Secret"].map(|name| app(spec, name));
    let mut browser = Browser::at(&world, Door::Login);
    browser.authorizes(&authorize(login, &[]), ADA);
    browser.authorizes(&authorize(secret, &[("prompt", "login")]), ADA);
    let mut code =
        |app, more: &[(&str, &str)]| code_of(browser.get(&authorize(app, more)).header("location").unwrap());
    let wrong_verifier = VERIFIER.replace('d', "e");
    for (app, told, expected) in [
        (login, ("code_verifier", ""), grant("missing code verifier")),
        (login, ("code_verifier", wrong_verifier.as_str()), grant("invalid code verifier")),
        (secret, ("code_verifier", VERIFIER), grant("unexpected code verifier")),
        (
            secret,
            ("client_secret", ""),
            (400, "invalid_client".to_owned(), "invalid client credentials".to_owned()),
        ),
        (
            login,
            ("client_secret", "0000"),
            (400, "invalid_client".to_owned(), "invalid client credentials".to_owned()),
        ),
        (
            login,
            ("redirect_uri", "http://localhost:1718/OauthRedirect"),
            (400, "redirect_uri_mismatch".to_owned(), "redirect_uri must match configuration".to_owned()),
        ),
        (
            login,
            ("redirect_uri", ""),
            (400, "redirect_uri_missing".to_owned(), "redirect_uri not provided".to_owned()),
        ),
        (
            login,
            ("client_id", secret.consumer_key.as_str()),
            (400, "invalid_client".to_owned(), "invalid client credentials".to_owned()),
        ),
    ] {
        let code = code(app, &[]);
        assert_eq!(refused(&exchange(&world, Door::Login, app, &code, &[told])), expected, "{told:?}");
    }
    // With a challenge of its own choice, and the port of its own choice.
    let callback = ("redirect_uri", "http://localhost:40123/OauthRedirect");
    let one = code(secret, &[("code_challenge", CHALLENGE), callback]);
    let whole = exchange(&world, Door::Production, secret, &one, &[("code_verifier", VERIFIER), callback]);
    assert_eq!(text(&whole, "scope"), "full refresh_token");
    let again = exchange(&world, Door::Production, secret, &one, &[("code_verifier", VERIFIER), callback]);
    assert_eq!(refused(&again), grant("expired authorization code"));
    // Mangled, of another app, of another org, too old.
    let encoded = code(login, &[]).replace('=', "%3D");
    for (door, app, code) in [
        (Door::Login, login, encoded),
        (Door::Login, login, code(login, &[]).trim_end_matches('=').to_owned()),
        (Door::Login, secret, code(login, &[])),
        (Door::Test, login, code(login, &[])),
    ] {
        assert_eq!(refused(&exchange(&world, door, app, &code, &[])), grant("invalid authorization code"));
    }
    let old = code(login, &[]);
    world.clock.advance(16 * 60 * 1000);
    assert_eq!(
        refused(&exchange(&world, Door::Login, login, &old, &[])),
        grant("expired authorization code")
    );
}

#[test]
fn the_user_agent_flow_gives_the_tokens_behind_the_mark() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let implicit = app(spec, "Implicit Viewer");
    let wanted = [("response_type", "token id_token"), ("nonce", "n-1")];
    let address = Browser::at(&world, Door::Login).authorizes(&authorize(implicit, &wanted), ADA);
    assert!(address.starts_with(&format!("{CALLBACK}#access_token=00D7Q000001Nord%21")), "{address}");
    let said = parameters(&address);
    for name in
        ["refresh_token", "instance_url", "id", "issued_at", "signature", "scope", "token_type", "state"]
    {
        assert!(said.contains_key(name), "{name}: {address}");
    }
    assert!(works(&world, Door::Production, &said["access_token"]));
    let claims = crate::demo_org::jwt::Jwt::read(&said["id_token"]).unwrap();
    assert_eq!((claims.text("nonce"), claims.text("sub")), (Some("n-1"), Some(said["id"].as_str())));
    let denied = {
        let mut browser = Browser::at(&world, Door::Login);
        let page = browser.get(&authorize(implicit, &[("response_type", "token"), ("prompt", "consent")]));
        let page = browser.log_in(&page, ADA);
        browser.deny(&page).header("location").unwrap().to_owned()
    };
    assert!(denied.starts_with(&format!("{CALLBACK}#error=access_denied&")), "{denied}");
    // The sandbox blocks the flow.
    let blocked = app(&world.orgs[1].spec, "Implicit Viewer");
    let back = Browser::at(&world, Door::Test).get(&authorize(blocked, &[("response_type", "token")]));
    assert_eq!(parameters(back.header("location").unwrap())["error"], "unsupported_response_type");
}

#[test]
fn an_id_token_is_signed_with_the_key_that_is_published() {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let world = world();
    let login = app(&world.orgs[0].spec, "Browser Login");
    let code =
        code_of(&Browser::at(&world, Door::Login).authorizes(&authorize(login, &[("nonce", "7")]), ADA));
    let token = text(&exchange(&world, Door::Login, login, &code, &[]), "id_token");
    let about = ask_of(&world, Door::Login, "GET", "/.well-known/openid-configuration", &[], "").json();
    assert_eq!(about["token_endpoint"], "http://login.demo/services/oauth2/token");
    let path = about["jwks_uri"].as_str().unwrap().strip_prefix("http://login.demo").unwrap().to_owned();
    let key = ask_of(&world, Door::Login, "GET", &path, &[], "").json()["keys"][0].clone();
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let components = aws_lc_rs::rsa::PublicKeyComponents { n: number("n"), e: number("e") };
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let algorithm = &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
    assert!(components.verify(algorithm, signed.as_bytes(), &signature).is_ok());
    let claims = crate::demo_org::jwt::Jwt::read(&token).unwrap();
    assert_eq!(claims.audiences(), [login.consumer_key.as_str()]);
    assert_eq!((claims.text("iss"), claims.text("nonce")), (Some("http://login.demo"), Some("7")));
}
