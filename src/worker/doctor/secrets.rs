//! A profile: whether its flow has what it needs, and whether each of its secrets can be had. That one can is told,
//! never the secret.

use super::stores::{Seen, UNLOCK_KEYRING, UNLOCK_VAULT, Vault};
use crate::{
    config::{Profile, ProfileField as F, SecretField},
    fsio,
    jobs::{Finding, Mend, State},
    salesforce::oauth::check_private_key,
    secrets::{SecretError, SecretRef, Slot, Stores, resolve},
    worker::{act::Halt, token::read_private_key},
};
use std::{path::Path, time::Duration};

/// How long a store may take: it was just seen to answer.
const STORE_WITHIN: Duration = Duration::from_secs(5);

pub(super) async fn examine(profile: &Profile, stores: &Stores, seen: &Seen) -> Vec<Finding> {
    let missing = profile.missing();
    let mut findings: Vec<Finding> = missing.iter().map(|field| lacking(profile, *field)).collect();
    if missing.is_empty() {
        findings.push(Finding::ok("flow", format!("{}: nothing is missing", profile.flow.label())));
    }
    for (field, reference) in profile.secrets() {
        let found = look(reference, profile, field, stores, seen).await;
        // What the flow does not use can wait.
        let in_use = profile.secrets_in_use().any(|used| used == field);
        let state = if in_use { found.state } else { found.state.min(State::Warning) };
        let mends = found.state > State::Ok && found.mend.is_none();
        let mend =
            if mends { Some(Mend::Field(profile.id.clone(), F::of_secret(field))) } else { found.mend };
        findings.push(Finding { state, mend, ..found });
    }
    if profile.flow.needs().uses(F::PrivateKeyFile)
        && let Some(file) = &profile.jwt.private_key_file
    {
        let found = private_key(file).await;
        let mend = Mend::Field(profile.id.clone(), F::PrivateKeyFile);
        findings.push(if found.state == State::Ok { found } else { found.mend(mend) });
    }
    findings
}

/// A field that the flow cannot do without. A secret can still be typed each time.
fn lacking(profile: &Profile, field: F) -> Finding {
    let is_secret = SecretField::ALL.iter().any(|secret| F::of_secret(*secret) == field);
    let (state, seen) = match is_secret {
        true => (State::Warning, "is not there: a person is asked for it each time"),
        false => (State::Broken, "is not there, and the flow cannot do without it"),
    };
    let found = Finding::new(state, field.key(), seen);
    found.fix("write it in the profile's form").mend(Mend::Field(profile.id.clone(), field))
}

async fn look(
    reference: &SecretRef,
    profile: &Profile,
    field: SecretField,
    stores: &Stores,
    seen: &Seen,
) -> Finding {
    let slot = Slot::new(profile.id.as_str(), field.key());
    let about = field.key();
    match reference {
        SecretRef::Ask => Finding::ok(about, "is asked for"),
        SecretRef::Plain(_) => Finding::ok(about, "is in the configuration itself, as plain text"),
        SecretRef::Env(name) => {
            let had = resolve(reference, &slot, None, stores).await;
            told(about, had, &format!("the environment variable {name} is set"), SET_IT)
        }
        SecretRef::Command(_) => {
            let program = reference.place().1;
            let had = resolve(reference, &slot, None, stores).await;
            told(about, had, &format!("the command `{program}` prints one"), RUN_IT)
        }
        SecretRef::Keyring => match &seen.keyring {
            Ok(false) => told_by_store(about, reference, &slot, stores, "is in the keyring").await,
            Ok(true) => Finding::warning(about, "cannot be told: the keyring is locked").fix(UNLOCK_KEYRING),
            Err(error) => Finding::said(State::Broken, about, &error.to_string()),
        },
        SecretRef::Vault => match &seen.vault {
            Vault::Open(open) => told_by_store(about, reference, &slot, open, "is in the vault").await,
            Vault::Locked => Finding::warning(about, "cannot be told: the vault is locked")
                .fix(UNLOCK_VAULT)
                .mend(Mend::UnlockVault),
            Vault::Absent => Finding::broken(about, "is looked for in the vault, and there is none")
                .fix("make one: `orgdeck vault create`")
                .mend(Mend::CreateVault),
            Vault::Unusable(error) => Finding::said(State::Broken, about, &error.to_string()),
        },
    }
}

const SET_IT: &str = "set it where orgdeck is started, or keep the secret elsewhere";
const RUN_IT: &str = "run the command by hand; it must print the secret, on its first line";

fn told<S>(about: &str, had: Result<S, SecretError>, well: &str, otherwise: &str) -> Finding {
    match had {
        Ok(_) => Finding::ok(about, well),
        Err(error) => {
            let found = Finding::said(State::Broken, about, &error.to_string());
            if found.fix.is_some() { found } else { found.fix(otherwise) }
        }
    }
}

async fn told_by_store(
    about: &str,
    reference: &SecretRef,
    slot: &Slot,
    stores: &Stores,
    well: &str,
) -> Finding {
    match tokio::time::timeout(STORE_WITHIN, resolve(reference, slot, None, stores)).await {
        Ok(had) => told(about, had, well, "put it there, or keep the secret elsewhere"),
        Err(_) => Finding::broken(
            about,
            format!("{} did not answer within {} s", reference.place().0, STORE_WITHIN.as_secs()),
        )
        .fix("look for a window of it that asks something, and run this again"),
    }
}

/// The file is read, and the key in it looked at; nothing is signed.
async fn private_key(file: &Path) -> Finding {
    let about = "private_key_file";
    let text = match read_private_key(file).await {
        Ok(text) => text,
        Err(Halt::Failed(failure)) => {
            let found = Finding::broken(about, failure.message);
            return failure.fix.into_iter().fold(found, Finding::fix);
        }
        Err(Halt::Cancelled) => return Finding::warning(about, "was not looked at"),
    };
    match (check_private_key(text.expose()), fsio::permissions_problem(file)) {
        (Err(wrong), _) => {
            Finding::said(State::Broken, about, &format!("the key in {} {wrong}", file.display()))
        }
        (Ok(()), Some(open)) => Finding::said(State::Warning, about, &open),
        (Ok(()), None) => Finding::ok(about, format!("{} holds a key that can sign", file.display())),
    }
}
