//! Logging in with a real browser: Chromium at the demo orgs' login page, the workbench in a terminal.
//!
//! Ignored unless asked for, since not every machine has Chromium: `.ci/run` asks.

mod chromium;

use crate::terminal::{
    desk::{ADA, Desk, KENJI},
    pty::Pty,
};
use chromium::Chromium;

impl Chromium {
    #[track_caller]
    fn log_in(&self, (username, password): (&str, &str)) -> &Self {
        self.text("username", username).text("password", password).click("Login")
    }
}

/// The token is there, and Ada says that it is the right org.
fn token_comes(term: &mut Pty) {
    term.gone("Log in: mine").see("is this the right org?").see("Nordlicht Handels AG").see(ADA.0);
    term.key("a").see("00D7Q000001NordUAC").see("token <1 min old");
}

#[test]
#[ignore = "needs Chromium"]
fn the_browser_comes_back_with_a_code() {
    let desk = Desk::new("login");
    let chromium = Chromium::start();
    let (mut term, address) = desk.at_a_desktop();
    assert!(address.starts_with(desk.demo.login_url()), "{address}");
    chromium.open(&address).log_in(ADA).click("oaapprove");
    chromium.see("Logged in").see("go back to the terminal");
    // Neither the code nor anything else stays in the address bar and the history.
    assert_eq!(chromium.address(), format!("http://localhost:{}/OauthRedirect", desk.port));
    token_comes(&mut term);
}

#[test]
#[ignore = "needs Chromium"]
fn the_first_page_of_the_listener_leads_to_the_login() {
    let desk = Desk::new("login");
    let chromium = Chromium::start();
    let mut term = desk.over_ssh();
    chromium.open(&format!("http://localhost:{}/", desk.port)).log_in(ADA).click("oaapprove");
    chromium.see("Logged in");
    token_comes(&mut term);
}

#[test]
#[ignore = "needs Chromium"]
fn a_no_in_the_browser_is_told_in_the_terminal() {
    let desk = Desk::new("login");
    let chromium = Chromium::start();
    let (mut term, address) = desk.at_a_desktop();
    chromium.open(&address).log_in(ADA).click("oadeny");
    chromium.see("Not logged in").see("did not let the app in");
    term.gone("Log in: mine").see("access_denied").see("no token");
    term.keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
#[ignore = "needs Chromium"]
fn a_token_in_the_fragment_is_sent_on_by_the_page() {
    let desk = Desk::user_agent();
    let chromium = Chromium::start();
    let (mut term, address) = desk.at_a_desktop();
    chromium.open(&address).log_in(ADA).click("oaapprove");
    chromium.see("Logged in").see("go back to the terminal");
    assert_eq!(chromium.address(), format!("http://localhost:{}/OauthRedirect", desk.port));
    token_comes(&mut term);
}

#[test]
#[ignore = "needs Chromium"]
fn somebody_else_who_is_still_logged_in_is_named() {
    let desk = Desk::new("none");
    let chromium = Chromium::start();
    chromium.open(desk.demo.login_url()).log_in(KENJI).see(KENJI.0);
    let (mut term, address) = desk.at_a_desktop();
    chromium.open(&address).click("oaapprove").see("Logged in");
    term.see("is this the right org?")
        .see(&format!("! the profile is for {}, the token is of", ADA.0))
        .see(KENJI.0);
    term.key("Esc").see("right org?");
}
