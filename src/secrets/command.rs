//! A secret that a command prints: started, listened to, stopped.
//!
//! Runs in the worker. A command is named by its program, never by its arguments or its result.

use super::{Secret, SecretError};
use std::{
    io,
    process::{ExitStatus, Stdio},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStderr, ChildStdout, Command},
};
use zeroize::Zeroizing;

/// How long a command may take. A person may have to touch a key or type a PIN in a window of its own.
const DEADLINE: Duration = Duration::from_secs(30);
/// No secret is larger; a command that prints for ever is stopped here.
const LARGEST: usize = 64 * 1024;
/// The first line of standard error is somewhere in these.
const KEPT_OF_STDERR: usize = 4096;
/// How long the last of standard error is waited for when a command has failed.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The first line that the command prints. It keeps this program's environment but for the variables `withheld`.
///
/// It is stopped, with what it started, when it takes longer than 30 seconds or when the future is dropped.
pub(super) async fn read(words: &[String], withheld: &[String]) -> Result<Secret, SecretError> {
    within(DEADLINE, words, withheld).await
}

async fn within(deadline: Duration, words: &[String], withheld: &[String]) -> Result<Secret, SecretError> {
    let [program, arguments @ ..] = words else { return Err(SecretError::NoCommand) };
    let mut running = Running::start(program, arguments, withheld)?;
    let mut says = Vec::new();
    let Ok(ended) = tokio::time::timeout(deadline, running.finish(&mut says)).await else {
        let says = first_line(&says);
        return Err(SecretError::TimedOut { program: program.clone(), after: deadline, says });
    };
    let (status, output) =
        ended.map_err(|cause| SecretError::NotStarted { program: program.clone(), cause })?;
    if output.len() > LARGEST {
        let what = "more than 64 KiB";
        return Err(SecretError::NotASecret { program: program.clone(), what });
    }
    if !status.success() {
        // "exit status: 1" reads better in a sentence without its colon.
        let status = status.to_string().replace(": ", " ");
        return Err(SecretError::Failed { program: program.clone(), status, says: first_line(&says) });
    }
    secret_in(program, &output)
}

fn secret_in(program: &str, output: &[u8]) -> Result<Secret, SecretError> {
    let Ok(text) = str::from_utf8(output) else {
        let what = "something that is not UTF-8 text";
        return Err(SecretError::NotASecret { program: program.to_owned(), what });
    };
    // Password managers print notes below the password.
    let text = text.lines().next().unwrap_or_default();
    if text.is_empty() { Err(SecretError::NoOutput(program.to_owned())) } else { Ok(Secret::new(text)) }
}

/// The first line with something in it, without control characters, at most 200 characters.
fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let visible = |line: &str| -> String {
        line.chars().filter(|c| !c.is_control() && !super::clean::is_invisible(*c)).take(200).collect()
    };
    text.lines()
        .map(visible)
        .map(|line| line.trim().to_owned())
        .find(|line| !line.is_empty())
        .unwrap_or_default()
}

/// A command under way. Dropped before it has ended, it is killed with everything it started.
struct Running {
    child: Child,
    /// Also the process group, while the command runs.
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
}

impl Running {
    fn start(program: &str, arguments: &[String], withheld: &[String]) -> Result<Self, SecretError> {
        let mut command = Command::new(program);
        withheld.iter().for_each(|name| _ = command.env_remove(name));
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command
            .spawn()
            .map_err(|cause| SecretError::NotStarted { program: program.to_owned(), cause })?;
        Ok(Self {
            #[cfg(unix)]
            group: child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw),
            child,
        })
    }

    /// Waits for the end of its output and of itself. What it wrote on standard error is in `says`, also if this is
    /// dropped half-way.
    async fn finish(&mut self, says: &mut Vec<u8>) -> io::Result<(ExitStatus, Zeroizing<Vec<u8>>)> {
        let mut stderr = self.child.stderr.take();
        let output_and_end = async {
            let output = read_output(self.child.stdout.take()).await?;
            if output.len() > LARGEST {
                self.child.start_kill()?; // it would wait for ever for somebody to read the rest
            }
            io::Result::Ok((self.child.wait().await?, output))
        };
        // Standard error is not waited for: what the command leaves running may hold it open.
        let gathering = async {
            gather(&mut stderr, says).await;
            std::future::pending().await
        };
        let ended = tokio::select! {
            ended = output_and_end => ended?,
            never = gathering => never,
        };
        if !ended.0.success() {
            let _ = tokio::time::timeout(LAST_WORDS, gather(&mut stderr, says)).await;
        }
        #[cfg(unix)]
        {
            self.group = None; // from now on its number may be another's
        }
        Ok(ended)
    }
}

