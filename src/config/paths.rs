//! Where the configuration and orgdeck's own data are.

use directories::ProjectDirs;
use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The folders of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// The configuration file; it need not exist.
    pub config_file: PathBuf,
    /// Drafts, workspaces, reports; it need not exist.
    pub data_dir: PathBuf,
    /// What this configuration's secrets are called in the keyring and in the vault: another file than the usual one
    /// has its own.
    pub service: String,
}

impl Paths {
    /// The platform's folders, unless `--config` (`file`), `ORGDECK_CONFIG_DIR` or `ORGDECK_DATA_DIR` say otherwise.
    /// `None` where the user has no home folder and neither is given.
    pub fn find(file: Option<&Path>) -> Option<Self> {
        let given = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self::choose(file, given("ORGDECK_CONFIG_DIR"), given("ORGDECK_DATA_DIR"))
    }

    fn choose(file: Option<&Path>, config_dir: Option<OsString>, data_dir: Option<OsString>) -> Option<Self> {
        let platform = ProjectDirs::from("", "", "orgdeck");
        let is_usual = file.is_none() && config_dir.is_none();
        let config_file = match (file, config_dir) {
            (Some(file), _) => file.to_owned(),
            (None, Some(folder)) => Path::new(&folder).join("config.toml"),
            (None, None) => platform.as_ref()?.config_dir().join("config.toml"),
        };
        let data_dir = match data_dir {
            Some(folder) => folder.into(),
            None => platform?.data_dir().to_owned(),
        };
        let service = if is_usual { "orgdeck".to_owned() } else { service_of(&config_file) };
        Some(Self { config_file, data_dir, service })
    }
}

/// The name of a configuration file's secrets: the same file by another way is the same name.
pub fn service_of(config_file: &Path) -> String {
    let whole = config_file.canonicalize().or_else(|_| std::path::absolute(config_file));
    format!("orgdeck:{}", whole.as_deref().unwrap_or(config_file).display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_wins_over_a_folder_and_a_folder_over_the_platform() {
        let choose = |file: Option<&str>, folder: Option<&str>| {
            Paths::choose(file.map(Path::new), folder.map(Into::into), Some("/data".into())).unwrap()
        };
        assert_eq!(choose(Some("x.toml"), Some("/conf")).config_file, Path::new("x.toml"));
        assert_eq!(choose(None, Some("/conf")).config_file, Path::new("/conf/config.toml"));
        assert!(choose(None, None).config_file.ends_with("config.toml"));
        assert_eq!(choose(None, None).data_dir, Path::new("/data"));
        assert_eq!(choose(None, None).service, "orgdeck");
        assert_eq!(choose(None, Some("/conf")).service, "orgdeck:/conf/config.toml");
    }
}
