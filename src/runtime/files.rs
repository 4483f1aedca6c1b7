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
    sync::{Arc, Mutex, mpsc as std_mpsc},
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::mpsc;

/// The file of drafts and the last profile, in the data folder.
const STATE: &str = "state.toml";

/// The configuration and its text, or what is wrong, as it is shown.
pub fn load_config(path: &Path) -> Result<Loaded, String> {
    let (config, text) = config::load_with_text(path).map_err(|error| error.to_string())?;
    Ok(Loaded { config, text: ConfigText(text) })
}

/// What the last run saved. A file that cannot be read or understood is put aside, not written over; then comes a
/// sentence that says so.
pub fn load_state(data_dir: &Path) -> (Saved, Option<String>) {
    let path = data_dir.join(STATE);
    let saved = match read_text(&path) {
        Ok(text) => Saved::parse(&text).ok_or_else(|| "it is damaged".to_owned()),
        Err(error) => Err(error.to_string()),
    };
    match saved {
        Ok(saved) => (saved, None),
        Err(problem) => (Saved::default(), Some(put_aside(&path, &problem))),
    }
}

/// Renames a file to a name that is free.
fn put_aside(path: &Path, problem: &str) -> String {
    let names = std::iter::once("state.damaged.toml".to_owned())
        .chain((2..).map(|n: u32| format!("state.damaged-{n}.toml")));
    let mut free =
        names.map(|name| path.with_file_name(name)).filter(|path| path.symlink_metadata().is_err());
    let aside = free.next().expect("more names than a folder has files");
    match fs::rename(path, &aside) {
        Ok(()) => {
            format!("the saved drafts cannot be read ({problem}); they are kept as {}", aside.display())
        }
        Err(error) => {
            format!(
                "the saved drafts in {} cannot be read ({problem}) nor put aside: {error}",
                path.display()
            )
        }
    }
}

/// A file's text. Only one that is not there is empty: what cannot be read must not be taken for nothing.
fn read_text(path: &Path) -> io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read,
    }
}

/// Watches the configuration; a change comes as `Msg::Config`, also one that was made since `known` was read.
pub fn watch_config(path: &Path, known: &str, tell: mpsc::Sender<Msg>) -> Option<config::Watch> {
    let (file, known) = (path.to_owned(), known.to_owned());
    // One at a time: what was read last is told last.
    let telling = Mutex::new(());
    let reload = Arc::new(move || {
        let _turn = telling.lock();
        let _ = tell.blocking_send(Msg::Config(load_settled(&file).map(Box::new)));
    });
    let again = reload.clone();
    let watch = config::watch(path, move |_| again()).ok();
    let file = path.to_owned();
    thread::spawn(move || {
        if !read_text(&file).is_ok_and(|text| text == known) {
            reload();
        }
    });
    watch
}

