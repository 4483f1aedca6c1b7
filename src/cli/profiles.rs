//! `orgdeck profiles`: what is configured, without secrets.

use super::{check, import, output::print, paths, trouble::Trouble};
use crate::{
    config::{self, Config, Profile, VersionChoice, host_and_port},
    document::safe,
};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::{path::PathBuf, process::ExitCode};

/// Arguments of `orgdeck profiles`.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List the profiles in the order of the configuration
    List {
        /// As a JSON array; report errors as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a profile of an sfdxAuthUrl
    Import(import::Arguments),
    /// Look whether each secret of each profile can be had, without showing it
    Check(check::Arguments),
}

pub(super) fn run(arguments: &Arguments, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let (done, json) = match &arguments.action {
        Action::List { json } => (list(*json, asked), *json),
        Action::Import(arguments) => (import::run(arguments, asked), false),
        Action::Check(arguments) => (check::run(arguments, asked), arguments.json),
    };
    done.map_err(|trouble| trouble.told_as_json(json))
}

fn list(as_json: bool, asked: Option<PathBuf>) -> Result<ExitCode, Trouble> {
    let config = config::load(&paths(asked)?.config_file).map_err(|error| Trouble::config(&error))?;
    if as_json {
        let all: Vec<_> = config.profiles.iter().map(|profile| described(profile)).collect();
        return print(&[Value::from(all).to_string().as_bytes(), b"\n"]);
    }
    for warning in &config.warnings {
        eprintln!("warning: {}", safe(&warning.to_string()));
    }
    print(&[table(&config).as_bytes()])
}

fn described(profile: &Profile) -> Value {
    let missing: Vec<_> = profile.missing().into_iter().map(|field| field.key()).collect();
    json!({
        "name": profile.id.as_str(),
        "environment": profile.environment.name(),
        "production": profile.is_production(),
        "read_only": profile.read_only,
        "flow": profile.flow.name(),
        "login_url": profile.login_url.as_ref().map(|url| url.as_str().trim_end_matches('/')),
        "username": profile.username,
        "api_version": match profile.api_version {
            VersionChoice::Latest => "latest".to_owned(),
            VersionChoice::Pinned(version) => version.to_string(),
        },
        "missing": missing,
    })
}

fn table(config: &Config) -> String {
    let width = config.profiles.iter().map(|p| p.id.as_str().chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for profile in &config.profiles {
        let tag = if profile.is_production() { "PROD" } else { profile.environment.tag() };
        let host = profile.home().map(host_and_port);
        let line = format!(
            "{tag:<4}  {:<width$}  {:<18}  {}  {}",
            profile.id.as_str(),
            profile.flow.name(),
            host.as_deref().unwrap_or("-"),
            profile.username.as_deref().unwrap_or("")
        );
        out.push_str(&safe(line.trim_end()));
        out.push('\n');
    }
    out
}