#[cfg(unix)]
impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            // Nobody is left to tell; `kill_on_drop` still ends the command itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Everything up to the end, or one byte more than the largest secret. The buffer never grows, so that no copy of a
/// secret stays behind.
async fn read_output(pipe: Option<ChildStdout>) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut output = Zeroizing::new(Vec::with_capacity(LARGEST + 1));
    if let Some(mut pipe) = pipe {
        while output.len() <= LARGEST {
            let room = (LARGEST + 1 - output.len()) as u64;
            if (&mut pipe).take(room).read_buf(&mut *output).await? == 0 {
                break;
            }
        }
    }
    Ok(output)
}

/// Reads to the end, so that the command never waits for a reader, and keeps the beginning.
async fn gather(pipe: &mut Option<ChildStderr>, says: &mut Vec<u8>) {
    let Some(pipe) = pipe else { return };
    let mut chunk = [0; 1024];
    while let Ok(read @ 1..) = pipe.read(&mut chunk).await {
        let room = KEPT_OF_STDERR.saturating_sub(says.len());
        says.extend_from_slice(&chunk[..read.min(room)]);
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn words(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(str::to_owned).to_vec()
    }

    fn run(script: &str) -> Result<Secret, SecretError> {
        run_within(script, Duration::from_secs(20))
    }

    fn run_within(script: &str, deadline: Duration) -> Result<Secret, SecretError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(within(deadline, &words(script), &[]))
    }

    fn message(script: &str) -> String {
        run(script).unwrap_err().to_string()
    }

    #[test]
    fn a_command_s_first_line_is_the_secret() {
        for (script, secret) in [
            ("printf 'hunter2'", "hunter2"),
            ("printf 'hunter2\\n'", "hunter2"),
            ("printf 'hunter2\\r\\n'", "hunter2"),
            ("printf ' two words\\nuser: ada\\n\\n'", " two words"),
            ("echo noise >&2; printf 'hunter2'", "hunter2"),
        ] {
            assert_eq!(run(script).unwrap().expose(), secret, "{script}");
        }
    }

    #[test]
    fn a_command_that_fails_says_why_in_one_clean_line() {
        assert_eq!(
            message("printf '\\n\\033[31mno such entry\\033[0m\\nmore\\n' >&2; echo hunter2; exit 3"),
            "the command `sh` ended with exit status 3: [31mno such entry[0m"
        );
    }

    #[test]
    fn output_that_is_no_secret_is_refused() {
        assert_eq!(message("true"), "the command `sh` printed nothing");
        assert_eq!(message("echo"), "the command `sh` printed nothing");
        assert!(message("printf '\\377'").contains("not UTF-8"));
        assert!(message("head -c 100000 /dev/zero; exec cat /dev/zero").contains("more than 64 KiB"));
    }

    #[test]
    fn a_command_that_hangs_is_stopped_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("alive");
        // The grandchild holds the pipe's writing end: its reader sees the end only when all are dead.
        let script =
            format!("mkfifo {0}; (exec sleep 600 >{0}) & cat {0} & echo asking >&2; wait", pipe.display());
        let error = run_within(&script, Duration::from_millis(500)).unwrap_err();
        assert!(matches!(error, SecretError::TimedOut { ref says, .. } if says == "asking"), "{error}");
    }

    #[test]
    fn standard_error_held_open_does_not_hold_up_a_secret() {
        assert_eq!(run("sleep 3 >/dev/null & printf hunter2").unwrap().expose(), "hunter2");
    }

    #[test]
    fn a_command_that_does_not_start_is_named() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let none = vec!["orgdeck-no-such-program".to_owned(), "hunter2".to_owned()];
        let error = runtime.block_on(read(&none, &[])).unwrap_err().to_string();
        assert!(error.starts_with("the command `orgdeck-no-such-program` does not start"), "{error}");
        assert!(!error.contains("hunter2"));
        assert!(matches!(runtime.block_on(read(&[], &[])), Err(SecretError::NoCommand)));
    }

    #[test]
    fn what_is_withheld_is_not_in_its_environment() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let withheld = ["HOME".to_owned()];
        let secret = runtime.block_on(read(&words("printf \"${HOME-none} ${PATH:+kept}\""), &withheld));
        assert_eq!(secret.unwrap().expose(), "none kept");
    }
}
