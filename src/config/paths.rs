//! Where the configuration and orgdeck's own data are.

use crate::secrets::Stores;
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
}

impl Paths {
    /// The platform's folders, unless `--config` (`file`), `ORGDECK_CONFIG_DIR` or `ORGDECK_DATA_DIR` say otherwise.
    /// `None` where the user has no home folder and neither is given.
    pub fn find(file: Option<&Path>) -> Option<Self> {
        let given = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self::choose(file, given("ORGDECK_CONFIG_DIR"), given("ORGDECK_DATA_DIR"))
    }

    /// What this configuration's secrets are filed under: `orgdeck`, or `orgdeck:PATH` for a file of one's own, so
    /// that profiles of the same name in two files do not share secrets.
    pub fn service(&self) -> String {
        let default = ProjectDirs::from("", "", "orgdeck").map(|dirs| dirs.config_dir().join("config.toml"));
        let file = std::path::absolute(&self.config_file).unwrap_or_else(|_| self.config_file.clone());
        if Some(&file) == default.as_ref() {
            "orgdeck".to_owned()
        } else {
            format!("orgdeck:{}", file.display())
        }
    }

    /// The stores of this configuration's secrets; [`Config::told`](super::Config::told) is what they must know.
    pub fn stores(&self) -> Stores {
        Stores::new(self.service(), self.data_dir.join("vault.age"))
    }

    fn choose(file: Option<&Path>, config_dir: Option<OsString>, data_dir: Option<OsString>) -> Option<Self> {
        let platform = ProjectDirs::from("", "", "orgdeck");
        let config_file = match (file, config_dir) {
            (Some(file), _) => file.to_owned(),
            (None, Some(folder)) => Path::new(&folder).join("config.toml"),
            (None, None) => platform.as_ref()?.config_dir().join("config.toml"),
        };
        let data_dir = match data_dir {
            Some(folder) => folder.into(),
            None => platform?.data_dir().to_owned(),
        };
        Some(Self { config_file, data_dir })
    }
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
    }

    #[test]
    fn each_file_files_its_secrets_under_a_name_of_its_own() {
        let service = |file: Option<&str>| {
            Paths::choose(file.map(Path::new), None, Some("/data".into())).unwrap().service()
        };
        assert_eq!(service(None), "orgdeck");
        assert_eq!(service(Some("/a/orgs.toml")), "orgdeck:/a/orgs.toml");
        let relative = service(Some("orgs.toml"));
        assert!(relative.ends_with("/orgs.toml") && relative != "orgdeck:orgs.toml", "{relative}");
    }
}
