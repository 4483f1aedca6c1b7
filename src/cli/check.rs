//! `orgdeck profiles check`: whether each secret of each profile can be had, without showing one.

use super::{
    Exit, hints,
    output::print,
    prompt,
    stores::{Kept, OTHERWISE, PassphraseFrom, unlock, wait},
    trouble::Trouble,
};
use crate::{
    config::{Profile, SecretField},
    document::safe,
    fsio,
    secrets::{SecretError, SecretRef, Slot, StoreError, Stores, VaultState, resolve},
};
use clap::Args;
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode};

/// Arguments of `orgdeck profiles check`.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    passphrase: PassphraseFrom,
    /// As one JSON object; report errors as JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// A secret that a profile refers to.
struct Reference<'a> {
    profile: &'a Profile,
    field: SecretField,
    to: &'a SecretRef,
}

/// What became of it.
enum Found {
    Yes,
    /// A person types it when it is needed.
    Asked,
    No(SecretError),
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let kept = Kept::load(asked)?;
    let references: Vec<_> =
        kept.config.profiles.iter().flat_map(|profile| Reference::all(profile)).collect();
    unlock_once(&references, &kept.stores, &arguments.passphrase)?;
    let warnings = warnings(&kept);
    if !arguments.json {
        warnings.iter().for_each(|warning| eprintln!("warning: {}", safe(warning)));
    }
    let widths =
        [0, 1, 2].map(|i| references.iter().map(|r| r.columns()[i].chars().count()).max().unwrap_or(0));
    let mut secrets = Vec::new();
    for reference in &references {
        let found = reference.look(&kept.stores)?;
        if !arguments.json {
            print(&[line(&reference.columns(), widths, &found).as_bytes()])?; // each at once: commands take their time
        }
        secrets.push((reference, found));
    }
    if arguments.json {
        let all: Vec<Value> = secrets.iter().map(|(reference, found)| reference.json(found)).collect();
        print(&[json!({"secrets": all, "warnings": warnings}).to_string().as_bytes(), b"\n"])?;
    }
    judge(secrets.into_iter().map(|(_, found)| found))
}

/// Asks for the passphrase once, and only if somebody is there; else the vault's secrets say what is missing.
fn unlock_once(references: &[Reference<'_>], stores: &Stores, given: &PassphraseFrom) -> Result<(), Trouble> {
    let in_vault = references.iter().any(|reference| *reference.to == SecretRef::Vault);
    let can = given.passphrase_file.is_some() || prompt::is_possible();
    if in_vault && can && stores.vault_state() == VaultState::Locked {
        unlock(stores, given)?;
    }
    Ok(())
}

impl<'a> Reference<'a> {
    fn all(profile: &'a Profile) -> impl Iterator<Item = Self> {
        profile.secrets().map(move |(field, to)| Self { profile, field, to })
    }

    fn look(&self, stores: &Stores) -> Result<Found, Trouble> {
        if *self.to == SecretRef::Ask {
            return Ok(Found::Asked);
        }
        let slot = Slot::new(self.profile.id.as_str(), self.field.key());
        let secret = wait(resolve(self.to, &slot, None, stores))?;
        Ok(secret.map_or_else(Found::No, |_| Found::Yes))
    }

    fn columns(&self) -> [String; 3] {
        let (kind, name) = self.to.place();
        [
            self.profile.id.to_string(),
            self.field.key().to_owned(),
            format!("{kind} {name}").trim_end().to_owned(),
        ]
    }

    fn json(&self, found: &Found) -> Value {
        let (kind, name) = self.to.place();
        let error = match found {
            Found::No(error) => Some(error.to_string()),
            Found::Yes | Found::Asked => None,
        };
        json!({
            "profile": self.profile.id.as_str(),
            "secret": self.field.key(),
            "kept": kind,
            "name": Some(name).filter(|name| !name.is_empty()),
            "resolves": match found { Found::Yes => Some(true), Found::Asked => None, Found::No(_) => Some(false) },
            "error": error,
        })
    }
}

fn line(columns: &[String; 3], [profile, field, place]: [usize; 3], found: &Found) -> String {
    let found = match found {
        Found::Yes => "ok".to_owned(),
        Found::Asked => "a person is asked".to_owned(),
        Found::No(error) => format!("missing: {error}"),
    };
    let [name, key, kept] = columns;
    safe(&format!("{name:<profile$}  {key:<field$}  {kept:<place$}  {found}")).into_owned() + "\n"
}

/// What works but should be mended: plain text, files that others can read, hints that are none.
fn warnings(kept: &Kept) -> Vec<String> {
    let of_config = kept.config.warnings.iter().map(ToString::to_string);
    let of_hints = hints::rules(Some(&kept.config_file)).1;
    let private = [kept.data_dir.as_path(), kept.stores.vault_file()];
    of_config.chain(of_hints).chain(private.into_iter().filter_map(fsio::permissions_problem)).collect()
}

fn judge(found: impl Iterator<Item = Found>) -> Result<ExitCode, Trouble> {
    let missing: Vec<_> =
        found.filter_map(|found| if let Found::No(error) = found { Some(error) } else { None }).collect();
    if missing.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let exit = if missing.iter().all(SecretError::needs_person) { Exit::PersonNeeded } else { Exit::Config };
    let count = missing.len();
    let message =
        if count == 1 { "1 secret cannot be had".into() } else { format!("{count} secrets cannot be had") };
    let mut trouble = Trouble::new(exit, message);
    if missing.iter().any(|error| matches!(error, SecretError::Store(StoreError::VaultLocked))) {
        trouble.fix(OTHERWISE);
    }
    Err(trouble)
}
