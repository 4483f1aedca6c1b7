//! Secrets that outlive a run, as a person sees them: typed into the form, moved, the vault's passphrase, a login that
//! could be kept.

use super::{
    bench::{ACME, Bench, token_answer},
    golden,
    network::Answered,
    orgs::{came, sandbox},
};
use orgdeck::{
    app::{Effect, Msg, overlays::Overlay},
    config::{ProfileField, SecretKind},
    jobs::{Event, Failure, FailureKind, Kept},
    salesforce::Standing,
};
use serde_json::json;

golden! {
    vault_unlock(b) { locked(b) }

    vault_unlock_typed(b) { locked(b).types("hush open sesame") }

    vault_unlock_wrong(b) { locked(b).types("hush wrong").keys("Enter").run() }

    vault_create(b) { b.keys(":").types("make a vault").keys("Enter").types("hush open sesame").keys("Enter") }

    vault_create_differs(b) {
        b.keys(":").types("make a vault").keys("Enter").types("hush one").keys("Enter").types("hush other").keys("Enter")
    }

    vault_change(b) { b.keys(":").types("change the vault").keys("Enter") }

    form_secret_to_be_typed(b) { b.stores.keyring = true; to_place(b, SecretKind::Keyring) }

    form_secret_typed(b) { b.stores.keyring = true; to_place(b, SecretKind::Keyring).keys("Enter").types("hush-typed") }

    form_secret_revealed(b) {
        b.stores.keyring = true;
        to_place(b, SecretKind::Keyring).keys("Enter").types("hush-typed").keys("Ctrl-R")
    }

    form_secret_without_keyring(b) { to_place(b, SecretKind::Keyring) }

    form_secret_refused(b) { to_place(b, SecretKind::Keyring).keys("Enter").types("hush-typed").keys("Ctrl-S").run() }

    form_secret_first_vault(b) { to_place(b, SecretKind::Vault) }

    secret_move_menu(b) { b.keys("2 Down Down Down m").run() }

    secret_drop_question(b) { b.keys("2 Down Down Down m").run().keys("Down Down Enter") }

    keep_login_offer(b) { wants_vault(b) }
}

/// A token's secret is in the vault, which is locked.
fn locked(b: &mut Bench) -> &mut Bench {
    b.stores.vault("hush open sesame");
    b.by_hand().keys("t");
    let id = b.app.jobs.newest().unwrap().id;
    let failure =
        Failure::new(FailureKind::VaultLocked, "password of the profile acme-uat: the vault is locked");
    b.tell(Msg::Worker(Event::Ended(id, Err(failure))))
}

/// A token came whose refresh token no store could have.
fn wants_vault(b: &mut Bench) -> &mut Bench {
    b.by_hand().keys("t");
    let id = b.app.jobs.newest().unwrap().id;
    b.tell(Msg::Worker(Event::Kept(id, Kept::VaultWanted))).run_until(|app| app.jobs.all().len() == 1);
    came(b, sandbox(), Standing::AsBefore).run()
}

/// The form of the profile in use, its consumer secret kept there.
fn to_place(b: &mut Bench, kind: SecretKind) -> &mut Bench {
    b.keys("2 e");
    down_to(b, ProfileField::ConsumerSecret);
    for _ in 0..10 {
        if place(b) == kind {
            return b.run();
        }
        b.keys("Right");
    }
    panic!("the form does not offer {kind:?}");
}

fn down_to(b: &mut Bench, field: ProfileField) {
    for _ in 0..40 {
        let Some(Overlay::Editor(editor)) = b.app.overlays.last() else { panic!("no form: {}", b.screen()) };
        if editor.field() == Some(field) {
            return;
        }
        b.keys("Down");
    }
    panic!("the form has no {field:?}");
}

fn place(b: &Bench) -> SecretKind {
    let Some(Overlay::Editor(editor)) = b.app.overlays.last() else { panic!("no form") };
    orgdeck::app::overlays::form_secrets::kind_of(&editor.form, orgdeck::config::SecretField::ConsumerSecret)
}

fn bench() -> Bench {
    Bench::at(120, 36)
}

fn saves(b: &Bench) -> usize {
    b.effects.iter().filter(|effect| matches!(effect, Effect::SaveConfig { .. })).count()
}

