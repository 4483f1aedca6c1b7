//! The person at the terminal of a subcommand: told where to log in, and listened to for what they paste.

use crate::{
    app::Seat,
    document::safe,
    jobs::{Failure, FailureKind, Listening, Waiting},
    runtime::{browser, surroundings},
    secrets::Secret,
};
use std::{
    io::{BufRead, IsTerminal},
    sync::Arc,
};
use tokio::sync::mpsc;

/// Who can be asked, and how.
pub(super) struct Person {
    /// Standard input and standard error are a terminal.
    terminal: bool,
    /// A browser is opened even if there is no terminal: a script that drives one asks for that.
    browser: bool,
    /// Variables that no program inherits.
    withheld: Vec<String>,
    lines: Option<mpsc::Receiver<Secret>>,
}

impl Person {
    /// Whoever sits at the terminal, if anybody.
    pub(super) fn new(browser: bool, withheld: Vec<String>) -> Self {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Self { terminal, browser, withheld, lines: None }
    }

    /// Says what is waited for; an error where nobody could do it.
    pub(super) fn wait_for(&mut self, waiting: &Arc<Waiting>) -> Result<(), Failure> {
        if !self.terminal && !self.browser {
            return Err(Failure {
                fix: Some(
                    "run it in a terminal, or with --browser; once logged in, a kept refresh token needs nobody"
                        .into(),
                ),
                ..Failure::new(FailureKind::PersonNeeded, "a person has to log in in a browser")
            });
        }
        match &**waiting {
            Waiting::Browser { listening: Listening::Busy { .. } | Listening::Elsewhere, .. }
                if !self.terminal =>
            {
                return Err(Failure {
                    fix: Some("run it in a terminal, or free the callback's port".into()),
                    ..Failure::new(
                        FailureKind::PersonNeeded,
                        "nothing listens for the login, and nobody can paste it",
                    )
                });
            }
            Waiting::Browser { login, listening } => {
                let url = login.authorize.as_str();
                eprintln!("log in here:\n\n{}\n", safe(url));
                eprintln!("{}", how_it_comes_back(listening));
                if self.browser || surroundings::seat() == Seat::Desktop {
                    self.open(url.to_owned());
                }
                if self.terminal && self.lines.is_none() {
                    self.lines = Some(listen());
                }
            }
            Waiting::Code(code) => {
                let minutes = code.lives.as_secs() / 60;
                eprintln!(
                    "open {} and type the code {}; it is good for {minutes} minutes",
                    safe(code.verification_uri.as_str()),
                    safe(&code.user_code)
                );
            }
        }
        Ok(())
    }

    /// Opens a browser beside the job; it is no trouble if there is none.
    fn open(&self, url: String) {
        let withheld = self.withheld.clone();
        tokio::spawn(async move {
            if let Err(why) = browser::start_one(&url, &withheld).await {
                eprintln!("note: no browser was opened ({}); open the address yourself", safe(&why));
            }
        });
    }

    /// The next line that the person pastes.
    pub(super) async fn line(&mut self) -> Option<Secret> {
        match &mut self.lines {
            Some(lines) => match lines.recv().await {
                Some(line) => Some(line),
                None => std::future::pending().await, // the end of the input
            },
            None => std::future::pending().await,
        }
    }
}

fn how_it_comes_back(listening: &Listening) -> String {
    match listening {
        Listening::At(page) => format!(
            "The answer is caught on {page} . From another machine: ssh -L {port}:localhost:{port} to here and open \
             {page} ; or paste the address that the browser ends at:",
            port = page.port_or_known_default().unwrap_or_default()
        ),
        Listening::Busy { port, cause } => format!(
            "Port {port} is taken ({cause}), so the browser will show an error page: copy its address and paste it:"
        ),
        Listening::Elsewhere => "Then paste the address that the browser ends at, or the code alone:".into(),
    }
}

/// Lines of standard input, from a thread of their own: a read cannot be called off.
fn listen() -> mpsc::Receiver<Secret> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if !line.trim().is_empty() && sender.blocking_send(Secret::new(line)).is_err() {
                return;
            }
        }
    });
    receiver
}
