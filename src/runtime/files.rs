//! Files: the configuration and the saved state are read before the first frame, everything is written on one
//! thread, in order, atomically.

use crate::{
    app::{ConfigText, Done, Loaded, Msg, Saved},
    config,
    fsio::{self, Access},
};
use bytes::Bytes;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::mpsc as std_mpsc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// The file of drafts and the last profile, in the data folder.
const STATE: &str = "state.toml";

/// The configuration and its text, or what is wrong, as it is shown.
pub fn load_config(path: &Path) -> Result<Loaded, String> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display())),
    };
    let config = config::load(path).map_err(|error| error.to_string())?;
    Ok(Loaded { config, text: ConfigText(text) })
}

/// What the last run saved. A file that cannot be understood is put aside, not written over.
pub fn load_state(data_dir: &Path) -> Saved {
    let path = data_dir.join(STATE);
    let Ok(text) = fs::read_to_string(&path) else { return Saved::default() };
    Saved::parse(&text).unwrap_or_else(|| {
        let _ = fs::rename(&path, data_dir.join("state.damaged.toml"));
        Saved::default()
    })
}

/// Watches the configuration; a change comes as `Msg::Config`, also one that was made since `known` was read.
pub fn watch_config(path: &Path, known: &str, tell: mpsc::Sender<Msg>) -> Option<config::Watch> {
    let file = path.to_owned();
    let later = tell.clone();
    let changed = move |_| {
        let _ = later.blocking_send(Msg::Config(load_config(&file).map(Box::new)));
    };
    let watch = config::watch(path, changed).ok();
    if fs::read_to_string(path).unwrap_or_default() != known {
        let _ = tell.try_send(Msg::Config(load_config(path).map(Box::new)));
    }
    watch
}

enum Work {
    Config { base: String, text: String, done: String },
    State(String),
    Body { path: PathBuf, body: Bytes, overwrite: bool },
}

/// The thread that writes, started by the first thing there is to write.
pub struct Files {
    config_file: PathBuf,
    data_dir: PathBuf,
    tell: mpsc::Sender<Msg>,
    thread: Option<(std_mpsc::Sender<Work>, JoinHandle<()>)>,
}

impl Files {
    /// Nothing is written before it is asked to.
    pub fn new(config_file: PathBuf, data_dir: PathBuf, tell: mpsc::Sender<Msg>) -> Self {
        Self { config_file, data_dir, tell, thread: None }
    }

    /// Writes the configuration, unless the file is no longer `base`.
    pub fn save_config(&mut self, base: String, text: String, done: String) {
        self.give(Work::Config { base, text, done });
    }

    /// Writes drafts and the last profile.
    pub fn save_state(&mut self, text: String) {
        self.give(Work::State(text));
    }

    /// Writes a body.
    pub fn save_body(&mut self, path: PathBuf, body: Bytes, overwrite: bool) {
        self.give(Work::Body { path, body, overwrite });
    }

    fn give(&mut self, work: Work) {
        let (sender, _) = self.thread.get_or_insert_with(|| {
            let (sender, todo) = std_mpsc::channel();
            let (config_file, data_dir, tell) =
                (self.config_file.clone(), self.data_dir.clone(), self.tell.clone());
            let thread = thread::spawn(move || {
                for work in todo {
                    for msg in carry_out(work, &config_file, &data_dir) {
                        // If the screen is gone, nobody needs its news.
                        let _ = tell.blocking_send(msg);
                    }
                }
            });
            (sender, thread)
        });
        let _ = sender.send(work);
    }

    /// Waits until everything is written, but not for a disk that hangs.
    pub fn finish(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        let Some((sender, thread)) = self.thread.take() else { return };
        drop(sender);
        let until = Instant::now() + PATIENCE;
        while !thread.is_finished() && Instant::now() < until {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

fn carry_out(work: Work, config_file: &Path, data_dir: &Path) -> Vec<Msg> {
    match work {
        Work::Config { base, text, done } => save_config(config_file, &base, &text, done),
        Work::State(text) => match save_state(data_dir, &text) {
            Ok(()) => vec![Msg::Done(Done::Well(None))],
            Err(error) => vec![Msg::Done(Done::Badly(format!("drafts are not saved: {error}")))],
        },
        Work::Body { path, body, overwrite } => vec![Msg::Done(save_body(path, &body, overwrite))],
    }
}

fn save_config(path: &Path, base: &str, text: &str, done: String) -> Vec<Msg> {
    let there = fs::read_to_string(path).unwrap_or_default();
    if there != base {
        return vec![Msg::Done(Done::ConfigMoved), Msg::Config(load_config(path).map(Box::new))];
    }
    if let Some(folder) = path.parent()
        && let Err(error) = fsio::create_private_dir(folder)
    {
        return vec![Msg::Done(Done::Badly(format!("not saved: {error}")))];
    }
    match fsio::write_atomic(path, text.as_bytes(), Access::Owner) {
        Ok(()) => vec![Msg::Done(Done::ConfigSaved(done)), Msg::Config(load_config(path).map(Box::new))],
        Err(error) => vec![Msg::Done(Done::Badly(format!("not saved: {error}")))],
    }
}

fn save_state(data_dir: &Path, text: &str) -> Result<(), fsio::FileError> {
    fsio::create_private_dir(data_dir)?;
    fsio::write_atomic(&data_dir.join(STATE), text.as_bytes(), Access::Owner)
}

fn save_body(path: PathBuf, body: &[u8], overwrite: bool) -> Done {
    if !overwrite && path.exists() {
        return Done::Exists(path);
    }
    match fsio::write_atomic(&path, body, Access::Everyone) {
        Ok(()) => Done::BodySaved(format!("saved to {}", path.display())),
        Err(error) => Done::Badly(format!("not saved: {error}")),
    }
}
