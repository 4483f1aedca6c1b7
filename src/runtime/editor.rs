//! Editing a text in the person's own editor.

use crate::fsio::{self, Access};
use std::path::PathBuf;
use tokio::process::Command;

/// Lets `$VISUAL`, else `$EDITOR`, else `vi`, edit a text; the terminal must have been given back. Says what went
/// wrong in a sentence; the text given is never changed by a failure.
pub async fn edit(text: &str, ending: &str) -> Result<String, String> {
    let folder = Folder::new().map_err(|error| format!("no file to edit could be made: {error}"))?;
    let file = folder.0.join(format!("body.{ending}"));
    fsio::write_atomic(&file, text.as_bytes(), Access::Owner).map_err(|error| error.to_string())?;
    let command = command();
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(&file).status().await;
    match status {
        Ok(status) if status.success() => {
            std::fs::read_to_string(&file).map_err(|error| format!("the edited text cannot be read: {error}"))
        }
        Ok(status) => Err(format!("{program} ended with {status}; the text stays as it was")),
        Err(error) => Err(format!("{program} does not start: {error}; set $VISUAL or $EDITOR")),
    }
}

fn command() -> String {
    let named = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned())
}

/// A folder that nobody else can look into, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, fsio::FileError> {
        let unique = std::time::SystemTime::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_nanos());
        let path = std::env::temp_dir().join(format!("orgdeck-{}-{unique}", std::process::id()));
        fsio::create_private_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
