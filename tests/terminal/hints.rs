//! From an error to its cure by one key: on the demo orgs, whose troubles are real ones. Each walk meets the error, sees
//! the likeliest cause and what `Enter` does, presses it once, and sees it mended; where the profile was changed, that
//! the file says so only now, and that one key takes it back.

use std::{fs, path::PathBuf};

use super::{
    desk::Desk,
    pty::{Launch, Pty},
    visitor::Visitor,
};

const SECURITY_TOKEN: &str = "k3VnQx8TzRb0WmLcYp5HsJd1";
const WORKS: &str = "it works, and is saved: ";

/// Wide enough that no cause is broken into lines.
fn demo() -> Pty {
    let mut term = Pty::orgdeck(["demo"], 220, 50);
    term.see("demo-production").see("no token");
    term
}

impl Pty {
    fn file(&self) -> PathBuf {
        let home = self.home();
        let is_config = |file: &PathBuf| file.ends_with("config.toml");
        home.path().join(home.files().into_iter().find(is_config).expect("the demo has a configuration"))
    }

    /// The configuration, as it is in the file.
    fn config_text(&self) -> String {
        fs::read_to_string(self.file()).expect("the configuration can be read")
    }

    /// What a profile's section of the file has in a field.
    fn saved(&self, profile: &str, field: &str) -> Option<toml::Value> {
        let file: toml::Table = self.config_text().parse().expect("TOML");
        file["profiles"][profile].get(field).cloned()
    }

    /// Asks for a token in vain, and looks at the likeliest cause and what `Enter` does about it.
    #[track_caller]
    fn refused(&mut self, profile: &str, error: &str, cause: &str, key: &str) -> &mut Self {
        self.switch_to(profile).keys("t").see(&format!("✗ {error}"));
        self.keys("!").see("[Hints]").sees_hint(error, cause, key)
    }

    /// Sends in vain: the hints come by themselves.
    #[track_caller]
    fn fails(&mut self, error: &str, cause: &str, key: &str) -> &mut Self {
        self.keys("s").see("[Hints]").sees_hint(error, cause, key)
    }

    #[track_caller]
    fn sees_hint(&mut self, error: &str, cause: &str, key: &str) -> &mut Self {
        let cause_is_first = |screen: &vt100::Screen| unfolded(screen).contains(cause);
        self.see(error).see_that(&format!("{cause:?} as the likeliest cause"), cause_is_first);
        self.see(&format!("Enter: {key}"))
    }

    fn unfolded(&self) -> String {
        unfolded(&self.cells())
    }

    /// The change is in the file, and one key takes it back: the file is as it was, letter by letter.
    #[track_caller]
    fn taken_back(&mut self, profile: &str, before: &str) -> &mut Self {
        assert_ne!(self.config_text(), before);
        self.keys("Z").see(&format!("{profile} is as it was before"));
        assert_eq!(self.config_text(), before);
        self
    }
}

/// The cause that is unfolded, in its line.
fn unfolded(screen: &vt100::Screen) -> String {
    screen.contents().lines().find(|line| line.contains('▾')).unwrap_or_default().to_owned()
}

#[test]
fn a_sandbox_user_at_the_production_host() {
    let (profile, mut term) = ("trouble-sandbox-user-on-production", demo());
    let before = term.config_text();
    let cause = "likely: ada@nordlicht.example.uat ends as a sandbox's usernames do";
    term.refused(profile, "400 invalid_grant", cause, "try at the sandbox login host");
    assert_eq!(term.config_text(), before, "nothing is saved before it has worked");
    term.key("Enter").see("is this the right org?").see("Nordlicht Handels AG").key("a");
    term.see("SANDBOX").see("00D9O000002NordUAC");
    assert_eq!(term.saved(profile, "environment"), Some("sandbox".into()));
    assert_eq!(term.saved(profile, "expected_org_id"), None);
    term.taken_back(profile, &before);
}

#[test]
fn a_production_user_at_the_sandbox_host() {
    let (profile, mut term) = ("trouble-production-user-on-sandbox", demo());
    let before = term.config_text();
    let cause = "logs in to sandboxes and scratch orgs only";
    term.refused(profile, "400 invalid_grant", cause, "try at the production login host");
    term.key("Enter").see("is this the right org?").key("a").see("00D7Q000001NordUAC").see("PRODUCTION");
    assert_eq!(term.saved(profile, "environment"), Some("production".into()));
    term.taken_back(profile, &before);
}

