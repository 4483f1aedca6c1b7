//! Keys, mouse, paste and resizes as messages.
//!
//! crossterm reads the terminal by its `use-dev-tty` source: the other one waits for edges, and loses a key that
//! comes together with a resize until the next key.

use crate::app::Msg;
use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt;
use ratatui::layout::Size;
use std::io::ErrorKind;
use tokio::{sync::mpsc, task::JoinHandle};

/// A paste or a held key comes in bursts; more than this wait in the terminal.
const WAITING: usize = 256;

/// Reads the terminal until dropped; something else may read it then.
///
/// A task of its own, because the stream remembers only the first waker it was polled with: looking at it
/// without waiting would lose the keys that come later.
pub struct Input {
    messages: mpsc::Receiver<Msg>,
    task: JoinHandle<()>,
}

impl Input {
    /// Starts to read. Start it before drawing: a resize in between would be told to nobody.
    pub fn start() -> Self {
        let (sender, messages) = mpsc::channel(WAITING);
        let mut events = EventStream::new();
        let task = tokio::spawn(async move {
            while let Some(event) = events.next().await {
                let msg = match event {
                    Ok(event) => message_of(event),
                    // A stream that ended before this one may leave a wake-up behind.
                    Err(error) if error.kind() == ErrorKind::Interrupted => None,
                    Err(_) => break,
                };
                if let Some(msg) = msg
                    && sender.send(msg).await.is_err()
                {
                    return;
                }
            }
            // The terminal is gone.
            let _ = sender.send(Msg::Shutdown).await;
        });
        Self { messages, task }
    }

    /// Waits for the next message.
    pub async fn next(&mut self) -> Msg {
        self.messages.recv().await.unwrap_or(Msg::Shutdown)
    }

    /// A message that is there already.
    pub fn next_at_once(&mut self) -> Option<Msg> {
        self.messages.try_recv().ok()
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn message_of(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => (key.kind != KeyEventKind::Release).then_some(Msg::Key(key)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Mouse(event) => Some(Msg::Mouse(event)),
        Event::Resize(columns, rows) => Some(Msg::Resize(Size::new(columns, rows))),
        Event::FocusGained | Event::FocusLost => None,
    }
}
