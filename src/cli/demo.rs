//! `orgdeck demo`: simulated orgs on this computer, for the screen or for scripts.

use super::{Exit, open_screen, output::print, trouble::Trouble};
use crate::{
    config::Paths,
    demo_org::{self, Demo, Options},
    fsio::{self, Access, TemporaryFolder},
};
use clap::Args;
use std::{io, process::ExitCode};
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

pub(super) fn run(arguments: &Arguments, has_config: bool) -> Result<ExitCode, Trouble> {
    if has_config {
        let message = "--config is not for `orgdeck demo`, which has a configuration of its own";
        let mut trouble = Trouble::new(Exit::Usage, message);
        trouble.fix("leave --config out");
        return Err(trouble);
    }
    if arguments.serve { serve(&start(arguments.port)?) } else { show(arguments.port) }
}

fn start(port: Option<u16>) -> Result<Demo, Trouble> {
    demo_org::start(Options { port: port.filter(|port| *port != 0), ..Options::default() })
        .map_err(|error| Trouble::new(Exit::Config, format!("the demo orgs cannot be served: {error}")))
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
pub(super) fn show(port: Option<u16>) -> Result<ExitCode, Trouble> {
    let demo = start(port)?;
    let folder = TemporaryFolder::new().map_err(|error| Trouble::new(Exit::Config, error.to_string()))?;
    let config_file = folder.path().join("config.toml");
    let config = demo.config_toml(folder.path());
    let keys = demo_org::key_files().iter().map(|(name, pem)| (folder.path().join(name), *pem));
    for (file, text) in keys.chain([(config_file.clone(), config.as_str())]) {
        fsio::write_atomic(&file, text.as_bytes(), Access::Owner)
            .map_err(|error| Trouble::new(Exit::Config, error.to_string()))?;
    }
    let paths = Paths { config_file, data_dir: folder.path().join("data") };
    open_screen(paths, true).map(|_| ExitCode::SUCCESS)
}
