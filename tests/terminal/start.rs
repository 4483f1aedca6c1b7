//! Starting: with nothing, with a configuration, with a broken one, in odd terminals.

use std::{fs, path::PathBuf, process::Command, sync::Arc};

use super::pty::{Launch, Pty};
use crate::home::Home;

const TWO_PROFILES: &str = r#"# mine
[profiles.acme-uat]
environment = "sandbox"
flow = "password"
consumer_key = "3MVG9"
consumer_secret = { env = "ACME_SECRET" }
username = "ada@acme.com.uat"
password = { env = "ACME_PASSWORD" }

[profiles.acme-prod]
environment = "production"
flow = "password"
consumer_key = "3MVG9"
consumer_secret = { env = "ACME_SECRET" }
username = "ada@acme.com"
password = { env = "ACME_PASSWORD" }
"#;

fn workbench(home: &Arc<Home>) -> Launch {
    Launch::orgdeck::<[&str; 0]>([]).home(home)
}

#[test]
fn the_first_start_offers_ways_in_and_writes_nothing() {
    let mut term = Pty::orgdeck::<[&str; 0]>([], 120, 36);
    term.see("Welcome to orgdeck").see("Try the demo orgs").see("Write a profile");
    term.see("There is no profile yet").key("Esc");
    assert_eq!(term.left_clean().exit_code(), 0);
    assert_eq!(term.home().files(), Vec::<PathBuf>::new());
}

#[test]
fn the_start_page_leads_to_the_demo_orgs_and_back_to_the_shell() {
    let mut term = Pty::orgdeck::<[&str; 0]>([], 120, 36);
    term.see("Try the demo orgs").key("Enter").see("demo-production").see("demo orgs").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
    assert_eq!(term.home().files(), Vec::<PathBuf>::new());
}

#[test]
fn a_terminal_that_never_answers_is_not_asked() {
    let mut term = Launch::orgdeck(["demo"]).silent().start();
    term.see("demo-production").asked_nothing().keys("?").see("Help:").asked_nothing();
    term.resize(80, 24).resize(100, 30).key("Esc").gone("Help:").asked_nothing();
}

#[test]
fn every_key_is_answered_without_another() {
    let mut term = Pty::orgdeck(["demo"], 120, 36);
    term.see("demo-production");
    for _ in 0..5 {
        term.keys("o").see("Open a request").key("Esc").gone("Open a request");
    }
}

#[test]
fn a_configuration_is_read_again_when_it_changes() {
    let home = Arc::new(Home::new());
    home.write_config(TWO_PROFILES);
    let mut term = workbench(&home).start();
    term.see("acme-uat").see("acme-prod");
    home.write_config(&TWO_PROFILES.replace("acme-prod", "globex"));
    term.see("globex").gone("acme-prod").see("acme-uat");
}

#[test]
fn a_broken_configuration_names_its_place_and_leaves_the_last_good_state() {
    let home = Arc::new(Home::new());
    home.write_config(TWO_PROFILES);
    let mut term = workbench(&home).start();
    term.see("acme-uat");
    home.write_config(&TWO_PROFILES.replacen("flow = \"password\"", "flow = \"pasword\"", 1));
    term.see("line 4").see("acme-uat").see("acme-prod");
    home.write_config(TWO_PROFILES);
    term.gone("line 4").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
    assert_eq!(fs::read_to_string(home.config().join("config.toml")).unwrap(), TWO_PROFILES);
}

#[test]
fn a_configuration_broken_from_the_start_is_told_and_kept() {
    let broken = TWO_PROFILES.replacen("environment = ", "environment : ", 1);
    let home = Arc::new(Home::new());
    home.write_config(&broken);
    let mut term = workbench(&home).start();
    term.see("line 3").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
    assert_eq!(fs::read_to_string(home.config().join("config.toml")).unwrap(), broken);
}

