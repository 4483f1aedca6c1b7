//! Tells when the configuration file has changed, however it was written.
//!
//! Editors replace a file rather than write into it, so its folder is watched, and the folder of the file that a link
//! points to. Where the system gives no such news (a network share, no folder yet), the file is looked at from time
//! to time. What counts is the content: touching the file or saving it unchanged is no change.

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

/// Editors write in several steps; this long after the last one the file is read.
const QUIET: Duration = Duration::from_millis(80);
/// How often a file is looked at that cannot be watched.
const POLL: Duration = Duration::from_secs(2);

/// Which content a file has; equal for equal bytes, within one run of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentHash(Option<u64>);

impl ContentHash {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Self(Some(hasher.finish()))
    }

    /// Of a file; one that is not there has a content of its own.
    fn of_file(path: &Path) -> Self {
        fs::read(path).map_or(Self(None), |bytes| Self::of(&bytes))
    }
}

/// Keeps the watching alive; dropped, it ends.
#[derive(Debug)]
pub struct Watch(Sender<Wake>);

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.0.send(Wake::Stop); // the thread may have ended by a panic in `changed`
    }
}

/// Calls `changed` with the new content's hash, on a thread of its own, each time the file's content has changed.
/// Start it before the file is first read, so that no change falls in between. A program that writes the file itself
/// knows its own content by [`ContentHash::of`].
pub fn watch(path: &Path, changed: impl FnMut(ContentHash) + Send + 'static) -> io::Result<Watch> {
    let (tell, wakes) = mpsc::channel();
    let known = ContentHash::of_file(path);
    let mut watching = Watching { path: path.to_owned(), known, watcher: None, changed };
    let news = tell.clone();
    thread::Builder::new().name("config watcher".to_owned()).spawn(move || watching.run(&news, &wakes))?;
    Ok(Watch(tell))
}

#[derive(Debug)]
enum Wake {
    /// Something happened to these paths; to none, if the system has lost count.
    News(Vec<PathBuf>),
    Stop,
}

struct Watching<F> {
    path: PathBuf,
    known: ContentHash,
    watcher: Option<RecommendedWatcher>,
    changed: F,
}

impl<F: FnMut(ContentHash)> Watching<F> {
    fn run(&mut self, news: &Sender<Wake>, wakes: &Receiver<Wake>) {
        let news = news.clone();
        self.watcher = notify::recommended_watcher(move |event| tell(&news, event)).ok();
        loop {
            let files = with_link_targets(&self.path);
            let is_watched = self.watch_folders_of(&files);
            self.look();
            if !wait(wakes, &files, is_watched) {
                return;
            }
        }
    }

    /// Whether news will come of all of the files' folders. Asked anew each time: a folder may have been replaced.
    fn watch_folders_of(&mut self, files: &[PathBuf]) -> bool {
        let Some(watcher) = &mut self.watcher else { return false };
        files.iter().all(|file| watcher.watch(folder_of(file), RecursiveMode::NonRecursive).is_ok())
    }

    fn look(&mut self) {
        let now = ContentHash::of_file(&self.path);
        if now != self.known {
            self.known = now;
            (self.changed)(now);
        }
    }
}

/// Waits until one of the files may have changed; `false` when it is time to stop.
fn wait(wakes: &Receiver<Wake>, files: &[PathBuf], is_watched: bool) -> bool {
    let mut until = if is_watched { None } else { Some(Instant::now() + POLL) };
    loop {
        let wake = match until {
            Some(until) => wakes.recv_timeout(until.saturating_duration_since(Instant::now())),
            None => wakes.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match wake {
            Ok(Wake::News(paths)) if concerns(&paths, files) => until = Some(Instant::now() + QUIET),
            Ok(Wake::News(_)) => {}
            Err(RecvTimeoutError::Timeout) => return true,
            Ok(Wake::Stop) | Err(RecvTimeoutError::Disconnected) => return false,
        }
    }
}

/// Passes an event on, but for reading: the watcher's own would wake it for ever.
fn tell(news: &Sender<Wake>, event: notify::Result<notify::Event>) {
    let paths = match event {
        Ok(event) if event.kind.is_access() => return,
        Ok(event) if !event.need_rescan() => event.paths,
        _ => Vec::new(),
    };
    let _ = news.send(Wake::News(paths)); // nobody listens any more: the watcher is about to be dropped
}

/// Whether news of these paths may be news of the files or their folders. Names are enough: the system may spell the
/// folders above in another way.
fn concerns(paths: &[PathBuf], files: &[PathBuf]) -> bool {
    let is_ours = |path: &PathBuf| {
        files.iter().any(|file| {
            path.file_name() == file.file_name() || path.file_name() == folder_of(file).file_name()
        })
    };
    paths.is_empty() || paths.iter().any(is_ours)
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path, and what it points to if it is a link, to the end of the chain.
fn with_link_targets(path: &Path) -> Vec<PathBuf> {
    const LONGEST_CHAIN: usize = 40; // what Linux follows before it calls it a loop
    let mut files = vec![path.to_owned()];
    while let Some(target) =
        files.last().and_then(|file| Some(folder_of(file).join(fs::read_link(file).ok()?)))
    {
        if files.len() > LONGEST_CHAIN {
            break;
        }
        files.push(target);
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long enough for the slowest machine; nothing waits for it unless it fails.
    const DEADLINE: Duration = Duration::from_secs(30);

    fn watched(path: &Path) -> (Watch, Receiver<ContentHash>) {
        let (send, receive) = mpsc::channel();
        (watch(path, move |hash| send.send(hash).unwrap_or_default()).unwrap(), receive)
    }

    fn sees(receive: &Receiver<ContentHash>, content: Option<&str>) {
        let expected = content.map_or(ContentHash(None), |text| ContentHash::of(text.as_bytes()));
        // Half-written content may be seen on the way.
        while receive.recv_timeout(DEADLINE).expect("the change is seen") != expected {}
    }

    #[test]
    fn a_file_is_seen_to_appear_to_be_written_to_be_replaced_and_to_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let (_watch, receive) = watched(&path);
        fs::write(&path, "one").unwrap();
        sees(&receive, Some("one"));
        fs::write(&path, "two").unwrap();
        sees(&receive, Some("two"));
        fs::write(folder.path().join("new"), "three").unwrap();
        fs::rename(folder.path().join("new"), &path).unwrap();
        sees(&receive, Some("three"));
        fs::remove_file(&path).unwrap();
        sees(&receive, None);
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orgdeck/config.toml");
        let (_watch, receive) = watched(&path);
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(&path, "one").unwrap();
        sees(&receive, Some("one"));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_points_to_is_watched() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("dotfiles")).unwrap();
        let (link, target) = (folder.path().join("config.toml"), folder.path().join("dotfiles/orgdeck.toml"));
        fs::write(&target, "one").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let (_watch, receive) = watched(&link);
        fs::write(&target, "two").unwrap();
        sees(&receive, Some("two"));
    }

    #[test]
    fn dropping_it_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let (watch, receive) = watched(&folder.path().join("config.toml"));
        drop(watch);
        // The callback, and with it the sending end, goes when the thread ends.
        assert_eq!(receive.recv_timeout(DEADLINE), Err(RecvTimeoutError::Disconnected));
    }
}