#[test]
fn a_security_token_that_is_missing() {
    let (profile, mut term) = ("trouble-missing-security-token", demo());
    let before = term.config_text();
    term.refused(profile, "400 invalid_grant", "likely: the password", "enter the security token and try");
    term.key("Enter")
        .see("Secrets of trouble-missing-security-token")
        .paste(SECURITY_TOKEN)
        .see("••••")
        .key("Enter")
        .see(WORKS);
    term.see("✓ signature").never_showed(SECURITY_TOKEN);
    assert!(term.saved(profile, "security_token").is_some_and(|token| token.get("ask").is_some()));
    term.taken_back(profile, &before);
}

#[test]
fn a_security_token_that_the_org_does_not_want() {
    let (profile, mut term) = ("trouble-security-token-refused", demo());
    let before = term.config_text();
    term.refused(
        profile,
        "400 invalid_grant",
        "username, password or security token",
        "open Login History in the org",
    );
    // One text for many causes: it is the one of the others that the person knows to be true.
    while !term.screen().contains("Enter: try once without the security token") {
        let above = term.unfolded();
        term.key("Down").see_that("the next cause", |screen| unfolded(screen) != above);
    }
    term.see("Enter: try once without the security token").key("Enter").see(WORKS).see("✓ signature");
    assert_eq!(term.saved(profile, "trusted_ip"), Some(true.into()));
    term.taken_back(profile, &before);
}

#[test]
fn blanks_and_quotes_that_were_copied_along() {
    for (profile, error, cause, field) in [
        (
            "trouble-key-with-blank",
            "400 invalid_client_id",
            "copied along with the consumer key",
            "consumer_key",
        ),
        (
            "trouble-secret-with-blank",
            "400 invalid_client",
            "copied along with the consumer secret",
            "consumer_secret",
        ),
        ("trouble-secret-in-quotes", "400 invalid_client", "quotation marks stand around", "consumer_secret"),
        ("trouble-password-with-blank", "400 invalid_grant", "copied along with the password", "password"),
    ] {
        let mut term = demo();
        let (before, damaged) = (term.config_text(), term.saved(profile, field).expect("it is there"));
        term.refused(profile, error, cause, "strip the blanks and try")
            .key("Enter")
            .see(WORKS)
            .see("✓ signature");
        let clean = term.saved(profile, field).expect("it is still there");
        let bare = damaged.as_str().expect("plain text").replace([' ', '"'], "");
        assert_eq!(clean.as_str(), Some(bare.as_str()), "{profile}");
        term.taken_back(profile, &before);
    }
}

#[test]
fn key_and_secret_in_each_others_place() {
    let (profile, mut term) = ("trouble-key-and-secret-swapped", demo());
    let before = term.config_text();
    let cause = "almost certain: consumer key and consumer secret are in each other's place";
    term.refused(profile, "400 invalid_client_id", cause, "swap key and secret");
    term.key("Enter").see(WORKS).see("✓ signature");
    assert!(term.saved(profile, "consumer_key").is_some_and(|key| key.as_str().unwrap().starts_with("3MVG")));
    term.taken_back(profile, &before);
}

#[test]
fn client_credentials_at_the_generic_host() {
    let (profile, mut term) = ("trouble-generic-host", demo());
    let before = term.config_text();
    term.refused(profile, "400 invalid_grant", "does not serve this flow", "log in at the My Domain");
    term.key("Enter").see(WORKS).see("✓ signature");
    let of_another = term.saved("demo-nightly-sync", "login_url");
    assert_eq!(term.saved(profile, "login_url"), of_another);
    term.taken_back(profile, &before);
}

#[test]
fn what_does_not_help_is_not_saved() {
    let (profile, mut term) = ("trouble-missing-security-token", demo());
    let before = term.config_text();
    term.refused(profile, "400 invalid_grant", "likely: the password", "enter the security token and try");
    term.key("Enter")
        .see("Secrets of trouble-missing-security-token")
        .paste("NotTheTokenOfThisUser123")
        .key("Enter");
    term.see("nothing was changed").see("no token: refused");
    assert_eq!(term.config_text(), before);
    term.keys("Z").see("there is nothing to take back");
}

