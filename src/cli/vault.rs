//! `orgdeck vault`: secrets in the encrypted vault, and its passphrase.

use super::{
    Exit, prompt,
    stores::{Kept, Named, PassphraseFrom, list, passphrase_in, remove, set, unlock, wait_for},
    trouble::Trouble,
};
use crate::secrets::{Secret, StoreError, StoreKind, VaultState};
use clap::{Args, Subcommand};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Arguments of `orgdeck vault`.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make an empty vault
    Create(PassphraseFrom),
    /// Give the vault another passphrase
    Passphrase {
        #[command(flatten)]
        passphrase: PassphraseFrom,
        /// Read the new passphrase from the first line of a file instead of asking for it
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
    /// List whose secrets are in it, never the secrets
    List {
        #[command(flatten)]
        passphrase: PassphraseFrom,
        /// As a JSON array; report errors as JSON
        #[arg(long)]
        json: bool,
    },
    /// Put a secret into it: asked for, or read from standard input
    Set {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        passphrase: PassphraseFrom,
    },
    /// Remove a secret from it
    Remove {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        passphrase: PassphraseFrom,
    },
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let as_json = matches!(arguments.action, Action::List { json: true, .. });
    act(&arguments.action, asked).map_err(|trouble| trouble.told_as_json(as_json))
}

fn act(action: &Action, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let kept = Kept::load(asked)?;
    match action {
        Action::Create(given) => create(&kept, given),
        Action::Passphrase { passphrase, new_passphrase_file } => {
            change_passphrase(&kept, passphrase, new_passphrase_file.as_deref())
        }
        Action::List { passphrase, json } => {
            unlock(&kept.stores, passphrase)?;
            list(&kept, StoreKind::Vault, *json)
        }
        Action::Set { named, passphrase } => {
            if passphrase.passphrase_file.as_deref() == Some(Path::new("-")) {
                let mut trouble =
                    Trouble::new(Exit::Usage, "standard input has the secret, not the passphrase");
                trouble.fix("give the passphrase in a file, or let it be asked for");
                return Err(trouble);
            }
            unlock(&kept.stores, passphrase)?;
            set(&kept, StoreKind::Vault, named)
        }
        Action::Remove { named, passphrase } => {
            unlock(&kept.stores, passphrase)?;
            remove(&kept, StoreKind::Vault, named)
        }
    }
}

fn create(kept: &Kept, given: &PassphraseFrom) -> Result<ExitCode, Trouble> {
    if kept.stores.vault_state() != VaultState::Absent {
        return Err(StoreError::VaultThere(kept.stores.vault_file().to_owned()).into());
    }
    let told = match given.passphrase_file {
        Some(_) => None,
        None => wait_for(kept.stores.told_passphrase())?,
    };
    let passphrase = match told {
        Some(passphrase) => passphrase,
        None => new_passphrase(given.passphrase_file.as_deref(), "a passphrase for the vault")?,
    };
    wait_for(kept.stores.create_vault(&passphrase))?;
    eprintln!("the vault is {}", kept.stores.vault_file().display());
    Ok(ExitCode::SUCCESS)
}

fn change_passphrase(
    kept: &Kept,
    given: &PassphraseFrom,
    new_file: Option<&Path>,
) -> Result<ExitCode, Trouble> {
    let old = unlock(&kept.stores, given)?;
    let new = new_passphrase(new_file, "the vault's new passphrase")?;
    wait_for(kept.stores.rekey_vault(&old, &new))?;
    let told = wait_for(kept.stores.told_passphrase()).unwrap_or_default();
    if told.is_some_and(|told| told != new) {
        eprintln!("hint: vault_passphrase in [settings] still leads to another one");
    }
    Ok(ExitCode::SUCCESS)
}

fn new_passphrase(file: Option<&Path>, what: &str) -> Result<Secret, Trouble> {
    match file {
        Some(file) => passphrase_in(file),
        None => prompt::new_passphrase(what, "give it in a file; see --help"),
    }
}