fn is_form(b: &Bench) -> bool {
    matches!(b.app.overlays.last(), Some(Overlay::Editor(_)))
}

fn is_vault(b: &Bench) -> bool {
    matches!(b.app.overlays.last(), Some(Overlay::Vault(_)))
}

// ---- the vault's passphrase

#[test]
fn a_locked_vault_is_unlocked_and_what_was_asked_for_goes_on() {
    let mut b = bench();
    b.url("limits").stores.vault("hush open sesame");
    b.by_hand().keys("s");
    let id = b.app.jobs.newest().unwrap().id;
    b.tell(Msg::Worker(Event::Ended(id, Err(Failure::new(FailureKind::VaultLocked, "the vault is locked")))));
    assert!(is_vault(&b), "{}", b.screen());
    b.types("hush wrong").keys("Enter").run();
    assert!(b.sees("that is not the vault's passphrase"), "{}", b.screen());
    let token = token_answer(&b.app);
    b.script(token).script(Answered::json(200, &json!({"DailyApiRequests": 1})));
    b.types("hush open sesame").keys("Enter").run();
    assert_eq!(b.stores.asked, ["unlock"]);
    assert!(b.sees("DailyApiRequests"), "the request that waited for the token: {}", b.screen());
}

#[test]
fn a_vault_is_made_with_a_passphrase_typed_twice() {
    let mut b = bench();
    b.keys(":").types("make a vault").keys("Enter Enter");
    assert!(b.sees("an empty one protects nothing"), "{}", b.screen());
    b.types("hush one").keys("Enter").types("hush two").keys("Enter").run();
    assert!(b.sees("the two differ") && b.stores.asked.is_empty(), "{}", b.screen());
    b.types("hush one").keys("Enter").run();
    assert_eq!(b.stores.asked, ["make the vault"]);
    assert!(!is_vault(&b) && b.notice().contains("there is a vault now"), "{}", b.notice());
    b.keys(":").types("lock the vault").keys("Enter").run();
    assert_eq!(b.notice(), "the vault is locked");
    b.keys(":")
        .types("change the vault")
        .keys("Enter")
        .types("hush one")
        .keys("Enter")
        .types("hush new")
        .keys("Enter");
    b.types("hush new").keys("Enter").run();
    assert_eq!(b.stores.asked[2..], ["another passphrase"]);
}

#[test]
fn giving_the_vault_up_gives_up_what_waited() {
    let mut b = bench();
    locked(&mut b).keys("Esc");
    assert!(b.app.overlays.is_empty() && b.started.len() == 1, "{:?}", b.started);
}

// ---- secrets in the form

#[test]
fn a_secret_typed_in_the_form_is_in_the_keyring_before_the_file_says_so() {
    let mut b = bench();
    b.stores.keyring = true;
    to_place(&mut b, SecretKind::Keyring).keys("Enter").types("hush-typed").keys("Ctrl-S");
    assert_eq!(saves(&b), 0, "not yet");
    b.run();
    assert_eq!(b.stores.of("acme-uat/consumer_secret"), ["keyring: hush-typed"]);
    let (text, _) = b.saved_config();
    assert!(text.contains("consumer_secret = { keyring = true }") && !text.contains("hush-typed"), "{text}");
    assert!(!text.contains("uat-hush-1"), "the plain text is gone from the file");
    assert!(is_form(&b), "the form stays until the file is written");
    b.written();
    assert!(b.app.overlays.is_empty());
}

#[test]
fn a_pasted_secret_begins_to_be_written_and_is_cleaned() {
    let mut b = bench();
    b.stores.keyring = true;
    to_place(&mut b, SecretKind::Keyring).paste(" \"hush-typed\"\n");
    assert!(b.sees("cleaned") && b.sees("••••"), "{}", b.screen());
    b.keys("Ctrl-S").run();
    assert_eq!(b.stores.of("acme-uat/consumer_secret"), ["keyring: hush-typed"]);
}

