//! Secrets: a type that cannot be printed, and references to where secrets are kept.
//!
//! A profile holds [`SecretRef`]s, never secrets. A reference becomes a [`Secret`] when a request needs it,
//! in the worker; a secret leaves memory only through [`Secret::expose`], into a request or the clipboard.

mod secret;

pub use secret::{Secret, SecretRef};