#[test]
fn a_wrong_password_is_never_sent_again_by_itself() {
    let (profile, mut term) = ("trouble-wrong-password", demo());
    let before = term.config_text();
    term.refused(
        profile,
        "400 invalid_grant",
        "username, password or security token",
        "open Login History in the org",
    );
    term.keys("H").see("POST token").gone("2 of").key("Esc"); // one attempt, whatever was looked at
    assert_eq!(term.config_text(), before);
}

#[test]
fn a_login_without_pkce() {
    let desk = Desk::without_pkce();
    let before = fs::read_to_string(desk.home.config().join("config.toml")).unwrap();
    let mut term = desk.over_ssh();
    let end = Visitor::new().is_sent_back(&super::logins::address_of(&mut term));
    term.paste(&end).key("Enter").see("missing required code challenge").keys("!");
    term.sees_hint("invalid_request", "asks for PKCE", "log in with PKCE").key("Enter");
    term.see("Waiting on http://localhost:");
    assert_eq!(term.config_text(), before, "nothing is saved before it has worked");
    let end = Visitor::new().logs_in(&super::logins::address_of(&mut term));
    term.paste(&end).key("Enter").see("is this the right org?").key("a").see("00D7Q000001NordUAC");
    assert!(!term.config_text().contains("pkce = false"));
}

#[test]
fn an_ended_session_of_a_pasted_token() {
    let (profile, mut term) = ("trouble-expired-session", demo());
    let before = term.config_text();
    let good = term.saved("trouble-login-host-as-instance", "access_token").expect("a token of production");
    let good = good.as_str().expect("plain text").to_owned();
    let cause = "the access token has expired, was revoked";
    term.switch_to(profile).open("Limits").fails(
        "401 INVALID_SESSION_ID",
        cause,
        "get a new token and send again",
    );
    term.key("Enter").see("Secrets of trouble-expired-session").paste(&good).see("••••").key("Enter");
    term.see("is this the right org?").key("a").see("200 OK").see("DailyApiRequests");
    term.never_showed(&good);
    assert!(term.saved(profile, "access_token").is_some_and(|token| token.get("ask").is_some()));
    term.taken_back(profile, &before);
}

#[test]
fn a_token_that_was_broken_into_lines() {
    let (profile, mut term) = ("trouble-token-line-break", demo());
    let before = term.config_text();
    let cause = "almost certain: a line break, a blank or a quotation mark was copied along";
    term.switch_to(profile).open("Limits").fails("401 INVALID_SESSION_ID", cause, "strip the blanks and try");
    term.key("Enter").see("is this the right org?").key("a").see("200 OK").see("DailyApiRequests");
    term.taken_back(profile, &before);
}

#[test]
fn a_pasted_token_of_another_org() {
    let (profile, mut term) = ("trouble-token-other-org", demo());
    let before = term.config_text();
    let cause = "almost certain: the pasted token belongs to another org";
    term.switch_to(profile).open("Limits").fails(
        "401 INVALID_SESSION_ID",
        cause,
        "send to the token's own instance",
    );
    term.key("Enter").see("is this the right org?").key("a").see("200 OK").see("DailyApiRequests");
    assert_eq!(term.saved(profile, "environment"), Some("production".into()));
    term.taken_back(profile, &before);
}

#[test]
fn the_login_host_in_the_place_of_the_instance() {
    let (profile, mut term) = ("trouble-login-host-as-instance", demo());
    let before = term.config_text();
    let cause = "the call went to a login host";
    term.switch_to(profile).open("Limits").fails(
        "400 URL_NOT_RESET",
        cause,
        "send to the token's own instance",
    );
    term.key("Enter").see("is this the right org?").key("a").see("200 OK").see("DailyApiRequests");
    term.taken_back(profile, &before);
}

#[test]
fn versions_that_the_org_does_not_have() {
    for (profile, error, cause) in [
        (
            "trouble-version-too-new",
            "404 NOT_FOUND",
            "likely: API version v67.0 is probably newer than the org has",
        ),
        (
            "trouble-version-retired",
            "410 UNSUPPORTED_API_VERSION",
            "almost certain: API version v29.0 has been retired",
        ),
    ] {
        let mut term = demo();
        let before = term.config_text();
        term.switch_to(profile).open("Limits");
        term.fails(error, cause, "send with the org's newest API version").key("Enter");
        term.see("200 OK").see("DailyApiRequests");
        assert_eq!(term.saved(profile, "api_version"), Some("latest".into()), "{profile}");
        term.taken_back(profile, &before);
    }
}

