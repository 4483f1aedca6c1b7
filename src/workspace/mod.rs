//! Requests as they are written: drafts, variables, the ready requests; and the setup guides of the flows.
//!
//! May know profiles and sessions, to fill variables in. May not know panes, files or the network: a draft
//! becomes a [`Prepared`] request or a list of what is wrong with it, nothing else.

mod draft;
pub mod guard;
pub mod guides;
#[cfg(test)]
mod guides_tests;
pub mod mend;
mod prepare;
#[cfg(test)]
mod prepare_tests;
mod query;
pub mod sfdx;
mod starter;
mod variables;

pub use draft::{About, AuthChoice, BodyKind, Draft, Entry, RequestFile, RequestFileError};
pub use prepare::{DraftProblem, Field, METHODS, Place, Prepared, is_write};
pub use query::{join_query, split_query};
pub use starter::ready_requests;
pub use variables::{BUILT_IN, Scope, Unresolved};
