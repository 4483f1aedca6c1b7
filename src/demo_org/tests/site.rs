//! The Experience Cloud site: its members, and logging in without a browser.

use super::authorizing::{grant, text, works};
use super::browser::{Browser, parameters};
use super::*;

const PARTNER: &str = "partner@agentur.example";
const PASSWORD: &str = "Vitrine-du-Port-7";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const ECHO: &str = "http://production.demo/partners/services/oauth2/echo";

fn basic(username: &str, password: &str) -> String {
    use base64::Engine;
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
    format!("Basic {pair}")
}

fn headless(world: &World, place: (Door, &str), headers: &[(&str, &str)], more: &[(&str, &str)]) -> Answer {
    let key = &app(&world.orgs[0].spec, "Partner Portal").consumer_key;
    let mut pairs = vec![
        ("response_type", "code_credentials"),
        ("client_id", key.as_str()),
        ("redirect_uri", ECHO),
        ("code_challenge", CHALLENGE),
        ("state", "s"),
    ];
    for (name, value) in more {
        pairs.retain(|(key, _)| key != name);
        pairs.push((name, value));
    }
    let headers = [&[FORM], headers].concat();
    let (door, prefix) = place;
    ask_of(world, door, "POST", &format!("{prefix}/services/oauth2/authorize"), &headers, &form(&pairs))
}

#[test]
fn a_member_logs_in_without_a_browser() {
    let world = world();
    let portal = app(&world.orgs[0].spec, "Partner Portal");
    let site = (Door::Production, "/partners");
    let authorization = basic(PARTNER, PASSWORD);
    let headers = [("auth-request-type", "Named-User"), ("authorization", authorization.as_str())];
    let answer = headless(&world, site, &headers, &[]);
    let address = answer.header("location").unwrap_or_else(|| panic!("{}", answer.text)).to_owned();
    let said = parameters(&address);
    assert_eq!((said["state"].as_str(), said["sfdc_community_id"].as_str()), ("s", "0DB7Q000000Part"));
    let echoed = ask_of(
        &world,
        Door::Production,
        "GET",
        address.strip_prefix("http://production.demo").unwrap(),
        &[],
        "",
    );
    assert_eq!(echoed.json()["code"], said["code"]);
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", said["code"].as_str()),
        ("client_id", &portal.consumer_key),
        ("redirect_uri", ECHO),
        ("code_verifier", VERIFIER),
    ];
    let path = "/partners/services/oauth2/token";
    let answer = ask_of(&world, Door::Production, "POST", path, &[FORM], &form(&pairs));
    assert!(works(&world, Door::Production, &text(&answer, "access_token")));
    assert_eq!(text(&answer, "sfdc_community_url"), "http://production.demo/partners");
    assert!(text(&answer, "id").starts_with("http://production.demo/partners/id/00D7Q000001NordUAC/"));
    // The credentials may stand in the form as well.
    let in_form = [("username", PARTNER), ("password", PASSWORD)];
    assert!(headless(&world, site, &headers[..1], &in_form).header("location").is_some());
}

#[test]
fn only_the_site_and_only_its_members() {
    let world = world();
    let site = (Door::Production, "/partners");
    let (good, wrong) = (basic(PARTNER, PASSWORD), basic(PARTNER, "wrong"));
    let employee = basic("ada@nordlicht.example", "Fjord-2026+lantern");
    let named = ("auth-request-type", "Named-User");
    let unsupported = (400, "unsupported_response_type".to_owned(), "response type not supported".to_owned());
    let request = |text: &str| (400, "invalid_request".to_owned(), text.to_owned());
    for (place, headers, more, expected) in [
        ((Door::Production, ""), vec![named, ("authorization", good.as_str())], vec![], unsupported.clone()),
        ((Door::Login, ""), vec![named, ("authorization", good.as_str())], vec![], unsupported),
        (site, vec![named, ("authorization", wrong.as_str())], vec![], grant("authentication failure")),
        (site, vec![named, ("authorization", employee.as_str())], vec![], grant("authentication failure")),
        (site, vec![("authorization", good.as_str())], vec![], request("invalid Auth-Request-Type header")),
        (
            site,
            vec![named],
            vec![],
            (400, "invalid_basic_auth_header".to_owned(), "invalid basic auth header".to_owned()),
        ),
        (
            site,
            vec![named, ("authorization", good.as_str())],
            vec![("code_challenge", "x")],
            request("invalid code challenge"),
        ),
    ] {
        assert_eq!(refused(&headless(&world, place, &headers, &more)), expected);
    }
}

#[test]
fn a_member_logs_in_at_the_site_by_browser_too() {
    let world = world();
    let portal = app(&world.orgs[0].spec, "Partner Portal");
    let query = form(&[
        ("response_type", "code"),
        ("client_id", &portal.consumer_key),
        ("redirect_uri", "http://localhost:1717/OauthRedirect"),
        ("code_challenge", CHALLENGE),
        ("prompt", "consent"),
    ]);
    let mut browser = Browser::at(&world, Door::Production);
    let page = browser.get(&format!("/partners/services/oauth2/authorize/brand?{query}"));
    assert!(page.text.contains("action=\"/partners/\""), "{}", page.text);
    let employee = browser.log_in(&page, "ada@nordlicht.example");
    assert!(employee.text.contains("id=\"error\""));
    let page = browser.log_in(&page, PARTNER);
    let back = browser.allow(&page);
    assert!(parameters(back.header("location").unwrap()).contains_key("sfdc_community_url"));
    let home = browser.get("/partners/home/home.jsp");
    assert!(home.text.contains(PARTNER) && home.text.contains("/partners/secur/logout.jsp"));
    assert!(browser.get("/home/home.jsp").text.contains("id=\"Login\""), "the My Domain is another host");
}

#[test]
fn assertions_and_exchanges_name_the_site() {
    let world = world();
    let portal = app(&world.orgs[0].spec, "Partner Portal");
    let pem = include_str!("../../../assets/demo/keys/build-server-key.pem");
    let key = crate::demo_org::keys::PrivateKey::of_pem(pem).unwrap();
    let vouch = |audience: &str| {
        let claims = json!({
            "iss": portal.consumer_key, "sub": PARTNER, "aud": audience, "exp": world.clock.now().0 / 1000 + 60,
        });
        let assertion = crate::demo_org::jwt::sign(&key, "1", &claims);
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        let body = form(&[("grant_type", grant), ("assertion", &assertion)]);
        ask_of(&world, Door::Production, "POST", "/partners/services/oauth2/token", &[FORM], &body)
    };
    assert_eq!(vouch("http://production.demo/partners").status, 200);
    assert_eq!(refused(&vouch("https://login.salesforce.com")), grant("audience is invalid"));
    let exchange = |token: &str| {
        let body = form(&[
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("client_id", &portal.consumer_key),
            ("subject_token", token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ]);
        ask_of(&world, Door::Production, "POST", "/partners/services/oauth2/token", &[FORM], &body)
    };
    assert_eq!(exchange("shop-token-of-partner-5Lc1YmD4").status, 200);
    assert_eq!(refused(&exchange("shop-token-of-ada-9Gf6HsP2")), grant("user hasn't approved this consumer"));
}
