//! Standard output: whole, and quiet about a reader that has gone.

use super::{Exit, trouble::Trouble};
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Writes and flushes. A closed pipe (`orgdeck … | head`) is no error.
pub(super) fn print(parts: &[&[u8]]) -> Result<ExitCode, Trouble> {
    let mut out = io::stdout().lock();
    let written = parts.iter().try_for_each(|part| out.write_all(part)).and_then(|()| out.flush());
    match written {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(Trouble::new(Exit::Config, format!("standard output cannot be written: {error}"))),
    }
}
