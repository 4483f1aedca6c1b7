//! A small JSON file in the data folder that all orgdecks of the user share: read with tolerance, changed in turns,
//! written whole. What is in it is its users' affair.

use crate::fsio::{self, Access, FileError};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::File,
    path::{Path, PathBuf},
};

/// The file, whose content is a `C`. Where it is missing or cannot be read, `C` is empty.
pub(super) struct SharedFile<C> {
    path: PathBuf,
    content: std::marker::PhantomData<fn() -> C>,
}

impl<C> SharedFile<C>
where
    C: Serialize + DeserializeOwned + Default + Clone + PartialEq + Send + 'static,
{
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, content: std::marker::PhantomData }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it says.
    pub(super) async fn read(&self) -> C {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || read(&path)).await.unwrap_or_default()
    }

    /// What it says, for who is on a thread that may wait.
    pub(super) fn read_now(&self) -> C {
        read(&self.path)
    }

    /// Whether it is there and cannot be read.
    pub(super) async fn is_damaged(&self) -> bool {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || is_damaged::<C>(&path)).await.unwrap_or_default()
    }

    /// Changes what it says; nothing changed is nothing written. A damaged file is set aside first.
    pub(super) async fn change(&self, change: impl FnOnce(&mut C) + Send + 'static) -> Result<(), FileError> {
        let path = self.path.clone();
        let written = tokio::task::spawn_blocking(move || {
            let _turn = turn(&path)?;
            set_aside_damaged::<C>(&path);
            let before: C = read(&path);
            let mut content = before.clone();
            change(&mut content);
            if content == before {
                return Ok(());
            }
            let text = serde_json::to_vec_pretty(&content).unwrap_or_default();
            fsio::write_atomic(&path, &text, Access::Owner)
        });
        written.await.unwrap_or(Ok(()))
    }
}

/// What is there but cannot be read is kept beside, in case somebody wants to know what it said.
fn set_aside_damaged<C: DeserializeOwned>(file: &Path) {
    if is_damaged::<C>(file) {
        let _ = std::fs::rename(file, file.with_extension("damaged.json")); // else it is replaced
    }
}

fn is_damaged<C: DeserializeOwned>(file: &Path) -> bool {
    std::fs::read(file).is_ok_and(|text| serde_json::from_slice::<C>(&text).is_err())
}

fn read<C: DeserializeOwned + Default>(file: &Path) -> C {
    let text = std::fs::read(file).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Holds other orgdecks back while this one changes the file; they hold it for a moment only.
fn turn(file: &Path) -> Result<File, FileError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    fsio::create_private_dir(folder)?;
    let path = file.with_extension("lock");
    let lock = File::create(&path).map_err(FileError::of("create", &path))?;
    lock.lock().map_err(FileError::of("lock", &path))?;
    Ok(lock)
}
