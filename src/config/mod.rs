//! Profiles and settings: from the file as written to values that may be used.
//!
//! What the file says becomes a [`Config`] in one step that names line, column and field of what is wrong;
//! past it only valid values exist. Edits go back into the file with comments and order kept.

mod address;
mod choices;
mod edit;
#[cfg(test)]
mod edit_tests;
mod error;
#[cfg(test)]
mod example_tests;
mod fields;
mod form;
mod host;
mod load;
#[cfg(test)]
mod load_tests;
mod own_hints;
mod paths;
mod profile;
mod read;
mod retirements;
mod watch;

pub use address::{environment_of_host, login_host_of_page};
pub use choices::Needs;
pub use edit::{Direction, delete_profile, duplicate_profile, move_profile, upsert_profile};
pub use error::ConfigError;
pub use fields::{FieldKind, ProfileField};
pub(crate) use form::split_words;
pub use form::{FormValue, ProfileForm, SecretInput, SecretKind};
pub use host::{default_callback, host_and_port, is_production_host};
pub(crate) use host::{is_generic_login, is_loopback};
pub(crate) use load::load_with_text;
pub use load::{load, parse};
pub use own_hints::OwnHints;
pub use paths::Paths;
pub use profile::{
    ApiVersion, ClientAuth, Config, Environment, Flow, HistoryKeep, Jwt, PlainSecrets, Profile, ProfileId,
    SecretField, SecretStore, Settings, Theme, VersionChoice, Warning,
};
pub use retirements::connected_app_note;
pub use watch::{ContentHash, Watch, watch};
