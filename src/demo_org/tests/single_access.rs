//! From a token into a browser: single access and the front door.

use super::authorizing::{authorize, code_of, exchange, text};
use super::browser::Browser;
use super::*;

const ADA: &str = "ada@nordlicht.example";

fn access(world: &World, scope: &str) -> String {
    let login = app(&world.orgs[0].spec, "Browser Login");
    let code =
        code_of(&Browser::at(world, Door::Login).authorizes(&authorize(login, &[("scope", scope)]), ADA));
    text(&exchange(world, Door::Login, login, &code, &[]), "access_token")
}

fn single_access(world: &World, door: Door, token: &str, pairs: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {token}");
    let path = "/services/oauth2/singleaccess";
    ask_of(world, door, "POST", path, &[FORM, ("authorization", &bearer)], &form(pairs))
}

#[test]
fn an_address_logs_in_once_and_soon() {
    let world = world();
    let token = access(&world, "api web");
    let address = || {
        let answer =
            single_access(&world, Door::Production, &token, &[("redirect_uri", "lightning/page/home")]);
        text(&answer, "frontdoor_uri").strip_prefix("http://production.demo").unwrap().to_owned()
    };
    let first = address();
    let page = Browser::at(&world, Door::Production).get(&first);
    assert!(page.text.contains("You are logged in as") && page.text.contains(ADA), "{}", page.text);
    assert!(Browser::at(&world, Door::Production).get(&first).text.contains("id=\"Login\""), "twice");
    let late = address();
    world.clock.advance(60_000);
    assert!(Browser::at(&world, Door::Production).get(&late).text.contains("id=\"Login\""), "too late");
    // The token in the form, and GET.
    let form = form(&[("access_token", &token)]);
    let by_get = format!("/services/oauth2/singleaccess?{form}");
    assert_eq!(ask_of(&world, Door::Production, "GET", &by_get, &[], "").status, 200);
    assert_eq!(
        ask_of(&world, Door::Production, "POST", "/services/oauth2/singleaccess", &[FORM], &form).status,
        200
    );
}

#[test]
fn the_old_front_door_takes_a_session_id() {
    let world = world();
    let [narrow, wide] = ["api", "api web"].map(|scope| access(&world, scope));
    let path = |token: &str, target: &str| {
        format!("/secur/frontdoor.jsp?{}", form(&[("sid", token), ("retURL", target)]))
    };
    let mut browser = Browser::at(&world, Door::Production);
    assert!(browser.get(&path(&narrow, "/")).text.contains("id=\"Login\""));
    assert!(browser.get(&path(&wide, "//evil.example/")).text.contains("You are logged in as"));
}

#[test]
fn what_may_not_open_pages_does_not() {
    let world = world();
    let [narrow, wide] = ["api", "api web"].map(|scope| access(&world, scope));
    let generic = single_access(&world, Door::Login, &wide, &[]);
    assert_eq!(refused(&generic).2, "request not supported on this domain");
    let no_scope = single_access(&world, Door::Production, &narrow, &[]);
    assert_eq!((no_scope.status.as_u16(), refused(&no_scope).1.as_str()), (403, "invalid_scope"));
    let away = single_access(&world, Door::Production, &wide, &[("redirect_uri", "https://evil.example/")]);
    assert_eq!(refused(&away).1, "invalid_request");
    let dead = single_access(&world, Door::Production, "00D7Q000001Nord!dead", &[]);
    assert_eq!((dead.status.as_u16(), dead.text.as_str()), (403, "Bad_OAuth_Token"));
    let sync = app(&world.orgs[0].spec, "Nightly Sync");
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", &sync.consumer_key),
        ("client_secret", &sync.consumer_secret),
    ];
    let api_only = text(&oauth_of(&world, Door::Production, "token", &pairs), "access_token");
    assert_eq!(single_access(&world, Door::Production, &api_only, &[]).status, 403);
}
