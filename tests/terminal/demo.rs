//! A day's work on the demo orgs: tokens, requests, answers, and the guard before production.

use super::pty::{Launch, Pty};

/// Secrets of the profiles `demo-production` and `demo-sandbox`; they stand in `assets/demo/orgs.toml`.
const SECRETS: [&str; 4] = [
    "Fjord-2026+lantern",
    "k3VnQx8TzRb0WmLcYp5HsJd1",
    "Vx2KtRq8NzWb5PmLcYd0HsJ7",
    "8F2C91D04B7A6E35C0D1F4A98B27E6530A4C7D19E82B5F6038D1C9A7E4B25F60",
];

fn demo() -> Pty {
    let mut term = Pty::orgdeck(["demo"], 120, 36);
    term.see("demo-production").see("no token");
    term
}

impl Pty {
    /// Makes a profile the one in use.
    #[track_caller]
    pub fn switch_to(&mut self, profile: &str) -> &mut Self {
        self.keys("p").see("Switch profile").text(profile).key("Enter").see(&format!("│ {profile}  "))
    }

    /// Opens the ready request of that name.
    #[track_caller]
    pub fn open(&mut self, request: &str) -> &mut Self {
        self.keys("o").see("Open a request").text(request).key("Enter").see(&format!("Request ─ {request}"))
    }

    /// Writes the URL of an empty request.
    #[track_caller]
    pub fn url(&mut self, url: &str) -> &mut Self {
        self.keys("n").see("Request ─ empty").keys("3u").text(url).see(url).key("Enter").see("s send")
    }

    #[track_caller]
    fn showed_no_secret(&mut self) -> &mut Self {
        SECRETS.iter().for_each(|secret| _ = self.never_showed(secret));
        self
    }
}

