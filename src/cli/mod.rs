//! Arguments and the headless subcommands, over the same worker as the screen.
//!
//! One file a subcommand. Standard output carries only what was asked for; everything else, and every error,
//! goes to standard error; the exit code says which kind of error ([`Exit`]).

mod check;
mod crash;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod drive;
mod explain;
mod hints;
mod import;
mod keyring;
mod limits;
mod login;
mod output;
mod person;
mod preflight;
mod profiles;
mod prompt;
mod send;
mod stores;
mod token;
mod trouble;
mod vault;

pub use crash::report_crashes;
pub use trouble::Exit;

use crate::{
    config::{self, Config, Paths, Profile, ProfileId},
    runtime::{self, End, Options},
    worker::Home,
};
use clap::{Parser, Subcommand};
use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};
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
    /// Ask about a profile's token: whose it is, whether it is alive
    About(login::About),
    /// Open the org in a browser, logged in
    Open(login::Open),
    /// End a profile's kept login, here and in the org
    Revoke(login::Whose),
    /// Forget what is kept of a profile's logins and of its org; nothing is revoked
    Forget(login::Whose),
    /// Send one request and print the body of its answer
    Send(send::Arguments),
    /// Say what an error most likely means that was seen somewhere else
    Explain(explain::Arguments),
    /// What the org allows and what is left of it: API calls, storage, mails
    Limits(limits::Arguments),
    /// What profiles there are, and whether their secrets can be had
    Profiles(profiles::Arguments),
    /// What does not work, and why: configuration, secrets, terminal, network, login hosts. Sends no secret
    Doctor(doctor::Arguments),
    /// Secrets in orgdeck's encrypted vault
    Vault(vault::Arguments),
    /// Secrets in the desktop's keyring
    Keyring(keyring::Arguments),
    /// Try everything on simulated orgs on this computer
    #[cfg(feature = "demo")]
    Demo(demo::Arguments),
}

/// Reads the arguments and does what they say.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let asked = arguments.config;
    let config_file = asked.clone();
    let result = match arguments.command {
        None => workbench(asked),
        Some(Subcommands::Token(arguments)) => token::run(&arguments, asked),
        Some(Subcommands::About(arguments)) => login::about(&arguments, asked),
        Some(Subcommands::Open(arguments)) => login::open(&arguments, asked),
        Some(Subcommands::Revoke(arguments)) => login::revoke(&arguments, asked),
        Some(Subcommands::Forget(arguments)) => login::forget(&arguments, asked),
        Some(Subcommands::Send(arguments)) => send::run(&arguments, asked),
        Some(Subcommands::Explain(arguments)) => explain::run(&arguments, asked),
        Some(Subcommands::Limits(arguments)) => limits::run(&arguments, asked),
        Some(Subcommands::Profiles(arguments)) => profiles::run(&arguments, asked),
        Some(Subcommands::Doctor(arguments)) => doctor::run(&arguments, asked),
        Some(Subcommands::Vault(arguments)) => vault::run(&arguments, asked),
        Some(Subcommands::Keyring(arguments)) => keyring::run(&arguments, asked),
        #[cfg(feature = "demo")]
        Some(Subcommands::Demo(arguments)) => demo::run(&arguments, asked.is_some()),
    };
    result.unwrap_or_else(|trouble| trouble.report(config_file.as_deref()))
}

/// Opens the screen on the person's own profiles; from its start page it may lead to the demo orgs.
fn workbench(asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    match open_screen(paths(asked)?, false)? {
        End::Left => Ok(ExitCode::SUCCESS),
        #[cfg(feature = "demo")]
        End::OpenDemo => demo::show(None),
        #[cfg(not(feature = "demo"))]
        End::OpenDemo => Ok(ExitCode::SUCCESS),
    }
}

fn open_screen(paths: Paths, demo: bool) -> Result<End, Trouble> {
    let options = Options { config_file: paths.config_file, data_dir: paths.data_dir, demo };
    runtime::run(&options).map_err(|error| {
        // No terminal to begin with is a matter of how it was called; one that fails later is not.
        let exit = if error.kind() == ErrorKind::Unsupported { Exit::Usage } else { Exit::Bug };
        Trouble::new(exit, error.to_string())
    })
}

fn paths(asked: Option<PathBuf>) -> Result<Paths, Trouble> {
    Paths::find(asked.as_deref()).ok_or_else(|| {
        let mut trouble =
            Trouble::new(Exit::Config, "there is no home folder to look for the configuration in");
        trouble.fix("set ORGDECK_CONFIG_DIR and ORGDECK_DATA_DIR");
        trouble
    })
}

/// The configuration, one profile of it, and where its logins are kept.
fn load(asked: Option<PathBuf>, name: &str) -> Result<(Config, Arc<Profile>, Home), Trouble> {
    let paths = paths(asked)?;
    let (home, file) = (Home::new(&paths), paths.config_file);
    let config = config::load(&file).map_err(|error| Trouble::config(&error))?;
    let profile = find(&config, &file, name)?;
    home.stores.tell(config.told());
    Ok((config, profile, home))
}

/// The profile of that name in a configuration.
fn find(config: &Config, file: &Path, name: &str) -> Result<Arc<Profile>, Trouble> {
    if let Some(profile) = config.profile(&ProfileId::new(name)) {
        return Ok(profile.clone());
    }
    let names: Vec<_> = config.profiles.iter().map(|p| p.id.as_str()).collect();
    let mut trouble =
        Trouble::new(Exit::Config, format!("there is no profile {name:?} in {}", file.display()));
    trouble.fix(match names.as_slice() {
        [] if !file.exists() => "that file does not exist; `orgdeck` helps to make one".to_owned(),
        [] => "the file has no profiles; `orgdeck` without a subcommand helps to make one".to_owned(),
        names => format!("there are: {}", names.join(", ")),
    });
    Err(trouble)
}
