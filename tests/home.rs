//! Folders of a person who has just come to this machine.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

/// A person's folders on this machine: empty at first, gone with the test.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        let home = Self(TempDir::with_prefix("orgdeck-test-").expect("a temporary folder"));
        fs::create_dir(home.temporary()).expect("a folder in our own folder");
        home
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn config(&self) -> PathBuf {
        self.path().join("config")
    }

    pub fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    pub fn temporary(&self) -> PathBuf {
        self.path().join("tmp")
    }

    pub fn write_config(&self, toml: &str) -> &Self {
        fs::create_dir_all(self.config()).expect("a folder in our own folder");
        fs::write(self.config().join("config.toml"), toml).expect("a file in our own folder");
        self
    }

    /// The environment of a program that lives here: nothing of ours comes along but the path. It finds no keyring,
    /// least of all that of whoever runs the tests.
    pub fn environment(&self) -> [(&'static str, OsString); 7] {
        let mut no_bus = OsString::from("unix:path=");
        no_bus.push(self.path().join("no-bus"));
        [
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("LANG", "C.UTF-8".into()),
            ("HOME", self.path().into()),
            ("TMPDIR", self.temporary().into()),
            ("DBUS_SESSION_BUS_ADDRESS", no_bus),
            ("ORGDECK_CONFIG_DIR", self.config().into()),
            ("ORGDECK_DATA_DIR", self.data().into()),
        ]
    }

    /// Every file below, relative to the folder and sorted: what the program has written.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("our own folder").flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                    _ => files.push(entry.path().strip_prefix(self.path()).expect("below").to_owned()),
                }
            }
        }
        files.sort();
        files
    }
}
