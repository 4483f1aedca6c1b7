//! `orgdeck token PROFILE`: an access token for other programs.

use super::{drive::Driver, load, login::LoginArguments, output::print, preflight, trouble::Trouble};
use crate::{
    config::{ApiVersion, Profile, VersionChoice},
    jobs::Wanted,
    salesforce::{Lifetime, Session, SignatureCheck, oauth::FALLBACK_VERSION},
};
use clap::Args;
use serde_json::{Map, Value, json};
use std::{path::PathBuf, process::ExitCode, sync::Arc, time::UNIX_EPOCH};

/// Arguments of `orgdeck token`.
#[derive(Args)]
pub(super) struct Arguments {
    /// Whose
    profile: String,
    /// Print the token response and what orgdeck knows of it; report errors as JSON
    #[arg(long)]
    json: bool,
    /// Not the remembered token: a new one, by the kept refresh token if there is one
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    login: LoginArguments,
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    get(arguments, asked).map_err(|trouble| trouble.told_as_json(arguments.json))
}

fn get(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let (config, profile, home) = load(asked, &arguments.profile)?;
    let (person, mut login) = arguments.login.split(&config);
    if arguments.refresh && login.wish.wanted == Wanted::Any {
        login.wish.wanted = Wanted::Fresh;
    }
    if !arguments.json {
        preflight::warn_of_token_request(&profile, &home);
    }
    let mut driver = Driver::new(home, person)?;
    let session = driver.session(&with_version(&profile, FALLBACK_VERSION), &login);
    driver.close();
    let session = session?;
    if session.signature == SignatureCheck::Invalid {
        eprintln!(
            "warning: the answer's signature was not made with this consumer secret: another one is stored here, or \
             the answer was altered on its way"
        );
    }
    match arguments.json {
        true => print(&[described(&session).to_string().as_bytes(), b"\n"]),
        false => print(&[session.access_token.expose().as_bytes(), b"\n"]),
    }
}

/// The profile with its API version settled, so that the org is not asked for its newest one.
pub(super) fn with_version(profile: &Arc<Profile>, version: ApiVersion) -> Arc<Profile> {
    match profile.api_version {
        VersionChoice::Pinned(_) => profile.clone(),
        VersionChoice::Latest => {
            Arc::new(Profile { api_version: VersionChoice::Pinned(version), ..Profile::clone(profile) })
        }
    }
}

/// The token response as it came (its web session cookies stay masked), and what is known of it.
fn described(session: &Session) -> Value {
    let mut answer = Map::new();
    for field in session.fields.iter().filter(|field| field.name != "cleaned") {
        let value = match (field.name.as_str(), &session.refresh_token) {
            ("access_token", _) => session.access_token.expose(),
            ("refresh_token", Some(token)) => token.expose(),
            _ => &field.value,
        };
        answer.insert(field.name.clone(), value.into());
    }
    let expires_at = match session.lifetime {
        Lifetime::Until(end) => end.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs()),
        Lifetime::Policy(_) => None,
    };
    let signature_valid = match session.signature {
        SignatureCheck::Valid => Some(true),
        SignatureCheck::Invalid => Some(false),
        SignatureCheck::NotCheckable(_) => None,
    };
    answer.insert(
        "orgdeck".into(),
        json!({
            "profile": session.profile.as_str(),
            "expires_at": expires_at,
            "org_id": session.org_id.as_ref().map(|id| &id.0),
            "user_id": session.user_id.as_ref().map(|id| &id.0),
            "signature_valid": signature_valid,
        }),
    );
    Value::Object(answer)
}
