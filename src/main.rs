//! The `orgdeck` program: arguments in, exit code out.

use std::{panic::AssertUnwindSafe, process::ExitCode};

fn main() -> ExitCode {
    orgdeck::cli::report_crashes();
    let run = || orgdeck::cli::run(open_workbench);
    std::panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(ExitCode::from(70))
}

/// Opens the screen.
fn open_workbench(bench: orgdeck::cli::Workbench) -> ExitCode {
    let options = orgdeck::runtime::Options {
        config_file: bench.paths.config_file,
        data_dir: bench.paths.data_dir,
        demo: bench.is_demo,
    };
    match orgdeck::runtime::run(&options) {
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