/// A home folder on a network may hang; the terminal must not be taken by then.
#[test]
fn a_configuration_that_hangs_can_be_left_by_control_c() {
    let home = Arc::new(Home::new());
    let path = home.write_config("").config().join("config.toml");
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut term = workbench(&home).start();
    let _hanging = fs::File::options().write(true).open(&path).unwrap(); // waits until it is being read
    term.key("Ctrl-C").left_clean();
}

#[test]
fn drafts_that_cannot_be_read_are_put_aside_and_told() {
    let home = Arc::new(Home::new());
    home.write_config(TWO_PROFILES);
    fs::create_dir(home.data()).unwrap();
    fs::write(home.data().join("state.toml"), "not toml [").unwrap();
    let mut term = workbench(&home).start();
    term.see("acme-uat").see("the saved drafts cannot be read").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
    assert_eq!(fs::read_to_string(home.data().join("state.damaged.toml")).unwrap(), "not toml [");
}

/// Below the list stands what is wrong with the file: a password in plain text.
#[test]
fn the_chosen_profile_is_always_in_sight() {
    let profile = |n: usize| {
        TWO_PROFILES.replace("acme-prod", &format!("other-{n}")).replace("acme-uat", &format!("org-{n}"))
    };
    let many: String = (0..20).map(profile).collect();
    let home = Arc::new(Home::new());
    home.write_config(&many.replacen("{ env = \"ACME_PASSWORD\" }", "\"hunter-2\"", 1));
    let mut term = workbench(&home).start();
    term.see("! profiles.org-0.password").never_showed("hunter-2").see("▌SBX  ›org-0");
    for n in 1..20 {
        term.key("Down").see(&format!("▌PROD  other-{}", n - 1)).key("Down").see(&format!("▌SBX   org-{n}"));
    }
    term.keys("G").see("▌PROD  other-19").keys("g").see("▌SBX  ›org-0");
}

#[test]
fn a_profile_is_made_by_form_and_the_comments_stay() {
    let home = Arc::new(Home::new());
    home.write_config(TWO_PROFILES);
    let mut term = workbench(&home).start();
    term.see("acme-uat").keys("d").see("acme-uat-copy").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
    let file = fs::read_to_string(home.config().join("config.toml")).unwrap();
    assert!(file.starts_with("# mine\n") && file.contains("[profiles.acme-uat-copy]"), "{file}");
}

#[test]
fn without_a_terminal_it_says_so() {
    let home = Home::new();
    let run = crate::headless::command::Orgdeck::new(&home, &[]).run();
    run.explains(&["terminal"]);
    assert_ne!(run.code, Some(0));
    assert!(!run.stdout.contains('\u{1b}'), "escape sequences in a pipe: {run:?}");
}

#[test]
fn every_size_down_to_nothing_is_survived() {
    for (columns, rows) in [(200, 60), (80, 24), (60, 20), (40, 12), (20, 6), (2, 2), (1, 1)] {
        let mut term = Pty::orgdeck(["demo"], columns, rows);
        term.see_that(&format!("a first frame at {columns}×{rows}"), |screen| {
            !screen.contents().trim().is_empty()
        });
        term.resize(120, 36).see("demo-production").keys("q");
        assert_eq!(term.left_clean().exit_code(), 0, "{columns}×{rows}");
    }
}

#[test]
fn no_color_keeps_what_is_chosen_visible() {
    let mut term = Launch::orgdeck(["demo"]).env("NO_COLOR", "1").start();
    term.see("PRODUCTION");
    let screen = term.cells();
    let (rows, columns) = screen.size();
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
    let cells: Vec<_> = cells.filter_map(|(row, column)| screen.cell(row, column)).collect();
    let coloured = |colour| !matches!(colour, vt100::Color::Default);
    assert!(!cells.iter().any(|cell| coloured(cell.fgcolor()) || coloured(cell.bgcolor())), "colours");
    assert!(cells.iter().any(|cell| cell.inverse()), "nothing is shown as chosen");
    assert!(cells.iter().any(|cell| cell.bold()), "nothing stands out");
}
