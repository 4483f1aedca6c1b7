//! The clipboard: tmux's or the desktop's where there is one, else the terminal's by OSC 52, which is all there is
//! over SSH.

use super::{surroundings, terminal::Screen};
use crate::{
    app::{Done, Msg, Secretable},
    jobs::ClipboardWay as Way,
    secrets::Secret,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    io::{self, Write},
    process::{Command, Stdio},
    sync::mpsc::{self as std_mpsc, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::mpsc;

/// How long a copied secret stays.
const CLEAR_AFTER: Duration = Duration::from_secs(60);
/// The name of our buffer in tmux.
const BUFFER: &str = "orgdeck";

/// Where copied text goes.
pub struct Clipboard {
    way: Way,
    tell: mpsc::Sender<Msg>,
    /// What serves all ways but the terminal, from the first copy on.
    thread: Option<(std_mpsc::Sender<Copy>, JoinHandle<()>)>,
}

struct Copy {
    text: Secret,
    secret: bool,
    what: &'static str,
}

impl Clipboard {
    /// Decides by the environment; touches nothing yet.
    pub fn new(tell: mpsc::Sender<Msg>) -> Self {
        Self { way: surroundings::look().clipboard, tell, thread: None }
    }

    /// Copies; answers what can honestly be said of it. `hidden` variables are kept from what is started for it.
    pub fn copy(
        &mut self,
        text: Secretable,
        what: &'static str,
        hidden: Vec<String>,
        screen: &mut Screen,
    ) -> io::Result<Done> {
        let (text, secret) = match text {
            Secretable::Plain(text) => (Secret::new(text), false),
            Secretable::Secret(secret) => (secret, true),
        };
        let (way, tell) = (self.way, &self.tell);
        let serve = || match way {
            Way::Terminal => None,
            Way::Tmux => Some(serve(|| Tmux { hidden }, tell.clone())),
            Way::Desktop => Some(serve(Desktop::default, tell.clone())),
        };
        if self.thread.is_none() {
            self.thread = serve();
        }
        let Some((sender, _)) = &self.thread else {
            screen.control(&format!("\x1b]52;c;{}\x07", STANDARD.encode(text.expose())))?;
            // Nobody can tell whether something else was copied since, so it is not cleared either.
            let stays = if secret { "; it stays there until something else is copied" } else { "" };
            return Ok(Done::Well(Some(format!("{what} was sent to the terminal's clipboard{stays}"))));
        };
        // The thread answers when it knows; a desktop can hang.
        let _ = sender.send(Copy { text, secret, what });
        Ok(Done::Well(None))
    }

    /// Takes a secret off again, but does not wait for a desktop that hangs.
    pub fn finish(&mut self) {
        if let Some((sender, thread)) = self.thread.take() {
            drop(sender);
            super::wait_for(&thread, Duration::from_millis(500), || {});
        }
    }
}

/// Something that keeps copied text.
trait Keeper {
    fn put(&mut self, text: &str) -> Result<(), String>;
    /// Takes `text` off, unless something else was copied since.
    fn clear(&mut self, text: &str);
    /// What is said of a text that was put there.
    fn says(&self, what: &str, secret: bool) -> String;
}

/// X11 and Wayland ask the owner of the clipboard for its text, so the owner lives as long as the program.
fn serve<K: Keeper>(
    make: impl FnOnce() -> K + Send + 'static,
    tell: mpsc::Sender<Msg>,
) -> (std_mpsc::Sender<Copy>, JoinHandle<()>) {
    let (sender, copies) = std_mpsc::channel::<Copy>();
    let thread = thread::spawn(move || {
        let mut keeper = make();
        let mut to_clear: Option<Secret> = None;
        loop {
            let next = match to_clear {
                Some(_) => copies.recv_timeout(CLEAR_AFTER),
                None => copies.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let ended = matches!(next, Err(RecvTimeoutError::Disconnected));
            match next {
                Ok(Copy { text, secret, what }) => {
                    let done = match keeper.put(text.expose()) {
                        Ok(()) => {
                            to_clear = secret.then_some(text);
                            Done::Well(Some(keeper.says(what, secret)))
                        }
                        Err(problem) => Done::Badly(format!("not copied: {problem}")),
                    };
                    let _ = tell.blocking_send(Msg::Done(done));
                }
                Err(_) => to_clear.take().into_iter().for_each(|text| keeper.clear(text.expose())),
            }
            if ended {
                return;
            }
        }
    });
    (sender, thread)
}

struct Tmux {
    hidden: Vec<String>,
}

impl Tmux {
    /// The text goes by standard input: arguments can be seen in the process list.
    fn run(&self, arguments: &[&str], input: &str) -> io::Result<()> {
        let mut tmux = Command::new("tmux");
        self.hidden.iter().for_each(|name| _ = tmux.env_remove(name));
        let mut tmux =
            tmux.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // If it does not take the text, its status says why.
        let _ = tmux.stdin.take().map(|mut stdin| stdin.write_all(input.as_bytes()));
        let status = tmux.wait()?;
        if status.success() { Ok(()) } else { Err(io::Error::other(status.to_string())) }
    }
}

impl Keeper for Tmux {
    fn put(&mut self, text: &str) -> Result<(), String> {
        self.run(&["load-buffer", "-w", "-b", BUFFER, "-"], text)
            .map_err(|error| format!("tmux load-buffer: {error}"))
    }

    /// The buffer is ours alone.
    fn clear(&mut self, _: &str) {
        let _ = self.run(&["delete-buffer", "-b", BUFFER], "");
    }

    fn says(&self, what: &str, secret: bool) -> String {
        if !secret {
            return format!("{what} was given to tmux");
        }
        let seconds = CLEAR_AFTER.as_secs();
        format!("{what} was given to tmux for {seconds} s; a terminal that takes it over keeps it longer")
    }
}

/// The desktop's clipboard, opened by the first copy.
#[derive(Default)]
struct Desktop(Option<arboard::Clipboard>);

impl Keeper for Desktop {
    fn put(&mut self, text: &str) -> Result<(), String> {
        if self.0.is_none() {
            self.0 = arboard::Clipboard::new().ok();
        }
        let desktop = self.0.as_mut().ok_or("no clipboard answers")?;
        desktop.set_text(text).map_err(|error| error.to_string())
    }

    fn clear(&mut self, text: &str) {
        if let Some(desktop) = &mut self.0
            && desktop.get_text().is_ok_and(|there| there == text)
        {
            let _ = desktop.clear();
        }
    }

    fn says(&self, what: &str, secret: bool) -> String {
        let seconds = CLEAR_AFTER.as_secs();
        let until = if secret { format!(" for {seconds} s") } else { String::new() };
        format!("{what} is on the clipboard{until}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Notes what is done to it.
    struct Notes(Arc<Mutex<Vec<String>>>);

    impl Keeper for Notes {
        fn put(&mut self, text: &str) -> Result<(), String> {
            self.0.lock().unwrap().push(format!("put {text}"));
            if text == "refused" { Err("no room".to_owned()) } else { Ok(()) }
        }

        fn clear(&mut self, text: &str) {
            self.0.lock().unwrap().push(format!("clear {text}"));
        }

        fn says(&self, what: &str, _: bool) -> String {
            what.to_owned()
        }
    }

    /// What happens to the clipboard when these texts are copied and the program is left.
    fn after(copies: &[(&str, bool)]) -> Vec<String> {
        let notes = Arc::new(Mutex::new(Vec::new()));
        let (tell, mut told) = mpsc::channel(copies.len());
        let (sender, thread) = serve(
            {
                let notes = notes.clone();
                || Notes(notes)
            },
            tell,
        );
        for (text, secret) in copies {
            sender.send(Copy { text: Secret::new(*text), secret: *secret, what: "it" }).unwrap();
        }
        drop(sender);
        thread.join().unwrap();
        for (text, _) in copies {
            let done = told.try_recv().unwrap();
            assert_eq!(matches!(done, Msg::Done(Done::Badly(_))), *text == "refused", "{done:?}");
        }
        notes.lock().unwrap().clone()
    }

    #[test]
    fn a_secret_is_taken_off_when_the_program_is_left() {
        assert_eq!(after(&[("token", true)]), ["put token", "clear token"]);
        assert_eq!(after(&[("body", false)]), ["put body"]);
        assert_eq!(after(&[("token", true), ("body", false)]), ["put token", "put body"]);
    }

    #[test]
    fn a_copy_that_failed_does_not_keep_the_secret_before_it() {
        assert_eq!(
            after(&[("token", true), ("refused", false)]),
            ["put token", "put refused", "clear token"]
        );
    }
}
