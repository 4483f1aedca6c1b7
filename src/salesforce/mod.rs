//! The field: OAuth flows, sessions, ids, REST requests and errors. No I/O.
//!
//! Builds requests and reads answers; the worker carries them. The time comes in as an argument.
#![deny(clippy::disallowed_methods)]

pub mod about;
pub mod authorization;
pub mod discovery;
pub mod error;
mod host;
pub mod ids;
pub mod kept;
pub mod limits;
pub mod login_history;
mod moment;
pub mod oauth;
pub mod org;
pub mod rest;
mod session;
pub mod sfdx_auth_url;
pub mod typed_query;

pub use login_history::{LoginAttempt, LoginWhy, WhyQuestion};
pub use org::{OrgFacts, OrgKind, OrgReading, Standing};
pub use session::{Lifetime, OrgId, Session, SignatureCheck, TokenField, UserId};

#[cfg(test)]
pub(crate) mod tests;
