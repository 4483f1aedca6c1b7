//! Editing a text in the person's own editor.

use crate::fsio::{self, Access, TemporaryFolder};
use tokio::process::Command;

/// Lets `$VISUAL`, else `$EDITOR`, else `vi`, edit a text; the terminal must have been given back. Says what went
/// wrong in a sentence; the text given is never changed by a failure.
pub async fn edit(text: &str, ending: &str) -> Result<String, String> {
    let folder = TemporaryFolder::new().map_err(|error| error.to_string())?;
    let file = folder.path().join(format!("body.{ending}"));
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
