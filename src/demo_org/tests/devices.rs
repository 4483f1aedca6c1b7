//! The device flow: the device asks, a person types its code into a browser.

use super::authorizing::{grant, refresh, text, works};
use super::browser::Browser;
use super::*;

const ADA: &str = "ada@nordlicht.example";

fn begin(world: &World, app: &AppSpec) -> Answer {
    let pairs =
        [("response_type", "device_code"), ("client_id", &app.consumer_key), ("scope", "api refresh_token")];
    oauth_of(world, Door::Login, "token", &pairs)
}

fn poll(world: &World, app: &AppSpec, code: &str) -> Answer {
    let pairs = [("grant_type", "device"), ("client_id", &app.consumer_key), ("code", code)];
    oauth_of(world, Door::Login, "token", &pairs)
}

fn type_code(browser: &mut Browser<'_>, code: &str) -> Answer {
    let page = browser.get("/setup/connect");
    browser.submit(&page, &[("user_code", code), ("connect", "Connect")])
}

#[test]
fn a_device_waits_for_a_person() {
    let world = world();
    let display = app(&world.orgs[0].spec, "Shop Floor Display");
    let begun = begin(&world, display);
    let (code, user_code) = (text(&begun, "device_code"), text(&begun, "user_code"));
    assert_eq!((user_code.len(), &begun.json()["interval"]), (8, &json!(1)));
    assert_eq!(text(&begun, "verification_uri"), "http://login.demo/setup/connect");
    assert_eq!(refused(&poll(&world, display, &code)).1, "authorization_pending");
    assert_eq!(refused(&poll(&world, display, &code)).1, "slow_down");
    world.clock.advance(2_000);
    assert_eq!(refused(&poll(&world, display, &code)).1, "slow_down", "it must wait five seconds more now");
    world.clock.advance(12_000);
    assert_eq!(refused(&poll(&world, display, &code)).1, "authorization_pending");
    let mut browser = Browser::at(&world, Door::Login);
    let wrong = type_code(&mut browser, "WRONG123");
    assert!(wrong.text.contains("incorrect or has expired") && wrong.text.contains("WRONG123"));
    let typed = format!(" {}-{} ", user_code[..4].to_lowercase(), &user_code[4..]);
    let page = type_code(&mut browser, &typed);
    let page = browser.log_in(&page, ADA);
    assert!(page.text.contains("Shop Floor Display") && page.text.contains("Perform requests at any time"));
    assert!(browser.allow(&page).text.contains("connected Shop Floor Display"));
    world.clock.advance(60_000);
    let answer = poll(&world, display, &code);
    assert!(works(&world, Door::Production, &text(&answer, "access_token")));
    assert_eq!(refresh(&world, Door::Login, display, &text(&answer, "refresh_token")).status, 200);
    assert_eq!(refused(&poll(&world, display, &code)), grant("expired authorization code"));
    assert!(type_code(&mut browser, &user_code).text.contains("incorrect or has expired"));
}

#[test]
fn a_device_hears_what_the_person_refused() {
    let world = world();
    let display = app(&world.orgs[0].spec, "Shop Floor Display");
    let begun = begin(&world, display);
    let mut browser = Browser::at(&world, Door::Login);
    let page = browser.get(&format!("/setup/connect?user_code={}", text(&begun, "user_code")));
    assert!(page.text.contains(&format!("value=\"{}\"", text(&begun, "user_code"))));
    let page = type_code(&mut browser, &text(&begun, "user_code"));
    let page = browser.log_in(&page, ADA);
    assert!(browser.deny(&page).text.contains("no access"));
    let answer = poll(&world, display, &text(&begun, "device_code"));
    assert_eq!(refused(&answer).1, "access_denied");
}

#[test]
fn a_device_code_ends_and_belongs_to_its_app_and_org() {
    let world = world();
    let spec = &world.orgs[0].spec;
    let display = app(spec, "Shop Floor Display");
    let code = text(&begin(&world, display), "device_code");
    assert_eq!(refused(&poll(&world, display, "unknown")), grant("invalid authorization code"));
    let pairs = [("grant_type", "device"), ("client_id", display.consumer_key.as_str()), ("code", &code)];
    assert_eq!(
        refused(&oauth_of(&world, Door::Test, "token", &pairs)),
        grant("invalid authorization code"),
        "of another org"
    );
    let user_code = text(&begin(&world, display), "user_code");
    let elsewhere = type_code(&mut Browser::at(&world, Door::Test), &user_code);
    assert!(elsewhere.text.contains("incorrect or has expired"));
    world.clock.advance(601_000);
    assert_eq!(refused(&poll(&world, display, &code)), grant("expired authorization code"));
    assert_eq!(refused(&begin(&world, app(spec, "Browser Login"))).1, "oauth_flow_disabled");
}
