//! Editing a text in the person's own editor.

use crate::{
    app::field::LONGEST,
    config,
    fsio::{self, Access, TemporaryFolder},
};
use std::{path::Path, pin::Pin, process::ExitStatus};
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

/// An editor that has the terminal.
pub struct Editing {
    work: Pin<Box<dyn Future<Output = Result<String, String>> + Send>>,
    stop: CancellationToken,
}

impl Editing {
    /// Lets `$VISUAL`, else `$EDITOR`, else `vi`, edit a text; the terminal must have been given back.
    /// `hidden` variables are kept from it.
    pub fn start(text: String, ending: &'static str, hidden: Vec<String>) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let work = Box::pin(async move { edit(&command(), &text, ending, &hidden, &stopped).await });
        Self { work, stop }
    }

    /// Ends the editor; what it has saved so far still comes.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether the editor was asked to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Waits for the edited text, or for what went wrong in a sentence; the text given is never changed by a failure.
    pub async fn done(&mut self) -> Result<String, String> {
        (&mut self.work).await
    }
}

fn command() -> String {
    let named = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned())
}

async fn edit(
    command: &str,
    text: &str,
    ending: &str,
    hidden: &[String],
    stop: &CancellationToken,
) -> Result<String, String> {
    let words = config::split_words(command).map_err(|problem| format!("$VISUAL or $EDITOR {problem}"))?;
    let (program, arguments) = words.split_first().ok_or("$VISUAL or $EDITOR names no program")?;
    let folder = TemporaryFolder::new().map_err(|error| error.to_string())?;
    let file = folder.path().join(format!("body.{ending}"));
    // Editors want a last line to end, and end it; who takes the text back takes that line end off.
    let text = format!("{text}\n");
    fsio::write_atomic(&file, text.as_bytes(), Access::Owner).map_err(|error| error.to_string())?;
    let mut editor = Command::new(program);
    hidden.iter().for_each(|name| _ = editor.env_remove(name));
    let mut editor = editor
        .args(arguments)
        .arg(&file)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{program} does not start: {error}; set $VISUAL or $EDITOR"))?;
    let status = tokio::select! {
        status = editor.wait() => status.map_err(|error| format!("{program}: {error}"))?,
        () = stop.cancelled() => {
            end(&mut editor).await;
            return taken(folder, &file);
        }
    };
    judge(status, program)?;
    taken(folder, &file)
}

/// The edited text; one that cannot be taken back stays in its file, since somebody's work is in it.
fn taken(folder: TemporaryFolder, file: &Path) -> Result<String, String> {
    let problem = match std::fs::read_to_string(file) {
        Ok(text) if text.len() <= LONGEST => return Ok(text),
        Ok(_) => "too long for the editor here (256 KB)".to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err("the edited file is gone; the text stays as it was".to_owned());
        }
        Err(error) => format!("not readable: {error}"),
    };
    folder.keep();
    Err(format!("the edited text is {problem}; it is kept in {}", file.display()))
}

fn judge(status: ExitStatus, program: &str) -> Result<(), String> {
    if status.success() {
        return Ok(());
    }
    Err(format!("{program} ended with {status}; the text stays as it was"))
}

/// Asks an editor to end, which lets it leave the terminal in order; one that does not is killed.
async fn end(editor: &mut Child) {
    #[cfg(unix)]
    if let Some(id) =
        editor.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let patience = std::time::Duration::from_secs(1);
        let _ = tokio::time::timeout(patience, editor.wait()).await;
    }
    let _ = editor.kill().await; // it may have ended already
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn run(command: &str, text: &str) -> Result<String, String> {
        edit(command, text, "json", &["HOME".to_owned()], &CancellationToken::new()).await
    }

    #[tokio::test]
    async fn the_variables_with_secrets_are_kept_from_it() {
        assert_eq!(run(r#"sh -c 'echo "<$HOME>" >"$1"' editor"#, "").await.unwrap(), "<>\n");
    }

    #[tokio::test]
    async fn what_the_editor_leaves_comes_back() {
        assert_eq!(run("true", "{}").await.unwrap(), "{}\n");
        assert_eq!(
            run(r#"sh -c 'printf "%s\n" "$1" >"$2"' editor "two words""#, "{}").await.unwrap(),
            "two words\n"
        );
    }

    #[tokio::test]
    async fn what_is_wrong_with_the_editor_is_said() {
        assert_eq!(run("vi 'x", "").await.unwrap_err(), "$VISUAL or $EDITOR has a quote that is not closed");
        assert!(run("sh -c 'exit 3'", "").await.unwrap_err().contains("the text stays as it was"));
        assert!(run("/no/such/editor", "").await.unwrap_err().contains("/no/such/editor does not start"));
    }

    #[tokio::test]
    async fn a_stopped_editor_leaves_what_it_saved() {
        let folder = tempfile::tempdir().unwrap();
        let ready = folder.path().join("ready");
        assert!(std::process::Command::new("mkfifo").arg(&ready).status().unwrap().success());
        let script =
            format!("sh -c 'printf saved >\"$1\"; echo >{}; exec tail -f /dev/null' editor", ready.display());
        let stop = CancellationToken::new();
        let told = stop.clone();
        let wait = tokio::task::spawn_blocking(move || {
            std::fs::read(ready).unwrap();
            told.cancel();
        });
        assert_eq!(edit(&script, "", "txt", &[], &stop).await.unwrap(), "saved");
        wait.await.unwrap();
    }
}
