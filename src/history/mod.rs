//! What outlives a run and is asked again: a SQLite database in the data folder, `history.sqlite`.
//!
//! ```text
//! History: opens at the first use ─▶ migrates ─▶ one table a file: limits
//!          damaged? set aside beside it, a new one is begun
//! ```
//! Every call blocks, at most for a moment: whoever calls must be allowed to. Several orgdecks use one file at the same
//! time (WAL, a busy timeout). Knows neither panes nor jobs, and no clock: the time comes in. No secret is ever in it.
//!
//! A new table: a step in `schema::STEPS`, a file beside `limits` with what is put in and asked, and its bounds.

mod aside;
mod limits;
mod schema;

pub use limits::{OrgKey, Source, Taken, thinned};

use crate::fsio::{self, FileError};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

/// The file's name in the data folder.
const FILE: &str = "history.sqlite";

/// How long another program's write is waited for; one takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often opening is tried meanwhile.
const EVERY: Duration = Duration::from_millis(20);

/// Why the history cannot be written or read. Nothing else depends on it.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The folder or the file cannot be made.
    #[error(transparent)]
    File(#[from] FileError),
    /// Another program writes all the time.
    #[error("{} is being written by another program; the history goes on when it is done", .0.display())]
    Busy(PathBuf),
    /// There is no room.
    #[error("{} cannot grow: the disk is full", .0.display())]
    Full(PathBuf),
    /// A newer orgdeck has made it.
    #[error("{} was made by a newer orgdeck (version {found}, this one knows {known}); use that one", .file.display())]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that is known here.
        known: i64,
    },
    /// Anything else.
    #[error("{} cannot be used: {cause}", .file.display())]
    Other {
        /// The file.
        file: PathBuf,
        /// What SQLite says.
        #[source]
        cause: rusqlite::Error,
    },
}

/// The database, opened when it is needed for the first time.
pub struct History {
    file: PathBuf,
    patience: Duration,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    connection: Option<Connection>,
    /// What a person should know, until somebody has told it.
    news: Option<String>,
    /// Readings since what is too old was taken out.
    unpruned: usize,
}

impl History {
    /// That of a data folder. Touches nothing yet.
    pub fn new(data_dir: &Path) -> Self {
        Self { file: data_dir.join(FILE), patience: PATIENCE, open: Mutex::default() }
    }

    /// Something that happened to the file and that a person should know: a damaged one was set aside. Told once.
    pub fn take_news(&self) -> Option<String> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).news.take()
    }

    /// Does something with the database. A damaged one is set aside, and it is done with a new one.
    fn with<T>(&self, act: impl Fn(&mut Connection) -> rusqlite::Result<T>) -> Result<T, HistoryError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match self.attempt(&mut open, &act) {
            Err(HistoryError::Other { cause, .. }) if is_damage(&cause) => {
                open.connection = None; // it must be closed before its file is moved
                let turn = self.turn()?;
                if let Some(aside) = aside::set_aside(&self.file)? {
                    let (file, aside) = (self.file.display(), aside.display());
                    open.news =
                        Some(format!("{file} was damaged: it is now {aside}, and a new one is begun"));
                }
                drop(turn);
                self.attempt(&mut open, &act)
            }
            done => done,
        }
    }

    fn attempt<T>(
        &self,
        open: &mut Open,
        act: impl Fn(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, HistoryError> {
        let connection = match &mut open.connection {
            Some(connection) => connection,
            none => none.insert(self.connect()?),
        };
        act(connection).map_err(|cause| self.error(cause))
    }

    fn connect(&self) -> Result<Connection, HistoryError> {
        let _turn = self.turn()?;
        // SQLite would make it for everybody to read; what it puts beside it has the same mode.
        private(&self.file)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let begin = || -> rusqlite::Result<(Connection, Option<i64>)> {
            let mut connection = Connection::open_with_flags(&self.file, flags)?;
            // Each try may wait itself, and they are counted: together they take no longer than the patience, twice.
            connection.busy_timeout(EVERY)?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            // What a power cut takes are the last readings; the file stays whole.
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            let newer = schema::migrate(&mut connection)?;
            connection.busy_timeout(self.patience)?;
            Ok((connection, newer))
        };
        match self.patiently(|| begin().map_err(|cause| self.error(cause)))? {
            (connection, None) => Ok(connection),
            (_, Some(found)) => {
                Err(HistoryError::Newer { file: self.file.clone(), found, known: schema::VERSION })
            }
        }
    }

    /// Opening meets moments in which SQLite itself does not wait: when another program begins the log or ends it.
    fn patiently<T>(&self, act: impl Fn() -> Result<T, HistoryError>) -> Result<T, HistoryError> {
        for _ in 0..self.patience.as_millis() / EVERY.as_millis() {
            match act() {
                Err(HistoryError::Busy(_)) => thread::sleep(EVERY),
                done => return done,
            }
        }
        act()
    }

    /// Nobody else opens the file or sets it aside while this is held; between a look and a rename there must be nobody.
    fn turn(&self) -> Result<File, HistoryError> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        fsio::create_private_dir(folder)?;
        let path = self.file.with_extension("lock");
        let lock = private(&path)?;
        self.patiently(|| match lock.try_lock() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(HistoryError::Busy(self.file.clone())),
            Err(TryLockError::Error(cause)) => Err(FileError::of("lock", &path)(cause).into()),
        })?;
        Ok(lock)
    }

    fn error(&self, cause: rusqlite::Error) -> HistoryError {
        let file = self.file.clone();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => HistoryError::Busy(file),
            Some(ErrorCode::DiskFull) => HistoryError::Full(file),
            _ => HistoryError::Other { file, cause },
        }
    }
}

/// Opens a file for its owner alone; makes it where it is not there.
fn private(path: &Path) -> Result<File, FileError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(FileError::of("open", path))
}

/// Whether the file itself is not, or no longer, a database that can be used.
fn is_damage(cause: &rusqlite::Error) -> bool {
    matches!(cause.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

#[cfg(test)]
mod tests;
