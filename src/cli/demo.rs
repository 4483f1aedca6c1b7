//! `orgdeck demo`: simulated orgs on this computer, for the screen or for scripts.

use super::{Exit, Workbench, output::print, trouble::Trouble};
use crate::{
    config::Paths,
    demo_org::{self, Demo, Options},
    fsio::{self, Access},
};
use clap::Args;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};
use tokio::runtime::Builder;

/// Arguments of `orgdeck demo`.
#[derive(Args)]
pub(super) struct Arguments {
    /// Only serve the orgs: print one JSON line with addresses and credentials, and serve until Ctrl-C
    #[arg(long)]
    serve: bool,
    /// The first of four ports in a row; without it any that are free
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
}

pub(super) fn run(
    arguments: &Arguments,
    open: impl FnOnce(Workbench) -> ExitCode,
) -> Result<ExitCode, Trouble> {
    let options = Options { port: arguments.port, ..Options::default() };
    let demo = demo_org::start(options)
        .map_err(|error| Trouble::new(Exit::Config, format!("the demo orgs cannot be served: {error}")))?;
    if arguments.serve { serve(&demo) } else { show(&demo, open) }
}

fn serve(demo: &Demo) -> Result<ExitCode, Trouble> {
    print(&[demo.summary().to_string().as_bytes(), b"\n"])?;
    let no_signal =
        |error: io::Error| Trouble::new(Exit::Bug, format!("Ctrl-C cannot be waited for: {error}"));
    let runtime = Builder::new_current_thread().enable_io().build().map_err(no_signal)?;
    runtime.block_on(tokio::signal::ctrl_c()).map_err(no_signal)?;
    Ok(ExitCode::SUCCESS)
}

/// Opens the screen on a configuration, and a folder for drafts, that are gone afterwards.
fn show(demo: &Demo, open: impl FnOnce(Workbench) -> ExitCode) -> Result<ExitCode, Trouble> {
    let folder = Folder::new().map_err(|error| {
        Trouble::new(Exit::Config, format!("no folder for the demo can be made: {error}"))
    })?;
    let config_file = folder.0.join("config.toml");
    fsio::write_atomic(&config_file, demo.config_toml().as_bytes(), Access::Owner)
        .map_err(|error| Trouble::new(Exit::Config, error.to_string()))?;
    let paths = Paths { config_file, data_dir: folder.0.join("data") };
    Ok(open(Workbench { paths, is_demo: true }))
}

/// A new folder that only its owner may look into; removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let base = std::env::temp_dir();
        let name = |n: u32| base.join(format!("orgdeck-demo-{}-{n}", std::process::id()));
        let mut last = Ok(());
        for folder in (0..100).map(name) {
            match make(&folder) {
                Ok(()) => return Ok(Self(folder)),
                Err(error) => last = Err(error),
            }
        }
        last.and(Err(io::Error::from(io::ErrorKind::AlreadyExists)))
    }
}

/// Unlike `create_dir_all`, takes no folder that is there already: it may be somebody else's.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0); // in the system's folder for temporary files: it tidies up itself
    }
}
