//! The example file at the top of the repository is true.

use super::{
    Flow, SecretField,
    load::{JWT_KEYS, ROOT_KEYS, SECRET_KEYS, SETTINGS_KEYS, parse, profile_keys},
};
use crate::secrets::SecretRef;

const EXAMPLE: &str = include_str!("../../config.example.toml");

/// With the settings that are switched off (`#key`, no blank) switched on.
fn all_switched_on() -> String {
    let switch_on = |line: &str| match line.strip_prefix('#') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[') => rest.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().map(switch_on).collect::<Vec<_>>().join("\n")
}

#[test]
fn it_loads_as_it_is_and_with_everything_switched_on() {
    for text in [EXAMPLE.to_owned(), all_switched_on()] {
        let config = parse(&text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(config.warnings, []);
        assert_eq!(config.profiles.len(), 4);
        for profile in &config.profiles {
            assert_eq!(profile.missing(), [], "{}", profile.id);
        }
        let uat = &config.profiles[0];
        assert_eq!(uat.secret(SecretField::SecurityToken), Some(&SecretRef::Ask));
    }
}

#[test]
fn it_has_every_key_that_the_loader_knows() {
    let text = all_switched_on();
    let has =
        |key: &str| text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|word| word == key);
    let missing: Vec<&str> = [ROOT_KEYS, SETTINGS_KEYS, SECRET_KEYS, JWT_KEYS]
        .into_iter()
        .flatten()
        .copied()
        .chain(profile_keys())
        .chain(Flow::ALL.iter().map(|flow| flow.name()))
        .filter(|key| !has(key))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
}