#[test]
fn a_token_is_got_and_verified() {
    let mut term = demo();
    term.keys("t").see("✓ signature").see("00D7Q000001NordUAC").see("token <1 min old").showed_no_secret();
    term.keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn a_refused_login_explains_itself() {
    let mut term = demo();
    term.switch_to("trouble-inactive-user").keys("t").see("inactive user").showed_no_secret();
    term.switch_to("trouble-missing-security-token").keys("t").see("security token").showed_no_secret();
}

#[test]
fn a_request_is_sent_and_its_answer_read() {
    let mut term = demo();
    term.open("Query accounts").keys("s").see("200 OK").see("2,000 of 5,000").see("totalSize");
    term.keys("]")
        .see("\"totalSize\"")
        .keys("]")
        .see("sforce-limit-info")
        .keys("]")
        .see("authorization: Bearer 00D7Q000001Nord!••••");
    term.showed_no_secret();
}

#[test]
fn limits_are_asked_for_and_have_a_history() {
    let mut term = demo();
    term.keys("L").see("get a token first (t)").gone("Limits:");
    term.keys("t").see("✓ signature").keys("L").see("Limits: demo-production").see("Daily API requests");
    term.see("first reading")
        .keys("a")
        .see("Hourly OData callout")
        .keys("/")
        .text("mass")
        .see("MassEmail  0 of 5,000");
    term.key("Esc").see("all 26").see("read <1 min ago").showed_no_secret();
    term.key("Esc").gone("Limits:").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn a_next_page_is_one_key_away() {
    let mut term = demo();
    term.open("Query accounts").keys("s").see("2,000 of 5,000").keys(">").see("query/01g").keys("s");
    term.see("QAA-4000");
}

#[test]
fn a_search_finds_its_place() {
    let mut term = demo();
    term.open("Query accounts").keys("s").see("2,000 of 5,000").keys("/").text("nextRecordsUrl").key("Enter");
    term.see("1 of 1").see("nextRecordsUrl");
}

#[test]
fn what_runs_can_be_cancelled_while_the_screen_lives() {
    let mut term = demo();
    term.url("/demo/hang").keys("s").see("Esc stops it").keys("?").see("Help:").key("Esc").gone("Help:");
    term.see("Esc stops it").key("Esc").see("cancelled").see("stopped").gone("Esc stops it");
}

#[test]
fn half_an_answer_is_kept_when_it_is_cancelled() {
    let mut term = demo();
    term.url("/demo/slow?seconds=10&bytes=5000").keys("s").see("500 B received").key("Esc").see("cancelled");
}

#[test]
fn several_requests_run_at_once() {
    let mut term = demo();
    term.keys("t").see("✓ signature").url("/demo/hang").keys("s").see("Esc stops it");
    term.open("Limits").keys("s").see("200 OK").see("DailyApiRequests");
}

#[test]
fn switching_shows_at_once_which_org_it_is() {
    let mut term = demo();
    term.see("PRODUCTION").see("╔ PROD").keys("t").see("✓ signature");
    term.switch_to("demo-sandbox").see("SANDBOX").gone("╔").gone("✓ signature").see("no token");
    term.keys("t").see("✓ signature").see("00D9O000002NordUAC");
    term.switch_to("demo-production").see("╔ PROD").see("00D7Q000001NordUAC").gone("00D9O000002NordUAC");
}

#[test]
fn a_write_to_production_takes_its_name() {
    let mut term = demo();
    term.open("Create a record").keys("s").see("Write to PRODUCTION").see("Type the profile's name");
    term.text("demo-prod").key("Enter").see("Write to PRODUCTION").gone("201 Created");
    term.text("uction").key("Enter").see("201 Created");
}

#[test]
fn a_write_to_production_is_not_sent_when_the_answer_is_no() {
    let mut term = demo();
    term.open("Create a record").keys("s").see("Write to PRODUCTION").key("Esc").gone("Write to PRODUCTION");
    term.see("No answer yet");
}

#[test]
fn a_write_to_a_sandbox_does_not_ask() {
    let mut term = demo();
    term.switch_to("demo-sandbox").open("Create a record").keys("s").see("201 Created");
}

#[test]
fn an_ended_session_is_renewed_and_the_request_sent_again() {
    let mut term = demo();
    term.keys("t").see("✓ signature").url("/demo/expire-session").keys("s").see("204");
    term.open("Limits").keys("s").see("200 OK").see("DailyApiRequests").see("new token");
}

#[test]
fn answers_that_mean_harm_do_none() {
    let mut term = demo();
    // Each shows something that the answer before it does not.
    for (path, shown) in [
        ("/demo/escape", "200 OK"),
        ("/demo/deep", "195.3 KB"),
        ("/demo/binary", " 1.0 KB"),
        ("/demo/half-json", "Half of a"),
        ("/demo/html", "down for maintenance"),
        ("/demo/cut", "closed"),
        ("/demo/csv", "Söhne"),
    ] {
        term.url(path).keys("s").see(shown).keys("]").keys("]").keys("]").keys("]").keys("G").keys("g");
    }
    term.see_that("the screen as it was", |screen| screen.alternate_screen() && !screen.application_keypad());
    term.keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn a_refused_connection_says_so() {
    let mut term = demo();
    term.url("http://127.0.0.1:1/").keys("s").see("127.0.0.1:1").gone("Esc stops it").see("✗");
}

#[test]
fn a_variable_without_a_value_stops_the_request_at_its_field() {
    let mut term = demo();
    term.switch_to("demo-sandbox").open("Delete a record").keys("s").see("account_id").see("has no value");
    term.see("No answer yet");
}

#[test]
fn pasted_text_is_no_keys() {
    let mut term = demo();
    term.paste("qqq").see("demo-production").keys("3u").paste("limits\nq\n").see("limits");
    term.key("Esc").see("s send").keys("?").see("Help:");
}

#[test]
fn the_mouse_works() {
    let mut term = demo();
    term.click_on("demo-sandbox ").see("▌SBX").click_on("4 Response").see("▸4 Response");
}

#[test]
fn copying_over_ssh_goes_through_the_terminal() {
    let mut term = Launch::orgdeck(["demo"]).env("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22").start();
    term.see("no token")
        .keys("t")
        .see("✓ signature")
        .open("Limits")
        .keys("y")
        .see("request URL")
        .key("Enter");
    assert!(term.clipboard().contains("limits"));
}

#[test]
fn alt_s_is_escape_then_s() {
    let mut term = demo();
    term.open("Limits").keys("?").see("Help:").key("Alt-s").gone("Help:").see("200 OK");
}

#[test]
fn the_palette_reaches_every_action() {
    let mut term = demo();
    term.key("Ctrl-P").see("get an access token").text("get an access").key("Enter").see("✓ signature");
}

#[test]
fn a_key_with_a_blank_is_told_before_it_is_sent_and_one_key_strips_it() {
    let mut term = demo();
    term.switch_to("trouble-key-with-blank").keys("2").see("! there is white space");
    term.keys("f").see("✓ signature").gone("! there is white space").showed_no_secret();
}

#[test]
fn a_query_encoded_by_half_is_put_right_by_one_key_before_it_is_sent() {
    let mut term = demo();
    term.url("query?q=SELECT+Name+FROM+Account+WHERE+Name+LIKE+'%ab%'").see("! a % that begins");
    term.keys("f")
        .gone("! a % that begins")
        .see("put right")
        .keys("s")
        .see("200 OK")
        .see("totalSize")
        .showed_no_secret();
}

#[test]
fn the_org_is_asked_why_it_refused_a_login() {
    let mut term = demo();
    term.switch_to("trouble-password-flow-off").keys("t").see("authentication failure").gone("W ask why");
    term.keys("W").see("nobody here is logged in to the org");
    term.switch_to("demo-production").keys("t").see("✓ signature");
    term.switch_to("trouble-password-flow-off")
        .see("ask Nordlicht Handels AG (production) why, as demo-production");
    term.keys("W").see("Login History: “Username-Password Flow Disabled” at ").see(" from 127.0.0.1, by");
    term.see("almost certain: the org does not allow the username-password flow");
    term.see("Login History says “Username-Password Flow Disabled”").showed_no_secret();
}

#[test]
fn who_may_not_read_the_login_history_is_told_and_the_next_one_is_asked() {
    let mut term = demo();
    term.switch_to("demo-nightly-sync").keys("t").see("✓ signature");
    term.switch_to("trouble-email-as-username").keys("t").see("authentication failure");
    term.keys("W").see("no user ada.ostergard@mail.nordlicht.example is known here");
    term.see("almost certain: Nordlicht Handels AG (production) has no user");
    term.switch_to("trouble-user-frozen").keys("t").see("inactive user");
    term.keys("W").see("integration@nordlicht.example may not read Login History");
    term.switch_to("demo-production").keys("t").see("✓ signature").switch_to("trouble-user-frozen");
    term.keys("W").see("frozen@nordlicht.example is frozen");
}
