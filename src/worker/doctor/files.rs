//! The configuration file, and who may open it and the folders.

use crate::{
    config::{self, Config, ConfigError},
    fsio,
    jobs::{Finding, State},
    worker::keep::Keep,
};
use std::path::{Path, PathBuf};

/// What is found, and the configuration if it can be read. The stores are told what it says.
pub(super) async fn examine(keep: &Keep) -> (Vec<Finding>, Option<Config>) {
    let (file, data_dir) = (keep.config_file.clone(), keep.data_dir.clone());
    let vault = keep.stores.vault_file().to_owned();
    let looked = tokio::task::spawn_blocking(move || look(&file, &data_dir, &vault)).await;
    let (findings, config) = looked.unwrap_or_else(|crash| {
        (vec![Finding::broken("file", format!("could not be looked at: {crash}"))], None)
    });
    if let Some(config) = &config {
        keep.stores.tell(config.told());
    }
    (findings, config)
}

fn look(file: &Path, data_dir: &Path, vault: &Path) -> (Vec<Finding>, Option<Config>) {
    let read = config::load(file);
    let mut findings = Vec::new();
    match &read {
        Ok(_) if !file.exists() => findings.push(
            Finding::warning("file", format!("there is none yet at {}", file.display()))
                .fix("`orgdeck` without a subcommand helps to write one; `orgdeck demo` needs none"),
        ),
        Ok(config) => findings.push(Finding::ok("file", format!("{}, {}", file.display(), count(config)))),
        Err(error) => findings.push(unreadable(file, error)),
    }
    // Who may open the file is looked at below, also where it cannot be read.
    let permissions = fsio::permissions_problem(file);
    let warnings = read.iter().flat_map(|config| &config.warnings);
    for warning in warnings.filter(|warning| Some(&warning.message) != permissions.as_ref()) {
        let about = warning.line.map_or_else(|| "file".to_owned(), |line| format!("line {line}"));
        findings.push(Finding::said(State::Warning, about, &warning.to_string()));
    }
    findings.extend(permissions_of(&private(file, data_dir, vault)));
    (findings, read.ok())
}

fn count(config: &Config) -> String {
    match config.profiles.len() {
        0 => "no profile".to_owned(),
        1 => "1 profile".to_owned(),
        n => format!("{n} profiles"),
    }
}

fn unreadable(file: &Path, error: &ConfigError) -> Finding {
    let bare = ConfigError { hint: None, path: None, ..error.clone() };
    let fix = error.hint.clone().unwrap_or_else(|| match error.line {
        Some(_) => "correct this line; until then nothing in the file counts".to_owned(),
        None => "see that the file can be read by you and is text".to_owned(),
    });
    Finding::broken("file", format!("{}: {bare}", file.display())).fix(fix)
}

/// What only its owner should open. The folder of a file with a name of its own may be anybody's, as a project's.
fn private(file: &Path, data_dir: &Path, vault: &Path) -> Vec<PathBuf> {
    let folder = file.parent().filter(|_| file.file_name().is_some_and(|name| name == "config.toml"));
    let paths = [Some(file), folder, Some(data_dir), Some(vault)];
    paths.into_iter().flatten().filter(|path| path.exists()).map(Path::to_owned).collect()
}

fn permissions_of(paths: &[PathBuf]) -> Vec<Finding> {
    let finding = |sentence: String| {
        let found = Finding::said(State::Warning, "permissions", &sentence);
        let command = found.fix.as_deref().and_then(|fix| fix.strip_prefix("run: ")).map(str::to_owned);
        match command {
            Some(command) => found.fix(format!("run `{command}`")),
            None => found,
        }
    };
    let problems: Vec<Finding> =
        paths.iter().filter_map(|path| fsio::permissions_problem(path)).map(finding).collect();
    if problems.is_empty() && !paths.is_empty() && cfg!(unix) {
        return vec![Finding::ok("permissions", "files and folders are for you alone")];
    }
    problems
}
