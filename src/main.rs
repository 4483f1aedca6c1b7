//! The `orgdeck` program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    orgdeck::cli::report_crashes();
    std::panic::catch_unwind(orgdeck::cli::run).unwrap_or(ExitCode::from(70))
}
