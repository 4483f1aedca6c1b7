//! `orgdeck keyring`: secrets in the desktop's keyring.

use super::{
    stores::{Kept, Named, list, remove, set},
    trouble::Trouble,
};
use crate::secrets::StoreKind;
use clap::{Args, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// Arguments of `orgdeck keyring`.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List whose secrets are in it, never the secrets
    List {
        /// As a JSON array; report errors as JSON
        #[arg(long)]
        json: bool,
    },
    /// Put a secret into it: asked for, or read from standard input
    Set(Named),
    /// Remove a secret from it
    Remove(Named),
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let as_json = matches!(arguments.action, Action::List { json: true });
    act(&arguments.action, asked).map_err(|trouble| trouble.told_as_json(as_json))
}

fn act(action: &Action, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let kept = Kept::load(asked)?;
    match action {
        Action::List { json } => list(&kept, StoreKind::Keyring, *json),
        Action::Set(named) => set(&kept, StoreKind::Keyring, named),
        Action::Remove(named) => remove(&kept, StoreKind::Keyring, named),
    }
}