#[test]
fn a_method_that_is_not_allowed() {
    let mut term = demo();
    term.switch_to("demo-sandbox").url("sobjects/Account/describe").choose_method(4, "DELETE");
    term.fails("405 METHOD_NOT_ALLOWED", "the resource does not take DELETE", "send with the allowed method");
    term.key("Enter").see("200 OK").see("GET     sobjects/Account/describe");
    term.keys("Z").see("the request is as it was before").see("DELETE  sobjects/Account/describe");
}

#[test]
fn a_body_whose_type_is_wrong() {
    let mut term = demo();
    term.switch_to("demo-sandbox").open("Create a record").keys("3[a").text("Content-Type").key("Enter");
    term.text("text/plain").key("Enter").see("text/plain");
    let enter = "send with Content-Type: application/json";
    term.fails("415 UNSUPPORTED_MEDIA_TYPE", "Content-Type", enter).key("Enter").see("201 Created");
}

#[test]
fn a_duplicate_that_may_be_saved() {
    let mut term = demo();
    term.switch_to("demo-sandbox")
        .post("sobjects/Lead", r#"{"LastName":"T","Company":"T","Email":"t@t.example"}"#);
    term.keys("s").see("201 Created").keys("3");
    let enter = "send with Sforce-Duplicate-Rule-Header: allowSave=true";
    term.fails("400 DUPLICATES_DETECTED", "almost certain: a duplicate rule of the org", enter);
    term.key("Enter").see("201 Created");
}

#[test]
fn a_composite_request_with_a_failed_step() {
    let mut term = demo();
    let steps = r#"{"allOrNone":true,"compositeRequest":[
{"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"one","body":{"Name":"One"}},
{"method":"POST","url":"/services/data/v66.0/sobjects/Contact","referenceId":"two","body":{"FirstName":"No"}}]}"#;
    term.switch_to("demo-sandbox").post("composite", steps);
    // The step that stopped the others comes first, whichever it is.
    term.fails(
        "two: 400 REQUIRED_FIELD_MISSING",
        "no value was sent for LastName",
        "go to the place of the error",
    );
    term.see("one: 400 PROCESSING_HALTED").keys("G").see("Enter: go to the first failure").key("Enter");
    term.sees_hint("two: 400", "no value was sent for LastName", "go to the place of the error");
    term.key("Enter").see("▸3 Request").key("Esc").see("[Body]");
}

#[test]
fn what_passes_with_time_is_counted_down_and_sent_again() {
    for (profile, error, cause) in [
        ("trouble-busy", "429 TOO_MANY_REQUESTS", "a gateway in front of the API asks for fewer requests"),
        ("trouble-maintenance", "503", "the instance is under maintenance"),
    ] {
        let mut term = demo();
        term.switch_to(profile).open("Limits").fails(error, cause, "count down and try again").key("Enter");
        term.saw("tries again in").see("200 OK").see("DailyApiRequests");
    }
}

#[test]
fn a_locked_row_is_tried_again() {
    let mut term = demo();
    let cause = "another transaction holds this record";
    term.switch_to("trouble-row-locked").open("Limits").fails("400 UNABLE_TO_LOCK_ROW", cause, "try again");
    term.key("Enter").see("200 OK").see("DailyApiRequests");
}

#[test]
fn over_ssh_a_page_of_setup_is_copied() {
    let mut term =
        Launch::orgdeck(["demo"]).size(220, 50).env("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22").start();
    term.see("no token");
    let cause = "is deactivated or frozen in this org";
    term.refused("trouble-inactive-user", "400 invalid_grant", cause, "open the page in Setup").key("Enter");
    let copied = term.clipboard();
    assert!(copied.contains("/lightning/setup/ManageUsers/home"), "{copied}");
}

impl Pty {
    /// Sends by the method at this place in the menu.
    #[track_caller]
    fn choose_method(&mut self, place: usize, method: &str) -> &mut Self {
        self.keys("3m").see("OPTIONS").keys("g").keys(&"j".repeat(place)).key("Enter").gone("OPTIONS");
        self.see(&format!("{method}  ")).see("▸3 Request")
    }

    /// A request with a JSON body, in place of a ready one's.
    #[track_caller]
    fn post(&mut self, url: &str, body: &str) -> &mut Self {
        self.open("Create a record").keys("3u").key("Ctrl-U").text(url).key("Enter").see(url);
        self.key("Down").key("Enter").key("Alt-a").paste(body).key("Esc").see("s send")
    }
}
