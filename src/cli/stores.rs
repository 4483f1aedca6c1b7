//! What `orgdeck vault` and `orgdeck keyring` have in common: list, set, remove; and unlocking the vault.

use super::{Exit, drive::cancelled, find, output::print, paths, prompt, trouble::Trouble};
use crate::{
    config::{self, Config, Paths, SecretField},
    document::safe,
    fsio,
    secrets::{Cleaned, Secret, SecretRef, Slot, StoreError, StoreKind, Stores, VaultState, clean_pasted},
};
use clap::Args;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};
use tokio::runtime::Builder;
use zeroize::Zeroizing;

/// No secret that is piped or read from a file is longer.
const LARGEST: u64 = 64 * 1024;

/// Where the vault's passphrase comes from.
#[derive(Args)]
pub(super) struct PassphraseFrom {
    /// Read the vault's passphrase from the first line of a file (- for standard input) instead of asking for it
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,
}

/// A profile's secret, as an argument names it.
#[derive(Args)]
pub(super) struct Named {
    /// Whose
    profile: String,
    /// Which: consumer_secret, password, …, as in the configuration
    secret: String,
}

/// A configuration and its stores.
pub(super) struct Kept {
    pub(super) config: Config,
    pub(super) config_file: PathBuf,
    pub(super) data_dir: PathBuf,
    pub(super) stores: Stores,
}

impl Kept {
    pub(super) fn load(asked: Option<PathBuf>) -> Result<Self, Trouble> {
        let paths = paths(asked)?;
        let stores = paths.stores();
        let Paths { config_file, data_dir } = paths;
        let config = config::load(&config_file).map_err(|error| Trouble::config(&error))?;
        stores.tell(config.told());
        Ok(Self { config, config_file, data_dir, stores })
    }
}

/// Prints the slots, one a line: profile and secret.
pub(super) fn list(kept: &Kept, kind: StoreKind, as_json: bool) -> Result<ExitCode, Trouble> {
    let slots = wait_for(kept.stores.list(kind))?;
    if as_json {
        let slots: Vec<_> =
            slots.iter().map(|slot| json!({"profile": slot.profile, "secret": slot.name})).collect();
        return print(&[Value::from(slots).to_string().as_bytes(), b"\n"]);
    }
    let width = slots.iter().map(|slot| slot.profile.chars().count()).max().unwrap_or(0);
    let line = |slot: &Slot| safe(&format!("{:<width$}  {}", slot.profile, slot.name)).into_owned() + "\n";
    print(&[slots.iter().map(line).collect::<String>().as_bytes()])
}

