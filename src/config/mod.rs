//! Profiles and settings: from the file as written to values that may be used.
//!
//! What the file says becomes a [`Config`] in one step that names line, column and field of what is wrong;
//! past it only valid values exist. Edits go back into the file with comments and order kept.

mod profile;

pub use profile::{
    ApiVersion, ClientAuth, Config, Environment, Flow, Profile, ProfileId, Settings, Theme, VersionChoice,
    Warning,
};