#[test]
fn an_sfdx_auth_url_pasted_into_a_new_profile_fills_it_in() {
    let mut b = bench();
    b.stores.vault("hush open sesame");
    b.keys("1 a").run().keys("Enter").types("from-cli").keys("Enter");
    b.paste("force://PlatformCLI::5Aep86xx==@acme--uat.sandbox.my.salesforce.com\n");
    let Some(Overlay::Editor(editor)) = b.app.overlays.last() else { panic!("no form") };
    assert_eq!(editor.form.text(ProfileField::Name), "from-cli");
    assert_eq!(editor.form.text(ProfileField::LoginUrl), "https://acme--uat.sandbox.my.salesforce.com");
    assert!(b.sees("filled in from the sfdxAuthUrl") && !b.screen().contains("5Aep86"), "{}", b.screen());
    b.keys("Ctrl-S").run();
    assert!(is_vault(&b), "the vault is locked: {}", b.screen());
    b.types("hush open sesame").keys("Enter").run();
    assert_eq!(b.stores.of("from-cli/refresh_token"), ["vault: 5Aep86xx=="]);
    let (text, _) = b.saved_config();
    assert!(text.contains("refresh_token = { vault = true }") && !text.contains("5Aep86"), "{text}");
}

#[test]
fn a_secret_that_is_only_given_another_place_goes_there_by_itself() {
    let mut b = bench();
    b.stores.keyring = true;
    to_place(&mut b, SecretKind::Keyring).keys("Ctrl-S").run();
    assert_eq!(b.stores.asked[1..], ["copy the consumer secret to the keyring"]);
    assert_eq!(saves(&b), 1);
    // And on to the vault, which is made on the way.
    b.written();
    to_place(&mut b, SecretKind::Vault).keys("Ctrl-S");
    assert!(is_vault(&b) && b.sees("Make a vault"), "{}", b.screen());
    b.types("hush one").keys("Enter").types("hush one").keys("Enter").run();
    assert_eq!(b.stores.asked[2..], ["make the vault", "copy the consumer secret to the vault"]);
    assert_eq!(saves(&b), 2);
    b.written().run();
    assert_eq!(b.stores.of("acme-uat/consumer_secret"), ["vault: hush-copied"], "and it left the keyring");
}

#[test]
fn a_store_that_refuses_leaves_file_and_form_as_they_are() {
    let mut b = bench();
    to_place(&mut b, SecretKind::Keyring).keys("Enter").types("hush-typed").keys("Ctrl-S").run();
    assert!(is_form(&b) && saves(&b) == 0 && b.sees("✗ no keyring answers"), "{}", b.screen());
    b.stores.keyring = true;
    b.keys("Ctrl-S").run();
    assert_eq!((saves(&b), b.stores.of("acme-uat/consumer_secret").len()), (1, 1));
}

#[test]
fn a_wrong_form_puts_nothing_anywhere() {
    let mut b = bench();
    b.stores.keyring = true;
    to_place(&mut b, SecretKind::Keyring).keys("Enter").types("hush-typed").keys("Esc");
    b.keys(&"Up ".repeat(20)).keys("Enter Ctrl-U Ctrl-S").run();
    assert!(is_form(&b) && b.stores.of("acme-uat/consumer_secret").is_empty(), "{}", b.screen());
}

#[test]
fn a_form_with_a_typed_secret_asks_before_it_closes() {
    let mut b = bench();
    let text = ACME.replace("consumer_secret = \"uat-hush-1\"", "consumer_secret = { keyring = true }");
    b.stores.keyring = true;
    b.reread(&text).keys("2 e");
    down_to(&mut b, ProfileField::ConsumerSecret);
    b.keys("Enter").types("hush-typed").keys("Esc Esc");
    assert!(b.sees("Close without saving?"), "{}", b.screen());
    b.keys("Esc Ctrl-S").run();
    assert_eq!(b.stores.of("acme-uat/consumer_secret"), ["keyring: hush-typed"]);
    assert!(b.app.overlays.is_empty(), "the file says already where it is: {}", b.screen());
}

#[test]
fn a_secret_that_is_put_away_while_a_question_lies_over_the_form_is_not_put_away_twice() {
    let mut b = bench();
    b.stores.keyring = true;
    to_place(&mut b, SecretKind::Keyring).keys("Enter").types("hush-typed").keys("Ctrl-S Esc").run();
    assert!(b.sees("Close without saving?") && saves(&b) == 0, "{}", b.screen());
    b.keys("Esc Ctrl-S").run();
    assert_eq!(b.stores.asked[1..], ["put in the keyring"]);
    assert_eq!(saves(&b), 1);
}

