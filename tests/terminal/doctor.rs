//! The check-up at a terminal: in the screen, on real demo orgs; and as a subcommand that says what it waits for.

use std::sync::Arc;

use super::pty::{Launch, Pty};
use crate::home::Home;

#[test]
fn the_demo_orgs_are_looked_at_and_a_finding_leads_to_its_field() {
    let mut term = Pty::orgdeck(["demo"], 120, 36);
    term.see("demo-production").keys(":").text("doctor").key("Enter");
    // Some of the demo's profiles are in trouble on purpose: their pinned versions are none of the orgs'.
    term.see_that("the end of it", |screen| {
        screen.contents().lines().nth(2).is_some_and(|head| head.contains("✗ ") && head.contains(" ok"))
    });
    term.see("120×36").asked_nothing();
    term.keys("n")
        .see("▌✗ API version")
        .see("trouble-version-too-new")
        .key("Enter")
        .see("Profile trouble-version-too-new");
    term.see("▌API version").key("Esc").gone("Profile trouble-version-too-new");
    term.keys("gr").see("secret stores").key("Esc").gone("Doctor").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn the_subcommand_says_what_the_terminal_is_and_leaves_it_clean() {
    let home = Arc::new(Home::new());
    home.write_config("[profiles.acme]\nenvironment = \"sandbox\"\nflow = \"access_token\"\ninstance_url = \"http://127.0.0.1:1\"\naccess_token = { ask = true }\n");
    let mut term = Launch::orgdeck(["doctor"]).size(100, 40).home(&home).start();
    term.see("100×40").see("refuses the connection").see("1 broken").gone("looked at:");
    assert_eq!(term.left_clean().asked_nothing().exit_code(), 3);
}
