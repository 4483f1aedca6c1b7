//! Hosts that do not answer as they should: exit code 6 where there is no answer, and always a reason.

use super::{
    bad_server::{Habit, NOBODY, host},
    command::{Finished, Orgdeck},
};
use crate::home::Home;

const NO_TOKEN_ENDPOINT: Habit =
    Habit::Answers { content_type: "text/html", body: "<h1>Down for maintenance</h1>" };
const HALF_A_TOKEN: Habit =
    Habit::Answers { content_type: "application/json", body: r#"{"access_token":"00Dxx!half","inst"# };
const NOT_A_TOKEN: Habit = Habit::Answers { content_type: "application/json", body: r#"{"hello":"world"}"# };

/// A token request to `base`, with a second's patience.
#[track_caller]
fn token(base: &str) -> Finished {
    let home = Home::new();
    home.write_config(&format!(
        r#"
[profiles.acme]
environment = "sandbox"
login_url = "{base}"
flow = "password"
consumer_key = "3MVG9"
consumer_secret = {{ env = "TEST_SECRET" }}
username = "ada@acme.com.uat"
password = {{ env = "TEST_SECRET" }}
trusted_ip = true
timeout = 1
"#
    ));
    Orgdeck::new(&home, &["token", "acme"]).env("TEST_SECRET", "se-cret").run()
}

/// A GET to `base` with a pasted token, with a second's patience.
#[track_caller]
fn get(base: &str) -> Finished {
    let home = Home::new();
    home.write_config(&format!(
        r#"
[profiles.acme]
environment = "sandbox"
flow = "access_token"
instance_url = "{base}"
access_token = {{ env = "TEST_SECRET" }}
api_version = "66.0"
timeout = 1
"#
    ));
    Orgdeck::new(&home, &["send", "acme", "GET", "limits"]).env("TEST_SECRET", "00Dxx!se-cret").run()
}

#[test]
fn no_answer_ends_with_6() {
    for (what, base, word) in [
        ("refuses", NOBODY.to_owned(), "127.0.0.1"),
        ("does not resolve", "https://login.invalid".to_owned(), "login.invalid"),
        ("hangs", host(Habit::Hangs), "127.0.0.1"),
        ("hangs up", host(Habit::HangsUp), "127.0.0.1"),
        ("speaks something else", host(Habit::SpeaksSomethingElse), "127.0.0.1"),
        ("cuts the body", host(Habit::CutsTheBody), "7 of 500"),
    ] {
        for (request, run) in [("token", token(&base)), ("GET", get(&base))] {
            assert_eq!(run.code, Some(6), "a {request} at a host that {what}: {run:#?}");
            run.hides("se-cret").explains(&[word]);
        }
    }
}

#[test]
fn a_timeout_is_called_one() {
    get(&host(Habit::Hangs)).code(6).explains(&["1 s"]);
}

#[test]
fn what_is_no_token_response_is_refused() {
    for habit in [NO_TOKEN_ENDPOINT, HALF_A_TOKEN, NOT_A_TOKEN] {
        let run = token(&host(habit));
        assert!(matches!(run.code, Some(4 | 6)), "{habit:?}: {run:#?}");
        run.hides("se-cret").explains(&["token"]);
    }
}

#[test]
fn a_body_of_any_kind_comes_through_as_it_is() {
    for body in ["<h1>Down</h1>", "{\"half\":", "\u{1b}[31mred\u{202e}\u{0}"] {
        let run = get(&host(Habit::Answers { content_type: "text/plain", body }));
        assert_eq!(run.code(0).stdout, body);
    }
}
