//! A person's own hints: the files of the folder `hints` beside the configuration, as text. What they mean is not known
//! here.

use super::Paths;
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// More files than this are a mistake.
const MOST: usize = 100;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 256 * 1024;
/// The folder, beside the configuration.
const FOLDER: &str = "hints";

/// The files of one's own hints, and what is wrong with others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnHints {
    /// Name (`hints/NAME.toml`) and text of each, sorted by name.
    pub files: Vec<(String, String)>,
    /// What could not be read, a sentence each.
    pub problems: Vec<String>,
}

impl OwnHints {
    /// Reads what is there; no folder is no hints. Only files that end in `.toml` and do not begin with a dot count.
    pub fn read(paths: &Paths) -> Self {
        let folder = paths.config_file.with_file_name(FOLDER);
        let mut own = Self::default();
        let names = match names(&folder) {
            Ok(names) => names,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return own,
            Err(error) => {
                own.problems.push(format!("{FOLDER}: the folder cannot be read: {error}"));
                return own;
            }
        };
        if names.len() > MOST {
            own.problems.push(format!(
                "{FOLDER}: there are {} files; the first {MOST} by name are read",
                names.len()
            ));
        }
        for path in names.into_iter().take(MOST) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let name = format!("{FOLDER}/{name}");
            match read(&path) {
                Ok(text) => own.files.push((name, text)),
                Err(problem) => own.problems.push(format!("{name}: {problem}")),
            }
        }
        own
    }
}

fn names(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let all: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let counts = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".toml") && !name.starts_with('.')
    };
    let mut names: Vec<PathBuf> = all?.into_iter().map(|entry| entry.path()).filter(counts).collect();
    names.sort();
    Ok(names)
}

/// A file's text. What is no file is not opened: a pipe would be waited for without end.
fn read(path: &Path) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("is no file, and left out".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {}, and left out", crate::format::bytes(LARGEST)));
    }
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn beside(folder: &TempDir) -> OwnHints {
        let config_file = folder.path().join("config.toml");
        OwnHints::read(&Paths { config_file, data_dir: folder.path().join("data") })
    }

    #[test]
    fn files_come_sorted_and_what_cannot_be_read_is_told() {
        let folder = TempDir::new().unwrap();
        assert_eq!(beside(&folder), OwnHints::default(), "no folder is no problem");
        let hints = folder.path().join("hints");
        fs::create_dir(&hints).unwrap();
        for (name, text) in
            [("b.toml", "b"), ("a.toml", "a"), (".c.toml", "c"), ("d.toml~", "d"), ("e.txt", "e")]
        {
            fs::write(hints.join(name), text).unwrap();
        }
        fs::write(hints.join("latin.toml"), b"\xe4").unwrap();
        fs::write(hints.join("much.toml"), vec![b'#'; LARGEST as usize + 1]).unwrap();
        fs::create_dir(hints.join("folder.toml")).unwrap();
        let own = beside(&folder);
        let file = |name: &str, text: &str| (format!("hints/{name}"), text.to_owned());
        assert_eq!(own.files, [file("a.toml", "a"), file("b.toml", "b")]);
        assert_eq!(
            own.problems,
            [
                "hints/folder.toml: is no file, and left out",
                "hints/latin.toml: is not UTF-8 text",
                "hints/much.toml: is larger than 256.0 KB, and left out",
            ]
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_not_waited_for_and_a_broken_link_is_told() {
        let folder = TempDir::new().unwrap();
        let hints = folder.path().join("hints");
        fs::create_dir(&hints).unwrap();
        assert!(
            std::process::Command::new("mkfifo").arg(hints.join("pipe.toml")).status().unwrap().success()
        );
        std::os::unix::fs::symlink("nowhere", hints.join("link.toml")).unwrap();
        let own = beside(&folder);
        assert_eq!(own.files, []);
        assert_eq!(own.problems.len(), 2, "{own:?}");
        assert!(own.problems[0].starts_with("hints/link.toml: cannot be read: "), "{own:?}");
    }

    #[test]
    fn there_is_an_end_to_how_many_are_read() {
        let folder = TempDir::new().unwrap();
        let hints = folder.path().join("hints");
        fs::create_dir(&hints).unwrap();
        (0..=MOST).for_each(|n| fs::write(hints.join(format!("{n:03}.toml")), "").unwrap());
        let own = beside(&folder);
        assert_eq!(own.files.len(), MOST);
        assert_eq!(own.problems, ["hints: there are 101 files; the first 100 by name are read"]);
    }
}
