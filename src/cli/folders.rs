//! Where the configuration and orgdeck's own data are.

use super::{Exit, trouble::Trouble};
use directories::ProjectDirs;
use std::{env, path::PathBuf};

/// The configuration file: the one asked for, or `config.toml` in `ORGDECK_CONFIG_DIR` or the platform's folder.
pub fn config_file(asked: Option<PathBuf>) -> Result<PathBuf, Trouble> {
    match asked {
        Some(file) => Ok(file),
        None => Ok(folder("ORGDECK_CONFIG_DIR", |dirs| dirs.config_dir().to_owned())?.join("config.toml")),
    }
}

/// Where drafts and crash reports go: `ORGDECK_DATA_DIR`, or the platform's folder.
pub fn data_dir() -> Result<PathBuf, Trouble> {
    folder("ORGDECK_DATA_DIR", |dirs| dirs.data_dir().to_owned())
}

fn folder(variable: &str, platforms: impl FnOnce(&ProjectDirs) -> PathBuf) -> Result<PathBuf, Trouble> {
    if let Some(folder) = env::var_os(variable).filter(|value| !value.is_empty()) {
        return Ok(folder.into());
    }
    let dirs = ProjectDirs::from("", "", "orgdeck");
    dirs.as_ref()
        .map(platforms)
        .ok_or_else(|| Trouble::new(Exit::Config, format!("there is no home folder; set {variable}")))
}
