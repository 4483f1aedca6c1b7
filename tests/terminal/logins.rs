//! Logging in by browser from a terminal that has none: over SSH, by copy and paste.

use super::{
    desk::{ADA, Desk},
    pty::Pty,
    visitor::Visitor,
};

/// The address of the login, as it stands alone on the terminal.
pub fn address_of(term: &mut Pty) -> String {
    term.keys("u").see("Open this address in a browser").see("Enter goes back to orgdeck");
    let alone = term.cells().contents(); // wrapped lines are one line there
    // An earlier one may still stand above it.
    let address = alone.lines().rfind(|line| line.starts_with("http://")).expect("an address on a line");
    let address = address.trim_end().to_owned();
    term.key("Enter").see("Log in: mine");
    address
}

/// The code, as it stands in the address.
fn code_in(address: &str) -> &str {
    let (_, code) = address.split_once("code=").expect("a code");
    code.split('&').next().expect("something before the next one")
}

/// The token is there, and whoever asked for it says that it is the right org.
fn token_comes(term: &mut Pty) {
    term.gone("Log in: mine").see("is this the right org?").see("Nordlicht Handels AG");
    term.key("a").see("00D7Q000001NordUAC").see("token <1 min old");
}

#[test]
fn the_address_that_the_browser_ends_at_is_pasted() {
    let desk = Desk::new("login");
    let mut term = desk.over_ssh();
    term.see("You are here by SSH, so no browser was opened");
    term.see(&format!("ssh -L {0}:localhost:{0} HOST", desk.port)).see("copy its address and paste it here");
    let address = address_of(&mut term);
    let end = Visitor::new().logs_in(&address);
    let listener = format!("http://localhost:{}/OauthRedirect?", desk.port);
    assert!(end.starts_with(&listener) && end.contains("%3D%3D"), "{end}");
    term.paste(&end).see("••••").key("Enter");
    token_comes(&mut term);
    term.never_showed(code_in(&end));
}

#[test]
fn the_bare_code_is_pasted() {
    let desk = Desk::new("login");
    let mut term = desk.over_ssh();
    let address = address_of(&mut term);
    let end = Visitor::new().logs_in(&address);
    term.paste(code_in(&end)).see("••••").key("Enter");
    token_comes(&mut term);
    term.never_showed(code_in(&end));
}

/// What is often told wrongly: that `%3D` at the end is no part of the code; and what a chat or a shell makes of it.
#[test]
fn a_miscopied_code_is_refused_and_one_key_sends_it_whole() {
    for slip in ["", "%253D%253D"] {
        let desk = Desk::new("login");
        let mut term = desk.over_ssh();
        let address = address_of(&mut term);
        let end = Visitor::new().logs_in(&address);
        let whole = code_in(&end);
        assert!(whole.ends_with("%3D%3D"), "{end}");
        let miscopied = whole.replace("%3D%3D", slip);
        term.paste(&miscopied).see("Ctrl-X").key("Enter");
        term.see("and sends it").see("invalid_grant").see("waiting for the code").key("Ctrl-X");
        token_comes(&mut term);
        term.never_showed(whole.trim_end_matches("%3D"));
    }
}

#[test]
fn a_miscopied_code_is_mended_before_it_is_sent() {
    let desk = Desk::new("login");
    let mut term = desk.over_ssh();
    let address = address_of(&mut term);
    let end = Visitor::new().logs_in(&address).replace("%3D", "");
    term.paste(&end).see("does not end in ==").key("Ctrl-X").see("the code is mended").key("Enter");
    token_comes(&mut term);
}

#[test]
fn what_is_not_the_answer_is_told_and_the_login_goes_on_waiting() {
    let desk = Desk::new("login");
    let mut term = desk.over_ssh();
    let address = address_of(&mut term);
    let end = Visitor::new().logs_in(&address);
    let other_state = end.replace("state=", "state=x");
    for (pasted, sentence) in [
        (&*address, "this is where the login begins"),
        (&*other_state, "the address is another login's"),
        ("https://nordlicht.example/", "there is no code in the address"),
    ] {
        term.paste(pasted).key("Enter").see(sentence).see("waiting for the login");
    }
    term.paste(&end).gone("there is no code").key("Enter");
    token_comes(&mut term);
}

#[test]
fn a_login_is_given_up_after_a_question() {
    let desk = Desk::new("login");
    let mut term = desk.over_ssh();
    term.key("Esc")
        .see("Give this login up?")
        .key("Esc")
        .gone("Give this login up?")
        .see("waiting for the login");
    term.key("Esc").see("Give this login up?").key("Enter").gone("Log in: mine").see("no token");

    // The port is free again: another login listens there.
    term.keys("t").see(&format!("Waiting on http://localhost:{}", desk.port));
    term.key("Esc").see("Give this login up?").key("Enter").gone("Log in: mine").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn a_link_into_the_org_is_copied_where_no_browser_is_seen_and_logs_in_once() {
    let desk = Desk::new("login consent");
    let mut term = desk.over_ssh();
    let address = address_of(&mut term);
    term.paste(&Visitor::new().logs_in(&address)).key("Enter");
    token_comes(&mut term);
    term.see("Keep this login?")
        .see("in a vault, which is made now")
        .keys("j")
        .key("Enter")
        .see("for this run only");
    term.keys(":").text("open the org").see("▌open the org").key("Enter").see("the link");
    let link = term.clipboard();
    assert!(link.contains("/secur/frontdoor.jsp?"), "{link}");
    let secret = link.split_once("otp=").expect("a password for once").1;
    term.never_showed(secret);
    assert!(Visitor::new().sees(&link).contains(ADA.0), "logged in");
    assert!(!Visitor::new().sees(&link).contains(ADA.0), "once");
}
