//! Writing files so that they are whole or as before, and judging who may read them.
//!
//! Knows paths and permissions, not what is in the files. Whoever writes one of the user's files does it here.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Who may read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone (0600).
    Owner,
    /// Whoever the system's default allows (0644, less the umask).
    Everyone,
}

/// A file that could not be read or written; names it.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: {cause}", .path.display())]
pub struct FileError {
    /// The file or folder.
    pub path: PathBuf,
    /// What was tried: "write".
    pub doing: &'static str,
    /// Why not.
    #[source]
    pub cause: io::Error,
}

impl FileError {
    /// For `map_err`: the error of trying this with that path.
    pub fn of(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |cause| Self { path: path.to_owned(), doing, cause }
    }
}

/// Replaces a file's content at once: whoever reads it, and whenever the machine stops, finds the old or the new
/// content, whole. Where the path is a link, the file it points to is replaced and the link stays.
/// A device or a pipe is written to, not replaced; a file that is there keeps who may read it.
pub fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    let target = target_of(path);
    let there = fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file() && !there.is_dir()) {
        let written = OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(bytes));
        return written.map_err(FileError::of("write", path));
    }
    let temporary = Temporary::beside(&target);
    let written = temporary
        .write(bytes, access)
        .and_then(|()| match (access, there) {
            (Access::Everyone, Some(there)) => fs::set_permissions(&temporary.0, there.permissions()),
            _ => Ok(()),
        })
        .and_then(|()| fs::rename(&temporary.0, &target));
    if let Err(cause) = written {
        let _ = fs::remove_file(&temporary.0); // it may not exist; the error that matters is the first one
        return Err(FileError { path: path.to_owned(), doing: "write", cause });
    }
    sync_folder(&target).map_err(FileError::of("write", path))
}

/// Makes a folder that only its owner may look into, with the folders above it. One that is there is left as it is.
pub fn create_private_dir(path: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(FileError::of("create", path))
}

/// A new folder that only its owner may look into; removed with everything in it when dropped.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes one among the system's temporary files.
    pub fn new() -> Result<Self, FileError> {
        let base = std::env::temp_dir();
        let mut names = (0..100).map(|n| base.join(format!("orgdeck-{}-{n}", std::process::id())));
        // Unlike `create_private_dir` it takes no folder that is there already: it may be somebody else's.
        let made = names.find_map(|path| match make_new(&path) {
            Ok(()) => Some(Ok(Self(path))),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
            Err(error) => Some(Err(FileError::of("create", &path)(error))),
        });
        made.unwrap_or_else(|| {
            Err(FileError::of("create a folder in", &base)(io::ErrorKind::AlreadyExists.into()))
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Leaves it there for good: somebody's work is in it.
    pub fn keep(mut self) {
        self.0 = PathBuf::new();
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if self.0.as_os_str().is_empty() {
            return; // kept
        }
        let _ = fs::remove_dir_all(&self.0); // the system tidies its temporary files up itself
    }
}

fn make_new(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// What is wrong with who may read a file or folder that should be private, and the command that mends it;
/// `None` if nothing is, or if it is not there, or where the system has no such modes.
pub fn permissions_problem(path: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = fs::metadata(path).ok()?;
        let mode = metadata.permissions().mode() & 0o777;
        let private = if metadata.is_dir() { "700" } else { "600" };
        (mode & 0o077 != 0).then(|| {
            let path = path.display();
            format!(
                "other users of this machine can open {path} (mode {mode:o}); run: chmod {private} {path}"
            )
        })
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// The file behind any number of links, which need not exist.
fn target_of(path: &Path) -> PathBuf {
    const LONGEST_CHAIN: usize = 40; // what Linux follows before it calls it a loop
    let mut target = path.to_owned();
    for _ in 0..LONGEST_CHAIN {
        let Ok(next) = fs::read_link(&target) else { break };
        target = target.parent().unwrap_or(Path::new("")).join(next);
    }
    target
}

/// A new file in the same folder, so that renaming it is one step.
struct Temporary(PathBuf);

impl Temporary {
    fn beside(target: &Path) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!(".{}-{}.tmp", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        Self(target.with_file_name(name))
    }

    fn write(&self, bytes: &[u8], access: Access) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(
            &mut options,
            match access {
                Access::Owner => 0o600,
                Access::Everyone => 0o644,
            },
        );
        #[cfg(not(unix))]
        let _ = access;
        let mut file = options.open(&self.0)?;
        file.write_all(bytes)?;
        file.sync_all()
    }
}

/// Makes the rename itself last. Elsewhere than on Unix a folder cannot be opened for this.
fn sync_folder(target: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
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
    fn a_file_is_replaced_and_nothing_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        write_atomic(&path, b"one", Access::Owner).unwrap();
        write_atomic(&path, b"two", Access::Owner).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(names(folder.path()), ["config.toml"]);
    }

    #[test]
    fn a_failure_names_the_path_and_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("there");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("inside"), "").unwrap();
        let error = write_atomic(&path, b"x", Access::Owner).unwrap_err().to_string();
        assert!(error.starts_with("cannot write ") && error.contains("there"), "{error}");
        assert_eq!(names(folder.path()), ["there"]);
        let missing = write_atomic(&folder.path().join("no/folder"), b"x", Access::Owner).unwrap_err();
        assert_eq!(missing.cause.kind(), io::ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_its_target_is_written() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("dotfiles")).unwrap();
        let (link, target) = (folder.path().join("config.toml"), folder.path().join("dotfiles/orgdeck.toml"));
        std::os::unix::fs::symlink("dotfiles/orgdeck.toml", &link).unwrap();
        for text in ["one", "two"] {
            write_atomic(&link, text.as_bytes(), Access::Owner).unwrap();
            assert_eq!(fs::read_to_string(&target).unwrap(), text);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_private_is_private_and_what_is_not_is_reported() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let private = folder.path().join("a/b");
        create_private_dir(&private).unwrap();
        create_private_dir(&private).unwrap();
        let path = private.join("config.toml");
        write_atomic(&path, b"", Access::Owner).unwrap();
        assert_eq!(permissions_problem(&private), None);
        assert_eq!(permissions_problem(&path), None);
        assert_eq!(permissions_problem(&private.join("none")), None);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let problem = permissions_problem(&path).unwrap();
        assert!(problem.contains("mode 640") && problem.contains("chmod 600"), "{problem}");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_written_to_and_a_private_file_stays_private() {
        use std::{io::Read, os::unix::fs::PermissionsExt, process::Command, thread};
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let reader = {
            let pipe = pipe.clone();
            thread::spawn(move || {
                let mut text = String::new();
                File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                text
            })
        };
        write_atomic(&pipe, b"through", Access::Everyone).unwrap();
        assert_eq!(reader.join().unwrap(), "through");
        let private = folder.path().join("private");
        fs::write(&private, "old").unwrap();
        fs::set_permissions(&private, fs::Permissions::from_mode(0o600)).unwrap();
        write_atomic(&private, b"new", Access::Everyone).unwrap();
        assert_eq!(fs::metadata(&private).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
