//! `orgdeck profiles import NAME`: a profile out of an sfdxAuthUrl, its secrets in the keyring or the vault.

use super::{
    Exit,
    stores::{Kept, PassphraseFrom, unlock, wait, wait_for},
    trouble::Trouble,
};
use crate::{
    config::{SecretKind, upsert_profile},
    fsio::{self, Access},
    salesforce::sfdx_auth_url::SfdxAuthUrl,
    secrets::{Slot, StoreKind},
    workspace::sfdx,
};
use clap::Args;
use std::{
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};
use zeroize::Zeroizing;

/// No sfdxAuthUrl, and no answer of the CLI with one in it, is longer.
const LARGEST: u64 = 256 * 1024;

/// Arguments of `orgdeck profiles import`.
#[derive(Args)]
pub(super) struct Arguments {
    /// What the new profile is called
    name: String,
    /// A file with an sfdxAuthUrl, or with the JSON that `sf org auth show-sfdx-auth-url --json` prints; - is standard
    /// input
    #[arg(default_value = "-", value_name = "FILE")]
    from: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseFrom,
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let text = read(&arguments.from)?;
    let url = SfdxAuthUrl::read(&text).map_err(|error| Trouble::new(Exit::Config, error.to_string()))?;
    let kept = Kept::load(asked)?;
    let Some(store) = wait(kept.stores.preferred())? else {
        let mut trouble =
            Trouble::new(Exit::Config, "secret_store is \"session\": there is no place for the secrets");
        trouble.fix("set secret_store in [settings] to auto, keyring or vault");
        return Err(trouble);
    };
    let kind = match store {
        StoreKind::Keyring => SecretKind::Keyring,
        StoreKind::Vault => SecretKind::Vault,
    };
    let (form, secrets) = sfdx::profile_of(&url, &arguments.name, kind);
    let before = read_config(&kept.config_file)?;
    // Judged before anything is put anywhere.
    let after = upsert_profile(&before, None, &form).map_err(|error| Trouble::config(&error))?;
    if store == StoreKind::Vault {
        unlock(&kept.stores, &arguments.passphrase)?;
    }
    // The secrets first: a profile that looks for them finds them.
    for (field, secret) in &secrets {
        wait_for(kept.stores.write(store, &Slot::new(&*arguments.name, field.key()), secret))?;
    }
    write_config(&kept.config_file, &after)?;
    eprintln!("{} is a profile now; its secrets are in the {}", arguments.name, store.label());
    Ok(ExitCode::SUCCESS)
}

fn read(from: &Path) -> Result<Zeroizing<String>, Trouble> {
    let read = || -> io::Result<Zeroizing<String>> {
        let mut text = Zeroizing::new(String::new());
        match from == Path::new("-") {
            true => io::stdin().lock().take(LARGEST).read_to_string(&mut text)?,
            false => std::fs::File::open(from)?.take(LARGEST).read_to_string(&mut text)?,
        };
        Ok(text)
    };
    read().map_err(|error| Trouble::new(Exit::Config, format!("{} cannot be read: {error}", from.display())))
}

fn read_config(file: &Path) -> Result<String, Trouble> {
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| {
            Trouble::new(Exit::Config, format!("{} cannot be read: {error}", file.display()))
        }),
    }
}

fn write_config(file: &Path, text: &str) -> Result<(), Trouble> {
    let folder = file.parent().map_or(Ok(()), fsio::create_private_dir);
    let written = folder.and_then(|()| fsio::write_atomic(file, text.as_bytes(), Access::Owner));
    written.map_err(|error| Trouble::new(Exit::Config, error.to_string()))
}
