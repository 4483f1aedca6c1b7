//! Secrets: a type that cannot be printed, and references to where secrets are kept.
//!
//! A profile holds [`SecretRef`]s, never secrets. A reference becomes a [`Secret`] when a request needs it,
//! in the worker; a secret leaves memory only through [`Secret::expose`], into a request or the clipboard.

mod clean;
mod masked;
mod resolve;
mod secret;

pub use clean::{Cleaned, clean_pasted};
pub use masked::Masked;
pub use resolve::{SecretError, resolve};
pub use secret::{Secret, SecretRef};
