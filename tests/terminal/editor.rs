//! Writing a body in an editor outside: a script that does what a person would.

use std::{fs, path::PathBuf, process::Command, sync::Arc};

use super::pty::{Launch, Pty};
use crate::home::Home;

const PROFILE: &str = r#"
[profiles.acme]
environment = "sandbox"
flow = "access_token"
instance_url = "http://127.0.0.1:1"
access_token = { env = "ACME_TOKEN" }
"#;

/// A person whose editor is this script; the file comes last.
struct Person {
    home: Arc<Home>,
    script: PathBuf,
}

impl Person {
    fn with_editor(script: &str) -> Self {
        let home = Arc::new(Home::new());
        home.write_config(PROFILE);
        let path = home.path().join("my editor.sh");
        fs::write(&path, script).unwrap();
        Self { home, script: path }
    }

    /// A pipe to meet the script at.
    fn gate(&self) -> PathBuf {
        let gate = self.home.path().join("gate");
        if !gate.exists() {
            assert!(Command::new("mkfifo").arg(&gate).status().unwrap().success());
        }
        gate
    }

    /// What is saved for the next run.
    fn state(&self) -> String {
        fs::read_to_string(self.home.data().join("state.toml")).unwrap()
    }

    fn start(&self) -> Pty {
        let editor = format!("sh '{}' --wait", self.script.display());
        let mut term = Launch::orgdeck::<[&str; 0]>([]).home(&self.home).env("EDITOR", &editor).start();
        term.see("acme");
        term
    }
}

impl Pty {
    /// Calls the editor for the body of a ready request.
    fn edit_a_body(&mut self) -> &mut Self {
        self.keys("o").see("Open a request").text("create a record in json").key("Enter");
        self.see("Request ─ Create a record").key("Ctrl-O")
    }
}

#[test]
fn a_body_is_written_in_an_editor_of_ones_own() {
    let person = Person::with_editor("stty -a >tty; printf '{\"Name\": \"%s\"}\\n\\n' \"$1\" >\"$2\"");
    let mut term = person.start();
    term.edit_a_body().see("{\"Name\": \"--wait\"}").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
    let tty = fs::read_to_string(person.home.path().join("tty")).unwrap();
    assert!(tty.contains(" icanon"), "the editor got a terminal in order: {tty}");
    assert!(person.state().contains("--wait"), "{}", person.state());
}

#[test]
fn what_happens_while_the_editor_has_the_terminal_is_not_lost() {
    let person = Person::with_editor("echo started >gate; read line <gate; echo \"$line\" >\"$2\"");
    let gate = person.gate();
    let mut term = person.start();
    term.edit_a_body();
    assert_eq!(fs::read_to_string(&gate).unwrap(), "started\n");
    person.home.write_config(&PROFILE.replace("acme", "globex"));
    fs::write(&gate, "written outside\n").unwrap();
    term.see("written outside").see("globex").gone("acme").keys("q");
    assert_eq!(term.left_clean().exit_code(), 0);
}

#[test]
fn a_signal_ends_the_editor_too_and_keeps_what_it_saved() {
    let script = "echo saved by then >\"$2\"; printf '\\033[?1049h'; trap 'printf \"\\033[?1049l\"; exit 1' TERM\n\
                  echo started >gate; while :; do read line <gate; done";
    let person = Person::with_editor(script);
    let gate = person.gate();
    let mut term = person.start();
    term.edit_a_body();
    assert_eq!(fs::read_to_string(gate).unwrap(), "started\n");
    assert_eq!(term.signal("TERM").left_clean().exit_code(), 0);
    assert!(person.state().contains("saved by then"), "{}", person.state());
    assert!(!person.home.files().iter().any(|file| file.starts_with("tmp")), "the body's file is gone");
}