/// Puts a secret there, typed or piped; says so if the profile does not look for it there.
pub(super) fn set(kept: &Kept, kind: StoreKind, named: &Named) -> Result<ExitCode, Trouble> {
    let profile = find(&kept.config, &kept.config_file, &named.profile)?;
    let field = field(&named.secret)?;
    let secret = read_secret(&format!("the {} of {}", field.label(), profile.id), field)?;
    let slot = Slot::new(profile.id.as_str(), field.key());
    wait_for(kept.stores.write(kind, &slot, &secret))?;
    let looks_there = match kind {
        StoreKind::Keyring => profile.secret(field) == Some(&SecretRef::Keyring),
        StoreKind::Vault => profile.secret(field) == Some(&SecretRef::Vault),
    };
    if !looks_there {
        let (key, store) = (field.key(), kind.label());
        eprintln!(
            "hint: the profile does not look for it there yet; write {key} = {{ {store} = true }} in it"
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Removes a secret, also of a profile that is gone.
pub(super) fn remove(kept: &Kept, kind: StoreKind, named: &Named) -> Result<ExitCode, Trouble> {
    let slot = Slot::new(&*named.profile, &*named.secret);
    if !wait_for(kept.stores.slots(kind, &slot.profile))?.contains(&slot) {
        let mut trouble = Trouble::new(Exit::Config, format!("the {} has no {slot}", kind.label()));
        trouble.fix(format!("`orgdeck {} list` tells what it has", kind.label()));
        return Err(trouble);
    }
    wait_for(kept.stores.remove(kind, &slot))?;
    Ok(ExitCode::SUCCESS)
}

/// Unlocks the vault with the passphrase in the file, else with the one the settings lead to, else by asking; which it
/// was.
pub(super) fn unlock(stores: &Stores, given: &PassphraseFrom) -> Result<Secret, Trouble> {
    if stores.vault_state() == VaultState::Absent {
        return Err(StoreError::VaultAbsent(stores.vault_file().to_owned()).into());
    }
    let told = match &given.passphrase_file {
        Some(file) => Some(passphrase_in(file)?),
        None => wait_for(stores.told_passphrase())?,
    };
    match told {
        Some(passphrase) => wait_for(stores.unlock_vault(&passphrase)).map(|()| passphrase),
        None => ask_and_unlock(stores),
    }
}

fn ask_and_unlock(stores: &Stores) -> Result<Secret, Trouble> {
    let mut tries = 1;
    loop {
        let passphrase = prompt::secret("the vault's passphrase", OTHERWISE)?;
        match wait(stores.unlock_vault(&passphrase))? {
            Err(error @ StoreError::WrongPassphrase) if tries < prompt::TRIES => {
                prompt::say(&error.to_string())
            }
            done => return Ok(done.map(|()| passphrase)?),
        }
        tries += 1;
    }
}

/// What to do without a terminal.
pub(super) const OTHERWISE: &str = "give --passphrase-file FILE, or set vault_passphrase in [settings]";

/// The first line of a file, or of standard input for `-`.
pub(super) fn passphrase_in(file: &Path) -> Result<Secret, Trouble> {
    let cannot = |error: io::Error| {
        Trouble::new(Exit::Config, format!("the passphrase file {} cannot be read: {error}", file.display()))
    };
    let text = if file == Path::new("-") {
        read_text(io::stdin().lock())
    } else {
        if let Some(problem) = fsio::permissions_problem(file) {
            eprintln!("warning: {}", safe(&problem));
        }
        File::open(file).and_then(read_text)
    };
    let text = text.map_err(cannot)?;
    Ok(Secret::new(text.lines().next().unwrap_or_default()))
}

/// The field of that key.
fn field(key: &str) -> Result<SecretField, Trouble> {
    SecretField::ALL.iter().copied().find(|field| field.key() == key).ok_or_else(|| {
        let keys: Vec<_> = SecretField::ALL.iter().map(|field| field.key()).collect();
        let mut trouble = Trouble::new(Exit::Usage, format!("no secret of a profile is called {key:?}"));
        trouble.fix(format!("there are: {}", keys.join(", ")));
        trouble
    })
}

/// From standard input if something is piped into it, else from the person.
fn read_secret(question: &str, field: SecretField) -> Result<Secret, Trouble> {
    let wrong = |what: &str| Trouble::new(Exit::Config, format!("{question} {what}"));
    let secret = if io::stdin().is_terminal() {
        prompt::secret(question, "pipe it into standard input")?
    } else {
        let text = read_text(io::stdin().lock());
        let text = text.map_err(|error| wrong(&format!("cannot be read from standard input: {error}")))?;
        Secret::new(text.strip_suffix('\n').map_or(&**text, |line| line.strip_suffix('\r').unwrap_or(line)))
    };
    if secret.expose().contains('\n') {
        return Err(wrong("is more than one line on standard input"));
    }
    let secret = cleaned(secret, field);
    if secret.is_empty() { Err(wrong("is empty")) } else { Ok(secret) }
}

/// Without what comes along when something is copied; a password may have blanks and quotes that are meant.
fn cleaned(secret: Secret, field: SecretField) -> Secret {
    if field == SecretField::Password {
        return secret;
    }
    let (secret, cleaned) = clean_pasted(secret.expose());
    let cleaned: Vec<_> = cleaned.into_iter().map(Cleaned::says).collect();
    if !cleaned.is_empty() {
        eprintln!("removed {}", cleaned.join(", "));
    }
    secret
}

/// UTF-8 text of a secret's length. The buffer never grows, so that no copy stays behind.
fn read_text(from: impl Read) -> io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(LARGEST as usize + 1));
    from.take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(io::Error::other("it is longer than 64 KiB"));
    }
    Ok(text)
}

/// Waits for a store. Ctrl-C ends it.
pub(super) fn wait_for<T>(act: impl Future<Output = Result<T, StoreError>>) -> Result<T, Trouble> {
    Ok(wait(act)??)
}

/// Waits. Ctrl-C ends it.
pub(super) fn wait<T>(act: impl Future<Output = T>) -> Result<T, Trouble> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Trouble::new(Exit::Bug, format!("no runtime could be started: {error}")))?;
    let done = runtime.block_on(async {
        tokio::select! {
            done = act => Some(done),
            Ok(()) = tokio::signal::ctrl_c() => None,
        }
    });
    runtime.shutdown_background(); // a file or a command may hang
    done.ok_or_else(cancelled)
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        let exit = if matches!(error, StoreError::VaultLocked) { Exit::PersonNeeded } else { Exit::Config };
        Self::new(exit, error.to_string())
    }
}
