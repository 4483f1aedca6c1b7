//! Secrets that outlive a run, kept from the screen: the real vault, as there is no keyring here.

use super::pty::Pty;

const PASSPHRASE: &str = "correct horse battery";

fn demo() -> Pty {
    let mut term = Pty::orgdeck(["demo"], 120, 36);
    term.see("demo-production").see("no token");
    term
}

#[test]
fn a_secret_moves_into_a_vault_that_is_made_on_the_way_and_gives_it_back() {
    let mut term = demo();
    term.keys("2").see("▌Flow").keys("jjj").see("▌Secret").keys("m").see("Move the consumer secret to");
    term.keys("j")
        .key("Enter")
        .see("Make a vault")
        .text(PASSPHRASE)
        .key("Enter")
        .text("another")
        .key("Enter");
    term.see("the two differ").text(PASSPHRASE).key("Enter").see("•••• vault").keys("t").see("✓ signature");
    // Without its passphrase the vault gives nothing.
    term.keys(":").text("lock the vault").key("Enter").see("the vault is locked").keys("t");
    term.see("Unlock the vault").text("wrong").key("Enter").see("that is not the vault's passphrase");
    term.text(PASSPHRASE).key("Enter").saw("· token for demo-production").gone("Unlock the vault");
    term.never_showed(PASSPHRASE).keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn a_secret_typed_in_the_form_is_used_and_never_in_the_file() {
    let secret = "8F2C91D04B7A6E35C0D1F4A98B27E6530A4C7D19E82B5F6038D1C9A7E4B25F60";
    let mut term = demo();
    term.keys("2jjj")
        .see("▌Secret")
        .key("Enter")
        .see("Profile demo-production")
        .see("‹ plain text in the file ›");
    // Around from plain text: not set, ask each time, environment variable, command, keyring, vault.
    term.keys("llllll").see("‹ vault ›").key("Enter").paste(secret).see("••••").key("Ctrl-S");
    term.see("Make a vault").text(PASSPHRASE).key("Enter").text(PASSPHRASE).key("Enter");
    term.see("demo-production is saved").see("•••• vault").keys("t").see("✓ signature");
    term.never_showed(secret).never_showed(PASSPHRASE);
}