/// Reads a configuration that is being changed: whoever writes into the file empties it first, and an empty file
/// would be a configuration too.
fn load_settled(path: &Path) -> Result<Loaded, String> {
    const QUIET: Duration = Duration::from_millis(40);
    const ROUNDS: usize = 25; // a file that never rests is taken as it is
    let mut before = fs::read(path).ok();
    for _ in 0..ROUNDS {
        thread::sleep(QUIET);
        let now = fs::read(path).ok();
        if std::mem::replace(&mut before, now.clone()) == now {
            break;
        }
    }
    load_config(path)
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

    /// Waits until everything is written, but not for a disk that hangs; answers what did not work. Takes the news,
    /// which nobody else takes any more.
    pub fn finish(&mut self, news: &mut mpsc::Receiver<Msg>) -> Vec<String> {
        const PATIENCE: Duration = Duration::from_secs(5);
        let mut problems = Vec::new();
        let Some((sender, thread)) = self.thread.take() else { return problems };
        drop(sender);
        let done = super::wait_for(&thread, PATIENCE, || {
            while let Ok(msg) = news.try_recv() {
                match msg {
                    Msg::Done(Done::Badly(problem) | Done::ConfigNotSaved(problem)) => problems.push(problem),
                    Msg::Done(Done::ConfigMoved) => {
                        problems.push("the configuration is not saved".to_owned())
                    }
                    _ => {}
                }
            }
        });
        if !done {
            problems.push(format!(
                "the disk of {} does not answer: the last drafts may not be saved",
                self.data_dir.display()
            ));
        }
        problems
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
    let there = match read_text(path) {
        Ok(there) => there,
        Err(error) => {
            let problem = format!("not saved: {} cannot be read: {error}", path.display());
            return vec![Msg::Done(Done::Badly(problem))];
        }
    };
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
    // `~/` is what a person writes; no shell has been there to replace it.
    let at_home = path.strip_prefix("~").ok().zip(directories::BaseDirs::new());
    let target = at_home.map_or_else(|| path.clone(), |(rest, dirs)| dirs.home_dir().join(rest));
    if target.is_dir() {
        return Done::Badly(format!("not saved: {} is a folder", path.display()));
    }
    if !overwrite && target.exists() {
        return Done::Exists(path);
    }
    match fsio::write_atomic(&target, body, Access::Everyone) {
        Ok(()) => Done::BodySaved(format!("saved to {}", target.display())),
        Err(error) => Done::Badly(format!("not saved: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_configuration_is_written_only_over_what_the_change_was_made_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/config.toml");
        let save = |base, text| save_config(&path, base, text, "saved".to_owned());
        assert!(matches!(
            save("", "# one").as_slice(),
            [Msg::Done(Done::ConfigSaved(_)), Msg::Config(Ok(_))]
        ));
        let moved = save("", "# two");
        let [Msg::Done(Done::ConfigMoved), Msg::Config(Ok(loaded))] = moved.as_slice() else {
            panic!("{moved:?}");
        };
        assert_eq!(&*loaded.text, "# one");
        assert_eq!(fs::read_to_string(&path).unwrap(), "# one");
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_not_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let is_refused = || match save_config(&path, "", "# mine", "saved".to_owned()).as_slice() {
            [Msg::Done(Done::Badly(problem))] => problem.contains("config.toml cannot be read"),
            _ => false,
        };
        fs::write(&path, b"# caf\xe9").unwrap();
        assert!(is_refused());
        assert_eq!(fs::read(&path).unwrap(), b"# caf\xe9");
        assert!(load_config(&path).unwrap_err().contains("not UTF-8"));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(is_refused());
        assert!(load_config(&path).unwrap_err().contains("cannot be read"));
    }

    #[test]
    fn what_is_still_to_be_written_is_written_and_what_fails_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (tell, mut news) = mpsc::channel(1);
        let data = folder.path().join("data");
        let mut files = Files::new(folder.path().join("config.toml"), data.clone(), tell);
        assert_eq!(files.finish(&mut news), Vec::<String>::new());
        let drafts = Saved::default().print();
        (0..5).for_each(|_| files.save_state(drafts.clone())); // more news than there is room for
        assert_eq!(files.finish(&mut news), Vec::<String>::new());
        assert_eq!(fs::read_to_string(data.join(STATE)).unwrap(), drafts);
        fs::remove_dir_all(&data).unwrap();
        fs::write(&data, "no folder").unwrap();
        files.save_state(drafts);
        let [problem] = &files.finish(&mut news)[..] else { panic!("one problem") };
        assert!(problem.starts_with("drafts are not saved: "), "{problem}");
    }

    #[test]
    fn no_drafts_are_no_problem() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load_state(&folder.path().join("none")), (Saved::default(), None));
    }

    #[test]
    fn drafts_that_cannot_be_read_are_kept_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(STATE);
        for (content, name) in [
            (&b"not toml ["[..], "state.damaged.toml"),
            (b"# caf\xe9", "state.damaged-2.toml"),
            (b"", "state.damaged-3.toml"),
        ] {
            if content.is_empty() {
                fs::create_dir(&path).unwrap()
            } else {
                fs::write(&path, content).unwrap()
            }
            let (saved, problem) = load_state(folder.path());
            assert_eq!(saved, Saved::default());
            assert!(problem.unwrap().ends_with(name));
            if !content.is_empty() {
                assert_eq!(fs::read(folder.path().join(name)).unwrap(), content);
            }
        }
        assert_eq!(names(folder.path()).len(), 3, "{:?}", names(folder.path()));
    }
}
