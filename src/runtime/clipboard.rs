//! The clipboard: the desktop's where there is one, else the terminal's by OSC 52, which is all there is over SSH.

use super::terminal::Screen;
use crate::{
    app::{Done, Msg},
    secrets::Secret,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    io::{self, Write},
    process::{Command, Stdio},
    sync::mpsc as std_mpsc,
    thread,
    time::Duration,
};
use tokio::sync::mpsc;

/// How long a copied secret stays on the desktop's clipboard.
const CLEAR_AFTER: Duration = Duration::from_secs(60);

/// Where copied text goes.
pub struct Clipboard {
    way: Way,
    tell: mpsc::Sender<Msg>,
}

enum Way {
    /// Through the terminal.
    Terminal,
    /// Through tmux, which keeps OSC 52 to itself as it is set up at first.
    Tmux,
    /// The desktop's, served by a thread from the first copy on.
    Desktop(Option<std_mpsc::Sender<Copy>>),
}

struct Copy {
    text: Secret,
    secret: bool,
    what: &'static str,
}

impl Clipboard {
    /// Decides by the environment; touches nothing yet.
    pub fn new(tell: mpsc::Sender<Msg>) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let way = if set("TMUX") {
            Way::Tmux
        } else if set("SSH_CONNECTION")
            || (cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY"))
        {
            Way::Terminal
        } else {
            Way::Desktop(None)
        };
        Self { way, tell }
    }

    /// Copies; answers what can honestly be said of it.
    pub fn copy(
        &mut self,
        text: &str,
        secret: bool,
        what: &'static str,
        screen: &mut Screen,
    ) -> io::Result<Done> {
        match &mut self.way {
            Way::Terminal => {
                screen.control(&format!("\x1b]52;c;{}\x07", STANDARD.encode(text)))?;
                Ok(Done::Well(Some(format!("{what} was sent to the terminal's clipboard"))))
            }
            Way::Tmux => Ok(match to_tmux(text) {
                Ok(()) => Done::Well(Some(format!("{what} was given to tmux"))),
                Err(error) => Done::Badly(format!("not copied: tmux load-buffer: {error}")),
            }),
            Way::Desktop(thread) => {
                let sender = thread.get_or_insert_with(|| serve(self.tell.clone()));
                // The thread answers when it knows; a desktop can hang.
                let _ = sender.send(Copy { text: Secret::new(text), secret, what });
                Ok(Done::Well(None))
            }
        }
    }
}

/// The text goes by standard input: arguments can be seen in the process list.
fn to_tmux(text: &str) -> io::Result<()> {
    let mut tmux = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = tmux.stdin.take() {
        input.write_all(text.as_bytes())?;
    }
    let status = tmux.wait()?;
    if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
}

/// X11 and Wayland ask the owner of the clipboard for its text, so the owner lives as long as the program.
fn serve(tell: mpsc::Sender<Msg>) -> std_mpsc::Sender<Copy> {
    let (sender, copies) = std_mpsc::channel::<Copy>();
    thread::spawn(move || {
        let mut desktop = None;
        let mut to_clear: Option<Secret> = None;
        loop {
            let next = match to_clear {
                Some(_) => copies.recv_timeout(CLEAR_AFTER),
                None => copies.recv().map_err(|_| std_mpsc::RecvTimeoutError::Disconnected),
            };
            match next {
                Ok(copy) => {
                    let done = put(&mut desktop, &copy);
                    to_clear = copy.secret.then_some(copy.text);
                    let _ = tell.blocking_send(Msg::Done(done));
                }
                Err(std_mpsc::RecvTimeoutError::Timeout) => clear(&mut desktop, to_clear.take()),
                Err(std_mpsc::RecvTimeoutError::Disconnected) => return clear(&mut desktop, to_clear.take()),
            }
        }
    });
    sender
}

fn put(desktop: &mut Option<arboard::Clipboard>, copy: &Copy) -> Done {
    if desktop.is_none() {
        *desktop = arboard::Clipboard::new().ok();
    }
    let done = match desktop {
        Some(desktop) => desktop.set_text(copy.text.expose()).map_err(|error| error.to_string()),
        None => Err("no clipboard answers".to_owned()),
    };
    match done {
        Ok(()) if copy.secret => {
            Done::Well(Some(format!("{} is on the clipboard for {} s", copy.what, CLEAR_AFTER.as_secs())))
        }
        Ok(()) => Done::Well(Some(format!("{} is on the clipboard", copy.what))),
        Err(error) => Done::Badly(format!("not copied: {error}")),
    }
}

/// Takes a secret off the clipboard, unless something else was copied since.
fn clear(desktop: &mut Option<arboard::Clipboard>, secret: Option<Secret>) {
    if let (Some(desktop), Some(secret)) = (desktop, secret)
        && desktop.get_text().is_ok_and(|text| text == secret.expose())
    {
        let _ = desktop.clear();
    }
}