#[test]
fn what_is_kept_goes_with_a_new_name() {
    let mut b = bench();
    b.stores.keyring = true;
    to_place(&mut b, SecretKind::Keyring).keys("Enter").types("hush-typed").keys("Esc");
    b.keys(&"Up ".repeat(20)).keys("Enter").types("-2").keys("Ctrl-S").run();
    assert_eq!(b.stores.of("acme-uat/consumer_secret").len(), 1, "the file has the old name still");
    b.written().run();
    assert_eq!(b.stores.of("acme-uat-2/consumer_secret"), ["keyring: hush-typed"]);
    assert_eq!(b.stores.asked.last().unwrap(), "rename acme-uat to acme-uat-2");
}

// ---- moving

#[test]
fn a_secret_is_moved_from_its_row() {
    let mut b = bench();
    b.stores.vault("hush open sesame");
    b.keys("2 m");
    assert!(b.notice().contains("no secret in this row"), "{}", b.notice());
    b.keys("Down Down Down m").run();
    assert!(b.sees("Move the consumer secret to") && b.sees("no keyring answers"), "{}", b.screen());
    b.keys("Down Enter");
    assert!(is_vault(&b), "{}", b.screen());
    b.types("hush open sesame").keys("Enter").run();
    assert_eq!(b.stores.asked[1..], ["unlock", "copy the consumer secret to the vault"]);
    b.written();
    assert!(b.app.config_text().contains("consumer_secret = { vault = true }"));
    assert!(b.notice().contains("consumer secret is in the vault now"), "{}", b.notice());
    b.keys("m").run();
    assert!(b.sees("keyring") && b.sees("ask each time"), "{}", b.screen());
    b.keys("Down Enter");
    assert!(b.sees("Ask for it each time?"), "{}", b.screen());
    b.keys("Enter").written().run();
    assert!(b.app.config_text().contains("consumer_secret = { ask = true }"));
    assert!(b.stores.of("acme-uat/consumer_secret").is_empty(), "nothing stays in the vault");
}

#[test]
fn a_move_that_fails_changes_no_file() {
    let mut b = bench();
    b.keys("2 Down Down Down m").run().keys("Enter").run();
    assert!(saves(&b) == 0 && b.notice().contains("no keyring"), "{}", b.notice());
}

// ---- a login that could be kept

#[test]
fn a_login_without_a_store_is_offered_the_vault_once() {
    let mut b = bench();
    wants_vault(&mut b);
    assert!(b.sees("Keep this login?"), "{}", b.screen());
    b.keys("Enter");
    assert!(is_vault(&b) && b.sees("Make a vault"), "{}", b.screen());
    b.types("hush one").keys("Enter").types("hush one").keys("Enter").run();
    assert_eq!(b.stores.asked, ["look", "make the vault", "keep the login of acme-uat"]);
    wants_vault(&mut b);
    assert!(b.app.overlays.is_empty(), "asked once a run");
}

#[test]
fn only_for_this_run_is_an_answer() {
    let mut b = bench();
    wants_vault(&mut b).keys("Down Enter");
    assert!(b.app.overlays.is_empty() && b.notice().contains("this run only"), "{}", b.notice());
    assert_eq!(b.stores.asked, ["look"]);
}

#[test]
fn a_login_of_an_org_that_nobody_has_accepted_is_not_kept() {
    let mut b = bench();
    b.by_hand().keys("t");
    let id = b.app.jobs.newest().unwrap().id;
    b.tell(Msg::Worker(Event::Kept(id, Kept::VaultWanted))).run_until(|app| app.jobs.all().len() == 1);
    came(&mut b, sandbox(), Standing::First { odd: Vec::new() }).run();
    assert!(b.sees("is this the right org?"), "{}", b.screen());
    b.keys("a").run();
    assert!(b.sees("Keep this login?"), "{}", b.screen());
}

#[test]
fn a_login_that_was_not_saved_says_why() {
    let mut b = bench();
    b.by_hand().keys("t");
    let id = b.app.jobs.newest().unwrap().id;
    b.tell(Msg::Worker(Event::Kept(id, Kept::NotSaved("the disk is full".into()))));
    assert!(b.notice().ends_with("for this run only: the disk is full"), "{}", b.notice());
}
