//! Running `orgdeck` as a script does: arguments in; standard output, standard error and exit code out.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::home::Home;

/// How long a command may take. Never reached by a test that passes.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a command left behind.
#[derive(Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A command with its arguments, before it runs.
pub struct Orgdeck {
    command: Command,
    input: Option<String>,
}

impl Orgdeck {
    pub fn new(home: &Home, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_orgdeck"));
        command.args(arguments).env_clear().envs(home.environment()).current_dir(home.path());
        Self { command, input: None }
    }

    /// A shell's script in place of the program, which is its `$0` and the arguments its `$@`.
    #[cfg(unix)]
    pub fn in_shell(home: &Home, script: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script, env!("CARGO_BIN_EXE_orgdeck")]).args(arguments);
        command.env_clear().envs(home.environment()).current_dir(home.path());
        Self { command, input: None }
    }

    /// What is piped into standard input; else there is nothing.
    pub fn input(mut self, text: &str) -> Self {
        self.input = Some(text.to_owned());
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    #[track_caller]
    pub fn run(mut self) -> Finished {
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("orgdeck starts");
        if let Some(text) = self.input {
            let mut stdin = child.stdin.take().expect("piped");
            thread::spawn(move || stdin.write_all(text.as_bytes()));
        }
        let stdout = drain(child.stdout.take().expect("piped"));
        let stderr = drain(child.stderr.take().expect("piped"));
        let (Ok(stdout), Ok(stderr)) = (stdout.recv_timeout(PATIENCE), stderr.recv_timeout(PATIENCE)) else {
            _ = child.kill();
            panic!("{:?} did not end", self.command);
        };
        Finished { code: child.wait().expect("a child of ours").code(), stdout, stderr }
    }
}

impl Finished {
    #[track_caller]
    pub fn code(&self, expected: i32) -> &Self {
        assert_eq!(self.code, Some(expected), "{self:#?}");
        self
    }

    /// Standard output, read as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e} in {self:#?}"))
    }

    /// The error object that `--json` puts on standard error.
    #[track_caller]
    pub fn error(&self) -> Value {
        serde_json::from_str(&self.stderr).unwrap_or_else(|e| panic!("{e} in {self:#?}"))
    }

    /// Holds that standard error names each of `words`, for a person to read.
    #[track_caller]
    pub fn explains(&self, words: &[&str]) -> &Self {
        let missing: Vec<_> = words.iter().filter(|word| !self.stderr.contains(**word)).collect();
        assert!(missing.is_empty(), "not explained: {missing:?} in {self:#?}");
        self
    }

    /// Holds that neither output has `secret` in it.
    #[track_caller]
    pub fn hides(&self, secret: &str) -> &Self {
        assert!(!self.stdout.contains(secret), "a secret on standard output");
        assert!(!self.stderr.contains(secret), "a secret on standard error");
        self
    }
}

fn drain(mut pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (all, read) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        _ = pipe.read_to_end(&mut bytes);
        _ = all.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    read
}

/// `orgdeck demo --serve`, running until it is dropped.
pub struct DemoServer {
    child: Child,
    pub home: Arc<Home>,
    /// The line it printed: orgs with their addresses, users and connected apps.
    pub told: Value,
}

impl DemoServer {
    pub fn start() -> Self {
        let home = Arc::new(Home::new());
        let mut orgdeck = Orgdeck::new(&home, &["demo", "--serve"]);
        orgdeck.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = orgdeck.command.spawn().expect("orgdeck starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        stdout.read_line(&mut line).expect("the demo server tells where it is");
        let told = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e} in {line:?}"));
        Self { child, home, told }
    }
}

impl Drop for DemoServer {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
