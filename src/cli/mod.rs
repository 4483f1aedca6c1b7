//! Arguments and the headless subcommands, over the same worker as the screen.
//!
//! One file a subcommand. Standard output carries only what was asked for; everything else, and every error,
//! goes to standard error; the exit code says which kind of error ([`Exit`]).

mod crash;
#[cfg(feature = "demo")]
mod demo;
mod drive;
mod output;
mod profiles;
mod send;
mod token;
mod trouble;

pub use crash::report_crashes;
pub use trouble::Exit;

use crate::config::{self, Config, Paths, Profile, ProfileId};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode, sync::Arc};
use trouble::Trouble;

/// A full-screen terminal workbench for Salesforce APIs. Without a subcommand it opens the screen.
#[derive(Parser)]
#[command(name = "orgdeck", version)]
struct Arguments {
    /// The configuration to use instead of the one in the configuration folder
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Subcommands>,
}

#[derive(Subcommand)]
enum Subcommands {
    /// Get an access token and print it
    Token(token::Arguments),
    /// Send one request and print the body of its answer
    Send(send::Arguments),
    /// What profiles there are
    Profiles(profiles::Arguments),
    /// Try everything on simulated orgs on this computer
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
}

/// What the screen opens with.
#[derive(Clone, Debug)]
pub struct Workbench {
    /// Where the configuration and orgdeck's own data are.
    pub paths: Paths,
    /// The configuration is a throw-away one for the demo orgs.
    pub is_demo: bool,
}

/// Reads the arguments and does what they say. `open` opens the screen; it must not be called on a tokio runtime.
pub fn run(open: impl FnOnce(Workbench) -> ExitCode) -> ExitCode {
    let arguments = Arguments::parse();
    let asked = arguments.config;
    let result = match arguments.command {
        None => workbench(asked).map(open),
        Some(Subcommands::Token(arguments)) => token::run(&arguments, asked),
        Some(Subcommands::Send(arguments)) => send::run(&arguments, asked),
        Some(Subcommands::Profiles(arguments)) => profiles::run(&arguments, asked),
        #[cfg(feature = "demo")]
        Some(Subcommands::Demo(arguments)) => demo::run(&arguments, open),
    };
    result.unwrap_or_else(|trouble| trouble.report())
}

fn workbench(asked: Option<PathBuf>) -> Result<Workbench, Trouble> {
    Ok(Workbench { paths: paths(asked)?, is_demo: false })
}

fn paths(asked: Option<PathBuf>) -> Result<Paths, Trouble> {
    Paths::find(asked.as_deref()).ok_or_else(|| {
        let mut trouble =
            Trouble::new(Exit::Config, "there is no home folder to look for the configuration in");
        trouble.fix("set ORGDECK_CONFIG_DIR and ORGDECK_DATA_DIR");
        trouble
    })
}

/// The configuration and one profile of it.
fn load(asked: Option<PathBuf>, name: &str) -> Result<(Config, Arc<Profile>), Trouble> {
    let file = paths(asked)?.config_file;
    let config = config::load(&file).map_err(|error| Trouble::config(&error))?;
    let Some(profile) = config.profile(&ProfileId::new(name)).cloned() else {
        let names: Vec<_> = config.profiles.iter().map(|p| p.id.as_str()).collect();
        let mut trouble =
            Trouble::new(Exit::Config, format!("there is no profile {name:?} in {}", file.display()));
        trouble.fix(match names.as_slice() {
            [] => "the file has no profiles; `orgdeck` without a subcommand helps to make one".to_owned(),
            names => format!("there are: {}", names.join(", ")),
        });
        return Err(trouble);
    };
    Ok((config, profile))
}
