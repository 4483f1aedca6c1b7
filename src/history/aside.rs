//! Setting a damaged database aside: it is kept beside the new one, in case somebody wants to know what was in it.

use crate::fsio::FileError;
use rusqlite::{Connection, OpenFlags};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

/// Moves the file, with its log, to the first free name `…damaged-N`. `None` if another program has done so meanwhile: of
/// two that meet the damage together the second would else move the first one's new file away. To be called in turn.
pub(super) fn set_aside(file: &Path) -> Result<Option<PathBuf>, FileError> {
    if !file.exists() || is_whole(file) {
        return Ok(None);
    }
    let free = |n: &u32| !beside(file, &format!(".damaged-{n}")).exists();
    let n = (1..).find(free).unwrap_or(u32::MAX);
    let aside = beside(file, &format!(".damaged-{n}"));
    fs::rename(file, &aside).map_err(FileError::of("rename", file))?;
    // The log belongs to the old file and would spoil the new one; the shared memory is nothing without the log.
    let log = beside(file, "-wal");
    if log.exists() {
        fs::rename(&log, beside(&aside, "-wal")).map_err(FileError::of("rename", &log))?;
    }
    let _ = fs::remove_file(beside(file, "-shm")); // it need not be there
    Ok(Some(aside))
}

fn is_whole(file: &Path) -> bool {
    let check = || -> rusqlite::Result<String> {
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.pragma_query_value(None, "quick_check", |row| row.get(0))
    };
    check().is_ok_and(|found| found == "ok")
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push(ending);
    file.with_file_name(name)
}
