//! Secrets: a type that cannot be printed, references to where secrets are kept, and the stores that keep them.
//!
//! A profile holds [`SecretRef`]s, never secrets. A reference becomes a [`Secret`] when a request needs it,
//! in the worker; a secret leaves memory only through [`Secret::expose`], into a request, a store or the clipboard.

mod clean;
mod command;
mod error;
mod keyring;
mod masked;
mod resolve;
mod secret;
mod shape;
mod slot;
mod stores;
mod vault;

pub use clean::{Cleaned, clean_pasted, clean_refused};
pub use error::StoreError;
pub use masked::Masked;
pub use resolve::{SecretError, resolve};
pub use secret::{Secret, SecretRef};
pub use shape::Shape;
pub use slot::{SecretStore, Slot, StoreKind, VaultState};
pub use stores::{Stores, Told};
