//! The `orgdeck` program: arguments in, exit code out.

use std::{panic::AssertUnwindSafe, process::ExitCode};

fn main() -> ExitCode {
    orgdeck::cli::report_crashes();
    let run = || orgdeck::cli::run(open_workbench);
    std::panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(ExitCode::from(70))
}

/// Opens the screen.
fn open_workbench(_: orgdeck::cli::Workbench) -> ExitCode {
    eprintln!("error: the screen is not part of this build; see orgdeck --help");
    ExitCode::from(70)
}
